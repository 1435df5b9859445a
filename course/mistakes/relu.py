"""Mistakes in ReLU."""

from coursekit.mutants import mistake

MISTAKES = (
    mistake("relu_forward", "writes into x", "np.maximum(x, 0)", "x\nout[out < 0] = 0",
            sentence="After the call the caller's x is not what it was: something in here "
                     "writes into it. Whose array is it?",
            also=[
                "x[x < 0] = 0\n"
                "out = x\n",
                "out = np.maximum(x, 0, out=x)\n",
            ]),
    mistake("relu_forward", "absolute value", "np.maximum(x, 0)", "np.abs(x)",
            sentence="Negative numbers come out positive. What does the unit give for an input"
                     " below zero?",
            also=[
                "out = np.where(x > 0, x, -x)\n",
            ]),
    mistake("relu_forward", "cuts off above 1", "np.maximum(x, 0)", "np.clip(x, 0, 1)",
            sentence="Numbers above 1 come out as 1. The unit has a floor; does it have a "
                     "ceiling?",
            also=[
                "out = np.minimum(np.maximum(x, 0), 1)\n",
            ]),
    mistake("relu_backward", "writes zeros into dout", "dx = dout * (x > 0)",
            "dx = dout\ndx[x < 0] = 0",
            sentence="After the call the caller's dout is not what it was: something in here "
                     "writes into it. Others may still need it.",
            also=[
                "dout[x <= 0] = 0\n"
                "dx = dout\n",
                "dout *= x > 0\n"
                "dx = dout\n",
            ]),
    mistake("relu_backward", "looks at the sign of dout", "(x > 0)", "(dout > 0)",
            sentence="Entries are dropped where the gradient is negative. What decides whether"
                     " a unit lets its gradient through: what comes back, or what came in?",
            also=[
                "dx = np.maximum(dout, 0)\n",
            ]),
    mistake("relu_backward", "lets everything through", " * (x > 0)", "",
            sentence="Your dx is dout. What happens to the gradient of a unit whose input was "
                     "below zero?",
            also=[
                "dx = dout.copy()\n",
            ]),
    mistake("relu_backward", "the mask without dout", "dout * (x > 0)", "1.0 * (x > 0)",
            sentence="Your dx consists of zeros and ones: it says where the gradient may pass,"
                     " but no longer what the gradient is.",
            also=[
                "dx = np.where(x > 0, 1.0, 0.0)\n",
            ]),
    mistake("relu_backward", "writes into x", "dx = dout * (x > 0)",
            "x[x <= 0] = 0\nx[x > 0] = 1\ndx = dout * x",
            sentence="After the call the caller's x is not what it was: something in here writes "
                     "into it. Whose array is it?",
            also=["x *= x > 0\ndx = np.where(x > 0, dout, 0)\n"]),
)  # fmt: skip
