"""A small class of all kinds of submissions, graded by the command as an instructor types it.

Nothing here stands for anything else: submissions are found, laid out, run in sandboxes and judged,
several side by side, and each grade has to be the one that is known beforehand.
"""

import csv
import subprocess
import sys
from dataclasses import replace

import a_class
import pytest
from a_class import Member
from made_submissions import ROOT, emptied, make_submission
from this_course import COURSE, check

from coursekit.grading import sandbox

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")

CHOSEN = ("half", "essay.zip", "one file.zip", "twice.zip", "twice (1).zip")
KILLS = {"rmsprop": "import os\nos.kill(os.getpid(), 9)"}


def chosen():
    """Return members of the class, and two that go wrong in one block: what one costs is time."""
    mistakes = [mistake for mistake in COURSE.mistakes if mistake.block == "rmsprop"][:1]
    kinds = {one.name: "passed" for one in check} | {"rmsprop": "killed"}
    return [
        *(member for member in a_class.members() if member.name in CHOSEN),
        Member("mistake", lambda path: a_class.mistaken(path, mistakes), judged=True),
        Member("kills", lambda path: make_submission(path, blocks=KILLS), kinds),
    ]


@pytest.fixture(scope="module")
def grades(tmp_path_factory):
    """The folder of grades that the command has written."""
    folder = tmp_path_factory.mktemp("class")
    a_class.write(folder / "in", chosen())
    command = ["grade", str(folder / "in"), "--out", str(folder / "out"), "--jobs", "2"]
    run = subprocess.run(
        [sys.executable, "-m", "coursekit", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return folder / "out"


def test_every_grade_is_the_one_that_it_has_to_be(grades, tmp_path):
    assert len(chosen()) == len(CHOSEN) + 2
    assert a_class.compare(grades, tmp_path, chosen()) == []


def test_everybody_is_in_the_table(grades):
    with open(grades / "grades.csv", encoding="utf-8-sig", newline="") as file:
        status = {row["handed in as"]: row["status"] for row in csv.DictReader(file)}
    others = {"essay.zip": "unreadable", "twice.zip": "superseded"}
    assert status == {member.name: "graded" for member in chosen()} | others


@pytest.mark.parametrize(
    ("name", "other", "says"),
    [
        ("kills", {"kinds": {"relu_forward": "wrong"}}, "relu_forward is"),
        ("kills", {"says": "an odd thing"}, "expected 'an odd thing'"),
        ("essay.zip", {"status": "graded"}, "is unreadable, expected graded"),
        ("half", {"make": lambda path: emptied(make_submission(path))}, "expected"),
        ("twice.zip", {"status": "graded"}, "superseded by"),
    ],
)
def test_a_grade_that_is_another_one_is_noticed(name, other, says, grades, tmp_path):
    """Without this the comparison could be blind."""
    (member,) = [member for member in chosen() if member.name == name]
    wrong = a_class.compare(grades, tmp_path, [replace(member, **other)])
    assert wrong
    assert all(says in sentence for sentence in wrong)
