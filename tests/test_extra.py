"""The optional exercises: right by other means, without points, and no failure while blank."""

import dataclasses
import re
import sys

import numpy as np
import pytest
from this_course import COURSE

from course import check
from course.nets import NormedConvNet
from course.pytorch import ROWS, beside_pytorch
from coursekit.blocks import blocks_in, read_source
from coursekit.checks.check import CheckFailed
from coursekit.checks.progress import Record, table_of
from coursekit.checks.verdict import Kind
from coursekit.mutants.runs import reference
from cs231n import extra
from cs231n.gradient_check import eval_numerical_gradient_array, rel_error
from cs231n.optim import adam
from cs231n.solver import Solver

RNG = np.random.default_rng(231)


def numerical(function, arrays, dout):
    """Return the numerical gradient of sum(function(*arrays) * dout) for each array."""
    return [
        eval_numerical_gradient_array(
            lambda value, place=place: function(*arrays[:place], value, *arrays[place + 1 :]),
            array,
            dout,
        )
        for place, array in enumerate(arrays)
    ]


def test_adamw_without_decay_is_adam_and_the_decay_is_a_share_of_the_weights():
    w, dw = RNG.standard_normal((2, 4, 3))
    plain, _ = adam(w, dw, {"learning_rate": 0.1})
    without, _ = extra.adamw(w, dw, {"learning_rate": 0.1, "weight_decay": 0})
    decayed, config = extra.adamw(w, dw, {"learning_rate": 0.1, "weight_decay": 0.5})
    np.testing.assert_array_equal(without, plain)
    np.testing.assert_allclose(decayed, plain - 0.05 * w, rtol=1e-14)
    assert config["t"] == 1


def test_a_solver_takes_adamw_as_a_rule():
    images = RNG.standard_normal((20, 3, 32, 32)).astype(np.float32)
    classes = RNG.integers(10, size=20)
    data = dict(zip(("X_train", "y_train", "X_val", "y_val"), (images, classes) * 2, strict=True))
    settings = {"learning_rate": 1e-2, "weight_decay": 0.1}
    model = NormedConvNet("batchnorm", filters=(4, 4))
    solver = Solver(model, data, update_rule=extra.adamw, optim_config=settings, batch_size=10,
                    num_epochs=10, verbose=False)  # fmt: skip
    solver.train()
    assert solver.loss_history[-1] < solver.loss_history[0] / 2


@pytest.mark.parametrize(
    ("forward", "backward", "arrays", "settings"),
    [
        ("rmsnorm_forward", "rmsnorm_backward", [(4, 6), (6,)], [{"eps": 0.1}]),
        (
            "drop_path_forward",
            "drop_path_backward",
            [(4, 3, 2), (4, 3, 2)],
            [np.array([True, False, True, True]), 0.7],
        ),
        (
            "avg_pool_forward",
            "avg_pool_backward",
            [(2, 3, 5, 6)],
            [{"pool_height": 3, "pool_width": 2, "stride": 2}],
        ),
        (
            "residual_forward",
            "residual_backward",
            [(2, 3, 4, 5), (3, 3, 3, 3), (3,), (3, 3, 3, 3), (3,)],
            [],
        ),
    ],
)
def test_a_backward_pass_is_the_numerical_gradient(forward, backward, arrays, settings):
    inputs = [RNG.standard_normal(shape) for shape in arrays]
    out, cache = getattr(extra, forward)(*inputs, *settings)
    dout = RNG.standard_normal(out.shape)
    found = getattr(extra, backward)(dout, cache)
    found = found if isinstance(found, tuple) else (found,)
    expected = numerical(lambda *a: getattr(extra, forward)(*a, *settings)[0], inputs, dout)
    for own, other in zip(found, expected, strict=True):
        assert rel_error(own, other) < 1e-6


def test_rmsnorm_is_layernorm_where_the_mean_is_zero():
    x = RNG.standard_normal((3, 8))
    x -= x.mean(axis=1, keepdims=True)
    out, _ = extra.rmsnorm_forward(x, np.ones(8), {})
    np.testing.assert_allclose(out, x / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5))


def test_drop_path_adds_the_branch_on_average():
    x, branch = np.ones((20000, 1)), 2 * np.ones((20000, 1))
    keep = RNG.random(20000) < 0.3
    out, _ = extra.drop_path_forward(x, branch, keep, 0.3)
    assert abs(out.mean() - 3) < 0.1
    np.testing.assert_array_equal(extra.drop_path_forward(x, branch, None, 0.3)[0], x + branch)


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        ("rmsnorm_forward", (np.ones((2, 3)), np.ones(2), {}), r"gamma .*\(2,\).*\(3,\)"),
        ("drop_path_forward", (np.ones((2, 3)), np.ones((2, 2)), None, 0.5), "branch"),
        ("drop_path_forward", (np.ones((2, 3)), np.ones((2, 3)), np.ones(3, bool), 0.5), "keep"),
        ("drop_path_forward", (np.ones((2, 3)), np.ones((2, 3)), None, 0), "p is 0"),
        (
            "avg_pool_forward",
            (np.ones((1, 1, 2, 2)), {"pool_height": 3, "pool_width": 1, "stride": 1}),
            "window of 3 by 1",
        ),
        (
            "residual_forward",
            (np.ones((1, 2, 4, 4)), *[np.ones((2, 2, 2, 2)), np.ones(2)] * 2),
            "K is 2, expected an odd number",
        ),
        (
            "residual_forward",
            (np.ones((1, 2, 4, 4)), *[np.ones((3, 2, 3, 3)), np.ones(2)] * 2),
            "w1",
        ),
        ("adamw", (np.ones(2), np.ones(3)), "dw"),
    ],
)
def test_what_does_not_fit_is_told(function, arguments, said):
    with pytest.raises(ValueError, match=said):
        getattr(extra, function)(*arguments)


def test_optional_exercises_count_nowhere():
    assert len(check.optional) == 9
    assert not set(check.optional) & set(check)
    assert len(check.with_optional) == len(check) + 9
    assert check.points() == COURSE.points
    assert all(c.verdict().passed and c.verdict().earned == 0 for c in check.optional)


def test_a_blank_optional_block_raises_nothing_and_a_wrong_one_does(monkeypatch):
    monkeypatch.setattr("coursekit.checks.progress.keep", lambda *_: None)
    rms, name = check.rmsnorm_forward, "rmsnorm_forward"
    blocks = blocks_in(read_source(COURSE.package_folder / "extra.py"))
    (stub,) = (block.stub.strip() for block in blocks if block.name == name)
    with reference(COURSE) as exchange:
        with exchange.made({name: stub}) as under_test:
            blank = rms.verdict(under_test)
        with exchange.made({name: exchange.code_of(name).replace("x**2", "x**4")}) as under_test:
            wrong = rms.verdict(under_test)
    assert blank.kind == Kind.NOT_ATTEMPTED
    assert "An optional exercise: it gives no points." in str(blank)
    assert (wrong.kind, wrong.earned) == (Kind.WRONG, 0)
    monkeypatch.setattr(rms, "verdict", lambda: blank)
    rms()
    monkeypatch.setattr(rms, "verdict", lambda: wrong)
    with pytest.raises(CheckFailed):
        rms()


def test_the_table_has_optional_exercises_that_were_attempted_and_does_not_count_them():
    checks = check.with_optional
    records = {
        c.name: Record(c.name, Kind.PASSED, "", c.points, {}, "2026-01-01T00:00:00+00:00")
        for c in checks
    }
    del records["adamw"]
    records["residual_forward"] = dataclasses.replace(
        records["residual_forward"], kind=Kind.NOT_ATTEMPTED
    )
    records["rmsnorm_forward"] = dataclasses.replace(records["rmsnorm_forward"], kind=Kind.WRONG)
    table = table_of(checks, records)
    said = str(table)
    assert "adamw" not in said
    assert "residual_forward" not in said
    assert re.search(r"wrong +optional +rmsnorm_forward", said)
    assert table.all_passed
    assert table.summary == f"{COURSE.points} of {COURSE.points} points, 40 of 40 checks passed"


def test_layers_beside_pytorch_without_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    beside_pytorch()
    said = capsys.readouterr().out
    assert "F.dropout(x, p=0.2, training=True)" in said
    assert "PyTorch is not installed here." in said
    assert "relative error" in said.splitlines()[-1]


def test_layers_beside_pytorch_agree(capsys):
    pytest.importorskip("torch")
    beside_pytorch()
    errors = re.findall(r"relative error (\S+)", capsys.readouterr().out)
    assert len(errors) == len(ROWS)
    assert all(float(error) < 1e-10 for error in errors)
