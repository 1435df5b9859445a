"""In a browser: where the course is, and how work gets out of the browser and back in.

The notebooks and the package lie in the browser's storage. The course came as a wheel, and reaches
them by links, so that its folder looks like that of a handout. Nothing here is used elsewhere.
"""

import contextlib
import shutil
import sys
import zipfile
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from ..checks.runner import SECONDS
from ..course import DESCRIPTION, NOTES, Course
from . import submit

HANDOUT = "coursekit_handout"
SITE_PACKAGES = "/lib/python3.12/site-packages"
WORK = "Your work"
BACKUPS = "backups"
ZIP = "submission.zip"
# What stands in the browser's storage for the folder `course/`.
STUB = '''"""In a browser this stands for the folder course/, which came along with the page."""

from pathlib import Path

from coursekit.student.browser import link

__path__ = [str(link(Path(__file__).parent.parent) / "course")]
__file__ = f"{__path__[0]}/__init__.py"
exec(compile(Path(__file__).read_text(encoding="utf-8"), __file__, "exec"))
'''


def link(drive, room=None):
    """Return the course's folder, once it reaches the notebooks and the package on the drive.

    drive: the folder that both lie in. room: the course's folder, beside the engine by default.
    """
    room = Path(room) if room else Path(__file__).parents[2] / HANDOUT
    course = Course.read(room)
    # Kernels share nothing but the drive, and what checks came to is for all of them.
    with contextlib.suppress(OSError):
        (Path(drive) / NOTES).mkdir(exist_ok=True)
    for place in (
        NOTES,
        course.package,
        "notebooks",
        *course.settings.get("site", {}).get("links", ()),
    ):
        if not (room / place).is_symlink():
            (room / place).symlink_to(Path(drive) / place, target_is_directory=True)
    if str(drive) not in sys.path:  # a notebook outside of notebooks/ may not have done it
        sys.path.insert(0, str(drive))
    return room


def download(drive="/drive"):
    """Write what `coursekit submit` writes onto the drive, and show a link to it."""
    course = _course()
    target = Path(drive) / ZIP
    # No seconds of its own: checks run in this process here, which nothing can interrupt.
    if submit.run(Namespace(out=str(target), name=None, seconds=SECONDS), course):
        return None
    import base64

    from IPython.display import HTML

    content = base64.b64encode(target.read_bytes()).decode("ascii")
    address = f"data:application/zip;base64,{content}"
    return HTML(f'<a download="{ZIP}" href="{address}">Download {ZIP}</a>')


def doctor():
    """Print what `coursekit doctor` finds: what this browser is, and what is wrong with files."""
    from . import doctor as looking

    looking.run(Namespace(), _course())


def upload(path=ZIP, drive="/drive"):
    """Put the files of a submission in the place of those on the drive, which are kept in backups.

    Raises ValueError, with every file as it was, for a zip that is no submission of this course.
    """
    course = _course()
    files = read_submission(Path(drive) / path, course)
    kept = Path(drive) / BACKUPS / datetime.now().strftime("%Y-%m-%d-%H%M%S")
    for name in files:
        if (Path(drive) / name).is_file():
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(drive) / name, kept / name)
    for name, content in files.items():
        _write(Path(drive) / name, content)
    print(f"{len(files)} files are in place; those before them are in {kept.relative_to(drive)}.")
    print("Open the notebooks again, and restart their kernels.")


def read_submission(path, course):
    """Return the files of a submission that a student may have written, {name: bytes}.

    Raises ValueError for anything that is no submission of the course.
    """
    files = course.editable_files()
    known = {
        *files,
        *(f"notebooks/{name}.ipynb" for name in course.notebooks),
        *course.settings.get("submit", {}).get("files", ()),
    }
    try:
        with zipfile.ZipFile(path) as archive:
            names = [member.filename for member in archive.infolist()]
            found = {name: archive.read(name) for name in names if name in known}
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read as a zip: {error}") from None
    if not any(name in files for name in found):
        raise ValueError(
            f"{path} holds {', '.join(names[:3]) or 'no file'}, expected a submission with "
            f"{' or '.join(files[:2])} in it"
        )
    return found


def _write(path, content):
    """Write a file of the drive.

    JupyterLite (0.6) never answers where a notebook is emptied, since nothing is no JSON. So one
    that is there is written over, and blanks stand at its end where the new one is shorter.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".ipynb" or not path.is_file():
        path.write_bytes(content)
        return
    with path.open("r+b") as file:
        file.write(content.ljust(path.stat().st_size))


def _course():
    room = Path(sys.modules["course"].__file__).parent.parent
    if not (room / DESCRIPTION).is_file():
        raise ValueError(f"{room} holds no course: run `import course` first")
    return Course.read(room)
