"""This course: its exercises, known mistakes and figures, and what its notebooks measure by."""

from cs231n.checks import check
