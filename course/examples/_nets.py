"""What the examples of networks share: nets whose weights are the inputs of the example."""

import itertools

import numpy as np

from ..exercises._nets import words_of_its_year

# Settings that keep the chance of the first weights out of what is compared.
MANY_HIDDEN = 40


def two_layer_net(student, X, params, reg):
    """Return a TwoLayerNet of the shapes of some parameters, with these in it."""
    D, hidden = params["W1"].shape
    net = student.TwoLayerNet(
        input_dim=D, hidden_dim=hidden, num_classes=params["W2"].shape[1], reg=reg
    )
    return filled(net, params)


def deep_net(student, X, params, reg, normalization=None, keep=1):
    """Return a FullyConnectedNet of the shapes of some parameters, with these in it."""
    shapes = [params[f"W{number}"].shape for number in range(1, weights_in(params) + 1)]
    cls = student.FullyConnectedNet
    net = cls(
        [shape[1] for shape in shapes[:-1]],
        input_dim=shapes[0][0],
        num_classes=shapes[-1][1],
        reg=reg,
        dtype=np.float64,
        **words_of_its_year(cls, normalization, keep),
    )
    return filled(net, params)


def convolutional_net(student, X, params, reg):
    """Return a ThreeLayerConvNet for images like X, with these parameters in it."""
    filters, _, filter_size, _ = params["W1"].shape
    net = student.ThreeLayerConvNet(
        input_dim=X.shape[1:],
        num_filters=filters,
        filter_size=filter_size,
        hidden_dim=params["W2"].shape[1],
        num_classes=params["W3"].shape[1],
        reg=reg,
        dtype=np.float64,
    )
    return filled(net, params)


def filled(net, params):
    net.params.update({name: array.copy() for name, array in params.items()})
    return net


def weights_in(params):
    return sum(name.startswith("W") for name in params)


def scores_with(build, normalization=None):
    """Return an example's function: the scores of the net that `build` makes."""
    words = {"normalization": normalization} if normalization else {}

    def scores(student, run, X, reg=0, **params):
        return {"scores": build(student, X, params, reg, **words).loss(X)}

    return scores


def gradients_with(build, normalization=None):
    """Return an example's function: loss and gradients of the net that `build` makes."""
    words = {"normalization": normalization} if normalization else {}

    def gradients(student, run, X, y, reg=0, **params):
        net = build(student, X, params, reg, **words)
        loss, grads = net.loss(X, np.array(y, int))
        for name, array in params.items():
            run.compare_input(f'params["{name}"] of loss', array, np.asarray(net.params[name]))
        return named(loss, grads)

    return gradients


def named(loss, grads):
    """Name a loss and gradients as students do."""
    of_weights = sorted(grads, key=lambda name: (not name.startswith("W"), name))
    return {
        "loss": loss,
        **{f'grads["{name}"]': grads[name] for name in of_weights},
        "sorted(grads)": np.array(sorted(grads)),
    }


def initial(run, build, names):
    """Return what every right net has in its parameters before training.

    `build(weight_scale)` makes the net. With a weight_scale of 0, chance has no say in anything.
    Among six normal numbers one is not farther than a hundredth of a deviation from 0 for all of
    them, or farther than 40, once in 1e12 times.
    """
    params, others = build(0).params, [build(1e-6).params for _ in range(2)]
    results = {"sorted(params)": np.array(sorted(params))}
    for name in names:
        if not name.startswith("W"):
            results[f'params["{name}"]'] = others[0][name]
        else:
            results[f'params["{name}"]'] = params[name]
            first, second = (np.asarray(other[name], np.float64) for other in others)
            farthest = np.abs(first).max()
            results[f'params["{name}"] is about as large as weight_scale'] = bool(
                1e-8 < farthest < 40e-6
            )
            results[f'different numbers in params["{name}"]'] = np.unique(first).size
            results[f'params["{name}"] is the same in the next net'] = bool((first == second).all())
    return results


def signs(build, names):
    """Say whether weights have both signs. All of 40 are of one sign once in 2 ** 40 times."""
    params = build(1.0).params
    return {
        f'params["{name}"] has negative numbers': bool((np.asarray(params[name]) < 0).any())
        for name in names
    }


def draw_params(rng, shapes, b=1):
    """Draw parameters of some shapes; `b` of 0 makes the biases 0."""
    params = {}
    for name, shape in shapes.items():
        size = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        scale = 1 / np.sqrt(size) if name.startswith("W") else b if name.startswith("b") else 1
        params[name] = scale * rng.standard_normal(shape)
    return params


def shapes_of(widths, normalized=False):
    """Return the shapes of a fully connected net's parameters, from the lengths of its layers."""
    shapes = {}
    for number, (fan_in, fan_out) in enumerate(itertools.pairwise(widths), 1):
        shapes |= {f"W{number}": (fan_in, fan_out), f"b{number}": (fan_out,)}
        if normalized and number < len(widths) - 1:
            shapes |= {f"gamma{number}": (fan_out,), f"beta{number}": (fan_out,)}
    return shapes


def net_draws(rng, N, widths, reg, axes=(), b=1, normalized=False, on=False, high=False):
    """Draw X, labels in which each class occurs, the strength of the penalty and parameters.

    With `on` all hidden units are above 0, with `high` all scores.
    """
    D, C = widths[0], widths[-1]
    params = draw_params(rng, shapes_of(widths, normalized), b)
    last = len(widths) - 1
    if on:
        for number in range(1, last):
            params[f"b{number}"] = 6 + np.abs(params[f"b{number}"])
            if number > 1:
                params[f"W{number}"] = np.abs(params[f"W{number}"])
    if high:
        params[f"b{last}"] = 50 + params[f"b{last}"]
    y = rng.permutation(np.arange(N) % C).astype(float)
    return {"X": rng.standard_normal((N, *(axes or (D,)))), "y": y, "reg": reg} | params


def without_labels(rng, **parameters):
    """Draw what scores are computed from."""
    return {name: value for name, value in net_draws(rng, **parameters).items() if name != "y"}
