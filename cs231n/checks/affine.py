"""Checks of the affine layer."""

from .inputs import float32, fortran, gaps
from .registry import check

# The shapes of x by case, and M. No two lengths are equal.
SHAPES = {
    "examples with three axes": ((4, 2, 3, 5), 7),
    "examples with one axis": ((5, 6), 3),
    "one example": ((1, 2, 3), 4),
}


@check(points=1, notebook="FullyConnectedNets")
def affine_forward(course, rng):
    """The affine layer's output, for examples of one axis and of several."""
    results = {}
    for case, x, w, b, _ in _draws(rng):
        with course.case(case, N=len(x), D=len(w), M=len(b)):
            results[f"out: {case}"], _ = course.affine_forward(x, w, b)
    with course.case("float32"):
        out, _ = course.affine_forward(*float32(x, w, b))
        course.keeps_float32("affine_forward", out=out)
    return results


@check(points=2, notebook="FullyConnectedNets")
def affine_backward(course, rng):
    """The three gradients of the affine layer, each in the shape of what it belongs to."""
    results = {}
    for case, x, w, b, dout in _draws(rng):
        with course.case(case, N=len(x), D=len(w), M=len(b)):
            dx, dw, db = course.affine_backward(dout, (x, w, b))
            results |= {f"dx: {case}": dx, f"dw: {case}": dw, f"db: {case}": db}
    with course.case("float32"):
        x, w, b, dout = float32(x, w, b, dout)
        dx, dw, db = course.affine_backward(dout, (x, w, b))
        course.keeps_float32("affine_backward", dx=dx, dw=dw, db=db)
    return results


def _draws(rng):
    """Yield (case, x, w, b, dout)."""
    for case, (shape, M) in SHAPES.items():
        D = 1
        for length in shape[1:]:
            D *= length
        x, w = rng.standard_normal(shape), rng.standard_normal((D, M))
        b, dout = rng.standard_normal(M), rng.standard_normal((shape[0], M))
        yield case, x, w, b, dout
    yield "numbers apart in memory", gaps(fortran(x)), fortran(w), gaps(b), gaps(dout)
