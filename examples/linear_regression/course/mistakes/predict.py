"""Mistakes in the predictions."""

from coursekit.mutants import mistake

MISTAKES = (
    mistake(
        "predict", "no intercept", " + b", "",
        sentence="Your predictions are those of a line through the origin. What else does a line "
                 "have besides its slope?",
    ),
    mistake(
        "predict", "a column in place of a vector", "X @ w", "(X @ w)[:, None]",
        sentence="Each prediction stands in a row of its own. How many axes do the predictions for "
                 "N examples have?",
    ),
)  # fmt: skip
