"""The computation graph of batch normalisation, drawn with a worked example in it."""
# ruff: noqa: RUF001  the Greek letters are those of the formulas

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .plots import BLACK, BLUE, VERMILION, panels, styled

__all__ = ["draw_backward_graph"]

# The worked example of the notebook: one feature of four examples, gamma 3, beta 10. Each value
# has its place in the drawing, its shape, its numbers, and the gradient that comes back to it.
_VALUES = {
    "x": ((1.1, 2), "N, D", "2    4    4    10", "2/3  -4/9  -4/9  2/9"),
    "μ": ((2.8, 1), "D", "5", "-4"),
    "c": ((4.5, 2), "N, D", "-3   -1   -1   5", "5/3  5/9  5/9  11/9"),
    "s": ((5.2, 1), "N, D", "9    1    1    25", "-5/18  each"),
    "v": ((6.7, 0), "D", "9", "-10/9"),
    "σ": ((8.2, 1), "D", "3", "-20/3"),
    "x̂": ((8.2, 2), "N, D", "-1  -1/3  -1/3  5/3", "0    0    0    12"),
    "γ": ((10.6, 1), "D", "3", "20/3"),
    "z": ((11.2, 2), "N, D", "-3   -1   -1   5", "0    0    0    4"),
    "β": ((13.6, 1), "D", "10", "4"),
    "out": ((14.2, 2), "N, D", "7    9    9    15", "0    0    0    4"),
}
_OPERATIONS = (
    ("x", "μ", "mean over N"),
    ("x", "c", "x - μ"),
    ("μ", "c", ""),
    ("c", "s", "square"),
    ("s", "v", "mean over N"),
    ("v", "σ", "√(v + ε)"),
    ("c", "x̂", "c / σ"),
    ("σ", "x̂", ""),
    ("x̂", "z", "γ x̂"),
    ("γ", "z", ""),
    ("z", "out", "z + β"),
    ("β", "out", ""),
)


@styled
def draw_backward_graph():
    """Draw batch normalisation as a graph of single operations, with the worked example in it."""
    figure, ((ax,),) = panels(1, 1, height=4.8)
    ax.set(xlim=(-0.1, 15.45), ylim=(-0.45, 2.75))
    ax.set_axis_off()
    boxes = {name: _draw_value(ax, name, *entry) for name, entry in _VALUES.items()}
    for start, end, label in _OPERATIONS:
        _draw_operation(ax, boxes[start], boxes[end], label)
    for x, color, dashes, meaning in (
        (0.05, BLUE, "-", "forward: the value"),
        (3.6, VERMILION, (0, (3, 2)), "backward: its gradient"),
    ):
        ax.plot([x, x + 0.6], [2.6, 2.6], color=color, linestyle=dashes)
        ax.text(x + 0.75, 2.6, meaning, color=color, va="center")
    figure.suptitle("Batch normalisation, one operation at a time (one feature, four examples)")
    figure.set_label(
        "A computation graph. x feeds the mean μ and the difference c. c feeds the square s and "
        "the quotient x̂. s leads by its mean v and the root σ to x̂ too. x̂ times γ plus β is out. "
        "Gradients run the other way along every arrow: two of them meet at x, and two at c."
    )
    return figure


def _draw_value(ax, name, place, shape, value, gradient):
    """Draw a box with a value's name, shape, numbers and gradient, and return it."""
    x, y = place
    width, height = (2.2 if shape == "N, D" else 1.2), 0.58
    box = FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor="white",
        edgecolor=BLACK,
        zorder=3,
    )
    ax.add_patch(box)
    lines = ((0.18, f"{name}   ({shape})", BLACK), (0, value, BLUE), (-0.18, gradient, VERMILION))
    for above, text, color in lines:
        weight = "bold" if color == BLACK else "normal"
        ax.text(x, y + above, text, color=color, weight=weight, ha="center", va="center", zorder=4)
    return box


def _draw_operation(ax, start, end, label):
    """Draw an arrow from box to box and, beside it, a dashed one back."""
    places = [np.array(box.get_bbox().get_points().mean(axis=0)) for box in (start, end)]
    along = places[1] - places[0]
    # A constant distance on paper, where the axes have different units.
    beside = np.array([-0.16 * np.sign(along[1]), 0.05 * np.sign(along[0])])
    for side, color, dashes, arrow in (
        (1, BLUE, "-", "-|>"),
        (-1, VERMILION, (0, (3, 2)), "<|-"),
    ):
        ax.add_patch(
            FancyArrowPatch(
                *(place + side * beside for place in places),
                patchA=start,
                patchB=end,
                arrowstyle=arrow,
                mutation_scale=11,
                color=color,
                linestyle=dashes,
                shrinkA=1,
                shrinkB=1,
                zorder=1,
            )
        )
    if label:
        x, y = sum(places) / 2
        above = 0.14 if along[1] == 0 else 0
        text = ax.text(x, y + above, label, size=9, ha="center", va="center", zorder=2)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
