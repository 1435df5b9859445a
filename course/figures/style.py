"""How the figures of the notebooks look, and how they are shown.

A function `draw_...` returns a matplotlib figure that carries its description as its label;
`show(figure)` puts the picture into the notebook, with the description as its alternative text.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart, and no two lines
differ by colour alone. The background is white on purpose, on a dark page too: lines that are
strong on white would be lost on black.
"""

import base64
import functools
import io
import math
import sys
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image  # what matplotlib itself reads and writes pictures with

from cs231n.data_utils import data_source

from ..lab import PACE

__all__ = [
    "BASELINE",
    "BATCHNORM",
    "LAYERNORM",
    "Style",
    "line_styles",
    "panels",
    "show",
    "source",
    "styled",
]

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"
# Orange and sky have a contrast of 2.3 to white, which is enough for an area behind black numbers,
# and too little for a line or a point. Those take the same hues, darker, with 3.3 and more.
ORANGE_LINE, SKY_LINE, GREY_LINE = "#B87D00", "#2B8CC4", "#8C8C8C"

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
    Style(ORANGE_LINE, ":", "D"),
    Style(PURPLE, "-", "v"),
    Style(SKY_LINE, "--", "P"),
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


def legend_below(figure, *axes):
    """Put one legend for the lines of these axes under all panels, where it covers none of them."""
    named = {}
    for ax in axes:
        handles, labels = ax.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    rows = math.ceil(len(named) / 5)  # five short names fit into one
    columns = math.ceil(len(named) / rows)
    figure.legend(named.values(), named, loc="outside lower center", ncols=columns)


def source():
    """Say what data a figure is made of, as its title does: 'CIFAR-10'."""
    return data_source() + ("" if PACE == "full" else f", {PACE} mode")


def show(figure, alt=None):
    """Put a figure into the notebook, with a text for those who do not see it.

    alt: what the figure shows, in a sentence or two; the figure's label unless given.

    Raises ValueError where there is neither.
    """
    display_bundle(*as_bundle(figure, alt))


def line_styles(names):
    """Return a dictionary of a style for each name: its own if it has one, else a free one."""
    own = {name: _NAMED[name] for name in names if name in _NAMED}
    free = iter([style for style in _CYCLE if style not in own.values()])
    return {name: own.get(name) or next(free) for name in names}


def as_bundle(figure, alt=None):
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


def display_bundle(bundle, metadata, **options):
    """Display in a notebook; elsewhere print the alternative text."""
    if not _in_notebook():
        print(bundle["text/plain"])
        return None
    from IPython.display import display

    return display(bundle, metadata=metadata, raw=True, **options)


def _in_notebook():
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
