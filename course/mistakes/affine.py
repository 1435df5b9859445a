"""Mistakes in the affine layer."""

from coursekit.mutants import mistake

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
)  # fmt: skip
