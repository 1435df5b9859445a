"""What a submission is pointed out for to a person, and what not."""

import pytest
from made_submissions import EDITABLE, REFERENCE, make_submission
from this_course import COURSE

from coursekit.blocks import blank
from coursekit.grading import ReasonCode
from coursekit.grading.static_review import review

PRISTINE = {path: blank((REFERENCE / path).read_text("utf-8")).encode() for path in EDITABLE}


def found_in(code, path="layers.py"):
    """Return the sentences of what is found, all of it about the file."""
    reasons = review(COURSE, {path: PRISTINE[path] + code.encode()}, PRISTINE)
    assert {reason.code for reason in reasons} <= {ReasonCode.TOOL}
    assert {reason.about for reason in reasons} <= {f"cs231n/{path}", ""}
    return [reason.sentence for reason in reasons]


def test_nothing_is_found_in_the_reference():
    sources = {path: (REFERENCE / path).read_bytes() for path in EDITABLE}
    assert review(COURSE, sources, PRISTINE) == []


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("import os\n", "os"),
        ("from numpy import array; import gc as g\n", "gc"),
        ("import numpy, sys\n", "sys"),
        ("from . import (\n    optim,\n    fast_layers,\n)\n", "fast_layers"),
        ("from .fast_layers import conv_forward_fast as quick\n", "fast_layers"),
        ("from ._internal.fast.max_pool import max_pool_forward\n", "fast"),
        ("from ._internal import fast\n", "fast"),
        ("import cs231n\n\ncs231n._internal.fast.columns\n", "fast"),
        ("import cs231n\n\ncs231n.fast_layers.conv_forward_fast\n", "fast_layers"),
        ("from coursekit.checks import check\n", "coursekit"),
        ("from course.exercises import affine\n", "course"),
        ("def f(x):\n    return eval('x')\n", "eval"),
        ("f = (lambda: 0).__globals__\n", "__globals__"),
        ("f = np.load('x')\n", "load"),
        ("import autograd.numpy\n", "autograd"),
        ("from jax import grad\n", "jax"),
        ("import collections\n\nf = collections._sys\n", "_sys"),
        ("from collections import _sys\n", "_sys"),
        ("import cs231n\n\nf = cs231n.loader.modules\n", "modules"),
        ("setattr(np, 'pad', None)\n", "setattr"),
        ("f = getattr(np, 'lo' + 'ad')\n", "getattr"),
        ("f = vars(np)\n", "vars"),
        ("from .gradient_check import eval_numerical_gradient_array\n", "gradient_check"),
    ],
)
def test_a_tool_that_no_block_needs_is_named_with_its_line(code, word):
    (sentence,) = found_in(code)
    assert sentence.startswith("cs231n/layers.py, line ")
    assert f"uses {word}, which" in sentence


@pytest.mark.parametrize(
    "code",
    [
        "import math\nfrom itertools import product\nimport scipy.signal\n",
        "from builtins import range\nfrom past.builtins import xrange\n",
        "os = 3  # import os\n",
        "text = 'import os; eval(x)'\n",
        "site, select, code = 1, 2, 3\n",
        "course, checks, fast = 1, 2, 3\n",
        "from ._internal.arguments import read\n",
        "class A:\n    def f(self):\n        self._x = 1\n        return self._x\n",
        "from scipy import signal\nimport scipy.signal as s\n",
        "_, _x = 1, 2\n",
    ],
)
def test_nothing_is_found_in_ordinary_code(code):
    assert found_in(code) == []


def test_what_the_handout_uses_itself_may_be_used():
    assert "fast_layers" in PRISTINE["layer_utils.py"].decode()
    assert found_in("from . import fast_layers\n", "layer_utils.py") == []


@pytest.mark.parametrize("code", ["def f(:\n", "'''", "\0", "x = 1\n  y = 2\n\t z", "é" * 3, "("])
def test_a_file_that_does_not_parse_is_read_as_far_as_it_goes(code):
    assert found_in(code) == []


def test_the_list_is_kept_short():
    code = "".join(
        f"import {name}\n" for name in "os sys gc io ast dis pdb pty site zmq trace".split()
    )
    found = found_in(code)
    assert len(found) == 11
    assert found[-1] == "And 1 more of the kind."


def test_nothing_is_found_in_the_first_lines_of_any_year(tmp_path):
    """The lines that files of the course's own package began with for years."""
    code = "from __future__ import print_function\nfrom builtins import range, object\n"
    made = make_submission(tmp_path, above={"optim.py": code})
    sources = {path: (made / "cs231n" / path).read_bytes() for path in EDITABLE}
    assert review(COURSE, sources, PRISTINE) == []
