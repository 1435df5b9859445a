"""Checks of the affine layer."""

import math

from coursekit.checks import check

from ._inputs import entries, entry, float32, fortran, gaps, handed_on

# The shapes of x by case, and M. No two lengths are equal.
SHAPES = {
    "examples with three axes": ((4, 2, 3, 5), 7),
    "examples with one axis": ((5, 6), 3),
    "one example": ((1, 2, 3), 4),
    "one feature": ((4, 1), 3),
    "one output": ((4, 6), 1),
}


@check(
    points=1,
    notebook="FullyConnectedNets",
    main=["out"],
    hints=[
        "Each example is one long row of numbers, whatever shape it comes in. Which two lengths "
        "do the rows of an example and the rows of w have in common?",
        "Write the shapes of x, w, b and out on paper for an input of three axes and more. Only "
        "the first axis of x counts examples; all the others belong together.",
        "Once x has become a matrix with a row for each example, out is one product of matrices, "
        "and b is added to every row of it. x itself goes into the cache in the shape it had.",
    ],
)
def affine_forward(student, run):
    """The affine layer's output, for examples of one axis and of several."""
    results = {}
    for case, x, w, b, _ in _draws(run.rng):
        with run.case(case, N=len(x), D=len(w), M=len(b)):
            out, cache = student.affine_forward(x, w, b)
            results[entry("out", case)] = out
            results[f"cache: x as it came in, {case}"] = handed_on(cache, 0, x)
    with run.case("float32"):
        out, _ = student.affine_forward(*float32(x, w, b))
        run.keeps_float32("affine_forward", out=out)
    return results


@check(
    points=2,
    notebook="FullyConnectedNets",
    main=["dx", "dw", "db"],
    hints=[
        "Each of the three gradients has the shape of what it belongs to. Write the shapes of x, "
        "w, b and of what comes back on paper first.",
        "A factor of a product gets the gradient times the other factor. A weight is used by all "
        "examples, an input by all outputs, a bias by all examples: what is used several times "
        "gets a sum.",
        "Turn x into rows as in the forward pass. For the weights, rows and gradient meet so that "
        "the examples are summed away; for the inputs, gradient and weights meet so that the "
        "outputs are. Then give the first of the two the shape of x back.",
    ],
)
def affine_backward(student, run):
    """The three gradients of the affine layer, each in the shape of what it belongs to."""
    results = {}
    for case, x, w, b, dout in _draws(run.rng):

        def forward(x, w, b):
            return student.affine_forward(x, w, b)

        with run.case(case, N=len(x), D=len(w), M=len(b)):
            cache = run.cache_of(forward, (x, w, b), documented=(x, w, b))
            dx, dw, db = student.affine_backward(dout, cache)
            results |= entries(case, dx=dx, dw=dw, db=db)
            run.probe(forward, dout, entries(case, dx=x, dw=w, db=b))
    with run.case("float32"):
        x, w, b, dout = float32(x, w, b, dout)
        dx, dw, db = student.affine_backward(dout, (x, w, b))
        run.keeps_float32("affine_backward", dx=dx, dw=dw, db=db)
    return results


def _draws(rng):
    """Yield (case, x, w, b, dout)."""
    for case, (shape, M) in SHAPES.items():
        yield case, *_arrays(rng, shape, M)
    x, w, b, dout = _arrays(rng, (3, 2, 4), 5)
    yield "x is not contiguous", gaps(fortran(x)), fortran(w), gaps(b), gaps(dout)


def _arrays(rng, shape, M):
    D = math.prod(shape[1:])
    x, w = rng.standard_normal(shape), rng.standard_normal((D, M))
    return x, w, rng.standard_normal(M), rng.standard_normal((shape[0], M))
