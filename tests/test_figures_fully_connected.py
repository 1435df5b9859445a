"""Figures of the notebook on fully connected networks show what they are given."""

import numpy as np

from course import expected
from course.figures.fully_connected import (
    draw_by_layer,
    draw_curves,
    draw_difference_errors,
    draw_paths,
    draw_trainable,
)
from cs231n.optim import adam, rmsprop


def lines(ax):
    """Return the labelled lines of an axes: y values by label."""
    return {
        line.get_label(): line.get_ydata()
        for line in ax.lines
        if not line.get_label().startswith("_")
    }


def looks(ax):
    """Return how the labelled lines of an axes look, colour left out."""
    return [
        (line.get_linestyle(), line.get_marker())
        for line in ax.lines
        if not line.get_label().startswith("_")
    ]


def test_curves_differ_by_more_than_colour():
    x = np.linspace(-6, 6, 121)
    curves = {"ReLU": np.maximum(0, x), "leaky ReLU": np.maximum(0.1 * x, x), "x": x}
    figure = draw_curves(x, curves, "title", "input", "output")
    (ax,) = figure.axes
    shown = lines(ax)
    assert all(np.array_equal(shown[name], values) for name, values in curves.items())
    assert len(set(looks(ax))) == len(curves)
    assert "leaky ReLU goes from -0.6 to 6." in figure.get_label()


def test_difference_errors_name_the_best_step():
    steps = np.logspace(-8, 0, 9)
    errors = {"one-sided": steps + 1e-9, "central": steps**2 + 1e-11 / steps}
    figure = draw_difference_errors(steps, errors, "title")
    (ax,) = figure.axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert np.array_equal(lines(ax)["central"], errors["central"])
    assert "central: smallest error 1e-07 at 1e-04." in figure.get_label()


def test_a_map_shows_each_accuracy_at_its_place():
    table = np.array([[0.1, 0.2, 0.3], [0.4, 1.0, 0.6]])
    figure = draw_trainable({"net": table}, [1e-3, 1e-2], [0.1, 0.2, 0.3], "title")
    (ax,) = figure.axes
    for text in ax.texts:
        column, row = text.get_position()
        assert text.get_text() == f"{table[row, column]:.2f}"
    assert len(ax.texts) == table.size
    low, high = ax.get_ylim()
    assert low < high  # small learning rates at the bottom
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.1", "0.2", "0.3"]
    assert figure.get_label().endswith(
        "net: 1 of 6 settings learn all images (weights of 0.2 at rate 0.01). The best accuracy is "
        "1.00, at weights of 0.2 and a rate of 0.01; with weights of 0.1 it is between 0.10 and "
        "0.40, with 0.3 between 0.30 and 0.60."
    )


def test_a_map_of_nothing_learned_says_so():
    figure = draw_trainable({"net": np.array([[0.1, 0.4]])}, [1e-3], [0.1, 0.2], "title")
    assert "0 of 2 settings learn all images. The best accuracy is 0.40" in figure.get_label()


def test_sizes_by_layer_are_drawn_with_what_is_expected():
    networks = {"small": ([1, 0.1, 0.01], [0.001, 0.01, 0.1], [1e-3] * 4)}
    figure = draw_by_layer(networks, "title", expected={"small": [1, 0.2, 0.04]})
    for ax, sizes in zip(figure.axes, networks["small"], strict=True):
        assert ax.get_yscale() == "log"
        assert list(lines(ax)["small"]) == list(sizes)
    dotted = [line for line in figure.axes[0].lines if line.get_linestyle() == ":"]
    assert list(dotted[0].get_ydata()) == [1, 0.2, 0.04]
    assert "activations go from 1 in the first layer to 0.01 in the last" in figure.get_label()
    assert "Expected activations of small go from 1 to 0.04." in figure.get_label()


def test_paths_end_where_the_rule_does():
    paths = {"a": np.array([[-2.0, 1.0], [0.0, 0.0]]), "b": np.array([[-2.0, 1.0], [-1.0, 0.0]])}
    figure = draw_paths(paths, lambda x, y: x**2 + y**2, "title")
    for ax, (name, places) in zip(figure.axes, paths.items(), strict=False):
        assert np.array_equal(ax.lines[0].get_xydata(), places)
        assert ax.get_title() == f"{name}: ends at height {np.sum(places[-1] ** 2):.2g}"
    told = "a: 1 step from (-2, 1) at height 5 to (0, 0) at height 0; "
    assert told + "the second weight changes its sign 0 times." in figure.get_label()
    zigzag = np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 0.5], [1.0, 2.0]])
    figure = draw_paths({"a": zigzag}, lambda x, y: x**2 + y**2, "title")
    assert "at height 5; the second weight changes its sign 2 times." in figure.get_label()


def test_figures_that_depend_on_data_name_them():
    figures = [
        draw_trainable({"net": np.ones((1, 1))}, [1e-3], [0.1], "title"),
        draw_by_layer({"net": ([1], [1], [1])}, "title"),
    ]
    for figure in figures:
        assert figure.get_suptitle().startswith(("title (CIFAR-10", "title (stand-in"))


W = np.linspace(-0.4, 0.6, num=20).reshape(4, 5)
DW = np.linspace(-0.6, 0.4, num=20).reshape(4, 5)


def test_rmsprop_gives_the_expected_numbers():
    cache = np.linspace(0.6, 0.9, num=20).reshape(4, 5)
    next_w, config = rmsprop(W, DW, {"learning_rate": 1e-2, "cache": cache})
    assert np.allclose(next_w, expected.RMSPROP_W, rtol=0, atol=1e-8)
    assert np.allclose(config["cache"], expected.RMSPROP_CACHE, rtol=0, atol=1e-8)
    other, _ = rmsprop(W, DW, {"learning_rate": 1e-2, "cache": cache, "decay_rate": 0.98})
    assert not np.allclose(other, expected.RMSPROP_W, rtol=0, atol=1e-6)


def test_adam_gives_the_expected_numbers():
    m = np.linspace(0.6, 0.9, num=20).reshape(4, 5)
    v = np.linspace(0.7, 0.5, num=20).reshape(4, 5)
    next_w, config = adam(W, DW, {"learning_rate": 1e-2, "m": m, "v": v, "t": 5})
    assert np.allclose(next_w, expected.ADAM_W, rtol=0, atol=1e-8)
    assert np.allclose(config["v"], expected.ADAM_V, rtol=0, atol=1e-8)
    other, _ = adam(W, DW, {"learning_rate": 1e-2, "m": m, "v": v, "t": 4})
    assert not np.allclose(other, expected.ADAM_W, rtol=0, atol=1e-6)
