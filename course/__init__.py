"""This course: its exercises, the figures of its notebooks, and what they measure with.

from course import check
check.affine_forward()
"""

from functools import partial
from pathlib import Path

from coursekit.student import open_course
from coursekit.student.hunt import hunt_in
from coursekit.student.predict import riddle_in

__all__ = ["check", "hunt", "predict"]

_course = open_course(Path(__file__).parent.parent)
check = _course.checks
# hunt(my_check, "affine_backward") says which planted bugs a check of your own finds.
hunt = partial(hunt_in, _course)
# predict("Dropout") changes a line of your own right code, and asks which check turns red.
predict = partial(riddle_in, _course)
