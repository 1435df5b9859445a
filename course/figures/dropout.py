"""Figures of the notebook on dropout."""

import numpy as np
from matplotlib.patches import Rectangle

from .style import (
    BLACK,
    BLUE,
    CHANCE,
    GREY,
    SKY,
    VERMILION,
    legend_below,
    line_styles,
    panels,
    source,
    styled,
)

__all__ = ["draw_averaging", "draw_keep_ratios", "draw_mask", "draw_sums"]


@styled
def draw_mask(x, mask, out, title):
    """Draw what goes into dropout, its mask and what comes out, as tables of numbers.

    Inputs:
    - x, mask, out: ndarrays of shape (N, D)
    - title: of the figure
    """
    figure, axes = panels(1, 3, height=2.5)
    for ax, (name, table) in zip(axes[0], {"x": x, "mask": mask, "out": out}.items(), strict=True):
        for row, column in np.ndindex(table.shape):
            dropped = not mask[row, column]
            look = {"facecolor": "white", "hatch": "///"} if dropped else {"facecolor": SKY}
            ax.add_patch(Rectangle((column, row), 1, 1, edgecolor=GREY, linewidth=0.8, **look))
            ax.text(
                column + 0.5,
                row + 0.5,
                f"{table[row, column]:g}",
                ha="center",
                va="center",
                backgroundcolor="white" if dropped else SKY,
                bbox={"pad": 1, "linewidth": 0, "facecolor": "white" if dropped else SKY},
            )
        ax.set(title=name, xlim=(0, x.shape[1]), ylim=(len(x), 0), aspect="equal")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.grid(False)
    figure.suptitle(f"{title} (hatched: dropped)")
    figure.set_label(
        f"{title}. Three tables of {x.shape[0]} by {x.shape[1]} numbers: x, mask and out. "
        f"{np.count_nonzero(mask)} of {mask.size} units are kept and multiplied by "
        f"{mask.max():g}; the others are 0."
    )
    return figure


@styled
def draw_sums(sums, at_test_time, title):
    """Draw how often a sum takes which value, with the value at test time drawn in.

    Inputs:
    - sums: dictionary of a name for each panel, ndarray of shape (K,)
    - at_test_time: a number
    - title: of the figure
    """
    figure, axes = panels(1, len(sums), height=3.3, sharex=True, sharey=True)
    edges = np.histogram_bin_edges(np.concatenate(list(sums.values())), bins=60)
    sentences = []
    for ax, (name, values) in zip(axes[0], sums.items(), strict=True):
        counts, _ = np.histogram(values, edges)
        ax.stairs(counts, edges, fill=True, facecolor=SKY, edgecolor=BLUE, linewidth=1)
        ax.axvline(at_test_time, color=VERMILION, linestyle="--", label="at test time")
        ax.axvline(values.mean(), color=BLACK, linestyle=":", label="mean of the masks")
        ax.set(title=name, xlabel="sum")
        sentences.append(
            f"{name}: mean {values.mean():.2f}, standard deviation {values.std():.2f}."
        )
    axes[0, 0].set_ylabel("number of masks")
    legend_below(figure, axes[0, 0])
    figure.suptitle(title)
    figure.set_label(
        f"{title}. A histogram for each keep ratio, around {at_test_time:.2f}, the sum at test "
        "time. " + " ".join(sentences)
    )
    return figure


@styled
def draw_keep_ratios(results, title):
    """Draw training and validation accuracy against the keep ratio: mean, best and worst.

    Both are in one panel, for the gap between them, and validation is in another, on its own scale.

    Inputs:
    - results: dictionary of a keep ratio, a list of trained Solvers
    - title: of the figure
    """
    figure, ((both, alone),) = panels(1, 2, height=3.9)
    kinds = {
        "training": [[s.train_acc_history[-1] for s in solvers] for solvers in results.values()],
        "validation": [[s.val_acc_history[-1] for s in solvers] for solvers in results.values()],
    }
    sentences = []
    for name, style in line_styles(kinds).items():
        mean, low, high = (reduce(kinds[name], axis=1) for reduce in (np.mean, np.min, np.max))
        for ax in (both, alone) if name == "validation" else (both,):
            bars = (mean - low, high - mean)
            ax.errorbar(list(results), mean, bars, capsize=4, label=name, **style.line())
        parts = [f"{value:.3f} at {keep:g}" for keep, value in zip(results, mean, strict=True)]
        sentences.append(f"{name}: {', '.join(parts)}.")
    both.axhline(CHANCE, color=BLACK, linestyle=":", linewidth=1)
    both.set(title="accuracy at the end (share)", xlabel="keep ratio", ylim=(0, None))
    alone.set(title="validation accuracy alone (share)", xlabel="keep ratio")
    legend_below(figure, both)
    figure.suptitle(f"{title} ({source()})")
    figure.set_label(" ".join([f"{title}. Two panels, mean accuracies.", *sentences]))
    return figure


@styled
def draw_averaging(by_masks, whole, title):
    """Draw how right and how sure the mean of k masked networks is, and the whole network.

    Inputs:
    - by_masks: ndarray of shape (K, 2), for the mean of 1 to K networks the share of right answers,
      and the mean probability of what is answered
    - whole: the same two of the network at test time
    - title: of the figure
    """
    figure, axes = panels(1, 2, height=3.7)
    counts = np.arange(1, len(by_masks) + 1)
    names = ("right: validation accuracy (share)", "sure: mean probability of the answer")
    style = line_styles(["mean of masks"])["mean of masks"]
    for ax, name, values, reference in zip(axes[0], names, by_masks.T, whole, strict=True):
        ax.semilogx(counts, values, label="mean of masks", **style.line(markevery=0.1))
        ax.axhline(reference, color=VERMILION, linestyle="--", label="no mask")
        ax.set(title=name, xlabel="number of masks")
    legend_below(figure, axes[0, 0])
    figure.suptitle(f"{title} ({source()})")
    (right, sure), (right_at_last, sure_at_last) = by_masks[0], by_masks[-1]
    figure.set_label(
        f"{title}. Two panels. From one mask to {len(by_masks)}, the share of right answers goes "
        f"from {right:.3f} to {right_at_last:.3f} (no mask: {whole[0]:.3f}), and the probability "
        f"given to the answer from {sure:.2f} to {sure_at_last:.2f} (no mask: {whole[1]:.2f})."
    )
    return figure
