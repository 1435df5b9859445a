"""Mistakes in the naive convolution."""

from coursekit.mutants import ALL, mistake

FORWARD, BACKWARD = "conv_forward_naive", "conv_backward_naive"

MISTAKES = (
    mistake(FORWARD, "padding fixed at 1", "(pad, pad), (pad, pad)", "(1, 1), (1, 1)",
            "H + 2 * pad", "H + 2", "W + 2 * pad", "W + 2",
            sentence="It is right only where pad is 1. Where does the pad of conv_param come in?",
            also=[
                (1, "(pad, pad), (pad, pad)", "(1, 1), (1, 1)"),
            ]),
    mistake(FORWARD, "padding on one side", "(pad, pad), (pad, pad)", "(2 * pad, 0), (2 * pad, 0)",
            sentence="The image has moved in the output: all the zeros are above and to the "
                     "left.",
            also=[
                (1, "(pad, pad), (pad, pad)", "(0, 2 * pad), (0, 2 * pad)"),
                (1, "(pad, pad), (pad, pad)", "(2 * pad, 0), (2 * pad, 0)"),
            ]),
    mistake(FORWARD, "pads batch and channels too", "((0, 0), (0, 0), (pad, pad), (pad, pad))",
            "pad",
            sentence="There are more examples or channels than before. Which of the four axes "
                     "are height and width?"),
    mistake(FORWARD, "pads with the border's values", "(pad, pad), (pad, pad))",
            '(pad, pad), (pad, pad)), mode="edge"',
            sentence="The border of the output is off where there is padding: what stands "
                     "around the image should be zeros."),
    mistake(FORWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It is right only where the stride is 1. How far does the window move from "
                     "one output to the next?",
            also=[
                (1,
                 "i * stride : i * stride + HH, j * stride : j * stride + WW",
                 "i : i + HH, j : j + WW"),
            ]),
    mistake(FORWARD, "no bias", " + b  # (N, F)", "",
            sentence="Your out is what it would be with all biases at zero.",
            also=[
                (1, " + b[f]", ""),
            ]),
    mistake(FORWARD, "flips the filter", "filters = w.reshape",
            "filters = w[:, :, ::-1, ::-1].reshape",
            sentence="The filter is rotated by 180 degrees first, as mathematicians convolve. In "
                     "networks it is laid on the window as it is.",
            also=[
                (1, "* w[f])", "* w[f, :, ::-1, ::-1])"),
            ]),
    mistake(FORWARD, "height and width of the filter mixed up", "top : top + HH, left : left + WW",
            "top : top + WW, left : left + HH",
            sentence="Square filters work, and others do not: the window is as high as it "
                     "should be wide.",
            also=[
                (1,
                 "i * stride + HH, j * stride : j * stride + WW",
                 "i * stride + WW, j * stride : j * stride + HH"),
            ]),
    mistake(FORWARD, "takes images for square", "W_out = 1 + (W + 2 * pad - WW)",
            "W_out = 1 + (H + 2 * pad - HH)",
            sentence="Square images work, and others do not. From what is the output's width "
                     "computed?",
            also=[
                (1, "W_out = 1 + (W", "W_out = 1 + (H"),
                (1, "H_out = 1 + (H", "H_out = 1 + (W"),
            ]),
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
            sentence="A size of the output is not a whole number. How many whole windows fit?",
            also=[
                (1,
                 "(H + 2 * pad - HH) // stride",
                 "(H + 2 * pad - HH) / stride",
                 "(W + 2 * pad - WW) // stride",
                 "(W + 2 * pad - WW) / stride"),
            ]),
    mistake(BACKWARD, "cuts padding off with pad:-pad", "pad : pad + H, pad : pad + W",
            "pad:-pad, pad:-pad",
            sentence="It fails where there is no padding: then the slice from zero to zero is "
                     "empty.",
            also=[
                (1, "pad : pad + H, pad : pad + W", "pad:-pad, pad:-pad"),
                (2, "pad : H + pad, pad : W + pad", "pad : 0 - pad, pad : 0 - pad"),
            ]),
    mistake(BACKWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It is right only where the stride is 1. Which window of x made this output?",
            also=[
                (1, "top = i * stride", "top = i", "left = j * stride", "left = j"),
            ]),
    mistake(BACKWARD, "padding not cut off", "[:, :, pad : pad + H, pad : pad + W]", "",
            sentence="Your dx still has the padding around it. What shape does x have?",
            also=[
                (1, "dx_padded[:, :, pad : pad + H, pad : pad + W]", "dx_padded"),
            ]),
    mistake(BACKWARD, "dx assigned and not added", "dx_padded[window] +=", "dx_padded[window] =",
            sentence="Where windows overlap, the last one has overwritten what the others "
                     "left. An input in several windows gets a gradient from each.",
            also=[
                (2,
                 "j * stride : j * stride + WW] += np.sum",
                 "j * stride : j * stride + WW] = np.sum"),
                (1, "left : left + WW] += w[f]", "left : left + WW] = w[f]"),
            ]),
    mistake(BACKWARD, "dw of the last window only", "dfilters +=", "dfilters =",
            sentence="Your dw has the share of a single window in it. How many windows does a "
                     "filter see?",
            also=[
                (1, "dw[f] += window", "dw[f] = window"),
                (2, "dw[f] += np", "dw[f] = np"),
            ]),
    mistake(BACKWARD, "db averaged over the minibatch", "dout.sum(axis=(0, 2, 3))",
            "dout.sum(axis=(0, 2, 3)) / N",
            sentence="Your db is too small by a factor of N. Whether the loss is a mean is "
                     "decided in the loss, and dout contains it already.",
            also=[
                (2,
                 "np.sum(dout, axis=(0, 2, 3))",
                 "np.mean(np.sum(dout, axis=(2, 3)), axis=0)"),
            ]),
    mistake(BACKWARD, "db summed over examples only", "dout.sum(axis=(0, 2, 3))",
            "dout.sum(axis=0)",
            sentence="Your db has too many axes. Where in the output does one filter's bias "
                     "stand?",
            also=[
                (2, "np.sum(dout, axis=(0, 2, 3))", "np.sum(dout, axis=0)"),
                (2, "np.sum(dout, axis=(0, 2, 3))", "np.sum(dout, axis=(0, 2))"),
            ]),
    mistake(BACKWARD, "height and width of the filter mixed up",
            "top : top + HH, left : left + WW", "top : top + WW, left : left + HH",
            sentence="Square filters work, and others do not: the window is as high as it "
                     "should be wide.",
            also=[
                (1,
                 "top : top + HH, left : left + WW]\n",
                 "top : top + WW, left : left + HH]\n",
                 "top : top + HH, left : left + WW] +=",
                 "top : top + WW, left : left + HH] +="),
            ]),
    mistake(BACKWARD, "flips the filter", "filters = w.reshape",
            "filters = w[:, :, ::-1, ::-1].reshape",
            sentence="In your dx the filter is rotated by 180 degrees. Each weight hands back to "
                     "the input that it was multiplied with.",
            also=[
                (1, "+= w[f] *", "+= w[f, :, ::-1, ::-1] *"),
            ]),
    mistake(BACKWARD, "dw from x without padding", "dstop.T @ x_padded[window]",
            "dstop.T @ np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))[window]",
            sentence="Your dw goes wrong as soon as there is padding. Which image did the "
                     "windows move over?"),
    mistake(BACKWARD, "crashes when the stride does not tile", "dx_padded = np.zeros_like(x_padded",
            "assert (H + 2 * pad - HH) % stride == 0\ndx_padded = np.zeros_like(x_padded",
            sentence="It ends with an error where the windows leave part of the image. That part "
                     "has no window, and its gradient is zero."),
    mistake(BACKWARD, "changes x in the cache", "dx = dx_padded", "x *= 0.5\ndx = dx_padded",
            sentence="After the call the x in the cache is not what it was: a second call gives "
                     "something else."),
    mistake(FORWARD, "loops over height and width mixed up", "for i, j in np.ndindex(H_out, W_out)",
            "for i, j in np.ndindex(W_out, H_out)",
            sentence="Square outputs work, and others do not: the loop over rows runs as far as "
                     "the one over columns should.",
            also=[(1, "range(H_out)", "range(W_out )", "range(W_out)", "range(H_out)")]),
    mistake(FORWARD, "one channel only", "window.reshape(N, size) @ filters.T",
            "window[:, 0].reshape(N, HH * WW) @ w[:, 0].reshape(F, HH * WW).T",
            sentence="Your out holds the share of a single channel. Over which axes does the sum "
                     "of products go?",
            also=[(1, "np.sum(window * w[f])", "np.sum(window[0] * w[f, 0])"),
                  (1, "np.sum(window * w[f])", "np.sum(window[-1] * w[f, -1])")]),
    mistake(FORWARD, "the bias added once for each weight", " + b  # (N, F)",
            " + C * HH * WW * b",
            sentence="Your out has the bias in it as many times as the filter has weights. How "
                     "often does it come in, and where does the sum end?",
            also=[(1, "np.sum(window * w[f]) + b[f]", "np.sum(window * w[f] + b[f])")]),
    mistake(FORWARD, "the bias added once for each channel", " + b  # (N, F)", " + C * b",
            sentence="Your out has the bias in it as many times as there are channels. Is it "
                     "added inside the loop over channels?",
            also=[(1, "np.sum(window * w[f]) + b[f]", "np.sum(window * w[f]) + b[f] * C")]),
    mistake(BACKWARD, "padding fixed at 1", "(pad, pad), (pad, pad)", "(1, 1), (1, 1)",
            "pad : pad + H, pad : pad + W", "1 : 1 + H, 1 : 1 + W",
            sentence="It is right only where pad is 1. Where does the pad of conv_param come in?",
            also=[(1, "(pad, pad), (pad, pad)", "(1, 1), (1, 1)", "pad : pad + H, pad : pad + W",
                   "1:-1, 1:-1"),
                  (1, "pad : pad + H, pad : pad + W", "1:-1, 1:-1")]),
    mistake(BACKWARD, "loops over height and width mixed up", "np.ndindex(dout.shape[2:])",
            "np.ndindex(dout.shape[3], dout.shape[2])",
            sentence="Square outputs work, and others do not: the loop over rows runs as far as "
                     "the one over columns should.",
            also=[(1, "H_out, W_out = dout", "W_out, H_out = dout")]),
)  # fmt: skip
