"""Mistakes in batch normalisation."""

from coursekit.mutants import ALL, mistake

TRAIN, TEST = "batchnorm_forward:train", "batchnorm_forward:test"

MISTAKES = (
    mistake(TRAIN, "unbiased variance", "(centered**2).mean(axis=0)",
            "(centered**2).sum(axis=0) / (N - 1)",
            sentence="Your variance is larger than expected by a factor of N / (N - 1). Which "
                     "of the two estimates of a variance does batch normalisation use?"),
    mistake(TRAIN, "no eps", "np.sqrt(var + eps)", "np.sqrt(var)",
            sentence="A feature that is the same in all examples comes out as not a number. "
                     "What keeps the division from that?"),
    mistake(TRAIN, "eps outside the root", "np.sqrt(var + eps)", "np.sqrt(var) + eps",
            sentence="It is close where the variance is large, and off where it is small. Is "
                     "eps added to the variance, or to the deviation?"),
    mistake(TRAIN, "the eps of bn_param ignored", "var + eps", "var + 1e-5",
            sentence="It fits for the usual eps and for no other: where does the setting in "
                     "bn_param come in?"),
    mistake(TRAIN, "momentum the wrong way round",
            "momentum * running_mean + (1 - momentum) * mean",
            "(1 - momentum) * running_mean + momentum * mean",
            "momentum * running_var + (1 - momentum) * var",
            "(1 - momentum) * running_var + momentum * var",
            sentence="After one step your running averages are almost the minibatch's own. "
                     "With a momentum of 0.9, how much of the old value should be left?"),
    mistake(TRAIN, "the momentum of bn_param ignored",
            "momentum * running_mean + (1 - momentum) * mean", "0.9 * running_mean + 0.1 * mean",
            "momentum * running_var + (1 - momentum) * var", "0.9 * running_var + 0.1 * var",
            sentence="Your running averages fit for the usual momentum and for no other: where"
                     " does the setting in bn_param come in?"),
    mistake(TRAIN, "running statistics of shape (1, D)", "x.mean(axis=0)",
            "x.mean(axis=0, keepdims=True)", "(centered**2).mean(axis=0)",
            "(centered**2).mean(axis=0, keepdims=True)",
            sentence="The running averages have the right numbers and one axis too many."),
    mistake(TRAIN, "running_var keeps deviations", "(1 - momentum) * var", "(1 - momentum) * std",
            sentence="Your running_var follows the square root of what it should follow. Which"
                     " of the two does its name promise?"),
    mistake(TRAIN, "running statistics not updated",
            "running_mean = momentum * running_mean + (1 - momentum) * mean\n", "",
            "running_var = momentum * running_var + (1 - momentum) * var\n", "",
            sentence="Your out is right, and the running averages stay what they were. What "
                     "would test time have to go by?"),
    mistake(TRAIN, "statistics over the wrong axis", "x.mean(axis=0)",
            "x.mean(axis=1, keepdims=True)", "(centered**2).mean(axis=0)",
            "(centered**2).mean(axis=1, keepdims=True)",
            sentence="Each row of your output has mean 0, where each column should: the mean "
                     "of what is taken, over what?"),
    mistake(TRAIN, "divides by the variance", "centered / std", "centered / (var + eps)",
            sentence="Features with a large spread come out too small, and those with a small "
                     "one too large. What has the unit of x: the variance, or its root?"),
    mistake(TRAIN, "centres x in place", "centered = x - mean", "x -= mean\ncentered = x",
            sentence="Your out is right, and the caller's x has lost its means on the way."),
    mistake(TRAIN, "gamma and beta left out", "gamma * x_hat + beta", "x_hat",
            sentence="Your out has mean 0 and deviation 1 whatever gamma and beta say."),
    mistake(TEST, "no eps", "running_var + eps", "running_var",
            sentence="It is off most where the running variance is small, and not a number "
                     "where that is zero. What was added to the variance in training?"),
    mistake(TEST, "eps outside the root", "np.sqrt(running_var + eps)",
            "(np.sqrt(running_var) + eps)",
            sentence="It is close where the running variance is large, and off where it is "
                     "small. Is eps added to the variance, or to the deviation?"),
    mistake(TEST, "the eps of bn_param ignored", "running_var + eps", "running_var + 1e-5",
            sentence="It fits for the usual eps and for no other: where does the setting in "
                     "bn_param come in?"),
    mistake(TEST, "statistics of the minibatch", ALL,
            "x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)\n"
            "out = gamma * x_hat + beta\n",
            sentence="At test time the answer for one example still depends on the others, and"
                     " a single example comes out as beta. Whose mean is to be used now?"),
    mistake(TEST, "updates the running statistics", "out = gamma * x_hat + beta",
            "out = gamma * x_hat + beta\n"
            "running_mean = momentum * running_mean + (1 - momentum) * x.mean(axis=0)",
            sentence="Your out is right, and the running averages have moved. Should looking "
                     "at test images change the network?"),
    mistake(TEST, "gamma and beta left out", "gamma * x_hat + beta", "x_hat",
            sentence="Your out is the normalised x, whatever gamma and beta say. Are they for "
                     "training only?"),
    mistake(TEST, "no root", "np.sqrt(running_var + eps)", "(running_var + eps)",
            sentence="Features with a large running variance come out too small, and those "
                     "with a small one too large. What has the unit of x: the variance, or its"
                     " root?"),
    mistake("batchnorm_backward", "variance path left out",
            "dcentered = dcentered + centered * (2 * dvar / N)\n", "",
            sentence="Your dgamma and dbeta are right, and dx treats the deviation as a "
                     "constant. But each x also moves the variance."),
    mistake("batchnorm_backward", "mean path left out", "dx = dcentered + dmean / N",
            "dx = dcentered",
            sentence="The columns of your dx do not sum to zero. Adding the same to all "
                     "examples changes nothing: which path makes up for that?"),
    mistake("batchnorm_backward", "both paths left out", "dcentered + centered * (2 * dvar / N)",
            "dcentered", "dx = dcentered + dmean / N", "dx = dcentered",
            sentence="Your dx is as if mean and deviation were constants. Draw the graph: in "
                     "how many ways does one x reach the output?"),
    mistake("batchnorm_backward", "the mean's share not divided by N", "dmean / N", "dmean",
            sentence="The share that goes through the mean is N times too large. How much does"
                     " a mean change when one example moves?"),
    mistake("batchnorm_backward", "the factor 2 forgotten", "2 * dvar",
            "dvar",
            sentence="The share that goes through the variance is half of what it should be. "
                     "Look at the derivative of a square."),
    mistake("batchnorm_backward", "gamma forgotten", "dout * gamma", "dout",
            sentence="Your dx fits where gamma is 1, and nowhere else."),
    mistake("batchnorm_backward", "dgamma from x and not from x_hat", "(dout * x_hat).sum(axis=0)",
            "(dout * centered).sum(axis=0)",
            sentence="Your dgamma is too large by each feature's deviation. By what was gamma "
                     "multiplied on the way up?"),
    mistake("batchnorm_backward", "dgamma of shape (1, D)", "(dout * x_hat).sum(axis=0)",
            "(dout * x_hat).sum(axis=0, keepdims=True)",
            sentence="Your dgamma has the right numbers and one axis too many."),
    mistake("batchnorm_backward", "dbeta of shape (1, D)", "dout.sum(axis=0)",
            "dout.sum(axis=0, keepdims=True)",
            sentence="Your dbeta has the right numbers and one axis too many."),
    mistake("batchnorm_backward", "eps added a second time", "centered = x_hat * std",
            "centered = x_hat * std\nstd = np.sqrt(std**2 + 1e-5)",
            sentence="Your dx is slightly off where the variance is small: eps seems to be in "
                     "it twice. What does the cached deviation contain already?"),
    mistake("batchnorm_backward", "scales dout in place", "dx_hat = dout * gamma",
            "dx_hat = dout\ndx_hat *= gamma",
            sentence="The gradients are right, and the caller's dout has been multiplied by "
                     "gamma."),
    mistake("batchnorm_backward", "uses up the cache", "dcentered = dcentered + ",
            "x_hat *= 0\ndcentered = dcentered + ",
            sentence="A first call may look right, but the arrays in the cache are not what "
                     "they were: a second call with the same cache would give something else."),
    mistake("batchnorm_backward_alt", "gamma forgotten", "gamma / std", "1 / std",
            sentence="Your dx fits where gamma is 1, and nowhere else."),
    mistake("batchnorm_backward_alt", "not divided by N", "dbeta / N", "dbeta",
            "dgamma / N", "dgamma",
            sentence="Sums stand where means should: the two terms that are taken away are N "
                     "times too large."),
    mistake("batchnorm_backward_alt", "variance path left out", " - x_hat * (dgamma / N)", "",
            sentence="One of the two terms is missing: what is left does not notice that x "
                     "also moves the variance."),
    mistake("batchnorm_backward_alt", "mean path left out", " - dbeta / N", "",
            sentence="The columns of your dx do not sum to zero: one of the two terms is "
                     "missing, the one that goes through the mean."),
    mistake("batchnorm_backward_alt", "calls batchnorm_backward", ALL,
            "dx, dgamma, dbeta = batchnorm_backward(dout, cache)\n",
            sentence="This block hands its work to the other one. The point here is to write "
                     "the closed form down by itself."),
    mistake("batchnorm_backward_alt", "dgamma and dbeta swapped in dx",
            "dbeta / N - x_hat * (dgamma / N)", "dgamma / N - x_hat * (dbeta / N)",
            sentence="Your dgamma and dbeta are right, but in dx they have changed places. "
                     "Which of them goes with x_hat?"),
    mistake("batchnorm_backward_alt", "divides by D", "N = len(dout)", "N = dout.shape[1]",
            sentence="It fits where there are as many examples as features. Over which axis do"
                     " the means go?"),
    mistake("batchnorm_backward_alt", "the root of the deviation", "gamma / std",
            "gamma / np.sqrt(std)",
            sentence="Your dx is off by a factor for each feature, the root of its deviation. "
                     "Is what the cache holds a variance, or a deviation already?"),
)  # fmt: skip
