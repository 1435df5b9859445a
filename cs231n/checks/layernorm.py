"""Checks of layer normalisation.

Examples are spread from a thousandth to twenty, so that eps shows, and one case has as many
examples as features, where the wrong axis gives the right shapes.
"""

from .inputs import float32, fortran, gaps, spread
from .registry import check

WIDE = (0.1, 0.5, 1, 4, 20)
NARROW = (0.001, 0.003, 0.01, 0.03, 0.1)
NOTEBOOK = "BatchNormalization"


@check(points=3, notebook=NOTEBOOK)
def layernorm_forward(course, rng):
    """Normalisation of each example by itself, the same in every mode."""
    results = {}
    for case, x, gamma, beta, _, ln_param in draws(rng):
        with course.case(case, N=len(x), D=len(gamma)):
            results[f"out: {case}"], _ = course.layernorm_forward(x, gamma, beta, ln_param)
    with course.case("float32"):
        out, _ = course.layernorm_forward(*float32(x, gamma, beta), {})
        course.keeps_float32("layernorm_forward", out=out)
    return results


@check(points=3, notebook=NOTEBOOK, weights={"dx": 3})
def layernorm_backward(course, rng):
    """The gradients of layer normalisation: some sums run over examples, some over features."""
    results = {}
    for case, x, gamma, beta, dout, ln_param in draws(rng):
        with course.case(case, N=len(x), D=len(gamma)):
            out, cache = course.layernorm_forward(x, gamma, beta, ln_param)
            course.premise(out)
            results |= _named(case, course.layernorm_backward(dout, cache))
    with course.case("called a second time", N=len(x), D=len(gamma)):
        _, cache = course.layernorm_forward(x, gamma, beta, {})
        course.layernorm_backward(dout, cache)
        results |= _named("called a second time", course.layernorm_backward(dout, cache))
    with course.case("float32"):
        _, cache = course.layernorm_forward(*float32(x, gamma, beta), {})
        dx, dgamma, dbeta = course.layernorm_backward(*float32(dout), cache)
        course.keeps_float32("layernorm_backward", dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


def draws(rng):
    """Yield (case, x, gamma, beta, dout, ln_param)."""
    cases = {
        "examples of different spread": (WIDE, 7, {}),
        "variances as small as eps": (NARROW, 6, {}),
        "eps of 0.5": (WIDE, 4, {"eps": 0.5}),
        "as many examples as features": (WIDE, 5, {}),
        "one example": (WIDE[2:3], 6, {"mode": "train"}),
        "an example that is constant": ((0, 0.5, 9), 4, {"mode": "test"}),
        "one feature": (WIDE, 1, {}),
    }
    for case, (deviations, D, ln_param) in cases.items():
        x = spread(rng, D, deviations).T  # an example for each deviation
        gamma, beta = rng.standard_normal((2, D))
        dout = rng.standard_normal(x.shape)
        yield case, x.copy(), gamma, beta, dout, ln_param
    x, dout = rng.standard_normal((2, 4, 6))
    gamma, beta = rng.standard_normal((2, 6))
    yield "numbers apart in memory", gaps(x), gaps(gamma), beta, fortran(dout), {}


def _named(case, gradients):
    dx, dgamma, dbeta = gradients
    return {f"dx: {case}": dx, f"dgamma: {case}": dgamma, f"dbeta: {case}": dbeta}
