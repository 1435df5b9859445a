"""Mistakes in layer normalisation."""

from coursekit.mutants import mistake

FORWARD, BACKWARD = "layernorm_forward", "layernorm_backward"

MISTAKES = (
    mistake(FORWARD, "statistics over the batch", "x.mean(axis=1, keepdims=True)",
            "x.mean(axis=0, keepdims=True)", "(centered**2).mean(axis=1, keepdims=True)",
            "(centered**2).mean(axis=0, keepdims=True)",
            sentence="Each column of your output has mean 0, where each row should: that is "
                     "batch normalisation. Which numbers share a mean here?"),
    mistake(FORWARD, "statistics not lined up with x", "x.mean(axis=1, keepdims=True)",
            "x.mean(axis=1)", "(centered**2).mean(axis=1, keepdims=True)",
            "(centered**2).mean(axis=1)",
            sentence="Means and deviations are right, but they meet the columns of x where "
                     "they belong to its rows. Look at how their shape lines up with that of "
                     "x."),
    mistake(FORWARD, "unbiased variance", "(centered**2).mean(axis=1, keepdims=True)",
            "(centered**2).sum(axis=1, keepdims=True) / (x.shape[1] - 1)",
            sentence="Your variance is larger than expected by a factor of D / (D - 1). Which "
                     "of the two estimates of a variance is used?"),
    mistake(FORWARD, "the eps of ln_param ignored", "var + eps", "var + 1e-5",
            sentence="It fits for the usual eps and for no other: where does the setting in "
                     "ln_param come in?"),
    mistake(FORWARD, "eps outside the root", "np.sqrt(var + eps)", "np.sqrt(var) + eps",
            sentence="It is close where an example's variance is large, and off where it is "
                     "small. Is eps added to the variance, or to the deviation?"),
    mistake(FORWARD, "gamma and beta by example", "gamma * x_hat + beta",
            "(np.resize(gamma, len(x)) * x_hat.T + np.resize(beta, len(x))).T",
            sentence="Each example is scaled by a gamma of its own. Statistics belong to an "
                     "example here; to what do gamma and beta belong?"),
    mistake(FORWARD, "centres x in place", "centered = x - mean",
            "x -= mean\ncentered = x",
            sentence="Your out is right, and the caller's x has lost its means on the way."),
    mistake(BACKWARD, "dgamma and dbeta summed over features", "dout.sum(axis=0)",
            "dout.sum(axis=1)", "dscale.sum(axis=0)", "dscale.sum(axis=1)",
            sentence="Your dgamma and dbeta have a number for each example. What shape have "
                     "gamma and beta, and over what is their gradient summed?"),
    mistake(BACKWARD, "means over the batch", "(dout @ gamma / D)[:, None]",
            "gamma * dout.mean(axis=0)", "(dscale @ gamma / D)[:, None]",
            "gamma * dscale.mean(axis=0)",
            sentence="Your dgamma and dbeta are right, and the means inside dx go over the "
                     "examples. Which numbers shared a mean on the way up?"),
    mistake(BACKWARD, "gamma multiplied in at the end", "dx_hat = dout * gamma", "dx_hat = dout",
            "dout @ gamma / D", "dout.mean(axis=1)", "dscale @ gamma / D", "dscale.mean(axis=1)",
            "dx = (dx_hat", "dx = gamma * (dx_hat",
            sentence="In batch normalisation gamma can wait until the end, since it is the "
                     "same in all that is averaged. Here the averages go over different "
                     "gammas."),
    mistake(BACKWARD, "variance path left out", " - x_hat * through_var", "",
            sentence="Your dgamma and dbeta are right, and dx treats each example's deviation "
                     "as a constant."),
    mistake(BACKWARD, "mean path left out", " - through_mean", "",
            sentence="The rows of your dx do not sum to zero. Adding the same to all features "
                     "of an example changes nothing: which path makes up for that?"),
    mistake(BACKWARD, "sums divided by N instead of D", "dout @ gamma / D",
            "dout @ gamma / N", "dscale @ gamma / D", "dscale @ gamma / N",
            sentence="It fits where there are as many examples as features. How many numbers "
                     "share a mean?"),
    mistake(BACKWARD, "dgamma of shape (1, D)", "dscale.sum(axis=0)",
            "dscale.sum(axis=0, keepdims=True)",
            sentence="Your dgamma has the right numbers and one axis too many."),
    mistake(BACKWARD, "scales dout in place", "dx_hat = dout * gamma",
            "dx_hat = dout\ndx_hat *= gamma",
            sentence="The gradients are right, and the caller's dout has been multiplied by "
                     "gamma."),
)  # fmt: skip
