"""Figures for the notebooks: how they look, how they are shown, and the curves of a training.

A function `draw_...` returns a matplotlib figure that carries its description as its label;
`show(figure)` puts the picture into the notebook, with the description as its alternative text.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart, and no two lines
differ by colour alone. The background is white on purpose, on a dark page too: lines that are
strong on white would be lost on black.
"""

import base64
import functools
import io
import itertools
import os
import sys
import time
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image  # what matplotlib itself reads and writes pictures with

from .data_utils import data_source
from .lab import QUICK

__all__ = [
    "BASELINE",
    "BATCHNORM",
    "LAYERNORM",
    "QUICK",
    "LivePlot",
    "Style",
    "draw_training",
    "line_styles",
    "panels",
    "show",
    "source",
    "styled",
]

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"

CHANCE = 0.1  # the accuracy of guessing one of ten classes
CHANCE_LOSS = np.log(10)  # the loss of giving each of them a tenth

_RC = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.facecolor": "white",
    "figure.titlesize": 12,
    "font.size": 10,
    "grid.color": "#DDDDDD",
    "legend.framealpha": 0.9,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
}
_DPI = 120
_WIDTH = 10  # inches
# Colours of a stored picture: lines and their soft edges need no more than the first, at a third of
# the size of a full one; a figure that shows images needs all that a palette holds.
_LINE_COLORS, _IMAGE_COLORS = 64, 256


@dataclass(frozen=True)
class Style:
    """How one line looks: colour, dashes and marker together, since no one of them is enough."""

    color: str
    linestyle: str
    marker: str

    def line(self, **more):
        """Return keyword arguments for `Axes.plot`."""
        return {
            "color": self.color,
            "linestyle": self.linestyle,
            "marker": self.marker,
            "markerfacecolor": "white",
            **more,
        }


# The same in every figure of every notebook.
BASELINE = Style(VERMILION, "--", "s")
BATCHNORM = Style(BLUE, "-", "o")
LAYERNORM = Style(GREEN, "-.", "^")
_NAMED = {
    "no normalisation": BASELINE,
    "batchnorm": BATCHNORM,
    "layernorm": LAYERNORM,
}
_CYCLE = (
    BATCHNORM,
    BASELINE,
    LAYERNORM,
    Style(ORANGE, ":", "D"),
    Style(PURPLE, "-", "v"),
    Style(SKY, "--", "P"),
    Style(BLACK, "-.", "x"),
)


def styled(draw):
    """Give a function that draws the look of these figures."""

    @functools.wraps(draw)
    def in_style(*args, **kwargs):
        with mpl.rc_context(_RC):
            return draw(*args, **kwargs)

    return in_style


def panels(rows, columns, *, height, **options):
    """Return a new figure of the usual width, and its axes as an array of shape (rows, columns).

    Inputs:
    - height: of the whole figure, in inches
    - options: for `Figure.subplots`, such as sharey
    """
    # Not by pyplot, which would keep the figure and show it a second time under the cell.
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def source():
    """Say what data a figure is made of, as its title does: 'CIFAR-10'."""
    return data_source() + (", quick mode" if QUICK else "")


def show(figure, alt=None):
    """Put a figure into the notebook, with a text for those who do not see it.

    alt: what the figure shows, in a sentence or two; the figure's label unless given.

    Raises ValueError where there is neither.
    """
    _display(*_picture(figure, alt))


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
        bundle, metadata = _picture(draw_training({"": solver}, self.title, self._between))
        if self._output is None:
            self._output = _display(bundle, metadata, display_id=True)
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
    figure, ((loss, train, val),) = panels(1, 3, height=3.3)
    train.sharey(val)
    sentences = []
    for name, style in line_styles(solvers).items():
        solver = solvers[name]
        steps = np.arange(1, len(solver.loss_history) + 1)
        loss.plot(steps, solver.loss_history, color=style.color, alpha=0.25, linewidth=1)
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
    place = {"transform": loss.get_yaxis_transform(), "ha": "right", "va": "bottom", "size": 8}
    loss.text(1, CHANCE_LOSS, "log 10: guessing", **place)
    loss.set(title="loss of a minibatch (nats)", xlabel="step", ylim=(0, None))
    train.set(title="training accuracy (share)", xlabel="epoch", ylim=(0, None))
    val.set(title="validation accuracy (share)", xlabel="epoch")
    for ax in (train, val):
        ax.axhline(CHANCE, color=BLACK, linestyle=":", linewidth=1)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if any(solvers):
        train.legend()
    figure.suptitle(f"{title} ({source()})")
    panels_in_words = "Three panels: loss, training accuracy and validation accuracy."
    figure.set_label(" ".join([f"{title}. {panels_in_words}", *sentences]))
    return figure


def smoothed(values, share=0.05):
    """Return the running mean of values, over a window of `share` of them."""
    values = np.asarray(values, dtype=float)
    half = max(1, int(share * len(values) / 2))
    sums = np.concatenate([[0], np.cumsum(values)])
    places = np.arange(len(values))
    first, last = np.maximum(places - half, 0), np.minimum(places + half + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)


def line_styles(names):
    """Return a dictionary of a style for each name: its own if it has one, else a free one."""
    own = {name: _NAMED[name] for name in names if name in _NAMED}
    free = iter([style for style in _CYCLE if style not in own.values()])
    return {name: own.get(name) or next(free) for name in names}


def _training_in_words(name, solver):
    losses = smoothed(solver.loss_history)
    return (
        f"{name + ': t' if name else 'T'}he loss goes from {losses[0]:.2f} to {losses[-1]:.2f}, "
        f"training accuracy ends at {solver.train_acc_history[-1]:.2f} and "
        f"validation accuracy at {solver.val_acc_history[-1]:.2f}."
    )


def _picture(figure, alt=None):
    """Return a figure as what a notebook displays: a dictionary of forms, and their metadata.

    JupyterLab gives an image/png no alternative text, so what it shows is HTML with the picture in
    it. The image/png beside it is for conversion to PDF, which cannot take HTML.
    """
    alt = figure.get_label() if alt is None else alt
    if not alt:
        raise ValueError("show: the figure has no alternative text, expected alt='what it shows'")
    png = base64.b64encode(_png(figure)).decode("ascii")
    width = round(figure.get_figwidth() * 90)
    html = (
        f'<img alt="{escape(alt)}" width="{width}" style="max-width: 100%; height: auto" '
        f'src="data:image/png;base64,{png}">'
    )
    bundle = {"text/html": html, "image/png": png, "text/plain": alt}
    return bundle, {"image/png": {"alt": alt, "width": width}}


def _png(figure):
    """Return a figure as the bytes of a small PNG."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=_DPI)
    colors = _IMAGE_COLORS if any(ax.images for ax in figure.axes) else _LINE_COLORS
    picture = Image.open(full).convert("RGB").quantize(colors, dither=Image.Dither.NONE)
    picture.save(small, format="PNG", optimize=True)
    return small.getvalue()


def _display(bundle, metadata, **options):
    """Display in a notebook; elsewhere print the alternative text."""
    if not _in_notebook():
        print(bundle["text/plain"])
        return None
    from IPython.display import display

    return display(bundle, metadata=metadata, raw=True, **options)


def _in_notebook():
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
