"""Measure whole notebooks, from the first cell to the last, in a fresh kernel each.

python -m benchmarks.notebooks                   # our own four, at full size and at the quick pace
python -m benchmarks.notebooks --course FOLDER   # and the course's own, on two packages by turns

FOLDER is the assignment of a recent year (2020 to 2023): its notebooks, and beside them its
`cs231n`, filled in, with the Cython layers compiled and CIFAR-10 in `cs231n/datasets`. Each
notebook runs once on that package and once on ours, which takes its place in a copy. Cells that
only set up Google Colab are left out.

Seconds are those that the kernel computes, at one thread of BLAS. Nothing of FOLDER is changed.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from coursekit.course import Course

COURSE = Course.find(__file__)
GOALS = {  # of the seconds that the course's own package takes
    "BatchNormalization": 0.7,
    "Dropout": 0.5,
    "FullyConnectedNets": 0.7,
    "ConvolutionalNetworks": 0.25,
}
GOAL_TOGETHER = 0.45
DATA = Path("datasets", "cifar-10-batches-py")
_COLAB = ("google.colab", "/content/drive", "FOLDERNAME")
_BUILDS = ("setup.py", "%cd cs231n")  # the Cython layers are there already


def main():
    options = _parser().parse_args()
    if options.course and not (options.course / COURSE.package).is_dir():
        sys.exit(f"--course is {options.course}, expected a folder with {COURSE.package} in it")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        try:
            if options.course:
                beside_the_courses_own(options.course.absolute(), Path(folder))
            else:
                ours_alone()
        except CellExecutionError as error:
            sys.exit(f"A cell failed, so there is nothing to compare:\n{error}")


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.notebooks", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "--course", type=Path, metavar="FOLDER", help="an assignment of the course's, filled in"
    )
    return parser


def ours_alone():
    """Print what each of our notebooks takes, at both paces."""
    print(f"{'':<24} {'full':>8} {'quick':>8}   seconds of computing")
    sums = [0.0, 0.0]
    for name in COURSE.notebooks:
        path = COURSE.folder / "notebooks" / f"{name}.ipynb"
        taken = [seconds(path, path.parent, pace=pace) for pace in ("full", "quick")]
        sums = [one + other for one, other in zip(sums, taken, strict=True)]
        print(f"{name:<24} {taken[0]:8.1f} {taken[1]:8.1f}", flush=True)
    print(f"{'together':<24} {sums[0]:8.1f} {sums[1]:8.1f}")


def beside_the_courses_own(course, folder):
    """Print what each of the course's notebooks takes on its own package and on ours."""
    theirs, ours = lay_out(course, folder)
    print(f"{'':<24} {'ours':>8} {'theirs':>8} {'ratio':>6}  goal")
    sums = [0.0, 0.0]
    for name, goal in GOALS.items():
        if not (course / f"{name}.ipynb").exists():
            print(f"{name:<24} is not in {course}")
            continue
        taken = [seconds(place / f"{name}.ipynb", place) for place in (ours, theirs)]
        sums = [one + other for one, other in zip(sums, taken, strict=True)]
        _print_ratio(name, *taken, goal)
    if all(sums):
        _print_ratio("together", *sums, GOAL_TOGETHER)


def _print_ratio(name, ours, theirs, goal):
    ratio = ours / theirs
    verdict = "met" if round(ratio, 2) <= goal else "missed"
    print(f"{name:<24} {ours:8.1f} {theirs:8.1f} {ratio:6.2f}  {goal:g} {verdict}", flush=True)


def lay_out(course, folder):
    """Copy the assignment twice, the second time with our package. Returns both folders."""
    theirs, ours = folder / "theirs", folder / "ours"
    for place in (theirs, ours):
        shutil.copytree(course, place, ignore=shutil.ignore_patterns("datasets", ".*"))
    for code in (ours / COURSE.package).rglob("*.py"):  # pictures of the notebooks' stay
        code.unlink()
    shutil.copytree(
        COURSE.package_folder,
        ours / COURSE.package,
        ignore=shutil.ignore_patterns("__pycache__", "datasets"),
        dirs_exist_ok=True,
    )
    images = course / COURSE.package / DATA
    for place in (theirs, ours):
        for link in (place / COURSE.package / DATA, place / DATA):
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(images)
    return theirs, ours


def seconds(path, folder, pace="full"):
    """Run a notebook in its folder, and return the seconds that its kernel computed.

    Raises CellExecutionError for a cell that fails.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not _only_sets_up(cell)]
    environment = os.environ | {
        "COURSE_PACE": pace,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "CI": "1",
    }
    client = NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(folder)}})
    before = _computed()
    client.execute(env=environment)
    return _computed() - before


def _only_sets_up(cell):
    return cell.cell_type == "code" and any(word in cell.source for word in (*_COLAB, *_BUILDS))


def _computed():
    """Return the seconds that all kernels which have ended computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
