"""Every layer, forward and backward, against a plain one that autograd differentiates.

Which layers there are is read off the package. One without a plain twin fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import plain_layers as plain
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from offered_layers import layers_in, losses
from plain_layers import Operation, compare

from cs231n import fast_layers, layer_utils, layers

# Derandomized: the same shapes on every run. Small sizes, since all differences show in them.
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)
SIZES = st.integers(1, 5)
SEEDS = st.integers(0, 2**32 - 1)
EPS = st.sampled_from([1e-5, 1e-3, 0.5])

LAYERS = layers_in(layers, fast_layers)
SANDWICHES = layers_in(layer_utils)
LOSSES = losses(layers)


def normal(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def distinct(rng, shape):
    """Numbers of which no two are equal, in random order, so that each maximum has one winner."""
    return rng.permutation(np.arange(np.prod(shape)) / 7.0 - 3).reshape(shape)


def spread(rng, shape):
    """Numbers whose standard deviation in each feature may be far from 1."""
    return 3 + rng.standard_normal(shape) * 10.0 ** rng.uniform(-2, 1, size=(1, *shape[1:]))


@dataclass(frozen=True)
class Twin:
    """The plain twin of a layer, and what the two are compared at.

    sizes: strategies for the sizes that they are compared at, by their names. example: sizes at
    which every wrong answer shows. build: function of a layer, a Generator and the sizes, which
    returns an Operation and its inputs. fits: whether sizes that were drawn go together.
    """

    sizes: dict
    example: dict
    build: Callable
    fits: Callable = lambda **sizes: True


def affine(layer, rng, N, inner, M):
    inputs = normal(rng, (N, *inner), (int(np.prod(inner)), M), (M,))
    return Operation(plain.affine, layer.forward, layer.backward), inputs


def relu(layer, rng, shape):
    return Operation(plain.relu, layer.forward, alone(layer.backward)), normal(rng, shape)


def batchnorm(layer, rng, N, D, eps):
    bn_param = {"mode": "train", "eps": eps}
    operation = Operation(
        lambda *inputs: plain.batchnorm(*inputs, eps),
        lambda *inputs: layer.forward(*inputs, dict(bn_param)),
        layer.backward,
    )
    return operation, [spread(rng, (N, D)), *normal(rng, (D,), (D,))]


def layernorm(layer, rng, N, D, eps):
    operation = Operation(
        lambda *inputs: plain.layernorm(*inputs, eps),
        lambda *inputs: layer.forward(*inputs, {"mode": "train", "eps": eps}),
        layer.backward,
    )
    return operation, [spread(rng, (N, D)), *normal(rng, (D,), (D,))]


def dropout(layer, rng, shape, p, seed):
    dropout_param = {"mode": "train", "p": p, "seed": seed}
    operation = Operation(
        lambda x: plain.dropout(x, p, seed),
        lambda x: layer.forward(x, dropout_param),
        alone(layer.backward),
    )
    return operation, normal(rng, shape)


def spatial_batchnorm(layer, rng, shape, eps):
    C = shape[1]
    operation = Operation(
        lambda *inputs: plain.spatial_batchnorm(*inputs, eps),
        lambda *inputs: layer.forward(*inputs, {"mode": "train", "eps": eps}),
        layer.backward,
    )
    return operation, [spread(rng, shape), *normal(rng, (C,), (C,))]


def spatial_groupnorm(layer, rng, N, G, members, image, with_axes, eps):
    C = G * members
    operation = Operation(
        lambda *inputs: plain.spatial_groupnorm(*inputs, G, eps),
        lambda *inputs: layer.forward(*inputs, G, {"eps": eps}),
        layer.backward,
    )
    gamma, beta = ((1, C, 1, 1) if four else (C,) for four in with_axes)
    return operation, [spread(rng, (N, C, *image)), *normal(rng, gamma, beta)]


def conv(layer, rng, N, C, F, image, filters, stride, pad):
    operation = Operation(
        lambda *inputs: plain.conv(*inputs, stride, pad),
        lambda *inputs: layer.forward(*inputs, {"stride": stride, "pad": pad}),
        layer.backward,
    )
    return operation, normal(rng, (N, C, *image), (F, C, *filters), (F,))


def max_pool(layer, rng, N, C, image, window, stride):
    pool_param = {"pool_height": window[0], "pool_width": window[1], "stride": stride}
    operation = Operation(
        lambda x: plain.max_pool(x, *window, stride),
        lambda x: layer.forward(x, pool_param),
        alone(layer.backward),
    )
    return operation, [distinct(rng, (N, C, *image))]


def is_inside(window, image, pad=0):
    return all(inner <= outer + 2 * pad for inner, outer in zip(window, image, strict=True))


def alone(backward):
    """Have a backward pass with a single gradient return it as a tuple, like the others."""
    return lambda dout, cache: (backward(dout, cache),)


SHAPES = st.lists(SIZES, min_size=1, max_size=4).map(tuple)
FEW, PIXELS = st.integers(1, 3), st.integers(1, 8)
WINDOWS = st.tuples(st.integers(1, 4), st.integers(1, 4))
TWINS = {
    "affine": Twin(
        {"N": SIZES, "inner": st.lists(SIZES, min_size=1, max_size=3), "M": SIZES},
        {"N": 3, "inner": (2, 5), "M": 4},
        affine,
    ),
    "relu": Twin({"shape": SHAPES}, {"shape": (4, 3)}, relu),
    "batchnorm": Twin(
        {"N": st.integers(1, 9), "D": SIZES, "eps": EPS}, {"N": 5, "D": 3, "eps": 1e-5}, batchnorm
    ),
    "layernorm": Twin(
        {"N": SIZES, "D": st.integers(1, 9), "eps": EPS}, {"N": 3, "D": 5, "eps": 1e-5}, layernorm
    ),
    "dropout": Twin(
        {"shape": SHAPES, "p": st.sampled_from([0.2, 0.5, 1]), "seed": SEEDS},
        {"shape": (4, 3, 2), "p": 0.5, "seed": 1},
        dropout,
    ),
    "spatial_batchnorm": Twin(
        {"shape": st.tuples(SIZES, SIZES, SIZES, SIZES), "eps": EPS},
        {"shape": (2, 3, 4, 2), "eps": 1e-5},
        spatial_batchnorm,
    ),
    "spatial_groupnorm": Twin(
        {
            "N": SIZES, "G": FEW, "members": FEW, "image": st.tuples(SIZES, SIZES),
            "with_axes": st.tuples(st.booleans(), st.booleans()), "eps": EPS,
        },
        {
            "N": 2, "G": 2, "members": 2, "image": (3, 2), "with_axes": (False, True), "eps": 1e-5
        },
        spatial_groupnorm,
    ),
    "conv": Twin(
        {
            "N": FEW, "C": FEW, "F": st.integers(1, 4), "image": st.tuples(PIXELS, PIXELS),
            "filters": WINDOWS, "stride": st.integers(1, 4), "pad": st.integers(0, 5),
        },
        {"N": 2, "C": 3, "F": 4, "image": (5, 4), "filters": (3, 2), "stride": 2, "pad": 1},
        conv,
        lambda image, filters, pad, **_: is_inside(filters, image, pad),
    ),
    "max_pool": Twin(
        {
            "N": FEW, "C": FEW, "image": st.tuples(PIXELS, PIXELS), "window": WINDOWS,
            "stride": st.integers(1, 4),
        },
        {"N": 2, "C": 3, "image": (5, 4), "window": (2, 3), "stride": 1},
        max_pool,
        lambda image, window, **_: is_inside(window, image),
    ),
}  # fmt: skip


def affine_sandwich(layer, rng, N, inner, M):
    parts = {
        "affine": (plain.affine, 2, ()),
        "bn": (plain.batchnorm, 2, ({"mode": "train"},)),
        "ln": (plain.layernorm, 2, ({},)),
        "relu": (plain.relu, 0, ()),
    }
    shapes = [(N, *inner), (int(np.prod(inner)), M), (M,)]
    return sandwich(layer, rng, parts, shapes, M)


def conv_sandwich(layer, rng, N, C, F, image):
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    parts = {
        "conv": (lambda x, w, b: plain.conv(x, w, b, 1, 1), 2, ({"stride": 1, "pad": 1},)),
        "bn": (plain.spatial_batchnorm, 2, ({"mode": "train"},)),
        "relu": (plain.relu, 0, ()),
        "pool": (lambda x: plain.max_pool(x, 2, 2, 2), 0, (pool_param,)),
    }
    return sandwich(layer, rng, parts, [(N, C, *image), (F, C, 3, 3), (F,)], F)


def sandwich(layer, rng, parts, shapes, features):
    """Run plain layers one after another, as the name of a sandwich says.

    parts: {part of a name: plain layer, how many inputs it takes after the output of the part
    before, settings that its twin in the package is called with}.
    """
    names = layer.kind.split("_")
    shapes = [*shapes, *[(features,)] * sum(parts[name][1] for name in names[1:])]
    settings = [setting for name in names for setting in parts[name][2]]

    def run(out, *inputs):
        rest = list(inputs)
        for function, count, _ in (parts[name] for name in names):
            out = function(out, *rest[:count])
            del rest[:count]
        return out

    operation = Operation(run, lambda *inputs: layer.forward(*inputs, *settings), layer.backward)
    return operation, normal(rng, *shapes)


SANDWICH_TWINS = {
    "affine": Twin(TWINS["affine"].sizes, TWINS["affine"].example, affine_sandwich),
    "conv": Twin(
        {
            "N": FEW, "C": FEW, "F": st.integers(1, 4),
            "image": st.tuples(st.integers(2, 6), st.integers(2, 6)),
        },
        {"N": 2, "C": 3, "F": 4, "image": (6, 5)},
        conv_sandwich,
    ),
}  # fmt: skip


def twin_of(layer):
    """Return the plain twin of a layer, or of a sandwich by what it begins with."""
    if layer.kind in TWINS:
        return TWINS[layer.kind]
    return SANDWICH_TWINS[layer.kind.partition("_")[0]]


def example_of(layer):
    """Return the Operation of a layer with inputs at which every wrong answer shows."""
    twin = twin_of(layer)
    return twin.build(layer, np.random.default_rng(231), **twin.example)


@pytest.mark.parametrize("layer", [*LAYERS, *SANDWICHES], ids=str)
@SETTINGS
@given(data=st.data(), seed=SEEDS)
def test_layer(layer, data, seed):
    twin, rng = twin_of(layer), np.random.default_rng(seed)
    sizes = {name: data.draw(strategy, name) for name, strategy in twin.sizes.items()}
    assume(twin.fits(**sizes))
    operation, inputs = twin.build(layer, rng, **sizes)
    compare(operation, inputs, rng)


@pytest.mark.parametrize("name", LOSSES)
@SETTINGS
@given(N=SIZES, C=st.integers(2, 6), scale=st.sampled_from([1e-3, 1.0, 50.0]), seed=SEEDS)
def test_loss(name, N, C, scale, seed):
    rng = np.random.default_rng(seed)
    x, y = scale * rng.standard_normal((N, C)), rng.integers(C, size=N)
    twin = getattr(plain, name)

    def expected_loss(x):
        return np.asarray(1.0) * twin(x, y)

    kept = x.copy()
    loss, dx = LOSSES[name](x, y)
    plain.assert_close("loss", loss, expected_loss(x))
    plain.assert_close("dx", dx, plain.autograd.grad(expected_loss)(x))
    assert np.array_equal(x, kept)


# What is compared is read off the package, and here is proved that nothing can escape.


def test_what_the_package_offers_is_found():
    assert [str(layer) for layer in LAYERS] == [
        "affine",
        "batchnorm",
        "batchnorm alt",
        "conv naive",
        "dropout",
        "layernorm",
        "max_pool naive",
        "relu",
        "spatial_batchnorm",
        "spatial_groupnorm",
        "conv fast",
        "max_pool fast",
    ]
    assert len(SANDWICHES) == 6
    assert set(LOSSES) == {"softmax_loss", "svm_loss"}


def module_with(*names):
    """Make a module that offers functions of these names, all different."""
    return SimpleNamespace(__all__=list(names), **{name: lambda *_: None for name in names})


@pytest.mark.parametrize("kind", ["swish", "affine_swish", "conv_ln_relu", "pool_relu"])
def test_a_layer_without_a_plain_twin_fails(kind):
    (layer,) = layers_in(module_with(f"{kind}_forward", f"{kind}_backward"))
    with pytest.raises(KeyError):
        example_of(layer)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["swish_forward"], "swish_forward: expected pairs of passes, and losses"),
        (["relu_backward"], "relu_backward has no relu_forward"),
        (["swish"], "swish: expected pairs"),
        (["relu_forward", "relu_backward", "relu_forward_fast"], "relu_forward_fast: expected"),
    ],
)
def test_what_is_no_pair_of_passes_fails(names, message):
    with pytest.raises(ValueError, match=message):
        layers_in(module_with(*names))


# Negative controls: the comparison has to fail for every layer and every way of being wrong.


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


@pytest.mark.parametrize("layer", [*LAYERS, *SANDWICHES], ids=str)
@pytest.mark.parametrize("wrong", WRONG)
def test_comparison_can_fail(layer, wrong):
    operation, inputs = example_of(layer)
    compare(operation, [array.copy() for array in inputs], np.random.default_rng(1))
    with pytest.raises(AssertionError):
        compare(WRONG[wrong](operation), inputs, np.random.default_rng(1))
