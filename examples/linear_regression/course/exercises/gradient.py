"""The gradient of the mean squared error."""

from coursekit.checks import check


@check(
    points=6,
    notebook="LinearRegression",
    main={"dw": 2, "db": 1},
    hints=[
        "Write the error of one example down, and take its derivative with respect to one weight.",
        "The loss is a mean over examples, and so is its gradient. What is left of the square?",
    ],
)
def gradient(student, run):
    """The gradient with respect to weights and intercept."""
    N, D = 6, 3
    X, w, b = run.rng.standard_normal((N, D)), run.rng.standard_normal(D), run.rng.normal()
    y = run.rng.standard_normal(N)
    with run.case("six examples", N=N, D=D):
        dw, db = student.gradient(X, y, w, b)
        return {"dw: six examples": dw, "db: six examples": db}
    return {}
