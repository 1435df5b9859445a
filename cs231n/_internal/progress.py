"""Progress bars of plain text where a person is looking, and elsewhere a line now and then."""

import io
import os
import shutil
import sys
import time

from tqdm import tqdm

__all__ = ["progress"]

# Seconds between two lines where no bar is drawn.
EVERY = 30


def progress(iterable=None, *, total=None, desc=None, unit="it", initial=0, enabled=True):
    """Make a tqdm bar that is drawn on standard output if a person sees it.

    Inputs:
    - iterable: what to loop over, or None for a bar that is moved with `update`
    - total: number of steps, where len(iterable) does not tell
    - desc: what is going on, shown before the bar
    - unit: what is counted; "B" for bytes is shown in kB and MB
    - initial: steps done already, as when a training is resumed
    - enabled: False keeps the bar silent

    No bar is drawn, its `disable` is true, if `enabled` is false, if the environment variable CI
    is set, and if standard output is neither a terminal nor that of a notebook. Where only the
    terminal is missing, a call of `update` prints a line every 30 s. A notebook stays silent then,
    since its output is compared with what was stored.
    """
    notebook = _is_notebook(sys.stdout)
    shown = enabled and not os.environ.get("CI") and (notebook or _is_terminal(sys.stdout))
    bar = _NotebookBar if notebook else _TerminalBar
    if enabled and not shown and not notebook and sys.stdout is not None:
        bar = _Lines
    return bar(
        iterable,
        total=total,
        desc=desc,
        unit=unit,
        unit_scale=unit == "B",
        initial=initial,
        disable=not shown,
    )


class _TerminalBar(tqdm):
    """A bar that overwrites its own line of a terminal."""

    monitor_interval = 0  # no thread that watches the bar: no step here is slow enough to need it

    def __init__(self, iterable, file=None, **settings):
        # miniters=1: look at the clock at every step, since steps differ in length.
        # nrows: left to itself, tqdm draws nothing on a terminal that does not know its size.
        super().__init__(iterable, file=file or sys.stdout, miniters=1, nrows=20, **settings)

    @property
    def format_dict(self):
        return {**super().format_dict, "ncols": self.columns()}

    def columns(self):
        return shutil.get_terminal_size().columns - 1  # a full line would wrap on some terminals


class _Lines(_TerminalBar):
    """What stands for a bar where there is no terminal: a line every 30 s."""

    def __init__(self, iterable, **settings):
        super().__init__(iterable, **settings)
        self._desc, self._length = settings["desc"], settings["total"]
        self._first = self._count = settings["initial"]
        self._started = self._told = time.monotonic()

    def update(self, n=1):
        self._count += n
        now = time.monotonic()
        if now - self._told < EVERY or not self._length or self._count >= self._length:
            return
        self._told = now
        spent = now - self._started
        left = spent * (self._length - self._count) / max(self._count - self._first, 1)
        print(
            f"{self._desc or 'Progress'}: {self._count / self._length:.0%} after {spent:.0f} s, "
            f"about {left:.0f} s to go",
            flush=True,
        )


class _NotebookBar(_TerminalBar):
    """A bar that is one output of its cell, which every change replaces.

    Written to the cell's stream, every state of the bar would stay in the stored notebook; drawn
    by a widget, none would, and a reopened notebook would show a broken cell.
    """

    def __init__(self, iterable, **settings):
        self._output = None
        super().__init__(iterable, file=io.StringIO(), ascii=False, **settings)

    def columns(self):
        return 96

    def display(self, msg=None, pos=None):
        from IPython.display import display

        bundle = {"text/plain": str(self) if msg is None else msg}
        if self._output is None:
            self._output = display(bundle, raw=True, display_id=True)
        else:
            self._output.update(bundle, raw=True)
        return True


def _is_terminal(stream):
    return stream is not None and stream.isatty()


def _is_notebook(stream):
    """Tell whether `stream` is what a notebook's kernel prints to, and not redirected by a cell."""
    iostream = sys.modules.get("ipykernel.iostream")
    return iostream is not None and isinstance(stream, iostream.OutStream)
