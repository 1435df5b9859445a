"""Mistakes in the gradient."""

from coursekit.mutants import mistake

MISTAKES = (
    mistake(
        "gradient", "sums over examples", "2 / len(X)", "2",
        sentence="Your gradient grows with the number of examples. The loss is a mean of squares; "
                 "what does that make of its gradient?",
    ),
    mistake(
        "gradient", "the sign of the error", "predict(X, w, b) - y", "y - predict(X, w, b)",
        sentence="Your gradient leads downhill. It should point to where the loss grows.",
    ),
)  # fmt: skip
