"""The handout: what students get of a course's repository, cut from it.

The package has a stub in each of its blocks, and the notebooks have neither outputs nor reference
answers. The engine comes along as a wheel. Everything else is copied as it is, or comes from the
folder `handout/`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tokenize
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

from .. import files
from ..blocks import blank, blocks_in, read_source, write_source
from ..course import LISTING, listing
from ..notebooks import ANSWER, PLACEHOLDER, QUESTION, tags_of
from ..version import version
from .wheel import NotInstalled, write_wheel

if TYPE_CHECKING:
    from ..course import Course

REFERENCE_ANSWER = "reference-answer"
# Of the folder `course/`, what students do not get.
STAFF_ONLY = ("mistakes", "spellings", "templates")
# A line of the requirements that stands for the engine where a course is written.
_EDITABLE = "-e ."
_QUOTES = str.maketrans("", "", "\"'\\")


class ReleaseError(Exception):
    """Why there is no handout; the message is one or more whole sentences."""


def made(what: str, make: Callable[[], object]) -> int:
    """Make something, and return 0; where that fails, say on stderr why there is none: 1."""
    try:
        make()
    except (ReleaseError, NotInstalled, metadata.PackageNotFoundError) as error:
        print(f"There is no {what}: {error}", file=sys.stderr)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"There is no {what}: {where}{error.strerror or error}", file=sys.stderr)
    else:
        return 0
    return 1


def cut(course: Course, folder: Path | str) -> Path:
    """Write the handout into a folder that is empty or not there yet, and return the folder.

    Raises ReleaseError for a folder that holds something, and where something is missing.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty, expected a folder to write the handout into")
    settings = course.settings.get("handout", {})
    executable = settings.get("executable", [])
    for path in settings.get("files", []):
        _copy(course.folder / path, folder / path)
    templates = course.folder / "handout"
    for path in sorted(templates.iterdir()) if templates.is_dir() else []:
        # What begins with a dot elsewhere does not here, so that it is not in force here.
        name = f".{path.name}" if path.name in ("gitignore", "gitattributes") else path.name
        _copy(path, folder / name)
    copy_sources(course, folder)
    for name, notebook in reference_notebooks(course).items():
        content = nbformat.writes(student_notebook(notebook)) + "\n"
        files.write_bytes(folder / "notebooks" / f"{name}.ipynb", content.encode("utf-8"))
    wheel = write_wheel(folder / "wheels")
    _write_requirements(course, folder, f"wheels/{wheel.name}")
    for path in executable:
        os.chmod(folder / path, 0o755)
    described = listing(folder, files.plain_files(folder), version())
    files.write_json(folder / LISTING, described)
    return folder


def copy_sources(course: Course, folder: Path) -> None:
    """Copy the package with blank blocks, and what students get of the folder `course/`."""
    for path in _sources(course.package_folder):
        _copy(path, folder / path.relative_to(course.folder), blanked=path.suffix == ".py")
    for path in _sources(course.room):
        if path.relative_to(course.room).parts[0] not in STAFF_ONLY:
            _copy(path, folder / path.relative_to(course.folder))


def student_notebook(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook without reference answers, with a cell to write into after each question.

    Where a reference answer is to a task and not to a question, the cell before it is the reader's.
    """
    cells = []
    questions = 0
    for cell in notebook.cells:
        if REFERENCE_ANSWER in tags_of(cell):
            continue
        cells.append(cell)
        if QUESTION in tags_of(cell):
            questions += 1
            answer = nbformat.v4.new_markdown_cell(PLACEHOLDER, metadata={"tags": [ANSWER]})
            answer.id = f"answer-{questions}"
            cells.append(answer)
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.cells = cells
    return notebook


def reference_notebooks(course: Course) -> dict[str, NotebookNode]:
    """Return the notebooks as they are committed, by their names.

    Raises ReleaseError if one of the course's is not there.
    """
    # Not from their text: what reads that is no part of what students install.
    paths = [course.notebook(name) for name in course.notebooks]
    for path in paths:
        if not path.is_file():
            raise ReleaseError(f"{path} is missing, expected a notebook of the course")
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}


def reference_sources(course: Course) -> dict[str, str]:
    """Return the files that have blocks, {path in the package: source}, with the reference."""
    root = course.package_folder
    found = {path.relative_to(root).as_posix(): read_source(path) for path in root.rglob("*.py")}
    return {name: found[name] for name in sorted(found) if blocks_in(found[name], name)}


def zipped(course: Course, folder: Path) -> bytes:
    """Return a handout as the bytes of a zip with one folder in it, called as the course is.

    Nothing in it is compressed, so the bytes depend on the files alone.
    """
    executable = course.settings.get("handout", {}).get("executable", [])
    content = {f"{course.name}/{path}": (folder / path).read_bytes()
               for path in files.plain_files(folder)}  # fmt: skip
    return files.zipped(content, executable=[f"{course.name}/{path}" for path in executable])


def leaks(course: Course, folder: Path) -> list[tuple[str, str, str]]:
    """Search a handout for lines of the reference, and for the answers to its questions.

    Returns triples (file, what it is a line of, the line), but for those that the course's
    description says are given.
    """
    given = course.settings.get("handout", {}).get("given", [])
    wanted = [(name, line) for name, line in secrets(course) if line not in given]
    found = []
    for path in files.plain_files(folder):
        text = squeezed(_words_in(folder / path))
        found += [(path, name, line) for name, line in wanted if line in text]
    return found


def secrets(course: Course) -> list[tuple[str, str]]:
    """Return what must not be in a handout: pairs (block or answer, squeezed line).

    An answer in code, a student's check for example, begins with lines that a cell beside it hands
    out. These are no secret.
    """
    lines = []
    for path, source in reference_sources(course).items():
        for block in blocks_in(source, path):
            lines += [(block.name, line) for line in telling_lines(block.code)]
    cells = [(name, cell) for name, notebook in reference_notebooks(course).items()
             for cell in notebook.cells]  # fmt: skip
    shown = squeezed("\n".join(c.source for _, c in cells if REFERENCE_ANSWER not in tags_of(c)))
    for name, cell in cells:
        if REFERENCE_ANSWER in tags_of(cell):
            written = [squeezed(line) for line in cell.source.splitlines()]
            if cell.cell_type == "code":
                written = [line for line in written if line not in shown]
            lines += [(f"{name}, {cell.id}", line) for line in written if len(line) >= 20]
    return sorted(set(lines))


def telling_lines(code: str) -> list[str]:
    """Return the lines of a block that say something, without comments and blanks.

    Left out are lines of fewer than ten characters, which hold a name and little more.
    """
    lines = (squeezed(_without_comment(line)) for line in code.splitlines())
    return [line for line in lines if len(line) >= 10]


def squeezed(text: str) -> str:
    """Return text without blanks, and without quotation marks, which JSON writes in its own way."""
    return "".join(text.translate(_QUOTES).split())


def _without_comment(line: str) -> str:
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type != tokenize.COMMENT:
                tokens.append(token.string)
    except (tokenize.TokenError, IndentationError):  # part of a longer expression
        return line
    return "".join(tokens)


def _words_in(path: Path) -> str:
    """Return all that can be read in a file, with the strings of a notebook as they are shown."""
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content = b"\n".join(archive.read(member) for member in archive.infolist())
    if path.suffix == ".ipynb":
        cells = json.loads(content)["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells) + content.decode("utf-8")
    # An array of words has four bytes for each letter, three of which are zero.
    return content.replace(b"\0", b"").decode("utf-8", "replace")


def _sources(folder: Path) -> list[Path]:
    """Return the files below a folder that a handout has: neither bytecode nor hidden ones."""
    return [folder / path for path in files.plain_files(folder)
            if not any(part.startswith(".") for part in Path(path).parts)
            and not path.endswith(".pyc") and folder / path != folder.parent / LISTING]  # fmt: skip


def _write_requirements(course: Course, folder: Path, wheel: str) -> None:
    """Write the students' list of packages, with the engine's wheel as its last line."""
    path = course.folder / "requirements.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ReleaseError(f"{path} is missing, expected a list of what students install") from None
    kept = [line for line in lines if not line.startswith(_EDITABLE)]
    kept.append(f"./{wheel}  # the engine that this handout was proved with")
    files.write_text(folder / "requirements.txt", "\n".join(kept) + "\n")


def _copy(source: Path, target: Path, *, blanked: bool = False) -> None:
    if source.is_dir() or not source.exists():
        raise ReleaseError(f"{source} is missing, expected a file to put into the handout")
    target.parent.mkdir(parents=True, exist_ok=True)
    if blanked:
        write_source(target, blank(read_source(source), path=str(source)))
    else:
        shutil.copyfile(source, target)
    os.chmod(target, 0o644)
