"""What layers promise apart from their values: types, state, awkward memory, and clear errors."""

import re

import numpy as np
import plain_layers as plain
import pytest

from cs231n import fast_layers, im2col, layers
from cs231n._internal.arguments import expect_shapes

CONV_PARAM = {"stride": 2, "pad": 1}
POOL_PARAM = {"pool_height": 2, "pool_width": 3, "stride": 2}


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def passes(rng, dtype=np.float64, arrange=np.asarray):
    """Run every layer both ways, and give its name with all the arrays that come out."""

    def normal(*shape):
        return arrange(rng.standard_normal(shape).astype(dtype))

    x, gamma, beta = normal(6, 4), normal(4), normal(4)
    images, filters, bias = normal(2, 4, 6, 7), normal(3, 4, 3, 2), normal(3)
    dropout_param = {"mode": "train", "p": np.float64(0.5), "seed": 1}
    eps = {"eps": np.float64(1e-4)}
    train = {"mode": "train", "momentum": np.float64(0.8), **eps}
    runs = {
        "affine": (layers.affine_forward, (x, normal(4, 3), bias), layers.affine_backward),
        "relu": (layers.relu_forward, (x,), layers.relu_backward),
        "batchnorm": (
            layers.batchnorm_forward, (x, gamma, beta, dict(train)), layers.batchnorm_backward
        ),
        "batchnorm_alt": (
            layers.batchnorm_forward, (x, gamma, beta, dict(train)), layers.batchnorm_backward_alt
        ),
        "layernorm": (layers.layernorm_forward, (x, gamma, beta, eps), layers.layernorm_backward),
        "dropout": (layers.dropout_forward, (images, dropout_param), layers.dropout_backward),
        "conv": (
            layers.conv_forward_naive, (images, filters, bias, CONV_PARAM),
            layers.conv_backward_naive,
        ),
        "conv_fast": (
            fast_layers.conv_forward_fast, (images, filters, bias, CONV_PARAM),
            fast_layers.conv_backward_fast,
        ),
        "max_pool": (
            layers.max_pool_forward_naive, (images, POOL_PARAM), layers.max_pool_backward_naive
        ),
        "max_pool_fast": (
            fast_layers.max_pool_forward_fast, (images, POOL_PARAM),
            fast_layers.max_pool_backward_fast,
        ),
        "spatial_batchnorm": (
            layers.spatial_batchnorm_forward, (images, gamma, beta, dict(train)),
            layers.spatial_batchnorm_backward,
        ),
        "spatial_groupnorm": (
            layers.spatial_groupnorm_forward, (images, gamma, beta, 2, eps),
            layers.spatial_groupnorm_backward,
        ),
    }  # fmt: skip
    for name, (forward, arguments, backward) in runs.items():
        out, cache = forward(*arguments)
        gradients = backward(arrange(rng.standard_normal(out.shape).astype(dtype)), cache)
        state = list(arguments[-1].values()) if isinstance(arguments[-1], dict) else []
        arrays = [array for array in state if isinstance(array, np.ndarray)]
        yield name, [out, *(gradients if isinstance(gradients, tuple) else [gradients]), *arrays]


def test_float32_stays_float32(rng):
    for name, arrays in passes(rng, np.float32):
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}, name


def backwards(array):
    """The same values, with memory that runs against every axis and has gaps."""
    wide = np.empty([2 * size for size in array.shape], dtype=array.dtype)
    view = wide[tuple(slice(None, None, -2) for _ in array.shape)]
    view[...] = array
    return view


@pytest.mark.parametrize("arrange", [np.asfortranarray, backwards])
def test_layout_in_memory_does_not_matter(arrange):
    ordinary = passes(np.random.default_rng(231))
    arranged = passes(np.random.default_rng(231), arrange=arrange)
    for (name, expected), (_, got) in zip(ordinary, arranged, strict=True):
        for one, other in zip(got, expected, strict=True):
            plain.assert_close(name, one, other)


def test_empty_batches():
    images, filters, bias = np.zeros((0, 2, 5, 5)), np.ones((3, 2, 3, 3)), np.zeros(3)
    out, cache = layers.affine_forward(np.zeros((0, 2, 3)), np.ones((6, 4)), np.zeros(4))
    dx, dw, _ = layers.affine_backward(out, cache)
    assert (out.shape, dx.shape) == ((0, 4), (0, 2, 3))
    assert not dw.any()
    for forward, backward in (
        (layers.conv_forward_naive, layers.conv_backward_naive),
        (fast_layers.conv_forward_fast, fast_layers.conv_backward_fast),
    ):
        out, cache = forward(images, filters, bias, CONV_PARAM)
        dx, dw, _ = backward(out, cache)
        assert (out.shape, dx.shape, dw.shape) == ((0, 3, 3, 3), images.shape, filters.shape)
    for forward, backward in (
        (layers.max_pool_forward_naive, layers.max_pool_backward_naive),
        (fast_layers.max_pool_forward_fast, fast_layers.max_pool_backward_fast),
    ):
        out, cache = forward(images, POOL_PARAM)
        assert out.shape == (0, 2, 2, 2)
        assert backward(out, cache).shape == images.shape


def test_batchnorm_running_statistics(rng):
    bn_param, mean, var = {"mode": "train", "momentum": 0.7, "eps": 0.1}, np.zeros(3), np.zeros(3)
    gamma, beta = rng.standard_normal(3), rng.standard_normal(3)
    for _ in range(4):
        x = 5 + 3 * rng.standard_normal((6, 3))
        layers.batchnorm_forward(x, gamma, beta, {**bn_param, "mode": "test"})
        layers.batchnorm_forward(x, gamma, beta, bn_param)
        mean = 0.7 * mean + 0.3 * x.mean(axis=0)
        var = 0.7 * var + 0.3 * x.var(axis=0, ddof=0)
        plain.assert_close("running_mean", bn_param["running_mean"], mean)
        plain.assert_close("running_var", bn_param["running_var"], var)
    bn_param["mode"] = "test"
    out, _ = layers.batchnorm_forward(x, gamma, beta, bn_param)
    plain.assert_close("out", out, gamma * (x - mean) / np.sqrt(var + 0.1) + beta)
    plain.assert_close("running_var", bn_param["running_var"], var)


def test_batchnorm_at_test_time_with_no_variance_is_finite():
    bn_param = {"mode": "test", "running_mean": np.zeros(2), "running_var": np.array([0.0, 1e-6])}
    out, cache = layers.batchnorm_forward(np.ones((3, 2)), np.ones(2), np.zeros(2), bn_param)
    plain.assert_close("out", out, np.ones((3, 1)) / np.sqrt([1e-5, 1.1e-5]))
    assert cache is None


def test_batchnorm_writes_statistics_back_in_mode_test():
    bn_param = {"mode": "test"}
    layers.batchnorm_forward(np.ones((3, 2)), np.ones(2), np.zeros(2), bn_param)
    assert not bn_param["running_mean"].any()
    assert bn_param["running_var"].shape == (2,)


@pytest.mark.parametrize("p", [0.25, 0.5, 1])
def test_dropout_scales_what_it_keeps(rng, p):
    x = rng.standard_normal((40, 3, 50))
    out, (_, mask) = layers.dropout_forward(x, {"mode": "train", "p": p})
    assert set(np.unique(mask)) <= {0, 1 / p}
    assert np.array_equal(out, x * mask)
    # A binomial share of 6000 draws: six standard deviations are missed once in 5e8 seeds.
    assert abs((mask > 0).mean() - p) <= 6 * np.sqrt(p * (1 - p) / x.size)
    dout = rng.standard_normal(x.shape)
    dx = layers.dropout_backward(dout, ({"mode": "train", "p": p}, mask))
    assert np.array_equal(dx, dout * mask)


def test_dropout_at_test_time(rng):
    x = rng.standard_normal((4, 3))
    out, cache = layers.dropout_forward(x, {"mode": "test", "p": 0.3})
    assert np.array_equal(out, x)
    assert cache[1] is None
    assert np.array_equal(layers.dropout_backward(x, cache), x)


def test_dropout_seed_repeats_the_mask_and_leaves_the_global_stream():
    x, dropout_param = np.ones((30, 30)), {"mode": "train", "p": 0.5, "seed": 3}
    before = np.random.get_state()[1].copy()
    first, second = (layers.dropout_forward(x, dropout_param)[0] for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(np.random.get_state()[1], before)
    assert not np.array_equal(first, layers.dropout_forward(x, dropout_param | {"seed": 4})[0])


@pytest.mark.parametrize("loss", [layers.softmax_loss, layers.svm_loss])
@pytest.mark.parametrize("size", [1e3, -1e3, 1e150, 1e300])
def test_losses_are_finite_for_scores_of_any_size(loss, size):
    x = np.array([[0.0, size, 1.0], [size, size / 2, 0.0]])
    value, dx = loss(x, np.array([0, 1]))
    assert np.isfinite(value)
    assert np.isfinite(dx).all()


def test_softmax_loss_of_an_impossible_class_is_its_distance():
    assert layers.softmax_loss(np.array([[0.0, 1000.0]]), np.array([0]))[0] == 1000


def test_pooling_gives_ties_to_the_first():
    x = np.array([[[[2.0, 2.0], [1.0, 2.0]]]])
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 1}
    dout = np.full((1, 1, 1, 1), 3.0)
    for forward, backward in (
        (layers.max_pool_forward_naive, layers.max_pool_backward_naive),
        (fast_layers.max_pool_forward_fast, fast_layers.max_pool_backward_fast),
    ):
        dx = backward(dout, forward(x, pool_param)[1])
        assert np.array_equal(dx, [[[[3.0, 0.0], [0.0, 0.0]]]])


def test_forward_twice_then_backward_twice(rng):
    gamma, beta = rng.standard_normal(3), rng.standard_normal(3)
    x1, x2, dout = (rng.standard_normal((5, 3)) for _ in range(3))
    alone = layers.batchnorm_backward(
        dout, layers.batchnorm_forward(x1, gamma, beta, {"mode": "train"})[1]
    )
    bn_param = {"mode": "train"}
    _, first = layers.batchnorm_forward(x1, gamma, beta, bn_param)
    _, second = layers.batchnorm_forward(x2, gamma, beta, bn_param)
    layers.batchnorm_backward(dout, second)
    for got, expected in zip(layers.batchnorm_backward(dout, first), alone, strict=True):
        assert np.array_equal(got, expected)


@pytest.mark.parametrize("name", ["conv_forward", "conv_backward"])
@pytest.mark.parametrize("year", ["im2col", "strides"])
def test_old_names_of_fast_convolution(name, year):
    assert getattr(fast_layers, f"{name}_{year}") is getattr(fast_layers, f"{name}_fast")


@pytest.mark.parametrize("name", ["max_pool_forward", "max_pool_backward"])
@pytest.mark.parametrize("year", ["im2col", "reshape"])
def test_old_names_of_fast_pooling(name, year):
    assert getattr(fast_layers, f"{name}_{year}") is getattr(fast_layers, f"{name}_fast")


@pytest.mark.parametrize(("height", "width", "padding", "stride"), [(2, 3, 0, 1), (3, 2, 2, 3)])
def test_im2col_lays_out_windows_and_col2im_is_its_transpose(rng, height, width, padding, stride):
    x = rng.standard_normal((2, 3, 5, 6))
    cols = im2col.im2col_indices(x, height, width, padding, stride)
    frame = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    cut, rows, columns = plain.windows(np.pad(x, frame), height, width, stride)
    expected = np.stack([window.reshape(2, -1).T for row in cut for window in row], axis=1)
    assert np.array_equal(cols, expected.reshape(3 * height * width, rows * columns * 2))
    other = rng.standard_normal(cols.shape)
    back = im2col.col2im_indices(other, x.shape, height, width, padding, stride)
    assert back.shape == x.shape
    assert np.vdot(cols, other) == pytest.approx(np.vdot(x, back))


def ones(*shape):
    return np.ones(shape)


TRAIN = {"mode": "train"}
# The whole message is compared: what came, what was expected, and what it has to go with.
BAD = {
    "affine_forward: w has shape (4, 5), expected (3, M) to go with x of shape (2, 3)": (
        lambda: layers.affine_forward(ones(2, 3), ones(4, 5), ones(5))
    ),
    "affine_forward: w has shape (6,), expected (6, M) to go with x of shape (2, 3, 2)": (
        lambda: layers.affine_forward(ones(2, 3, 2), ones(6), ones(5))
    ),
    "affine_forward: b has shape (1, 5), expected (M,) = (5,) to go with x of shape (2, 3) and w "
    "of shape (3, 5)": lambda: layers.affine_forward(ones(2, 3), ones(3, 5), ones(1, 5)),
    "affine_backward: dout has shape (2, 4), expected (N, M) = (2, 5) to go with x of shape (2, 3) "
    "and w of shape (3, 5)": (
        lambda: layers.affine_backward(ones(2, 4), (ones(2, 3), ones(3, 5), ones(5)))
    ),
    "relu_backward: dout has shape (2, 1), expected (2, 3)": (
        lambda: layers.relu_backward(ones(2, 1), ones(2, 3))
    ),
    "batchnorm_forward: mode is 'eval', expected 'train' or 'test'": (
        lambda: layers.batchnorm_forward(ones(2, 3), ones(3), ones(3), {"mode": "eval"})
    ),
    "batchnorm_forward: mode is None, expected 'train' or 'test'": (
        lambda: layers.batchnorm_forward(ones(2, 3), ones(3), ones(3), {})
    ),
    "batchnorm_forward: x has shape (2, 3, 4), expected (N, D)": (
        lambda: layers.batchnorm_forward(ones(2, 3, 4), ones(3), ones(3), TRAIN)
    ),
    "batchnorm_forward: gamma has shape (2,), expected (D,) = (3,) to go with x of shape (2, 3)": (
        lambda: layers.batchnorm_forward(ones(2, 3), ones(2), ones(3), TRAIN)
    ),
    "batchnorm_forward: beta has shape (4,), expected (D,) = (3,) to go with x of shape (2, 3) and "
    "gamma of shape (3,)": lambda: layers.batchnorm_forward(ones(2, 3), ones(3), ones(4), TRAIN),
    "batchnorm_forward: running_mean has shape (1, 3), expected (D,) = (3,) to go with x of shape "
    "(2, 3)": (
        lambda: layers.batchnorm_forward(
            ones(2, 3), ones(3), ones(3), {"mode": "test", "running_mean": ones(1, 3)}
        )
    ),
    "batchnorm_forward: running_var has shape (2,), expected (D,) = (3,) to go with x of shape "
    "(2, 3) and running_mean of shape (3,)": (
        lambda: layers.batchnorm_forward(
            ones(2, 3), ones(3), ones(3), {"mode": "test", "running_var": ones(2)}
        )
    ),
    "batchnorm_backward: cache is None, expected the cache of a forward pass in mode 'train'": (
        lambda: layers.batchnorm_backward(ones(2, 3), None)
    ),
    "batchnorm_backward: dout has shape (2,), expected (N, D)": (
        lambda: layers.batchnorm_backward(ones(2), ())
    ),
    "batchnorm_backward_alt: dout has shape (2, 3, 4), expected (N, D)": (
        lambda: layers.batchnorm_backward_alt(ones(2, 3, 4), ())
    ),
    "layernorm_forward: x has shape (2, 3, 1), expected (N, D)": (
        lambda: layers.layernorm_forward(ones(2, 3, 1), ones(3), ones(3), {})
    ),
    "layernorm_forward: gamma has shape (2,), expected (D,) = (3,) to go with x of shape (2, 3)": (
        lambda: layers.layernorm_forward(ones(2, 3), ones(2), ones(3), {})
    ),
    "layernorm_forward: beta has shape (2,), expected (D,) = (3,) to go with x of shape (2, 3) and "
    "gamma of shape (3,)": lambda: layers.layernorm_forward(ones(2, 3), ones(3), ones(2), {}),
    "layernorm_backward: dout has shape (3,), expected (N, D)": (
        lambda: layers.layernorm_backward(ones(3), ())
    ),
    **{
        f"dropout_forward: p is {p}, expected the probability to keep a unit, in (0, 1]": (
            lambda p=p: layers.dropout_forward(ones(3), {"mode": "train", "p": p})
        )
        for p in (0, 2, None)
    },
    "dropout_forward: mode is 'x', expected 'train' or 'test'": (
        lambda: layers.dropout_forward(ones(3), {"mode": "x", "p": 1})
    ),
    "dropout_backward: mode is 'x', expected 'train' or 'test'": (
        lambda: layers.dropout_backward(ones(3), ({"mode": "x", "p": 1}, None))
    ),
    "conv_backward_naive: dout has shape (2, 5, 3, 3), expected (N, F, H', W') = (2, 4, H', W') "
    "to go with x of shape (2, 3, 5, 5) and w of shape (4, 3, 3, 3)": (
        lambda: layers.conv_backward_naive(
            ones(2, 5, 3, 3), (ones(2, 3, 5, 5), ones(4, 3, 3, 3), ones(4), CONV_PARAM)
        )
    ),
    "conv_backward_fast: dout has shape (2, 5, 3, 3), expected (2, 4, 3, 3)": (
        lambda: fast_layers.conv_backward_fast(
            ones(2, 5, 3, 3), (ones(2, 3, 5, 5), ones(4, 3, 3, 3), 2, 1)
        )
    ),
    "max_pool_backward_naive: dout has shape (2, 4, 2, 2), expected (N, C, H', W') = "
    "(2, 3, H', W') to go with x of shape (2, 3, 5, 5)": (
        lambda: layers.max_pool_backward_naive(ones(2, 4, 2, 2), (ones(2, 3, 5, 5), POOL_PARAM))
    ),
    "max_pool_backward_fast: dout has shape (2, 4, 2, 2), expected (2, 3, 2, 2)": (
        lambda: fast_layers.max_pool_backward_fast(
            ones(2, 4, 2, 2), fast_layers.max_pool_forward_fast(ones(2, 3, 5, 5), POOL_PARAM)[1]
        )
    ),
    "spatial_batchnorm_forward: gamma has shape (1, 3, 1, 1), expected (C,) = (3,) to go with x "
    "of shape (2, 3, 2, 2)": (
        lambda: layers.spatial_batchnorm_forward(ones(2, 3, 2, 2), ones(1, 3, 1, 1), ones(3), TRAIN)
    ),
    "spatial_batchnorm_forward: beta has shape (2,), expected (C,) = (3,) to go with x of shape "
    "(2, 3, 2, 2) and gamma of shape (3,)": (
        lambda: layers.spatial_batchnorm_forward(ones(2, 3, 2, 2), ones(3), ones(2), TRAIN)
    ),
    "spatial_batchnorm_backward: dout has shape (2, 3), expected (N, C, H, W)": (
        lambda: layers.spatial_batchnorm_backward(ones(2, 3), ())
    ),
    "spatial_groupnorm_forward: x has shape (2, 6), expected (N, C, H, W)": (
        lambda: layers.spatial_groupnorm_forward(ones(2, 6), ones(6), ones(6), 2, {})
    ),
    "spatial_groupnorm_forward: G is 4, expected a divisor of C = 6": (
        lambda: layers.spatial_groupnorm_forward(ones(2, 6, 2, 2), ones(6), ones(6), 4, {})
    ),
    "spatial_groupnorm_forward: gamma has shape (5,), expected (6,) to go with x of shape "
    "(2, 6, 2, 2)": (
        lambda: layers.spatial_groupnorm_forward(ones(2, 6, 2, 2), ones(5), ones(6), 2, {})
    ),
    "spatial_groupnorm_forward: beta has shape (6, 1), expected (1, 6, 1, 1) to go with x of shape "
    "(2, 6, 2, 2)": (
        lambda: layers.spatial_groupnorm_forward(ones(2, 6, 2, 2), ones(6), ones(6, 1), 2, {})
    ),
    "spatial_groupnorm_backward: dout has shape (2, 6), expected (N, C, H, W)": (
        lambda: layers.spatial_groupnorm_backward(ones(2, 6), ())
    ),
    "softmax_loss: x has shape (3,), expected (N, C)": (
        lambda: layers.softmax_loss(ones(3), np.array([0]))
    ),
    "softmax_loss: y holds labels from 0 to 3, expected 0 to 2 for 3 classes": (
        lambda: layers.softmax_loss(ones(2, 3), np.array([0, 3]))
    ),
    "svm_loss: y has shape (1,), expected (2,)": (
        lambda: layers.svm_loss(ones(2, 3), np.array([0]))
    ),
    "svm_loss: y has dtype float64, expected whole numbers": (
        lambda: layers.svm_loss(ones(2, 3), ones(2))
    ),
    "im2col_indices: x has shape (2, 3, 4), expected (N, C, H, W)": (
        lambda: im2col.im2col_indices(ones(2, 3, 4), 2, 2)
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_arguments_are_named(message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        BAD[message]()


@pytest.mark.parametrize("name", ["conv_forward_naive", "conv_forward_fast"])
@pytest.mark.parametrize(
    ("x", "w", "b", "stride", "pad", "message"),
    [
        (
            (2, 3, 4, 4), (5, 2, 3, 3), (5,), 1, 0,
            "w has shape (5, 2, 3, 3), expected (F, C, HH, WW) = (F, 3, HH, WW) to go with x of "
            "shape (2, 3, 4, 4)",
        ),
        (
            (2, 3, 4, 4), (5, 3, 3, 3), (3,), 1, 0,
            "b has shape (3,), expected (F,) = (5,) to go with x of shape (2, 3, 4, 4) and w of "
            "shape (5, 3, 3, 3)",
        ),
        (
            (2, 3, 4, 4), (5, 3, 7, 2), (5,), 1, 1,
            "a filter of 7 by 2, expected one no larger than the padded image of 6 by 6",
        ),
        (
            (2, 3, 4, 5), (5, 3, 2, 6), (5,), 1, 0,
            "a filter of 2 by 6, expected one no larger than the image of 4 by 5",
        ),
        (
            (2, 3, 4, 4), (5, 3, 3, 3), (5,), 0, 1,
            "stride is 0, expected a whole number of 1 or more",
        ),
        (
            (2, 3, 4, 4), (5, 3, 3, 3), (5,), 1.5, 1,
            "stride is 1.5, expected a whole number of 1 or more",
        ),
        (
            (2, 3, 4, 4), (5, 3, 3, 3), (5,), 1, -1,
            "pad is -1, expected a whole number of 0 or more",
        ),
        ((3, 4, 4), (5, 3, 3, 3), (5,), 1, 1, "x has shape (3, 4, 4), expected (N, C, H, W)"),
    ],
)  # fmt: skip
def test_bad_convolutions_are_named(name, x, w, b, stride, pad, message):
    forward = getattr(layers if name.endswith("naive") else fast_layers, name)
    with pytest.raises(ValueError, match=f"^{name}: {re.escape(message)}$"):
        forward(ones(*x), ones(*w), ones(*b), {"stride": stride, "pad": pad})


@pytest.mark.parametrize("name", ["max_pool_forward_naive", "max_pool_forward_fast"])
@pytest.mark.parametrize(
    ("x", "pool_width", "message"),
    [
        (
            (1, 1, 4, 4), 5,
            "a window of 2 by 5, expected one no larger than the image of 4 by 4",
        ),
        ((1, 1, 4, 4), 0, "pool_width is 0, expected a whole number of 1 or more"),
        ((4, 4), 2, "x has shape (4, 4), expected (N, C, H, W)"),
    ],
)  # fmt: skip
def test_bad_pooling_is_named(name, x, pool_width, message):
    forward = getattr(layers if name.endswith("naive") else fast_layers, name)
    with pytest.raises(ValueError, match=f"^{name}: {re.escape(message)}$"):
        forward(ones(*x), {"pool_height": 2, "pool_width": pool_width, "stride": 1})


def test_a_list_is_no_array():
    with pytest.raises(TypeError, match=r"^softmax_loss: x is a list, expected a numpy array$"):
        layers.softmax_loss([[1.0, 2.0]], np.array([0]))


@pytest.mark.parametrize(
    ("pattern", "shape", "expected"),
    [
        ("N D", (5,), "(N, D) = (2, 3)"),
        ("D N", (5,), "(D, N) = (3, 2)"),
        ("N M", (2,), "(N, M) = (2, M)"),
        ("D", (4,), "(D,) = (3,)"),
        ("7", (4,), "(7,)"),
        ("4 D", (2, 3), "(4, D) = (4, 3)"),
        ("N ...", (4, 1), "(N, ...) = (2, ...)"),
    ],
)
def test_the_expected_shape_is_that_of_the_pattern(pattern, shape, expected):
    with pytest.raises(ValueError, match="has shape") as raised:
        expect_shapes("f", x=(ones(2, 3), "N D"), y=(ones(*shape), pattern))
    message = f"f: y has shape {shape}, expected {expected} to go with x of shape (2, 3)"
    assert str(raised.value) == message


IMAGE, FILTER = np.ones((2, 3, 5, 5)), np.ones((4, 3, 3, 3))
ROWS = np.ones((4, 3))
SETTINGS = {  # message: the call that it is about
    "batchnorm_forward: bn_param is None, expected a dictionary": lambda: layers.batchnorm_forward(
        ROWS, np.ones(3), np.ones(3), None
    ),
    "layernorm_forward: ln_param is 1e-05, expected a dict": lambda: layers.layernorm_forward(
        ROWS, np.ones(3), np.ones(3), 1e-5
    ),
    "spatial_groupnorm_forward: gn_param is None": lambda: layers.spatial_groupnorm_forward(
        IMAGE, np.ones(3), np.ones(3), 3, None
    ),
    "dropout_forward: dropout_param is 0.5, expected a dictionary": lambda: layers.dropout_forward(
        ROWS, 0.5
    ),
    "conv_forward_naive: conv_param has no 'stride', only nothing": lambda: (
        layers.conv_forward_naive(IMAGE, FILTER, np.ones(4), {})
    ),
    "conv_forward_fast: conv_param has no 'pad', only 'stride'": lambda: (
        fast_layers.conv_forward_fast(IMAGE, FILTER, np.ones(4), {"stride": 1})
    ),
    "conv_forward_naive: conv_param is None, expected a dictionary": lambda: (
        layers.conv_forward_naive(IMAGE, FILTER, np.ones(4), None)
    ),
    "max_pool_forward_naive: pool_param has no 'stride'": lambda: layers.max_pool_forward_naive(
        IMAGE, {"pool_height": 2, "pool_width": 2}
    ),
    "max_pool_forward_fast: pool_param is 2, expected": lambda: fast_layers.max_pool_forward_fast(
        IMAGE, 2
    ),
    "dropout_forward: x has dtype int64, expected floats": lambda: layers.dropout_forward(
        np.full((2, 2), 3, dtype=np.int64), {"mode": "train", "p": 0.7}
    ),
}


@pytest.mark.parametrize("message", SETTINGS)
def test_bad_settings_are_named(message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        SETTINGS[message]()


def test_fast_pooling_passes_nan_on_as_naive_pooling_does(rng):
    x = rng.standard_normal((2, 3, 7, 6))
    x[rng.random(x.shape) < 0.2] = np.nan
    x[0, 0] = np.nan
    for window, stride in ((2, 2), (3, 1), (3, 2)):
        pool_param = {"pool_height": window, "pool_width": 2, "stride": stride}
        out, cache = fast_layers.max_pool_forward_fast(x, pool_param)
        expected, naive_cache = layers.max_pool_forward_naive(x, pool_param)
        assert np.isnan(expected).any()
        assert np.array_equal(out, expected, equal_nan=True)
        dout = rng.standard_normal(out.shape)
        assert np.allclose(
            fast_layers.max_pool_backward_fast(dout, cache),
            layers.max_pool_backward_naive(dout, naive_cache),
        )


def test_means_of_many_rows_are_more_exact_than_sums_row_by_row(rng):
    x = (rng.standard_normal((51200, 8)) + 100).astype(np.float32)
    bn_param = {"mode": "train", "momentum": 0.0}
    layers.batchnorm_forward(x, np.ones(8, np.float32), np.zeros(8, np.float32), bn_param)
    exact = x.astype(np.float64).mean(axis=0)
    row_by_row = np.abs(np.add.accumulate(x, axis=0)[-1] / np.float32(len(x)) - exact)
    assert np.abs(bn_param["running_mean"] - exact).mean() < 0.5 * row_by_row.mean()
