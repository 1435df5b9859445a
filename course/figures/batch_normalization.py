"""Figures of the notebook on batch normalisation and layer normalisation."""
# ruff: noqa: RUF001  the Greek letters are those of the formulas

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.ticker import MaxNLocator

from .style import (
    BASELINE,
    BATCHNORM,
    BLACK,
    BLUE,
    CHANCE,
    CHANCE_LOSS,
    GREEN,
    GREY,
    ORANGE,
    ORANGE_LINE,
    PURPLE,
    SKY_LINE,
    VERMILION,
    Style,
    legend_below,
    line_styles,
    panels,
    source,
    styled,
)

__all__ = [
    "draw_backward_graph",
    "draw_batch_sizes",
    "draw_depth",
    "draw_running_statistics",
    "draw_shared_statistics",
    "draw_two_features",
    "draw_weight_scales",
    "final_loss",
]

# The worked example of the notebook: one feature of four examples, gamma 6, beta 10. Each value
# has its place in the drawing, its shape, its numbers, and the gradient that comes back to it.
_GRAPH_VALUES = {
    "x": ((1.1, 2), "N, D", "2    4    4    10", "4/3  -8/9  -8/9  4/9"),
    "μ": ((2.8, 1), "D", "5", "-8"),
    "c": ((4.5, 2), "N, D", "-3   -1   -1   5", "10/3 10/9 10/9 22/9"),
    "s": ((5.2, 1), "N, D", "9    1    1    25", "-5/9  each"),
    "v": ((6.7, 0), "D", "9", "-20/9"),
    "σ": ((8.2, 1), "D", "3", "-40/3"),
    "x̂": ((8.2, 2), "N, D", "-1  -1/3  -1/3  5/3", "0    0    0    24"),
    "γ": ((10.6, 1), "D", "6", "20/3"),
    "z": ((11.2, 2), "N, D", "-6   -2   -2   10", "0    0    0    4"),
    "β": ((13.6, 1), "D", "10", "4"),
    "out": ((14.2, 2), "N, D", "4    8    8    20", "0    0    0    4"),
}
_GRAPH_OPERATIONS = (
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


# A net that has diverged would press all others to the bottom of a panel.
_HIGHEST_LOSS = 3.5
# Colour and marker for up to four sizes of the minibatch.
_SIZE_LOOKS = ((ORANGE_LINE, "v"), (PURPLE, "D"), (BLUE, "o"), (GREEN, "^"))


@styled
def draw_two_features(clouds, title):
    """Draw two features of a minibatch against each other, with the unit circle.

    Inputs:
    - clouds: dictionary of a title for each panel, an ndarray of shape (N, 2)
    - title: of the figure
    """
    figure, axes = panels(1, len(clouds), height=3.9)
    sentences = []
    for ax, (name, points) in zip(axes[0], clouds.items(), strict=True):
        ax.scatter(*points.T, s=14, color=SKY_LINE, linewidths=0)
        ax.add_patch(Circle((0, 0), 1, fill=False, edgecolor=VERMILION, linestyle="--"))
        mean, std = points.mean(axis=0), points.std(axis=0)
        ax.errorbar(*mean, xerr=std[0], yerr=std[1], color=BLACK, capsize=4, linewidth=1.5)
        ax.set(title=name, xlabel="first feature", ylabel="second feature")
        ax.set_aspect("equal", adjustable="datalim")
        sentences.append(
            f"{name}: means {mean[0]:.1f} and {mean[1]:.1f}, "
            f"standard deviations {std[0]:.1f} and {std[1]:.1f}."
        )
    axes[0, -1].plot([], [], color=VERMILION, linestyle="--", label="unit circle")
    legend_below(figure, axes[0, -1])
    figure.suptitle(title)
    figure.set_label(f"{title}. A cloud of points in each panel. " + " ".join(sentences))
    return figure


@styled
def draw_depth(passes, title, limits=(1e-6, 1e5)):
    """Draw how large activations and gradients are in each layer, on a logarithmic axis.

    Each column shows one network. For each layer the width of a shape says how frequent a
    magnitude is; zeros, which a ReLU makes of half of all values, have no place on the axis.

    Inputs:
    - passes: dictionary of a name for each network, a pair of lists with an ndarray for each layer:
      its activations, and the gradients with respect to them
    - title: of the figure
    - limits: of the axis, the same from figure to figure so that they can be compared
    """
    figure, axes = panels(2, len(passes), height=5.6, sharex=True, sharey="row")
    sentences = []
    for column, (name, kinds) in zip(axes.T, passes.items(), strict=True):
        column[0].set_title(name)
        for ax, kind, color in zip(column, kinds, (BLUE, VERMILION), strict=True):
            for layer, values in enumerate(kind, 1):
                _draw_magnitudes(ax, layer, values, color)
            ax.axhline(1, color=BLACK, linestyle=":", linewidth=1)
            ax.set(yscale="log", ylim=limits)
        sentences.append(
            f"{name}: the spread goes {_trend(kinds[0])} from the first layer to the last, "
            f"and that of the gradient, from the last to the first, {_trend(kinds[1][::-1])}."
        )
        column[1].set(xlabel="layer", xticks=range(1, len(kinds[0]) + 1))
    axes[0, 0].set_ylabel("magnitude of activations")
    axes[1, 0].set_ylabel("magnitude of gradients")
    figure.suptitle(f"{title} ({source()})")
    figure.set_label(" ".join([f"{title}: magnitudes, layer by layer.", *sentences]))
    return figure


@styled
def draw_running_statistics(statistics, losses, *, momentum):
    """Draw the running statistics of a layer's first unit, and the loss that comes of them.

    Inputs:
    - statistics: a list of what bn_param held after each step
    - losses: dictionary of a step, the validation loss with running statistics and with those of
      the validation images
    - momentum: the share of a running average that is kept at each step
    """
    figure, axes = panels(1, 3, height=3.8)
    steps = np.arange(1, len(statistics) + 1)
    sentences = []
    for ax, key in zip(axes[0], ("running_mean", "running_var"), strict=False):
        running = np.array([step[key][0] for step in statistics])
        # What a running average took in is what it is now, less what it kept of what it was.
        before = np.concatenate([[0], running[:-1]])
        batch = (running - momentum * before) / (1 - momentum)
        ax.scatter(steps, batch, s=12, color=SKY_LINE, linewidths=0, label="of the minibatch")
        ax.plot(steps, running, color=BLUE, label="running")
        sentences.append(
            f"{key} goes from {running[0]:.2g} to {running[-1]:.2g}; that of a minibatch goes from "
            f"{batch[0]:.2g} to {batch[-1]:.2g}, with a mean of {batch.mean():.2g} and a standard "
            f"deviation of {batch.std():.2g}."
        )
    axes[0, 1].plot(
        steps,
        (1 - momentum**steps) * batch.mean(),
        color=BLACK,
        linestyle=":",
        label=f"(1 - {momentum:g}$^t$) times their mean",
    )
    measured, (at_test_time, in_training) = list(losses), np.array(list(losses.values())).T
    axes[0, 2].semilogy(measured, at_test_time, label="running statistics", **BASELINE.line())
    axes[0, 2].semilogy(measured, in_training, label="their own statistics", **BATCHNORM.line())
    axes[0, 2].axhline(CHANCE_LOSS, color=BLACK, linestyle=":", linewidth=1)
    axes[0, 0].set(title="mean of the first unit (its input)", xlabel="step")
    axes[0, 1].set(title="variance (its input, squared)", xlabel="step", ylim=(0, None))
    axes[0, 2].set(title="validation loss (nats; dotted: log 10)", xlabel="step")
    legend_below(figure, *axes[0, 1:])
    figure.suptitle(f"The first hundred steps of a layer's running statistics ({source()})")
    figure.set_label(
        f"Three panels, over {len(steps)} steps. {' '.join(sentences)} The validation loss with "
        f"running statistics goes from {at_test_time[0]:.3g} to {at_test_time[-1]:.2f}; with the "
        f"images' own statistics it goes from {in_training[0]:.2f} to {in_training[-1]:.2f}."
    )
    return figure


@styled
def draw_backward_graph():
    """Draw batch normalisation as a graph of single operations, with the worked example in it."""
    figure, ((ax,),) = panels(1, 1, height=4.8)
    ax.set(xlim=(-0.1, 15.45), ylim=(-0.45, 2.75))
    ax.set_axis_off()
    boxes = {name: _draw_value(ax, name, *entry) for name, entry in _GRAPH_VALUES.items()}
    for start, end, label in _GRAPH_OPERATIONS:
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
        "Gradients run the other way along every arrow: two of them meet at x, and two at c. "
        + " ".join(_value_in_words(name, *entry) for name, entry in _GRAPH_VALUES.items())
    )
    return figure


@styled
def draw_weight_scales(scales, results, title, *, xlabel="std of the initial weights", mark=None):
    """Draw accuracies and loss against the weight scale, a line for each kind of network.

    Inputs:
    - scales: standard deviations of the initial weights, or another setting, in ascending order
    - results: dictionary of a name for each kind, a list with a trained Solver for each scale
    - title: of the figure
    - xlabel: what the scales are
    - mark: a pair (scale, name), drawn as an upright line
    """
    figure, axes = panels(1, 3, height=4.1 if mark else 3.9)
    measures = {
        "best validation accuracy (share)": lambda solver: max(solver.val_acc_history),
        "best training accuracy (share)": lambda solver: max(solver.train_acc_history),
        "loss, second half (nats)": final_loss,
    }
    sentences = []
    for ax, (measure, of) in zip(axes[0], measures.items(), strict=True):
        if mark:
            ax.axvline(mark[0], color=GREY, linestyle="-.", linewidth=1, label=mark[1])
        for name, style in line_styles(results).items():
            values = np.array([of(solver) for solver in results[name]])
            best = np.argmax(values)
            if of is final_loss:
                best = np.argmin(np.nan_to_num(values, nan=np.inf))
                _mark_above(ax, scales, values, style)
            ax.semilogx(scales, values, label=name, **style.line())
            sentences.append(f"{measure}, {name}: {_ends_and_best(scales, values, best)}")
        ax.axhline(CHANCE_LOSS if of is final_loss else CHANCE, color=BLACK, linestyle=":")
        ax.set(title=measure, xlabel=xlabel)
    axes[0, 2].set_ylim(0, _HIGHEST_LOSS)
    legend_below(figure, axes[0, 1])
    figure.suptitle(f"{title} ({source()}; dotted: guessing)")
    marked = [f"An upright line marks {mark[1]}, {mark[0]:.2g}."] if mark else []
    figure.set_label(" ".join([f"{title}. Three panels.", *marked, *sentences]))
    return figure


@styled
def draw_batch_sizes(solvers, title):
    """Draw both accuracies by epoch for several sizes of the minibatch.

    Inputs:
    - solvers: dictionary of a name for each trained Solver: what it normalises with and the size of
      its minibatch, as in "batchnorm, 5"; the size may be missing from the name
    - title: of the figure
    """
    figure, axes = panels(1, 2, height=4.1)
    sentences = []
    for (name, solver), style in zip(solvers.items(), _size_styles(solvers), strict=True):
        histories = solver.train_acc_history, solver.val_acc_history
        for ax, history in zip(axes[0], histories, strict=True):
            ax.plot(np.arange(len(history)), history, label=name, **style.line())
        sentences.append(
            f"{name}: training {histories[0][-1]:.2f} at the end, "
            f"validation {max(histories[1]):.2f} at best."
        )
    for ax, kind in zip(axes[0], ("training", "validation"), strict=True):
        ax.axhline(CHANCE, color=BLACK, linestyle=":", linewidth=1)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set(title=f"{kind} accuracy (share)", xlabel="epoch")
    legend_below(figure, axes[0, 0])
    figure.suptitle(f"{title} ({source()}; dotted: guessing)")
    figure.set_label(" ".join([f"{title}. Two panels, accuracies by epoch.", *sentences]))
    return figure


@styled
def draw_shared_statistics():
    """Draw which numbers of a minibatch share a mean: a column, or a row."""
    figure, axes = panels(1, 2, height=2.7)
    N, D = 4, 6
    kinds = {"batch normalisation: one feature, all examples": (slice(None), 2)}
    kinds["layer normalisation: one example, all features"] = (1, slice(None))
    for ax, (name, place) in zip(axes[0], kinds.items(), strict=True):
        shared = np.zeros((N, D), dtype=bool)
        shared[place] = True
        for n, d in np.ndindex(N, D):
            look = {"facecolor": ORANGE, "hatch": "//"} if shared[n, d] else {"facecolor": "white"}
            ax.add_patch(Rectangle((d, n), 1, 1, edgecolor=GREY, **look))
        ax.set(title=name, xlim=(0, D), ylim=(N, 0), aspect="equal")
        ax.set(xlabel="feature (D)", ylabel="example (N)", xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    figure.suptitle("Which numbers of x share a mean and a variance")
    figure.set_label(
        f"Two tables of {N} examples by {D} features. Batch normalisation sets off one column, "
        "layer normalisation one row."
    )
    return figure


def _size_styles(names):
    """Return a style for each name: dashed without normalisation, and a marker for each size."""
    sizes = list(dict.fromkeys(name.partition(", ")[2] for name in names if ", " in name))
    styles = []
    for name in names:
        kind, _, size = name.partition(", ")
        color, marker = _SIZE_LOOKS[sizes.index(size)] if size else (BASELINE.color, "s")
        styles.append(Style(color, "--" if kind == "no normalisation" else "-", marker))
    return styles


def final_loss(solver):
    """Return the mean loss over the second half of all steps."""
    return float(np.mean(solver.loss_history[len(solver.loss_history) // 2 :]))


def _ends_and_best(scales, values, best):
    """Say a line of a panel: its left end, its right end, and its best value."""
    left, right, highest = (
        f"{values[n]:.3g} at {scales[n]:.2g}"
        if np.isfinite(values[n])
        else f"not finite at {scales[n]:.2g}"
        for n in (0, -1, best)
    )
    return f"{left}, {right}, and at best {highest}."


def _mark_above(ax, scales, values, style):
    """Write at a panel's upper edge which losses of a line are too high for it, or no numbers."""
    above = [
        (scale, value)
        for scale, value in zip(scales, values, strict=True)
        if not value <= _HIGHEST_LOSS  # nor is nan
    ]
    if not above:
        return
    first, highest = above[0][0], max(value for _, value in above)
    said = f"↑ {highest:.2g}" if len(above) == 1 else f"↑ up to {highest:.2g}"
    if not all(np.isfinite(value) for _, value in above):
        said = f"no number from {first:g}"
    row = len(ax.texts)  # one line of text for each line of the panel
    text = ax.text(first, _HIGHEST_LOSS * (1 - 0.08 * row), said, color=style.color, size=9)
    text.set(ha="right", va="top", zorder=4)
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})


def _draw_magnitudes(ax, layer, values, color):
    """Draw the distribution of |values| as a shape around `layer`, as wide as they are frequent."""
    magnitudes = np.log10(np.abs(values[values != 0], dtype=float))
    if not magnitudes.size:
        return
    low, high = np.percentile(magnitudes, [1, 100])  # below, a long tail of near-zeros
    count, edges = np.histogram(magnitudes, bins=30, range=(low, high))
    middle = 10 ** ((edges[1:] + edges[:-1]) / 2)
    half = 0.42 * count / count.max()
    ax.fill_betweenx(middle, layer - half, layer + half, color=color, alpha=0.9, linewidth=0)


def _trend(layers):
    """Say how the spread of values goes from the first to the last layer."""
    return f"from {np.std(layers[0]):.1g} to {np.std(layers[-1]):.1g}"


def _value_in_words(name, place, shape, value, gradient):
    """Say a value of the graph and its gradient, with commas where the drawing has gaps."""
    values, gradients = (
        ", ".join(numbers.split()).replace(", each", " each") for numbers in (value, gradient)
    )
    return f"{name} is {values}, its gradient {gradients}."


def _draw_value(ax, name, place, shape, value, gradient):
    """Draw a box with a value's name, shape, numbers and gradient, and return it."""
    x, y = place
    width, height = (2.35 if shape == "N, D" else 1.2), 0.58
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
