"""What the checks of networks share.

Weights are set to numbers that the check draws, so that scores, losses and gradients are compared
and not only their statistics. Initial weights are compared by their statistics alone.
"""

import inspect

import numpy as np

D, C = 6, 3  # numbers in an example, classes


def layers(inputs, hidden, classes, normalized=False):
    """Return the shapes of a fully connected network's parameters, by name."""
    shapes = {}
    widths = [inputs, *hidden, classes]
    for number in range(1, len(widths)):
        fan_out = widths[number]
        shapes |= {f"W{number}": (widths[number - 1], fan_out), f"b{number}": (fan_out,)}
        if normalized and number <= len(hidden):
            shapes |= {f"gamma{number}": (fan_out,), f"beta{number}": (fan_out,)}
    return shapes


def deep_net(hidden, normalization=None, keep=1, **settings):
    """Return a function (student, reg) that builds a FullyConnectedNet in float64."""

    def build(student, reg):
        cls = student.FullyConnectedNet
        words = words_of_its_year(cls, normalization, keep)
        return cls(
            hidden, input_dim=D, num_classes=C, reg=reg, dtype=np.float64, **words, **settings
        )

    return build


def words_of_its_year(cls, normalization, keep):
    """Return the keywords for normalisation and dropout, which other years named otherwise."""
    names = inspect.signature(cls).parameters
    words = {}
    if normalization and "normalization" not in names and "use_batchnorm" in names:
        words["use_batchnorm"] = normalization == "batchnorm"
    elif normalization:
        words["normalization"] = normalization
    if keep != 1 and "dropout_keep_ratio" not in names and "dropout" in names:
        words["dropout"] = keep if "normalization" in names else 1 - keep
    elif keep != 1:
        words["dropout_keep_ratio"] = keep
    return words


def examples(rng, shape):
    """Draw X of the given shape, and y in which every class occurs."""
    X = rng.standard_normal(shape)
    y = rng.permutation(np.arange(shape[0]) % C)
    return X, y


def draw_parameters(rng, shapes):
    """Draw parameters of these shapes, weights of a size that keeps scores near 1."""
    parameters = {}
    for name, shape in shapes.items():
        fan_in = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
        scale = 1 / np.sqrt(fan_in) if name.startswith("W") else 0.5
        parameters[name] = scale * rng.standard_normal(shape)
    return parameters


def scores_of(student, run, build, shapes, case=""):
    """Return the scores of a net with drawn parameters: they do not depend on regularisation."""
    X, _ = examples(run.rng, (9, 2, 3))
    parameters = draw_parameters(run.rng, shapes)
    with run.case(f"scores{case}", N=9):
        net = build(student, reg=0.5)
        net.params.update(parameters)
        return {
            f"scores: examples of two axes{case}": net.loss(X),
            f"one example: scores{case}": net.loss(X[:1].reshape(1, D)),
        }
    return {}


def gradients_of(student, run, build, shapes, case="", example=(2, 3)):
    """Return losses and gradients of a net with drawn parameters."""
    X, y = examples(run.rng, (9, *example))
    parameters = draw_parameters(run.rng, shapes)
    results = {}
    with run.case(f"reg 0{case}", N=9):
        net = build(student, reg=0.0)
        net.params.update({name: array.copy() for name, array in parameters.items()})
        loss, grads = net.loss(X, y)
        results[f"loss: reg 0{case}"] = loss
        results |= named_gradients(grads, shapes, f"reg 0{case}")
        _probe(student, run, build, 0.0, (X, y), parameters, gradient_names(shapes, f"reg 0{case}"))
        for name, array in parameters.items():
            run.compare_input(f"params {name} of loss", array, net.params[name])
    with run.case(f"reg 0.7{case}", N=9):
        net = build(student, reg=0.7)
        net.params.update(parameters)
        loss, grads = net.loss(X, y)
        results[f"regularisation: loss{case}"] = loss
        names = {name: f"regularisation: {name}{case}" for name in shapes}
        results |= {names[name]: grads[name] for name in shapes if name in grads}
        _probe(student, run, build, 0.7, (X, y), parameters, names)
    return results


def _probe(student, run, build, reg, data, parameters, names):
    """Offer gradients to be judged by the loss that the net itself computes."""

    def loss(*moved):
        net = build(student, reg=reg)
        net.params.update(zip(parameters, moved, strict=True))
        return net.loss(*data)[0]

    inputs = {names[name]: array for name, array in parameters.items()}
    run.probe(loss, np.array(1.0), inputs, together=True)


def named_gradients(grads, shapes, case):
    """Name gradients: those of weights, of biases and of a normalisation are three groups."""
    results = {f"gradients of W: all names, {case}": np.array(sorted(grads))}
    names = gradient_names(shapes, case)
    return results | {names[name]: grads[name] for name in shapes if name in grads}


def gradient_names(shapes, case):
    """Return the names of the entries that gradients become, by the names of parameters."""
    groups = {"W": "gradients of W", "b": "gradients of b"}
    kinds = {name: name.rstrip("0123456789") for name in shapes}
    other = "gradients of gamma and beta"
    return {name: f"{groups.get(kind, other)}: {name}, {case}" for name, kind in kinds.items()}


def initial_parameters(run, build, shapes, weight_scale, case="initial parameters"):
    """Return what can be compared of the parameters of a new net, whose weights are random.

    `build()` makes the net, with weights of standard deviation `weight_scale`.
    """
    before = np.random.get_state()
    params = build().params
    other = build().params
    np.random.set_state(before)
    again = build().params
    results = {f"shapes: all names, {case}": np.array(sorted(params))}
    for name in [name for name in shapes if name in params]:
        array = np.asarray(params[name])
        results[f"shapes: {name}, {case}"] = str(array.shape)
        if not name.startswith("W"):
            results[f"biases: {name}, {case}"] = array
            continue
        results[f"weights: spread of {name}, {case}"] = _distribution(array, weight_scale)
        run.note_numbers(f"{name}, {case}", _statistics(array, weight_scale))
        new = not np.array_equal(array, other[name])
        results[f"weights: {name} is drawn anew for each net, {case}"] = new
        run.remark_unless(
            np.array_equal(array, again[name]),
            f"the same np.random.seed gives the same {name}",
            "no, so that experiments cannot be repeated",
            "yes",
        )
    return results


def _statistics(array, weight_scale):
    """Return mean and standard deviation over weight_scale, and the share of negative numbers."""
    scaled = array / weight_scale
    return np.array([scaled.mean(), scaled.std(), np.mean(scaled < 0), np.mean(abs(scaled) > 1)])


NORMAL = "normal, with mean 0 and deviation weight_scale"


def _distribution(array, weight_scale):
    """Say what numbers are drawn from, in words that tell the usual mistakes apart.

    Each of the three bounds is six standard deviations of its statistic: one false alarm in 5e8.
    """
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return "no finite numbers"
    scaled = array / weight_scale
    beyond, spread = np.mean(np.abs(scaled) > 1), 6 / np.sqrt(2 * array.size)
    is_centered = abs(scaled.mean()) < 6 * max(scaled.std(), 1e-9) / np.sqrt(array.size)
    is_wide = abs(scaled.std() - 1) < spread
    if (
        is_wide
        and abs(scaled.mean()) < 6 / np.sqrt(array.size)
        and abs(beyond - 0.3173) < 6 * np.sqrt(0.3173 * 0.6827 / array.size)
    ):
        return NORMAL
    if np.all(array == array.flat[0]):
        return "all 0" if not array.flat[0] else "all the same number"
    shape = "" if is_centered else ", with a mean that is not 0"
    if not np.any(array < 0):
        shape = ", none of them negative"
    for deviation, words in ((weight_scale, "weight_scale"), (1, "1"),
                             (weight_scale**2, "weight_scale squared"),
                             (weight_scale**0.5, "the root of weight_scale")):  # fmt: skip
        if abs(array.std() / deviation - 1) < spread:
            is_normal = abs(np.mean(np.abs(array) > deviation) - 0.3173) < 0.1
            return f"of standard deviation {words}{shape or ('' if is_normal else ', not normal')}"
    return f"of a deviation that is too {'small' if scaled.std() < 1 else 'large'}{shape}"
