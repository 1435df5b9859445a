"""What in a submission a person should look at, since no machine can rule on it.

Values are judged outside a student's process, and cannot be forged. How a function behaves beside
them, whether it leaves its inputs alone and does its own work, is seen from inside that process, so
that code which wants to could hide it. Such code needs tools that no block needs. They are listed
here, and a file that uses one which the handout does not is named.
"""

import io
import tokenize

_MODULES = frozenset(
    """
    _ctypes _thread ast asyncio atexit cffi code codecs concurrent ctypes dis faulthandler fcntl gc
    importlib inspect io ipykernel IPython linecache marshal mmap multiprocessing numba opcode os
    pathlib pdb pickle pkgutil platform posix psutil pty resource runpy select shutil signal site
    socket subprocess sys sysconfig tempfile threading torch trace traceback types weakref zmq
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
# What naive layers are to be compared with, and not made of; and what checks are made of.
_OF_THE_PACKAGE = frozenset(
    """
    _internal checks expected expected_updates fast_layers im2col
    """.split()
)
_FAST = "fast"  # the folder in `_internal` that the ways of the fast layers are in
_MOST = 10


def doubts(sources, pristine):
    """Return sentences on what to look at.

    sources: {path in the package: bytes of the file}. pristine: the same of the handout.
    """
    found = []
    for path, source in sources.items():
        tools = list(_tools(source))
        known = {word for word, _ in _tools(pristine.get(path, b""))} if tools else ()
        lines = {}
        for word, line in tools:
            if word not in known:
                lines.setdefault(word, line)
        found += [
            f"cs231n/{path}, line {line}: uses {word}, which no block needs."
            for word, line in lines.items()
        ]
    if len(found) > _MOST:
        found[_MOST:] = [f"And {len(found) - _MOST} more of the kind."]
    return found


def _tools(source):
    """Yield (word, line) for each tool that a source names, as far as it can be read."""
    importing, words = False, ["", ""]
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            words.append(token.string)
            if token.type == tokenize.NAME:
                importing = importing or token.string in ("import", "from")
                part = words[-2] == "." and words[-3].isidentifier()  # as signal of scipy.signal
                module = importing and not part and token.string in _MODULES
                fast = token.string == _FAST and (importing or words[-2] == ".")
                if module or fast or token.string in _NAMES | _OF_THE_PACKAGE:
                    yield token.string, token.start[0]
            elif token.type == tokenize.NEWLINE or token.string == ";":
                importing = False
    except (tokenize.TokenError, SyntaxError, ValueError):
        return  # what cannot be read does not run either
