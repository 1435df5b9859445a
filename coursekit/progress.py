"""Progress where a person waits: a bar on a terminal, and elsewhere a line now and then."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol, Self

# Seconds between two lines where there is no terminal to draw a bar on.
EVERY = 30


class ProgressBar(Protocol):
    """What `progress_bar` returns, a bar or what stands for one."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: Any) -> Any: ...
    def update(self, count: int = 1, /) -> Any: ...


def progress_bar(*, total: int, desc: str, unit: str, enabled: bool = True) -> ProgressBar:
    """Return a progress bar, to be used in a `with` and moved by `update`.

    Parameters
    ----------
    total : int
        Number of steps.
    desc : str
        What is going on, shown before the bar.
    unit : str
        What is counted.
    enabled : bool
        False keeps it silent on a terminal.

    On a terminal it is a bar of tqdm, where that is installed. Otherwise, and where the environment
    variable CI is set, a line tells every 30 s how far it is.
    """
    if enabled and sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("CI"):
        try:
            from tqdm import tqdm
        except ImportError:
            pass
        else:
            # nrows: left to itself, tqdm draws nothing on a terminal that does not know its size.
            return tqdm(total=total, desc=desc, unit=unit, file=sys.stdout, miniters=1, nrows=20,
                        dynamic_ncols=True)  # fmt: skip
    return _Lines(total, desc, unit)


class _Lines:
    """What stands for a bar where there is no terminal."""

    def __init__(
        self, total: int, desc: str, unit: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._desc, self._unit, self._clock = total, desc, unit, clock
        self._count = 0
        self._started = self._told = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, count: int = 1) -> None:
        self._count += count
        now = self._clock()
        if now - self._told >= EVERY and self._count < self._total:
            self._told = now
            spent = now - self._started
            left = spent * (self._total - self._count) / max(self._count, 1)
            print(
                f"{self._desc}: {self._count} of {self._total} {self._unit}s after {spent:.0f} s, "
                f"about {left:.0f} s to go",
                flush=True,
            )
