"""Small examples of the affine layer, and what its mistakes may hang on."""

from coursekit.checks import ladder, rung, toggles

from ..exercises._inputs import fortran, gaps


@ladder(
    "affine_forward",
    rung("one example of one number", x=[[2]], w=[[3]], b=[1]),
    rung("two numbers in the example", x=[[1, 2]], w=[[3], [4]], b=[5]),
    rung("two outputs", x=[[2]], w=[[3, -1]], b=[1, 5]),
    rung("two examples", x=[[1], [2]], w=[[3]], b=[5]),
    rung("three examples and two outputs", x=[[1], [2], [-4]], w=[[3, 4]], b=[5, 6]),
    rung("two of everything", x=[[1, 2], [3, 5]], w=[[1, -2], [3, 4]], b=[1, 2]),
    rung("an example of two rows", x=[[[1, 2], [3, 5]]], w=[[1], [2], [4], [8]], b=[1]),
    rung("two examples of three axes", x=[[[1, 2]], [[3, 5]]], w=[[1, -2], [3, 4]], b=[1, 2]),
)
def forward(student, run, x, w, b):
    out, _ = student.affine_forward(x, w, b)
    return {"out": out}


@ladder(
    "affine_forward",
    rung("numbers that are apart in memory", x=[[1, 2], [3, 5]], w=[[1, -2], [3, 4]], b=[1, 2]),
)
def forward_apart(student, run, x, w, b):
    out, _ = student.affine_forward(gaps(x), fortran(w), gaps(b))
    return {"out": out}


@ladder(
    "affine_backward",
    rung("one example of one number", x=[[2]], w=[[3]], b=[1], dout=[[5]]),
    rung("two numbers in the example", x=[[1, 2]], w=[[3], [4]], b=[1], dout=[[5]]),
    rung("two outputs", x=[[2]], w=[[3, 4]], b=[1, 2], dout=[[1, 5]]),
    rung("two examples", x=[[1], [2]], w=[[3]], b=[1], dout=[[4], [5]]),
    rung("two examples and two outputs", x=[[1], [2]], w=[[3, 4]], b=[1, 2],
         dout=[[1, 5], [-2, 3]]),
    rung("two examples of two numbers", x=[[1, 2], [3, 5]], w=[[1], [-2]], b=[1], dout=[[4], [7]]),
    rung("an example of two rows", x=[[[1, 2], [3, 5]]], w=[[1], [2], [4], [8]], b=[1],
         dout=[[3]]),
    rung("two examples of three axes", x=[[[1, 2]], [[3, 5]]], w=[[1], [-2]], b=[1],
         dout=[[4], [7]]),
)  # fmt: skip
def backward(student, run, x, w, b, dout):
    dx, dw, db = student.affine_backward(dout, (x, w, b))
    return {"dx": dx, "dw": dw, "db": db}


@ladder(
    "affine_backward",
    rung("the same call a second time", x=[[1], [2]], w=[[3]], b=[1], dout=[[4], [5]]),
)
def backward_twice(student, run, x, w, b, dout):
    cache = (x, w, b)
    student.affine_backward(dout, cache)
    dx, dw, db = student.affine_backward(dout, cache)
    return {"dx": dx, "dw": dw, "db": db}


PLAIN = [{"N": 3, "axes": (2, 2), "M": 5}, {"N": 4, "axes": (3, 2), "M": 2}]
PROPERTIES = {
    "there is a single example": {"N": 1},
    "there is a single output": {"M": 1},
    "an example has one axis": {"axes": (6,)},
    "there are as many examples as outputs": {"N": 3, "M": 3},
}


@toggles("affine_forward", forward, plain=PLAIN, properties=PROPERTIES | {"b is 0": {"b": 0}})
def forward_draws(rng, N, axes, M, b=1):
    inputs = backward_draws(rng, N, axes, M)
    del inputs["dout"]
    return inputs | {"b": b * inputs["b"]}


@toggles("affine_backward", backward_twice, plain=PLAIN, properties=PROPERTIES)
def backward_draws(rng, N, axes, M):
    D = 1
    for length in axes:
        D *= length
    return {
        "x": rng.standard_normal((N, *axes)),
        "w": rng.standard_normal((D, M)),
        "b": rng.standard_normal(M),
        "dout": rng.standard_normal((N, M)),
    }
