"""Mistakes in the affine layer, in relu, and in the sandwiches."""

from .mistake import ALL, mistake

MISTAKES = (
    mistake("affine_forward", "no bias", " + b", ""),
    mistake("affine_forward", "flattens with the last axis first", "x.reshape(N, D)",
            'x.reshape(N, D, order="F")'),
    mistake("affine_forward", "changes the shape of x itself", "rows = x.reshape(N, D)",
            "x.shape = (N, D)\nrows = x"),
    mistake("affine_forward", "only takes examples of one axis", "rows @ w", "x @ w"),
    mistake("affine_backward", "db of shape (1, M)", "dout.sum(axis=0)",
            "dout.sum(axis=0, keepdims=True)"),
    mistake("affine_backward", "dx left flat", ".reshape(x.shape)", ""),
    mistake("affine_backward", "db is the mean", "dout.sum(axis=0)", "dout.mean(axis=0)"),
    mistake("affine_backward", "dw transposed", "rows.T @ dout", "(rows.T @ dout).T"),
    mistake("affine_backward", "dw averaged over the minibatch", "rows.T @ dout",
            "rows.T @ dout / N"),
    mistake("relu_forward", "writes into x", "np.maximum(x, 0)", "x\nout[out < 0] = 0"),
    mistake("relu_forward", "absolute value", "np.maximum(x, 0)", "np.abs(x)"),
    mistake("relu_forward", "cuts off above 1", "np.maximum(x, 0)", "np.clip(x, 0, 1)"),
    mistake("relu_backward", "writes zeros into dout", "dx = dout * (x > 0)",
            "dx = dout\ndx[x < 0] = 0"),
    mistake("relu_backward", "looks at the sign of dout", "(x > 0)", "(dout > 0)"),
    mistake("relu_backward", "lets everything through", " * (x > 0)", ""),
    mistake("relu_backward", "the mask without dout", "dout * (x > 0)", "1.0 * (x > 0)"),
    mistake("affine_bn_relu_forward", "relu before the normalisation", ALL,
            "scores, affine_cache = affine_forward(x, w, b)\n"
            "active, relu_cache = relu_forward(scores)\n"
            "out, norm_cache = batchnorm_forward(active, gamma, beta, bn_param)\n"
            "cache = (affine_cache, norm_cache, relu_cache)\n"),
    mistake("affine_bn_relu_forward", "no relu", "out, relu_cache = relu_forward(normalized)",
            "out, relu_cache = normalized, normalized"),
    mistake("affine_bn_relu_forward", "a bn_param of its own", "bn_param)",
            '{"mode": "train"})'),
    mistake("affine_bn_relu_backward", "skips relu", "relu_backward(dout, relu_cache)", "dout"),
    mistake("affine_bn_relu_backward", "hands dout to affine", "affine_backward(dscores,",
            "affine_backward(dnormalized,"),
    mistake("affine_bn_relu_backward", "dgamma and dbeta swapped",
            "dscores, dgamma, dbeta =", "dscores, dbeta, dgamma ="),
    mistake("affine_ln_relu_forward", "batchnorm instead", "layernorm_forward(scores, gamma, beta, "
            "ln_param)", 'batchnorm_forward(scores, gamma, beta, {"mode": "train"} | ln_param)'),
    mistake("affine_ln_relu_forward", "ln_param not handed on", "ln_param)", "{})"),
    mistake("affine_ln_relu_forward", "no relu", "out, relu_cache = relu_forward(normalized)",
            "out, relu_cache = normalized, normalized"),
    mistake("affine_ln_relu_backward", "batchnorm's backward pass", "layernorm_backward(",
            "batchnorm_backward_alt("),
    mistake("affine_ln_relu_backward", "skips relu", "relu_backward(dout, relu_cache)", "dout"),
    mistake("affine_ln_relu_backward", "hands dout to affine", "affine_backward(dscores,",
            "affine_backward(dnormalized,"),
)  # fmt: skip
