"""Checks of the rectified linear unit. Inputs keep away from 0, where any gradient is as good."""

from coursekit.checks import check

from ._inputs import away_from_zero, entry, float32, gaps

SHAPES = {"two axes": (4, 5), "four axes": (2, 3, 4, 5), "one axis": (7,)}


@check(
    points=1,
    notebook="FullyConnectedNets",
    main=["out"],
    hints=[
        "Each number is looked at by itself. What comes out for -2, for 0 and for 3?",
        "The larger of two things is kept: the number itself, and what?",
        "Let the result be an array of its own: the caller's x stays what it was, and goes into "
        "the cache.",
    ],
)
def relu_forward(student, run):
    """What relu lets through, for arrays of any number of axes."""
    results = {}
    for case, x, _ in _draws(run.rng):
        with run.case(case):
            results[entry("out", case)], _ = student.relu_forward(x)
    with run.case("float32"):
        out, _ = student.relu_forward(*float32(x))
        run.keeps_float32("relu_forward", out=out)
    return results


@check(
    points=1,
    notebook="FullyConnectedNets",
    main=["dx"],
    hints=[
        "Where does a small change of x change the output at all, and by how much?",
        "The gradient passes where x is positive and nowhere else. What decides is x, and not the"
        " gradient that comes in.",
        "The gradient that comes in belongs to the caller, who may use it again: what you return "
        "should be an array of its own.",
    ],
)
def relu_backward(student, run):
    """The gradient that relu lets through, with dout left as it was."""
    results = {}
    for case, x, dout in _draws(run.rng):
        with run.case(case):
            cache = run.cache_of(student.relu_forward, (x,), documented=x)
            results[entry("dx", case)] = student.relu_backward(dout, cache)
            run.probe(student.relu_forward, dout, {entry("dx", case): x})
    with run.case("float32"):
        dx = student.relu_backward(*float32(dout, x))
        run.keeps_float32("relu_backward", dx=dx)
    return results


def _draws(rng):
    """Yield (case, x, dout)."""
    for case, shape in SHAPES.items():
        x, dout = away_from_zero(rng, *shape), rng.standard_normal(shape)
        # Some code takes its type of number from the first answer: here that is a zero.
        x.flat[0] = -abs(x.flat[0])
        yield case, x, dout
    yield "x is not contiguous", gaps(x), gaps(dout)
