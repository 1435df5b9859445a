"""Checks: what each block of the package does right or wrong, and what that is worth.

    from cs231n.checks import check
    check.batchnorm_backward()

A check draws its inputs from a seed, calls the code under test and compares what comes out with
values that were recorded beforehand: values and exact shapes, whether float32 stays float32, and
whether inputs are left as they were.
"""

from . import (  # isort: skip  # in the order of the notebooks
    affine,
    relu,
    fully_connected,
    optimizers,
    batchnorm,
    layernorm,
    sandwiches,
    normalized_nets,
    dropout,
    dropout_nets,
    convolution,
    pooling,
    convolutional_net,
    spatial,
)
from .course import Course
from .judgement import judge
from .outcome import Outcome
from .registry import SEED, Check, CheckFailed, check
from .verdict import Verdict

__all__ = ["SEED", "Check", "CheckFailed", "Course", "Outcome", "Verdict", "check", "judge"]
