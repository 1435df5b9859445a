"""Imports without what they could do without."""

import contextlib
import sys


@contextlib.contextmanager
def left_out(*names):
    """Let modules appear not to be installed, for what is imported meanwhile and may go without.

    Those that are imported already stay as they are.
    """
    names = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(names))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
