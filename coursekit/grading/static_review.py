"""What in a submission a person should look at, since no machine can rule on it.

Values are judged outside a student's process, and cannot be forged. How a function behaves beside
them, whether it leaves its inputs alone and does its own work, is seen from inside that process, so
that code which wants to could hide it. Such code needs tools that no block needs. They are listed
here, and a file that uses one which the handout does not is named.
"""

import io
import tokenize

from .results import Reason, ReasonCode

_MODULES = frozenset(
    """
    _ctypes _thread ast asyncio atexit cffi code codecs concurrent course coursekit ctypes dis
    faulthandler fcntl gc importlib inspect io ipykernel IPython linecache marshal mmap
    multiprocessing numba opcode os pathlib pdb pickle pkgutil platform posix psutil pty resource
    runpy select shutil signal site socket subprocess sys sysconfig tempfile threading torch trace
    traceback types weakref zmq
    """.split()
)
_NAMES = frozenset(
    """
    __bases__ __builtins__ __class__ __closure__ __code__ __defaults__ __globals__ __import__
    __loader__ __mro__ __spec__ __subclasses__ __wrapped__ _getframe breakpoint compile eval exec
    f_back f_code f_globals f_locals fromfile globals load memmap open save settrace setprofile
    tb_frame tofile
    """.split()
)
_MOST = 10


def review(course, sources, pristine):
    """Return a Reason for each tool to look at, and one for all that are too many.

    Parameters
    ----------
    course : Course
        Its description names the modules that blocks are compared with, and not made of.
    sources : dict
        {path in the package: bytes of the file}.
    pristine : dict
        The same of the handout.
    """
    modules = frozenset(course.settings.get("grading", {}).get("static_review", ()))
    found = []
    for path, source in sources.items():
        tools = list(_tools(source, modules))
        known = {word for word, _ in _tools(pristine.get(path, b""), modules)} if tools else ()
        lines = {}
        for word, line in tools:
            if word not in known:
                lines.setdefault(word, line)
        name = f"{course.package}/{path}"
        found += [
            (f"{name}, line {line}: uses {word}, which no block needs.", name)
            for word, line in lines.items()
        ]
    if len(found) > _MOST:
        found[_MOST:] = [(f"And {len(found) - _MOST} more of the kind.", "")]
    return [Reason(ReasonCode.TOOL, sentence, about) for sentence, about in found]


def _tools(source, modules):
    """Yield (word, line) for each tool that a source names, as far as it can be read.

    The `modules` of the course count in an import and behind a dot: elsewhere, such a word is
    a name like any other.
    """
    importing, words = False, ["", ""]
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            words.append(token.string)
            if token.type == tokenize.NAME:
                importing = importing or token.string in ("import", "from")
                part = words[-2] == "." and words[-3].isidentifier()  # as signal of scipy.signal
                module = importing and not part and token.string in _MODULES
                own = (importing or words[-2] == ".") and token.string in modules
                if module or own or token.string in _NAMES:
                    yield token.string, token.start[0]
            elif token.type == tokenize.NEWLINE or token.string == ";":
                importing = False
    except (tokenize.TokenError, SyntaxError, ValueError):
        return  # what cannot be read does not run either
