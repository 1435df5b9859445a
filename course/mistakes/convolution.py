"""Mistakes in the naive convolution."""

from coursekit.mutants import ALL, mistake

FORWARD, BACKWARD = "conv_forward_naive", "conv_backward_naive"

MISTAKES = (
    mistake(FORWARD, "padding fixed at 1", "(pad, pad), (pad, pad)", "(1, 1), (1, 1)",
            "H + 2 * pad", "H + 2", "W + 2 * pad", "W + 2",
            sentence="It fits where pad is 1, and nowhere else."),
    mistake(FORWARD, "padding on one side", "(pad, pad), (pad, pad)", "(2 * pad, 0), (2 * pad, 0)",
            sentence="The output has the right shape, and the image has moved in it: all the "
                     "zeros are above and to the left."),
    mistake(FORWARD, "pads batch and channels too", "((0, 0), (0, 0), (pad, pad), (pad, pad))",
            "pad",
            sentence="There are more examples or channels than before. Which of the four axes "
                     "are height and width?"),
    mistake(FORWARD, "pads with the border's values", "(pad, pad), (pad, pad))",
            '(pad, pad), (pad, pad)), mode="edge"',
            sentence="The middle is right and the border is not: what stands around the image "
                     "should be zeros."),
    mistake(FORWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It fits where the stride is 1. How far does the window move from one "
                     "output to the next?"),
    mistake(FORWARD, "no bias", " + b  # (N, F)", "",
            sentence="Your out is what it would be with all biases at zero."),
    mistake(FORWARD, "flips the filter", "filters = w.reshape",
            "filters = w[:, :, ::-1, ::-1].reshape",
            sentence="The filter is turned by half a circle first, as mathematicians convolve."
                     " In networks it is laid on the window as it is."),
    mistake(FORWARD, "height and width of the filter mixed up", "top : top + HH, left : left + WW",
            "top : top + WW, left : left + HH",
            sentence="Square filters work, and others do not: the window is as high as it "
                     "should be wide."),
    mistake(FORWARD, "takes images for square", "W_out = 1 + (W + 2 * pad - WW)",
            "W_out = 1 + (H + 2 * pad - HH)",
            sentence="Square images work, and others do not. From what is the output's width "
                     "computed?"),
    mistake(FORWARD, "the bias divided among channels", " + b  # (N, F)", " + b / C",
            sentence="Your out misses a part of the bias, the larger the more channels there "
                     "are. How often does the bias enter a sum that runs over all channels?"),
    mistake(FORWARD, "calls the fast layer", ALL,
            "from .fast_layers import conv_forward_fast\n"
            "out, _ = conv_forward_fast(x, w, b, conv_param)\n",
            sentence="This block hands its work to the finished fast layer. Here the loops are"
                     " to be your own."),
    mistake(FORWARD, "/ where // was meant", "(H + 2 * pad - HH) // stride",
            "(H + 2 * pad - HH) / stride",
            sentence="A size of the output is not a whole number. How many whole windows fit?"),
    mistake(BACKWARD, "cuts padding off with pad:-pad", "pad : pad + H, pad : pad + W",
            "pad:-pad, pad:-pad",
            sentence="It fails where there is no padding: then the slice from zero to zero is "
                     "empty."),
    mistake(BACKWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It fits where the stride is 1. Which window of x made this output?"),
    mistake(BACKWARD, "padding not cut off", "[:, :, pad : pad + H, pad : pad + W]", "",
            sentence="Your dx has the padding still around it. Which shape has x?"),
    mistake(BACKWARD, "dx assigned and not added", "dx_padded[window] +=", "dx_padded[window] =",
            sentence="Where windows overlap, the last one has overwritten what the others "
                     "left. An input in several windows gets a gradient from each."),
    mistake(BACKWARD, "dw of the last window only", "dfilters +=", "dfilters =",
            sentence="Your dw has the share of a single window in it. How many windows does a "
                     "filter see?"),
    mistake(BACKWARD, "db averaged over the minibatch", "dout.sum(axis=(0, 2, 3))",
            "dout.sum(axis=(0, 2, 3)) / N",
            sentence="Your db is too small by a factor of N. Whether the loss is a mean is in "
                     "dout already."),
    mistake(BACKWARD, "db summed over examples only", "dout.sum(axis=(0, 2, 3))",
            "dout.sum(axis=0)",
            sentence="Your db has too many axes. Where in the output does one filter's bias "
                     "stand?"),
    mistake(BACKWARD, "height and width of the filter mixed up",
            "top : top + HH, left : left + WW", "top : top + WW, left : left + HH",
            sentence="Square filters work, and others do not: the window is as high as it "
                     "should be wide."),
    mistake(BACKWARD, "flips the filter", "filters = w.reshape",
            "filters = w[:, :, ::-1, ::-1].reshape",
            sentence="Your dw is right, and in dx the filter is turned by half a circle. Each "
                     "weight hands back to the input that it was multiplied with."),
    mistake(BACKWARD, "dw from x without padding", "dstop.T @ x_padded[window]",
            "dstop.T @ np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))[window]",
            sentence="Your dw fits where there is no padding. Which image did the windows move"
                     " over?"),
    mistake(BACKWARD, "crashes when the stride does not tile", "dx_padded = np.zeros_like(x_padded",
            "assert (H + 2 * pad - HH) % stride == 0\ndx_padded = np.zeros_like(x_padded",
            sentence="It ends with an error where the windows leave a rest of the image over. "
                     "That rest has no window, and its gradient is zero."),
    mistake(BACKWARD, "changes x in the cache", "dx = dx_padded", "x *= 0.5\ndx = dx_padded",
            sentence="The gradients are right, and the x in the cache is not what it was: a "
                     "second call would give something else."),
)  # fmt: skip
