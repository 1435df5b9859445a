"""Training: the loop that turns losses and gradients into a network that classifies.

A Solver asks no more of a model than `params`, a dictionary of arrays, and `loss(X, y)`, which
returns the loss with a dictionary of gradients, or the scores where y is None.
"""

import copy
import time
import warnings

import numpy as np

from . import optim
from ._internal import checkpoint
from ._internal.arguments import (
    expect_examples,
    expect_known_names,
    expect_number,
    expect_sample_size,
    expect_settings,
    expect_shapes,
    expect_time_limit,
    expect_whole,
)
from ._internal.checkpoint import CheckpointError
from ._internal.fast.threads import spared_blas
from ._internal.progress import progress
from ._internal.state_dict import is_finite, load_state_dict, state_dict
from ._internal.update_rules import expect_known_settings

__all__ = ["CheckpointError", "Solver", "StopTraining"]


# How many times as large as at first a loss is called out of bounds. It is still finite then, and
# a learning rate that is too high multiplies it in every step.
OUT_OF_BOUNDS = 1e4


class StopTraining(Exception):
    """Raised by a callback to end the training as if all its epochs were over."""


class _LossNotFinite(StopTraining):
    """The loss is infinite or not a number."""


class Solver:
    """Train a model by stochastic gradient descent, and keep its best parameters.

        solver = Solver(model, data, update_rule="adam", optim_config={"learning_rate": 1e-3})
        solver.train()

    Minibatches are drawn with replacement from numpy's global stream, so that np.random.seed
    repeats a training.

    Inputs:
    - model: object with `params` and `loss(X, y=None)`. If it has `bn_params`, the running
      statistics in them are kept and restored together with its parameters
    - data: dictionary of X_train of shape (N_train, d_1, ..., d_k), y_train (N_train,), and the
      same for X_val and y_val
    - update_rule: str or function, default='sgd': a rule of cs231n.optim, or a function that is
      called as they are
    - optim_config: dictionary, default={}, the settings of the rule, such as learning_rate. Each
      parameter has a deep copy of its own. A rule of your own may have any settings
    - lr_decay: float, default=1.0, the factor on the learning rate at the end of each epoch
    - batch_size: int, default=100, the examples in a minibatch
    - num_epochs: int, default=10. An epoch is N_train // batch_size iterations, at least one
    - num_train_samples: int or None, default=1000, the training examples, drawn again each time, on
      which accuracy is measured; None stands for all
    - num_val_samples: int or None, default=None, the same for validation
    - checkpoint_name: str, optional. Write NAME_epoch_0.npz after the first iteration, and
      NAME_epoch_1.npz and so on after each epoch. A missing folder is created
    - print_every: int, optional. Print the loss every so many iterations. If it is not given, the
      loss is printed every 10 iterations where no progress bar is shown
    - verbose: bool, default=True. Print accuracies, and show a progress bar on a terminal or in a
      notebook, and losses elsewhere
    - time_limit: float, optional, the seconds after which `train` ends; an iteration that has begun
      is completed first
    - callbacks: sequence of functions, default=(). Each is called with the solver after every
      iteration, and may raise StopTraining:

            def stop_at_half(solver):
                if solver.val_acc_history[-1] >= 0.5:
                    raise StopTraining("half of the validation images are right")

    Attributes:
    - loss_history: list of float, the loss in each iteration
    - train_acc_history, val_acc_history: lists of float, the accuracies after the first iteration
      and after each epoch: num_epochs + 1 in all, unless an epoch is a single iteration
    - best_val_acc: float, the highest validation accuracy so far
    - best_params: dictionary, a copy of the parameters that reached it
    - epoch: int, the epochs completed
    - iteration, num_iterations: ints, the iterations that this call of `train` has done, and those
      that it does in all
    - optim_configs: dictionary, the settings and the memory of the update rule for each parameter

    Raises ValueError for an argument that is not listed here, an unknown rule or a setting that the
    rule does not have, a number outside its range, or data that do not belong together.
    """

    def __init__(
        self,
        model,
        data,
        *,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        checkpoint_name=None,
        print_every=None,
        verbose=True,
        time_limit=None,
        callbacks=(),
        **unknown,
    ):
        expect_known_names("Solver", unknown, Solver.__init__.__kwdefaults__)
        self.model = model
        self.X_train, self.y_train = expect_examples(data, "X_train", "y_train")
        self.X_val, self.y_val = expect_examples(data, "X_val", "y_val")
        self.update_rule = _find_rule(update_rule)
        self.optim_config = {} if optim_config is None else optim_config
        expect_settings("Solver", "optim_config", self.optim_config)
        if getattr(optim, _name_of(self.update_rule), None) is self.update_rule:
            expect_known_settings(_name_of(self.update_rule), self.optim_config)
        self.lr_decay = expect_number("Solver", "lr_decay", lr_decay, above=0)
        self.batch_size = expect_whole("Solver", "batch_size", batch_size, at_least=1)
        self.num_epochs = expect_whole("Solver", "num_epochs", num_epochs, at_least=0)
        self.num_train_samples = expect_sample_size("num_train_samples", num_train_samples)
        self.num_val_samples = expect_sample_size("num_val_samples", num_val_samples)
        self.checkpoint_name = checkpoint_name
        if print_every is not None:
            print_every = expect_whole("Solver", "print_every", print_every, at_least=1)
        self.print_every = print_every
        self.verbose = verbose
        self.time_limit = expect_time_limit(time_limit)
        self.callbacks = tuple(callbacks)
        self._reset()

    @property
    def best_params(self):
        return self.best["params"]

    def train(self):
        """Train for num_epochs, and leave the best parameters in model.params.

        Training ends early, and says so, when

        - the loss is not finite: a RuntimeWarning names the iteration and the learning rate, and an
          earlier one says when the loss grew out of all bounds;
        - time_limit is over, or a callback raises StopTraining;
        - it is interrupted (Ctrl-C, or the stop button of a notebook): KeyboardInterrupt is then
          raised again.

        In each case the histories are kept, and the best parameters so far are in model.params.
        Accuracies are measured once more at the end, except after an interrupt.

        Called again, it trains for num_epochs more, from the best parameters. After Solver.resume
        it does the iterations that remain.
        """
        if not self._is_resumed:
            self._plan()
        self._is_resumed = False
        if self.checkpoint_name is not None:
            checkpoint.make_folder(self.checkpoint_name)
        self._started = time.monotonic()
        with progress(
            total=self.num_iterations,
            initial=self.iteration,
            desc="Training",
            enabled=self.verbose,
        ) as bar:
            try:
                with spared_blas():
                    trouble = self._run(bar)
            except KeyboardInterrupt:
                load_state_dict(self.model, self.best)
                bar.write(
                    f"Training interrupted {self._place()}. The histories are kept, and "
                    "model.params are the best parameters so far."
                )
                raise
        load_state_dict(self.model, self.best)
        if trouble:
            warnings.warn(
                f"Training stopped {self._place()}: {trouble}", RuntimeWarning, stacklevel=2
            )

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Measure the share of examples whose highest score is that of the right class.

        Inputs:
        - X: ndarray of shape (N, d_1, ..., d_k)
        - y: right classes, ndarray of shape (N,)
        - num_samples: draw this many, with replacement, if N is larger; None stands for all N
        - batch_size: examples in one forward pass, which bounds the memory it takes

        Returns the accuracy as a float in [0, 1].

        Raises ValueError unless there is one class for each example.
        """
        expect_shapes("Solver.check_accuracy", X=(X, "N ..."), y=(y, "N"))
        N = X.shape[0]
        if num_samples is not None and num_samples < N:
            sample = np.random.choice(N, num_samples)
            X, y = X[sample], y[sample]
        scores = [self.model.loss(X[i : i + batch_size]) for i in range(0, len(X), batch_size)]
        return float(np.mean(np.argmax(np.concatenate(scores), axis=1) == y))

    @classmethod
    def resume(cls, path, model, data, **changes):
        """Make a solver that continues from a checkpoint.

        Its `train` does the iterations that remain, or num_epochs more if none do. On the same
        machine and with the same data the result is bit for bit what it would have been without the
        break: parameters and running statistics of the model and numpy's global stream are set to
        what they were.

        Inputs:
        - path: a checkpoint, such as "checkpoints/net_epoch_3.npz"; the next ones are
          written into the same folder
        - model: a model of the same shapes
        - data: the data that the training began with
        - changes: another verbose, print_every or checkpoint_name; time_limit and callbacks, which
          a checkpoint does not hold; and update_rule, if that was a function

        Returns the solver.

        Raises ValueError for another keyword, and CheckpointError for a file that is damaged or
        does not fit the model, the data or the rule. Then nothing is changed.
        """
        changeable = ["verbose", "print_every", "checkpoint_name", "time_limit", "callbacks"]
        expect_known_names("Solver.resume", changes, [*changeable, "update_rule"])
        state = checkpoint.read(path)
        rule = changes.pop("update_rule", None)
        settings = checkpoint.settings_for_resuming(path, state, rule)
        solver = cls(model, data, **{**settings, **changes})
        checkpoint.restore(solver, path, state)
        solver._is_resumed = solver.iteration < solver.num_iterations
        if not solver._is_resumed:  # as at the end of the `train` that wrote it
            load_state_dict(model, solver.best)
        return solver

    def _reset(self):
        """Forget all training so far, except what the model has learnt."""
        self.epoch = self.last_epoch = self.iteration = self.num_iterations = 0
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.optim_configs = {name: copy.deepcopy(self.optim_config) for name in self.model.params}
        self.best_val_acc = -np.inf  # below any accuracy, so that the first one is the best
        self.best = state_dict(self.model)
        self._measured_at = 0
        self._is_resumed = self._has_warned = False

    def _plan(self):
        """Plan num_epochs from here."""
        if not self.val_acc_history:  # the model may have changed since the solver was made
            self.best = state_dict(self.model)
        self.iterations_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        self.last_epoch = self.epoch + self.num_epochs
        self.iteration = self._measured_at = 0
        self.num_iterations = self.num_epochs * self.iterations_per_epoch

    def _run(self, bar):
        """Iterate until the end or a reason to stop; return the reason if it is trouble."""
        try:
            while self.iteration < self.num_iterations:
                self._iterate(bar)
        except _LossNotFinite as trouble:
            with np.errstate(all="ignore"):
                self._measure(bar)
            return trouble
        except StopTraining as reason:
            bar.write(f"Training stopped {self._place()}: {reason}")
            self._save_checkpoint()  # first, because measuring draws random numbers
            if self._measured_at != self.iteration:
                self._measure(bar)
        return None

    def _iterate(self, bar):
        """Make one step, and do whatever is due after it."""
        self.iteration += 1
        self._step()
        every = self.print_every or (10 if bar.disable else None)
        if self.verbose and every and (self.iteration - 1) % every == 0:
            place = f"(Iteration {self.iteration} / {self.num_iterations})"
            bar.write(f"{place} loss: {self.loss_history[-1]:f}")
        ends_epoch = self.iteration % self.iterations_per_epoch == 0
        if ends_epoch:
            self.epoch += 1
            self._decay_learning_rate()
        if ends_epoch or self.iteration == 1:
            self._measure(bar)
        self._move(bar)
        for callback in self.callbacks:
            callback(self)
        self._watch_clock()
        if self._measured_at == self.iteration:
            self._save_checkpoint()

    def _step(self):
        """Draw a minibatch, and update every parameter once."""
        batch = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[batch], self.y_train[batch])
        if np.ndim(loss) != 0:
            raise ValueError(
                f"Solver: the model's loss has shape {np.shape(loss)}, expected a single number"
            )
        self.loss_history.append(float(loss))
        if not np.isfinite(loss):
            raise _LossNotFinite(
                f"the loss is {loss} with {self._rate()}, expected a finite number"
            )
        self._warn_of_growth(loss)
        for name, w in list(self.model.params.items()):
            if name not in grads:
                raise ValueError(f"Solver: the model's loss returns no gradient for {name}")
            if np.ndim(w) == 0:
                raise ValueError(
                    f"Solver: model.params[{name!r}] is the single number {w}, expected an array "
                    "with at least one axis, as np.ones(1) has"
                )
            self.model.params[name], self.optim_configs[name] = self.update_rule(
                w, grads[name], self.optim_configs[name]
            )

    def _warn_of_growth(self, loss):
        """Say once in a training that the loss grows without bounds, while it is still finite."""
        if self._has_warned or loss <= OUT_OF_BOUNDS * max(abs(self.loss_history[0]), 1):
            return
        self._has_warned = True
        warnings.warn(
            f"The loss grows out of all bounds: it was {self.loss_history[0]:.3g} at first and is "
            f"{float(loss):.3g} {self._place()}, with {self._rate()}. A lower learning rate may "
            "keep it down.",
            RuntimeWarning,
            stacklevel=6,
        )

    def _decay_learning_rate(self):
        if self.lr_decay == 1:
            return
        for name, config in self.optim_configs.items():
            if "learning_rate" not in config:
                raise ValueError(
                    f"Solver: lr_decay is {self.lr_decay}, and the update rule keeps no "
                    f"learning_rate for {name}, expected one"
                )
            config["learning_rate"] *= self.lr_decay

    def _measure(self, bar):
        """Record both accuracies, and keep what the model has learnt if it never did better."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        self._measured_at = self.iteration
        if val_acc > self.best_val_acc and is_finite(self.model):
            self.best_val_acc = val_acc
            self.best = state_dict(self.model)
        if self.verbose:
            place = f"(Epoch {self.epoch} / {self.last_epoch})"
            bar.write(f"{place} train acc: {train_acc:f}; val_acc: {val_acc:f}")

    def _move(self, bar):
        if not bar.disable:
            train_acc, val_acc = self.train_acc_history[-1], self.val_acc_history[-1]
            bar.set_postfix_str(
                f"loss {self.loss_history[-1]:.3f}, train {train_acc:.3f}, val {val_acc:.3f}",
                refresh=False,
            )
            bar.update()

    def _watch_clock(self):
        if self.time_limit is None or self.iteration == self.num_iterations:
            return
        if time.monotonic() - self._started >= self.time_limit:
            raise StopTraining(f"the time limit of {self.time_limit:g} s is over")

    def _save_checkpoint(self):
        if self.checkpoint_name is not None:
            path = f"{self.checkpoint_name}_epoch_{self.epoch}.npz"
            checkpoint.write(path, checkpoint.capture(self))

    def _rate(self):
        config = next(iter(self.optim_configs.values()), {})
        rate = config.get("learning_rate")
        return "the rule's own learning rate" if rate is None else f"learning rate {rate:g}"

    def _place(self):
        return f"at iteration {self.iteration} of {self.num_iterations}"


def _name_of(rule):
    return getattr(rule, "__name__", repr(rule))


def _find_rule(update_rule):
    """Return the function for the name of a rule, which may be one that a reader has added."""
    if callable(update_rule):
        return update_rule
    rules = {
        name: rule
        for name, rule in vars(optim).items()
        if getattr(rule, "__module__", None) == optim.__name__ and not name.startswith("_")
    }
    if update_rule not in rules:
        raise ValueError(
            f"Solver: update_rule is {update_rule!r}, expected a function or one of "
            f"{', '.join(sorted(rules))}"
        )
    return rules[update_rule]
