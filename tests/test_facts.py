"""The numbers in READMEs, held against the course: one wrong one at a time."""

import re
import shutil

import pytest
from this_course import COURSE, check

from coursekit.authoring import facts
from coursekit.checks.outcome import VALUE
from coursekit.checks.verdict import shares
from coursekit.course import Course

FIRST, LAST = COURSE.notebooks[0], COURSE.notebooks[-1]
POINTS = check.points(FIRST)
KNOWN = len(COURSE.mistakes)
# The texts with a table of notebooks.
TABLES = ("README.md", "handout/README.md")


@pytest.fixture
def scratch(tmp_path):
    """This course with copies of its texts."""
    (tmp_path / "course").symlink_to(COURSE.room, target_is_directory=True)
    for name in facts.TEXTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(COURSE.folder / name, tmp_path / name)
    return Course.read(tmp_path)


def rewrite(course, name, pattern, instead):
    """Replace what a pattern finds in a text, which has to be there exactly once."""
    path = course.folder / name
    text, count = re.subn(pattern, instead, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def row_of(notebook):
    """Return a pattern for a notebook's row, with its points as the second group."""
    return rf"^(\|[^|]*\b{notebook}\b[^|]*\| *)(\d+)( *\|.*\n)"


def test_what_the_texts_say_is_so(scratch):
    assert facts.wrong_in(COURSE) == []
    assert facts.wrong_in(scratch) == []


@pytest.mark.parametrize("name", TABLES)
def test_wrong_points_of_a_notebook_are_found(scratch, name):
    rewrite(scratch, name, row_of(FIRST), rf"\g<1>{POINTS + 1}\3")
    said = f"{name}: the points of {FIRST} are {POINTS + 1}, expected {POINTS}"
    assert facts.wrong_in(scratch) == [said]


@pytest.mark.parametrize("name", TABLES)
def test_a_notebook_that_is_not_listed_is_found(scratch, name):
    rewrite(scratch, name, row_of(LAST), "")
    said = f"{name}: the points of {LAST} are not listed, expected {check.points(LAST)}"
    assert facts.wrong_in(scratch) == [said]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("README.md", "| [Extra](notebooks/Extra.ipynb) | 5 | more |\n"),
        ("handout/README.md", "| `Extra` | 5 | more |\n"),
    ],
)
def test_a_notebook_too_many_is_found(scratch, name, row):
    rewrite(scratch, name, row_of(LAST), rf"\g<0>{row}")
    said = f"{name}: the points of Extra are 5, expected no notebook of it"
    assert facts.wrong_in(scratch) == [said]


@pytest.mark.parametrize(
    ("name", "pattern", "instead", "said"),
    [
        (
            "README.md",
            rf"\b{KNOWN}(\s+known\s+mistakes)",
            rf"{KNOWN - 1}\1",
            f"it says {KNOWN - 1} known mistakes, expected {KNOWN}",
        ),
        (
            "README.md",
            rf"(points\s+out\s+of\s+){COURSE.points}\b",
            r"\g<1>99",
            f"it says 99 points in all, expected {COURSE.points}",
        ),
        (
            "handout/README.md",
            rf"(Together\s+they\s+give\s+){COURSE.points}\b",
            r"\g<1>99",
            f"it says 99 points in all, expected {COURSE.points}",
        ),
        (
            "notebooks/README.md",
            r"\A",
            "There are 3\nchecks.\n",
            f"it says 3 checks, expected {len(check)}",
        ),
    ],
)
def test_a_wrong_number_is_found_wherever_lines_break(scratch, name, pattern, instead, said):
    rewrite(scratch, name, pattern, instead)
    assert facts.wrong_in(scratch) == [f"{name}: {said}"]


def test_everything_that_is_wrong_is_told_at_once(scratch):
    for name in TABLES:
        rewrite(scratch, name, row_of(FIRST), rf"\g<1>{POINTS + 1}\3")
    assert [said.partition(":")[0] for said in facts.wrong_in(scratch)] == [*TABLES]


def test_a_course_without_texts_or_without_tables_says_nothing_wrong(scratch):
    (scratch.folder / "README.md").unlink()
    (scratch.folder / "handout" / "README.md").write_text("# A course\n\n| a | 5 |\n")
    assert facts.wrong_in(scratch) == []


# What earns what


def test_the_page_on_points_is_that_of_the_course():
    """Otherwise write what `facts.points_table` returns below the page's first part."""
    page = (COURSE.folder / "docs" / "points.md").read_text(encoding="utf-8")
    assert page.endswith(facts.points_table(COURSE))
    assert facts.points_table(COURSE).count("\n| `") == len(check)


def test_the_shares_of_a_check_are_all_of_its_points():
    for any_check in check:
        groups = dict.fromkeys(e.group for e in any_check.recorded().of_kind(VALUE))
        worth = shares(groups, any_check.main)
        assert worth.keys() == groups.keys()
        assert sum(worth.values()) == pytest.approx(1)
        of_main = sum(share for group, share in worth.items() if group in any_check.main)
        assert not any_check.main or of_main > 2 / 3 - 1e-9


def test_a_row_on_points_names_groups_with_the_same_share_together():
    table = facts.points_table(COURSE)
    assert "| `affine_backward` | 2 | dx, dw, db: 22 % each | one example, one feature, " in table
    assert "| `relu_forward` | 1 | out: 89 % | x is not contiguous: 11 % |" in table
