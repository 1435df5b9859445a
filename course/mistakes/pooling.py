"""Mistakes in naive max pooling."""

from coursekit.mutants import ALL, mistake

FORWARD, BACKWARD = "max_pool_forward_naive", "max_pool_backward_naive"

MISTAKES = (
    mistake(FORWARD, "starts from 0", "window.max(axis=(2, 3))",
            "window.max(axis=(2, 3), initial=0)",
            sentence="Windows whose numbers are all negative come out as 0. What is the "
                     "largest number of such a window?"),
    mistake(FORWARD, "mean instead of maximum", "window.max(", "window.mean(",
            sentence="These are the means of the windows. Which of a window's numbers is kept?"),
    mistake(FORWARD, "height and width mixed up",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            sentence="Square windows work, and others do not: the window is as high as it "
                     "should be wide, though the output's shape is right."),
    mistake(FORWARD, "height and width mixed up everywhere",
            "(H - pool_height)", "(H - pool_width)",
            "(W - pool_width)", "(W - pool_height)",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            sentence="Square windows work, and others do not, not even in the shape of the "
                     "output. Which of pool_height and pool_width goes with which axis?"),
    mistake(FORWARD, "takes images for square", "(W - pool_width)", "(H - pool_width)",
            sentence="Square images work, and others do not. From what is the output's width "
                     "computed?"),
    mistake(FORWARD, "stride of the window's size", "i * stride, j * stride",
            "i * pool_height, j * pool_width",
            sentence="It fits where the stride is the window's size. How far does the window "
                     "move from one output to the next?"),
    mistake(FORWARD, "the largest over all channels", "window.max(axis=(2, 3))",
            "window.max(axis=(1, 2, 3))[:, None]",
            sentence="All channels of your output are alike. Each channel is pooled by itself."),
    mistake(BACKWARD, "assigns where it should add", "+= dout", "= dout",
            sentence="Where windows overlap and share their largest number, one gradient has "
                     "replaced the other."),
    mistake(BACKWARD, "height and width mixed up",
            "top : top + pool_height, left : left + pool_width",
            "top : top + pool_width, left : left + pool_height",
            "(pool_height, pool_width)", "(pool_width, pool_height)",
            sentence="Square windows work, and others do not: the window is as high as it "
                     "should be wide."),
    mistake(BACKWARD, "stride ignored", "i * stride, j * stride", "i, j",
            sentence="It fits where the stride is 1. Which window of x made this output?"),
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
            sentence="The right places are filled, with the largest numbers themselves. What "
                     "is it that comes back?"),
    mistake(BACKWARD, "position in the window, not in the image", "top + row, left + column",
            "row, column",
            sentence="All gradients land in the corner of the image: the place of the largest "
                     "number is counted from the window's corner."),
)  # fmt: skip
