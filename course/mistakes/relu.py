"""Mistakes in ReLU."""

from coursekit.mutants import mistake

MISTAKES = (
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
)  # fmt: skip
