"""Layers against SciPy, and against PyTorch where it is installed."""

import numpy as np
import plain_layers as plain
import pytest
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
CONV = {
    "naive": (layers.conv_forward_naive, layers.conv_backward_naive),
    "fast": (fast_layers.conv_forward_fast, fast_layers.conv_backward_fast),
}
POOL = {
    "naive": (layers.max_pool_forward_naive, layers.max_pool_backward_naive),
    "fast": (fast_layers.max_pool_forward_fast, fast_layers.max_pool_backward_fast),
}


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


@pytest.mark.parametrize("kind", CONV)
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_conv_forward_against_scipy(rng, kind, case):
    image, filters, stride, pad = CONVOLUTIONS[case]
    x, w, b = (rng.standard_normal(shape) for shape in (image, filters, filters[0]))
    out, _ = CONV[kind][0](x, w, b, {"stride": stride, "pad": pad})
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


@pytest.mark.parametrize("kind", CONV)
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_conv_against_pytorch(torch, rng, kind, case):
    image, filters, stride, pad = CONVOLUTIONS[case]
    forward, backward = CONV[kind]
    x, w, b = (rng.standard_normal(shape) for shape in (image, filters, filters[0]))
    out, cache = forward(x, w, b, {"stride": stride, "pad": pad})
    dout = rng.standard_normal(out.shape)
    ours = out, backward(dout, cache)

    def conv(x, w, b):
        return torch.nn.functional.conv2d(x, w, b, stride, pad)

    against(torch, conv, ours, (x, w, b), dout)
    with pytest.raises(AssertionError):
        against(torch, lambda x, w, b: conv(x, w, b * 1.001), ours, (x, w, b), dout)


@pytest.mark.parametrize("kind", POOL)
@pytest.mark.parametrize("case", POOLINGS)
def test_max_pool_against_pytorch(torch, rng, kind, case):
    height, width, stride = POOLINGS[case]
    forward, backward = POOL[kind]
    # Many ties, which PyTorch too gives to the first of a window.
    x = rng.integers(4, size=(2, 3, 7, 8)).astype(float)
    out, cache = forward(x, {"pool_height": height, "pool_width": width, "stride": stride})
    dout = rng.standard_normal(out.shape)
    against(
        torch,
        lambda x: torch.nn.functional.max_pool2d(x, (height, width), stride),
        (out, (backward(dout, cache),)),
        (x,),
        dout,
    )


@pytest.mark.parametrize("name", ["batchnorm_backward", "batchnorm_backward_alt"])
def test_batchnorm_against_pytorch(torch, rng, name):
    x, gamma, beta = 3 + 5 * rng.standard_normal((6, 4)), *rng.standard_normal((2, 4))
    out, cache = layers.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    dout = rng.standard_normal(out.shape)
    against(
        torch,
        lambda x, gamma, beta: torch.nn.functional.batch_norm(
            x, None, None, gamma, beta, training=True
        ),
        (out, getattr(layers, name)(dout, cache)),
        (x, gamma, beta),
        dout,
    )


def test_layernorm_against_pytorch(torch, rng):
    x, gamma, beta = 3 + 5 * rng.standard_normal((6, 4)), *rng.standard_normal((2, 4))
    out, cache = layers.layernorm_forward(x, gamma, beta, {})
    dout = rng.standard_normal(out.shape)
    against(
        torch,
        lambda x, gamma, beta: torch.nn.functional.layer_norm(x, (4,), gamma, beta),
        (out, layers.layernorm_backward(dout, cache)),
        (x, gamma, beta),
        dout,
    )


@pytest.mark.parametrize("G", [1, 2, 3, 6])
def test_spatial_groupnorm_against_pytorch(torch, rng, G):
    x, gamma, beta = 3 + 5 * rng.standard_normal((2, 6, 4, 5)), *rng.standard_normal((2, 6))
    out, cache = layers.spatial_groupnorm_forward(x, gamma, beta, G, {})
    dout = rng.standard_normal(out.shape)
    against(
        torch,
        lambda x, gamma, beta: torch.nn.functional.group_norm(x, G, gamma, beta),
        (out, layers.spatial_groupnorm_backward(dout, cache)),
        (x, gamma, beta),
        dout,
    )


def test_losses_against_pytorch(torch, rng):
    x, y = 5 * rng.standard_normal((6, 4)), rng.integers(4, size=6)
    labels = torch.tensor(y)
    functions = {
        layers.softmax_loss: torch.nn.functional.cross_entropy,
        # PyTorch divides by the number of classes, too.
        layers.svm_loss: lambda x, y: 4 * torch.nn.functional.multi_margin_loss(x, y),
    }
    for ours, theirs in functions.items():
        loss, dx = ours(x, y)
        against(torch, lambda x, f=theirs: f(x, labels), (loss, (dx,)), (x,), np.array(1.0))
