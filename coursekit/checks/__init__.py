"""Checks: what each block of the package does right or wrong, and what that is worth.

A check draws its inputs from a seed, calls the code under test and compares what comes out with
values that were recorded beforehand: values and exact shapes, whether float32 stays float32, and
whether inputs are left as they were.
"""

from .check import SEED, Check, CheckFailed, Checks, check
from .examples import explain_by_example, ladder, rung, smallest_example
from .outcome import Outcome
from .stepwise import step, steps
from .toggling import toggles
from .under_test import UnderTest, imported
from .verdict import Kind, Verdict, judge

__all__ = [
    "SEED",
    "Check",
    "CheckFailed",
    "Checks",
    "Kind",
    "Outcome",
    "UnderTest",
    "Verdict",
    "check",
    "explain_by_example",
    "imported",
    "judge",
    "ladder",
    "rung",
    "smallest_example",
    "step",
    "steps",
    "toggles",
]
