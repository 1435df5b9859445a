"""What is measured: each case builds the functions that do the same work with ours and with others.

A side is a function without arguments. `ours` is the package, `torch` is PyTorch with autograd on
the CPU, as its users call it, `plain` is what `benchmarks.plain` has. All are given the same
numbers and run forward and backward.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional

from cs231n import fast_layers, layers, optim
from cs231n._internal.fast.threads import spared_blas
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.fc_net import FullyConnectedNet

from . import plain

CONVOLUTIONS = {  # images, filters, stride, pad
    "a": ((100, 3, 31, 31), (25, 3, 3, 3), 2, 1),
    "b": ((50, 3, 32, 32), (32, 3, 7, 7), 1, 3),
    "c": ((128, 32, 16, 16), (64, 32, 3, 3), 1, 1),
    "d": ((64, 64, 8, 8), (128, 64, 3, 3), 1, 1),
    "e": ((128, 64, 16, 16), (32, 64, 1, 1), 1, 0),
}
POOLS = {  # images, window, stride
    "2x2 stride 2": ((100, 3, 32, 32), 2, 2),
    "2x2 stride 2 ": ((128, 32, 32, 32), 2, 2),
    "3x3 stride 2": ((128, 32, 31, 31), 3, 2),
}


@dataclass(frozen=True)
class Case:
    """One line of the table.

    group: what it is counted with when a goal asks for a mean. name: the shape or the net.
    dtype: "float32" or "float64". sides: function of a Generator that builds the sides.
    """

    group: str
    name: str
    sides: Callable
    dtype: str = "float32"


def all_cases():
    return [
        *convolutions("float32"),
        *convolutions("float64"),
        *pools(),
        *norms(),
        *losses_and_affine(),
        *update_rules(),
        *training_steps(),
    ]


def normal(rng, shape, dtype="float32"):
    return rng.standard_normal(shape).astype(dtype)


def by_torch(function, *arrays, dout=None):
    """Return a side that runs `function` on tensors, and takes gradients of all of them."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    dout = None if dout is None else torch.tensor(dout)

    def run():
        return torch.autograd.grad(function(*tensors), tensors, dout)

    return run


def both_ways(forward, backward, arguments, dout):
    """Return a side that runs a forward and a backward pass of numpy layers."""

    def run():
        _, cache = forward(*arguments())
        return backward(dout, cache)

    return run


def convolutions(dtype):
    for letter, (x_shape, w_shape, stride, pad) in CONVOLUTIONS.items():
        F, _, HH, WW = w_shape
        name = f"{letter}: {describe(x_shape)}, {F} filters {HH}x{WW}, stride {stride}"

        def sides(rng, x_shape=x_shape, w_shape=w_shape, stride=stride, pad=pad):
            x, w = normal(rng, x_shape, dtype), normal(rng, w_shape, dtype)
            b = normal(rng, w_shape[0], dtype)
            conv_param = {"stride": stride, "pad": pad}
            out, _ = fast_layers.conv_forward_fast(x, w, b, conv_param)
            dout = normal(rng, out.shape, dtype)

            def arguments():
                return x, w, b, conv_param

            return {
                "ours": both_ways(
                    fast_layers.conv_forward_fast, fast_layers.conv_backward_fast, arguments, dout
                ),
                "torch": by_torch(
                    lambda x, w, b: functional.conv2d(x, w, b, stride=stride, padding=pad),
                    *(x, w, b), dout=dout,
                ),
                "plain": both_ways(plain.conv_forward, plain.conv_backward, arguments, dout),
            }  # fmt: skip

        yield Case("convolution", name, sides, dtype)


def pools():
    for name, (shape, window, stride) in POOLS.items():

        def sides(rng, shape=shape, window=window, stride=stride):
            x = normal(rng, shape)
            pool_param = {"pool_height": window, "pool_width": window, "stride": stride}
            out, _ = fast_layers.max_pool_forward_fast(x, pool_param)
            dout = normal(rng, out.shape)

            def arguments():
                return x, pool_param

            return {
                "ours": both_ways(
                    fast_layers.max_pool_forward_fast, fast_layers.max_pool_backward_fast,
                    arguments, dout,
                ),
                "torch": by_torch(
                    lambda x: functional.max_pool2d(x, window, stride), x, dout=dout
                ),
                "plain": both_ways(
                    plain.max_pool_forward, plain.max_pool_backward, arguments, dout
                ),
            }  # fmt: skip

        yield Case("max pool", f"{name.strip()}: {describe(shape)}", sides)


def norms():
    def batch(x, gamma, beta):
        mean, var = torch.zeros(x.shape[1]), torch.ones(x.shape[1])
        return functional.batch_norm(x, mean, var, gamma, beta, training=True)

    def layer(x, gamma, beta):
        return functional.layer_norm(x, x.shape[1:], gamma, beta)

    def group(x, gamma, beta):
        return functional.group_norm(x, 4, gamma, beta)

    train = ({"mode": "train"},)
    kinds = {
        "batchnorm": (
            (layers.batchnorm_forward, layers.batchnorm_backward_alt), batch,
            (plain.batchnorm_forward, plain.norm_backward), train,
        ),
        "batchnorm, backward in steps": (
            (layers.batchnorm_forward, layers.batchnorm_backward), batch,
            (plain.batchnorm_forward, plain.norm_backward), train,
        ),
        "layernorm": (
            (layers.layernorm_forward, layers.layernorm_backward), layer,
            (plain.layernorm_forward, plain.norm_backward), ({},),
        ),
        "spatial batchnorm": (
            (layers.spatial_batchnorm_forward, layers.spatial_batchnorm_backward), batch,
            (plain.spatial_batchnorm_forward, plain.spatial_batchnorm_backward), train,
        ),
        "spatial groupnorm, 4 groups": (
            (layers.spatial_groupnorm_forward, layers.spatial_groupnorm_backward), group,
            (plain.spatial_groupnorm_forward, plain.spatial_groupnorm_backward), (4, {}),
        ),
    }  # fmt: skip
    for kind, (ours, torchs, plains, settings) in kinds.items():
        images = kind.startswith("spatial")
        for shape in [(128, 32, 16, 16)] if images else [(100, 100), (256, 512)]:

            def sides(rng, shape=shape, ours=ours, torchs=torchs, plains=plains, settings=settings):
                x, dout = normal(rng, shape), normal(rng, shape)
                gamma, beta = normal(rng, shape[1]), normal(rng, shape[1])

                def arguments():
                    fresh = [dict(s) if isinstance(s, dict) else s for s in settings]
                    return x, gamma, beta, *fresh

                return {
                    "ours": both_ways(*ours, arguments, dout),
                    "torch": by_torch(torchs, x, gamma, beta, dout=dout),
                    "plain": both_ways(*plains, arguments, dout),
                }

            yield Case("norms", f"{kind}: {describe(shape)}", sides)


def losses_and_affine():
    for N in (50, 1000):

        def sides(rng, N=N):
            x, y = normal(rng, (N, 10)), rng.integers(10, size=N)
            labels = torch.tensor(y)
            return {
                "ours": lambda: layers.softmax_loss(x, y),
                "torch": by_torch(lambda x: functional.cross_entropy(x, labels), x),
            }

        yield Case("softmax loss", describe((N, 10)), sides)
    for N, D, M in ((50, 3072, 100), (50, 100, 100), (50, 8192, 500)):

        def sides(rng, N=N, D=D, M=M):
            x, w, b = normal(rng, (N, D)), normal(rng, (D, M)), normal(rng, M)
            dout = normal(rng, (N, M))

            def ours():
                scores, cache = layers.affine_forward(x, w, b)
                _, active = layers.relu_forward(scores)
                return layers.affine_backward(layers.relu_backward(dout, active), cache)

            return {
                "ours": ours,
                "torch": by_torch(
                    lambda x, w, b: torch.relu(torch.addmm(b, x, w)), x, w, b, dout=dout
                ),
            }

        yield Case("affine with relu", f"{N} by {D} to {M}", sides)


def nets():
    """Yield name, the kit's net, the same net in PyTorch, and shape of a batch."""
    ours = FullyConnectedNet([100] * 5, normalization="batchnorm", weight_scale=2e-2)
    blocks = []
    for size in (3072, 100, 100, 100, 100):
        linear, norm = torch.nn.Linear(size, 100), torch.nn.BatchNorm1d(100)
        blocks += [linear, norm, torch.nn.ReLU()]
    theirs = torch.nn.Sequential(torch.nn.Flatten(), *blocks, torch.nn.Linear(100, 10))
    yield "FullyConnectedNet([100] * 5), batchnorm", ours, theirs
    ours = ThreeLayerConvNet(weight_scale=1e-3, hidden_dim=500, reg=1e-3)
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 7, padding=3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(8192, 500),
        torch.nn.ReLU(),
        torch.nn.Linear(500, 10),
    )
    yield "ThreeLayerConvNet, 32 filters 7x7, hidden 500", ours, theirs


RULES = {
    "adam": (optim.adam, lambda params: torch.optim.Adam(params, lr=1e-3)),
    "sgd_momentum": (
        optim.sgd_momentum,
        lambda params: torch.optim.SGD(params, lr=1e-3, momentum=0.9),
    ),
}


def update_all(rule, params, grads, configs):
    """Update params as Solver does."""
    for name, w in params.items():
        params[name], configs[name] = rule(w, grads[name], configs[name])


def update_rules():
    for rule_name, (rule, optimizer) in RULES.items():
        for net_name, ours, theirs in nets():

            def sides(rng, ours=ours, theirs=theirs, rule=rule, optimizer=optimizer):
                grads = {name: normal(rng, w.shape) for name, w in ours.params.items()}
                configs = {name: {"learning_rate": 1e-3} for name in ours.params}
                params = list(theirs.parameters())
                for w in params:
                    w.grad = torch.tensor(normal(rng, tuple(w.shape)))
                return {
                    "ours": lambda: update_all(rule, ours.params, grads, configs),
                    "torch": optimizer(params).step,
                }

            yield Case(rule_name, f"parameters of {net_name.split(',')[0]}", sides)


def training_steps():
    """A minibatch of 50 through the loss, its gradients and adam."""
    for net_name, ours, theirs in nets():

        def sides(rng, ours=ours, theirs=theirs):
            x, y = normal(rng, (50, 3, 32, 32)), rng.integers(10, size=50)
            configs = {name: {"learning_rate": 1e-3} for name in ours.params}
            images, labels = torch.tensor(x), torch.tensor(y)
            # Decay of weights is what PyTorch has in place of our penalty on them.
            params = dict(theirs.named_parameters())
            decay = {name: ours.reg if name.endswith("weight") else 0.0 for name in params}
            groups = [{"params": [params[name]], "weight_decay": decay[name]} for name in params]
            optimizer = torch.optim.Adam(groups, lr=1e-3)

            def step():
                with spared_blas():  # as in Solver.train
                    _, grads = ours.loss(x, y)
                    update_all(optim.adam, ours.params, grads, configs)

            def torch_step():
                optimizer.zero_grad()
                functional.cross_entropy(theirs(images), labels).backward()
                optimizer.step()

            return {"ours": step, "torch": torch_step}

        yield Case("training step", net_name, sides)


def describe(shape):
    return "(" + ", ".join(map(str, shape)) + ")"
