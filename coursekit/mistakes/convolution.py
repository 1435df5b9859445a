"""Mistakes in the naive convolution and in naive max pooling."""

from .mistake import ALL, mistake

FORWARD, BACKWARD = "conv_forward_naive", "conv_backward_naive"
POOL, POOL_BACKWARD = "max_pool_forward_naive", "max_pool_backward_naive"

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
    mistake(POOL, "starts from 0", "window.max(axis=(2, 3))", "window.max(axis=(2, 3), initial=0)",
            sentence="Windows whose numbers are all negative come out as 0. What is the "
                     "largest number of such a window?"),
    mistake(POOL, "mean instead of maximum", "window.max(", "window.mean(",
            sentence="These are the means of the windows. Which of a window's numbers is kept?"),
    mistake(POOL, "height and width mixed up", "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            sentence="Square windows work, and others do not: the window is as high as it "
                     "should be wide, though the output's shape is right."),
    mistake(POOL, "height and width mixed up everywhere", "(H - pool_height)", "(H - pool_width)",
            "(W - pool_width)", "(W - pool_height)",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            sentence="Square windows work, and others do not, not even in the shape of the "
                     "output. Which of pool_height and pool_width goes with which axis?"),
    mistake(POOL, "takes images for square", "(W - pool_width)", "(H - pool_width)",
            sentence="Square images work, and others do not. From what is the output's width "
                     "computed?"),
    mistake(POOL, "stride of the window's size", "i * stride, j * stride",
            "i * pool_height, j * pool_width",
            sentence="It fits where the stride is the window's size. How far does the window "
                     "move from one output to the next?"),
    mistake(POOL, "the largest over all channels", "window.max(axis=(2, 3))",
            "window.max(axis=(1, 2, 3))[:, None]",
            sentence="All channels of your output are alike. Each channel is pooled by itself."),
    mistake(POOL_BACKWARD, "assigns where it should add", "+= dout", "= dout",
            sentence="Where windows overlap and share their largest number, one gradient has "
                     "replaced the other."),
    mistake(POOL_BACKWARD, "height and width mixed up",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            "(pool_height, pool_width)", "(pool_width, pool_height)",
            sentence="Square windows work, and others do not: the window is as high as it "
                     "should be wide."),
    mistake(POOL_BACKWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It fits where the stride is 1. Which window of x made this output?"),
    mistake(POOL_BACKWARD, "gradient shared by the window", ALL,
            "dx = np.zeros_like(x, dtype=dout.dtype)\n"
            "for i, j in np.ndindex(dout.shape[2:]):\n"
            "    top, left = i * stride, j * stride\n"
            "    window = np.s_[:, :, top : top + pool_height, left : left + pool_width]\n"
            "    dx[window] += dout[:, :, i, j][:, :, None, None] / (pool_height * pool_width)\n",
            sentence="Every number of a window gets an equal share. Which of them moved the "
                     "output?"),
    mistake(POOL_BACKWARD, "the value and not the gradient", "dout[:, :, i, j]",
            "window.max(axis=(2, 3))",
            sentence="The right places are filled, with the largest numbers themselves. What "
                     "is it that comes back?"),
    mistake(POOL_BACKWARD, "position in the window, not in the image", "top + row, left + column",
            "row, column",
            sentence="All gradients land in the corner of the image: the place of the largest "
                     "number is counted from the window's corner."),
)  # fmt: skip
