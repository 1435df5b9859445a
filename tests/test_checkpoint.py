"""A training that was cut off goes on from its checkpoint as if nothing had happened."""

import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_training import (
    CentredModel,
    ScriptedModel,
    SoftmaxModel,
    count_steps,
    scripted_data,
    separable_data,
)

from cs231n._internal import checkpoint
from cs231n._internal.state_dict import state_dict
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.solver import CheckpointError, Solver, StopTraining

ROOT = Path(__file__).parent.parent


# The file


def same(a, b):
    """Tell whether two trees agree in types, bits and the order of numbers in memory."""
    if isinstance(a, np.ndarray | np.generic):
        return (
            type(a) is type(b)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
            and (a.size == 0 or np.argsort(a.strides).tolist() == np.argsort(b.strides).tolist())
        )
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5).filter(
    lambda name: "/" not in name and name != checkpoint.ARRAY
)
arrays = hnp.arrays(
    st.one_of(
        hnp.floating_dtypes(),
        hnp.integer_dtypes(),
        hnp.boolean_dtypes(),
        hnp.complex_number_dtypes(),
    ),
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3),
)
scalars = st.sampled_from([np.float32(0.1), np.float64(-0.0), np.int64(2**62), np.bool_(True)])
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
trees = st.dictionaries(
    names,
    st.recursive(
        plain | arrays | scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(tree=trees)
def test_what_is_written_is_read(tmp_path_factory, tree):
    path = tmp_path_factory.getbasetemp() / "tree.npz"
    checkpoint.write(path, {"tree": tree})
    assert same(checkpoint.read(path), {"tree": tree})


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_the_order_of_numbers_in_memory_is_kept(tmp_path, axes):
    array = np.arange(24.0).reshape(2, 3, 4).transpose(axes)
    checkpoint.write(tmp_path / "a.npz", {"array": array})
    found = checkpoint.read(tmp_path / "a.npz")["array"]
    assert np.array_equal(found, array)
    assert found.strides == array.strides


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1: 2},
        {checkpoint.ARRAY: 1},
        np.array([object()]),
        {3.5},
        print,
        1j,
        np.random.default_rng(0),
    ],
)
def test_what_a_checkpoint_cannot_hold_is_named(tmp_path, value):
    with pytest.raises(CheckpointError, match=r"outer/0/inner is .*, which a checkpoint cannot"):
        checkpoint.write(tmp_path / "a.npz", {"outer": [{"inner": value}]})
    assert list(tmp_path.iterdir()) == []


def test_two_arrays_of_one_path_are_refused(tmp_path):
    state = {"a/b": {"c": np.zeros(1)}, "a": {"b/c": np.ones(1)}}
    with pytest.raises(
        CheckpointError, match="two arrays of a checkpoint have the same path a/b/c"
    ):
        checkpoint.write(tmp_path / "a.npz", state)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_writing_that_fails_leaves_the_old_file(tmp_path, monkeypatch, error):
    def fail_halfway(file, **arrays):
        file.write(b"PK half of it")
        raise error

    path = tmp_path / "a.npz"
    checkpoint.write(path, {"version": 1})
    monkeypatch.setattr(np, "savez", fail_halfway)
    with pytest.raises(type(error)):
        checkpoint.write(path, {"version": 2})
    assert checkpoint.read(path) == {"version": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.npz"]


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    checkpoint.write(path, {"array": np.arange(100.0), "text": "abc"})
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"a.npz is damaged or no checkpoint"):
            checkpoint.read(path)


def test_a_changed_byte_is_noticed_or_does_not_matter(tmp_path):
    """Every byte of the contents is under a checksum; a few of the archive's own mean nothing."""
    path = tmp_path / "a.npz"
    state = {"array": np.arange(40.0), "text": "abc"}
    checkpoint.write(path, state)
    whole = path.read_bytes()
    noticed = 0
    places = range(0, len(whole), 3)
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 0x5A
        path.write_bytes(changed)
        try:
            found = checkpoint.read(path)
        except CheckpointError:
            noticed += 1
        else:
            assert same(found, state)
    assert noticed > 0.8 * len(places)


def test_other_files_are_refused(tmp_path):
    with (tmp_path / "pickle.npz").open("wb") as file:
        pickle.dump({"format": checkpoint.FORMAT}, file)
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    np.savez(tmp_path / "arrays.npz", W1=np.zeros(3))
    np.savez(tmp_path / "objects.npz", metadata=np.array([{"format": checkpoint.FORMAT}]))
    np.savez(tmp_path / "list.npz", metadata=np.array("[1, 2]"))
    (tmp_path / "text.npz").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as archive:
        archive.writestr("hello.txt", "hello")
    (tmp_path / "folder.npz").mkdir()
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(CheckpointError, match=f"{path.name} is damaged or no checkpoint"):
            checkpoint.read(path)
    with pytest.raises(FileNotFoundError):
        checkpoint.read(tmp_path / "missing.npz")


def test_another_format_is_named(tmp_path):
    np.savez(tmp_path / "a.npz", metadata=np.array('{"format": "checkpoint 9", "state": {}}'))
    with pytest.raises(CheckpointError, match="'checkpoint 9', expected 'cs231n checkpoint 2'"):
        checkpoint.read(tmp_path / "a.npz")


def test_a_checkpoint_can_be_read_with_numpy_alone(tmp_path):
    solver = Solver(
        SoftmaxModel(), separable_data(), checkpoint_name=tmp_path / "net", verbose=False
    )
    solver.train()
    with np.load(tmp_path / "net_epoch_10.npz", allow_pickle=False) as file:
        assert np.array_equal(file["best/params/W"], solver.model.params["W"])
        assert file["histories/loss_history"].tolist() == solver.loss_history
        assert all(file[name].dtype.kind in "fiuU" for name in file.files)


# Going on


def two_layer_net():
    return TwoLayerNet(6, 8, 3, weight_scale=0.1)


def net_with_everything():
    return FullyConnectedNet(
        [8, 8], 6, 3, dropout_keep_ratio=0.7, normalization="batchnorm", weight_scale=0.3, reg=0.1
    )


def layernorm_net():
    return FullyConnectedNet([8], 6, 3, normalization="layernorm", weight_scale=0.3, reg=0.1)


def convolutional_net():
    return ThreeLayerConvNet((1, 2, 3), 2, 3, 4, 3, weight_scale=0.3, reg=0.1)


def fortran_net():
    model = SoftmaxModel()
    model.params["W"] = np.asfortranarray(model.params["W"])
    return model


MODELS = [
    SoftmaxModel,
    CentredModel,
    fortran_net,
    two_layer_net,
    layernorm_net,
    net_with_everything,
    convolutional_net,
]


def data_for(make):
    data = separable_data(dtype=np.float32)
    if make is convolutional_net:
        for name in ("X_train", "X_val"):
            data[name] = data[name].reshape(-1, 1, 2, 3)
    return data


def training(make, folder, rule="adam", **changes):
    """Make the solver of a training that uses whatever a checkpoint has to bring back."""
    settings = {
        "update_rule": rule,
        "optim_config": {"learning_rate": np.float64(0.01)},
        "lr_decay": 0.9,
        "batch_size": 20,
        "num_epochs": 4,
        "num_train_samples": 20,
        "num_val_samples": 30,
        "checkpoint_name": folder / "net",
        "verbose": False,
    }
    np.random.seed(231)
    np.random.randn()  # leaves a second normal number in numpy's store
    return Solver(make(), data_for(make), **{**settings, **changes})


def outcome(solver):
    """All that two trainings have to agree in."""
    return {
        "histories": [solver.loss_history, solver.train_acc_history, solver.val_acc_history],
        "progress": [solver.epoch, solver.iteration, solver.num_iterations, solver.best_val_acc],
        "learnt": state_dict(solver.model),
        "best": solver.best,
        "optim_configs": solver.optim_configs,
        "random": np.random.get_state(legacy=False),
    }


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        *[(make, "adam") for make in MODELS],
        *[(net_with_everything, rule) for rule in ("sgd", "sgd_momentum", "rmsprop")],
    ],
)
def test_resuming_is_bit_for_bit_the_same(tmp_path, make, rule):
    solver = training(make, tmp_path, rule)
    solver.train()
    expected = outcome(solver)
    last = checkpoint.read(tmp_path / "net_epoch_4.npz")
    for epoch in (0, 1, 3, 4):
        np.random.seed(epoch)
        resumed = Solver.resume(tmp_path / f"net_epoch_{epoch}.npz", make(), data_for(make))
        assert resumed.epoch == epoch
        if epoch < 4:
            resumed.train()
            assert same(checkpoint.read(tmp_path / "net_epoch_4.npz"), last)
        assert same(outcome(resumed), expected)

    np.random.seed(5)  # the comparison has to notice another stream
    resumed = Solver.resume(tmp_path / "net_epoch_1.npz", make(), data_for(make))
    np.random.rand()
    resumed.train()
    assert not same(outcome(resumed), expected)


def test_parameters_keep_their_order_in_memory(tmp_path):
    """It decides the order of a sum over them, and with it the last bits."""

    def in_place(w, dw, config):
        w -= config["learning_rate"] * dw
        return w, config

    solver = training(fortran_net, tmp_path, in_place)
    solver.train()
    assert not solver.model.params["W"].flags.c_contiguous
    path, data = tmp_path / "net_epoch_1.npz", data_for(SoftmaxModel)
    resumed = Solver.resume(path, SoftmaxModel(), data, update_rule=in_place)
    assert not resumed.model.params["W"].flags.c_contiguous


def test_training_again_after_a_complete_one_is_the_same_too(tmp_path):
    solver = training(net_with_everything, tmp_path)
    solver.train()
    state = np.random.get_state()
    solver.train()
    expected = outcome(solver)

    np.random.set_state(state)
    training(net_with_everything, tmp_path).train()
    data = data_for(net_with_everything)
    resumed = Solver.resume(tmp_path / "net_epoch_4.npz", net_with_everything(), data)
    resumed.train()
    assert same(outcome(resumed), expected)


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_a_training_that_was_stopped_anywhere_goes_on_the_same(tmp_path, steps):
    """Also in the midst of an epoch, although accuracies are measured at the stop."""

    def stop(solver):
        if solver.iteration == steps:
            raise StopTraining

    whole = training(net_with_everything, tmp_path / "whole")
    whole.train()
    expected = outcome(whole)
    solver = training(net_with_everything, tmp_path / "cut", callbacks=[stop])
    solver.train()
    path = tmp_path / "cut" / f"net_epoch_{steps // 3}.npz"
    data = data_for(net_with_everything)
    resumed = Solver.resume(path, net_with_everything(), data)
    assert resumed.iteration == steps
    resumed.train()
    assert same(outcome(resumed), expected)


def test_a_time_limit_cuts_a_training_into_pieces(tmp_path):
    whole = training(two_layer_net, tmp_path / "whole")
    whole.train()
    expected = outcome(whole)
    solver = training(two_layer_net, tmp_path / "cut", time_limit=0)
    pieces = 0
    while solver.epoch < 4:
        solver.train()  # one iteration, since the time limit is 0
        pieces += 1
        solver = Solver.resume(
            tmp_path / "cut" / f"net_epoch_{solver.epoch}.npz",
            two_layer_net(),
            data_for(two_layer_net),
            time_limit=0,
        )
    assert pieces == 12
    assert same(outcome(solver), expected)


def test_a_loss_that_is_not_finite_does_not_overwrite_a_checkpoint(tmp_path):
    solver = Solver(
        ScriptedModel(loss=lambda step: [1, 1, 1, np.nan][step]),
        scripted_data(),
        update_rule=count_steps,
        batch_size=2,
        checkpoint_name=tmp_path / "net",
        verbose=False,
    )
    with pytest.warns(RuntimeWarning, match="at iteration 4 of 20"):
        solver.train()
    assert len(checkpoint.read(tmp_path / "net_epoch_1.npz")["histories"]["loss_history"]) == 2


def plain_momentum(w, dw, config):
    velocity = 0.5 * config.get("velocity", 0) - config["learning_rate"] * dw
    return w + velocity, {**config, "velocity": velocity, "noise": np.random.rand()}


def test_a_rule_that_is_a_function_has_to_be_given_again(tmp_path):
    solver = training(SoftmaxModel, tmp_path, plain_momentum)
    solver.train()
    expected = outcome(solver)
    path, data = tmp_path / "net_epoch_2.npz", data_for(SoftmaxModel)
    message = "of your own, plain_momentum, and holds only its name; expected the function"
    for rule in ({}, {"update_rule": "plain_momentum"}):
        with pytest.raises(CheckpointError, match=message):
            Solver.resume(path, SoftmaxModel(), data, **rule)
    resumed = Solver.resume(path, SoftmaxModel(), data, update_rule=plain_momentum)
    resumed.train()
    assert same(outcome(resumed), expected)


def test_another_rule_is_refused(tmp_path):
    training(SoftmaxModel, tmp_path).train()
    path, data = tmp_path / "net_epoch_2.npz", data_for(SoftmaxModel)
    with pytest.raises(CheckpointError, match=r"update_rule is 'sgd', expected 'adam', with which"):
        Solver.resume(path, SoftmaxModel(), data, update_rule="sgd")
    assert Solver.resume(path, SoftmaxModel(), data, update_rule="adam").epoch == 2


def test_memory_that_a_checkpoint_cannot_hold_is_named_at_the_start(tmp_path):
    def rule(w, dw, config):
        return w, {"schedule": print}

    with pytest.raises(CheckpointError, match=r"optim_configs/W/schedule is <built-in function"):
        training(SoftmaxModel, tmp_path, rule, lr_decay=1).train()


def wider():
    return FullyConnectedNet([8, 9], 6, 3, normalization="batchnorm")


def without_normalization():
    return FullyConnectedNet([8, 8], 6, 3)


def deeper():
    return FullyConnectedNet([8, 8, 8], 6, 3, normalization="batchnorm")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (wider, "W2 is (8, 9), expected (8, 8)"),
        (without_normalization, "gamma1 is missing, expected (8,)"),
        (without_normalization, "bn_params has 0 entries, expected 2"),
        (deeper, "W4 is (8, 3), expected no such name"),
    ],
)
def test_a_model_of_other_shapes_is_refused_and_nothing_changes(tmp_path, make, message):
    training(net_with_everything, tmp_path).train()
    model, data = make(), data_for(net_with_everything)
    model.loss(data["X_train"], data["y_train"])
    refuse(
        tmp_path / "net_epoch_2.npz", model, data, f"is of another model: .*{re.escape(message)}"
    )


def test_other_data_are_refused_and_nothing_changes(tmp_path):
    training(SoftmaxModel, tmp_path).train()
    data = separable_data(num_train=61)
    message = r"is of other data: X_train has shape \(61, 6\), expected \(60, 6\)"
    refuse(tmp_path / "net_epoch_2.npz", SoftmaxModel(), data, message)


def test_a_damaged_checkpoint_is_refused_and_nothing_changes(tmp_path):
    training(SoftmaxModel, tmp_path).train()
    path = tmp_path / "net_epoch_2.npz"
    path.write_bytes(path.read_bytes()[:-500])
    refuse(path, SoftmaxModel(), data_for(SoftmaxModel), "is damaged or no checkpoint")


def refuse(path, model, data, message):
    """Assert that resuming is refused, and leaves the model and the global stream alone."""
    params, learnt = dict(model.params), state_dict(model)
    stream = np.random.get_state(legacy=False)
    with pytest.raises(CheckpointError, match=message):
        Solver.resume(path, model, data)
    assert all(model.params[name] is array for name, array in params.items())
    assert same(state_dict(model), learnt)
    assert same(np.random.get_state(legacy=False), stream)


def test_what_may_change_and_what_may_not(tmp_path, capsys):
    training(SoftmaxModel, tmp_path).train()
    path, data = tmp_path / "net_epoch_3.npz", data_for(SoftmaxModel)
    calls = []
    resumed = Solver.resume(
        path,
        SoftmaxModel(),
        data,
        verbose=True,
        print_every=1,
        checkpoint_name=tmp_path / "other" / "net",
        callbacks=[calls.append],
    )
    resumed.train()
    assert calls == [resumed] * 3
    assert (tmp_path / "other" / "net_epoch_4.npz").exists()
    printed = capsys.readouterr().out
    assert re.findall(r"\((\w+ \d+ / \d+)\)", printed) == [
        "Iteration 10 / 12",
        "Iteration 11 / 12",
        "Iteration 12 / 12",
        "Epoch 4 / 4",
    ]
    with pytest.raises(
        ValueError, match="unknown argument batch_size, expected only callbacks, ch"
    ):
        Solver.resume(path, SoftmaxModel(), data, batch_size=10)


def test_checkpoints_that_were_moved_go_on_where_they_are(tmp_path):
    training(SoftmaxModel, tmp_path / "here").train()
    (tmp_path / "here").rename(tmp_path / "there")
    path = tmp_path / "there" / "net_epoch_2.npz"
    path = path.rename(tmp_path / "there" / "renamed.npz")
    (tmp_path / "there" / "net_epoch_4.npz").unlink()
    Solver.resume(path, SoftmaxModel(), data_for(SoftmaxModel)).train()
    assert (tmp_path / "there" / "net_epoch_4.npz").exists()
    assert not (tmp_path / "here").exists()


def test_a_missing_folder_is_made(tmp_path):
    training(SoftmaxModel, tmp_path / "a" / "b").train()
    names = sorted(path.name for path in (tmp_path / "a" / "b").iterdir())
    assert names == [f"net_epoch_{epoch}.npz" for epoch in range(5)]


def test_a_folder_that_cannot_be_made_is_named_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("in the way")
    solver = training(SoftmaxModel, tmp_path / "file")
    message = r"checkpoint_name is .*, and the folder .*file cannot be created \(File exists\)"
    with pytest.raises(CheckpointError, match=message):
        solver.train()
    assert solver.loss_history == []


INTERRUPTED = """
    import sys, time
    from pathlib import Path
    sys.path[:0] = {paths!r}
    from test_checkpoint import net_with_everything, training

    def ready(solver):
        if solver.iteration == 8:
            print("READY", flush=True)
            time.sleep(60)

    training(net_with_everything, Path({folder!r}), callbacks=[ready]).train()
"""


def test_an_interrupted_training_goes_on_from_its_last_checkpoint(tmp_path):
    whole = training(net_with_everything, tmp_path / "whole")
    whole.train()
    expected = outcome(whole)
    folder = tmp_path / "cut"
    code = textwrap.dedent(INTERRUPTED).format(
        paths=[str(ROOT), str(ROOT / "tests")], folder=str(folder)
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "READY\n"
        process.send_signal(signal.SIGINT)
        assert "interrupted at iteration 8 of 12" in process.communicate(timeout=60)[0]
    assert sorted(path.name for path in folder.iterdir()) == [
        f"net_epoch_{epoch}.npz" for epoch in range(3)
    ]
    data = data_for(net_with_everything)
    resumed = Solver.resume(folder / "net_epoch_2.npz", net_with_everything(), data)
    resumed.train()
    assert same(outcome(resumed), expected)


@pytest.fixture
def written(tmp_path):
    """The path of a checkpoint in a folder of its own."""
    name = tmp_path / "kept" / "net"
    Solver(
        SoftmaxModel(), separable_data(), checkpoint_name=name, num_epochs=1, verbose=False
    ).train()
    return tmp_path / "kept" / "net_epoch_1.npz"


def test_a_bit_that_has_flipped_is_noticed_or_changes_nothing(written):
    whole, right = written.read_bytes(), checkpoint.read(written)
    rng = np.random.default_rng(0)
    refused = 0
    for place in rng.choice(8 * len(whole), 200, replace=False):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << (place % 8)
        written.write_bytes(damaged)
        try:
            found = checkpoint.read(written)
        except CheckpointError:
            refused += 1
        else:
            assert repr(found) == repr(right)
    assert refused > 100


@pytest.mark.parametrize(
    "forge",
    [
        lambda state: state.pop("settings"),
        lambda state: state["settings"].pop("batch_size"),
        lambda state: state["progress"].pop("epoch"),
        lambda state: state.update(histories=[]),
        lambda state: state["rule"].pop("name"),
        lambda state: state["best"].update(params=None),
        lambda state: state["model"]["params"].update(W="text"),
        lambda state: state.update(checkpoint_name=5),
        lambda state: state.update(X_train=None),
    ],
)
def test_a_well_formed_file_of_something_else_is_refused(written, forge):
    state = checkpoint.read(written)
    forge(state)
    checkpoint.write(written, state)
    model = SoftmaxModel()
    before = {name: values.copy() for name, values in model.params.items()}
    with pytest.raises(CheckpointError, match="is no checkpoint of a Solver: "):
        Solver.resume(written, model, separable_data())
    assert all(np.array_equal(model.params[name], values) for name, values in before.items())


def test_a_checkpoint_writes_into_its_own_folder_alone(written):
    state = checkpoint.read(written)
    state["checkpoint_name"] = "../../elsewhere"
    checkpoint.write(written, state)
    solver = Solver.resume(written, SoftmaxModel(), separable_data(), verbose=False)
    solver.train()
    assert solver.checkpoint_name == str(written.parent / "elsewhere")
    names = {path.name for path in written.parents[1].rglob("*") if path.is_file()}
    assert {path.parent for path in written.parents[1].rglob("*.npz")} == {written.parent}
    assert any(name.startswith("elsewhere_epoch_") for name in names)


def test_several_solvers_may_write_under_one_name(written):
    code = (
        "import sys; from small_training import SoftmaxModel, separable_data\n"
        "from cs231n.solver import Solver\n"
        "Solver(SoftmaxModel(), separable_data(), num_epochs=40, verbose=False,\n"
        "       checkpoint_name=sys.argv[1]).train()\n"
    )
    folder = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder.parent}"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(written.parent / "net")],
            env=environment, stderr=subprocess.PIPE, encoding="utf-8",
        )
        for _ in range(3)
    ]  # fmt: skip
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert checkpoint.read(written.with_name("net_epoch_40.npz"))
    assert not [path for path in written.parent.iterdir() if path.suffix != ".npz"]
