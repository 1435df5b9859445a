"""What of a submission is graded: its modules and notebooks, wherever they are in it.

`lay_out(course, path, folder)` copies them to where grading expects them. Whatever a submission
holds, what comes back is a list of sentences, and never an error.
"""

import json
import re
import tokenize
from collections import Counter
from functools import cache
from pathlib import Path, PurePosixPath

from ..blocks import blocks_of
from .archive import (
    Files,
    Unusable,
    archive_suffix,
    files_in,
    is_archive,
    loose_file,
    shown,
    zip_inside,
)

MANIFEST = "manifest.json"
_MOST_TOGETHER = 100 << 20  # bytes of all files that are graded


def lay_out(course, path, folder, parts=()):
    """Copy the files of a submission that are graded into an empty folder.

    `parts` are those of the Submission, by default the path alone. In the folder they are
    PACKAGE/PATH and notebooks/NAME, wherever they were in the submission.
    Returns sentences on what is odd. Nothing is raised: what cannot be read is a sentence as well.
    """
    try:
        return _laid_out(course, _files_of(course, path, parts), Path(folder))
    except Unusable as error:
        return [str(error)]
    except Exception as error:  # whatever it is, it costs this submission and no other
        words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return [f"It could not be read to its end: {words}."]


def _laid_out(course, files, folder):
    files = _unpacked_once(course, files)
    problems = files.problems
    wanted = _wanted(course, files, problems)
    read = 0
    for target, source in wanted.items():
        try:
            content = files.readers[source]()
        except (Unusable, OSError) as error:
            problems.append(str(error))
            continue
        read += len(content)
        if read > _MOST_TOGETHER:
            problems.append(f"All files together have more than {_MOST_TOGETHER / 1e6:.0f} MB.")
            break
        problems += _oddities(target, content)
        place = folder / target
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        except OSError as error:  # a name that is too long for this system
            problems.append(f"{shown(target)} was ignored: {error.strerror}.")
        except ValueError as error:  # a name that no system takes
            problems.append(f"{shown(target)} was ignored: {error}.")
    if not any(target.startswith(f"{course.package}/") for target in wanted):
        example = f"{course.package}/{editable(course)[0]}"
        problems.append(f"None of the files that are graded is in it, such as {example}.")
    elif ignored := len(files.readers.keys() - set(wanted.values()) - {PurePosixPath(MANIFEST)}):
        further = "1 further file" if ignored == 1 else f"{ignored} further files"
        problems.append(f"Grading does not look at {further} in it.")
    return problems


def _files_of(course, path, parts):
    """Return the Files of all parts of a submission. Raises Unusable if none can be read."""
    if len(parts) <= 1:
        ((name, path),) = parts or [(Path(path).name, path)]
        return _files_of_part(course, name, Path(path))
    files, unusable = Files(), []
    archives = [name for name, part in parts if is_archive(part)]
    for name, part in parts:
        try:
            own = _files_of_part(course, name, Path(part))
        except Unusable as error:
            unusable.append(f"{shown(name)}: {error}")
            continue
        files.readers |= own.readers
        files.problems += own.problems
    if not files.readers and unusable:
        raise Unusable(" ".join(unusable))
    if len(archives) > 1:
        names = ", ".join(shown(name) for name in archives)
        files.problems.append(f"{names} were handed in together; of two files the last counts.")
    files.problems += unusable
    return files


def _files_of_part(course, name, path):
    if path.is_dir() or path.is_symlink() or not _is_loose(course, name, path):
        return files_in(path)
    return loose_file(path, _meant_as(course, name))


def _is_loose(course, name, path):
    """Whether a file is to be graded as it is: a module, a notebook, or no archive by its name."""
    suffix = Path(name).suffix.lower()
    return suffix in (".py", ".ipynb") or (
        bool(suffix) and archive_suffix(name) is None and not is_archive(path) and suffix != ".zip"
        and _meant_as(course, name) != name
    )  # fmt: skip


def _meant_as(course, name):
    """Return the file of the package that a name stands for, and the name itself for any other.

    Platforms and browsers put numbers behind a name, and students their own names before it.
    """
    for path in editable(course):
        stem, suffix = re.escape(PurePosixPath(path).stem), re.escape(PurePosixPath(path).suffix)
        if re.fullmatch(rf"(?:.*[-_ ])?{stem}(?:[-_ ]?\(?\d+\)?)?{suffix}", name, re.IGNORECASE):
            return path
    for notebook in course.notebooks:
        ending = r"(?:[-_ ]?\(?\d+\)?)?\.ipynb"
        if re.fullmatch(rf"(?:.*[-_ ])?{re.escape(notebook)}{ending}", name, re.IGNORECASE):
            return f"{notebook}.ipynb"
    return name


@cache
def editable(course):
    """Return the files that students write in, as paths in the package, most blocks first."""
    counts = Counter(block.path for block in blocks_of(course.package_folder))
    return tuple(sorted(counts, key=lambda path: (-counts[path], path)))


def _unpacked_once(course, files):
    """Return the files of a zip inside, if that is all that is of use. Raises Unusable."""
    zips = [path for path in files.readers if path.suffix.lower() == ".zip"]
    if not zips or any(_place(course, path) for path in files.readers):
        return files
    chosen = max(zips, key=lambda path: path.name)
    inner = zip_inside(files.readers[chosen]())
    others = [f"{shown(path)} was ignored for it." for path in zips if path != chosen]
    if others:
        files.problems.append(f"Of several zips, {shown(chosen)} is graded.")
    return Files(inner.readers, files.problems + others + inner.problems)


def _wanted(course, files, problems):
    """Return {path that a file is copied to: its path in the submission}."""
    roots = Counter(place[0] for path in files.readers if (place := _place(course, path)))
    if not roots:
        return _notebooks(course, files, None)
    root, *others = sorted(roots, key=lambda root: _rank(course, root, roots[root]), reverse=True)
    if others:
        names = ", ".join(shown(other) for other in others[:5])
        problems.append(f"Graded is what lies in {shown(root)}, and not what lies in {names}.")
    wanted = {}
    for path in files.readers:
        place = _place(course, path)
        if place and place[0] == root:
            wanted[f"{course.package}/{place[1]}"] = path
    return wanted | _notebooks(course, files, root) | _asked_for(course, files)


def _rank(course, root, files):
    """Rank folders: the package by name, with most files, nearest to the top, of the last year."""
    return root.name == course.package, files, -len(root.parts), str(root)


def _place(course, path):
    """Return (folder of the package, path in the package) of a file that is graded, or None."""
    for name in editable(course):
        parts = PurePosixPath(name).parts
        if path.parts[-len(parts) :] == parts:
            root = PurePosixPath(*path.parts[: -len(parts)])
            # A file of that name in a folder of the package is another one.
            if root.name not in _folders(course):
                return root, name
    return None


def _folders(course):
    """Return the names of the package's folders."""
    return {part for name in editable(course) for part in PurePosixPath(name).parts[:-1]}


def _notebooks(course, files, root):
    """Return the notebooks by their names, the ones nearest to the package where names repeat."""
    found = {}
    near = root.parent if root and root.name == course.package else root
    for path in sorted(files.readers, key=lambda path: (-len(path.parts), str(path))):
        if path.suffix == ".ipynb":
            before = found.get(path.name)
            if before is None or near is None or path.is_relative_to(near):
                found[path.name] = path
    return {f"notebooks/{name}": path for name, path in found.items()}


def _asked_for(course, files):
    """Return what the course asks for beside code and notebooks, the ones nearest to the top."""
    found = {}
    for name in course.settings.get("submit", {}).get("files", ()):
        own = [path for path in files.readers if path.name == PurePosixPath(name).name]
        if own:
            found[name] = min(own, key=lambda path: (len(path.parts), str(path)))
    return found


def _oddities(target, content):
    """Return sentences on a file that is not what its name says."""
    if not target.endswith((".py", ".ipynb")):
        return []
    if not content.strip(b"\0 \t\r\n"):
        return [f"{shown(target)} is empty."]
    encoding = "utf-8" if target.endswith(".ipynb") else _encoding(content)
    try:
        text = content.decode(encoding)
    except LookupError:
        return [f"{shown(target)} says that its encoding is {shown(encoding)}, which is none."]
    except UnicodeDecodeError as error:
        words = encoding.upper().removesuffix("-SIG")
        return [
            f"{shown(target)} is not {words}: byte {error.start + 1} is {content[error.start]}."
        ]
    if target.endswith(".ipynb"):
        try:
            json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            return [f"{shown(target)} is not JSON, so no answers were read from it: {error}."]
    return []


def _encoding(content):
    """Return the encoding that a Python file says it has."""
    lines = iter(content.splitlines(keepends=True))
    try:
        return tokenize.detect_encoding(lambda: next(lines, b""))[0]
    except SyntaxError:  # an encoding that Python does not know, or a first line that is no UTF-8
        return "utf-8"
