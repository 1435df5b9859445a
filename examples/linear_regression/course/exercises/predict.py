"""What a line predicts."""

from coursekit.checks import check


@check(
    points=4,
    notebook="LinearRegression",
    hints=[
        "Each row of X is an example. Which number does each of its features get multiplied with?",
        "One product of a matrix and a vector gives all predictions but for the intercept.",
    ],
)
def predict(student, run):
    """The predictions for several examples, and for one."""
    results = {}
    for case, (N, D) in {"several examples": (5, 3), "one example": (1, 4)}.items():
        X, w, b = run.rng.standard_normal((N, D)), run.rng.standard_normal(D), run.rng.normal()
        with run.case(case, N=N, D=D):
            results[f"predictions: {case}"] = student.predict(X, w, b)
    return results
