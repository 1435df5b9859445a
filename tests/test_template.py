"""`coursekit template`: a handout with workflows, whose steps do what they say."""

import os
import shlex
import subprocess
import sys

import pytest
import yaml
from this_course import COURSE

from coursekit.authoring import template
from coursekit.authoring.handout import ReleaseError
from coursekit.course import Course

SMALL = Course.read(COURSE.folder / "examples" / "linear_regression")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "repository"
    template.write(SMALL, folder)
    return folder


def steps_on_github(folder):
    workflow = yaml.safe_load((folder / ".github/workflows/notebooks.yml").read_text("utf-8"))
    assert workflow[True].keys() == {"push", "workflow_dispatch"}  # YAML reads `on` as true
    (job,) = workflow["jobs"].values()
    return job["env"], [step["run"] for step in job["steps"] if "run" in step]


def steps_on_gitlab(folder):
    (job,) = yaml.safe_load((folder / ".gitlab-ci.yml").read_text("utf-8")).values()
    assert job["artifacts"]["reports"] == {"junit": "reports/junit.xml"}
    return {k: v for k, v in job["variables"].items() if "$" not in v}, job["script"]


@pytest.mark.parametrize("steps", [steps_on_github, steps_on_gitlab])
def test_the_steps_of_a_workflow_do_what_they_say(written, steps, tmp_path):
    variables, commands = steps(written)
    install, notebooks = commands
    assert install == "python -m pip install -r requirements.txt"  # the release's tests do it
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | variables
    summary = tmp_path / "summary"
    environment["GITHUB_STEP_SUMMARY"] = str(summary)
    done = subprocess.run(
        ["bash", "-c", notebooks.replace("python ", f"{shlex.quote(sys.executable)} ", 1)],
        cwd=written,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 1, done.stdout + done.stderr  # nothing is filled in yet
    assert "0 of 10 points. Next: predict in LinearRegression (not attempted)." in done.stdout
    assert (written / "reports" / "junit.xml").read_bytes()
    assert (written / "reports" / "points.json").read_bytes()
    shown = summary if steps is steps_on_github else written / "reports" / "points.md"
    assert shown.read_text("utf-8").startswith("## 0 of 10 points\n")


def test_nothing_is_written_over(written):
    before = sorted(written.rglob("*"))
    with pytest.raises(ReleaseError, match="is there already, expected the name of a new folder"):
        template.write(SMALL, written)
    assert sorted(written.rglob("*")) == before
