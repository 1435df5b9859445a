"""Layers against SciPy, and against PyTorch where it is installed.

Which layers there are is read off the package. One for which nothing of PyTorch's is named fails.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import plain_layers as plain
import pytest
from offered_layers import layers_in, losses
from scipy import signal

from cs231n import fast_layers, layers

CONVOLUTIONS = {
    "same size": ((2, 3, 6, 7), (4, 3, 3, 3), 1, 1),
    "no padding": ((3, 2, 7, 5), (4, 2, 2, 4), 1, 0),
    "stride leaves a rest": ((2, 3, 8, 9), (5, 3, 3, 2), 3, 1),
    "pad larger than the filter": ((1, 2, 4, 5), (3, 2, 2, 2), 2, 4),
    "one by one": ((2, 3, 4, 5), (4, 3, 1, 1), 1, 0),
}
POOLINGS = {"tiles": (2, 2, 2), "overlaps": (3, 2, 1), "gaps": (1, 2, 3), "rest": (3, 3, 2)}
LAYERS = layers_in(layers, fast_layers)
LOSSES = losses(layers)
CONV = [layer for layer in LAYERS if layer.kind == "conv"]


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def correlated(x, w, b, stride, pad):
    """Convolve with scipy: the full-resolution correlation of each channel, then every stop."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return np.array(
        [
            [
                sum(
                    signal.correlate(channel, taps, mode="valid")
                    for channel, taps in zip(image, filters, strict=True)
                )[::stride, ::stride]
                + bias
                for filters, bias in zip(w, b, strict=True)
            ]
            for image in padded
        ]
    )


@pytest.mark.parametrize("layer", CONV, ids=str)
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_conv_forward_against_scipy(rng, layer, case):
    image, filters, stride, pad = CONVOLUTIONS[case]
    x, w, b = (rng.standard_normal(shape) for shape in (image, filters, filters[0]))
    out, _ = layer.forward(x, w, b, {"stride": stride, "pad": pad})
    plain.assert_close("out", out, correlated(x, w, b, stride, pad))
    with pytest.raises(AssertionError):  # a mirrored filter is noticed, unless nothing is mirrored
        plain.assert_close("out", out, correlated(x, w[..., ::-1] * 1.001, b, stride, pad))


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


def against(torch, function, ours, inputs, dout):
    """Hold out and gradients of `ours` against a function of PyTorch."""
    tensors = [torch.tensor(array, requires_grad=True) for array in inputs]
    expected = function(*tensors)
    expected.backward(torch.tensor(dout))
    out, gradients = ours
    plain.assert_close("out", out, expected.detach().numpy())
    for number, (gradient, tensor) in enumerate(zip(gradients, tensors, strict=True)):
        plain.assert_close(f"gradient {number}", gradient, tensor.grad.numpy())


@dataclass(frozen=True)
class InTorch:
    """What PyTorch has for a layer.

    function: called with torch.nn.functional, tensors of the inputs, and the arguments of one case.
    draw: function of a Generator and these arguments that draws the inputs. cases: {name of a case:
    arguments}. arguments: function of them that returns what our layer takes after its inputs.
    """

    function: Callable
    draw: Callable
    cases: dict
    arguments: Callable = lambda *case: ()


def normal(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def features(rng, *_):
    return [3 + 5 * rng.standard_normal((6, 4)), *normal(rng, 4, 4)]


def maps(rng, *_):
    return [3 + 5 * rng.standard_normal((2, 6, 4, 5)), *normal(rng, 6, 6)]


def filtered(rng, image, filters, stride, pad):
    return normal(rng, image, filters, filters[0])


def with_ties(rng, height, width, stride):
    """Draw few values. Of those that tie, PyTorch too gives the gradient to the first."""
    return [rng.integers(4, size=(2, 3, 7, 8)).astype(float)]


def batch_norm(F, x, gamma, beta):
    return F.batch_norm(x, None, None, gamma, beta, training=True)


def dropout(F, x, p, seed):
    kept = np.random.RandomState(seed).rand(*x.shape) < p
    return x * x.new_tensor(kept / p)


IN_TORCH = {
    "affine": InTorch(
        lambda F, x, w, b: F.linear(x.flatten(1), w.T, b),
        lambda rng: normal(rng, (4, 2, 3), (6, 5), 5),
        {"": ()},
    ),
    "relu": InTorch(lambda F, x: F.relu(x), lambda rng: normal(rng, (4, 3, 2)), {"": ()}),
    "batchnorm": InTorch(batch_norm, features, {"": ()}, lambda: ({"mode": "train"},)),
    "layernorm": InTorch(
        lambda F, x, gamma, beta: F.layer_norm(x, (4,), gamma, beta), features, {"": ()},
        lambda: ({},),
    ),
    "dropout": InTorch(
        dropout, lambda rng, p, seed: normal(rng, (4, 5)), {"p 0.5": (0.5, 3), "p 0.2": (0.2, 4)},
        lambda p, seed: ({"mode": "train", "p": p, "seed": seed},),
    ),
    "conv": InTorch(
        lambda F, x, w, b, image, filters, stride, pad: F.conv2d(x, w, b, stride, pad),
        filtered, CONVOLUTIONS,
        lambda image, filters, stride, pad: ({"stride": stride, "pad": pad},),
    ),
    "max_pool": InTorch(
        lambda F, x, height, width, stride: F.max_pool2d(x, (height, width), stride),
        with_ties, POOLINGS,
        lambda height, width, stride: (
            {"pool_height": height, "pool_width": width, "stride": stride},
        ),
    ),
    "spatial_batchnorm": InTorch(batch_norm, maps, {"": ()}, lambda: ({"mode": "train"},)),
    "spatial_groupnorm": InTorch(
        lambda F, x, gamma, beta, G: F.group_norm(x, G, gamma, beta), maps,
        {f"G {G}": (G,) for G in (1, 2, 3, 6)}, lambda G: (G, {}),
    ),
}  # fmt: skip
LOSSES_IN_TORCH = {
    "softmax_loss": lambda F, x, y: F.cross_entropy(x, y),
    # PyTorch divides by the number of classes, too.
    "svm_loss": lambda F, x, y: x.shape[1] * F.multi_margin_loss(x, y),
}


def test_nothing_is_left_out():
    assert {layer.kind for layer in LAYERS} == IN_TORCH.keys()
    assert LOSSES.keys() == LOSSES_IN_TORCH.keys()


@pytest.mark.parametrize(
    ("layer", "case"),
    [(layer, case) for layer in LAYERS for case in IN_TORCH[layer.kind].cases],
    ids=str,
)
def test_layer_against_pytorch(torch, rng, layer, case):
    twin = IN_TORCH[layer.kind]
    case = twin.cases[case]
    inputs = twin.draw(rng, *case)
    out, cache = layer.forward(*inputs, *twin.arguments(*case))
    dout = rng.standard_normal(out.shape)
    gradients = layer.backward(dout, cache)
    ours = out, gradients if isinstance(gradients, tuple) else (gradients,)

    def function(*tensors):
        return twin.function(torch.nn.functional, *tensors, *case)

    against(torch, function, ours, inputs, dout)
    with pytest.raises(AssertionError):
        against(torch, lambda *tensors: 1.001 * function(*tensors), ours, inputs, dout)


@pytest.mark.parametrize("name", LOSSES)
def test_loss_against_pytorch(torch, rng, name):
    x, y = 5 * rng.standard_normal((6, 4)), rng.integers(4, size=6)
    loss, dx = LOSSES[name](x, y)

    def function(x):
        return LOSSES_IN_TORCH[name](torch.nn.functional, x, torch.tensor(y))

    against(torch, function, (loss, (dx,)), (x,), np.array(1.0))
    with pytest.raises(AssertionError):
        against(torch, lambda x: 1.001 * function(x), (loss, (dx,)), (x,), np.array(1.0))
