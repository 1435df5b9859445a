"""Mistakes in layer normalisation."""

from coursekit.mutants import mistake

FORWARD, BACKWARD = "layernorm_forward", "layernorm_backward"

MISTAKES = (
    mistake(FORWARD, "statistics over the batch", "x @ ones / D",
            "x.mean(axis=0, keepdims=True)", "centered**2 @ ones / D",
            "(centered**2).mean(axis=0, keepdims=True)",
            sentence="Your out is normalised feature by feature, over the examples: that is batch "
                     "normalisation. Which numbers share a mean here?",
            also=[
                (1,
                 "np.mean(x, axis=1, keepdims=True)",
                 "np.mean(x, axis=0)",
                 "np.var(x, axis=1, keepdims=True)",
                 "np.var(x, axis=0)"),
            ]),
    mistake(FORWARD, "statistics not lined up with x", "x @ ones / D",
            "x.mean(axis=1)", "centered**2 @ ones / D",
            "(centered**2).mean(axis=1)",
            sentence="Means and standard deviations meet the columns of x, though they belong to "
                     "its rows. Look at how their shape lines up with that of x.",
            also=[
                (1,
                 "np.mean(x, axis=1, keepdims=True)",
                 "np.mean(x, axis=1)",
                 "np.var(x, axis=1, keepdims=True)",
                 "np.var(x, axis=1)"),
            ]),
    mistake(FORWARD, "unbiased variance", "centered**2 @ ones / D",
            "(centered**2).sum(axis=1, keepdims=True) / (x.shape[1] - 1)",
            sentence="Your variance is larger than expected by a factor of D / (D - 1). Which "
                     "of the two estimates of a variance is used?",
            also=[
                (1, "np.var(x, axis=1,", "np.var(x, axis=1, ddof=1,"),
            ]),
    mistake(FORWARD, "the eps of ln_param ignored", "var + eps", "var + 1e-5",
            sentence="It is right only for the usual eps: where does the setting in ln_param come "
                     "in?",
            also=[
                (1,
                 "mean = np",
                 "eps = 1e-5\n"
                 "mean = np"),
                (1,
                 "mean = np",
                 "eps = 1e-8\n"
                 "mean = np"),
            ]),
    mistake(FORWARD, "eps outside the root", "np.sqrt(var + eps)", "np.sqrt(var) + eps",
            sentence="It is close where an example's variance is large, and off where it is "
                     "small. Is eps added to the variance, or to the standard deviation?",
            also=[
                (2, "np.sqrt(var + eps)", "np.std(columns, axis=0) + eps"),
            ]),
    mistake(FORWARD, "gamma and beta by example", "gamma * x_hat + beta",
            "(np.resize(gamma, len(x)) * x_hat.T + np.resize(beta, len(x))).T",
            sentence="Each example is scaled by a gamma of its own. Statistics belong to an "
                     "example here; to what do gamma and beta belong?",
            also=[
                (2,
                 "x_hat = x_hat.T\n"
                 "out = x_hat * gamma + beta",
                 "x_hat = x_hat.T\n"
                 "out = np.resize(gamma, (len(x), 1)) * x_hat + np.resize(beta, (len(x), 1))"),
            ]),
    mistake(FORWARD, "centres x in place", "centered = x - mean",
            "x -= mean\ncentered = x",
            sentence="After the call the caller's x is not what it was: something in here "
                     "writes into it. Work on an array of your own.",
            also=[
                (1,
                 "x_hat = (x - mean)",
                 "x -= mean\n"
                 "x_hat = x"),
            ]),
    mistake(BACKWARD, "dgamma and dbeta summed over features", "ones @ dout",
            "dout.sum(axis=1)", "ones @ dscale", "dscale.sum(axis=1)",
            sentence="Your dgamma and dbeta have a number for each example. What shape do gamma "
                     "and beta have, and over what is their gradient summed?",
            also=[
                (1,
                 "np.sum(dout, axis=0)",
                 "np.sum(dout, axis=1)",
                 "np.sum(dout * x_hat, axis=0)",
                 "np.sum(dout * x_hat, axis=1)"),
            ]),
    mistake(BACKWARD, "means over the batch", "(dout @ gamma / D)[:, None]",
            "gamma * dout.mean(axis=0)", "(dscale @ gamma / D)[:, None]",
            "gamma * dscale.mean(axis=0)",
            sentence="The means inside your dx go over the examples. Which numbers shared a mean "
                     "in the forward pass?",
            also=[
                (2,
                 "dstd = -(dx_hat * centered).sum(axis=1, keepdims=True)",
                 "dstd = -(dx_hat * centered).sum(axis=0)",
                 "dmean = -dcentered.sum(axis=1, keepdims=True)",
                 "dmean = -dcentered.sum(axis=0)",
                 "centered / D",
                 "centered / N",
                 "dmean / D",
                 "dmean / N"),
            ]),
    mistake(BACKWARD, "gamma multiplied in at the end", "dx_hat = dout * gamma", "dx_hat = dout",
            "dout @ gamma / D", "dout.mean(axis=1)", "dscale @ gamma / D", "dscale.mean(axis=1)",
            "dx = (dx_hat", "dx = gamma * (dx_hat",
            sentence="In batch normalisation gamma can wait until the end, since it is the "
                     "same in all that is averaged. Here the averages go over different "
                     "gammas."),
    mistake(BACKWARD, "variance path left out", " - x_hat * through_var", "",
            sentence="Your dx treats each example's standard deviation as a constant. But each x "
                     "also moves the variance.",
            also=[
                (1, " - x_hat * sum2", ""),
                (2, "+ 2 * dvar * centered / D", ""),
            ]),
    mistake(BACKWARD, "mean path left out", " - through_mean", "",
            sentence="The rows of your dx do not sum to zero. Adding the same to all features "
                     "of an example changes nothing: which path makes up for that?",
            also=[
                (1, " - sum1", ""),
                (2, " + dmean / D", ""),
            ]),
    mistake(BACKWARD, "sums divided by N instead of D", "dout @ gamma / D",
            "dout @ gamma / N", "dscale @ gamma / D", "dscale @ gamma / N",
            sentence="It is right only where there are as many examples as features. How many "
                     "numbers share a mean?",
            also=[
                "x_hat, std, gamma = cache\n"
                "N, D = dout.shape\n"
                "dbeta = dout.sum(axis=0)\n"
                "dgamma = (dout * x_hat).sum(axis=0)\n"
                "dx_hat = dout * gamma\n"
                "dx = (dx_hat - dx_hat.sum(axis=1, keepdims=True) / N\n"
                "      - x_hat * (dx_hat * x_hat).sum(axis=1, keepdims=True) / N) / std\n",
                (1, "1.0 / (D * std) * (D * dx_hat", "1.0 / (N * std) * (N * dx_hat"),
            ]),
    mistake(BACKWARD, "dgamma of shape (1, D)", "ones @ dscale",
            "dscale.sum(axis=0, keepdims=True)",
            sentence="Your dgamma has the right numbers and one axis too many.",
            also=[
                (1,
                 "np.sum(dout * x_hat, axis=0)",
                 "np.sum(dout * x_hat, axis=0).reshape(1, -1)"),
            ]),
    mistake(BACKWARD, "scales dout in place", "dx_hat = dout * gamma",
            "dx_hat = dout\ndx_hat *= gamma",
            sentence="After the call the caller's dout is not what it was: something in here "
                     "writes into it. Others may still need it.",
            also=[
                (1,
                 "dx_hat = dout * gamma",
                 "dout *= gamma\n"
                 "dx_hat = dout"),
            ]),
    mistake(FORWARD, "variance over all numbers", "centered**2 @ ones / D",
            "(centered**2).mean()",
            sentence="Each example has a mean of its own in your out, and all of them share one "
                     "variance. Over which numbers is it taken?",
            also=[(1, "np.var(x, axis=1, keepdims=True)", "np.var(x)")]),
    mistake(BACKWARD, "dgamma from x less its mean", "ones @ dscale",
            "(dscale * std).sum(axis=0)",
            sentence="Your dgamma has each example's standard deviation in it. By what was gamma "
                     "multiplied in the forward pass?",
            also=[(2, "(dout * x_hat).sum(axis=0)", "(dout * centered).sum(axis=0)")]),
)  # fmt: skip
