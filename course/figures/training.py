"""The curves of a training, as they are at its end and while it runs."""

import itertools
import os
import time

import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import (
    BLACK,
    CHANCE,
    CHANCE_LOSS,
    as_bundle,
    display_bundle,
    legend_below,
    line_styles,
    panels,
    source,
    styled,
)

__all__ = ["LivePlot", "draw_training"]


class LivePlot:
    """A callback for Solver that draws loss and accuracy while it trains.

        Solver(model, data, callbacks=[LivePlot("A small net")]).train()

    What it leaves in the notebook is the figure of the whole training. Where the environment
    variable CI is set there is nobody to watch, and this is the only one that it draws.

    Inputs:
    - title: of the figure
    - every: seconds between two drawings
    - measure_every: steps between two measurements of both accuracies, on a thousand images each;
      the solver itself measures after each epoch only. They draw no random numbers, so the training
      is the same with and without them.
    """

    def __init__(self, title, every=1.0, measure_every=None):
        self.title = title
        self.every = every
        self.measure_every = measure_every
        self._between = []
        self._output = None
        self._drawn_at = -np.inf

    def __call__(self, solver):
        is_last = solver.iteration == solver.num_iterations
        if self.measure_every and solver.iteration % self.measure_every == 0 and not is_last:
            self._between.append(_measured(solver))
        is_due = not os.environ.get("CI") and time.monotonic() - self._drawn_at >= self.every
        if not is_last and not is_due:
            return
        bundle, metadata = as_bundle(draw_training({"": solver}, self.title, self._between))
        if self._output is None:
            self._output = display_bundle(bundle, metadata, display_id=True)
        else:
            self._output.update(bundle, metadata=metadata, raw=True)
        self._drawn_at = time.monotonic()
        if is_last:
            # Another `train` is another figure.
            self._between, self._output, self._drawn_at = [], None, -np.inf


def _measured(solver, images=1000):
    """Return how many epochs have passed, and both accuracies, on the first images of each kind."""
    epoch = len(solver.loss_history) / solver.iterations_per_epoch
    train = solver.check_accuracy(solver.X_train[:images], solver.y_train[:images])
    return epoch, train, solver.check_accuracy(solver.X_val[:images], solver.y_val[:images])


@styled
def draw_training(solvers, title, between=()):
    """Draw the loss of each step, and both accuracies after each epoch.

    Inputs:
    - solvers: dictionary of a name for each Solver; the name may be empty if there is one
    - title: of the figure
    - between: further accuracies, triples (epoch, training, validation), where there is one solver
    """
    figure, ((loss, train, val),) = panels(1, 3, height=3.6 if any(solvers) else 3.3)
    train.sharey(val)
    sentences = []
    for name, style in line_styles(solvers).items():
        solver = solvers[name]
        steps = np.arange(1, len(solver.loss_history) + 1)
        loss.plot(steps, solver.loss_history, color=style.color, alpha=0.4, linewidth=1)
        loss.plot(
            steps,
            smoothed(solver.loss_history),
            color=style.color,
            linestyle=style.linestyle,
            label=name,
        )
        after_epochs = zip(itertools.count(), solver.train_acc_history, solver.val_acc_history)
        epochs, *accuracies = zip(*sorted([*after_epochs, *between]), strict=True)
        for ax, values in zip((train, val), accuracies, strict=True):
            ax.plot(epochs, values, label=name, **style.line())
        sentences.append(_training_in_words(name, solver))
    loss.axhline(CHANCE_LOSS, color=BLACK, linestyle=":", linewidth=1)
    # On the right, where a loss has mostly left the line.
    place = {"transform": loss.get_yaxis_transform(), "ha": "right", "va": "bottom", "size": 9}
    loss.text(1, CHANCE_LOSS, "log 10: guessing", **place)
    loss.set(title="loss of a minibatch (nats)", xlabel="step", ylim=(0, None))
    _cut_at_the_top(loss, np.concatenate([each.loss_history for each in solvers.values()]))
    train.set(title="training accuracy (share)", xlabel="epoch", ylim=(0, None))
    val.set(title="validation accuracy (share)", xlabel="epoch")
    for ax in (train, val):
        ax.axhline(CHANCE, color=BLACK, linestyle=":", linewidth=1)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        # Before the first epoch has ended there is one point, which makes no axis.
        first, last = ax.get_xlim()
        ax.set_xlim(min(first, -0.05), max(last, 1.05))
    if any(solvers):
        legend_below(figure, train)
    figure.suptitle(f"{title} ({source()})")
    panels_in_words = "Three panels: loss, training accuracy and validation accuracy."
    figure.set_label(" ".join([f"{title}. {panels_in_words}", *sentences]))
    return figure


def _cut_at_the_top(ax, losses):
    """End the axis above nearly all losses, where a few at the beginning would hide the others."""
    losses = losses[np.isfinite(losses)]
    if not losses.size:
        return
    top = max(2 * CHANCE_LOSS, 1.2 * np.quantile(losses, 0.9))
    if losses.max() > 2 * top:
        ax.set_ylim(0, top)
        place = {"transform": ax.transAxes, "ha": "right", "va": "top", "size": 9}
        ax.text(0.98, 0.98, f"↑ up to {losses.max():.3g}", **place)


def smoothed(values, share=0.05):
    """Return the running mean of values, over a window of `share` of them."""
    values = np.asarray(values, dtype=float)
    half = max(1, int(share * len(values) / 2))
    sums = np.concatenate([[0], np.cumsum(values)])
    places = np.arange(len(values))
    first, last = np.maximum(places - half, 0), np.minimum(places + half + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)


def _training_in_words(name, solver):
    last = smoothed(solver.loss_history)[-1]
    return (
        f"{name + ': t' if name else 'T'}he loss goes from {solver.loss_history[0]:.2f} in the "
        f"first step to {last:.2f}, the mean of the last ones, "
        f"training accuracy ends at {solver.train_acc_history[-1]:.2f} and "
        f"validation accuracy at {solver.val_acc_history[-1]:.2f}."
    )
