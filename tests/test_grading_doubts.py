"""What a submission is pointed out for to a person, and what not."""

import pytest
from made_submissions import make_submission

from coursekit.grading.doubts import doubts
from coursekit.packages import REFERENCE
from cs231n.blocks import blank, blocks_of

PATHS = sorted({block.path for block in blocks_of(REFERENCE)})
PRISTINE = {path: blank((REFERENCE / path).read_text("utf-8")).encode() for path in PATHS}


def found_in(code, path="layers.py"):
    return doubts({path: PRISTINE[path] + code.encode()}, PRISTINE)


def test_the_reference_raises_no_doubts():
    sources = {path: (REFERENCE / path).read_bytes() for path in PATHS}
    assert doubts(sources, PRISTINE) == []


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("import os\n", "os"),
        ("from numpy import array; import gc as g\n", "gc"),
        ("import numpy, sys\n", "sys"),
        ("from . import (\n    optim,\n    fast_layers,\n)\n", "fast_layers"),
        ("from .fast_layers import conv_forward_fast as quick\n", "fast_layers"),
        ("from cs231n._internal.fast import max_pool\n", "fast"),
        ("from cs231n.checks import check\n", "checks"),
        ("def f(x):\n    return eval('x')\n", "eval"),
        ("f = (lambda: 0).__globals__\n", "__globals__"),
        ("f = np.load('x')\n", "load"),
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
    ],
)
def test_ordinary_code_raises_none(code):
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


def test_blocks_of_any_year_raise_none(tmp_path):
    """The lines that files of the course's own package began with for years."""
    code = "from __future__ import print_function\nfrom builtins import range, object\n"
    made = make_submission(tmp_path, above={"optim.py": code})
    sources = {path: (made / "cs231n" / path).read_bytes() for path in PATHS}
    assert doubts(sources, PRISTINE) == []
