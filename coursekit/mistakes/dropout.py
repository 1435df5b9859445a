"""Mistakes in dropout."""

from .mistake import mistake

TRAIN, TEST = "dropout_forward:train", "dropout_forward:test"
BACKWARD = "dropout_backward:train"

MISTAKES = (
    mistake(TRAIN, "p is the share to drop", "< p", ">= p"),
    mistake(TRAIN, "p is the share to drop, scaling too", "< p", ">= p", "/ p", "/ (1 - p)"),
    mistake(TRAIN, "does not scale", " / p", ""),
    mistake(TRAIN, "multiplies by p", " / p", " * p"),
    mistake(TRAIN, "scales twice", "out = x * mask", "out = x * mask / p"),
    mistake(TRAIN, "whole rows", "random.rand(*x.shape)",
            "random.rand(len(x), *[1] * (x.ndim - 1))"),
    mistake(TRAIN, "only takes two axes", "random.rand(*x.shape)",
            "random.rand(x.shape[0], x.shape[1])"),
    mistake(TRAIN, "normal numbers", "random.rand(", "random.randn("),
    mistake(TRAIN, "ignores the seed", "random.rand(", "np.random.rand("),
    mistake(TRAIN, "a mask that is fixed", "random.rand(", "np.random.RandomState(0).rand("),
    mistake(TRAIN, "writes into x", "out = x * mask", "x *= mask\nout = x"),
    mistake(TEST, "multiplies by p", "x.copy()", "x * p"),
    mistake(TEST, "divides by p", "x.copy()", "x / p"),
    mistake(TEST, "drops", "x.copy()", "x * (random.rand(*x.shape) < p)"),
    mistake(BACKWARD, "lets everything through", "dout * mask", "dout.copy()"),
    mistake(BACKWARD, "the mask without its scaling", "dout * mask", "dout * (mask > 0)"),
    mistake(BACKWARD, "scales twice", "dout * mask", 'dout * mask / dropout_param["p"]'),
    mistake(BACKWARD, "draws another mask", "dout * mask",
            "dout * mask.ravel()[np.random.permutation(mask.size)].reshape(mask.shape)"),
    mistake(BACKWARD, "writes into dout", "dx = dout * mask", "dx = dout\ndx *= mask"),
)  # fmt: skip
