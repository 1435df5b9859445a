"""Mistakes in layer normalisation."""

from .mistake import mistake

FORWARD, BACKWARD = "layernorm_forward", "layernorm_backward"

MISTAKES = (
    mistake(FORWARD, "statistics over the batch", "x.mean(axis=1, keepdims=True)",
            "x.mean(axis=0, keepdims=True)", "x.var(axis=1, keepdims=True)",
            "x.var(axis=0, keepdims=True)"),
    mistake(FORWARD, "statistics not lined up with x", "x.mean(axis=1, keepdims=True)",
            "x.mean(axis=1)", "x.var(axis=1, keepdims=True)", "x.var(axis=1)"),
    mistake(FORWARD, "unbiased variance", "x.var(axis=1, keepdims=True)",
            "x.var(axis=1, keepdims=True, ddof=1)"),
    mistake(FORWARD, "the eps of ln_param ignored", "var + eps", "var + 1e-5"),
    mistake(FORWARD, "eps outside the root", "np.sqrt(var + eps)", "np.sqrt(var) + eps"),
    mistake(FORWARD, "gamma and beta by example", "gamma * x_hat + beta",
            "(np.resize(gamma, len(x)) * x_hat.T + np.resize(beta, len(x))).T"),
    mistake(FORWARD, "centres x in place", "x_hat = (x - mean) / std",
            "x -= mean\nx_hat = x / std"),
    mistake(BACKWARD, "dgamma and dbeta summed over features", "dout.sum(axis=0)",
            "dout.sum(axis=1)", "(dout * x_hat).sum(axis=0)", "(dout * x_hat).sum(axis=1)"),
    mistake(BACKWARD, "means over the batch", "dx_hat.mean(axis=1, keepdims=True)",
            "dx_hat.mean(axis=0, keepdims=True)", "(dx_hat * x_hat).mean(axis=1, keepdims=True)",
            "(dx_hat * x_hat).mean(axis=0, keepdims=True)"),
    mistake(BACKWARD, "gamma multiplied in at the end", "dx_hat = dout * gamma", "dx_hat = dout",
            "dx = (dx_hat", "dx = gamma * (dx_hat"),
    mistake(BACKWARD, "variance path left out", " - x_hat * through_var", ""),
    mistake(BACKWARD, "mean path left out", " - through_mean", ""),
    mistake(BACKWARD, "sums divided by N instead of D", "dx_hat.mean(axis=1, keepdims=True)",
            "dx_hat.sum(axis=1, keepdims=True) / len(dout)",
            "(dx_hat * x_hat).mean(axis=1, keepdims=True)",
            "(dx_hat * x_hat).sum(axis=1, keepdims=True) / len(dout)"),
    mistake(BACKWARD, "dgamma of shape (1, D)", "(dout * x_hat).sum(axis=0)",
            "(dout * x_hat).sum(axis=0, keepdims=True)"),
    mistake(BACKWARD, "scales dout in place", "dx_hat = dout * gamma",
            "dx_hat = dout\ndx_hat *= gamma"),
)  # fmt: skip
