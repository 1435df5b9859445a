"""Figures and pictures of the convolution notebook: what they show is what the layers compute."""

import hashlib
import io

import numpy as np
import pytest
from matplotlib.colors import same_color

from course import expected
from course.figures.convolution import (
    draw_answers,
    draw_channel_statistics,
    draw_filtered,
    draw_filters,
    draw_normalization_groups,
    draw_numbers,
    draw_pooling,
    draw_times,
    draw_windows,
)
from course.figures.style import ORANGE
from course.pictures import drawn_picture, photograph
from cs231n.fast_layers import conv_forward_fast, max_pool_forward_fast
from cs231n.layers import (
    conv_forward_naive,
    layernorm_forward,
    max_pool_backward_naive,
    max_pool_forward_naive,
    spatial_batchnorm_forward,
    spatial_groupnorm_forward,
)


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def numbers(ax):
    """Read the table of an axes: its written cells, by their place."""
    cells = {}
    for text in ax.texts:
        column, row = text.get_position()
        cells[row, column] = text.get_text().replace("\N{MINUS SIGN}", "-")
    return cells


def table(ax, shape):
    """Read a table that is written in full as an array."""
    return np.array([[float(numbers(ax)[i, j]) for j in range(shape[1])] for i in range(shape[0])])


def marked(ax):
    """Return the places of the cells that are set off."""
    return {
        (round(cell.get_y() + 0.5), round(cell.get_x() + 0.5))
        for cell in ax.patches
        if same_color(cell.get_facecolor(), ORANGE)
    }


def test_the_drawn_picture_is_the_same_everywhere():
    picture = drawn_picture()
    assert picture.shape == (200, 200, 3)
    assert picture.dtype == np.uint8
    digest = hashlib.sha256(picture.tobytes()).hexdigest()
    assert digest == "09311fd5ce6ed6f227e3457e805ca05e042f356be1d74880b51898a2390145e3"


@pytest.mark.parametrize("size", [1, 33, 64])
def test_the_drawn_picture_has_any_size(size):
    assert drawn_picture(size).shape == (size, size, 3)


def test_the_drawn_picture_has_edges_one_way_and_plain_areas():
    blue = drawn_picture()[..., 2].astype(int)
    down, across = np.diff(blue, axis=0), np.diff(blue, axis=1)
    sky, posts = np.s_[5:30, 5:120], np.s_[175:180, 128:190]
    assert not down[sky].any()
    assert not across[sky].any()
    assert not down[posts].any()
    assert across[posts].any()


@pytest.mark.parametrize("size", [64, 200])
def test_the_photograph_is_scaled_and_in_colour(size):
    picture = photograph(size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8
    assert np.ptp(picture.astype(int), axis=2).max() > 100  # of grey it would be 0
    assert np.allclose(picture.mean(axis=(0, 1)), photograph(512).mean(axis=(0, 1)), atol=2)


@pytest.mark.parametrize(
    ("stride", "pad", "size"), [(2, 1, (5, 5)), (1, 0, (4, 6)), (3, 2, (5, 4))]
)
def test_the_window_leaves_what_a_convolution_computes(rng, stride, pad, size):
    x, w = rng.integers(-3, 4, size).astype(float), rng.integers(-2, 3, (3, 2)).astype(float)
    param = {"stride": stride, "pad": pad}
    out = conv_forward_naive(x[None, None], w[None, None], np.zeros(1), param)[0][0, 0]
    last = tuple(side - 1 for side in out.shape)
    figure = draw_windows(x, w, stride, pad, [(0, 0), last])
    grid = np.reshape(figure.axes, (2, 3))
    assert np.array_equal(table(grid[1, 2], out.shape), out)
    assert np.array_equal(table(grid[0, 1], (size[0] + 2 * pad, size[1] + 2 * pad)), np.pad(x, pad))
    assert list(numbers(grid[1, 1])) == [(0, 0)]
    frame = grid[0, 2].patches[-1]
    assert frame.get_xy() == (last[1] * stride - 0.5, last[0] * stride - 0.5)
    assert (frame.get_height(), frame.get_width()) == w.shape


def test_pooling_sets_off_the_winners(rng):
    x, dout = rng.permutation(16).reshape(1, 1, 4, 4).astype(float), np.ones((1, 1, 2, 2))
    out, cache = max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    dx = max_pool_backward_naive(dout, cache)
    figure = draw_pooling(x[0, 0], out[0, 0], dout[0, 0], dx[0, 0], "title")
    winners = {tuple(map(int, place)) for place in np.argwhere(np.isin(x[0, 0], out))}
    assert [marked(ax) for ax in figure.axes] == [winners, set(), set(), winners]


def normalized(kind, x):
    N, C, H, W = x.shape
    if kind == "spatial batchnorm":
        return spatial_batchnorm_forward(x, np.ones(C), np.zeros(C), {"mode": "train"})[0]
    if kind == "layernorm":
        rows = x.reshape(N, -1)
        ones, zeros = np.ones(rows.shape[1]), np.zeros(rows.shape[1])
        return layernorm_forward(rows, ones, zeros, {})[0].reshape(x.shape)
    return spatial_groupnorm_forward(x, np.ones(C), np.zeros(C), 3, {})[0]


@pytest.mark.parametrize("place", range(3))
def test_the_same_letter_stands_where_a_change_is_felt(rng, place):
    ax = draw_normalization_groups(N=2, C=6, G=3).axes[place]
    letters = numbers(ax)
    x = rng.standard_normal((2, 6, 2, 2))
    for n, c in np.ndindex(2, 6):
        changed = x.copy()
        changed[n, c, 0, 0] += 1
        kind = ax.get_title().split(",")[0]
        felt = (normalized(kind, changed) != normalized(kind, x)).any(axis=(2, 3))
        same = [[letters[i, j] == letters[n, c] for j in range(6)] for i in range(2)]
        assert felt.tolist() == same


def test_times_are_compared_even_where_the_clock_stands_still():
    figure = draw_times({"conv forward": (0.06, 0.02), "pool forward": (0.0, 0.0)}, "title")
    assert [text.get_text().strip() for text in figure.axes[0].texts] == ["3 times", "1 times"]
    assert "conv forward 60 and 20, 3 times" in figure.get_label()


@pytest.mark.parametrize("naive", [0.001, 0.1, 100.0])
def test_the_shorter_bar_can_be_seen_however_long_the_other_is(naive):
    figure = draw_times({"conv forward": (naive, 0.001)}, "title")
    figure.draw_without_rendering()
    (ax,) = figure.axes
    panel = ax.get_window_extent()
    for bars in ax.containers:
        for bar in bars:
            right = ax.transData.transform((bar.get_width(), 0))[0]
            assert right - panel.x0 > 0.04 * panel.width
            assert right < panel.x1
    (words,) = ax.texts
    assert words.get_window_extent().x1 <= figure.bbox.x1


def test_the_patch_is_where_the_answer_is_strongest(rng):
    picture = rng.integers(0, 256, (9, 8, 3)).astype(np.uint8)
    w = rng.standard_normal((2, 3, 3, 5))
    x = picture.transpose(2, 0, 1)[None].astype(float)
    bordered = np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)))
    answers, _ = conv_forward_fast(bordered, w, np.zeros(2), {"stride": 1, "pad": 0})
    figure = draw_answers(picture, w, np.maximum(answers[0], 0), [4, 7], "title")
    grid = np.reshape(figure.axes, (3, 3))
    for answer, column in zip(answers[0], grid.T[1:], strict=True):
        i, j = np.unravel_index(answer.argmax(), answer.shape)
        (circle,) = column[2].lines
        assert (circle.get_xdata(), circle.get_ydata()) == (j, i)
        patch = column[1].images[0].get_array()
        assert patch.shape == (3, 5, 3)
        assert np.array_equal(patch[1, 2], picture[i, j])
        assert f"with {answer.max():.3g}, at row {i}, column {j}" in figure.get_label()


def test_statistics_are_those_of_the_rows(rng):
    before = rng.standard_normal((3, 50)) + 9
    after = (before - before.mean(axis=1, keepdims=True)) / before.std(axis=1, keepdims=True)
    figure = draw_channel_statistics(before, after, "title")
    for ax, values in zip(figure.axes, (before, after), strict=True):
        middle = ax.containers[0].lines[0]
        assert np.allclose(middle.get_ydata(), values.mean(axis=1))
        bars = ax.containers[0].lines[2][0].get_segments()
        assert np.allclose([np.ptp(bar[:, 1]) for bar in bars], 2 * values.std(axis=1))
    assert "After: means 0, 0, 0, standard deviations 1, 1, 1." in figure.get_label()


def test_wrong_statistics_are_seen_and_told():
    wrong = np.array([[109.0, 111.0], [-3.0, -1.0]])
    figure = draw_channel_statistics(wrong, wrong, "title")
    assert "After: means 110, -2, standard deviations 1, 1." in figure.get_label()
    for ax in figure.axes:
        low, high = ax.get_ylim()
        assert low < -3
        assert high > 111


def test_filters_are_described_by_how_smooth_they_are(rng):
    noise = rng.standard_normal((32, 3, 7, 7))
    figure = draw_filters({"noise": noise, "ramps": np.ones((9, 3, 7, 1)) * np.arange(7)}, "title")
    printed = np.corrcoef(noise[..., 1:].ravel(), noise[..., :-1].ravel())[0, 1]
    told = f"noise: the correlation of neighbouring pixels is {printed:.2f}. ramps: the correlation"
    assert f"{told} of neighbouring pixels is 1.00." in figure.get_label()


def test_filtered_pictures_are_described_by_their_values():
    maps = np.full((1, 1, 10, 10), 128.0)
    maps[0, 0, 0] = 0
    figure = draw_filtered(drawn_picture(10)[None], maps, ["edges"], "title")
    assert (
        "edges: values from 0 to 128, 90% of them within a tenth of that range from the median, 128"
        in figure.get_label()
    )


FIGURES = {
    "windows": lambda: draw_windows(np.eye(5), np.ones((3, 3)), 2, 1, [(0, 0), (2, 2)]),
    "numbers": lambda: draw_numbers({"a": np.eye(2), "b": -np.eye(3)}, "title"),
    "filtered": lambda: draw_filtered(
        drawn_picture(16)[None], np.zeros((1, 2, 16, 16)), ["grey", "edges"], "title"
    ),
    "times": lambda: draw_times({"conv forward": (0.02, 0.01)}, "title"),
    "filters": lambda: draw_filters({"all alike": np.ones((3, 3, 5, 5))}, "title"),
    "answers": lambda: draw_answers(
        drawn_picture(16), np.ones((1, 3, 3, 3)), np.zeros((1, 16, 16)), [0], "title"
    ),
    "statistics": lambda: draw_channel_statistics(np.ones((2, 9)), np.zeros((2, 9)), "title"),
    "groups": lambda: draw_normalization_groups(N=3, C=6, G=2),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_can_be_saved_and_say_what_they_show(name):
    figure = FIGURES[name]()
    assert len(figure.get_label().split()) > 3
    file = io.BytesIO()
    figure.savefig(file, format="png")
    assert len(file.getvalue()) > 2000


def test_expected_values_are_those_of_the_layers():
    x = np.linspace(-0.1, 0.5, num=96).reshape(2, 3, 4, 4)
    w, b = np.linspace(-0.2, 0.3, num=144).reshape(3, 3, 4, 4), np.linspace(-0.1, 0.2, num=3)
    out, _ = conv_forward_fast(x, w, b, {"stride": 2, "pad": 1})
    assert np.allclose(out, expected.CONV_FORWARD, rtol=0, atol=5.1e-9)  # rounded to eight digits
    x = np.linspace(-0.3, 0.4, num=96).reshape(2, 3, 4, 4)
    out, _ = max_pool_forward_fast(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    assert np.allclose(out, expected.MAX_POOL_FORWARD, rtol=0, atol=5.1e-9)
