"""Mistakes in the sandwiches of layers."""

from coursekit.mutants import ALL, mistake

MISTAKES = (
    mistake("affine_bn_relu_forward", "relu before the normalisation", ALL,
            "scores, affine_cache = affine_forward(x, w, b)\n"
            "active, relu_cache = relu_forward(scores)\n"
            "out, norm_cache = batchnorm_forward(active, gamma, beta, bn_param)\n"
            "cache = (affine_cache, norm_cache, relu_cache)\n",
            sentence="The three layers are all there, in another order than in the name. "
                     "Negative numbers in your output show it: which layer comes last?"),
    mistake("affine_bn_relu_forward", "no relu", "out, relu_cache = relu_forward(normalized)",
            "out, relu_cache = normalized, normalized",
            sentence="Your out has negative numbers in it. Which layer comes last?",
            also=[
                "scores, affine_cache = affine_forward(x, w, b)\n"
                "out, norm_cache = batchnorm_forward(scores, gamma, beta, bn_param)\n"
                "cache = (affine_cache, norm_cache, out)\n",
            ]),
    mistake("affine_bn_relu_forward", "a bn_param of its own", "bn_param)",
            '{"mode": "train"})',
            sentence="It works as if every call were the first in training: the settings and "
                     "running statistics of the dictionary that is handed in are not used.",
            also=[
                (1, "bn_param)", "dict(bn_param))"),
            ]),
    mistake("affine_bn_relu_backward", "skips relu", "relu_backward(dout, relu_cache)", "dout",
            sentence="Gradients come back where the unit was off. Go through the layers in "
                     "reverse: which was the last in the forward pass?",
            also=[
                (1, "da = relu_backward(dout, relu_cache)", "da = dout"),
            ]),
    mistake("affine_bn_relu_backward", "hands dout to affine", "affine_backward(dscores,",
            "affine_backward(dnormalized,",
            sentence="Your gradients of x, w and b look as if there were no normalisation "
                     "between. Which gradient belongs to the affine layer's output?"),
    mistake("affine_bn_relu_backward", "dgamma and dbeta swapped",
            "dscores, dgamma, dbeta =", "dscores, dbeta, dgamma =",
            sentence="Your dgamma is what dbeta should be, and the other way round. In which "
                     "order does the normalisation hand its gradients back?",
            also=[
                (1, "da, dgamma, dbeta =", "da, dbeta, dgamma ="),
            ]),
    mistake("affine_ln_relu_forward", "batchnorm instead", "layernorm_forward(scores, gamma, beta, "
            "ln_param)", 'batchnorm_forward(scores, gamma, beta, {"mode": "train"} | ln_param)',
            sentence="Each column of the scores is normalised, not each row: the answer for "
                     "one example changes with the others of its minibatch."),
    mistake("affine_ln_relu_forward", "ln_param not handed on", "ln_param)", "{})",
            sentence="With an eps other than the usual one your output is slightly off: the "
                     "settings that are handed in do not reach the normalisation.",
            also=[
                (1, "gamma, beta, ln_param)", 'gamma, beta, {"eps": 1e-5})'),
            ]),
    mistake("affine_ln_relu_forward", "no relu", "out, relu_cache = relu_forward(normalized)",
            "out, relu_cache = normalized, normalized",
            sentence="Your out has negative numbers in it. Which layer comes last?",
            also=[
                "scores, affine_cache = affine_forward(x, w, b)\n"
                "out, norm_cache = layernorm_forward(scores, gamma, beta, ln_param)\n"
                "cache = (affine_cache, norm_cache, out)\n",
            ]),
    mistake("affine_ln_relu_backward", "batchnorm's backward pass", "layernorm_backward(",
            "batchnorm_backward_alt(",
            sentence="The gradients are those of another normalisation, one that averages over "
                     "examples. Which layer ran in the forward pass?",
            also=[
                (1,
                 "layernorm_backward(",
                 "batchnorm_backward_alt("),
            ]),
    mistake("affine_ln_relu_backward", "skips relu", "relu_backward(dout, relu_cache)", "dout",
            sentence="Gradients come back where the unit was off. Go through the layers in "
                     "reverse: which was the last in the forward pass?",
            also=[
                (1, "da = relu_backward(dout, relu_cache)", "da = dout"),
            ]),
    mistake("affine_ln_relu_backward", "hands dout to affine", "affine_backward(dscores,",
            "affine_backward(dnormalized,",
            sentence="Your gradients of x, w and b look as if there were no normalisation "
                     "between. Which gradient belongs to the affine layer's output?"),
)  # fmt: skip
