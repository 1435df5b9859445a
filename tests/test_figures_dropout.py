"""Figures of the notebook on dropout show what they are given."""

from types import SimpleNamespace

import numpy as np
import pytest

from course.figures.dropout import draw_averaging, draw_keep_ratios, draw_mask, draw_sums
from course.figures.style import show
from cs231n.layers import dropout_forward


def lines(ax):
    """Return the labelled lines of an axes: y values by label."""
    return {
        line.get_label(): line.get_ydata()
        for line in ax.lines
        if not line.get_label().startswith("_")
    }


def trained(train_acc, val_acc):
    return SimpleNamespace(
        loss_history=[2.0, 1.0], train_acc_history=train_acc, val_acc_history=val_acc
    )


@pytest.mark.parametrize("p", [0.25, 0.5])
def test_a_mask_hatches_what_is_dropped(p):
    x = np.arange(1.0, 25).reshape(4, 6)
    out, (_, mask) = dropout_forward(x, {"mode": "train", "p": p, "seed": 1})
    figure = draw_mask(x, mask, out, "title")
    for ax, table in zip(figure.axes, (x, mask, out), strict=True):
        hatched = np.array([cell.get_hatch() is not None for cell in ax.patches]).reshape(4, 6)
        assert np.array_equal(hatched, out == 0)
        assert [text.get_text() for text in ax.texts] == [f"{value:g}" for value in table.ravel()]
    kept = np.count_nonzero(out)
    assert f"{kept} of 24 units are kept and multiplied by {1 / p:g}" in figure.get_label()


def test_sums_are_counted_and_the_reference_is_drawn_in():
    sums = {"p = 0.5": np.array([-1.0, 0, 0, 1]), "p = 0.9": np.array([0.0, 0, 0.1, 0.1])}
    figure = draw_sums(sums, 0.05, "title")
    for ax, values in zip(figure.axes, sums.values(), strict=True):
        (histogram,) = ax.patches
        assert histogram.get_data().values.sum() == len(values)
        assert list(lines(ax)["at test time"]) == [0, 1]
    assert "p = 0.9: mean 0.05, standard deviation 0.05." in figure.get_label()


def test_keep_ratios_show_mean_best_and_worst():
    results = {
        0.5: [trained([0.1, 0.6], [0.1, 0.3]), trained([0.1, 0.8], [0.1, 0.2])],
        1: [trained([0.1, 1.0], [0.1, 0.3]), trained([0.1, 1.0], [0.1, 0.3])],
    }
    figure = draw_keep_ratios(results, "title")
    bars = figure.axes[0].containers[0]
    assert np.allclose(bars.lines[0].get_xydata(), [[0.5, 0.7], [1, 1]])
    (ends,) = bars.lines[2]
    assert np.allclose(ends.get_segments()[0], [[0.5, 0.6], [0.5, 0.8]])
    assert "validation: 0.250 at 0.5, 0.300 at 1." in figure.get_label()


def test_keep_ratios_show_the_gap_in_one_panel_and_validation_on_its_own_scale():
    results = {0.5: [trained([0.7], [0.25])], 1: [trained([1.0], [0.3])]}
    both, alone = draw_keep_ratios(results, "title").axes
    assert [bars.get_label() for bars in both.containers] == ["training", "validation"]
    assert [bars.get_label() for bars in alone.containers] == ["validation"]
    assert np.ptp(alone.get_ylim()) < 0.2 < np.ptp(both.get_ylim())


def test_averaging_draws_the_whole_network_in():
    by_masks = np.array([[0.2, 0.9], [0.25, 0.7], [0.3, 0.5]])
    figure = draw_averaging(by_masks, (0.31, 0.95), "title")
    for ax, values, whole in zip(figure.axes, by_masks.T, (0.31, 0.95), strict=True):
        assert np.array_equal(lines(ax)["mean of masks"], values)
        assert set(lines(ax)["no mask"]) == {whole}
    assert "from 0.200 to 0.300 (no mask: 0.310)" in figure.get_label()


def test_figures_that_depend_on_data_name_them():
    figures = [
        draw_keep_ratios({1: [trained([0.1, 0.2], [0.1, 0.2])]}, "title"),
        draw_averaging(np.ones((2, 2)), (1, 1), "title"),
    ]
    for figure in figures:
        assert figure.get_suptitle().startswith(("title (CIFAR-10", "title (stand-in"))


def test_a_figure_without_a_notebook_is_shown_as_its_text(capsys):
    figure = draw_sums({"p = 0.5": np.array([0.0, 1.0])}, 0.5, "title")
    show(figure)
    assert capsys.readouterr().out == figure.get_label() + "\n"
