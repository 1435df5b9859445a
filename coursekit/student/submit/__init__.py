"""Look your work through, and pack it into one zip to hand in.

Shows what each check comes to and what is missing. Nothing that is missing keeps the zip from being
written: what is in it is up to you.
"""

import contextlib
import re
import sys
import textwrap
from pathlib import Path

from ...checks import progress, runner
from ...checks.freshness import damage_in, file_of
from ...checks.progress import table_of
from . import packing
from .inspection import warnings_on


def add_arguments(parser):
    parser.add_argument("--out", metavar="FILE", help="the zip, by default submission.zip")
    parser.add_argument("--name", help="your name, if it should stand in the name of the zip")
    parser.add_argument(
        "--seconds", type=float, default=runner.SECONDS, help="what each check may take"
    )


def run(arguments, course):
    target = Path(arguments.out or course.folder / _file_name(arguments.name)).absolute()
    try:
        packing.expect_replaceable(target)
        return _submit(course, target, arguments.seconds)
    except (packing.TooLarge, packing.NotAZip, OSError) as error:
        print(f"Nothing was written: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.", file=sys.stderr)
        return 130


def _submit(course, target, seconds):
    results, warnings = _run_checks(
        course, seconds
    )  # warnings: pairs of what it is about, and a sentence
    table = table_of(course.checks, {name: record for name, (record, _) in results.items()})
    print(table)
    files, missing = packing.collect(course.folder, _names(course))
    warnings += [(name, "it is missing.") for name in missing]
    warnings += [(course.package, sentence) for sentence in _on_blocks(course, files)]
    warnings += [(course.package, sentence) for sentence in damage_in(course)]
    warnings += [
        (
            name,
            "it is not of the handout, and is not handed in: what blocks need of it has to move "
            "into a file with blocks.",
        )
        for name in course.own_modules()
    ]
    for name in files:
        if name.endswith(".ipynb"):
            said = warnings_on(course, name, results)
            warnings += [(name, sentence) for sentence in said]
    files, stripped = packing.fitting(files)
    for name in stripped:
        warnings.append((name, "its outputs are left out, for they are too large to hand in."))
    described = packing.manifest(files, table, warnings, stripped)
    size = packing.write(target, files, described)
    _report(target, size, files, warnings)
    return 0


def _run_checks(course, seconds):
    if sys.platform == "emscripten":  # a browser would be busy for minutes: the last ones count
        return _last_of(course), []
    try:
        return runner.run(list(course.checks), seconds), []
    except runner.CannotRun as error:
        reason = str(error).splitlines()[-1]
        return {}, [(course.package, f"checks cannot be run ({reason}); see: coursekit doctor.")]


def _last_of(course):
    """Return what checks came to when they were run last, for those that were."""
    found = {}
    for check in course.checks:
        with contextlib.suppress(progress.Unreadable):
            if record := progress.load(course, check.name):
                found[check.name] = record, ""
    return found


def _names(course):
    """Return what is handed in: files with blocks, every notebook, and what the course asks for."""
    notebooks = {f"notebooks/{name}.ipynb" for name in course.notebooks}
    names = {*_files_of_functions(course), *course.editable_files()}
    asked = course.settings.get("submit", {}).get("files", [])
    return sorted(names) + sorted({*notebooks, *course.notebook_files()}) + list(asked)


def _files_of_functions(course):
    """Return the files that define what checks ask for, should they have lost all their markers."""
    wanted = {re.split(r"[.:]", block)[0] for check in course.checks for block in check.blocks}
    definition = re.compile(rf"^(?:def|class) (?:{'|'.join(wanted)})\b", re.MULTILINE)
    found = set()
    for module in course.modules:
        path = course.folder / file_of(course, module)
        if not path.is_file():
            continue
        if definition.search(path.read_text(encoding="utf-8", errors="replace")):
            found.add(path.relative_to(course.folder).as_posix())
    return found


def _on_blocks(course, files):
    """Return sentences on blocks that are empty or not there."""
    blocks = packing.blocks_of(files)
    wanted = dict.fromkeys(block for check in course.checks for block in check.blocks)
    gone = [name for name in wanted if name not in blocks]
    empty = [name for name in wanted if name in blocks and not blocks[name]["filled in"]]
    said = []
    if empty:
        said.append(f"{len(empty)} of {len(wanted)} blocks are not filled in yet.")
    if gone:
        said.append(
            f"not found: the blocks {', '.join(gone)}. The two lines around a block have to stay; "
            "`coursekit doctor` says what to do."
        )
    return said


def _report(target, size, files, warnings):
    if warnings:
        print("\nTo look at before you hand in:")
        for about in dict.fromkeys(about for about, _ in warnings):
            print(f"  {about}")
            for sentence in (sentence for other, sentence in warnings if other == about):
                print(
                    textwrap.fill(sentence, 96, initial_indent="    ", subsequent_indent="      ")
                )
    print(f"\n{target}: {len(files)} files, {size / 1e6:.2f} MB. This is what you hand in.")


def _file_name(name):
    """Return the name of the zip, with the student's name in it if that was given."""
    words = re.findall(r"\w+", name or "")
    return "-".join(["submission", *words]) + ".zip"
