"""Mistakes in batch normalisation."""

from coursekit.mutants import ALL, mistake

TRAIN, TEST = "batchnorm_forward:train", "batchnorm_forward:test"

MISTAKES = (
    mistake(TRAIN, "unbiased variance", "ones @ centered**2 / N",
            "ones @ centered**2 / (N - 1)",
            sentence="Your variance is larger than expected by a factor of N / (N - 1). Which "
                     "of the two estimates of a variance does batch normalisation use?",
            also=[
                (1, "np.var(x, axis=0)", "np.var(x, axis=0, ddof=1)"),
                (2, "np.sum(squares, axis=0) / N", "np.sum(squares, axis=0) / (N - 1)"),
            ]),
    mistake(TRAIN, "no eps", "np.sqrt(var + eps)", "np.sqrt(var)",
            sentence="A feature that is the same in all examples comes out as NaN. What keeps the "
                     "division from that?",
            also=[
                (1,
                 "/ np.sqrt(var + eps)\n"
                 "out",
                 "/ np.sqrt(var)\n"
                 "out"),
                (1,
                 "/ np.sqrt(var + eps)\n"
                 "out",
                 "/ np.std(x, axis=0)\n"
                 "out"),
            ]),
    mistake(TRAIN, "eps outside the root", "np.sqrt(var + eps)", "np.sqrt(var) + eps",
            sentence="It is close where the variance is large, and off where it is small. Is eps "
                     "added to the variance, or to the standard deviation?",
            also=[
                (1,
                 "/ np.sqrt(var + eps)\n"
                 "out",
                 "/ (np.std(x, axis=0) + eps)\n"
                 "out"),
            ]),
    mistake(TRAIN, "the eps of bn_param ignored", "var + eps", "var + 1e-5",
            sentence="It is right only for the usual eps: where does the setting in bn_param come "
                     "in?",
            also=[
                (1,
                 "/ np.sqrt(var + eps)\n"
                 "out",
                 "/ np.sqrt(var + 1e-8)\n"
                 "out"),
                (1,
                 "np.var(x, axis=0)",
                 "np.var(x, axis=0)\n"
                 "eps = 1e-5"),
            ]),
    mistake(TRAIN, "momentum the wrong way round",
            "momentum * running_mean + (1 - momentum) * mean",
            "(1 - momentum) * running_mean + momentum * mean",
            "momentum * running_var + (1 - momentum) * var",
            "(1 - momentum) * running_var + momentum * var",
            sentence="After one step your running averages are almost the minibatch's own. "
                     "With a momentum of 0.9, how much of the old value should be left?",
            also=[
                "mean, var = x.mean(axis=0), x.var(axis=0)\n"
                "out = gamma * (x - mean) / np.sqrt(var + eps) + beta\n"
                "running_mean = running_mean + momentum * (mean - running_mean)\n"
                "running_var = running_var + momentum * (var - running_var)\n",
            ]),
    mistake(TRAIN, "the momentum of bn_param ignored",
            "momentum * running_mean + (1 - momentum) * mean", "0.9 * running_mean + 0.1 * mean",
            "momentum * running_var + (1 - momentum) * var", "0.9 * running_var + 0.1 * var",
            sentence="Your running averages are right only for the usual momentum: where does the "
                     "setting in bn_param come in?",
            also=[
                (1,
                 "mean = np.mean",
                 "momentum = 0.9\n"
                 "mean = np.mean"),
                (1,
                 "mean = np.mean",
                 "momentum = 0.99\n"
                 "mean = np.mean"),
            ]),
    mistake(TRAIN, "running statistics of shape (1, D)", "ones @ x / N",
            "x.mean(axis=0, keepdims=True)", "ones @ centered**2 / N",
            "(centered**2).mean(axis=0, keepdims=True)",
            sentence="The running averages have the right numbers and one axis too many.",
            also=[
                (1,
                 "np.mean(x, axis=0)",
                 "np.mean(x, axis=0, keepdims=True)",
                 "np.var(x, axis=0)",
                 "np.var(x, axis=0, keepdims=True)"),
                (1,
                 "np.mean(x, axis=0)",
                 "np.mean(x, axis=0).reshape(1, -1)",
                 "np.var(x, axis=0)",
                 "np.var(x, axis=0).reshape(1, -1)"),
            ]),
    mistake(TRAIN, "running_var keeps deviations", "(1 - momentum) * var", "(1 - momentum) * std",
            sentence="Your running_var follows the square root of what it should follow. Which"
                     " of the two does its name promise?",
            also=[
                (1, "(1 - momentum) * var", "(1 - momentum) * np.std(x, axis=0)"),
            ]),
    mistake(TRAIN, "running statistics not updated",
            "running_mean = momentum * running_mean + (1 - momentum) * mean\n", "",
            "running_var = momentum * running_var + (1 - momentum) * var\n", "",
            sentence="The running averages stay what they were before the call. What would test "
                     "time have to go by?",
            also=[
                "mean, var = x.mean(axis=0), x.var(axis=0)\n"
                "x_hat = (x - mean) / np.sqrt(var + eps)\n"
                "out = gamma * x_hat + beta\n"
                "cache = (x_hat, np.sqrt(var + eps), gamma)\n",
            ]),
    mistake(TRAIN, "statistics over the wrong axis", "ones @ x / N",
            "x.mean(axis=1, keepdims=True)", "ones @ centered**2 / N",
            "(centered**2).mean(axis=1, keepdims=True)",
            sentence="Your out is not normalised feature by feature. Over which axis do you "
                     "average?",
            also=[
                (1,
                 "np.mean(x, axis=0)",
                 "np.mean(x, axis=1)[:, None]",
                 "np.var(x, axis=0)",
                 "np.var(x, axis=1)[:, None]"),
                (1, "np.mean(x, axis=0)", "np.mean(x)", "np.var(x, axis=0)", "np.var(x)"),
            ]),
    mistake(TRAIN, "divides by the variance", "centered / std", "centered / (var + eps)",
            sentence="Features with a large spread come out too small, and those with a small "
                     "one too large. What has the unit of x: the variance, or its root?",
            also=[
                (1,
                 "np.sqrt(var + eps)\n"
                 "out",
                 "(var + eps)\n"
                 "out"),
                (1,
                 "np.sqrt(var + eps)\n"
                 "out",
                 "var\n"
                 "out"),
            ]),
    mistake(TRAIN, "centres x in place", "centered = x - mean", "x -= mean\ncentered = x",
            sentence="After the call the caller's x is not what it was: something in here "
                     "writes into it. Work on an array of your own.",
            also=[
                (1,
                 "x_hat = (x - mean)",
                 "x -= mean\n"
                 "x_hat = x"),
            ]),
    mistake(TRAIN, "gamma and beta left out", "gamma * x_hat + beta", "x_hat",
            sentence="Your out has mean 0 and standard deviation 1 whatever gamma and beta say.",
            also=[
                (1, "gamma * x_hat + beta", "x_hat"),
            ]),
    mistake(TEST, "no eps", "running_var + eps", "running_var",
            sentence="It is off most where the running variance is small, and NaN where that is "
                     "zero. What was added to the variance in training?",
            also=[
                (1, "np.sqrt(running_var + eps)", "np.sqrt(running_var)"),
                "out = gamma * (x - running_mean) / running_var**0.5 + beta\n",
            ]),
    mistake(TEST, "eps outside the root", "np.sqrt(running_var + eps)",
            "(np.sqrt(running_var) + eps)",
            sentence="It is close where the running variance is large, and off where it is small. "
                     "Is eps added to the variance, or to the standard deviation?",
            also=[
                (1, "np.sqrt(running_var + eps)", "np.sqrt(running_var) + eps"),
            ]),
    mistake(TEST, "the eps of bn_param ignored", "running_var + eps", "running_var + 1e-5",
            sentence="It is right only for the usual eps: where does the setting in bn_param come "
                     "in?",
            also=[
                (1, "np.sqrt(running_var + eps)", "np.sqrt(running_var + 1e-8)"),
                (1,
                 "std = np",
                 "eps = 1e-5\n"
                 "std = np"),
            ]),
    mistake(TEST, "statistics of the minibatch", ALL,
            "x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)\n"
            "out = gamma * x_hat + beta\n",
            sentence="At test time the answer for one example still depends on the others, and"
                     " a single example comes out as beta. Whose mean is to be used now?",
            also=[
                "mean, var = np.mean(x, axis=0), np.var(x, axis=0)\n"
                "out = gamma * (x - mean) / np.sqrt(var + eps) + beta\n",
            ]),
    mistake(TEST, "updates the running statistics", "out = gamma * x_hat + beta",
            "out = gamma * x_hat + beta\n"
            "running_mean = momentum * running_mean + (1 - momentum) * x.mean(axis=0)",
            sentence="The running averages have moved during a call at test time. Should "
                     "looking at test images change the network?",
            also=[
                "out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta\n"
                "running_mean = momentum * running_mean + (1 - momentum) * x.mean(axis=0)\n"
                "running_var = momentum * running_var + (1 - momentum) * x.var(axis=0)\n",
                "running_mean = momentum * running_mean + (1 - momentum) * x.mean(axis=0)\n"
                "running_var = momentum * running_var + (1 - momentum) * x.var(axis=0)\n"
                "out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta\n",
            ]),
    mistake(TEST, "gamma and beta left out", "gamma * x_hat + beta", "x_hat",
            sentence="Your out is the normalised x, whatever gamma and beta say. Are they for "
                     "training only?",
            also=[
                (1, "x_hat * gamma + beta", "x_hat"),
            ]),
    mistake(TEST, "no root", "np.sqrt(running_var + eps)", "(running_var + eps)",
            sentence="Features with a large running variance come out too small, and those "
                     "with a small one too large. What has the unit of x: the variance, or its"
                     " root?",
            also=[
                (1, "np.sqrt(running_var + eps)", "running_var + eps"),
                (1, "np.sqrt(running_var + eps)", "running_var"),
            ]),
    mistake("batchnorm_backward", "variance path left out",
            "dcentered = dcentered + centered * (2 * dvar / N)\n", "",
            sentence="Your dx treats the standard deviation as a constant. But each x also moves "
                     "the variance.",
            also=[
                (1,
                 "dcentered1 + dcentered2\n"
                 "dmean",
                 "dcentered1\n"
                 "dmean",
                 "np.sum(dcentered1 + dcentered2, axis=0)",
                 "np.sum(dcentered1, axis=0)"),
                (2, " + dvar * 2 * centered / N", ""),
            ]),
    mistake("batchnorm_backward", "mean path left out", "dx = dcentered + dmean / N",
            "dx = dcentered",
            sentence="The columns of your dx do not sum to zero. Adding the same to all "
                     "examples changes nothing: which path makes up for that?",
            also=[
                (1, "dx = dx1 + dx2", "dx = dx1"),
                (2, " + dmean / N", ""),
            ]),
    mistake("batchnorm_backward", "both paths left out", "dcentered + centered * (2 * dvar / N)",
            "dcentered", "dx = dcentered + dmean / N", "dx = dcentered",
            sentence="Your dx is as if mean and standard deviation were constants. Draw the "
                     "graph: in how many ways does one x reach the output?",
            also=[
                "x_hat, std, gamma = cache\n"
                "dbeta = dout.sum(axis=0)\n"
                "dgamma = (dout * x_hat).sum(axis=0)\n"
                "dx = dout * gamma / std\n",
            ]),
    mistake("batchnorm_backward", "the mean's share not divided by N", "dmean / N", "dmean",
            sentence="The share that goes through the mean is N times too large. How much does"
                     " a mean change when one example moves?",
            also=[
                (1, "dtype=dout.dtype) / N * dmean", "dtype=dout.dtype) * dmean"),
                (2, "+ dmean / N", "+ dmean"),
            ]),
    mistake("batchnorm_backward", "the factor 2 forgotten", "2 * dvar",
            "dvar",
            sentence="The share that goes through the variance is half of what it should be. "
                     "Look at the derivative of a square.",
            also=[
                (1, "2 * centered * dsquares", "centered * dsquares"),
                (2, "dvar * 2 * centered", "dvar * centered"),
            ]),
    mistake("batchnorm_backward", "gamma forgotten", "dout * gamma", "dout",
            sentence="Your dx is right only where gamma is 1. Where does gamma come in?",
            also=[
                (1, "dscaled * gamma", "dscaled"),
                (2, "dx_hat = dout * gamma", "dx_hat = dout"),
            ]),
    mistake("batchnorm_backward", "dgamma from x and not from x_hat", "ones @ (dout * x_hat)",
            "ones @ (dout * centered)",
            sentence="Your dgamma is off by a factor, each feature's standard deviation. By what "
                     "was gamma multiplied in the forward pass?"),
    mistake("batchnorm_backward", "dgamma of shape (1, D)", "ones @ (dout * x_hat)",
            "(dout * x_hat).sum(axis=0, keepdims=True)",
            sentence="Your dgamma has the right numbers and one axis too many.",
            also=[
                (1,
                 "np.sum(dscaled * x_hat, axis=0)",
                 "np.sum(dscaled * x_hat, axis=0).reshape(1, -1)"),
            ]),
    mistake("batchnorm_backward", "dbeta of shape (1, D)", "ones @ dout",
            "dout.sum(axis=0, keepdims=True)",
            sentence="Your dbeta has the right numbers and one axis too many.",
            also=[
                (1, "np.sum(dout, axis=0)", "np.sum(dout, axis=0).reshape(1, -1)"),
            ]),
    mistake("batchnorm_backward", "eps added a second time", "centered = x_hat * std",
            "centered = x_hat * std\nstd = np.sqrt(std**2 + 1e-5)",
            sentence="Your dx is slightly off where the variance is small: eps seems to be in it "
                     "twice. What does the cached standard deviation contain already?",
            also=[
                (1,
                 "inverse_std = 1.0 / std\n",
                 "std = np.sqrt(std**2 + 1e-5)\n"
                 "inverse_std = 1.0 / std\n"),
            ]),
    mistake("batchnorm_backward", "scales dout in place", "dx_hat = dout * gamma",
            "dx_hat = dout\ndx_hat *= gamma",
            sentence="After the call the caller's dout is not what it was: something in here "
                     "writes into it. Others may still need it.",
            also=[
                (1,
                 "dscaled * gamma",
                 "dscaled\n"
                 "dx_hat *= gamma"),
            ]),
    mistake("batchnorm_backward", "uses up the cache", "dcentered = dcentered + ",
            "x_hat *= 0\ndcentered = dcentered + ",
            sentence="The arrays in the cache are not what they were after a first call: a "
                     "second call with the same cache gives something else."),
    mistake("batchnorm_backward_alt", "gamma forgotten", "gamma / std", "1 / std",
            sentence="Your dx is right only where gamma is 1. Where does gamma come in?",
            also=[
                (1, "* gamma / std", "/ std"),
                (2, "dx_hat = dout * gamma", "dx_hat = dout"),
            ]),
    mistake("batchnorm_backward_alt", "not divided by N", "dbeta / N", "dbeta",
            "dgamma / N", "dgamma",
            sentence="Sums stand where means should: the two terms that are taken away are N "
                     "times too large.",
            also=[
                (3,
                 "dx_hat.mean(axis=0)",
                 "dx_hat.sum(axis=0)",
                 "(dx_hat * x_hat).mean(axis=0)",
                 "(dx_hat * x_hat).sum(axis=0)"),
            ]),
    mistake("batchnorm_backward_alt", "variance path left out", " - x_hat * (dgamma / N)", "",
            sentence="One of the two terms is missing: what is left does not notice that x "
                     "also moves the variance.",
            also=[
                (1, " - x_hat * dgamma", ""),
                (3, " - x_hat * (dx_hat * x_hat).mean(axis=0)", ""),
            ]),
    mistake("batchnorm_backward_alt", "mean path left out", " - dbeta / N", "",
            sentence="The columns of your dx do not sum to zero: one of the two terms is "
                     "missing, the one that goes through the mean.",
            also=[
                (1, " - dbeta", ""),
                (3, " - dx_hat.mean(axis=0)", ""),
            ]),
    mistake("batchnorm_backward_alt", "calls batchnorm_backward", ALL,
            "dx, dgamma, dbeta = batchnorm_backward(dout, cache)\n",
            sentence="This block hands its work to the other one. The point here is to write "
                     "the closed form down by itself."),
    mistake("batchnorm_backward_alt", "dgamma and dbeta swapped in dx",
            "dbeta / N - x_hat * (dgamma / N)", "dgamma / N - x_hat * (dbeta / N)",
            sentence="Inside your dx, the sums behind dgamma and dbeta have changed places. "
                     "Which of them goes with x_hat?",
            also=[
                (1, "- dbeta - x_hat * dgamma", "- dgamma - x_hat * dbeta"),
            ]),
    mistake("batchnorm_backward_alt", "divides by D", "N = len(dout)", "N = dout.shape[1]",
            sentence="It is right only where there are as many examples as features. Over which "
                     "axis do the means go?",
            also=[
                (1, "N, D = dout.shape", "D, N = dout.shape"),
            ]),
    mistake("batchnorm_backward_alt", "the root of the deviation", "gamma / std",
            "gamma / np.sqrt(std)",
            sentence="Your dx is off by a factor for each feature, the root of its standard "
                     "deviation. Is what the cache holds a variance, or a standard deviation "
                     "already?",
            also=[
                (1, "gamma / std", "gamma / np.sqrt(std)"),
            ]),
    mistake("batchnorm_backward", "the deviation cubed", "/ std**2", "/ std**3",
            sentence="Your dx is off by a power of the standard deviation, in the part that goes "
                     "through it. Differentiate one over the standard deviation once more.",
            also=[(1, "-1.0 / std**2", "-1.0 / std**3")]),
    mistake("batchnorm_backward", "the half forgotten", "0.5 * dstd", "dstd",
            sentence="The share that goes through the variance is twice what it should be. Look at "
                     "the derivative of a root.",
            also=[(1, "0.5 * inverse_std", "inverse_std"), (2, "* -0.5 *", "* -1 *")]),
    mistake("batchnorm_backward_alt", "dgamma from x less its mean", "ones @ (dout * x_hat)",
            "(dout * x_hat * std).sum(axis=0)",
            sentence="Your dgamma is off by a factor, each feature's standard deviation. By what "
                     "was gamma multiplied in the forward pass?",
            also=[(1, "np.sum(dout * x_hat, axis=0)", "np.sum(dout * x_hat * std, axis=0)")]),
    mistake(TRAIN, "variance over all numbers", "ones @ centered**2 / N",
            "(centered**2).mean()",
            sentence="Each feature has a mean of its own, and all of them share one variance. Over "
                     "which numbers is it taken?",
            also=[(1, "np.var(x, axis=0)", "np.full(D, np.var(x - mean))")]),
)  # fmt: skip
