"""Figures of the notebook on fully connected networks: gradients, update rules, what trains."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import (
    BLACK,
    GREY,
    GREY_LINE,
    legend_below,
    line_styles,
    panels,
    source,
    styled,
)

__all__ = [
    "draw_by_layer",
    "draw_curves",
    "draw_difference_errors",
    "draw_paths",
    "draw_trainable",
]


@styled
def draw_curves(x, curves, title, xlabel, ylabel):
    """Draw functions of one variable.

    Inputs:
    - x: ndarray of shape (K,)
    - curves: dictionary of a name for each function, an ndarray of its values at x
    - title, xlabel, ylabel: of the figure and its axes
    """
    figure, ((ax,),) = panels(1, 1, height=3.2)
    for name, style in line_styles(curves).items():
        ax.plot(x, curves[name], label=name, **style.line(markevery=len(x) // 8))
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    legend_below(figure, ax)
    figure.suptitle(title)
    ends = [
        f"{name} goes from {values[0]:.3g} to {values[-1]:.3g}." for name, values in curves.items()
    ]
    span = f"{xlabel} runs from {x[0]:g} to {x[-1]:g}."
    figure.set_label(" ".join([f"{title}. {span}", *ends]))
    return figure


@styled
def draw_difference_errors(steps, errors, title):
    """Draw how far differences are from a derivative that is known.

    Inputs:
    - steps: step sizes h, ndarray of shape (K,), in ascending order
    - errors: dictionary of a name for each kind of difference, its relative errors at these steps
    - title: of the figure
    """
    figure, ((ax,),) = panels(1, 1, height=3.6)
    sentences = []
    for name, style in line_styles(errors).items():
        ax.loglog(steps, errors[name], label=name, **style.line(markevery=4))
        best = np.argmin(errors[name])
        sentences.append(f"{name}: smallest error {errors[name][best]:.0e} at {steps[best]:.0e}.")
    ax.axvline(1e-5, color=BLACK, linestyle=":", linewidth=1)
    ax.annotate("h in this course", (1e-5, 1), (4, -4), textcoords="offset points", size=9)
    ax.set(xlabel="step h", ylabel="relative error of the slope")
    legend_below(figure, ax)
    figure.suptitle(title)
    figure.set_label(" ".join([f"{title}. Error against step, on logarithmic axes.", *sentences]))
    return figure


@styled
def draw_trainable(tables, rates, scales, title):
    """Draw maps of the accuracy reached with each learning rate and each weight scale.

    Inputs:
    - tables: dictionary of a name for each network, accuracies of shape (len(rates), len(scales))
    - rates: learning rates, in ascending order
    - scales: standard deviations of the initial weights, in ascending order
    - title: of the figure
    """
    figure, axes = panels(1, len(tables), height=3.9, sharey=True)
    sentences = []
    for ax, (name, table) in zip(axes[0], tables.items(), strict=True):
        ax.imshow(table, cmap="cividis", vmin=0, vmax=1, origin="lower", aspect="auto")
        for place in np.ndindex(table.shape):
            color = "black" if table[place] > 0.55 else "white"
            ax.text(*place[::-1], f"{table[place]:.2f}", color=color, ha="center", va="center")
        ax.grid(False)
        ax.set(title=name, xlabel="std of the initial weights")
        ax.set_xticks(range(len(scales)), [f"{scale:.1g}" for scale in scales])
        ax.set_yticks(range(len(rates)), [f"{rate:.1g}" for rate in rates])
        sentences.append(f"{name}: {_table_in_words(np.asarray(table), rates, scales)}")
    axes[0, 0].set_ylabel("learning rate")
    figure.suptitle(f"{title} ({source()})")
    figure.set_label(" ".join([f"{title}. A table of accuracies for each network.", *sentences]))
    return figure


@styled
def draw_by_layer(networks, title, expected=None):
    """Draw the sizes of activations and of gradients, layer by layer, on logarithmic axes.

    Inputs:
    - networks: dictionary of a name for each network, three sequences with a number for each
      layer: for its activations, for their gradients, and for the gradients of its weights
    - title: of the figure
    - expected: dictionary of the same names, the activations to expect, drawn in as dotted lines
    """
    figure, axes = panels(1, 3, height=3.9)
    sentences = []
    for name, style in line_styles(networks).items():
        for ax, sizes in zip(axes[0], networks[name], strict=True):
            ax.semilogy(np.arange(1, len(sizes) + 1), sizes, label=name, **style.line())
        up, back, weights = networks[name]
        sentences.append(
            f"{name}: activations go from {up[0]:.1g} in the first layer to {up[-1]:.1g} in the "
            f"last, their gradients from {back[-1]:.1g} in the last to {back[0]:.1g} in the first; "
            f"gradients of weights are between {min(weights):.1g} and {max(weights):.1g}."
        )
    for name, sizes in (expected or {}).items():
        axes[0, 0].semilogy(np.arange(1, len(sizes) + 1), sizes, color=BLACK, linestyle=":")
        sentences.append(
            f"Expected activations of {name} go from {sizes[0]:.1g} to {sizes[-1]:.1g}."
        )
    axes[0, 0].set_title("activations" + (" (dotted: expected)" if expected else ""))
    axes[0, 1].set_title("gradients of activations")
    axes[0, 2].set_title("gradients of weights")
    axes[0, 0].set_ylabel("root mean square")
    for ax in axes[0]:
        ax.set_xlabel("layer")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, axes[0, 0])
    figure.suptitle(f"{title} ({source()})")
    figure.set_label(" ".join([f"{title}. Three panels.", *sentences]))
    return figure


@styled
def draw_paths(paths, height, title):
    """Draw the ways that update rules take down into a valley.

    Inputs:
    - paths: dictionary of a name for each rule, its places, ndarray of shape (steps + 1, 2)
    - height: function of two arrays, of the coordinates
    - title: of the figure
    """
    figure, axes = panels(2, (len(paths) + 1) // 2, height=4.6, sharex=True, sharey=True)
    everywhere = np.concatenate(list(paths.values()))
    low, high = everywhere.min(axis=0) - 0.3, everywhere.max(axis=0) + 0.3
    grid = np.meshgrid(*(np.linspace(*ends, 120) for ends in zip(low, high, strict=True)))
    heights = height(*grid)
    levels = np.geomspace(max(heights.min(), heights.max() * 1e-4), heights.max(), 10)
    sentences = []
    for ax, (name, style) in zip(axes.flat, line_styles(paths).items(), strict=False):
        ax.contour(*grid, heights, levels=levels, colors=GREY_LINE, linewidths=0.7)
        ax.plot(*paths[name].T, **style.line(linestyle="-", linewidth=1.2, markersize=3.5))
        ax.plot(0, 0, marker="*", color=BLACK, markersize=10)
        end = height(*paths[name][-1])
        ax.set_title(f"{name}: ends at height {end:.2g}")
        ax.grid(False)
        sentences.append(f"{name}: {_path_in_words(paths[name], height)}")
    for ax in axes[-1]:
        ax.set_xlabel("first weight")
    for ax in axes[:, 0]:
        ax.set_ylabel("second weight")
    figure.suptitle(title)
    figure.set_label(" ".join([f"{title}. A panel for each rule, with its path.", *sentences]))
    return figure


def _table_in_words(table, rates, scales):
    """Say which settings learn all images, and how the smallest and the largest weights do."""
    learned = [
        f"weights of {scale:.1g} at {_listed(np.array(rates)[column == 1])}"
        for scale, column in zip(scales, table.T, strict=True)
        if (column == 1).any()
    ]
    best = np.unravel_index(table.argmax(), table.shape)
    which = f" ({'; '.join(learned)})" if learned else ""
    return (
        f"{np.sum(table == 1)} of {table.size} settings learn all images{which}. The best accuracy "
        f"is {table.max():.2f}, at weights of {scales[best[1]]:.1g} and a rate of "
        f"{rates[best[0]]:.1g}; with weights of {scales[0]:.1g} it is {_span(table[:, 0])}, with "
        f"{scales[-1]:.1g} {_span(table[:, -1])}."
    )


def _listed(rates):
    return ("rate " if len(rates) == 1 else "rates ") + ", ".join(f"{rate:.1g}" for rate in rates)


def _span(values):
    return f"between {values.min():.2f} and {values.max():.2f}"


def _path_in_words(places, height):
    """Say where a path begins and ends, and how often it crosses the floor of the valley."""
    (start, end), steps = places[[0, -1]], len(places) - 1
    crossings = np.count_nonzero(places[1:, 1] * places[:-1, 1] < 0)
    return (
        f"{steps} step{'s' if steps != 1 else ''} from ({start[0]:.2g}, {start[1]:.2g}) at height "
        f"{height(*start):.2g} to ({end[0]:.2g}, {end[1]:.2g}) at height {height(*end):.2g}; the "
        f"second weight changes its sign {crossings} time{'s' if crossings != 1 else ''}."
    )
