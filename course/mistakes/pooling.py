"""Mistakes in naive max pooling."""

from coursekit.mutants import ALL, mistake

FORWARD, BACKWARD = "max_pool_forward_naive", "max_pool_backward_naive"

MISTAKES = (
    mistake(FORWARD, "starts from 0", "window.max(axis=(2, 3))",
            "window.max(axis=(2, 3), initial=0)",
            sentence="Windows whose numbers are all negative come out as 0. What is the "
                     "largest number of such a window?",
            also=[
                (1, "np.max(window)", "max(0, np.max(window))"),
            ]),
    mistake(FORWARD, "mean instead of maximum", "window.max(", "window.mean(",
            sentence="These are the means of the windows. Which of a window's numbers is kept?",
            also=[
                (1, "np.max(window)", "np.mean(window)"),
            ]),
    mistake(FORWARD, "height and width mixed up",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            sentence="Square windows work, and others do not: the window is as high as it "
                     "should be wide.",
            also=[
                (1,
                 "top + pool_height, left : left + pool_width",
                 "top + pool_width, left : left + pool_height"),
            ]),
    mistake(FORWARD, "height and width mixed up everywhere",
            "(H - pool_height)", "(H - pool_width)",
            "(W - pool_width)", "(W - pool_height)",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            sentence="Square windows work, and others do not, not even in the shape of the "
                     "output. Which of pool_height and pool_width goes with which axis?"),
    mistake(FORWARD, "takes images for square", "(W - pool_width)", "(H - pool_width)",
            sentence="Square images work, and others do not. From what is the output's width "
                     "computed?",
            also=[
                (1, "(W - pool_width)", "(H - pool_width)"),
            ]),
    mistake(FORWARD, "stride of the window's size", "i * stride, j * stride",
            "i * pool_height, j * pool_width",
            sentence="It is right only where the stride is the window's size. How far does the "
                     "window move from one output to the next?",
            also=[
                (1, "i * stride", "i * pool_height", "j * stride", "j * pool_width"),
            ]),
    mistake(FORWARD, "the largest over all channels", "window.max(axis=(2, 3))",
            "window.max(axis=(1, 2, 3))[:, None]",
            sentence="All channels of your output are alike. Each channel is pooled by itself.",
            also=[
                (1, "x[n, c, top", "x[n, :, top"),
            ]),
    mistake(BACKWARD, "assigns where it should add", "+= dout", "= dout",
            sentence="Where windows overlap and share their largest number, one gradient has "
                     "replaced the other.",
            also=[
                (2, "] += dout[n, c, i, j]", "] = dout[n, c, i, j]"),
            ]),
    mistake(BACKWARD, "height and width mixed up",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            "(pool_height, pool_width)", "(pool_width, pool_height)",
            sentence="Square windows work, and others do not: the window is as high as it "
                     "should be wide.",
            also=[
                (2,
                 "i * stride + pool_height,",
                 "i * stride + pool_width,",
                 "j * stride + pool_width]",
                 "j * stride + pool_height]"),
            ]),
    mistake(BACKWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It is right only where the stride is 1. Which window of x made this output?",
            also=[
                (1, "i * stride", "i", "j * stride", "j"),
            ]),
    mistake(BACKWARD, "gradient shared by the window", ALL,
            "dx = np.zeros_like(x, dtype=dout.dtype)\n"
            "for i, j in np.ndindex(dout.shape[2:]):\n"
            "    top, left = i * stride, j * stride\n"
            "    window = np.s_[:, :, top : top + pool_height, left : left + pool_width]\n"
            "    dx[window] += dout[:, :, i, j][:, :, None, None] / (pool_height * pool_width)\n",
            sentence="Every number of a window gets an equal share. Which of them moved the "
                     "output?"),
    mistake(BACKWARD, "the value and not the gradient", "dout[:, :, i, j]",
            "window.max(axis=(2, 3))",
            sentence="The largest numbers themselves stand in your dx. What is it that comes "
                     "back?",
            also=[
                (1, "mask * dout[n, c, i, j]", "mask * window"),
            ]),
    mistake(BACKWARD, "position in the window, not in the image", "top + row, left + column",
            "row, column",
            sentence="All gradients land in the corner of the image: the place of the largest "
                     "number is counted from the window's corner."),
    mistake(BACKWARD, "assigns the whole window", ALL,
            "dx = np.zeros_like(x, dtype=dout.dtype)\n"
            "for n, c, i, j in np.ndindex(dout.shape):\n"
            "    top, left = i * stride, j * stride\n"
            "    window = x[n, c, top : top + pool_height, left : left + pool_width]\n"
            "    dx[n, c, top : top + pool_height, left : left + pool_width] = (\n"
            "        (window == window.max()) * dout[n, c, i, j])\n",
            sentence="Where windows overlap, each one wipes out what the others have left, with "
                     "zeros too. What should become of the gradients that are there already?",
            also=[(1, "left : left + pool_width] +=", "left : left + pool_width] =")]),
    mistake(FORWARD, "loops over height and width mixed up", "np.ndindex(H_out, W_out)",
            "np.ndindex(W_out, H_out)",
            sentence="Square outputs work, and others do not: the loop over rows runs as far as "
                     "the one over columns should.",
            also=[(1, "range(H_out)", "range(W_out )", "range(W_out)", "range(H_out)")]),
    mistake(BACKWARD, "loops over height and width mixed up", "np.ndindex(dout.shape[2:])",
            "np.ndindex(dout.shape[3], dout.shape[2])",
            sentence="Square outputs work, and others do not: the loop over rows runs as far as "
                     "the one over columns should.",
            also=[(1, "H_out, W_out = dout", "W_out, H_out = dout")]),
)  # fmt: skip
