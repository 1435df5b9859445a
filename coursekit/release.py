"""Cut the handout from this repository, prove it, and zip it.

What is written to OUT is the folder and the zip that students get. Before that, the finished
handout is tried from outside: each of its checks has to say that nothing is attempted yet; with the
reference laid over it all have to pass, for 100 points; with each known mistake some check has to
be red; and no file may hold a line of the reference. If anything fails, OUT is left as it was.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cs231n._internal.progress import progress
from cs231n.blocks import blocks_in, blocks_of, read_source, replace_blocks, write_source
from cs231n.workspace import LISTING

from . import handout, notebooks
from .handout import ROOT, ReleaseError

NAME = "cs231n-kit"
POINTS = 100

_VERDICTS = """
import json
from cs231n.checks import check
found = {one.name: (one.verdict(), one.points) for one in check}
print(json.dumps({name: (v.kind, v.earned, points) for name, (v, points) in found.items()}))
"""


def add_arguments(parser):
    parser.add_argument("--out", type=Path, default=Path("release"), help="folder to write to")


def run(arguments):
    try:
        release(arguments.out)
    except ReleaseError as error:
        print(f"There is no release: {error}", file=sys.stderr)
        return 1
    return None


def release(out):
    """Write the handout's folder and its zip into the folder `out`, in place of an older release.

    Raises ReleaseError, with `out` as it was, if the handout does not keep its promises, or if
    there is something else in `out`.
    """
    out = Path(out)
    _expect_ours(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=out.parent) as aside:
        made = Path(aside) / "made"
        folder = handout.cut(made / NAME)
        print(prove(folder, Path(aside) / "proof"))
        (made / f"{NAME}.zip").write_bytes(handout.zipped(folder, NAME))
        os.chmod(made, 0o755)
        old = Path(aside) / "old"
        if out.exists():
            out.rename(old)
        made.rename(out)
    size = (out / f"{NAME}.zip").stat().st_size
    files = len(handout.files_of(out / NAME))
    print(f"\n{out / NAME}.zip: {files} files, {size / 1e6:.2f} MB")


def prove(folder, filled):
    """Try a finished handout, and return a table of what came of it.

    filled: a folder that is not there yet, for a copy with the reference in it.

    Raises ReleaseError for the first promise that it does not keep.
    """
    blocks = len(blocks_of(folder / "cs231n"))
    with progress(total=3 + blocks, desc="Proving the handout", unit="step") as bar:
        _expect_built()
        found = handout.leaks(folder)
        if found:
            listed = "\n".join(f"  {path}: of {name}: {line}" for path, name, line in found)
            raise ReleaseError(f"these lines of the reference are in the handout:\n{listed}")
        bar.update(1)
        expect_blank(verdicts(folder))
        bar.update(1)
        fill(folder, filled)
        expect_full(verdicts(filled))
        bar.update(1)
        return mistakes(filled, bar)


def fill(folder, filled, names=None):
    """Copy a handout, and put the reference into its blocks, or into those that are named."""
    shutil.copytree(folder, filled)
    for path, source in handout.reference_sources().items():
        code = {block.name: block.code for block in blocks_in(source, path)}
        wanted = {name: code[name] for name in code if names is None or name in names}
        target = filled / "cs231n" / path
        write_source(target, replace_blocks(read_source(target), wanted, path))
    return filled


def verdicts(folder):
    """Return what the checks of a handout say of it: {check: (kind, points earned, points)}."""
    return json.loads(_run(folder, "-c", _VERDICTS).splitlines()[-1])


def expect_blank(found):
    """Raise ReleaseError unless every check says that nothing is attempted."""
    for name, (kind, _, _) in found.items():
        if kind != "not attempted":
            raise ReleaseError(f"the check {name} says {kind!r} of a blank block")


def expect_full(found):
    """Raise ReleaseError unless every check passes, and all together give 100 points."""
    for name, (kind, earned, points) in found.items():
        if kind != "passed" or earned != points:
            raise ReleaseError(f"the check {name} says {kind!r} of the reference")
    total = sum(points for _, _, points in found.values())
    if total != POINTS:
        raise ReleaseError(f"the points of all checks add up to {total}, expected {POINTS}")


def mistakes(filled, bar, blocks=()):
    """Return the table of known mistakes, as the checks of a handout see them.

    filled: a handout with the reference in its blocks. bar: moves on by one for each block.
    blocks: names of those to look at, where it is not all of them.

    Raises ReleaseError if one of them is not red, or not called by its name.
    """
    lines = []
    command = ("-m", "coursekit", "mistakes", "--short", *blocks)
    # The package is that of the handout, which lies in front of ours on Python's path.
    with _started(filled, *command, PYTHONPATH=str(ROOT)) as python:
        for line in python.stdout:
            lines.append(line)
            bar.update("  reference " in line)
    table = "".join(lines).strip()
    if python.returncode:
        raise ReleaseError(f"not every known mistake is noticed:\n{table}")
    return table


def _expect_built():
    """Raise ReleaseError unless the notebooks are built from their texts as these are now."""
    for name in notebooks.names():
        try:
            notebooks.expect_agreement(name)
        except notebooks.NotebookError as error:
            raise ReleaseError(str(error)) from None


def _run(folder, *arguments):
    """Run Python in a handout, and return what it prints."""
    with _started(folder, *arguments) as python:
        printed = python.stdout.read()
    if python.returncode:
        raise ReleaseError(f"the handout does not run:\n{printed}")
    return printed


def _started(folder, *arguments, **environment):
    """Start Python in a handout, in an environment where nothing leads to another package."""
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, "-B", *arguments],
        cwd=folder,
        env=inherited | {"CI": "1", "PYTHONIOENCODING": "utf-8"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def _expect_ours(out):
    """Raise ReleaseError unless a folder is missing, is empty or holds a release and no more."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ReleaseError(f"{out} is a file, expected a folder to write to")
    others = {path.name for path in out.iterdir()} - {NAME, f"{NAME}.zip"}
    is_release = (out / NAME / LISTING).is_file() or not any(out.iterdir())
    if others or not is_release:
        raise ReleaseError(f"{out} holds something that is no release, expected a folder for it")
