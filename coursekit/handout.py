"""The handout: what students get of this repository, cut from it.

The package has a stub in each of its blocks, and the notebooks have neither outputs nor reference
answers. Everything else is copied as it is, or comes from the folder `handout/`.
"""

import io
import json
import os
import shutil
import tokenize
import zipfile
from pathlib import Path

import nbformat

from cs231n import workspace
from cs231n.blocks import blank, blocks_in, read_source, write_source
from cs231n.notebooks import ANSWER, PLACEHOLDER, QUESTION, tags_of

ROOT = workspace.ROOT
REFERENCE = ROOT / "cs231n"
TEMPLATES = ROOT / "handout"
REFERENCE_ANSWER = "reference-answer"

# Copied as they are, into the same place.
_FILES = (
    "LICENSE",
    "requirements.txt",
    "collect_submission.sh",
    "datasets/README.md",
    "datasets/get_datasets.sh",
)
_PACKAGE_FILES = ("*.py", "checks/recorded/*.npz")
# Lines of blocks, squeezed, that students are given elsewhere: a loop or a condition of one line, a
# layer called in a finished sandwich, and what the notebooks print.
GIVEN = {
    "ifself.normalization==batchnorm:",
    "ifself.use_dropout:",
    "fornamein(W1,W2):",
    "caches.append(cache)",
    "scores,affine_cache=affine_forward(x,w,b)",
    "out,cache=affine_relu_forward(out,w,b)",
    "out,relu_cache=relu_forward(normalized)",
    "dnormalized=relu_backward(dout,relu_cache)",
    "print(ftrainingaccuracy{three.train_acc_history[-1]:.2f})",
    "print(ftrainingaccuracy{five.train_acc_history[-1]:.2f})",
}
_QUOTES = str.maketrans("", "", "\"'\\")
_EXECUTABLE = ("collect_submission.sh", "datasets/get_datasets.sh")


class ReleaseError(Exception):
    """Why there is no handout; the message is one or more whole sentences."""


def cut(folder):
    """Write the handout into a folder that is empty or not there yet, and return the folder.

    Raises ReleaseError for a folder that holds something.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty, expected a folder to write the handout into")
    for path in _FILES:
        _copy(ROOT / path, folder / path)
    for path in sorted(TEMPLATES.iterdir()):
        # What begins with a dot elsewhere does not here, so that it is not in force here.
        name = "." + path.name if path.name == "gitignore" else path.name
        _copy(path, folder / name)
    for pattern in _PACKAGE_FILES:
        for path in sorted(REFERENCE.rglob(pattern)):
            _copy(path, folder / path.relative_to(ROOT), blanked=path.suffix == ".py")
    for name, notebook in reference_notebooks().items():
        content = nbformat.writes(student_notebook(notebook)) + "\n"
        _write(folder / "notebooks" / f"{name}.ipynb", content.encode("utf-8"))
    _write_listing(folder)
    return folder


def student_notebook(notebook):
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


def reference_notebooks():
    """Return the notebooks as they are committed, by their names."""
    # Not from their text: what reads that is no part of what students install.
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}


def reference_sources():
    """Return the files that have blocks, {path in the package: source}, with the reference."""
    sources = {path.relative_to(REFERENCE).as_posix(): path for path in REFERENCE.rglob("*.py")}
    found = {name: read_source(path) for name, path in sorted(sources.items())}
    return {name: source for name, source in found.items() if blocks_in(source, name)}


def files_of(folder):
    """Return the paths of all files of a handout, relative to it, in the order of the zip."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def zipped(folder, top):
    """Return a handout as the bytes of a zip with one folder in it, called `top`.

    The bytes depend on the files alone: their order, dates and modes are fixed, and nothing is
    compressed, since releases of zlib differ in what they make of the same input.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in files_of(folder):
            member = zipfile.ZipInfo(f"{top}/{path}", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # Unix, so that modes are kept
            member.external_attr = (0o100755 if path in _EXECUTABLE else 0o100644) << 16
            archive.writestr(member, (folder / path).read_bytes())
    return buffer.getvalue()


def leaks(folder):
    """Search a handout for lines of the reference, and for the answers to its questions.

    Returns triples (file, what it is a line of, the line), but for those that are GIVEN.
    """
    wanted = [(name, line) for name, line in secrets() if line not in GIVEN]
    found = []
    for path in files_of(folder):
        text = squeezed(_words_in(folder / path))
        found += [(path, name, line) for name, line in wanted if line in text]
    return found


def secrets():
    """Return what must not be in a handout: pairs (block or answer, squeezed line)."""
    lines = []
    for path, source in reference_sources().items():
        for block in blocks_in(source, path):
            lines += [(block.name, line) for line in telling_lines(block.code)]
    for name, notebook in reference_notebooks().items():
        for cell in notebook.cells:
            if REFERENCE_ANSWER in tags_of(cell):
                written = (squeezed(line) for line in cell.source.splitlines())
                lines += [(f"{name}, {cell.id}", line) for line in written if len(line) >= 20]
    return sorted(set(lines))


def telling_lines(code):
    """Return the lines of a block that say something, without comments and blanks.

    Left out are lines of fewer than ten characters, which hold a name and little more.
    """
    lines = (squeezed(_without_comment(line)) for line in code.splitlines())
    return [line for line in lines if len(line) >= 10]


def squeezed(text):
    """Return text without blanks, and without quotation marks, which JSON writes in its own way."""
    return "".join(text.translate(_QUOTES).split())


def _without_comment(line):
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type != tokenize.COMMENT:
                tokens.append(token.string)
    except (tokenize.TokenError, IndentationError):  # part of a longer expression
        return line
    return "".join(tokens)


def _words_in(path):
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


def _copy(source, target, *, blanked=False):
    if source.is_dir() or not source.exists():
        raise ReleaseError(f"{source} is missing, expected a file to put into the handout")
    target.parent.mkdir(parents=True, exist_ok=True)
    if blanked:
        write_source(target, blank(read_source(source), path=source))
    else:
        shutil.copyfile(source, target)
    mode = 0o755 if target.name in {Path(path).name for path in _EXECUTABLE} else 0o644
    os.chmod(target, mode)


def _write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _write_listing(folder):
    content = workspace.listing(folder, files_of(folder))
    workspace.write_json(folder / workspace.LISTING, content)
    os.chmod(folder / workspace.LISTING, 0o644)
