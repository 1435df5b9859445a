"""The process that units are forked from."""

import os
import sys

import pytest
from made_submissions import living, wait_until

from coursekit.grading.server import Server

MODULE = """
import os, sys, time
prepared = []

def prepare(arguments):
    prepared.extend(arguments)
    if arguments == ["cannot be prepared"]:
        raise ValueError("not yet")

def main(arguments):
    (job,) = arguments
    if job == "tells":
        print(*prepared, file=sys.stderr)
    if job == "prints":
        print("not heard")
        print("heard", file=sys.stderr)
    if job == "raises":
        raise ValueError("out of order")
    if job == "leaves":
        sys.exit("good bye")
    if job == "dies":
        os.kill(os.getpid(), 9)
    if job == "sleeps":
        time.sleep(600)
    if job == "kills":
        print(os.getpid(), file=sys.stderr, flush=True)
        os.kill(os.getppid(), 9)
        time.sleep(600)
"""


@pytest.fixture
def server(tmp_path):
    (tmp_path / "unit_of_work.py").write_text(MODULE)
    paths = [str(tmp_path), *filter(None, sys.path)]
    server = Server("unit_of_work", os.environ | {"PYTHONPATH": os.pathsep.join(paths)})
    yield server
    server.end()


@pytest.mark.parametrize(
    ("job", "code", "says"),
    [("works", 0, ""), ("prints", 0, "heard"), ("raises", 1, "ValueError: out of order"),
     ("leaves", 1, "good bye"), ("dies", -9, "")],
)  # fmt: skip
def test_a_job_has_the_code_of_a_process_and_its_words(job, code, says, server, tmp_path):
    assert server.run(job, tmp_path / "said", 60) == code
    said = (tmp_path / "said").read_text()
    assert said.strip().endswith(says)
    assert "not heard" not in said


def test_jobs_follow_each_other_whatever_becomes_of_them(server, tmp_path):
    jobs = ["works", "dies", "works", "raises", "works"]
    assert [server.run(job, tmp_path / "said", 60) for job in jobs] == [0, -9, 0, 1, 0]


def test_what_one_job_has_prepared_is_there_for_the_next(server, tmp_path):
    jobs = ["works", "cannot be prepared", "tells"]
    assert [server.run(job, tmp_path / "said", 60) for job in jobs] == [0, 0, 0]
    assert (tmp_path / "said").read_text().strip() == "works cannot be prepared tells"


def test_a_job_that_takes_too_long_is_given_up(server, tmp_path):
    with pytest.raises(TimeoutError):
        server.run("sleeps", tmp_path / "said", 0.5)


def test_a_job_that_kills_the_server_is_noticed_and_ends_with_it(server, tmp_path):
    with pytest.raises(OSError, match="has ended"):
        server.run("kills", tmp_path / "said", 60)
    job = (tmp_path / "said").read_text().strip()
    wait_until(lambda: not living([job]))
