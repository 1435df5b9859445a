"""Small examples of layer normalisation, and what its mistakes may hang on."""

from coursekit.checks import ladder, rung, step, steps, toggles

from .batchnorm import EPS, three_gradients


@ladder(
    "layernorm_forward",
    rung("one example of two features", x=[[0, 2]], gamma=[1, 1], beta=[0, 0], eps=3),
    rung("a scale", x=[[0, 2]], gamma=[4, 2], beta=[0, 0], eps=3),
    rung("a scale and a shift", x=[[0, 2]], gamma=[4, 2], beta=[5, 1], eps=3),
    rung("a larger variance", x=[[1, 7]], gamma=[5, 10], beta=[0, 1], eps=16),
    rung("three features", x=[[0, 3, 6]], gamma=[3, 1, 2], beta=[1, 0, 2], eps=3),
    rung("two examples", x=[[0, 2], [10, 2]], gamma=[14, 28], beta=[1, -1], eps=48),
    rung("three examples", x=[[0, 2], [10, 2], [1, 1]], gamma=[14, 28], beta=[1, -1], eps=48),
    rung("two examples of three features", x=[[0, 3, 6], [7, 1, 4]], gamma=[3, 1, 2],
         beta=[1, 0, 2], eps=3),
    rung("an example that is constant", x=[[5, 5]], gamma=[2, 3], beta=[3, 4]),
    rung("the usual eps", x=[[0, 2], [1, 9]], gamma=[1, 1], beta=[0, 0]),
    rung("mode 'test'", x=[[0, 2], [10, 2]], gamma=[14, 28], beta=[1, -1], eps=48, mode="test"),
    rung("one feature", x=[[4], [7]], gamma=[2], beta=[3]),
)  # fmt: skip
def forward(student, run, x, gamma, beta, **ln_param):
    out, _ = student.layernorm_forward(x, gamma, beta, dict(ln_param))
    return {"out": out}


@ladder(
    "layernorm_backward",
    rung("one example of two features", x=[[0, 2]], gamma=[1, 1], beta=0, dout=[[8, 0]],
         eps=3),
    rung("a scale", x=[[0, 2]], gamma=[4, 2], beta=0, dout=[[8, 4]], eps=3),
    rung("a larger variance", x=[[1, 7]], gamma=[5, 10], beta=0, dout=[[0, 10]], eps=16),
    rung("three features", x=[[0, 3, 6]], gamma=[3, 1, 2], beta=0, dout=[[9, 0, 3]],
         eps=3),
    rung("two examples", x=[[0, 2], [10, 2]], gamma=[14, 28], beta=0, dout=[[8, 1], [0, 3]],
         eps=48),
    rung("the usual eps", x=[[0, 2, 7]], gamma=[1, 2, 1], beta=0, dout=[[8, 0, 1]]),
    rung("one feature", x=[[4], [7]], gamma=[2], beta=0, dout=[[5], [6]]),
)  # fmt: skip
def backward(student, run, x, gamma, beta, dout, **ln_param):
    out, cache = student.layernorm_forward(x, gamma, beta + 0 * gamma, dict(ln_param))
    run.starts_from(out)
    return three_gradients(student.layernorm_backward(dout, cache))


@ladder(
    "layernorm_backward",
    rung("the same call a second time", x=[[0, 2], [10, 2]], gamma=[14, 28], beta=0,
         dout=[[8, 1], [0, 3]], eps=48),
)  # fmt: skip
def backward_twice(student, run, x, gamma, beta, dout, **ln_param):
    out, cache = student.layernorm_forward(x, gamma, beta + 0 * gamma, dict(ln_param))
    run.starts_from(out)
    student.layernorm_backward(dout, cache)
    return three_gradients(student.layernorm_backward(dout, cache))


PLAIN = [{"N": 5, "D": 3, "eps": 0.3}, {"N": 3, "D": 4, "eps": 0.7}]
PROPERTIES = EPS | {
    "gamma is 1": {"gamma": 1},
    "there is a single example": {"N": 1},
    "there are as many examples as features": {"N": 4, "D": 4},
}


@toggles(
    "layernorm_forward",
    forward,
    plain=PLAIN,
    properties=PROPERTIES
    | {"beta is 0": {"beta": 0}, "each row of x sums to 0": {"centred": True}},
)
def forward_draws(rng, N, D, eps, gamma=None, beta=None, centred=False):
    x = 3 * rng.standard_normal((N, 1)) + rng.standard_normal((N, D)) * rng.uniform(0.5, 3, (N, 1))
    drawn = rng.uniform(1.5, 3, D), rng.standard_normal(D)
    return {
        "x": x - x.mean(axis=1, keepdims=True) if centred else x,
        "gamma": drawn[0] if gamma is None else 0 * drawn[0] + gamma,
        "beta": drawn[1] if beta is None else 0 * drawn[1] + beta,
        "eps": eps,
    }


@toggles(
    "layernorm_backward",
    backward_twice,
    plain=PLAIN,
    properties=PROPERTIES | {"each row of gamma * dout sums to 0": {"balanced": True}},
)
def backward_draws(rng, N, D, eps, gamma=None, balanced=False):
    drawn, dout = forward_draws(rng, N, D, eps, gamma), rng.standard_normal((N, D))
    if balanced:
        dout = dout - (dout * drawn["gamma"]).mean(axis=1, keepdims=True) / drawn["gamma"]
    return drawn | {"dout": dout}


@steps(
    "layernorm_backward",
    step("x_hat", "xhat", "x_norm", "x_normalized", "x_normed", "normalized", "normed", "xn",
         of="the normalised values"),
    step("centered", "xmu", "x_mu", "x_centered", "centred", "xc", "x_minus_mean", "deviations",
         of="the distance from the mean"),
    step("var", "variance", "sample_var", "sigma2", "sigma_sq", of="the variance"),
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
    step("dvar", "dvariance", "dsample_var", "dsigma2", "dsigma_sq",
         of="the gradient of the variance"),
    step("dsquares", "dsq", "dsquared", "dxmu_sq", "dcentered_sq", "dsquare",
         of="the gradient of the squared distances"),
    step("dcentered", "dxmu", "dx_mu", "dx_centered", "dcentred", "dxc", "dxmu1", "dxmu2",
         "dcentered1", "dcentered2", of="the gradient of the distance from the mean"),
    step("dmean", "dmu", "dsample_mean", of="the gradient of the mean"),
    step("dx_from_mean", "dx2", "dx_mean", of="what reaches x by way of the mean"),
    step("through_mean", "mean_dx_hat", "mean_dxhat", "mean_of_dx_hat",
         of="the mean of the gradient of the normalised values"),
    step("through_var", "mean_dx_hat_x_hat", "mean_dxhat_xhat",
         of="the mean of its product with the normalised values"),
    step("dx", of="the gradient of x"),
    x=[[1, 4, 0, 3], [3, 1, 2, 9], [2, 8, -2, 0]],
    gamma=[2, -1, 3, 1],
    beta=[1, 0, -1, 2],
    dout=[[1, 2, -1, 3], [0, -3, 2, 1], [4, 1, 1, -2]],
)  # fmt: skip
def steps_back(student, x, gamma, beta, dout):
    out, cache = student.layernorm_forward(x, gamma, beta, {})
    return {"the output of layernorm_forward": out}, (dout, cache)
