"""What a student sees of an exception: the message first, then lines of their own, not too many."""

import re

import pytest
from small_package import small_package

from coursekit.checks import check, judge

RIGHT = "def double(x):\n    return 2 * x\n"


def verdict_on(folder, source):
    """Return the text of the verdict on a layers.py, judged by a right one."""

    @check(points=1, notebook="N")
    def doubling(student, run):
        return {"out": student.double(run.rng.standard_normal(3))}

    (folder / "right").mkdir()
    with small_package(folder / "right", layers=RIGHT) as package:
        expected = doubling.run(package, doubling.rng())
    with small_package(folder, layers=source) as package:
        return str(judge(doubling.run(package, doubling.rng()), expected))


def test_a_recursion_without_end_is_shown_by_its_ends(tmp_path):
    text = verdict_on(tmp_path, "def double(x):\n    return double(x) + 1\n")
    lines = text.splitlines()
    assert lines[0].startswith(
        "crashed: doubling: RecursionError: maximum recursion depth exceeded"
    )
    assert text.count("small/layers.py, line 2, in double") == 8
    assert re.search(r"\n  \.\.\. \d+ more calls \.\.\.\n", text)
    assert len(lines) < 25


@pytest.mark.parametrize("calls", [8, 9, 10])
def test_a_trace_that_can_be_read_is_shown_as_it_is(tmp_path, calls):
    functions = [f"def f{n}(x):\n    return f{n + 1}(x)\n" for n in range(1, calls - 1)]
    last = f"def f{calls - 1}(x):\n    return x.nothing\n"
    text = verdict_on(tmp_path, "\n".join(["def double(x):\n    return f1(x)\n", *functions, last]))
    assert text.count("small/layers.py, line") == (calls if calls < 10 else 8)
    assert ("more calls" in text) == (calls == 10)
    assert text.index("AttributeError") < text.index("in double") < text.index(f"in f{calls - 1}")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("raise ValueError('long ' * 100)", "ValueError: " + "long " * 40 + " ..."),
        ("raise ValueError('one\\ntwo')", "ValueError: one"),
        ("exit()", "SystemExit: the code ends Python"),
        ("exit(3)", "SystemExit: 3"),
        ("assert x is None", "AssertionError"),
    ],
)
def test_the_first_line_has_the_message_and_not_more_than_fits(tmp_path, statement, said):
    text = verdict_on(tmp_path, f"def double(x):\n    {statement}\n")
    assert text.splitlines()[0] == f"crashed: doubling: {said}"
    assert "small/layers.py, line 2, in double" in text
