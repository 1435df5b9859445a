"""Every layer, forward and backward, against a plain one that autograd differentiates."""

import numpy as np
import plain_layers as plain
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plain_layers import Operation, compare

from cs231n import fast_layers, layer_utils, layers

# Derandomized: the same shapes on every run. Small sizes, since all differences show in them.
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)
SIZES = st.integers(1, 5)
SEEDS = st.integers(0, 2**32 - 1)
EPS = st.sampled_from([1e-5, 1e-3, 0.5])


def normal(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def distinct(rng, shape):
    """Numbers of which no two are equal, in random order, so that each maximum has one winner."""
    return rng.permutation(np.arange(np.prod(shape)) / 7.0 - 3).reshape(shape)


def spread(rng, shape):
    """Numbers whose standard deviation in each feature may be far from 1."""
    return 3 + rng.standard_normal(shape) * 10.0 ** rng.uniform(-2, 1, size=(1, *shape[1:]))


def batchnorm_operation(backward, eps=1e-5):
    return Operation(
        lambda x, gamma, beta: plain.batchnorm(x, gamma, beta, eps),
        lambda x, gamma, beta: layers.batchnorm_forward(
            x, gamma, beta, {"mode": "train", "eps": eps}
        ),
        backward,
    )


def layernorm_operation(eps=1e-5):
    return Operation(
        lambda x, gamma, beta: plain.layernorm(x, gamma, beta, eps),
        lambda x, gamma, beta: layers.layernorm_forward(
            x, gamma, beta, {"mode": "train", "eps": eps}
        ),
        layers.layernorm_backward,
    )


def groupnorm_operation(G, eps=1e-5):
    return Operation(
        lambda x, gamma, beta: plain.spatial_groupnorm(x, gamma, beta, G, eps),
        lambda x, gamma, beta: layers.spatial_groupnorm_forward(x, gamma, beta, G, {"eps": eps}),
        layers.spatial_groupnorm_backward,
    )


def conv_operation(stride, pad, fast=False):
    conv_param = {"stride": stride, "pad": pad}
    forward = fast_layers.conv_forward_fast if fast else layers.conv_forward_naive
    return Operation(
        lambda x, w, b: plain.conv(x, w, b, stride, pad),
        lambda x, w, b: forward(x, w, b, conv_param),
        fast_layers.conv_backward_fast if fast else layers.conv_backward_naive,
    )


def pool_operation(height, width, stride, fast=False):
    pool_param = {"pool_height": height, "pool_width": width, "stride": stride}
    forward = fast_layers.max_pool_forward_fast if fast else layers.max_pool_forward_naive
    backward = fast_layers.max_pool_backward_fast if fast else layers.max_pool_backward_naive
    return Operation(
        lambda x: plain.max_pool(x, height, width, stride),
        lambda x: forward(x, pool_param),
        lambda dout, cache: (backward(dout, cache),),
    )


AFFINE = Operation(plain.affine, layers.affine_forward, layers.affine_backward)
RELU = Operation(
    plain.relu,
    layers.relu_forward,
    lambda dout, cache: (layers.relu_backward(dout, cache),),
)
SPATIAL_BATCHNORM = Operation(
    plain.spatial_batchnorm,
    lambda x, gamma, beta: layers.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"}),
    layers.spatial_batchnorm_backward,
)


@SETTINGS
@given(N=SIZES, inner=st.lists(SIZES, min_size=1, max_size=3), M=SIZES, seed=SEEDS)
def test_affine(N, inner, M, seed):
    rng = np.random.default_rng(seed)
    compare(AFFINE, normal(rng, (N, *inner), (int(np.prod(inner)), M), (M,)), rng)


@SETTINGS
@given(shape=st.lists(SIZES, min_size=1, max_size=4), seed=SEEDS)
def test_relu(shape, seed):
    rng = np.random.default_rng(seed)
    compare(RELU, normal(rng, shape), rng)


@pytest.mark.parametrize("backward", [layers.batchnorm_backward, layers.batchnorm_backward_alt])
@SETTINGS
@given(N=st.integers(1, 9), D=SIZES, eps=EPS, seed=SEEDS)
def test_batchnorm(backward, N, D, eps, seed):
    rng = np.random.default_rng(seed)
    compare(
        batchnorm_operation(backward, eps), [spread(rng, (N, D)), *normal(rng, (D,), (D,))], rng
    )


@SETTINGS
@given(N=SIZES, D=st.integers(1, 9), eps=EPS, seed=SEEDS)
def test_layernorm(N, D, eps, seed):
    rng = np.random.default_rng(seed)
    compare(layernorm_operation(eps), [spread(rng, (N, D)), *normal(rng, (D,), (D,))], rng)


@SETTINGS
@given(shape=st.tuples(SIZES, SIZES, SIZES, SIZES), seed=SEEDS)
def test_spatial_batchnorm(shape, seed):
    rng = np.random.default_rng(seed)
    C = shape[1]
    compare(SPATIAL_BATCHNORM, [spread(rng, shape), *normal(rng, (C,), (C,))], rng)


@SETTINGS
@given(
    N=SIZES,
    G=st.integers(1, 3),
    members=st.integers(1, 3),
    H=SIZES,
    W=SIZES,
    ranks=st.tuples(st.booleans(), st.booleans()),
    eps=EPS,
    seed=SEEDS,
)
def test_spatial_groupnorm(N, G, members, H, W, ranks, eps, seed):
    rng = np.random.default_rng(seed)
    C = G * members
    gamma, beta = ((1, C, 1, 1) if four else (C,) for four in ranks)
    inputs = [spread(rng, (N, C, H, W)), *normal(rng, gamma, beta)]
    compare(groupnorm_operation(G, eps), inputs, rng)


@pytest.mark.parametrize("fast", [False, True], ids=["naive", "fast"])
@SETTINGS
@given(
    N=st.integers(1, 3),
    C=st.integers(1, 3),
    F=st.integers(1, 4),
    image=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    filters=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 4),
    pad=st.integers(0, 5),
    seed=SEEDS,
)
def test_conv(fast, N, C, F, image, filters, stride, pad, seed):
    assume(all(inner <= outer + 2 * pad for inner, outer in zip(filters, image, strict=True)))
    rng = np.random.default_rng(seed)
    inputs = normal(rng, (N, C, *image), (F, C, *filters), (F,))
    compare(conv_operation(stride, pad, fast), inputs, rng)


@pytest.mark.parametrize("fast", [False, True], ids=["naive", "fast"])
@SETTINGS
@given(
    N=st.integers(1, 3),
    C=st.integers(1, 3),
    image=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    window=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 4),
    seed=SEEDS,
)
def test_max_pool(fast, N, C, image, window, stride, seed):
    assume(all(inner <= outer for inner, outer in zip(window, image, strict=True)))
    rng = np.random.default_rng(seed)
    compare(pool_operation(*window, stride, fast), [distinct(rng, (N, C, *image))], rng)


@pytest.mark.parametrize("name", ["softmax_loss", "svm_loss"])
@SETTINGS
@given(N=SIZES, C=st.integers(2, 6), scale=st.sampled_from([1e-3, 1.0, 50.0]), seed=SEEDS)
def test_losses(name, N, C, scale, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(C, size=N)
    operation = Operation(
        lambda x: np.asarray(1.0) * getattr(plain, name)(x, y),
        lambda x: getattr(layers, name)(x, y),
        None,
    )
    x = scale * rng.standard_normal((N, C))
    kept = x.copy()
    loss, dx = operation.forward(x)
    plain.assert_close("loss", loss, operation.plain(x))
    plain.assert_close("dx", dx, plain.autograd.grad(operation.plain)(x))
    assert np.array_equal(x, kept)


def sandwich(name, parts, *settings):
    """Pair a sandwich of layer_utils with the plain layers that it is made of."""

    def run(*inputs):
        out = inputs[0]
        rest = list(inputs[1:])
        for part, count in parts:
            out = part(out, *rest[:count])
            del rest[:count]
        return out

    return Operation(
        run,
        lambda *inputs: getattr(layer_utils, f"{name}_forward")(*inputs, *settings),
        getattr(layer_utils, f"{name}_backward"),
    )


CONV_PARAM = {"stride": 1, "pad": 1}
POOL_PARAM = {"pool_height": 2, "pool_width": 2, "stride": 2}


def plain_conv(x, w, b):
    return plain.conv(x, w, b, 1, 1)


def plain_pool(x):
    return plain.max_pool(x, 2, 2, 2)


AFFINE_SHAPES = [(3, 2, 5), (10, 4), (4,)]
CONV_SHAPES = [(2, 3, 6, 5), (4, 3, 3, 3), (4,)]
SANDWICHES = {
    "affine_relu": (
        sandwich("affine_relu", [(plain.affine, 2), (plain.relu, 0)]),
        AFFINE_SHAPES,
    ),
    "affine_bn_relu": (
        sandwich(
            "affine_bn_relu",
            [(plain.affine, 2), (plain.batchnorm, 2), (plain.relu, 0)],
            {"mode": "train"},
        ),
        [*AFFINE_SHAPES, (4,), (4,)],
    ),
    "affine_ln_relu": (
        sandwich("affine_ln_relu", [(plain.affine, 2), (plain.layernorm, 2), (plain.relu, 0)], {}),
        [*AFFINE_SHAPES, (4,), (4,)],
    ),
    "conv_relu": (
        sandwich("conv_relu", [(plain_conv, 2), (plain.relu, 0)], CONV_PARAM),
        CONV_SHAPES,
    ),
    "conv_bn_relu": (
        sandwich(
            "conv_bn_relu",
            [(plain_conv, 2), (plain.spatial_batchnorm, 2), (plain.relu, 0)],
            CONV_PARAM,
            {"mode": "train"},
        ),
        [*CONV_SHAPES, (4,), (4,)],
    ),
    "conv_relu_pool": (
        sandwich(
            "conv_relu_pool",
            [(plain_conv, 2), (plain.relu, 0), (plain_pool, 0)],
            CONV_PARAM,
            POOL_PARAM,
        ),
        CONV_SHAPES,
    ),
}


@pytest.mark.parametrize("name", SANDWICHES)
@pytest.mark.parametrize("seed", range(3))
def test_sandwiches(name, seed):
    operation, shapes = SANDWICHES[name]
    rng = np.random.default_rng([231, seed])
    compare(operation, normal(rng, *shapes), rng)


# Negative controls: the comparison has to fail for every operation and every way of being wrong.
CONTROLS = {
    "affine": (AFFINE, AFFINE_SHAPES),
    "relu": (RELU, [(4, 3)]),
    "batchnorm": (batchnorm_operation(layers.batchnorm_backward), [(5, 3), (3,), (3,)]),
    "batchnorm_alt": (batchnorm_operation(layers.batchnorm_backward_alt), [(5, 3), (3,), (3,)]),
    "layernorm": (layernorm_operation(), [(3, 5), (5,), (5,)]),
    "spatial_batchnorm": (SPATIAL_BATCHNORM, [(2, 3, 4, 2), (3,), (3,)]),
    "spatial_groupnorm": (groupnorm_operation(2), [(2, 4, 3, 2), (4,), (1, 4, 1, 1)]),
    "conv": (conv_operation(2, 1), [(2, 3, 5, 4), (4, 3, 3, 2), (4,)]),
    "conv fast": (conv_operation(2, 1, fast=True), [(2, 3, 5, 4), (4, 3, 3, 2), (4,)]),
    "max_pool": (pool_operation(2, 3, 1), [(2, 3, 5, 4)]),
    "max_pool fast": (pool_operation(2, 3, 1, fast=True), [(2, 3, 5, 4)]),
    **SANDWICHES,
}


def nudge(array):
    """Change one number by a millionth of the largest."""
    changed = array.copy()
    changed.flat[-1] += 1e-6 * max(1, np.abs(array).max())
    return changed


def wrong_out(operation):
    def forward(*inputs):
        out, cache = operation.forward(*inputs)
        return nudge(out), cache

    return Operation(operation.plain, forward, operation.backward)


def overwritten_input(operation):
    def forward(*inputs):
        result = operation.forward(*inputs)
        inputs[0].flat[0] += 1
        return result

    return Operation(operation.plain, forward, operation.backward)


def altered_gradients(change):
    def alter(operation):
        def backward(dout, cache):
            *others, last = operation.backward(dout, cache)
            return (*others, change(last, dout))

        return Operation(operation.plain, operation.forward, backward)

    return alter


def overwrite(gradient, dout):
    dout.flat[0] = 0
    return gradient


WRONG = {
    "out": wrong_out,
    "input overwritten": overwritten_input,
    "dout overwritten": altered_gradients(overwrite),
    "gradient off": altered_gradients(lambda gradient, _: nudge(gradient)),
    "gradient scaled": altered_gradients(lambda gradient, _: gradient * (1 + 1e-6)),
    "gradient of another shape": altered_gradients(lambda gradient, _: gradient[None]),
    "gradient of another type": altered_gradients(lambda gradient, _: gradient.astype("f4")),
}


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("wrong", WRONG)
def test_comparison_can_fail(name, wrong):
    operation, shapes = CONTROLS[name]
    rng = np.random.default_rng(231)
    inputs = [10 * array for array in normal(rng, *shapes)]
    compare(operation, [array.copy() for array in inputs], np.random.default_rng(1))
    with pytest.raises(AssertionError):
        compare(WRONG[wrong](operation), inputs, np.random.default_rng(1))
