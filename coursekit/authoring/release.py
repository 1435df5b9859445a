"""Cut the handout from a course's repository, prove it, and zip it.

What is written to OUT is the folder and the zip that students get. Before that, the finished
handout is tried from outside, with the engine that lies in it: each of its checks has to say that
nothing is attempted yet; with the reference laid over it all have to pass, for all points; with
each known mistake some check has to be red; and no file may hold a line of the reference. If
anything fails, OUT is left as it was.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..blocks import blocks_in, blocks_of, read_source, replace_blocks, write_source
from ..course import LISTING
from ..progress import progress_bar
from . import facts, handout, notebooks
from .handout import ReleaseError

if TYPE_CHECKING:
    from ..course import Course
    from ..progress import ProgressBar

_VERDICTS = """
import json, sys
from coursekit.course import Course
sys.path.insert(0, "")
checks = Course.read(".").checks.with_optional
found = {check.name: (check.verdict(), check.points) for check in checks}
print(json.dumps({name: (v.kind, v.earned, points) for name, (v, points) in found.items()}))
"""

# {check: (kind, points earned, points)}
Verdicts = dict[str, tuple[str, float, float]]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("release"), help="folder to write to")


def run(arguments: Namespace, course: Course) -> int | None:
    return handout.made("release", lambda: release(course, arguments.out))


def release(course: Course, out: Path | str) -> None:
    """Write the handout's folder and its zip into the folder `out`, in place of an older release.

    Raises ReleaseError, with `out` as it was, if the handout does not keep its promises, or if
    there is something else in `out`.
    """
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    take_back(out)
    _expect_ours(course, out)
    # What cannot be tidied up when the release is there is no reason to say that it is not.
    with tempfile.TemporaryDirectory(
        prefix=f".release-{os.getpid()}-", dir=out.parent, ignore_cleanup_errors=True
    ) as aside:
        made = Path(aside) / "made"
        folder = handout.cut(course, made / course.name)
        print(prove(course, folder, Path(aside) / "proof"))
        (made / f"{course.name}.zip").write_bytes(handout.zipped(course, folder))
        os.chmod(made, 0o755)
        _put_in_place(made, out, Path(aside) / "old")
    size = (out / f"{course.name}.zip").stat().st_size
    count = len(files.plain_files(out / course.name))
    print(f"\n{out / course.name}.zip: {count} files, {size / 1e6:.2f} MB")


def take_back(out: Path) -> None:
    """Put a release back that was moved away by a process which was killed right after.

    What such processes have left otherwise is removed; those that are running are left alone.
    """
    for left in out.parent.glob(".release-*"):
        number = left.name.split("-")[1]
        if not number.isdecimal() or _is_running(int(number)):
            continue
        if (left / "old").exists() and not out.exists():
            (left / "old").rename(out)
        shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":  # where asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def _put_in_place(made: Path, out: Path, old: Path) -> None:
    """Rename a folder to `out`, and what is there to `old`; if that fails, `out` is as it was."""
    try:
        if out.exists():
            out.rename(old)
        made.rename(out)
    except BaseException:  # Ctrl-C between the two, for one
        if old.exists() and not out.exists():
            old.rename(out)
        raise


def prove(course: Course, folder: Path, filled: Path) -> str:
    """Try a finished handout, and return a table of what came of it.

    Parameters
    ----------
    course : Course
        The course that the handout was cut from.
    folder : Path
        The handout.
    filled : Path
        A folder that is not there yet, for a copy with the reference in it.

    Raises ReleaseError for the first promise that it does not keep.
    """
    blocks = len(blocks_of(folder / course.package))
    with progress_bar(total=3 + blocks, desc="Proving the handout", unit="step") as bar:
        _expect_built(course)
        wrong = facts.wrong_in(course)
        if wrong:
            raise ReleaseError("\n".join(wrong))
        found = handout.leaks(course, folder)
        if found:
            listed = "\n".join(f"  {path}: of {name}: {line}" for path, name, line in found)
            raise ReleaseError(f"these lines of the reference are in the handout:\n{listed}")
        bar.update(1)
        expect_blank(verdicts(folder))
        bar.update(1)
        fill(course, folder, filled)
        expect_full(verdicts(filled), course.points)
        bar.update(1)
        return mistakes(course, filled, bar)


def fill(course: Course, folder: Path, filled: Path, names: Collection[str] | None = None) -> Path:
    """Copy a handout, and put the reference into its blocks, or into those that are named."""
    shutil.copytree(folder, filled)
    for path, source in handout.reference_sources(course).items():
        code = {block.name: block.code for block in blocks_in(source, path)}
        wanted = {name: code[name] for name in code if names is None or name in names}
        target = filled / course.package / path
        write_source(target, replace_blocks(read_source(target), wanted, path))
    return filled


def verdicts(folder: Path) -> Verdicts:
    """Return what the checks of a handout say of it: {check: (kind, points earned, points)}."""
    return json.loads(_run(folder, "-c", _VERDICTS).splitlines()[-1])


def expect_blank(found: Verdicts) -> None:
    """Raise ReleaseError unless every check says that nothing is attempted."""
    for name, (kind, _, _) in found.items():
        if kind != "not_attempted":
            raise ReleaseError(f"the check {name} says {kind!r} of a blank block")


def expect_full(found: Verdicts, possible: float) -> None:
    """Raise ReleaseError unless every check passes, and all together give the course's points."""
    for name, (kind, earned, points) in found.items():
        if kind != "passed" or earned != points:
            raise ReleaseError(f"the check {name} says {kind!r} of the reference")
    total = sum(points for _, _, points in found.values())
    if total != possible:
        raise ReleaseError(f"the points of all checks add up to {total}, expected {possible}")


def mistakes(course: Course, filled: Path, bar: ProgressBar, blocks: Iterable[str] = ()) -> str:
    """Return the table of known mistakes, as the checks of a handout see them.

    Parameters
    ----------
    course : Course
        The course that has the mistakes.
    filled : Path
        A handout with the reference in its blocks.
    bar
        Moves on by one for each block.
    blocks : sequence of str, optional
        Names of those to look at, by default all.

    Raises ReleaseError if one of them is not red, or not called by its name.
    """
    lines = []
    command = ("-m", "coursekit", "mistakes", "--short", "--of", str(course.folder), *blocks)
    with _started(filled, *command) as python:
        for line in python.stdout or ():
            lines.append(line)
            bar.update("  reference " in line)
    table = "".join(lines).strip()
    if python.returncode:
        raise ReleaseError(f"not every known mistake is noticed:\n{table}")
    return table


def _expect_built(course: Course) -> None:
    """Raise ReleaseError unless the notebooks are built from their texts as these are now."""
    folder = course.folder / "notebooks"
    for name in notebooks.names(folder):
        try:
            notebooks.expect_agreement(name, folder)
        except notebooks.NotebookError as error:
            raise ReleaseError(str(error)) from None


def _run(folder: Path, *arguments: str) -> str:
    """Run Python in a handout, and return what it prints."""
    with _started(folder, *arguments) as python:
        printed, _ = python.communicate()
    if python.returncode:
        raise ReleaseError(f"the handout does not run:\n{printed}")
    return printed


def _started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start Python in a handout, with the engine that lies in it as a wheel and no other."""
    wheels = [str(path.resolve()) for path in (Path(folder) / "wheels").glob("*.whl")]
    environment = {"CI": "1", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": os.pathsep.join(wheels)}
    return subprocess.Popen(
        [sys.executable, "-B", *arguments],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def _expect_ours(course: Course, out: Path) -> None:
    """Raise ReleaseError unless a folder is missing, is empty or holds a release and no more."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ReleaseError(f"{out} is a file, expected a folder to write to")
    others = {path.name for path in out.iterdir()} - {course.name, f"{course.name}.zip"}
    is_release = (out / course.name / LISTING).is_file() or not any(out.iterdir())
    if others or not is_release:
        raise ReleaseError(f"{out} holds something that is no release, expected a folder for it")
