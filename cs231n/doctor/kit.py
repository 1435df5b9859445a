"""What the doctor looks at in the kit itself: its package, its blocks, its data, its numbers.

Each function yields findings. What is not Python's own library is imported inside, so that the
doctor comes up where nothing else does.
"""

import ast
import importlib.machinery
import os
import shutil
import sys
from pathlib import Path

from ..blocks import BlockError, blocks_in, read_source
from ..workspace import NOTEBOOKS, NOTES, PACKAGE, ROOT, editable_files, handed_out, sha256
from .finding import BROKEN, LOOK, OK, Finding

DISK_WANTED = 1e9  # the archive, and what is unpacked from it


def the_package_that_notebooks_import():
    """Look for another cs231n, which notebooks would find before this one."""
    here = {"", str(ROOT), os.getcwd()}
    path = [str(NOTEBOOKS), *(entry for entry in sys.path if entry not in here)]
    other = importlib.machinery.PathFinder.find_spec("cs231n", path)
    found = _folder_of(other)
    if found is not None and found != PACKAGE:
        yield Finding(
            BROKEN,
            f"there is a second cs231n, {found}, and notebooks import it in place of {PACKAGE}",
            "Take its folder off PYTHONPATH, uninstall it, or move it away.",
        )
    else:
        yield Finding(OK, f"cs231n is imported from {PACKAGE}")


def names_that_hide_others():
    """Look for files that are imported in place of a library of the same name."""
    libraries = set(sys.stdlib_module_names) | {"numpy", "scipy", "matplotlib", "tqdm", "IPython"}
    for folder in (ROOT, NOTEBOOKS):
        for path in sorted(folder.glob("*.py")):
            if path.stem in libraries:
                yield Finding(
                    BROKEN,
                    f"{path} is imported in place of the library {path.stem}",
                    "Give it another name.",
                )


def sources():
    """Parse every file of the package."""
    broken = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        try:
            ast.parse(read_source(path), str(path))
        except (SyntaxError, ValueError) as error:
            broken += 1
            name = path.relative_to(ROOT).as_posix()
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


def blocks():
    """Look whether every block that checks ask for is there, between its two lines."""
    from ..checks import check

    found, damaged = set(), False
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        try:
            found |= {block.name for block in blocks_in(read_source(path), name)}
        except BlockError as error:
            damaged = True
            yield Finding(
                BROKEN,
                str(error),
                "Put the two lines around the block back, as they are around the others.",
            )
        except UnicodeDecodeError:
            damaged = True  # `sources` says so
    missing = sorted({block for one in check for block in one.blocks} - found)
    if missing and not damaged:
        yield Finding(
            BROKEN,
            f"these blocks are not there any more: {', '.join(missing)}",
            "The two lines around a block, the TODO comment above it and the name of its function "
            "have to stay.",
        )
    elif not damaged:
        yield Finding(OK, f"all {len(found)} blocks stand between their two lines")


def files_of_the_handout():
    """Compare the files that students do not write in with what was handed out."""
    editable = set(editable_files(ROOT))
    missing, changed = [], []
    for path, digest in handed_out(ROOT).items():
        if not (ROOT / path).is_file():
            missing.append(path)
        elif path.startswith("cs231n/") and path not in editable and sha256(ROOT / path) != digest:
            changed.append(path)
    if missing:
        yield Finding(
            BROKEN,
            f"missing from the handout: {_few(missing)}",
            "Bring them back from the handout's zip: python -m cs231n.update HANDOUT.zip",
        )
    if changed:
        yield Finding(
            LOOK,
            f"not as they were handed out: {_few(changed)}",
            "Grading uses them as they were handed out; what counts is what stands in the blocks.",
        )


def an_update_that_was_cut_off():
    if (ROOT / NOTES / "update.json").exists():
        yield Finding(
            BROKEN,
            "an update was cut off, so some files are old ones and some are new",
            "To have the old ones back: python -m cs231n.update --undo",
        )


def data():
    from .._internal.cifar10 import standin
    from .._internal.cifar10.batches import DataError, batches_folder, download_command
    from ..data_utils import data_source

    try:
        source = data_source()
    except DataError as error:
        first, _, rest = str(error).partition("\n")
        yield Finding(BROKEN, first, rest)
        return
    folder = batches_folder()
    if source == "CIFAR-10":
        yield Finding(OK, f"CIFAR-10 is in {folder}")
        return
    drawn = "" if standin.find(standin.standin_folder()) else " (it is drawn when first needed)"
    yield Finding(
        LOOK,
        f"CIFAR-10 is not in {folder}; the notebooks run on a stand-in{drawn}",
        f"To fetch it, in the kit's folder: {download_command(folder)}",
    )
    free = shutil.disk_usage(_existing(folder)).free
    if free < DISK_WANTED:
        yield Finding(LOOK, f"{free / 1e9:.1f} GB of disk are free, and fetching takes 0.4 GB")


def the_random_stream():
    """Compare what numpy draws with what it drew when the expected values were computed."""
    import numpy as np

    from ..checks import check, recorded
    from ..checks.registry import stream_of

    other = []
    for one in check:
        drawn, expected = stream_of(one.rng()), recorded.load(one.name).stream
        if drawn.shape != expected.shape or not np.allclose(drawn, expected, rtol=1e-12, atol=0):
            other.append(one.name)
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
    data,
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


def _existing(path):
    while not path.exists():
        path = path.parent
    return path
