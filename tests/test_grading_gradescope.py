"""The archive for Gradescope, unpacked and run as its containers do."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from made_submissions import ROOT, make_submission
from this_course import COURSE, check

from coursekit import cli
from coursekit.checks import Kind
from coursekit.grading import gradescope, sandbox
from coursekit.grading.executors import UnitDied
from coursekit.grading.verdicts import not_judged

needs_sandbox = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")


# Stands for the Python of a container: it makes no environment, and of all that pip is to install
# it unpacks the wheel that lies beside the requirements.
PYTHON = """#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip") exec "{python}" -m zipfile -e coursekit-*.whl "{installed}" ;;
    *) PYTHONPATH="{installed}" exec "{python}" "$@" ;;
esac
"""


def build(path, *options):
    assert cli.main(["--course", str(ROOT), "gradescope", "--out", str(path), *options]) is None
    return path


@pytest.fixture
def unpacked(tmp_path):
    """A folder that is as /autograder is before setup.sh."""
    root = tmp_path / "autograder"
    for name in ("source", "submission", "installed"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(build(tmp_path / "autograder.zip")) as archive:
        archive.extractall(root / "source")
    return root


@pytest.fixture
def container(unpacked):
    """A folder that is as /autograder is after setup.sh, but with the Python of the tests."""
    python = unpacked / "python"
    python.write_text(PYTHON.format(python=sys.executable, installed=unpacked / "installed"))
    python.chmod(0o755)
    done = run_script(unpacked, "setup.sh", PYTHON=str(python))
    assert done.returncode == 0, done.stderr
    return unpacked


def run_script(root, name, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["/bin/bash", str(root / "source" / name)],
        env=kept | {"AUTOGRADER_ROOT": str(root)} | environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
    )


def run_autograder(container, **environment):
    """Run the script. Returns how it ended and what results.json holds."""
    done = run_script(container, "run_autograder", **environment)
    return done, json.loads((container / "results" / "results.json").read_text())


def test_the_archive_holds_the_grader_and_no_answers_in_words(unpacked):
    source = unpacked / "source"
    names = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert {"setup.sh", "run_autograder", "requirements.txt", "settings.json"} <= names
    assert {"course/cs231n/layers.py", "course/course/course.toml"} <= names
    assert {"course/course/exercises/relu.py", "course/course/mistakes/relu.py"} <= names
    (wheel,) = [name for name in names if name.endswith(".whl")]
    assert f"./{wheel}[grading]" in (source / "requirements.txt").read_text().splitlines()
    with zipfile.ZipFile(source / wheel) as packed:
        engine = set(packed.namelist())
    assert {"coursekit/grading/unit.py", "coursekit/grading/inside/runner.py"} <= engine
    assert not any(name.endswith((".npz", ".pyc")) for name in names | engine)
    notebooks = [name for name in names if name.endswith(".ipynb")]
    assert len(notebooks) == len(check.notebooks())
    for name in notebooks:
        cells = json.loads((source / name).read_text())["cells"]
        assert cells
        assert {cell["cell_type"] for cell in cells} == {"code"}
        assert all("".join(cell["source"]).startswith("check.") for cell in cells)


def test_scripts_may_be_started_and_parse(tmp_path, unpacked):
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 & 0o111
            script = unpacked / "source" / name
            subprocess.run(["/bin/bash", "-n", str(script)], check=True)


def test_the_same_source_gives_the_same_archive(tmp_path):
    first, second = build(tmp_path / "a.zip"), build(tmp_path / "b.zip")
    assert first.read_bytes() == second.read_bytes()


def test_setting_up_installs_the_engine_of_the_archive_and_makes_what_units_share(container):
    asked = [
        str(container / "venv/bin/python"),
        "-c",
        "import coursekit; print(coursekit.__file__)",
    ]
    found = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=container).stdout
    assert found.strip() == str(container / "installed" / "coursekit" / "__init__.py")
    assert {"course", "engine"} <= {path.name for path in container.glob("work/pristine-*/*")}
    assert not any(path.stat().st_mode & 0o077 for path in (container / "source").rglob("*"))


@needs_sandbox
def test_a_submission_is_graded(container):
    make_submission(container / "submission", blocks={"affine_forward": "return 0 * x @ w, 0"})
    people = {"id": 42, "users": [{"name": "Ada"}, {"name": "Bob <b>"}]}
    (container / "submission_metadata.json").write_text(json.dumps(people))
    done, results = run_autograder(container)
    assert done.returncode == 0, done.stderr
    assert "score" not in results
    tests = {test["name"].split(": ")[1]: test for test in results["tests"]}
    assert list(tests) == [one.name for one in COURSE.checks]
    assert tests["affine_forward"]["status"] == "failed"
    assert tests["affine_forward"]["score"] == 0
    assert tests["dropout_forward_train"]["status"] == "passed"
    assert tests["dropout_forward_train"]["score"] == check.dropout_forward_train.points
    assert sum(test["max_score"] for test in results["tests"]) == check.points()
    assert results["extra_data"]["student"] == "Ada, Bob <b>"
    assert isinstance(results["extra_data"]["seed"], int)


def test_until_there_is_a_result_there_is_a_valid_one(container):
    (container / "venv" / "bin" / "python").write_text("#!/bin/sh\nkill -9 $$\n")
    done, results = run_autograder(container)
    assert done.returncode != 0
    assert results["output"].startswith("Grading did not finish.")
    assert sum(test["max_score"] for test in results["tests"]) == 0


def test_of_a_grading_that_died_twice_the_checks_that_had_ended_are_kept(tmp_path, monkeypatch):
    points = check.affine_forward.points
    passed = replace(not_judged(check.affine_forward, Kind.PASSED, ""), earned=float(points))
    tries = []

    def die(task):
        tries.append(task)
        raise UnitDied("Signal 9 ended it.", [passed])

    monkeypatch.setattr(gradescope, "grade_in_process", die)
    job = {"submission": str(tmp_path), "seed": 5}
    results = gradescope._graded(COURSE, job, tmp_path)
    assert len(tries) == 2
    assert "Please tell the staff." in results["output"]
    scores = {test["name"].split(": ")[1]: test["score"] for test in results["tests"]}
    assert scores.pop("affine_forward") == points
    assert set(scores.values()) == {0}


def test_without_a_sandbox_nothing_is_graded_and_it_says_so(container, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("mkdir", "cp", "chmod", "bash", "sh"):
        (folder / name).symlink_to(f"/bin/{name}")
    _, results = run_autograder(container, PATH=str(folder))
    assert "bubblewrap is not installed" in results["output"]


def test_settings_say_whether_limits_are_enough(tmp_path):
    path = build(tmp_path / "autograder.zip", "--limits-only", "--seconds", "4")
    with zipfile.ZipFile(path) as archive:
        settings = json.loads(archive.read("settings.json"))
    assert settings == {"limits_only": True, "limits": {"seconds": 4.0}}
