"""Mistakes in dropout."""

from coursekit.mutants import mistake

TRAIN, TEST = "dropout_forward:train", "dropout_forward:test"
BACKWARD = "dropout_backward:train"

MISTAKES = (
    mistake(TRAIN, "p is the share to drop", "< p", ">= p",
            sentence="The share of units that is kept is not p, and those that are kept are "
                     "divided by p. In this course, what is p the probability of?",
            also=[
                "mask = (random.rand(*x.shape) > p) / p\n"
                "out = x * mask\n",
            ]),
    mistake(TRAIN, "p is the share to drop, scaling too", "< p", ">= p", "/ p", "/ (1 - p)",
            sentence="It is right in itself, for the other meaning of p. In this course, what "
                     "is p the probability of?",
            also=[
                "mask = (random.rand(*x.shape) > p) / (1 - p)\n"
                "out = x * mask\n",
                "mask = (random.rand(*x.shape) < 1 - p) / (1 - p)\n"
                "out = x * mask\n",
            ]),
    mistake(TRAIN, "does not scale", " / p", "",
            sentence="What is kept is kept as it is, so the next layer gets less in training "
                     "than at test time. What makes up for the missing units?",
            also=[
                "mask = random.rand(*x.shape) < p\n"
                "out = x * mask\n",
            ]),
    mistake(TRAIN, "multiplies by p", " / p", " * p",
            sentence="What is kept becomes smaller, where the missing units should be made up "
                     "for. In which direction does the scaling go?",
            also=[
                "mask = (random.rand(*x.shape) < p) * p\n"
                "out = x * mask\n",
            ]),
    mistake(TRAIN, "scales twice", "out = x * mask", "out = x * mask / p",
            sentence="What is kept is too large by a factor of 1 / p: the scaling is in there "
                     "twice.",
            also=[
                "mask = (random.rand(*x.shape) < p) / p\n"
                "out = x * mask\n"
                "out /= p\n",
            ]),
    mistake(TRAIN, "whole rows", "random.rand(*x.shape)",
            "random.rand(len(x), *[1] * (x.ndim - 1))",
            sentence="Units are not dropped one by one: some share their fate. How many draws "
                     "does it take for every number to have its own?",
            also=[
                (1,
                 "random.rand(*x.shape)",
                 "random.rand(x.shape[0], *[1] * (x.ndim - 1))"),
            ]),
    mistake(TRAIN, "only takes two axes", "random.rand(*x.shape)",
            "random.rand(x.shape[0], x.shape[1])",
            sentence="A minibatch of two axes works, and images do not. The mask has the shape"
                     " of x, whatever that is.",
            also=[
                "mask = (random.rand(len(x), x.shape[1]) < p) / p\n"
                "out = x * mask\n",
                "N, D = x.shape\n"
                "mask = (random.rand(N, D) < p) / p\n"
                "out = x * mask\n",
            ]),
    mistake(TRAIN, "normal numbers", "random.rand(", "random.randn(",
            sentence="The share of units that is kept is not p. What are your random numbers "
                     "compared with, and from which distribution do they come?",
            also=[
                "mask = (random.randn(*x.shape) < p) / p\n"
                "out = x * mask\n",
            ]),
    mistake(TRAIN, "ignores the seed", "random.rand(", "np.random.rand(",
            sentence="With the same seed two calls make different masks: the draw does not come "
                     "from the generator that was made above the block.",
            also=[
                (1,
                 "random.rand(",
                 "np.random.rand("),
            ]),
    mistake(TRAIN, "a mask that is fixed", "random.rand(", "np.random.RandomState(0).rand(",
            sentence="Without a seed, two calls drop the same units: those that are off stay "
                     "off for good. Where do your random numbers start from?",
            also=[
                (1,
                 "random.rand(",
                 "np.random.RandomState(1).rand("),
            ]),
    mistake(TRAIN, "writes into x", "out = x * mask", "x *= mask\nout = x",
            sentence="After the call the caller's x is not what it was: something in here "
                     "writes into it. Work on an array of your own.",
            also=[
                "mask = (random.rand(*x.shape) < p) / p\n"
                "x *= mask\n"
                "out = x\n",
            ]),
    mistake(TEST, "multiplies by p", "x.copy()", "x * p",
            sentence="The output at test time is too small by a factor of p. With inverted "
                     "dropout, when is the scaling paid?",
            also=[
                "out = p * x\n",
            ]),
    mistake(TEST, "divides by p", "x.copy()", "x / p",
            sentence="The output at test time is too large by a factor of 1 / p. With inverted"
                     " dropout, when is the scaling paid?",
            also=[
                "out = x * (1 / p)\n",
            ]),
    mistake(TEST, "drops", "x.copy()", "x * (random.rand(*x.shape) < p)",
            sentence="Numbers are dropped at test time. Should the answer for one and the same "
                     "image differ from call to call?",
            also=[
                (1,
                 "out = x",
                 "out = np.where(random.rand(*x.shape) < p, x, 0)"),
            ]),
    mistake(BACKWARD, "lets everything through", "dout * mask", "dout.copy()",
            sentence="Your dx is dout: units that were dropped get a gradient, and those that "
                     "were kept miss their factor.",
            also=[
                "dx = 1.0 * dout\n",
            ]),
    mistake(BACKWARD, "the mask without its scaling", "dout * mask", "dout * (mask > 0)",
            sentence="The right entries are let through, and they are too small by a factor. "
                     "By what was a unit that was kept multiplied?",
            also=[
                "dx = np.where(mask > 0, dout, 0)\n",
            ]),
    mistake(BACKWARD, "scales twice", "dout * mask", 'dout * mask / dropout_param["p"]',
            sentence="The right entries are let through, and they are too large by a factor of"
                     " 1 / p. What is in the mask already?",
            also=[
                "dx = dout * mask\n"
                'dx = dx / dropout_param["p"]\n',
            ]),
    mistake(BACKWARD, "draws another mask", "dout * mask",
            "dout * mask.ravel()[np.random.permutation(mask.size)].reshape(mask.shape)",
            sentence="Gradients reach units that were dropped. Which mask was it in the forward "
                     "pass?",
            also=[
                (1,
                 "mask * dout",
                 "np.random.permutation(mask.ravel()).reshape(mask.shape) * dout"),
            ]),
    mistake(BACKWARD, "writes into dout", "dx = dout * mask", "dx = dout\ndx *= mask",
            sentence="After the call the caller's dout is not what it was: something in here "
                     "writes into it. Others may still need it.",
            also=[
                "dout *= mask\n"
                "dx = dout\n",
            ]),
)  # fmt: skip
