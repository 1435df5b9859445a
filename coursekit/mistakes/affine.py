"""Mistakes in the affine layer, in relu, and in the sandwiches."""

from .mistake import ALL, mistake

MISTAKES = (
    mistake("affine_forward", "no bias", " + b", "",
            sentence="Your out is what it would be with all biases at zero. What else is added"
                     " to the weighted sums?"),
    mistake("affine_forward", "flattens with the last axis first", "x.reshape(N, D)",
            'x.reshape(N, D, order="F")',
            sentence="Examples that are rows already come out right, others do not: their "
                     "numbers meet the wrong weights. In what order are the axes of an example"
                     " laid out in a row?"),
    mistake("affine_forward", "changes the shape of x itself", "rows = x.reshape(N, D)",
            "x.shape = (N, D)\nrows = x",
            sentence="The values are right, but afterwards the caller's own x has another "
                     "shape. Lay the examples out without touching the array that was handed "
                     "in."),
    mistake("affine_forward", "only takes examples of one axis", "rows @ w", "x @ w",
            sentence="Examples that are rows already work; an example with several axes, an "
                     "image for instance, does not fit the weights. What shape does it need "
                     "first?"),
    mistake("affine_backward", "db of shape (1, M)", "dout.sum(axis=0)",
            "dout.sum(axis=0, keepdims=True)",
            sentence="Your db has the right numbers and one axis too many. Which shape has b, "
                     "and which does summing leave here?"),
    mistake("affine_backward", "dx left flat", ".reshape(x.shape)", "",
            sentence="Your dx has the right numbers in rows. It belongs to x, so which shape "
                     "should it have when examples are not rows?"),
    mistake("affine_backward", "db is the mean", "dout.sum(axis=0)", "dout.mean(axis=0)",
            sentence="Your db is too small by a factor of N. Each example's output contains b "
                     "once: do their gradients add up, or average out?"),
    mistake("affine_backward", "dw transposed", "rows.T @ dout", "(rows.T @ dout).T",
            sentence="Your dw holds the right numbers with its two axes swapped. Compare its "
                     "shape with that of w."),
    mistake("affine_backward", "dw averaged over the minibatch", "rows.T @ dout",
            "rows.T @ dout / N",
            sentence="Your dw is too small by a factor of N. Whether the loss is a mean is the"
                     " loss's affair, and is in dout already."),
    mistake("relu_forward", "writes into x", "np.maximum(x, 0)", "x\nout[out < 0] = 0",
            sentence="Your out is right, but x has lost its negative numbers on the way: out "
                     "and x are one and the same array. Whose is it?"),
    mistake("relu_forward", "absolute value", "np.maximum(x, 0)", "np.abs(x)",
            sentence="Negative numbers come out positive. What does the unit give for an input"
                     " below zero?"),
    mistake("relu_forward", "cuts off above 1", "np.maximum(x, 0)", "np.clip(x, 0, 1)",
            sentence="Numbers above 1 come out as 1. The unit has a floor; has it a ceiling?"),
    mistake("relu_backward", "writes zeros into dout", "dx = dout * (x > 0)",
            "dx = dout\ndx[x < 0] = 0",
            sentence="Your dx is right, but it is the very array dout, now with zeros in it. "
                     "Others may still need dout as it was."),
    mistake("relu_backward", "looks at the sign of dout", "(x > 0)", "(dout > 0)",
            sentence="Entries are dropped where the gradient is negative. What decides whether"
                     " a unit lets its gradient through: what comes back, or what came in?"),
    mistake("relu_backward", "lets everything through", " * (x > 0)", "",
            sentence="Your dx is dout. What happens to the gradient of a unit whose input was "
                     "below zero?"),
    mistake("relu_backward", "the mask without dout", "dout * (x > 0)", "1.0 * (x > 0)",
            sentence="Your dx consists of zeros and ones: it says where the gradient may pass,"
                     " but no longer what the gradient is."),
    mistake("affine_bn_relu_forward", "relu before the normalisation", ALL,
            "scores, affine_cache = affine_forward(x, w, b)\n"
            "active, relu_cache = relu_forward(scores)\n"
            "out, norm_cache = batchnorm_forward(active, gamma, beta, bn_param)\n"
            "cache = (affine_cache, norm_cache, relu_cache)\n",
            sentence="The three layers are all there, in another order than in the name. "
                     "Negative numbers in your output show it: which layer comes last?"),
    mistake("affine_bn_relu_forward", "no relu", "out, relu_cache = relu_forward(normalized)",
            "out, relu_cache = normalized, normalized",
            sentence="Your out has negative numbers in it. Which layer comes last?"),
    mistake("affine_bn_relu_forward", "a bn_param of its own", "bn_param)",
            '{"mode": "train"})',
            sentence="It works as if every call were the first in training: the settings and "
                     "running statistics of the dictionary that is handed in are not used."),
    mistake("affine_bn_relu_backward", "skips relu", "relu_backward(dout, relu_cache)", "dout",
            sentence="Gradients come back where the unit was off. Go through the layers in "
                     "reverse: which was the last on the way up?"),
    mistake("affine_bn_relu_backward", "hands dout to affine", "affine_backward(dscores,",
            "affine_backward(dnormalized,",
            sentence="Your gradients of x, w and b look as if there were no normalisation "
                     "between. Which gradient belongs to the affine layer's output?"),
    mistake("affine_bn_relu_backward", "dgamma and dbeta swapped",
            "dscores, dgamma, dbeta =", "dscores, dbeta, dgamma =",
            sentence="Your dgamma is what dbeta should be, and the other way round. In which "
                     "order does the normalisation hand its gradients back?"),
    mistake("affine_ln_relu_forward", "batchnorm instead", "layernorm_forward(scores, gamma, beta, "
            "ln_param)", 'batchnorm_forward(scores, gamma, beta, {"mode": "train"} | ln_param)',
            sentence="Each column of the scores is normalised, not each row: the answer for "
                     "one example changes with the others of its minibatch."),
    mistake("affine_ln_relu_forward", "ln_param not handed on", "ln_param)", "{})",
            sentence="With an eps other than the usual one your output is slightly off: the "
                     "settings that are handed in do not reach the normalisation."),
    mistake("affine_ln_relu_forward", "no relu", "out, relu_cache = relu_forward(normalized)",
            "out, relu_cache = normalized, normalized",
            sentence="Your out has negative numbers in it. Which layer comes last?"),
    mistake("affine_ln_relu_backward", "batchnorm's backward pass", "layernorm_backward(",
            "batchnorm_backward_alt(",
            sentence="The gradients are those of another normalisation, one that averages over"
                     " examples. Which layer ran on the way up?"),
    mistake("affine_ln_relu_backward", "skips relu", "relu_backward(dout, relu_cache)", "dout",
            sentence="Gradients come back where the unit was off. Go through the layers in "
                     "reverse: which was the last on the way up?"),
    mistake("affine_ln_relu_backward", "hands dout to affine", "affine_backward(dscores,",
            "affine_backward(dnormalized,",
            sentence="Your gradients of x, w and b look as if there were no normalisation "
                     "between. Which gradient belongs to the affine layer's output?"),
)  # fmt: skip
