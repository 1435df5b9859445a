"""Mistakes in the affine layer."""

from coursekit.mutants import mistake

MISTAKES = (
    mistake("affine_forward", "no bias", " + b", "",
            sentence="Your out is what it would be with all biases at zero. What else is added"
                     " to the weighted sums?",
            also=[
                "out = np.dot(x.reshape(N, -1), w)\n",
            ]),
    mistake("affine_forward", "flattens with the last axis first", "x.reshape(N, D)",
            'x.reshape(N, D, order="F")',
            sentence="The numbers of an example meet the wrong weights as soon as it has "
                     "several axes. In what order are the axes of an example laid out in a row?",
            also=[
                "out = x.T.reshape(D, N).T @ w + b\n",
            ]),
    mistake("affine_forward", "changes the shape of x itself", "rows = x.reshape(N, D)",
            "x.shape = (N, D)\nrows = x",
            sentence="After the call the caller's own x is not what it was, in its numbers or in "
                     "its shape. Lay the examples out without touching the array.",
            also=[
                "x.shape = (N, -1)\n"
                "out = x.dot(w) + b\n",
            ]),
    mistake("affine_forward", "only takes examples of one axis", "rows @ w", "x @ w",
            sentence="Examples that are rows already work; an example with several axes, an "
                     "image for instance, does not fit the weights. What shape does it need "
                     "first?",
            also=[
                "out = np.dot(x, w) + b\n",
            ]),
    mistake("affine_backward", "db of shape (1, M)", "dout.sum(axis=0)",
            "dout.sum(axis=0, keepdims=True)",
            sentence="Your db has the right numbers and one axis too many. What shape does b "
                     "have, and what shape does summing leave here?",
            also=[
                (1, "np.sum(dout, axis=0)", "np.ones((1, N)) @ dout"),
            ]),
    mistake("affine_backward", "dx left flat", ".reshape(x.shape)", "",
            sentence="Your dx has the right numbers in rows. It belongs to x, so which shape "
                     "should it have when examples are not rows?",
            also=[
                (1, "np.reshape(dflat, x.shape)", "dflat"),
            ]),
    mistake("affine_backward", "db is the mean", "dout.sum(axis=0)", "dout.mean(axis=0)",
            sentence="Your db is too small by a factor of N. Each example's output contains b "
                     "once: do their gradients add up, or average out?",
            also=[
                (1, "np.sum(dout, axis=0)", "np.sum(dout, axis=0) / dout.shape[0]"),
            ]),
    mistake("affine_backward", "dw transposed", "rows.T @ dout", "(rows.T @ dout).T",
            sentence="Your dw holds the right numbers with its two axes swapped. Compare its "
                     "shape with that of w.",
            also=[
                (1, "np.dot(flat.T, dout)", "np.dot(dout.T, flat)"),
            ]),
    mistake("affine_backward", "dw averaged over the minibatch", "rows.T @ dout",
            "rows.T @ dout / N",
            sentence="Your dw is too small by a factor of N. Whether the loss is a mean is "
                     "decided in the loss, and dout contains it already.",
            also=[
                (1, "np.dot(flat.T, dout)", "np.dot(flat.T, dout) / x.shape[0]"),
            ]),
)  # fmt: skip
