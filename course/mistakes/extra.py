"""Mistakes in the optional exercises."""

from coursekit.mutants import mistake

RMS, RMS_BACK = "rmsnorm_forward", "rmsnorm_backward"
PATH, PATH_BACK = "drop_path_forward", "drop_path_backward"
POOL, POOL_BACK = "avg_pool_forward", "avg_pool_backward"
SUM, SUM_BACK = "residual_forward", "residual_backward"

MISTAKES = (
    mistake("adamw", "the decay as a penalty", "adam(w, dw, config)",
            'adam(w, dw + config["weight_decay"] * w, config)', "stepped - decay", "stepped",
            sentence="Your decay goes into the gradient, and so through adam's running means: that "
                     "is the penalty of old, and the division takes most of it away again.",
            also=[
                'w_grad = dw + config["weight_decay"] * w\n'
                "next_w, config = adam(w, w_grad, config)\n",
            ]),
    mistake("adamw", "no learning rate in the decay", 'config["learning_rate"] * ', "",
            sentence="Your weights decay by the whole of weight_decay in each step. Its share is "
                     "scaled by the learning rate, as the step is.",
            also=[
                "next_w, config = adam(w, dw, config)\n"
                'next_w = next_w - w * config["weight_decay"]\n',
            ]),
    mistake("adamw", "the weights grow", "stepped - decay", "stepped + decay",
            sentence="Your weights move away from zero, where they should decay.",
            also=[
                'w_new, config = adam(w, dw, config)\n'
                'next_w = w_new + config["learning_rate"] * config["weight_decay"] * w\n',
            ]),
    mistake("adamw", "no decay", "stepped - decay", "stepped",
            sentence="That is adam as it was: weight_decay moves nothing."),
    mistake("adamw", "the decay of the new weights", "next_w = stepped - decay",
            'next_w = stepped * (1 - config["learning_rate"] * config["weight_decay"])',
            sentence="The share is taken of the weights after adam's step, where it should be one "
                     "of the weights as they came in.",
            also=[
                "next_w, config = adam(w, dw, config)\n"
                'next_w -= config["learning_rate"] * config["weight_decay"] * next_w\n',
            ]),
    mistake(RMS, "the mean taken off", "(x**2).mean(axis=1, keepdims=True)",
            "x.var(axis=1, keepdims=True)", "x_hat = x / rms",
            "x_hat = (x - x.mean(axis=1, keepdims=True)) / rms",
            sentence="Your out is that of layer normalisation without a shift: a mean is taken "
                     "off. This one only divides."),
    mistake(RMS, "the variance in place of the mean square", "(x**2).mean(axis=1, keepdims=True)",
            "x.var(axis=1, keepdims=True)",
            sentence="You divide by the standard deviation, in which the mean has been taken off. "
                     "What is the mean of the squares themselves?",
            also=[
                "mean = np.mean(x, axis=1, keepdims=True)\n"
                "rms = np.sqrt(np.mean((x - mean) ** 2, axis=1, keepdims=True) + eps)\n"
                "out = x / rms * gamma\n"
                "cache = (x / rms, rms, gamma)\n",
            ]),
    mistake(RMS, "the sum of squares", "(x**2).mean(axis=1", "(x**2).sum(axis=1",
            sentence="You divide by the length of each example: the squares are added up, where "
                     "their mean is meant.",
            also=[
                "rms = np.sqrt(np.linalg.norm(x, axis=1, keepdims=True) ** 2 + eps)\n"
                "out = gamma * x / rms\n"
                "cache = (x / rms, rms, gamma)\n",
            ]),
    mistake(RMS, "the mean over the batch", "mean(axis=1, keepdims=True)",
            "mean(axis=0, keepdims=True)",
            sentence="Each feature is divided by a number of its own, and what comes out for one "
                     "example hangs on the others. Over what is the mean here?"),
    mistake(RMS, "no root", "np.sqrt((x**2).mean(axis=1, keepdims=True) + eps)",
            "(x**2).mean(axis=1, keepdims=True) + eps",
            sentence="You divide by the mean square, and not by its root.",
            also=[
                "rms = np.mean(x * x, axis=1, keepdims=True) + eps\n"
                "out = gamma * (x / rms)\n"
                "cache = (x / rms, rms, gamma)\n",
            ]),
    mistake(RMS, "eps outside the root", "keepdims=True) + eps)", "keepdims=True)) + eps",
            sentence="It is close where an example is large, and off where it is small. Is eps "
                     "added to the mean square, or to its root?"),
    mistake(RMS, "a fixed eps", "+ eps", "+ 1e-5",
            sentence="It is right only for the usual eps: where does the setting in rms_param come "
                     "in?"),
    mistake(RMS, "no scale", "out = gamma * x_hat", "out = x_hat",
            sentence="The examples are divided as they should be, and the features are not scaled "
                     "yet."),
    mistake(RMS_BACK, "the root mean square as a constant", "dx_hat - x_hat * through_rms",
            "dx_hat",
            sentence="Your dx treats each example's root mean square as a constant. But each x "
                     "also moves that.",
            also=[
                "x_hat, rms, gamma = cache\n"
                "dgamma = np.sum(dout * x_hat, axis=0)\n"
                "dx = gamma * dout / rms\n",
            ]),
    mistake(RMS_BACK, "layer normalisation's backward pass", "dx_hat - x_hat * through_rms",
            "dx_hat - dx_hat.mean(axis=1, keepdims=True) - x_hat * through_rms",
            sentence="The rows of your dx sum to zero over features, as in layer normalisation, "
                     "where a mean was taken off. None was here.",
            also=[
                "x_hat, rms, gamma = cache\n"
                "D = dout.shape[1]\n"
                "dgamma = np.sum(dout * x_hat, axis=0)\n"
                "g = dout * gamma\n"
                "dx = (D * g - g.sum(axis=1, keepdims=True)\n"
                "      - x_hat * np.sum(g * x_hat, axis=1, keepdims=True)) / (D * rms)\n",
            ]),
    mistake(RMS_BACK, "a sum in place of the mean", "(dx_hat * x_hat).mean(",
            "(dx_hat * x_hat).sum(",
            sentence="What goes through the root mean square is too large by a factor of D: it was "
                     "a mean over features."),
    mistake(RMS_BACK, "divided by N", "(dx_hat * x_hat).mean(axis=1, keepdims=True)",
            "(dx_hat * x_hat).sum(axis=1, keepdims=True) / len(dout)",
            sentence="It is right only where there are as many examples as features. How many "
                     "numbers share a root mean square?"),
    mistake(RMS_BACK, "not divided", ") / rms", ")",
            sentence="Your dx is too large for large examples: by what was x divided in the "
                     "forward pass?"),
    mistake(RMS_BACK, "no gamma in dx", "dout * gamma", "dout",
            sentence="Your dx does not know the scale that out was multiplied by."),
    mistake(RMS_BACK, "dgamma of dout alone", "(dout * x_hat).sum(axis=0)", "dout.sum(axis=0)",
            sentence="Your dgamma would be that of a shift. By what was gamma multiplied?"),
    mistake(PATH, "not made larger", "keep / p", "keep * 1.0",
            sentence="On average over the draws too little is added: what is kept has to make up "
                     "for what is not.",
            also=[
                "shape = (-1,) + (1,) * (x.ndim - 1)\n"
                "kept = np.ones(len(x)) if keep is None else keep.astype(float)\n"
                "cache = kept.reshape(shape).astype(x.dtype)\n"
                "out = x + cache * branch\n",
            ]),
    mistake(PATH, "multiplied by p", "keep / p", "keep * p",
            sentence="What is kept is made smaller. It has to be made larger, so that on average "
                     "the branch is added."),
    mistake(PATH, "divided by 1 - p", "keep / p", "keep / (1 - p)",
            sentence="It is right only where p is a half. Is p the probability of being kept, or "
                     "of being dropped?"),
    mistake(PATH, "the others keep it", "keep / p", "~keep / p",
            sentence="The examples that should keep the branch go without it, and the others have "
                     "it."),
    mistake(PATH, "x dropped too", "x + factors * branch", "factors * (x + branch)",
            sentence="Examples that drop the branch come out as zeros. They keep their x."),
    mistake(PATH, "scaled at test time", "np.ones(len(x))", "np.full(len(x), p)",
            sentence="At test time all get the branch as it is: what is needed for the average was "
                     "done while training."),
    mistake(PATH_BACK, "the branch's gradient not scaled", "factors * dout", "dout.copy()",
            sentence="Your dbranch is dout itself. Examples that dropped the branch have nothing "
                     "to hand back to it."),
    mistake(PATH_BACK, "x scaled too", "dx = dout.copy()", "dx = factors * dout",
            sentence="Your dx is that of the branch. x was added as it is, for all examples."),
    mistake(PATH_BACK, "the two swapped", "dx = dout.copy()", "dx = factors * dout",
            "dbranch = factors * dout", "dbranch = dout.copy()",
            sentence="Your dx is what dbranch should be, and the other way round."),
    mistake(POOL, "the largest value", ".mean(axis=(2, 3))", ".max(axis=(2, 3))",
            sentence="That is max pooling: the mean of each window is meant.",
            also=[
                "rows, columns = (H - height) // stride + 1, (W - width) // stride + 1\n"
                "out = np.zeros((N, C, rows, columns), dtype=x.dtype)\n"
                "for r, c in np.ndindex(rows, columns):\n"
                "    h, w = r * stride, c * stride\n"
                "    window = x[:, :, h:h + height, w:w + width]\n"
                "    out[:, :, r, c] = np.amax(window, axis=(2, 3))\n"
                "cache = (x.shape, pool_param)\n",
            ]),
    mistake(POOL, "sums", ".mean(axis=(2, 3))", ".sum(axis=(2, 3))",
            sentence="Your out is too large by the number of pixels in a window: these are sums."),
    mistake(POOL, "the mean over channels too", ".mean(axis=(2, 3))",
            ".mean(axis=(1, 2, 3))[:, None]",
            sentence="All channels of an image come out the same: each is averaged by itself."),
    mistake(POOL, "height and width exchanged", "top + height", "top + width", "left + width",
            "left + height",
            sentence="It is right for square windows alone. Which of the two lengths goes down?"),
    mistake(POOL, "no stride", "i * stride, j * stride", "i, j",
            sentence="Your windows begin at neighbouring pixels: how far apart should they be?"),
    mistake(POOL, "divided by the stride", ".mean(axis=(2, 3))",
            ".sum(axis=(2, 3)) / stride**2",
            sentence="It is right only where windows are squares as large as the stride. How many "
                     "numbers are in the sum?"),
    mistake(POOL_BACK, "the whole gradient to each pixel", " / (height * width)", "",
            sentence="Each pixel of a window gets all of the gradient. How much does a mean move "
                     "when one of its numbers moves by 1?"),
    mistake(POOL_BACK, "overwritten where windows overlap", "] += share", "] = share",
            sentence="It is right where windows do not overlap. A pixel of several gets a share "
                     "from each.",
            also=[
                "(N, C, H, W), param = cache\n"
                'h, w, s = param["pool_height"], param["pool_width"], param["stride"]\n'
                "dx = np.zeros((N, C, H, W), dtype=dout.dtype)\n"
                "for r, c in np.ndindex(*dout.shape[2:]):\n"
                "    shares = np.ones((1, 1, h, w)) * dout[:, :, r:r + 1, c:c + 1] / (h * w)\n"
                "    dx[:, :, r * s:r * s + h, c * s:c * s + w] = shares\n",
            ]),
    mistake(POOL_BACK, "divided by the stride", "(height * width)", "stride**2",
            sentence="It is right only where windows are squares as large as the stride. Over how "
                     "many numbers was the mean?"),
    mistake(POOL_BACK, "height and width exchanged", "top + height", "top + width",
            "left + width", "left + height",
            sentence="It is right for square windows alone. Which of the two lengths goes down?"),
    mistake(POOL_BACK, "no stride", "i * stride, j * stride", "i, j",
            sentence="Your shares go to windows that begin at neighbouring pixels. How far apart "
                     "were they in the forward pass?"),
    mistake(SUM, "no sum", "x + branch", "branch",
            sentence="x does not go past the branch: without it this is two convolutions, as "
                     "ever."),
    mistake(SUM, "relu before the sum", "out, relu_cache = relu_forward(x + branch)",
            "active, relu_cache = relu_forward(branch)\nout = x + active",
            sentence="There are negative numbers in your out: the sum comes before the last relu."),
    mistake(SUM, "no relu in the branch", "conv_relu_forward(x, w1, b1, conv_param)",
            "conv_forward_fast(x, w1, b1, conv_param)",
            sentence="The two convolutions follow one another directly, and so do no more than one "
                     "could. What stands between them?"),
    mistake(SUM, "no relu behind the sum", "out, relu_cache = relu_forward(x + branch)",
            "out = x + branch\nrelu_cache = out",
            sentence="There are negative numbers in your out: what comes after the sum?"),
    mistake(SUM, "the same filters twice", "hidden, w2, b2", "hidden, w1, b1",
            sentence="Both convolutions have the first one's filters."),
    mistake(SUM_BACK, "nothing goes past the branch", "dsum + dbranch", "dbranch",
            sentence="Your dx has only what comes back through the branch. By which other way did "
                     "x reach the sum?",
            also=[
                "first, second, last = cache\n"
                "da = relu_backward(dout, last)\n"
                "dh, dw2, db2 = conv_backward_fast(da, second)\n"
                "dx, dw1, db1 = conv_relu_backward(dh, first)\n",
            ]),
    mistake(SUM_BACK, "only past the branch", "dsum + dbranch", "dsum",
            sentence="Your dx has only what went past the branch. x went into the branch too."),
    mistake(SUM_BACK, "the last relu skipped", "relu_backward(dout, relu_cache)", "dout",
            sentence="Gradients come back where the last relu was off. Which layer was the last in "
                     "the forward pass?"),
    mistake(SUM_BACK, "dout goes past", "dx = dsum + dbranch", "dx = dout + dbranch",
            sentence="What goes straight to x has not been through the last relu. Where does the "
                     "way past the branch begin?"),
)  # fmt: skip
