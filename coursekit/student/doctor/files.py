"""What the doctor looks at in a course itself: its package, its blocks, its files, its numbers.

Each function yields findings. What is not Python's own library is imported inside, so that the
doctor comes up where nothing else does.
"""

import ast
import importlib.machinery
import os
import sys
from pathlib import Path

from ...blocks import MEND_MARKERS, BlockError, blocks_in, read_source
from ...files import sha256
from .finding import BROKEN, LOOK, OK, Finding
from .machine import IN_A_BROWSER


def the_package_that_notebooks_import(course):
    """Look for another package of that name, which a student may be editing by mistake."""
    here = {"", str(course.folder), os.getcwd()}
    path = [str(course.folder / "notebooks"), *(entry for entry in sys.path if entry not in here)]
    other = importlib.machinery.PathFinder.find_spec(course.package, path)
    found = _folder_of(other)
    if found is not None and found != course.package_folder:
        yield Finding(
            LOOK,
            f"there is a second {course.package}, {found}; the notebooks import "
            f"{course.package_folder}",
            "Edit the files there. To be sure, take the other folder off PYTHONPATH, uninstall it, "
            "or move it away.",
        )
    else:
        yield Finding(OK, f"{course.package} is imported from {course.package_folder}")


def names_that_hide_others(course):
    """Look for files that are imported in place of a library of the same name."""
    libraries = set(sys.stdlib_module_names) | {
        "IPython",
        *course.settings.get("handout", {}).get("requires", []),
    }
    for folder in (course.folder, course.folder / "notebooks"):
        for path in sorted(folder.glob("*.py")):
            if path.stem in libraries:
                yield Finding(
                    BROKEN,
                    f"{path} is imported in place of the library {path.stem}",
                    "Give it another name.",
                )


def sources(course):
    """Parse every file of the package."""
    broken = 0
    for path in sorted(course.package_folder.rglob("*.py")):
        try:
            ast.parse(read_source(path), str(path))
        except (SyntaxError, ValueError) as error:
            broken += 1
            name = path.relative_to(course.folder).as_posix()
            line = getattr(error, "lineno", None)
            where = f"{name}, line {line}" if line else name
            said = getattr(error, "msg", None) or error
            yield Finding(
                BROKEN,
                f"{where}: {said}",
                "Until that line is mended, nothing in the file works.",
            )
    if not broken:
        yield Finding(OK, "Python can read every file of the package")


def blocks(course):
    """Look whether every block that checks ask for is there, between its two lines."""
    found, damaged = set(), False
    for path in sorted(course.package_folder.rglob("*.py")):
        name = path.relative_to(course.folder).as_posix()
        try:
            found |= {block.name for block in blocks_in(read_source(path), name)}
        except BlockError as error:
            damaged = True
            yield Finding(
                BROKEN,
                str(error),
                MEND_MARKERS,
            )
        except UnicodeDecodeError:
            damaged = True  # `sources` says so
    missing = sorted({block for check in course.checks for block in check.blocks} - found)
    if missing and not damaged:
        yield Finding(
            BROKEN,
            f"these blocks are not there any more: {', '.join(missing)}",
            "The two lines around a block, the TODO comment above it and the name of its function "
            "have to stay.",
        )
    elif not damaged:
        yield Finding(OK, f"all {len(found)} blocks stand between their two lines")


def files_of_the_handout(course):
    """Compare the files that students do not write in with what was handed out."""
    editable = set(course.editable_files())
    missing, changed = [], []
    for path, digest in course.handed_out().items():
        own = path.startswith((f"{course.package}/", "course/")) and path not in editable
        if IN_A_BROWSER and path.startswith("wheels/"):
            continue  # a browser gets the engine from the page
        if not (course.folder / path).is_file():
            missing.append(path)
        elif own and sha256(course.folder / path) != digest:
            changed.append(path)
    if missing:
        yield Finding(
            BROKEN,
            f"missing from the handout: {_few(missing)}",
            "Bring them back from the handout's zip: coursekit update HANDOUT.zip",
        )
    if changed:
        yield Finding(
            LOOK,
            f"not as they were handed out: {_few(changed)}",
            "Grading uses them as they were handed out; what counts is what stands in the blocks.",
        )


def an_update_that_was_cut_off(course):
    if (course.notes / "update.json").exists():
        yield Finding(
            BROKEN,
            "an update was cut off, so some files are old ones and some are new",
            "To have the old ones back: coursekit update --undo",
        )


def the_random_stream(course):
    """Compare what numpy draws with what it drew when the expected values were computed."""
    import numpy as np

    from ...checks.check import stream_of

    other = []
    for check in course.checks:
        drawn, expected = stream_of(check.rng()), check.recorded().stream
        if drawn.shape != expected.shape or not np.allclose(drawn, expected, rtol=1e-12, atol=0):
            other.append(check.name)
    if other:
        yield Finding(
            BROKEN,
            f"numpy {np.__version__} draws other random numbers than the checks expect: "
            f"{', '.join(other[:3])}{' and more' if len(other) > 3 else ''}",
            "No check can be compared. Tell your instructors, and name the version of numpy.",
        )
    else:
        yield Finding(OK, "numpy draws the random numbers that the checks expect")


EXAMINATIONS = (
    the_package_that_notebooks_import,
    names_that_hide_others,
    sources,
    blocks,
    files_of_the_handout,
    an_update_that_was_cut_off,
    the_random_stream,
)


def _folder_of(spec):
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def _few(names, most=4):
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
