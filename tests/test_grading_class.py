"""A whole class: units spread over processes, kept, resumed, retried and put together.

What grades one submission here is `fake_unit`, which takes no time. The processes are real.
"""

import json
import os
import shutil
import signal
import site
import subprocess
import sys
from pathlib import Path

import distributed
import pytest
from made_submissions import ROOT, wait_until
from this_course import COURSE

from coursekit import cli, files
from coursekit.files import write_json
from coursekit.grading import executors, grade, grades
from coursekit.grading.executors import executor, results
from coursekit.grading.grades import Grades, GradesError, source_of
from coursekit.grading.pristine import ENGINE
from coursekit.grading.submissions import find

NAMES = ["ada", "bob", "cyd", "dan", "eve"]
HERE = Path(__file__).parent
ENVIRONMENT = {"PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}", "CI": "1"}


@pytest.fixture
def a_class(tmp_path, monkeypatch):
    """A folder of submissions, graded by the fake unit. Returns a function that adds to it."""
    monkeypatch.setattr(grade, "UNIT", "fake_unit")
    monkeypatch.setattr(grade, "why_not", lambda: None)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def add(name, do="well"):
        folder = tmp_path / "in" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "do").write_text(do)

    for name in NAMES:
        add(name)
    return add


def main(arguments):
    return cli.main(["--course", str(ROOT), *arguments])


def graded(tmp_path, *options, out="out"):
    return main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / out), *options])


def grades_of(tmp_path, out="out"):
    """Return {submission: points by check}."""
    gathered = Grades(tmp_path / out).gathered()
    assert gathered.missing == gathered.damaged == ()
    return {
        result.submission: {found.check: found.earned for found in result.checks}
        for result in gathered.results
    }


def units_run(tmp_path):
    """Return which submissions were graded since this was last asked."""
    path = tmp_path / "log"
    names = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return sorted(names)


def told(tmp_path, name):
    """Return the job of the unit that graded a submission."""
    return json.loads((tmp_path / f"{name} was told").read_text())


def test_a_class_is_graded_in_one_command(a_class, tmp_path, capsys):
    assert graded(tmp_path, "--seed", "5") is None
    assert sorted(grades_of(tmp_path)) == NAMES
    said = capsys.readouterr().out
    assert "5 submissions, seed 5." in said
    assert "5 graded in" in said
    out = tmp_path / "out"
    for name in ("grades.csv", "class.html", "answers.html"):
        assert (out / name).stat().st_size > 0
    assert (out / "submissions" / "ada" / "feedback.html").exists()
    assert not list(out.rglob(".*"))  # nothing half written
    assert not executors.children._servers  # nothing waits for more


def test_shards_that_are_merged_give_the_same_grades(a_class, tmp_path, capsys):
    graded(tmp_path, "--seed", "5")
    whole = grades_of(tmp_path)
    assert len({json.dumps(grade) for grade in whole.values()}) > 1
    for number in (1, 2, 3):
        assert (
            graded(tmp_path, "--seed", "5", "--shard", f"{number}/3", out=f"part{number}") is None
        )
    units = units_run(tmp_path)
    assert units == sorted(2 * NAMES)  # nothing twice
    parts = [str(tmp_path / f"part{number}") for number in (1, 2, 3)]
    assert main(["merge", *parts, "--out", str(tmp_path / "merged")]) is None
    assert grades_of(tmp_path, "merged") == whole
    tables = [(tmp_path / name / "grades.csv").read_bytes() for name in ("out", "merged")]
    assert tables[0] == tables[1]


def test_shards_may_share_a_folder_and_its_seed(a_class, tmp_path):
    assert graded(tmp_path, "--seed", "9", "--shard", "1/2") is None
    assert graded(tmp_path, "--shard", "2/2") is None
    assert main(["merge", "--out", str(tmp_path / "out")]) is None
    shared = grades_of(tmp_path)
    graded(tmp_path, "--seed", "9", out="whole")
    assert grades_of(tmp_path, "whole") == shared


@pytest.fixture
def cluster_of_a_user(tmp_path):
    """Start a dask scheduler and a worker as a user does, and return the scheduler's address."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["DASK_DISTRIBUTED__DASHBOARD__LINK"] = ""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment,
             "cwd": tmp_path}  # fmt: skip
    options = ["--port", "0", "--no-dashboard", "--no-jupyter", "--scheduler-file", file]
    running = [subprocess.Popen([*dask, "scheduler", *map(str, options)], **quiet)]
    try:
        wait_until(lambda: file.exists() and file.stat().st_size)
        options = ["--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--scheduler-file", file]
        running.append(subprocess.Popen([*dask, "worker", *map(str, options)], **quiet))
        yield json.loads(file.read_text())["address"]
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


def test_workers_that_a_user_starts_need_nothing_but_the_package(cluster_of_a_user, tmp_path):
    shutil.copytree(ROOT / "cs231n", tmp_path / "in" / "ada" / "cs231n", ignore=only_sources)
    options = ["--seed", "5", "--check", "relu_forward", "--limits-only"]
    assert graded(tmp_path, *options, "--scheduler", cluster_of_a_user) is None
    (result,) = Grades(tmp_path / "out").gathered().results
    assert [(check.check, check.kind) for check in result.checks] == [("relu_forward", "passed")]


def only_sources(folder, names):
    return [name for name in names if Path(name).suffix and not name.endswith(".py")]


def test_shards_without_a_seed_are_refused_when_they_are_made(a_class, tmp_path, capsys):
    assert graded(tmp_path, "--shard", "1/2") == 1
    assert "parts of a class need one seed, and no --seed was given" in capsys.readouterr().err
    assert units_run(tmp_path) == []


def test_merging_says_what_is_missing(a_class, tmp_path, capsys):
    graded(tmp_path, "--seed", "5", "--shard", "1/2")
    assert main(["merge", "--out", str(tmp_path / "out")]) == 1
    assert "2 are not graded yet: bob, dan." in capsys.readouterr().out


def test_merging_prefers_what_was_graded_to_its_end(a_class, tmp_path):
    a_class("bob", "die")
    graded(tmp_path, "--seed", "5", out="first")
    a_class("bob", "well")
    graded(tmp_path, "--seed", "5", out="second")
    for parts in (["first", "second"], ["second", "first"]):
        out = tmp_path / " and ".join(parts)
        main(["merge", *(str(tmp_path / part) for part in parts), "--out", str(out)])
        assert Grades(out).result("bob").status == "graded"


def test_shards_of_different_seeds_are_not_merged(a_class, tmp_path, capsys):
    for number in (1, 2):
        graded(tmp_path, "--seed", str(number), "--shard", f"{number}/2", out=f"part{number}")
    parts = [str(tmp_path / f"part{number}") for number in (1, 2)]
    assert main(["merge", *parts, "--out", str(tmp_path / "merged")]) == 1
    assert "the seeds differ (1 and 2)" in capsys.readouterr().err
    assert main(["merge", str(tmp_path / "no"), "--out", str(tmp_path / "merged")]) == 1


def test_a_cluster_gives_the_same_grades(a_class, tmp_path):
    a_class("cyd", "die once")
    graded(tmp_path, "--seed", "5")
    (tmp_path / "cyd was tried").unlink()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        # The workers are threads here, and see what the tests have put in the place of things.
        assert graded(tmp_path, "--seed", "5", "--scheduler", cluster.scheduler_address,
                      out="cluster") is None  # fmt: skip
    assert grades_of(tmp_path, "cluster") == grades_of(tmp_path)
    assert units_run(tmp_path) == sorted(2 * [*NAMES, "cyd"])


def test_one_that_dies_once_is_tried_again(a_class, tmp_path):
    a_class("bob", "die once")
    graded(tmp_path)
    assert units_run(tmp_path) == sorted([*NAMES, "bob"])
    assert Grades(tmp_path / "out").result("bob").status == "graded"


@pytest.mark.parametrize(
    ("do", "says"), [("die", "Signal 9 ended it."), ("raise", "RuntimeError: no way")]
)
def test_one_that_always_dies_keeps_its_checks_and_harms_no_other(do, says, a_class, tmp_path):
    a_class("bob", do)
    assert graded(tmp_path) is None
    assert units_run(tmp_path) == sorted([*NAMES, "bob"])
    results = Grades(tmp_path / "out").gathered().results
    found = {result.submission: result for result in results}
    assert {name: result.status for name, result in found.items()} == {
        name: "failed" if name == "bob" else "graded" for name in NAMES
    }
    assert [ended.check for ended in found["bob"].checks] == ["affine_forward"]
    assert says in found["bob"].problems[0]


def test_only_what_is_missing_or_has_changed_is_graded(a_class, tmp_path, capsys):
    a_class("bob", "die")
    graded(tmp_path)
    units_run(tmp_path)
    graded(tmp_path)
    assert units_run(tmp_path) == ["bob", "bob"]  # what failed is missing
    a_class("bob", "well")
    a_class("eve", "well, once more")
    a_class("fay")
    (tmp_path / "out" / "submissions" / "ada" / "result.json").write_text('{"half')
    graded(tmp_path)
    assert units_run(tmp_path) == ["ada", "bob", "eve", "fay"]
    capsys.readouterr()
    graded(tmp_path)
    assert units_run(tmp_path) == []
    assert "6 are graded already" in capsys.readouterr().out
    graded(tmp_path, "--seconds", "3")
    assert len(units_run(tmp_path)) == 6
    seed = Grades(tmp_path / "out").seed_kept()
    graded(tmp_path, "--seconds", "3", "--seed", str(seed + 1))
    assert len(units_run(tmp_path)) == 6


def test_one_student_is_graded_anew_by_name(a_class, tmp_path, capsys):
    graded(tmp_path)
    units_run(tmp_path)
    graded(tmp_path, "--only", "BOB")
    assert units_run(tmp_path) == ["bob"]
    capsys.readouterr()
    assert graded(tmp_path, "--only", "nobody") == 1
    said = capsys.readouterr().err
    assert "no submission that counts is called 'nobody'; there are " in said


def test_the_seed_is_drawn_freshly_and_kept(a_class, tmp_path):
    seeds = {Grades(tmp_path / f"{number}").seed() for number in range(5)}
    assert len(seeds) == 5
    assert Grades(tmp_path / "1").seed() in seeds
    assert Grades(tmp_path / "1").seed() == Grades(tmp_path / "1").seed_kept()
    assert Grades(tmp_path / "1").seed(7) == 7
    assert Grades(tmp_path / "1").seed() == 7


def test_of_runs_that_start_side_by_side_all_get_the_seed_of_the_first(tmp_path, monkeypatch):
    first = Grades(tmp_path / "out")

    def while_another_run_starts(most):
        write_json(tmp_path / "out" / "grading.json", {"seed": 17})
        return 23

    monkeypatch.setattr(grades.secrets, "randbelow", while_another_run_starts)
    assert first.seed() == 17


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "result.json"
    write_json(path, {"old": 1})

    def full(source, target):
        raise OSError("no space left")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        write_json(path, {"new": 2})
    assert json.loads(path.read_text()) == {"old": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_result_is_kept_for_what_it_depends_on(a_class, tmp_path):
    a_class("bob", "well, and unlike the others")
    ada, bob, *_ = find(COURSE, tmp_path / "in")
    same = (ada, "course", 5, {"seconds": 3}, [False, None])
    others = [
        (bob, *same[1:]),
        (ada, "another course", *same[2:]),
        (ada, "course", 6, *same[3:]),
        (ada, "course", 5, {"seconds": 4}, same[4]),
        (*same[:4], [True, None]),
    ]
    sources = [source_of(*one) for one in (same, *others)]
    assert source_of(*same) == sources[0]
    assert len(set(sources)) == len(sources)


def test_units_find_the_engine_and_what_the_environment_names(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/mine")
    paths = executors._environment()["PYTHONPATH"].split(os.pathsep)
    assert [Path(path) for path in paths] == [ENGINE.parent, Path("/mine")]
    monkeypatch.delenv("PYTHONPATH")
    assert executors._environment()["PYTHONPATH"] == str(ENGINE.parent)
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(ENGINE.parent)])
    assert "PYTHONPATH" not in executors._environment()


def test_of_two_submissions_of_a_student_one_is_graded_and_both_are_reported(a_class, tmp_path):
    a_class("ada (1)")
    os.utime(tmp_path / "in" / "ada", (1e9, 1e9))
    graded(tmp_path)
    assert "ada" not in units_run(tmp_path)
    lines = (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8-sig").splitlines()
    (line,) = [line for line in lines if line.startswith("ada,")]
    assert "superseded" in line
    assert "A later submission of the same student counts: ada-1." in line


def test_without_a_sandbox_it_stops_unless_told_to_go_on(a_class, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(grade, "why_not", lambda: "bubblewrap is not installed.")
    assert graded(tmp_path) == 1
    assert "There is no sandbox: bubblewrap is not installed." in capsys.readouterr().err
    assert units_run(tmp_path) == []
    assert graded(tmp_path, "--limits-only") is None
    assert told(tmp_path, "ada")["limits_only"] is True


def test_limits_only_still_uses_a_sandbox_where_there_is_one(a_class, tmp_path):
    graded(tmp_path, "--limits-only", "--seconds", "3", "--memory", "1.5")
    job = told(tmp_path, "ada")
    assert job["limits_only"] is False
    assert job["limits"] == {"seconds": 3.0, "memory": 3 << 29}


def test_a_folder_with_nothing_in_it_is_said_to_have_nothing(a_class, tmp_path, capsys):
    (tmp_path / "none").mkdir()
    assert main(["grade", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 1
    assert main(["grade", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("there are no submissions in")
    assert said[1].startswith("there is no folder")


def test_grades_that_are_damaged_are_said_to_be(a_class, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "grading.json").write_text("{")
    with pytest.raises(GradesError, match=r"grading\.json is damaged"):
        Grades(tmp_path / "out").seed()


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/", "/2"])
def test_parts_have_to_be_parts(text, tmp_path, capsys):
    with pytest.raises(SystemExit):
        graded(tmp_path, "--shard", text)
    assert "is no part" in capsys.readouterr().err


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(a_class, tmp_path):
    a_class("eve", "sleep")
    program = (
        "import sys, coursekit.grading.grade as grade\n"
        "grade.UNIT, grade.why_not = 'fake_unit', lambda: None\n"
        "from coursekit.cli import main\n"
        "sys.exit(main())\n"
    )
    command = [sys.executable, "-c", program, "--course", str(ROOT), "grade"]
    command.append(str(tmp_path / "in"))
    command += ["--out", str(tmp_path / "out"), "--jobs", "2"]
    run = subprocess.Popen(
        command, env=os.environ | ENVIRONMENT, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        wait_until(lambda: len(list(tmp_path.rglob("result.json"))) == 4)
        wait_until((tmp_path / "eve was tried").exists)
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)[1]
    finally:
        run.kill()
    assert run.returncode == 130
    assert said.strip() == "Stopped. What was graded is kept; the same command goes on from there."
    assert not processes_in(tmp_path)
    units_run(tmp_path)
    a_class("eve", "well")
    graded(tmp_path)
    assert units_run(tmp_path) == ["eve"]


def processes_in(folder):
    """Return processes that were started from within a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder:
                found.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    return found


def test_results_come_as_they_end_and_what_raises_is_tried_again():
    calls = []

    def unit(task):
        calls.append(task)
        if task == "bad" or (task == "weak" and calls.count("weak") == 1):
            raise ValueError(task)
        return task.upper()

    with executor(jobs=2) as chosen:
        found = {task: (result, str(error or "")) for task, result, error in
                 results(chosen, unit, ["good", "bad", "weak"])}  # fmt: skip
    assert found == {"good": ("GOOD", ""), "bad": (None, "bad"), "weak": ("WEAK", "")}
    assert sorted(calls) == ["bad", "bad", "good", "weak", "weak"]
