"""The Solver makes the same steps as the course's, and is safe where that was not."""

import re
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
from small_training import (
    CentredModel,
    ScriptedModel,
    SoftmaxModel,
    count_steps,
    scripted_data,
    separable_data,
)

import cs231n.solver
from cs231n import optim
from cs231n._internal.state_dict import state_dict
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.solver import Solver, StopTraining

ROOT = Path(__file__).parent.parent


@pytest.fixture
def data():
    return separable_data()


def train_as_the_course_does(model, data, rule, config, lr_decay, batch_size, num_epochs, samples):
    """The course's schedule in its plainest form. Returns losses and (train, val) accuracies."""
    X, y = data["X_train"], data["y_train"]
    configs = {name: dict(config) for name in model.params}
    losses, accuracies = [], []
    per_epoch = max(len(X) // batch_size, 1)
    for t in range(num_epochs * per_epoch):
        batch = np.random.choice(len(X), batch_size)
        loss, grads = model.loss(X[batch], y[batch])
        losses.append(loss)
        for name in model.params:
            model.params[name], configs[name] = rule(model.params[name], grads[name], configs[name])
        if (t + 1) % per_epoch == 0:
            for config in configs.values():
                config["learning_rate"] *= lr_decay
        if t == 0 or (t + 1) % per_epoch == 0:
            drawn = np.random.choice(len(X), samples)
            train = np.mean(model.loss(X[drawn]).argmax(axis=1) == y[drawn])
            val = np.mean(model.loss(data["X_val"]).argmax(axis=1) == data["y_val"])
            accuracies.append((train, val))
    return losses, accuracies


def plain_gradient_descent(w, dw, config):
    return w - config["learning_rate"] * dw, config


RULES = ["sgd", "sgd_momentum", "rmsprop", "adam", plain_gradient_descent]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("batch_size", [7, 60, 100])
def test_steps_and_accuracies_are_those_of_the_course(data, rule, batch_size):
    settings = {"lr_decay": 0.9, "batch_size": batch_size, "num_epochs": 3}
    np.random.seed(231)
    function = rule if callable(rule) else getattr(optim, rule)
    losses, accuracies = train_as_the_course_does(
        SoftmaxModel(), data, function, {"learning_rate": 0.1}, samples=20, **settings
    )
    next_number = np.random.rand()

    np.random.seed(231)
    solver = Solver(
        SoftmaxModel(),
        data,
        update_rule=rule,
        optim_config={"learning_rate": 0.1},
        num_train_samples=20,
        verbose=False,
        **settings,
    )
    solver.train()
    assert solver.loss_history == losses
    assert list(zip(solver.train_acc_history, solver.val_acc_history, strict=True)) == accuracies
    assert np.random.rand() == next_number

    np.random.seed(232)  # another seed has to give other minibatches, or this test shows nothing
    solver._reset()
    solver.train()
    assert solver.loss_history != losses


def test_histories_hold_an_entry_for_each_iteration_and_each_epoch(data):
    solver = Solver(SoftmaxModel(), data, num_epochs=4, batch_size=25, verbose=False)
    solver.train()
    assert len(solver.loss_history) == 4 * 2
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 4 + 1
    assert solver.epoch == 4
    assert solver.best_val_acc == max(solver.val_acc_history)
    assert all(type(loss) is float for loss in solver.loss_history)


def test_what_is_printed_where_no_bar_is_shown(data, capsys):
    np.random.seed(0)
    solver = Solver(SoftmaxModel(), data, num_epochs=2, batch_size=20, print_every=2)
    solver.train()
    printed = capsys.readouterr()
    loss, train, val = solver.loss_history, solver.train_acc_history, solver.val_acc_history
    assert printed.out.splitlines() == [
        f"(Iteration 1 / 6) loss: {loss[0]:f}",
        f"(Epoch 0 / 2) train acc: {train[0]:f}; val_acc: {val[0]:f}",
        f"(Iteration 3 / 6) loss: {loss[2]:f}",
        f"(Epoch 1 / 2) train acc: {train[1]:f}; val_acc: {val[1]:f}",
        f"(Iteration 5 / 6) loss: {loss[4]:f}",
        f"(Epoch 2 / 2) train acc: {train[2]:f}; val_acc: {val[2]:f}",
    ]
    assert printed.err == ""


def test_a_silent_solver_prints_nothing(data, capsys):
    Solver(SoftmaxModel(), data, verbose=False).train()
    assert capsys.readouterr() == ("", "")


def test_the_best_parameters_are_kept_and_restored():
    right = [0, 3, 5, 9, 6, 9, 2].__getitem__
    model = ScriptedModel(right)
    solver = Solver(
        model, scripted_data(), update_rule=count_steps, batch_size=4, num_epochs=6, verbose=False
    )
    solver.train()
    assert solver.val_acc_history == [0.3, 0.5, 0.9, 0.6, 0.9, 0.2]
    assert solver.best_val_acc == 0.9
    assert model.params["w"] == solver.best_params["w"] == 3  # the first of two that tie
    assert model.params["w"] is not solver.best_params["w"]


def test_the_best_parameters_are_safe_from_rules_that_work_in_place():
    def count_in_place(w, dw, config):
        w += dw
        return w, config

    solver = Solver(
        ScriptedModel([0, 9, 1, 1].__getitem__),
        scripted_data(),
        update_rule=count_in_place,
        batch_size=4,
        num_epochs=3,
        verbose=False,
    )
    solver.train()
    assert solver.model.params["w"] == 1


def batchnorm_net():
    return FullyConnectedNet(
        [10, 10], 6, 3, normalization="batchnorm", weight_scale=0.3, dtype=np.float64
    )


@pytest.mark.parametrize("make", [batchnorm_net, CentredModel])
def test_the_best_parameters_come_with_their_running_statistics(data, make):
    """The net after training gives bit for bit the scores that it gave when it was best."""
    np.random.seed(1)
    model = make()
    scores = []

    def keep_scores(solver):
        scores.append(model.loss(data["X_val"]))
        if solver.iteration == 4:
            solver.y_val = np.full(40, 99)  # from here on nothing is right

    solver = Solver(
        model,
        data,
        update_rule="adam",
        optim_config={"learning_rate": 0.5},
        batch_size=60,
        num_epochs=6,
        callbacks=[keep_scores],
        verbose=False,
    )
    solver.train()
    best = int(np.argmax(solver.val_acc_history))
    assert best < 4
    assert np.array_equal(model.loss(data["X_val"]), scores[best])
    params_alone = make()
    params_alone.params = solver.best_params
    params_alone.bn_params = make().bn_params
    params_alone.loss(data["X_train"], data["y_train"])  # so that there are some statistics
    assert not np.array_equal(params_alone.loss(data["X_val"]), scores[best])


@pytest.mark.parametrize("num_epochs", [0, 3])
def test_accuracy_zero_throughout_leaves_the_parameters_usable(num_epochs):
    model = ScriptedModel(right=lambda step: 0)
    solver = Solver(
        model,
        scripted_data(),
        update_rule=count_steps,
        batch_size=4,
        num_epochs=num_epochs,
        verbose=False,
    )
    solver.train()
    assert model.params["w"] == solver.best_params["w"] == min(num_epochs, 1)
    assert solver.val_acc_history == [0.0] * num_epochs
    assert model.loss(np.zeros((5, 1))).shape == (5, 2)


def test_without_epochs_the_parameters_stay_those_of_the_model(data):
    model = SoftmaxModel()
    solver = Solver(model, data, num_epochs=0, verbose=False)
    model.params["W"] = np.ones((6, 3))  # changed after the solver was made
    solver.train()
    assert np.array_equal(model.params["W"], np.ones((6, 3)))


def test_a_loss_that_is_not_finite_ends_the_training(capsys):
    model = ScriptedModel(right=lambda step: 9 - step, loss=lambda step: [2, 1, np.nan][step])
    solver = Solver(
        model,
        scripted_data(),
        update_rule=count_steps,
        optim_config={"learning_rate": 0.25},
        batch_size=4,
        num_epochs=9,
    )
    message = "Training stopped at iteration 3 of 9: the loss is nan with learning rate 0.25"
    with pytest.warns(RuntimeWarning, match=message) as caught:
        solver.train()
    assert caught[0].filename == __file__  # the line of the caller, not one of ours
    assert solver.loss_history[:2] == [2, 1]
    assert np.isnan(solver.loss_history[2])
    assert solver.val_acc_history == [0.8, 0.7, 0.7]  # the last one where it ended
    assert model.params["w"] == 1
    assert "nan" not in capsys.readouterr().out


def test_a_loss_that_is_infinite_at_once_leaves_something_to_compare():
    """As a search over weight scales wants it: histories are not empty, nothing is raised."""
    model = ScriptedModel(right=lambda step: 4, loss=lambda step: np.inf)
    solver = Solver(model, scripted_data(), update_rule=count_steps, verbose=False)
    with pytest.warns(RuntimeWarning, match="the loss is inf with the rule's own learning rate"):
        solver.train()
    assert solver.val_acc_history == [0.4]
    assert solver.best_val_acc == 0.4
    assert model.params["w"] == 0


def test_best_parameters_are_in_place_even_if_the_warning_is_an_error():
    model = ScriptedModel(right=lambda step: 9 - step, loss=lambda step: [1, 1, np.nan][step])
    solver = Solver(model, scripted_data(), update_rule=count_steps, batch_size=4, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            solver.train()
    assert model.params["w"] == 1


def test_parameters_that_are_not_finite_are_never_the_best():
    def spoil(w, dw, config):
        return (w + dw if w < 2 else np.full(1, np.nan)), config

    class Spoilt(ScriptedModel):
        def loss(self, X, y=None):
            if np.isnan(self.params["w"]).any() and y is None:
                return np.tile([0.0, 1.0], (len(X), 1))  # all validation examples right
            return super().loss(X, y)

    solver = Solver(
        Spoilt(), scripted_data(), update_rule=spoil, batch_size=4, num_epochs=3, verbose=False
    )
    solver.train()
    assert solver.val_acc_history[-1] == 1.0
    assert solver.best_val_acc == 0.2
    assert solver.model.params["w"] == 2


def test_a_real_net_that_diverges_ends_with_its_best_parameters():
    data = separable_data(dtype=np.float32)
    np.random.seed(3)
    model = FullyConnectedNet([20, 20], 6, 3, weight_scale=0.1)
    solver = Solver(
        model,
        data,
        optim_config={"learning_rate": 1e18},
        batch_size=20,
        num_epochs=50,
        verbose=False,
    )
    with (
        np.errstate(all="ignore"),
        pytest.warns(RuntimeWarning, match=r"at iteration \d+ of 150: the loss is (nan|inf)"),
    ):
        solver.train()
    assert solver.iteration < 150
    assert all(np.isfinite(values).all() for values in model.params.values())
    with np.errstate(all="ignore"):
        assert solver.check_accuracy(data["X_val"], data["y_val"]) == solver.best_val_acc


def test_an_interrupt_keeps_histories_and_best_parameters(capsys):
    def interrupt(solver):
        if solver.iteration == 5:
            raise KeyboardInterrupt

    model = ScriptedModel(right=[0, 1, 7, 2, 2, 2].__getitem__)
    solver = Solver(
        model,
        scripted_data(),
        update_rule=count_steps,
        batch_size=2,
        verbose=False,
        callbacks=[interrupt],
    )
    with pytest.raises(KeyboardInterrupt):
        solver.train()
    assert len(solver.loss_history) == 5
    assert solver.val_acc_history == [0.1, 0.7, 0.2]
    assert model.params["w"] == 2
    assert capsys.readouterr().out == (
        "Training interrupted at iteration 5 of 20. The histories are kept, and model.params are "
        "the best parameters so far.\n"
    )


def test_an_interrupt_before_anything_was_measured_leaves_the_model_as_it_was(data):
    model = batchnorm_net()
    before = state_dict(model)
    training_loss = model.loss

    def loss(X, y=None):
        if y is None:
            raise KeyboardInterrupt
        return training_loss(X, y)

    model.loss = loss
    with pytest.raises(KeyboardInterrupt):
        Solver(model, data, verbose=False).train()
    assert all(np.array_equal(model.params[name], w) for name, w in before["params"].items())
    assert [bn_param.keys() for bn_param in model.bn_params] == [{"mode"}, {"mode"}]


def test_an_interrupt_while_a_stopped_training_is_measured():
    def stop(solver):
        if solver.iteration == 3:
            solver.check_accuracy = interrupt
            raise StopTraining

    def interrupt(*args):
        raise KeyboardInterrupt

    model = ScriptedModel(right=[0, 8, 6, 5].__getitem__)
    solver = Solver(
        model,
        scripted_data(),
        update_rule=count_steps,
        batch_size=2,
        callbacks=[stop],
        verbose=False,
    )
    with pytest.raises(KeyboardInterrupt):
        solver.train()
    assert model.params["w"] == 1


def test_a_time_limit_of_zero_allows_one_step(data, capsys):
    np.random.seed(0)
    solver = Solver(SoftmaxModel(), data, batch_size=10, time_limit=0, verbose=False)
    solver.train()
    assert len(solver.loss_history) == 1
    assert len(solver.val_acc_history) == 1
    message = "Training stopped at iteration 1 of 60: the time limit of 0 s is over\n"
    assert capsys.readouterr().out == message


def test_a_time_limit_counts_from_the_start_of_train(data, monkeypatch, capsys):
    seconds = iter(range(100, 200))
    monkeypatch.setattr(cs231n.solver.time, "monotonic", lambda: next(seconds))
    solver = Solver(SoftmaxModel(), data, batch_size=10, time_limit=8, verbose=False)
    solver.train()
    assert len(solver.loss_history) == 8
    assert len(solver.val_acc_history) == 3  # first iteration, first epoch, the stop
    assert "at iteration 8 of 60: the time limit of 8 s is over" in capsys.readouterr().out
    solver.train()
    assert len(solver.loss_history) == 16


def test_a_time_limit_that_passes_with_the_last_iteration_is_not_mentioned(data, capsys):
    solver = Solver(SoftmaxModel(), data, batch_size=60, num_epochs=1, time_limit=0, verbose=False)
    solver.train()
    assert capsys.readouterr().out == ""


def test_callbacks_are_called_in_order_after_each_iteration_is_recorded(data):
    calls = []

    def first(solver):
        calls.append(("first", len(solver.loss_history), len(solver.val_acc_history)))

    def second(solver):
        calls.append(("second", solver.iteration, solver.epoch))

    Solver(
        SoftmaxModel(), data, batch_size=30, num_epochs=2, callbacks=[first, second], verbose=False
    ).train()
    assert calls == [
        ("first", 1, 1),
        ("second", 1, 0),
        ("first", 2, 2),
        ("second", 2, 1),
        ("first", 3, 2),
        ("second", 3, 1),
        ("first", 4, 3),
        ("second", 4, 2),
    ]


@pytest.mark.parametrize(("at", "measured"), [(2, 2), (3, 3)])
def test_stop_training_ends_it_with_the_best_parameters(capsys, at, measured):
    def stop(solver):
        if solver.iteration == at:
            raise StopTraining("that will do")

    model = ScriptedModel(right=[0, 8, 6, 5].__getitem__)
    solver = Solver(
        model,
        scripted_data(),
        update_rule=count_steps,
        batch_size=2,
        callbacks=[stop],
        verbose=False,
    )
    solver.train()
    assert len(solver.loss_history) == at
    assert len(solver.val_acc_history) == measured  # at an epoch's end it is measured only once
    assert model.params["w"] == 1
    message = f"Training stopped at iteration {at} of 20: that will do\n"
    assert capsys.readouterr().out == message


def test_another_exception_goes_on_to_the_caller(data):
    def fail(solver):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Solver(SoftmaxModel(), data, callbacks=[fail], verbose=False).train()


def test_train_called_again_goes_on(data, capsys):
    np.random.seed(0)
    solver = Solver(
        SoftmaxModel(),
        data,
        update_rule="adam",
        optim_config={"learning_rate": 0.05},
        batch_size=30,
        num_epochs=2,
        print_every=99,
    )
    solver.train()
    solver.train()
    assert solver.epoch == 4
    assert len(solver.loss_history) == 8
    assert len(solver.val_acc_history) == 3 + 3
    assert solver.optim_configs["W"]["t"] == 8
    assert solver.best_val_acc == max(solver.val_acc_history)
    epochs = re.findall(r"Epoch (\d / \d)", capsys.readouterr().out)
    assert epochs == ["0 / 2", "1 / 2", "2 / 2", "2 / 4", "3 / 4", "4 / 4"]


def test_train_called_again_starts_from_the_best_and_leaves_them_safe():
    """The course put the dictionary itself into the model, and went on to overwrite it."""
    model = ScriptedModel(right=[0, 9, 1, 1, 1].__getitem__)
    solver = Solver(
        model, scripted_data(), update_rule=count_steps, batch_size=4, num_epochs=2, verbose=False
    )
    solver.train()
    assert model.params["w"] == 1
    solver.train()
    assert solver.val_acc_history == [0.9, 0.1, 0.1, 0.1]
    assert model.params["w"] == solver.best_params["w"] == 1


def test_every_parameter_has_a_deep_copy_of_the_configuration(data):
    def remember(w, dw, config):
        config["seen"].append(w.shape)
        return w - 0.1 * dw, config

    config = {"seen": []}
    solver = Solver(
        SoftmaxModel(),
        data,
        update_rule=remember,
        optim_config=config,
        batch_size=60,
        num_epochs=1,
        verbose=False,
    )
    solver.train()
    assert config == {"seen": []}
    assert solver.optim_configs == {"W": {"seen": [(6, 3)]}, "b": {"seen": [(3,)]}}


def test_accuracy_is_the_share_of_right_answers(data):
    np.random.seed(4)
    model = SoftmaxModel(scale=1.0)
    solver = Solver(model, data, verbose=False)
    X, y = data["X_val"], data["y_val"]
    right = model.loss(X).argmax(axis=1) == y
    assert 0 < right.sum() < len(y)
    for batch_size in (1, 7, 40, 100):
        assert solver.check_accuracy(X, y, batch_size=batch_size) == right.mean()
    assert solver.check_accuracy(X, y, num_samples=40) == right.mean()  # not more than there are
    np.random.seed(5)
    sampled = solver.check_accuracy(X, y, num_samples=11)
    np.random.seed(5)
    assert sampled == right[np.random.choice(40, 11)].mean()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 1}, "unknown argument learning_rate, expected only batch_size, callb"),
        ({"seed": 1, "epochs": 1}, "unknown argument epochs, seed, expected only"),
        ({"update_rule": "sdg"}, "'sdg', expected a function or one of adam, rmsprop, sgd, sgd_m"),
        ({"update_rule": "expect_shapes"}, "expected a function or one of adam"),
        ({"batch_size": 0}, "batch_size is 0, expected a whole number of 1 or more"),
        ({"batch_size": 2.5}, "batch_size is 2.5, expected a whole number"),
        ({"num_epochs": -1}, "num_epochs is -1, expected a whole number of 0 or more"),
        ({"num_val_samples": 0}, "num_val_samples is 0, expected a whole number of 1 or more"),
        ({"print_every": 0}, "print_every is 0, expected"),
        ({"time_limit": -1}, "time_limit is -1, expected seconds, 0 or more, or None"),
        ({"time_limit": float("nan")}, "time_limit is nan, expected seconds"),
        ({"time_limit": "1h"}, "time_limit is '1h', expected seconds"),
        ({"lr_decay": None}, "lr_decay is None, expected a finite number above 0"),
        ({"lr_decay": 0}, "lr_decay is 0, expected a finite number above 0"),
        ({"optim_config": {"lr": 1e-3}}, "has 'lr', which sgd does not know; expected learning_ra"),
        ({"optim_config": {"learning_rte": 1}}, "which sgd does not know; expected learning_rate"),
        ({"optim_config": {"rate": 1}, "update_rule": optim.adam}, "'rate', which adam does not"),
        ({"optim_config": {"mu": 0.9}, "update_rule": "sgd_momentum"}, "expected momentum"),
        (
            {"optim_config": {"zzz": 1}, "update_rule": "adam"},
            "expected learning_rate, beta1, beta",
        ),
    ],
)
def test_a_wrong_argument_is_named(data, settings, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Solver(SoftmaxModel(), data, **settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_val": None}, "data has no y_val, expected X_train, y_train, X_val and y_val"),
        ({"y_train": np.zeros(59, int)}, "y_train has shape (59,), expected (N,) = (60,)"),
        ({"y_val": np.zeros((40, 1), int)}, "y_val has shape (40, 1), expected (N,) = (40,)"),
        ({"X_val": np.zeros((0, 6)), "y_val": np.zeros(0, int)}, "expected at least one example"),
    ],
)
def test_data_that_do_not_belong_together_are_refused(data, change, message):
    data = {key: value for key, value in {**data, **change}.items() if value is not None}
    with pytest.raises(ValueError, match=re.escape(message)):
        Solver(SoftmaxModel(), data)


def test_a_gradient_that_is_missing_is_named(data):
    model = SoftmaxModel()
    model.params["gamma"] = np.ones(3)
    with pytest.raises(ValueError, match="loss returns no gradient for gamma"):
        Solver(model, data, verbose=False).train()


@pytest.mark.parametrize(
    ("loss", "parameter", "message"),
    [
        (np.ones(1), np.ones(1), "the model's loss has shape (1,), expected a single number"),
        (1.0, np.array(2.0), "model.params['w'] is the single number 2.0, expected an array"),
    ],
)
def test_what_a_model_gets_wrong_is_named(data, loss, parameter, message):
    class Model:
        params = {"w": parameter}  # noqa: RUF012

        def loss(self, X, y=None):
            return np.zeros((len(X), 3)) if y is None else (loss, {"w": np.ones(1)})

    with pytest.raises(ValueError, match=re.escape(message)):
        Solver(Model(), data, verbose=False).train()


def test_a_rule_of_ones_own_may_have_any_settings(data):
    def rule(w, dw, config):
        return w - config["lr"] * dw, config

    solver = Solver(SoftmaxModel(), data, update_rule=rule, optim_config={"lr": 0.1}, verbose=False)
    solver.train()
    assert solver.loss_history[-1] < solver.loss_history[0]


def test_a_loss_that_grows_is_told_long_before_it_is_infinite(data):
    model = SoftmaxModel()

    def growing(step):
        return 2.0 * 10.0**step

    model.loss_at = growing
    steps = iter(range(400))

    def loss(X, y=None):
        if y is None:
            return np.zeros((len(X), 3))
        return growing(next(steps)), {name: np.zeros_like(w) for name, w in model.params.items()}

    model.loss = loss
    solver = Solver(model, data, num_epochs=20, batch_size=20, verbose=False)
    with pytest.warns(RuntimeWarning, match="grows out of all bounds: it was 2 at first") as told:
        solver.train()
    assert len(told) == 1
    assert "is 2e+05 at iteration 6 of 60, with learning rate 0.01" in str(told[0].message)


def test_a_loss_that_only_begins_high_is_no_news(data, recwarn):
    model = SoftmaxModel()
    losses = iter([3e6, 2e6, *[1.0] * 100])
    model.loss = lambda X, y=None: (
        np.zeros((len(X), 3))
        if y is None
        else (next(losses), {name: np.zeros_like(w) for name, w in model.params.items()})
    )
    Solver(model, data, num_epochs=2, verbose=False).train()
    assert not recwarn.list


class Bar:
    """A progress bar that is seen, and keeps what is written beside it."""

    def __init__(self, **settings):
        self.disable, self.lines = False, []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def write(self, line):
        self.lines.append(line)

    def set_postfix_str(self, text, refresh):
        pass

    def update(self):
        pass


@pytest.mark.parametrize(("print_every", "count"), [(None, 0), (2, 3)])
def test_losses_are_printed_beside_a_bar_when_asked_for(data, monkeypatch, print_every, count):
    bar = Bar()
    monkeypatch.setattr(cs231n.solver, "progress", lambda **settings: bar)
    Solver(SoftmaxModel(), data, num_epochs=2, batch_size=20, print_every=print_every).train()
    assert len([line for line in bar.lines if line.startswith("(Iteration")]) == count


def test_accuracy_asks_for_one_class_for_each_example(data):
    solver = Solver(SoftmaxModel(), data)
    y = data["y_val"]
    with pytest.raises(ValueError, match=r"check_accuracy: y has shape \(40, 1\), expected"):
        solver.check_accuracy(data["X_val"], y[:, None])


def test_a_decay_that_would_do_nothing_is_refused(data):
    def rule(w, dw, config):
        return w - 0.1 * dw, config

    with pytest.raises(ValueError, match=r"lr_decay is 0.5, and the update rule keeps no learning"):
        Solver(SoftmaxModel(), data, update_rule=rule, lr_decay=0.5, verbose=False).train()


def test_a_rule_that_a_reader_has_added_is_known_by_name(data, monkeypatch):
    def my_rule(w, dw, config):
        return w - 0.1 * dw, config

    my_rule.__module__ = optim.__name__
    monkeypatch.setattr(optim, "my_rule", my_rule, raising=False)
    solver = Solver(SoftmaxModel(), data, update_rule="my_rule")
    assert solver.update_rule is my_rule


SLOW_TRAINING = """
    import sys, time
    import numpy as np
    sys.path[:0] = {paths!r}
    from small_training import SoftmaxModel, separable_data
    from cs231n.solver import Solver

    np.random.seed(0)
    model = SoftmaxModel()

    def ready(solver):
        if solver.iteration == 20:
            print("READY", flush=True)
        if solver.iteration >= 20:
            time.sleep(0.01)

    solver = Solver(model, separable_data(), batch_size=10, num_epochs=10**6, verbose=False,
                    callbacks=[ready])
    try:
        solver.train()
    except KeyboardInterrupt:
        best = max(solver.val_acc_history)
        data = separable_data()
        assert solver.check_accuracy(data["X_val"], data["y_val"]) == best == solver.best_val_acc
        print("KEPT", len(solver.loss_history) >= 20)
        raise
"""


def test_a_real_interrupt():
    """Ctrl-C at a random moment of another process, as a person sends it."""
    code = textwrap.dedent(SLOW_TRAINING).format(paths=[str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "READY\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert out.startswith("Training interrupted at iteration")
    assert out.endswith("KEPT True\n")
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert process.returncode == -signal.SIGINT
