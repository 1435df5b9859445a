"""The figures of the notebook on convolutional networks."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from cs231n.vis_utils import visualize_grid

from .style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    ORANGE_LINE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    legend_below,
    panels,
    source,
    styled,
)

__all__ = [
    "draw_answers",
    "draw_channel_statistics",
    "draw_filtered",
    "draw_filters",
    "draw_normalization_groups",
    "draw_numbers",
    "draw_pooling",
    "draw_times",
    "draw_windows",
]

_PALE, _MIDDLE = "#E3E3E3", "#A9A9A9"


@styled
def draw_windows(x, w, stride, pad, stops):
    """Draw a window that moves over a padded image, its filter, and what it leaves behind.

    Inputs:
    - x: one channel of one image, ndarray of shape (H, W)
    - w: one filter, ndarray of shape (HH, WW)
    - stride, pad: in pixels
    - stops: places in the output, pairs (i, j) in reading order, that get a panel each
    """
    HH, WW = w.shape
    padded = np.pad(x, pad)
    out = _slide(padded, w, stride)
    figure, axes = panels(2, len(stops) + 1, height=5.0)
    _write_numbers(axes[0, 0], w, YELLOW, title="the filter")
    _write_numbers(axes[1, 0], x, SKY, title="the image")
    cells = np.where(np.pad(np.ones(x.shape), pad), SKY, _PALE)
    for (i, j), (above, below) in zip(stops, axes.T[1:], strict=True):
        _write_numbers(above, padded, cells, title=f"window at stop ({i}, {j})")
        corner = (j * stride - 0.5, i * stride - 0.5)
        frame = Rectangle(corner, WW, HH, fill=False, edgecolor="black", linewidth=3, clip_on=False)
        above.add_patch(frame)
        order = np.arange(out.size).reshape(out.shape) - (i * out.shape[1] + j)
        colours = np.select([order < 0, order == 0], [GREEN, ORANGE], _PALE)
        _write_numbers(below, out, colours, title="output so far", shown=order <= 0)
    figure.suptitle(f"A window moves over a padded image: stride {stride}, pad {pad} (pixels)")
    figure.set_label(
        f"A {HH} by {WW} window at {len(stops)} stops on a {x.shape[0]} by {x.shape[1]} image with "
        f"a border of zeros {pad} wide. Under each stop, the output so far. Complete, it is "
        f"{_in_words(out)}."
    )
    return figure


@styled
def draw_numbers(tables, title, marks=None):
    """Draw small tables of numbers side by side.

    Inputs:
    - tables: dictionary of a title for each table, an ndarray of shape (H, W)
    - title: of the figure
    - marks: cells to set off, dictionary of a table's title and an ndarray of bool of its shape
    """
    marks = marks or {}
    figure, axes = panels(1, len(tables), height=3.0)
    for ax, (name, table) in zip(axes[0], tables.items(), strict=True):
        marked = marks.get(name, np.zeros(table.shape, dtype=bool))
        _write_numbers(ax, table, np.where(marked, ORANGE, SKY), title=name)
    figure.suptitle(title)
    in_words = ". ".join(f"{name}: {_in_words(table)}" for name, table in tables.items())
    figure.set_label(f"{title}. {in_words}.")
    return figure


def draw_pooling(x, out, dout, dx, title):
    """Draw max pooling and its backward pass, and set off the pixels that get a gradient.

    x, out, dout, dx: one channel of one image each, ndarrays of shape (H, W) and (H', W').
    """
    tables = {"x": x, "out": out, "dout": dout, "dx": dx}
    return draw_numbers(tables, title, marks={"x": dx != 0, "dx": dx != 0})


@styled
def draw_filtered(pictures, filtered, names, title):
    """Draw pictures, a row each, each followed by what filters make of it.

    Inputs:
    - pictures: ndarray of shape (N, H, W, 3), 0 to 255
    - filtered: ndarray of shape (N, F, H, W); each map is stretched from black to white
    - names: F titles
    - title: of the figure
    """
    N, F = filtered.shape[:2]
    figure, axes = panels(N, F + 1, height=2.3 * N + 0.5)
    figure.set_figwidth(2.4 * (F + 1))  # photographs are large files, and these get no better
    for row, picture, maps in zip(axes, pictures, filtered, strict=True):
        row[0].imshow(picture)
        for ax, values in zip(row[1:], maps, strict=True):
            ax.imshow(values, cmap="gray")
    for ax, name in zip(axes[0], ["picture", *names], strict=True):
        ax.set_title(name)
    _hide_axes(axes)
    figure.suptitle(title)
    sentences = [
        f"{name}: {'; '.join(map(_map_in_words, maps))}."
        for name, maps in zip(names, filtered.swapaxes(0, 1), strict=True)
    ]
    figure.set_label(" ".join([f"{title}. {N} pictures, and each after {F} filters.", *sentences]))
    return figure


@styled
def draw_times(seconds, title):
    """Draw the times of naive and fast layers as pairs of bars, on a logarithmic axis.

    Inputs:
    - seconds: dictionary of a name, as "conv forward", and its times (naive, fast) in seconds
    - title: of the figure
    """
    figure, ((ax,),) = panels(1, 1, height=0.6 * len(seconds) + 1.6)
    # Clocks of some systems count in milliseconds, and a logarithmic axis has no zero.
    naive, fast = np.maximum(1e3 * np.array(list(seconds.values())).T, 1e-3)
    places = np.arange(len(seconds))
    ax.barh(places - 0.2, naive, 0.36, color=ORANGE_LINE, label="naive")
    ax.barh(places + 0.2, fast, 0.36, color=BLUE, hatch="//", edgecolor="white", label="fast")
    ratios = naive / fast
    for place, ratio in zip(places, ratios, strict=True):
        ax.text(max(naive[place], fast[place]), place, f"  {ratio:.2g} times", va="center")
    ax.set(xlabel="time of one call (milliseconds)", title=title, yticks=places, xscale="log")
    # From a third of the shortest time, so that its bar can be seen, with room for the words.
    shortest, longest = min(naive.min(), fast.min()), max(naive.max(), fast.max())
    ax.set_xlim(shortest / 3, longest * (longest / shortest) ** 0.2 * 2)
    ax.set_yticklabels(list(seconds))
    ax.grid(axis="y", visible=False)
    ax.invert_yaxis()
    legend_below(figure, ax)
    in_words = [
        f"{name} {slow:.3g} and {quick:.3g}, {ratio:.2g} times"
        for name, slow, quick, ratio in zip(seconds, naive, fast, ratios, strict=True)
    ]
    figure.set_label(f"{title}. As bars, naive and fast: {'; '.join(in_words)}.")
    return figure


@styled
def draw_filters(pairs, title):
    """Draw sets of filters side by side as grids of small pictures, each stretched by itself.

    Inputs:
    - pairs: dictionary of a name for each set, an ndarray of shape (F, 3, HH, WW)
    - title: of the figure
    """
    figure, axes = panels(1, len(pairs), height=5.4)
    for ax, (name, w) in zip(axes[0], pairs.items(), strict=True):
        ax.imshow(_as_picture(w), interpolation="nearest")
        ax.set_title(name)
    _hide_axes(axes)
    figure.suptitle(f"{title} ({source()})")
    sentences = [f"{name}: {_likeness_in_words(w)}." for name, w in pairs.items()]
    figure.set_label(" ".join([f"{title}. Grids of small colour pictures.", *sentences]))
    return figure


@styled
def draw_answers(picture, w, answers, numbers, title):
    """Draw filters, and under each the patch it answers to most and all pixels it answers to.

    Inputs:
    - picture: ndarray of shape (H, W, 3), 0 to 255
    - w: filters of odd size, ndarray of shape (F, 3, HH, WW)
    - answers: what they make of the picture, with ReLU, stride 1 and a padding that keeps the
      size; ndarray of shape (F, H, W)
    - numbers: what each filter is called, F whole numbers
    - title: of the figure
    """
    F, _, HH, WW = w.shape
    border = ((HH // 2, HH // 2), (WW // 2, WW // 2), (0, 0))
    bordered = np.pad(picture, border, mode="edge")
    figure, axes = panels(3, F + 1, height=5.2)
    axes[2, 0].imshow(picture)
    axes[2, 0].set_title("the picture")
    sentences = []
    for column, weights, answer, number in zip(axes.T[1:], w, answers, numbers, strict=True):
        i, j = np.unravel_index(answer.argmax(), answer.shape)
        column[0].imshow(_as_picture(weights[None]), interpolation="nearest")
        column[0].set_title(f"filter {number}")
        column[1].imshow(bordered[i : i + HH, j : j + WW], interpolation="nearest")
        column[1].set_title("best patch")
        column[2].imshow(answer, cmap="gray", vmin=0)
        (circle,) = column[2].plot(j, i, "o", markersize=13, markerfacecolor="none", color=ORANGE)
        # A black rim, since the map under it may be as bright as the circle.
        circle.set(markeredgewidth=2, path_effects=[withStroke(linewidth=4, foreground="black")])
        column[2].set_title("answers")
        sentences.append(
            f"Filter {number} answers most, with {answer.max():.3g}, at row {i}, column {j}, and "
            f"not at all to {np.mean(answer == 0):.0%} of the pixels."
        )
    _hide_axes(axes)
    figure.suptitle(f"{title} (filters trained on {source()})")
    in_words = f"{F} filters as small pictures, the patch each answers to most, and its answers."
    figure.set_label(" ".join([f"{title}. {in_words}", *sentences]))
    return figure


@styled
def draw_channel_statistics(before, after, title, each="channel"):
    """Draw mean and standard deviation of each channel before and after it is normalised.

    Inputs:
    - before, after: ndarrays of shape (K, M), a row of M values for each of K channels
    - title: of the figure
    - each: what a row is
    """
    figure, axes = panels(1, 2, height=3.5)
    places = np.arange(len(before))
    sentences = []
    for ax, values, name in zip(axes[0], (before, after), ("before", "after"), strict=True):
        mean, std = values.mean(axis=1), values.std(axis=1)
        ax.errorbar(places, mean, std, fmt="o", color=BLUE, capsize=6, label="mean ± std")
        ax.set(
            title=name, xlabel=each, ylabel="value", xticks=places, xlim=(-0.6, places[-1] + 0.6)
        )
        ax.margins(y=0.15)
        sentences.append(
            f"{name.capitalize()}: means {_rounded(mean)}, standard deviations {_rounded(std)}."
        )
    axes[0, 0].axhline(0, color=GREY, linewidth=0.8)  # so that zero is in the panel
    for level, label in ((-1, None), (0, None), (1, "expected: 0 ± 1")):
        ax.axhline(level, color=VERMILION, linestyle="--", linewidth=1.2, zorder=1, label=label)
    legend_below(figure, ax)
    figure.suptitle(title)
    expected = "Lines show what is expected after: means of 0, standard deviations of 1."
    figure.set_label(" ".join([f"{title}. Statistics of each {each}.", *sentences, expected]))
    return figure


@styled
def draw_normalization_groups(N, C, G):
    """Draw which values share a mean and a variance, for three ways of normalising images.

    A cell of a table is one channel of one of N images, with all its pixels. Cells with the same
    letter and colour are normalised together. G is the number of groups of groupnorm.
    """
    images, channels = np.indices((N, C))
    kinds = {
        "spatial batchnorm": channels,
        "layernorm": images,
        f"groupnorm, G = {G}": images * G + channels // (C // G),
    }
    palette = np.array([SKY, ORANGE, GREEN, YELLOW, PURPLE, _MIDDLE])
    figure, axes = panels(1, len(kinds), height=0.5 * N + 1.5)
    for ax, (name, shared) in zip(axes[0], kinds.items(), strict=True):
        letters = np.array([chr(ord("a") + label) for label in shared.flat]).reshape(N, C)
        _write_numbers(ax, letters, palette[shared % len(palette)], title=name)
        ax.set(xlabel="channel", ylabel="image", xticks=range(C), yticks=range(N))
        ax.tick_params(length=0)
    figure.suptitle("Which values share a mean and a variance: those with the same letter")
    figure.set_label(
        f"Three tables of {N} images by {C} channels. Spatial batchnorm has one mean for each "
        f"column, layernorm one for each row, groupnorm {G} for each row, side by side."
    )
    return figure


def _as_picture(w):
    """Lay filters of shape (F, 3, HH, WW) out as one picture, 0 to 255."""
    return np.round(visualize_grid(w.transpose(0, 2, 3, 1))).astype(np.uint8)


def _slide(padded, w, stride):
    """Return what a filter leaves of one padded channel."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape)[::stride, ::stride]
    return (windows * w).sum(axis=(2, 3))


def _write_numbers(ax, values, colours, *, title, shown=None):
    """Write values into a table of coloured cells; `colours` is one, or one for each cell."""
    H, W = values.shape
    colours = np.broadcast_to(colours, (H, W))
    for i, j in np.ndindex(H, W):
        corner = (j - 0.5, i - 0.5)
        ax.add_patch(Rectangle(corner, 1, 1, facecolor=str(colours[i, j]), edgecolor="white"))
        if shown is None or shown[i, j]:
            ax.text(j, i, _short(values[i, j]), ha="center", va="center")
    ax.set(xlim=(-0.5, W - 0.5), ylim=(H - 0.5, -0.5), aspect="equal", title=title)
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _map_in_words(values):
    """Say how bright a filtered picture is, and how much of it is plain."""
    middle, spread = np.median(values), np.ptp(values)
    plain = np.mean(np.abs(values - middle) <= spread / 10)
    return (
        f"values from {values.min():.3g} to {values.max():.3g}, {plain:.0%} of them within a tenth "
        f"of that range from the median, {middle:.3g}"
    )


def _likeness_in_words(w):
    """Say how much pixels of filters resemble their right neighbours."""
    left, right = w[..., :-1].ravel(), w[..., 1:].ravel()
    if left.std() == 0 or right.std() == 0:
        return "neighbouring pixels do not vary"
    return f"the correlation of neighbouring pixels is {np.corrcoef(left, right)[0, 1]:.2f}"


def _rounded(values):
    return ", ".join(f"{value:.4g}" for value in np.round(values, 3) + 0.0)


def _hide_axes(axes):
    for ax in axes.flat:
        ax.set_axis_off()


def _short(value):
    return str(value) if isinstance(value, str) else f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _in_words(table):
    """Say a table row by row: '1, 2; 3, 4'."""
    return "; ".join(", ".join(f"{value:.3g}" for value in row) for row in table)
