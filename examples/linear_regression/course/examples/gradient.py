"""Small examples of the gradient of the mean squared error, and what mistakes may hang on."""

from coursekit.checks import ladder, rung, toggles


@ladder(
    "gradient",
    rung("one example of one feature", X=[[2]], y=[1], w=[3], b=0),
    rung("two features", X=[[2, 5]], y=[1], w=[3, -1], b=4),
    rung("two examples", X=[[2], [1]], y=[1, 4], w=[3], b=0),
    rung("two examples of two features", X=[[2, 5], [1, 4]], y=[1, 2], w=[3, -1], b=1),
)
def gradient(student, run, X, y, w, b):
    dw, db = student.gradient(X, y, w, b)
    return {"dw": dw, "db": db}


@toggles(
    "gradient",
    gradient,
    plain=[{"N": 3, "D": 2}, {"N": 4, "D": 5}],
    properties={"there is a single example": {"N": 1}, "there are two examples": {"N": 2}},
)
def draws(rng, N, D):
    X, w = rng.standard_normal((N, D)), rng.standard_normal(D)
    return {"X": X, "y": rng.standard_normal(N), "w": w, "b": 2}
