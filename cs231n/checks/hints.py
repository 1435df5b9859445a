"""The hints to each check, in the order in which they are told: each a little more than the last.

`check.NAME(hint=2)` shows the first two. Hints are sentences in words: where to look, what to write
down on paper, which formula or shape decides. They hold no code and no finished answer.
"""

HINTS = {
    "affine_forward": (
        "Each example is one long row of numbers, whatever shape it comes in. Which two lengths do "
        "the rows of an example and the rows of w have in common?",
        "Write the shapes of x, w, b and out on paper for an input of three axes and more. Only "
        "the first axis of x counts examples; all the others belong together.",
        "Once x has become a matrix with a row for each example, out is one product of matrices, "
        "and b is added to every row of it. x itself goes into the cache in the shape it had.",
    ),
    "relu_backward": (
        "Where does a small change of x change the output at all, and by how much?",
        "The gradient passes where x is positive and nowhere else. What decides is x, and not the "
        "gradient that comes in.",
        "The gradient that comes in belongs to the caller, who may use it again: what you return "
        "should be an array of its own.",
    ),
}
