"""Small examples of batch normalisation, and what its mistakes may hang on.

Where eps is 3 or so, the root of variance plus eps is a whole number.
"""

from coursekit.checks import ladder, rung, step, steps, toggles

EPS = {
    "eps is 1e-5, as it is by default": {"eps": 1e-5},
    "eps is far too small to matter": {"eps": 1e-30},
}


@ladder(
    "batchnorm_forward_train",
    rung("two examples of one feature", x=[[0], [2]], gamma=[1], beta=[0], eps=3),
    rung("a scale", x=[[0], [2]], gamma=[4], beta=[0], eps=3),
    rung("a scale and a shift", x=[[0], [2]], gamma=[4], beta=[5], eps=3),
    rung("a larger variance", x=[[1], [7]], gamma=[5], beta=[0], eps=16),
    rung("three examples", x=[[0], [3], [6]], gamma=[3], beta=[1], eps=3),
    rung("two features", x=[[0, 10], [2, 2]], gamma=[14, 8], beta=[1, -1], eps=48),
    rung("three examples of two features", x=[[0, 7], [3, 1], [6, 4]], gamma=[3, 1],
         beta=[0, 1], eps=3),
    rung("running averages to start from", x=[[0], [2]], gamma=[2], beta=[0], eps=3,
         running_mean=[5], running_var=[9]),
    rung("a momentum of a half", x=[[0], [2]], gamma=[2], beta=[0], eps=3, momentum=0.5,
         running_mean=[5], running_var=[9]),
    rung("a momentum of a quarter", x=[[0], [2]], gamma=[2], beta=[0], eps=3, momentum=0.25,
         running_mean=[5], running_var=[9]),
    rung("a feature that is constant", x=[[5], [5]], gamma=[2], beta=[3]),
    rung("the usual eps", x=[[0, 1], [2, 9]], gamma=[1, 1], beta=[0, 0]),
)  # fmt: skip
def forward_train(student, run, x, gamma, beta, **settings):
    bn_param = {"mode": "train"} | settings
    out, _ = student.batchnorm_forward(x, gamma, beta, bn_param)
    return {"out": out} | running(bn_param)


@ladder(
    "batchnorm_forward_train",
    rung("two minibatches, one after the other", first=[[0], [2]], second=[[2], [10]], gamma=[2],
         beta=[0], eps=3, momentum=0.5),
)  # fmt: skip
def forward_twice(student, run, first, second, gamma, beta, **settings):
    bn_param = {"mode": "train"} | settings
    student.batchnorm_forward(first, gamma, beta, bn_param)
    out, _ = student.batchnorm_forward(second, gamma, beta, bn_param)
    return {"out": out} | running(bn_param)


@ladder(
    "batchnorm_forward_test",
    rung("one example of one feature", x=[[4]], gamma=[1], beta=[0], eps=3, running_mean=[2],
         running_var=[1]),
    rung("a scale and a shift", x=[[4]], gamma=[6], beta=[5], eps=3, running_mean=[2],
         running_var=[1]),
    rung("a larger variance", x=[[4]], gamma=[10], beta=[0], eps=16, running_mean=[2],
         running_var=[9]),
    rung("two examples", x=[[0], [6]], gamma=[2], beta=[1], eps=3, running_mean=[2],
         running_var=[1]),
    rung("two features", x=[[0, 7]], gamma=[2, 3], beta=[1, 3], eps=3, running_mean=[2, 4],
         running_var=[1, 6]),
    rung("two examples of two features", x=[[0, 7], [2, 1]], gamma=[2, 3], beta=[1, 3], eps=3,
         running_mean=[2, 4], running_var=[1, 6]),
    rung("a variance of zero", x=[[4]], gamma=[3], beta=[5], running_mean=[4], running_var=[0]),
    rung("the usual eps", x=[[4]], gamma=[1], beta=[0], running_mean=[2], running_var=[1]),
)  # fmt: skip
def forward_test(student, run, x, gamma, beta, **settings):
    bn_param = {"mode": "test"} | settings
    out, _ = student.batchnorm_forward(x, gamma, beta, bn_param)
    return {"out": out} | running(bn_param)


@ladder(
    "batchnorm_forward_test",
    rung("after a step of training", trained_on=[[0], [2]], x=[[3], [9]], gamma=[2], beta=[1],
         eps=3, momentum=0.0),
)  # fmt: skip
def forward_test_after_training(student, run, trained_on, x, gamma, beta, **settings):
    bn_param = {"mode": "train"} | settings
    student.batchnorm_forward(trained_on, gamma, beta, bn_param)
    bn_param["mode"] = "test"
    out, _ = student.batchnorm_forward(x, gamma, beta, bn_param)
    return {"out": out} | running(bn_param)


GRADIENTS = ("batchnorm_backward", "batchnorm_backward_alt")
BACKWARD = [
    rung("two examples of one feature", x=[[0], [2]], gamma=[1], beta=0, dout=[[8], [0]], eps=3),
    rung("a scale", x=[[0], [2]], gamma=[4], beta=0, dout=[[8], [0]], eps=3),
    rung("a shift", x=[[0], [2]], gamma=[4], beta=5, dout=[[8], [4]], eps=3),
    rung("a larger variance", x=[[1], [7]], gamma=[5], beta=0, dout=[[0], [10]], eps=16),
    rung("three examples", x=[[0], [3], [6]], gamma=[3], beta=0, dout=[[9], [0], [3]], eps=3),
    rung("three different distances", x=[[0], [1], [5]], gamma=[2], beta=0,
         dout=[[1], [-2], [4]]),
    rung("two features", x=[[0, 10], [2, 2]], gamma=[14, -8], beta=0, dout=[[8, 1], [0, 3]],
         eps=48),
    rung("the usual eps", x=[[0], [2], [7]], gamma=[1], beta=0, dout=[[8], [0], [1]]),
    rung("one example", x=[[4, 7]], gamma=[2, 3], beta=0, dout=[[5, 6]], eps=4),
]  # fmt: skip


def _backward(name, calls=1):
    """Return a function that runs a backward pass as often as that, and gives the last answer."""
    disabled = GRADIENTS[:1] if name == GRADIENTS[1] else ()

    def backward(student, run, x, gamma, beta, dout, **settings):
        out, cache = student.batchnorm_forward(
            x, gamma, beta + 0 * gamma, {"mode": "train"} | settings
        )
        run.starts_from(out)
        with run.disabled(*disabled):
            for _ in range(calls):
                gradients = getattr(student, name)(dout, cache)
        return three_gradients(gradients)

    return backward


def _in_turn(name):
    def backward(student, run, x, gamma, beta, dout, first_x):
        beta = beta + 0 * gamma
        _, first_cache = student.batchnorm_forward(first_x, gamma, beta, {"mode": "train"})
        out, cache = student.batchnorm_forward(x, gamma, beta, {"mode": "train"})
        run.starts_from(out)
        getattr(student, name)(dout, cache)
        return three_gradients(getattr(student, name)(dout, first_cache))

    return backward


def three_gradients(gradients):
    dx, dgamma, dbeta = gradients
    return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}


def running(bn_param):
    """Return the running averages, as far as they are there."""
    names = ("running_mean", "running_var")
    return {name: bn_param[name] for name in names if name in bn_param}


TWICE = rung("the same call a second time", x=[[0], [3], [6]], gamma=[3], beta=0,
             dout=[[9], [0], [3]], eps=3)  # fmt: skip
IN_TURN = rung("another layer's backward pass in between", first_x=[[1], [3], [8]],
               x=[[0], [2], [4]], gamma=[2], beta=0, dout=[[9], [0], [3]])  # fmt: skip

backward = ladder(GRADIENTS[0], *BACKWARD)(_backward(GRADIENTS[0]))
backward_twice = ladder(GRADIENTS[0], TWICE)(_backward(GRADIENTS[0], calls=2))
backward_in_turn = ladder(GRADIENTS[0], IN_TURN)(_in_turn(GRADIENTS[0]))
alt = ladder(GRADIENTS[1], *BACKWARD)(_backward(GRADIENTS[1]))
alt_twice = ladder(GRADIENTS[1], TWICE)(_backward(GRADIENTS[1], calls=2))
alt_in_turn = ladder(GRADIENTS[1], IN_TURN)(_in_turn(GRADIENTS[1]))


FORWARD_PROPERTIES = EPS | {
    "gamma is 1": {"gamma": 1},
    "beta is 0": {"beta": 0},
    "there is a single feature": {"D": 1},
    "there are as many examples as features": {"N": 4, "D": 4},
}


def _two_steps(student, run, x, gamma, beta, **settings):
    bn_param = {"mode": "train"} | settings
    out, _ = student.batchnorm_forward(x, gamma, beta, bn_param)
    student.batchnorm_forward(2 * x, gamma, beta, bn_param)
    return {"out": out} | running(bn_param)


@toggles(
    "batchnorm_forward_train",
    _two_steps,
    plain=[
        {"N": 6, "D": 3, "eps": 0.3, "momentum": 0.3},
        {"N": 5, "D": 4, "eps": 0.7, "momentum": 0.6},
    ],
    properties=FORWARD_PROPERTIES
    | {
        "momentum is 0.9, as it is by default": {"momentum": 0.9},
        "momentum is a half": {"momentum": 0.5},
        "the running averages start at 0": {"start": 0},
        "each column of x sums to 0": {"centred": True},
    },
)
def train_draws(rng, N, D, eps, momentum, gamma=None, beta=None, start=1, centred=False):
    drawn = inputs(rng, N, D, gamma, beta)
    return {
        **drawn,
        "x": drawn["x"] - drawn["x"].mean(0) if centred else drawn["x"],
        "eps": eps,
        "momentum": momentum,
        "running_mean": start * rng.standard_normal(D),
        "running_var": start * rng.uniform(0.5, 4, D),
    }


@toggles(
    "batchnorm_forward_test",
    forward_test,
    plain=[{"N": 6, "D": 3, "eps": 0.3}, {"N": 5, "D": 4, "eps": 0.7}],
    properties=FORWARD_PROPERTIES
    | {
        "there is a single example": {"N": 1},
        "running_mean is 0": {"mean": 0},
        "running_var is 1": {"var": 1},
    },
)
def unseen_draws(rng, N, D, eps, gamma=None, beta=None, mean=1, var=None):
    running_var = rng.uniform(0.5, 4, D)
    return {
        **inputs(rng, N, D, gamma, beta),
        "eps": eps,
        "running_mean": mean * rng.standard_normal(D),
        "running_var": running_var if var is None else 0 * running_var + var,
    }


def inputs(rng, N, D, gamma=None, beta=None):
    """Draw x, gamma and beta; a number given for one of the two stands in all of its places."""
    x = 3 * rng.standard_normal(D) + rng.standard_normal((N, D)) * rng.uniform(0.5, 3, D)
    drawn = rng.uniform(1.5, 3, D), rng.standard_normal(D)
    gamma = drawn[0] if gamma is None else 0 * drawn[0] + gamma
    return {"x": x, "gamma": gamma, "beta": drawn[1] if beta is None else 0 * drawn[1] + beta}


def backward_draws(rng, N, D, eps, gamma=None, balanced=False, across=False):
    """Draw inputs; with `balanced` dbeta is 0, with `across` it is dgamma."""
    drawn = inputs(rng, N, D, gamma)
    dout, centred = rng.standard_normal((N, D)), drawn["x"] - drawn["x"].mean(0)
    if balanced:
        dout = dout - dout.mean(0)
    if across:
        dout = dout - centred * (dout * centred).sum(0) / (centred**2).sum(0)
    return drawn | {"dout": dout, "eps": eps}


BACKWARD_PROPERTIES = EPS | {
    "gamma is 1": {"gamma": 1},
    "there is a single feature": {"D": 1},
    "there are as many examples as features": {"N": 4, "D": 4},
    "each column of dout sums to 0": {"balanced": True},
    "dgamma is 0": {"across": True},
    "there are two examples": {"N": 2},
}
PLAIN = [{"N": 6, "D": 3, "eps": 0.3}, {"N": 5, "D": 4, "eps": 0.7}]

backward_toggles = toggles(
    GRADIENTS[0], backward_twice, plain=PLAIN, properties=BACKWARD_PROPERTIES
)(backward_draws)
alt_toggles = toggles(GRADIENTS[1], alt_twice, plain=PLAIN, properties=BACKWARD_PROPERTIES)(
    backward_draws
)


@steps(
    "batchnorm_backward",
    step("x_hat", "xhat", "x_norm", "x_normalized", "x_normed", "normalized", "normed", "xn",
         of="the normalised values"),
    step("centered", "xmu", "x_mu", "x_centered", "centred", "xc", "x_minus_mean", "deviations",
         of="the distance from the mean"),
    step("var", "variance", "sample_var", "sigma2", "sigma_sq", "batch_var", of="the variance"),
    step("std", "sqrtvar", "sqrt_var", "stddev", "sigma", "stdev", of="the root of var + eps"),
    step("inv_std", "ivar", "istd", "std_inv", "inv_sqrt_var", "invvar", "inv_var", "rstd",
         of="one over the root of var + eps"),
    step("dbeta", "db", of="the gradient of the shift"),
    step("dgamma", "dg", of="the gradient of the scale"),
    step("dx_hat", "dxhat", "dx_norm", "dx_normalized", "dx_normed", "dnormalized", "dxn",
         of="the gradient of the normalised values"),
    step("dinv_std", "divar", "distd", "dstd_inv", "dinv_var", "dinvvar", "drstd", "dinv_sqrt_var",
         of="the gradient of one over the root"),
    step("dstd", "dsqrtvar", "dsqrt_var", "dstddev", "dsigma",
         of="the gradient of the root of var + eps"),
    step("dvar", "dvariance", "dsample_var", "dsigma2", "dsigma_sq", "dbatch_var",
         of="the gradient of the variance"),
    step("dsquares", "dsq", "dsquared", "dxmu_sq", "dcentered_sq", "dsquare",
         of="the gradient of the squared distances"),
    step("dcentered", "dxmu", "dx_mu", "dx_centered", "dcentred", "dxc", "dxmu1", "dxmu2",
         "dcentered1", "dcentered2", of="the gradient of the distance from the mean"),
    step("dmean", "dmu", "dsample_mean", "dbatch_mean", of="the gradient of the mean"),
    step("dx_from_mean", "dx2", "dx_mean", of="what reaches x by way of the mean"),
    step("dx", of="the gradient of x"),
    x=[[1, 4, 0], [3, 1, 2], [2, 8, -2], [6, 3, 1]],
    gamma=[2, -1, 3],
    beta=[1, 0, -1],
    dout=[[1, 2, -1], [0, -3, 2], [4, 1, 1], [-2, 5, 3]],
)  # fmt: skip
def steps_back(student, x, gamma, beta, dout):
    out, cache = student.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    return {"the output of batchnorm_forward in training": out}, (dout, cache)
