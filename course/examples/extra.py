"""Small examples of the optional exercises."""

import numpy as np

from coursekit.checks import ladder, rung

from ._inputs import channels, image
from .optimizers import ADAM
from .pooling import windows


@ladder(
    "adamw",
    rung("no gradient", w=[8], dw=[0], **ADAM | {"epsilon": 1}, weight_decay=0.25),
    rung("no decay", w=[5], dw=[4], **ADAM, weight_decay=0),
    rung("both", w=[8], dw=[4], **ADAM, weight_decay=0.25),
    rung("a later step", w=[8], dw=[4], **ADAM, weight_decay=0.25, m=[2], v=[9], t=3),
    rung("two weights", w=[8, -4], dw=[4, 2], **ADAM, weight_decay=0.25),
    rung("settings left open", w=[1000], dw=[1000]),
)
def decoupled(student, run, w, dw, **config):
    run.may_write(w)
    next_w, config = student.adamw(w, dw, config)
    return {"next_w": np.array(next_w)}


@ladder(
    "rmsnorm_forward",
    rung("one example of two features", x=[[1, 7]], gamma=[1, 1], eps=0),
    rung("a scale", x=[[1, 7]], gamma=[5, 10], eps=0),
    rung("an eps of 11", x=[[1, 7]], gamma=[6, 12], eps=11),
    rung("two examples", x=[[1, 7], [10, -10]], gamma=[5, 10], eps=0),
    rung("three features", x=[[2, 4, 4]], gamma=[1, 2, 3], eps=24),
    rung("the usual eps", x=[[0, 2], [1, 9]], gamma=[1, 1]),
    rung("one feature", x=[[4], [-7]], gamma=[2], eps=0),
)
def rms_forward(student, run, x, gamma, **rms_param):
    out, _ = student.rmsnorm_forward(x, gamma, dict(rms_param))
    return {"out": out}


@ladder(
    "rmsnorm_backward",
    rung("one example of two features", x=[[1, 7]], gamma=[1, 1], dout=[[50, 0]], eps=0),
    rung("a scale", x=[[1, 7]], gamma=[2, 5], dout=[[25, 10]], eps=0),
    rung("an eps of 11", x=[[1, 7]], gamma=[2, 3], dout=[[36, 12]], eps=11),
    rung("two examples", x=[[1, 7], [5, -5]], gamma=[2, 5], dout=[[25, 10], [4, 3]], eps=0),
    rung("three features", x=[[2, 4, 4]], gamma=[1, 2, 3], dout=[[9, 0, 3]], eps=24),
    rung("one feature", x=[[4], [-7]], gamma=[2], dout=[[3], [5]], eps=1),
)
def rms_backward(student, run, x, gamma, dout, **rms_param):
    out, cache = student.rmsnorm_forward(x, gamma, dict(rms_param))
    run.starts_from(out)
    dx, dgamma = student.rmsnorm_backward(dout, cache)
    return {"dx": dx, "dgamma": dgamma}


PATH = {"x": [[1, 2], [3, 4]], "branch": [[5, -6], [7, 8]]}


@ladder(
    "drop_path_forward",
    rung("both keep it", **PATH, keep=[1, 1], p=0.5),
    rung("one keeps it", **PATH, keep=[1, 0], p=0.5),
    rung("the other keeps it", **PATH, keep=[0, 1], p=0.25),
    rung("three features", x=[[1, 2, 3], [4, 5, 6]], branch=[[5, -6, 1], [7, 8, 2]], keep=[0, 1],
         p=0.25),
    rung("test time", **PATH, keep=[], p=0.25),
)  # fmt: skip
def path_forward(student, run, x, branch, keep, p):
    out, _ = student.drop_path_forward(x, branch, _kept(keep), float(p))
    return {"out": out}


@ladder(
    "drop_path_backward",
    rung("both keep it", **PATH, dout=[[1, 2], [3, 4]], keep=[1, 1], p=0.5),
    rung("one keeps it", **PATH, dout=[[1, 2], [3, 4]], keep=[1, 0], p=0.5),
    rung("test time", **PATH, dout=[[1, 2], [3, 4]], keep=[], p=0.25),
)
def path_backward(student, run, x, branch, dout, keep, p):
    out, cache = student.drop_path_forward(x, branch, _kept(keep), float(p))
    run.starts_from(out)
    dx, dbranch = student.drop_path_backward(dout, cache)
    return {"dx": dx, "dbranch": dbranch}


def _kept(keep):
    return np.array(keep, dtype=bool) if len(keep) else None


@ladder(
    "avg_pool_forward",
    rung("two pixels side by side", x=image([2, 6]), **windows(1, 2, 1)),
    rung("two pixels, one above the other", x=image([6], [2]), **windows(2, 1, 1)),
    rung("a window of 2 by 2", x=image([1, 4], [8, 3]), **windows(2, 2, 2)),
    rung("a stride of 2 across", x=image([8, 4, 1, 3]), **windows(1, 2, 2)),
    rung("windows that overlap", x=image([1, 5, 3]), **windows(1, 2, 1)),
    rung("a wide window on a high image", x=image([1, 5], [7, 3], [2, 6]), **windows(1, 2, 1)),
    rung("two channels", x=channels(image([1, 5]), image([7, 3])), **windows(1, 2, 1)),
    rung("a column left over", x=image([1, 5, 2, 4, 9]), **windows(1, 2, 2)),
)
def average(student, run, x, **pool_param):
    out, _ = student.avg_pool_forward(x, dict(pool_param))
    return {"out": out}


@ladder(
    "avg_pool_backward",
    rung("two pixels side by side", x=image([2, 6]), dout=image([4]), **windows(1, 2, 1)),
    rung("a window of 2 by 2", x=image([1, 4], [8, 3]), dout=image([8]), **windows(2, 2, 2)),
    rung("a stride of 2 across", x=image([8, 4, 1, 3]), dout=image([4, 6]), **windows(1, 2, 2)),
    rung("windows that overlap", x=image([1, 5, 3]), dout=image([4, 6]), **windows(1, 2, 1)),
    rung("a wide window on a high image", x=image([1, 5], [7, 3], [2, 6]),
         dout=image([4], [6], [8]), **windows(1, 2, 1)),
    rung("two channels", x=channels(image([1, 5]), image([7, 3])),
         dout=channels(image([4]), image([6])), **windows(1, 2, 1)),
    rung("a column left over", x=image([1, 5, 2, 4, 9]), dout=image([4, 6]), **windows(1, 2, 2)),
)  # fmt: skip
def average_back(student, run, x, dout, **pool_param):
    _, cache = student.avg_pool_forward(x, dict(pool_param))
    return {"dx": student.avg_pool_backward(dout, cache)}


ONE = {"w1": [[[[2]]]], "b1": [1], "w2": [[[[3]]]], "b2": [-1]}


@ladder(
    "residual_forward",
    rung("one pixel", x=image([2]), **ONE),
    rung("a hidden relu that is off", x=image([-2]), **ONE),
    rung("a last relu that is off", x=image([2]), **ONE | {"w2": [[[[-3]]]]}),
    rung("a row of pixels", x=image([2, -1, 3]), **ONE),
)
def block(student, run, **inputs):
    out, _ = student.residual_forward(*inputs.values())
    return {"out": out}


@ladder(
    "residual_backward",
    rung("one pixel", x=image([2]), **ONE, dout=image([1])),
    rung("a hidden relu that is off", x=image([-2]), **ONE | {"b2": [5]}, dout=image([1])),
    rung("a last relu that is off", x=image([2]), **ONE | {"w2": [[[[-3]]]]}, dout=image([1])),
    rung("a row of pixels", x=image([2, -1, 3]), **ONE, dout=image([1, 4, -2])),
)
def block_back(student, run, dout, **inputs):
    out, cache = student.residual_forward(*inputs.values())
    run.starts_from(out)
    names = ("dx", "dw1", "db1", "dw2", "db2")
    return dict(zip(names, student.residual_backward(dout, cache), strict=True))
