"""Checks of layer normalisation.

Examples are spread from a thousandth to twenty, so that eps shows, and one case has as many
examples as features, where the wrong axis gives the right shapes.
"""

from functools import partial

from coursekit.checks import check

from ._inputs import entries, entry, float32, fortran, gaps, spread

WIDE = (0.1, 0.5, 1, 4, 20)
NARROW = (0.001, 0.003, 0.01, 0.03, 0.1)
NOTEBOOK = "BatchNormalization"


@check(
    points=3,
    notebook=NOTEBOOK,
    main=["out"],
    hints=[
        "Which numbers share a mean: those of one feature, or those of one example?",
        "It is batch normalisation along the other axis. Keep the axis that you take the mean "
        "over, so that the mean lines up with the rows.",
        "Scale and shift still belong to the features, as before. There are no running averages, "
        "and training and test are the same.",
    ],
)
def layernorm_forward(student, run):
    """Normalisation of each example by itself, the same in every mode."""
    results = {}
    for case, x, gamma, beta, _, ln_param in draws(run.rng):
        with run.case(case, N=len(x), D=len(gamma)):
            results[entry("out", case)], _ = student.layernorm_forward(x, gamma, beta, ln_param)
    with run.case("float32"):
        out, _ = student.layernorm_forward(*float32(x, gamma, beta), {})
        run.keeps_float32("layernorm_forward", out=out)
    return results


@check(
    points=3,
    notebook=NOTEBOOK,
    main={"dx": 3, "dgamma": 1, "dbeta": 1},
    hints=[
        "Two kinds of sums are in here. Which run over examples, and which over features?",
        "Scale and shift served all examples, so their gradients sum over those. A mean served "
        "all features of an example, so what goes through it sums over those.",
        "Multiply the scale in first, since it differs among the numbers that are averaged now. "
        "Then it is the closed form of batch normalisation, with the other axis and the number of"
        " features.",
    ],
)
def layernorm_backward(student, run):
    """The gradients of layer normalisation: some sums run over examples, some over features."""
    results = {}
    for case, x, gamma, beta, dout, ln_param in draws(run.rng):
        with run.case(case, N=len(x), D=len(gamma)):
            forward = partial(student.layernorm_forward, ln_param=ln_param)
            out, cache = student.layernorm_forward(x, gamma, beta, ln_param)
            run.starts_from(out)
            results |= _named(case, student.layernorm_backward(dout, cache))
            run.probe(forward, dout, entries(case, dx=x, dgamma=gamma, dbeta=beta))
    with run.case("called a second time", N=len(x), D=len(gamma)):
        _, cache = student.layernorm_forward(x, gamma, beta, {})
        student.layernorm_backward(dout, cache)
        case = "called a second time"
        results |= _named(case, student.layernorm_backward(dout, cache))
        forward = partial(student.layernorm_forward, ln_param={})
        run.probe(forward, dout, entries(case, dx=x, dgamma=gamma, dbeta=beta))
    with run.case("float32"):
        _, cache = student.layernorm_forward(*float32(x, gamma, beta), {})
        dx, dgamma, dbeta = student.layernorm_backward(*float32(dout), cache)
        run.keeps_float32("layernorm_backward", dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


def draws(rng):
    """Yield (case, x, gamma, beta, dout, ln_param)."""
    cases = {
        "examples of different spread": (WIDE, 7, {}),
        "variances as small as eps": (NARROW, 6, {}),
        "eps of 0.5": (WIDE, 4, {"eps": 0.5}),
        "as many examples as features": (WIDE, 5, {}),
        "one example": (WIDE[2:3], 6, {}),
        "an example that is constant": ((0, 0.5, 9), 4, {}),
        "a mode in ln_param": ((0.5, 1, 9), 4, {"mode": "train"}),
        "one feature": (WIDE, 1, {}),
    }
    for case, (deviations, D, ln_param) in cases.items():
        x = spread(rng, D, deviations).T  # an example for each deviation
        gamma, beta = rng.standard_normal((2, D))
        dout = rng.standard_normal(x.shape)
        yield case, x.copy(), gamma, beta, dout, ln_param
    x, dout = rng.standard_normal((2, 4, 6))
    gamma, beta = rng.standard_normal((2, 6))
    yield "x is not contiguous", gaps(x), gaps(gamma), beta, fortran(dout), {}


def _named(case, gradients):
    dx, dgamma, dbeta = gradients
    return entries(case, dx=dx, dgamma=dgamma, dbeta=dbeta)
