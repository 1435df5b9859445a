"""Mistakes in layer normalisation."""

from .mistake import mistake

FORWARD, BACKWARD = "layernorm_forward", "layernorm_backward"

MISTAKES = (
    mistake(FORWARD, "statistics over the batch", "x.mean(axis=1, keepdims=True)",
            "x.mean(axis=0, keepdims=True)", "(centered**2).mean(axis=1, keepdims=True)",
            "(centered**2).mean(axis=0, keepdims=True)"),
    mistake(FORWARD, "statistics not lined up with x", "x.mean(axis=1, keepdims=True)",
            "x.mean(axis=1)", "(centered**2).mean(axis=1, keepdims=True)",
            "(centered**2).mean(axis=1)"),
    mistake(FORWARD, "unbiased variance", "(centered**2).mean(axis=1, keepdims=True)",
            "(centered**2).sum(axis=1, keepdims=True) / (x.shape[1] - 1)"),
    mistake(FORWARD, "the eps of ln_param ignored", "var + eps", "var + 1e-5"),
    mistake(FORWARD, "eps outside the root", "np.sqrt(var + eps)", "np.sqrt(var) + eps"),
    mistake(FORWARD, "gamma and beta by example", "gamma * x_hat + beta",
            "(np.resize(gamma, len(x)) * x_hat.T + np.resize(beta, len(x))).T"),
    mistake(FORWARD, "centres x in place", "centered = x - mean",
            "x -= mean\ncentered = x"),
    mistake(BACKWARD, "dgamma and dbeta summed over features", "dout.sum(axis=0)",
            "dout.sum(axis=1)", "dscale.sum(axis=0)", "dscale.sum(axis=1)"),
    mistake(BACKWARD, "means over the batch", "(dout @ gamma / D)[:, None]",
            "gamma * dout.mean(axis=0)", "(dscale @ gamma / D)[:, None]",
            "gamma * dscale.mean(axis=0)"),
    mistake(BACKWARD, "gamma multiplied in at the end", "dx_hat = dout * gamma", "dx_hat = dout",
            "dout @ gamma / D", "dout.mean(axis=1)", "dscale @ gamma / D", "dscale.mean(axis=1)",
            "dx = (dx_hat", "dx = gamma * (dx_hat"),
    mistake(BACKWARD, "variance path left out", " - x_hat * through_var", ""),
    mistake(BACKWARD, "mean path left out", " - through_mean", ""),
    mistake(BACKWARD, "sums divided by N instead of D", "dout @ gamma / D",
            "dout @ gamma / N", "dscale @ gamma / D", "dscale @ gamma / N"),
    mistake(BACKWARD, "dgamma of shape (1, D)", "dscale.sum(axis=0)",
            "dscale.sum(axis=0, keepdims=True)"),
    mistake(BACKWARD, "scales dout in place", "dx_hat = dout * gamma",
            "dx_hat = dout\ndx_hat *= gamma"),
)  # fmt: skip
