"""The archive for Gradescope, unpacked and run as its containers do."""

import json
import os
import subprocess
import sys
import zipfile

import pytest
from made_submissions import ROOT, make_submission

from coursekit.__main__ import main
from coursekit.grading import gradescope, sandbox
from coursekit.grading.executors import UnitDied
from coursekit.grading.verdicts import not_judged
from cs231n.checks import check

needs_sandbox = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")


@pytest.fixture
def container(tmp_path):
    """A folder that is as /autograder is after setup.sh, but with the Python of the tests."""
    assert main(["gradescope", "--out", str(tmp_path / "autograder.zip")]) is None
    root = tmp_path / "autograder"
    for name in ("source", "submission", "venv/bin"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(root / "source")
    python = root / "venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return root


def run_autograder(container, **environment):
    """Run the script. Returns its exit status and what results.json holds."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        ["/bin/bash", str(container / "source" / "run_autograder")],
        env=kept | {"AUTOGRADER_ROOT": str(container)} | environment,
        cwd=container,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done, json.loads((container / "results" / "results.json").read_text())


def test_the_archive_holds_the_grader_and_no_answers_in_words(container):
    source = container / "source"
    names = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert {"setup.sh", "run_autograder", "requirements.txt", "settings.json"} <= names
    assert {"kit/coursekit/grading/unit.py", "kit/cs231n/layers.py"} <= names
    assert not any(name.endswith((".npz", ".pyc")) for name in names)
    notebooks = [name for name in names if name.endswith(".ipynb")]
    assert len(notebooks) == len(check.notebooks())
    for name in notebooks:
        cells = json.loads((source / name).read_text())["cells"]
        assert cells
        assert {cell["cell_type"] for cell in cells} == {"code"}
        assert all("".join(cell["source"]).startswith("check.") for cell in cells)


def test_scripts_may_be_started_and_parse(tmp_path, container):
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 & 0o111
            script = container / "source" / name
            subprocess.run(["/bin/bash", "-n", str(script)], check=True)


def test_the_same_source_gives_the_same_archive(tmp_path):
    for name in ("a.zip", "b.zip"):
        main(["gradescope", "--out", str(tmp_path / name)])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@needs_sandbox
def test_a_submission_is_graded(container):
    make_submission(container / "submission", blocks={"affine_forward": "return 0 * x @ w, 0"})
    people = {"id": 42, "users": [{"name": "Ada"}, {"name": "Bob <b>"}]}
    (container / "submission_metadata.json").write_text(json.dumps(people))
    done, results = run_autograder(container)
    assert done.returncode == 0, done.stderr
    assert "score" not in results
    tests = {test["name"].split(": ")[1]: test for test in results["tests"]}
    assert list(tests) == [one.name for one in check]
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
    one = check.affine_forward
    entry = not_judged(one, "passed", "") | {"earned": float(one.points)}
    tries = []

    def die(task):
        tries.append(task)
        raise UnitDied("Signal 9 ended it.", [entry])

    monkeypatch.setattr(gradescope, "grade_in_process", die)
    results = gradescope._graded({"submission": str(tmp_path), "seed": 5}, tmp_path)
    assert len(tries) == 2
    assert "Please tell the staff." in results["output"]
    scores = {test["name"].split(": ")[1]: test["score"] for test in results["tests"]}
    assert scores.pop("affine_forward") == one.points
    assert set(scores.values()) == {0}


def test_without_a_sandbox_nothing_is_graded_and_it_says_so(container, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("mkdir", "cp", "chmod", "bash", "sh"):
        (folder / name).symlink_to(f"/bin/{name}")
    _, results = run_autograder(container, PATH=str(folder))
    assert "bubblewrap is not installed" in results["output"]


def test_settings_say_whether_limits_are_enough(tmp_path):
    path = tmp_path / "autograder.zip"
    main(["gradescope", "--out", str(path), "--limits-only", "--seconds", "4"])
    with zipfile.ZipFile(path) as archive:
        settings = json.loads(archive.read("settings.json"))
    assert settings == {"limits_only": True, "limits": {"seconds": 4.0}}
    assert (ROOT / "coursekit" / "autograder" / "setup.sh").exists()
