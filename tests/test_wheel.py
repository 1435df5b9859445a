"""The engine as a wheel: what is in it, and that it works where nothing else is of it."""

import base64
import csv
import email
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from this_course import COURSE

from coursekit.authoring import handout, wheel
from coursekit.files import plain_files
from coursekit.version import RELEASE, version

ENGINE = COURSE.folder / "coursekit"
ABOUT = f"coursekit-{version()}.dist-info"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return wheel.write_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(written, tmp_path_factory):
    """A folder that the wheel is installed into, without what it requires."""
    folder = tmp_path_factory.mktemp("installed") / "packages"
    wanted = ["--no-index", "--no-deps", "--no-cache-dir", "--target", folder, written]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    return handout.cut(COURSE, tmp_path_factory.mktemp("cut") / "handout")


def run(*command, cwd, packages):
    """Run a program that finds the engine in `packages` before anywhere else."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def members(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


# What is in it


def test_it_holds_the_engine_and_nothing_else(written):
    names = members(written).keys()
    own = {f"coursekit/{path}" for path in plain_files(ENGINE)}
    described = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert names == own | {f"{ABOUT}/{name}" for name in described}
    assert {"coursekit/cli.py", "coursekit/grading/autograder/setup.sh"} <= names
    assert "coursekit/py.typed" in names  # type checkers read the hints of what has it
    assert not any("__pycache__" in name for name in names)


def test_its_name_says_what_it_is(written):
    assert written.name == f"coursekit-{version()}-py3-none-any.whl"
    said = members(written)[f"{ABOUT}/WHEEL"].decode()
    assert "Root-Is-Purelib: true\nTag: py3-none-any\n" in said


def test_the_record_has_every_file_with_its_hash_and_size(written):
    content = members(written)
    rows = list(csv.reader(io.StringIO(content[f"{ABOUT}/RECORD"].decode())))
    assert [name for name, *_ in rows] == list(content)
    assert rows.pop() == [f"{ABOUT}/RECORD", "", ""]
    for name, digest, size in rows:
        sha256 = hashlib.sha256(content[name]).digest()
        assert digest == f"sha256={base64.urlsafe_b64encode(sha256).decode().rstrip('=')}"
        assert int(size) == len(content[name])


def test_the_metadata_are_those_of_the_project(written):
    content = members(written)
    described = email.message_from_bytes(content[f"{ABOUT}/METADATA"])
    assert described["Name"] == "coursekit"
    assert described["Version"] == version()
    assert described["Requires-Python"] == ">=3.11"
    required = described.get_all("Requires-Dist")
    assert [name for name in required if "extra ==" not in name] == ["numpy>=2.0"]
    extras = set(described.get_all("Provides-Extra"))
    assert {"notebooks", "authoring", "grading", "dask"} <= extras
    assert extras == {re.search(r'extra == "(\w+)"$', n)[1] for n in required if "extra ==" in n}
    commands = content[f"{ABOUT}/entry_points.txt"].decode()
    assert commands == (
        "[console_scripts]\ncoursekit = coursekit.cli:main\n"
        "\n[pytest11]\ncoursekit = coursekit.nbval.plugin\n"
    )
    licence = content[f"{ABOUT}/licenses/LICENSE"]
    assert licence == (COURSE.folder / "LICENSE").read_bytes()


def test_the_same_engine_gives_the_same_bytes(written, tmp_path):
    assert wheel.write_wheel(tmp_path).read_bytes() == written.read_bytes()


# Where it is installed


def test_an_installed_engine_packs_itself_byte_for_byte(written, installed, tmp_path):
    code = "from coursekit.authoring.wheel import write_wheel; print(write_wheel('.').name)"
    done = run(sys.executable, "-c", code, cwd=tmp_path, packages=installed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == written.name
    assert (tmp_path / written.name).read_bytes() == written.read_bytes()


@pytest.mark.parametrize("where", ["installed", "as it is"])
def test_it_says_its_version(written, installed, tmp_path, where):
    packages = installed if where == "installed" else written
    done = run(sys.executable, "-m", "coursekit", "--version", cwd=tmp_path, packages=packages)
    assert (done.returncode, done.stdout) == (0, f"coursekit {version()}\n"), done.stderr


def test_it_brings_its_command(installed, tmp_path):
    done = run(installed / "bin" / "coursekit", "--version", cwd=tmp_path, packages=installed)
    assert (done.returncode, done.stdout) == (0, f"coursekit {version()}\n"), done.stderr


def test_it_works_on_a_handout_from_elsewhere(installed, cut, tmp_path):
    command = [sys.executable, "-m", "coursekit", "--course", cut, "check"]
    told = run(*command, "--help", cwd=tmp_path, packages=installed)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("usage: coursekit check ")
    done = run(*command, "relu_forward", cwd=tmp_path, packages=installed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("not attempted: relu_forward")


def test_it_is_the_installed_engine_that_answers(installed, tmp_path):
    code = "import coursekit.authoring.wheel as wheel; print(wheel.__file__)"
    done = run(sys.executable, "-c", code, cwd=tmp_path, packages=installed)
    assert done.stdout.strip() == str(installed / "coursekit" / "authoring" / "wheel.py")


# The version


@pytest.fixture
def checkout(tmp_path):
    """A repository with the engine in it and nothing else, all of it committed."""
    folder = tmp_path / "clone"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ENGINE, folder / "coursekit", ignore=ignored)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(COURSE.folder / name, folder)
    (folder / ".gitignore").write_text("__pycache__/\n")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def git(folder, *arguments):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", folder, *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "x")


def version_of(folder):
    done = run(sys.executable, "-m", "coursekit", "--version", cwd=folder, packages=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.removeprefix("coursekit ").strip()


def test_a_clean_checkout_names_its_commit(checkout):
    assert re.fullmatch(r"\d+\.\d+\.\d+", RELEASE)
    first = version_of(checkout)
    assert first == f"{RELEASE}+g{git(checkout, 'rev-parse', '--short=8', 'HEAD')}"
    assert re.fullmatch(r"\d+\.\d+\.\d+\+g[0-9a-f]{8,}", first)
    (checkout / "notes.txt").write_text("no part of the engine")
    assert version_of(checkout) == first
    commit(checkout)
    assert version_of(checkout) != first


def test_a_checkout_with_changes_says_so_and_by_a_digest(checkout):
    clean = version_of(checkout)
    cli = checkout / "coursekit" / "cli.py"
    source = cli.read_text()
    found = set()
    for change in ("# one\n", "# two\n"):
        cli.write_text(source + change)
        found.add(version_of(checkout))
        assert version_of(checkout) in found  # the same files, the same version
    assert len(found) == 2
    assert all(re.fullmatch(re.escape(clean) + r"\.d[0-9a-f]{8}", said) for said in found)
    cli.write_text(source)
    assert version_of(checkout) == clean


@pytest.mark.parametrize("name", ["coursekit/mine.py", "coursekit/page.html", "pyproject.toml"])
def test_whatever_goes_into_the_wheel_makes_it_another_version(checkout, name):
    """So that pip installs it anew."""
    clean = version_of(checkout)
    (checkout / name).touch()
    with open(checkout / name, "a", encoding="utf-8") as file:
        file.write("\n# mine\n")
    first = version_of(checkout)
    with open(checkout / name, "a", encoding="utf-8") as file:
        file.write("# and more\n")
    assert len({clean, first, version_of(checkout)}) == 3


def test_an_engine_in_somebody_elses_repository_does_not_take_its_commit(checkout, installed):
    """As in a virtual environment that lies in one."""
    packages = checkout / "packages"
    shutil.copytree(installed, packages)
    done = run(sys.executable, "-m", "coursekit", "--version", cwd=packages, packages=packages)
    assert done.stdout == f"coursekit {version()}\n"
