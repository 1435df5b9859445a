"""A fault injector: the n-th change to the disk fails, is interrupted, or is the last one.

`faulty(n, fault)` is a context in which whatever writes, renames, removes or makes something on the
disk is counted, and the n-th time a fault comes instead. `every(kind, run)` goes through all n.
"""

import builtins
import contextlib
import errno
import os
import shutil
import tempfile
from unittest import mock

KILLED = 9
KINDS = ("ENOSPC", "EACCES", "Ctrl-C", "kill")
# (where it is found, its name). Pathlib and shutil call those of `os`.
_COUNTED = (
    (os, "replace"),
    (os, "rename"),
    (os, "unlink"),
    (os, "mkdir"),
    (os, "fsync"),
    (os, "link"),
    (os, "symlink"),
    (shutil, "copyfile"),
    (tempfile, "mkstemp"),
)


class Counter:
    """How many changes were begun, and whether the fault has come."""

    def __init__(self, at, kind):
        self.at, self.kind, self.count, self.happened = at, kind, 0, False

    def step(self, name):
        self.count += 1
        if self.count - 1 == self.at:
            self.happened = True
            if self.kind == "Ctrl-C":
                raise KeyboardInterrupt
            if self.kind == "kill":
                os._exit(KILLED)
            number = getattr(errno, self.kind)
            raise OSError(number, os.strerror(number), name)


@contextlib.contextmanager
def faulty(at, kind):
    """Have the change number `at`, from 0, meet a fault of a kind. Yields the Counter."""
    counter = Counter(at, kind)
    with contextlib.ExitStack() as stack:
        for owner, name in _COUNTED:
            stack.enter_context(mock.patch.object(owner, name, _counted(counter, owner, name)))
        opened = _opened(counter, builtins.open)
        stack.enter_context(mock.patch.object(builtins, "open", opened))
        stack.enter_context(mock.patch("io.open", opened))
        yield counter


def _counted(counter, owner, name):
    own = getattr(owner, name)

    def call(*args, **kwargs):
        counter.step(name)
        return own(*args, **kwargs)

    return call


def _opened(counter, own):
    def opened(file, mode="r", *args, **kwargs):
        if set(mode) & set("wxa+") and file != os.devnull:
            counter.step("open")
        return own(file, mode, *args, **kwargs)

    return opened


def every(kind, prepare, run, look, most=500):
    """Run something anew with a fault at each of its changes to the disk. Returns how many.

    prepare: makes the place anew, and returns it. run: works in it. look: called with the place and
    what `run` raised, None where it raised nothing, and "killed" for a process that is gone.
    """
    for at in range(most):
        place = prepare()
        if kind == "kill":
            happened, raised = _in_a_child(at, run, place)
        else:
            raised = None
            with faulty(at, kind) as counter:
                try:
                    run(place)
                except (Exception, KeyboardInterrupt) as error:
                    raised = error
            happened = counter.happened
        look(place, raised)
        if not happened:
            assert raised is None
            return at
    raise AssertionError(f"there are more than {most} changes")


def _in_a_child(at, run, place):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with faulty(at, "kill"):
                run(place)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED, "killed" if code == KILLED else None
