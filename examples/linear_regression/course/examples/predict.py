"""Small examples of what a line predicts, and what mistakes may hang on."""

from coursekit.checks import ladder, rung, toggles


@ladder(
    "predict",
    rung("one example of one feature", X=[[2]], w=[3], b=1),
    rung("two features", X=[[2, 5]], w=[3, -1], b=1),
    rung("two examples", X=[[2], [5]], w=[3], b=1),
    rung("two examples of two features", X=[[2, 5], [1, 4]], w=[3, -1], b=1),
)
def predict(student, run, X, w, b):
    return {"predictions": student.predict(X, w, b)}


@toggles(
    "predict",
    predict,
    plain=[{"N": 3, "D": 2}, {"N": 4, "D": 5}],
    properties={
        "b is 0": {"b": 0},
        "there is a single example": {"N": 1},
        "there is a single feature": {"D": 1},
    },
)
def draws(rng, N, D, b=2):
    return {"X": rng.standard_normal((N, D)), "w": rng.standard_normal(D), "b": b}
