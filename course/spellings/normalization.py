"""Batch and layer normalisation as others write them, and words for what stands in them."""

TRAIN, TEST = "batchnorm_forward:train", "batchnorm_forward:test"

RUNNING = """\
running_mean = momentum * running_mean + (1 - momentum) * mean
running_var = momentum * running_var + (1 - momentum) * var
"""

SPELLINGS = {
    TRAIN: [
        """\
mean = np.mean(x, axis=0)
var = np.var(x, axis=0)
x_hat = (x - mean) / np.sqrt(var + eps)
out = gamma * x_hat + beta
"""
        + RUNNING
        + "cache = (x_hat, np.sqrt(var + eps), gamma)\n",
        """\
mean = np.sum(x, axis=0) / N
centered = x - mean
squares = centered**2
var = np.sum(squares, axis=0) / N
std = np.sqrt(var + eps)
inverse_std = 1.0 / std
x_hat = centered * inverse_std
scaled = gamma * x_hat
out = scaled + beta
"""
        + RUNNING
        + "cache = (x_hat, std, gamma)\n",
    ],
    TEST: [
        """\
x_hat = x - running_mean
std = np.sqrt(running_var + eps)
x_hat = x_hat / std
out = x_hat * gamma + beta
""",
        """\
scale = gamma / np.sqrt(running_var + eps)
out = x * scale + (beta - running_mean * scale)
""",
    ],
    "batchnorm_backward": [
        """\
x_hat, std, gamma = cache
N, D = dout.shape
centered = x_hat * std
inverse_std = 1.0 / std
dbeta = np.sum(dout, axis=0)
dscaled = dout
dgamma = np.sum(dscaled * x_hat, axis=0)
dx_hat = dscaled * gamma
dinverse_std = np.sum(dx_hat * centered, axis=0)
dcentered1 = dx_hat * inverse_std
dstd = -1.0 / std**2 * dinverse_std
dvar = 0.5 * inverse_std * dstd
dsquares = np.ones((N, D), dtype=dout.dtype) / N * dvar
dcentered2 = 2 * centered * dsquares
dx1 = dcentered1 + dcentered2
dmean = -np.sum(dcentered1 + dcentered2, axis=0)
dx2 = np.ones((N, D), dtype=dout.dtype) / N * dmean
dx = dx1 + dx2
""",
        """\
x_hat, std, gamma = cache
N = dout.shape[0]
centered = x_hat * std
dbeta = dout.sum(axis=0)
dgamma = (dout * x_hat).sum(axis=0)
dx_hat = dout * gamma
dvar = (dx_hat * centered * -0.5 * std**-3).sum(axis=0)
dmean = (-dx_hat / std).sum(axis=0) + dvar * (-2 * centered).mean(axis=0)
dx = dx_hat / std + dvar * 2 * centered / N + dmean / N
""",
        """\
x_hat, std, gamma = cache
N = dout.shape[0]
centered = x_hat * std
dbeta = dout.sum(axis=0)
dgamma = (dout * x_hat).sum(axis=0)
dx_hat = dout * gamma
dvar = (dx_hat * centered * -0.5 * std**-3).sum(axis=0)
dmean = (-dx_hat / std).sum(axis=0)
dx = dx_hat / std + dvar * 2 * centered / N + dmean / N
""",
    ],
    "batchnorm_backward_alt": [
        """\
x_hat, std, gamma = cache
N, D = dout.shape
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * x_hat, axis=0)
dx = (1.0 / N) * gamma / std * (N * dout - dbeta - x_hat * dgamma)
""",
        """\
x_hat, std, gamma = cache
N, D = dout.shape
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * x_hat, axis=0)
dx_hat = dout * gamma
dx = (N * dx_hat - np.sum(dx_hat, axis=0) - x_hat * np.sum(dx_hat * x_hat, axis=0)) / (N * std)
""",
        """\
x_hat, std, gamma = cache
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * x_hat, axis=0)
dx_hat = dout * gamma
dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std
""",
    ],
    "layernorm_forward": [
        """\
mean = np.mean(x, axis=1, keepdims=True)
var = np.var(x, axis=1, keepdims=True)
x_hat = (x - mean) / np.sqrt(var + eps)
out = gamma * x_hat + beta
cache = (x_hat, np.sqrt(var + eps), gamma)
""",
        """\
columns = x.T
mean = np.mean(columns, axis=0)
var = np.var(columns, axis=0)
std = np.sqrt(var + eps)
x_hat = (columns - mean) / std
x_hat = x_hat.T
out = x_hat * gamma + beta
cache = (x_hat, std[:, None], gamma)
""",
    ],
    "layernorm_backward": [
        """\
x_hat, std, gamma = cache
N, D = dout.shape
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * x_hat, axis=0)
dx_hat = dout * gamma
sum1 = np.sum(dx_hat, axis=1, keepdims=True)
sum2 = np.sum(dx_hat * x_hat, axis=1, keepdims=True)
dx = 1.0 / (D * std) * (D * dx_hat - sum1 - x_hat * sum2)
""",
        """\
x_hat, std, gamma = cache
N, D = dout.shape
centered = x_hat * std
dbeta = dout.sum(axis=0)
dgamma = (dout * x_hat).sum(axis=0)
dx_hat = dout * gamma
dstd = -(dx_hat * centered).sum(axis=1, keepdims=True) / std**2
dvar = 0.5 * dstd / std
dcentered = dx_hat / std + 2 * dvar * centered / D
dmean = -dcentered.sum(axis=1, keepdims=True)
dx = dcentered + dmean / D
""",
        """\
x_hat, std, gamma = cache
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * x_hat, axis=0)
dx_hat = (dout * gamma).T
x_hat = x_hat.T
D = dx_hat.shape[0]
dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std.T
dx = dx.T
""",
    ],
}

WORDS = {
    "": {
        "mean": "the mean",
        "var": "the variance",
        "std": "the standard deviation",
        "inverse_std": "one over the standard deviation",
        "squares": "the squared distances from the mean",
        "centered": "x less its mean",
        "x_hat": "the normalised x",
        "scaled": "the normalised x times gamma",
        "x - mean": "x less its mean",
        "x - running_mean": "x less the running mean",
        "running_mean": "the running mean",
        "running_var": "the running variance",
        "mean * (1 - momentum)": "the mean's share",
        "(1 - momentum) * mean": "the minibatch's mean",
        "(1 - momentum) * var": "the minibatch's variance",
        "momentum * running_mean": "the old running mean",
        "momentum * running_var": "the old running variance",
        "1 - momentum": "the newest minibatch's share",
        "dbeta": "dbeta",
        "dgamma": "dgamma",
        "dx": "dx",
        "dx_hat": "the gradient of the normalised x",
        "dscaled": "the gradient of the normalised x",
        "dinverse_std": "the gradient of the standard deviation",
        "dstd": "the gradient of the standard deviation",
        "dvar": "the gradient of the variance",
        "dsquares": "the gradient of the squared distances",
        "dcentered": "the gradient of x less its mean",
        "dcentered1": "the gradient of x less its mean",
        "dcentered2": "the share of the variance in dx",
        "centered * (2 * dvar / N)": "the share of the variance in dx",
        "2 * dvar * centered / D": "the share of the variance in dx",
        "dvar * 2 * centered / N": "the share of the variance in dx",
        "dmean": "the gradient of the mean",
        "dx1": "the gradient of x less its mean",
        "dx2": "the share of the mean in dx",
        "dmean / N": "the share of the mean in dx",
        "dmean / D": "the share of the mean in dx",
        "dbeta / N": "the share of the mean in dx",
        "dgamma / N": "the share of the variance in dx",
        "x_hat * (dgamma / N)": "the share of the variance in dx",
        "x_hat * dgamma": "the share of the variance in dx",
        "through_mean": "the share of the mean in dx",
        "through_var": "the share of the variance in dx",
        "x_hat * through_var": "the share of the variance in dx",
        "sum1": "the share of the mean in dx",
        "sum2": "the share of the variance in dx",
        "x_hat * sum2": "the share of the variance in dx",
        "dx_hat.mean(axis=0)": "the share of the mean in dx",
        "np.sum(dx_hat, axis=0)": "the share of the mean in dx",
        "x_hat * (dx_hat * x_hat).mean(axis=0)": "the share of the variance in dx",
        "x_hat * np.sum(dx_hat * x_hat, axis=0)": "the share of the variance in dx",
        "dscale": "dout times the normalised x",
        "cache": "the cache",
        "N": "N",
        "D": "D",
        "dout.shape[0]": "N",
        "len(dout)": "N",
        "eps": "eps",
        "columns": "x",
        "scale": "gamma over the standard deviation",
        "1": "1",
    },
}

VALUES = {
    TRAIN: {
        "mean": [
            ("running_mean", "the running mean"),
            ("x.mean()", "the mean of all numbers"),
            ("x.mean(axis=1, keepdims=True)", "the mean of each example"),
            ("np.median(x, axis=0)", "the median"),
            ("0 * running_mean", "zero"),
        ],
        "var": [
            ("x.std(axis=0)", "the standard deviation"),
            ("x.var()", "the variance of all numbers"),
            ("x.var(axis=0) + eps", "the variance with eps in it"),
            ("x.var(axis=1, keepdims=True)", "the variance of each example"),
            ("(x**2).mean(axis=0)", "the mean of squares"),
            ("(x**2).mean(axis=0) - x.mean(axis=0)", "a difference of means"),
            ("((x - running_mean) ** 2).mean(axis=0)", "the distance from the running mean"),
            ("running_var", "the running variance"),
            ("((x - x.mean(axis=0)) ** 2).sum(axis=0)", "the sum of squared distances"),
            ("np.abs(x - x.mean(axis=0)).mean(axis=0)", "the mean distance from the mean"),
        ],
        "std": [
            ("np.sqrt(running_var + eps)", "the running standard deviation"),
            ("np.std(x, axis=0) + eps", "the standard deviation with eps added to it"),
            ("np.std(x, axis=0)", "the standard deviation without eps"),
            ("np.sqrt(var) + np.sqrt(eps)",
             "the standard deviation with the root of eps added to it"),
            ("np.maximum(np.std(x, axis=0), eps)", "the standard deviation, eps at least"),
        ],
        "x_hat": [
            ("(x - running_mean) / np.sqrt(running_var + eps)",
             "an x that is normalised by the running averages"),
            ("(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0)) + eps",
             "a normalised x to which eps is added"),
        ],
        "running_mean": [
            ("mean", "the minibatch's mean"),
            ("momentum * running_mean + mean", "a sum without the new share's factor"),
            ("momentum * mean", "the minibatch's mean times momentum"),
            ("0.9 * running_mean + 0.1 * mean", "a momentum that is fixed"),
            ("(1 - momentum) * running_mean + momentum * mean", "a momentum the other way round"),
            ("(1 - momentum) * mean", "an average that starts anew at each step"),
        ],
        "running_var": [
            ("var", "the minibatch's variance"),
            ("momentum * running_var + var", "a sum without the new share's factor"),
            ("momentum * running_var + (1 - momentum) * np.sqrt(var + eps)",
             "the standard deviation"),
            ("momentum * running_var + (1 - momentum) * np.sqrt(var)", "the standard deviation"),
            ("momentum * running_var + (1 - momentum) * (var + eps)",
             "the variance with eps in it"),
            ("momentum * running_var + (1 - momentum) * var * N / max(N - 1, 1)",
             "the unbiased variance"),
            ("momentum * running_var + (1 - momentum) * mean", "the minibatch's mean"),
            ("0.9 * running_var + 0.1 * var", "a momentum that is fixed"),
            ("(1 - momentum) * running_var + momentum * var", "a momentum the other way round"),
            ("(1 - momentum) * var", "an average that starts anew at each step"),
        ],
        "out": [
            ("gamma * (x_hat + beta)", "a shift that is scaled too"),
            ("beta * x_hat + gamma", "gamma and beta the other way round"),
        ],
    },
    TEST: {
        "x_hat": [
            ("(x - running_mean) / (np.sqrt(running_var) + eps)",
             "eps that is added after the root"),
            ("(x - running_mean) / np.sqrt(running_var)", "a standard deviation without eps"),
            ("(x - running_mean) / running_var", "the running variance without its root"),
            ("(x - running_mean) / (running_var + eps)", "the running variance without its root"),
            ("(x - x.mean(axis=0)) / np.sqrt(running_var + eps)", "the minibatch's own mean"),
            ("(x - running_mean) / np.sqrt(x.var(axis=0) + eps)", "the minibatch's own variance"),
            ("(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)",
             "statistics of the minibatch"),
            ("(x - running_mean) / np.sqrt(running_var + 1e-5)", "an eps that is fixed"),
            ("(x - running_mean) / np.sqrt(running_var + 1e-8)", "an eps that is fixed"),
            ("(x - running_mean) * np.sqrt(running_var + eps)",
             "a product with the standard deviation"),
            ("x", "x as it is"),
        ],
        "out": [
            ("gamma * (x_hat + beta)", "a shift that is scaled too"),
            ("beta * x_hat + gamma", "gamma and beta the other way round"),
            ("x", "x as it is"),
        ],
    },
    "batchnorm_backward": {
        "dgamma": [
            ("(dout * centered).sum(axis=0)", "a product with x less its mean"),
            ("(dout * (x_hat * std + 1)).sum(axis=0)", "a product with x"),
            ("dout.sum(axis=0) * x_hat.sum(axis=0)", "a product of two sums"),
            ("(dout * gamma * x_hat).sum(axis=0)", "a gradient with gamma in it"),
            ("(dout * x_hat).mean(axis=0)", "a mean"),
        ],
        "dbeta": [
            ("(dout * gamma).sum(axis=0)", "a gradient with gamma in it"),
            ("dout.mean(axis=0)", "a mean"),
            ("dout.copy()", "dout as it is"),
        ],
    },
    "layernorm_forward": {
        "var": [
            ("x.std(axis=1, keepdims=True)", "the standard deviation"),
            ("np.full((len(x), 1), x.var())", "the variance of all numbers"),
            ("(x**2).mean(axis=1, keepdims=True)", "the mean of squares"),
            ("((x - x.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True)",
             "the sum of squared distances"),
            ("x.var(axis=0)", "the variance of each feature"),
            ("x.var(axis=1, ddof=1, keepdims=True)", "the unbiased variance"),
        ],
        "mean": [
            ("np.full((len(x), 1), x.mean())", "the mean of all numbers"),
            ("x.mean(axis=0)", "the mean of each feature"),
        ],
        "std": [
            ("x.std(axis=1, keepdims=True) + eps", "the standard deviation with eps added to it"),
            ("x.std(axis=1, keepdims=True)", "the standard deviation without eps"),
            ("np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)", "an eps that is fixed"),
            ("np.sqrt(x.var(axis=1, keepdims=True) + 1e-8)", "an eps that is fixed"),
        ],
        "out": [
            ("gamma * (x_hat + beta)", "a shift that is scaled too"),
            ("beta * x_hat + gamma", "gamma and beta the other way round"),
        ],
    },
    "layernorm_backward": {
        "dgamma": [
            ("(dout * x_hat * std).sum(axis=0)", "a product with x less its mean"),
            ("(dout * gamma * x_hat).sum(axis=0)", "a gradient with gamma in it"),
            ("(dout * x_hat).mean(axis=0)", "a mean"),
            ("(dout * x_hat).sum(axis=1)", "a number for each example"),
        ],
        "dbeta": [
            ("(dout * gamma).sum(axis=0)", "a gradient with gamma in it"),
            ("dout.mean(axis=0)", "a mean"),
            ("dout.sum(axis=1)", "a number for each example"),
        ],
        "dx": [
            ("gamma / std * (dout - dout.mean(axis=1, keepdims=True)"
             " - x_hat * (dout * x_hat).mean(axis=1, keepdims=True))",
             "a gamma that is multiplied in at the end"),
            ("gamma / std * (dout - dout.mean(axis=0)"
             " - x_hat * (dout * x_hat).mean(axis=0))",
             "means over examples"),
            ("(dout * gamma - (dout * gamma).mean(axis=0)"
             " - x_hat * (dout * gamma * x_hat).mean(axis=0)) / std",
             "means over examples"),
        ],
    },
}  # fmt: skip
VALUES["batchnorm_backward_alt"] = {
    name: VALUES["batchnorm_backward"][name] for name in ("dgamma", "dbeta")
}
