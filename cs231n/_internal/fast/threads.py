"""Blocks of a batch, shared out among threads.

The fast layers work through a batch in blocks of images, each small enough to stay in the cache of
one core from the first copy to the last product. No block needs another, so threads can share them
out, with BLAS at one thread in each. Threads inside BLAS would help with the products alone, and
those take less than half of the time.

There are as many threads as BLAS may use at that moment, so what limits BLAS limits these too:
OMP_NUM_THREADS or OPENBLAS_NUM_THREADS, set before numpy is imported, and at any time
`threadpoolctl.threadpool_limits`. Where threadpoolctl knows no BLAS of numpy's, as with Apple's
Accelerate, blocks run one after another, and BLAS uses threads as it likes.

Training is the exception: `spared_blas` keeps BLAS at one thread there, and these layers continue
with as many as it had.
"""

import contextlib
import contextvars
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np  # noqa: F401, which loads the BLAS that is looked for here
from threadpoolctl import ThreadpoolController

CACHE = 2**20  # bytes; the second-level cache of a core holds 0.5 to 2 MiB


def share_out(work, count, bytes_each):
    """Work through a batch in blocks, on as many threads as there are.

    Inputs:
    - work: function of a list of slices, neighbouring blocks of the batch. Each thread calls it
      once; it makes its buffers for the first block, which is as long as any, and goes through the
      list.
    - count: images in the batch
    - bytes_each: what one image takes up in the cache while it is worked on

    Returns a list of what the calls returned, in the order of the batch. It is empty if count is 0.
    """
    threads = thread_count()
    blocks = _cut(count, bytes_each, threads)
    threads = min(threads, len(blocks))
    if threads <= 1:
        return [work(blocks)] if blocks else []
    shares = [blocks[start:stop] for start, stop in _spans(len(blocks), threads)]
    # A pool for each call costs a tenth of a millisecond, and leaves no threads behind that a fork
    # or a second copy of this package would have to know of.
    with ThreadPoolExecutor(threads - 1) as pool:
        # numpy keeps np.errstate in the context, which a new thread would not have.
        others = [
            pool.submit(contextvars.copy_context().run, _work_alone, work, share)
            for share in shares[1:]
        ]
        try:
            first = _work_alone(work, shares[0])
        finally:
            wait(others)
        return [first, *(other.result() for other in others)]


def thread_count():
    """Return how many threads BLAS may use now, or 1 if it cannot be asked.

    While it is limited here, that is how many it could use before.
    """
    return min((library.thread_count() for library in _libraries), default=1)


@contextlib.contextmanager
def spared_blas():
    """Keep BLAS at one thread, and leave those that it had to the fast layers.

    A training step of a small net is a hundred short products. OpenBLAS's threads wait for each
    other after every one of them, and wait without giving up their core: with another program on
    the machine, a step takes ten times as long on two threads as on one.
    """
    with contextlib.ExitStack() as limits:
        for library in _libraries:
            limits.enter_context(library.limited())
        yield


def _work_alone(work, share):
    with spared_blas():
        return work(share)


def _cut(count, bytes_each, threads):
    """Cut a batch into slices that fit the cache, as many for one thread as for another.

    A batch that fits as a whole is left whole: there is nothing to gain from sharing it.
    """
    number = round(count * bytes_each / CACHE)
    if number > 1:
        number = -(-number // threads) * threads
    number = min(max(number, 1), count)
    return [slice(start, stop) for start, stop in _spans(count, number)]


def _spans(length, number):
    """Cut range(length) into (start, stop) pairs that differ by one at most, longer ones first."""
    if number == 0:
        return []
    each, over = divmod(length, number)
    edges = [k * each + min(k, over) for k in range(number + 1)]
    return list(itertools.pairwise(edges))


class _Limit:
    """How often a library is limited at the moment, and how many threads it had before."""

    depth = 0
    threads_before = None


class _LimitOfOneThread(threading.local, _Limit):
    """The same, kept apart for each thread of Python."""


class _Library:
    """A BLAS library that the process has loaded, by its controller in threadpoolctl.

    Several threads of Python may limit it at once. The first one in notes how many threads the
    library had, and the last one out gives them back. If each did so by itself, one that came
    second would note a single thread, and leave it at that.
    """

    def __init__(self, controller):
        self._controller = controller
        # A limit of OpenMP's holds for one thread of Python, any other for the whole process.
        with_openmp = getattr(controller, "threading_layer", None) == "openmp"
        of_one_thread = with_openmp and controller.internal_api == "openblas"
        self._limit = _LimitOfOneThread() if of_one_thread else _Limit()
        self._lock = threading.Lock()

    def thread_count(self):
        """Return how many threads the library has, or had before it was limited here."""
        return self._limit.threads_before or self._controller.num_threads

    @contextlib.contextmanager
    def limited(self):
        """Keep the library at one thread."""
        limit, entered = self._limit, False
        # Ctrl-C may come between any two lines: what was begun is undone from the first one on.
        try:
            with self._lock:
                limit.depth += 1
                entered = True
                if limit.threads_before is None:
                    limit.threads_before = self._controller.num_threads
                    self._set_thread_count(1)
            yield
        finally:
            if entered:
                with self._lock:
                    limit.depth -= 1
                    if limit.depth == 0 and limit.threads_before is not None:
                        self._set_thread_count(limit.threads_before)
                        limit.threads_before = None

    def _set_thread_count(self, count):
        # From 3.8 on, threadpoolctl listens only to the thread of Python that set a limit first,
        # until it says it is done. Here the last one out is often not the first one in.
        let_others = getattr(self._controller, "clear_controlling_thread", lambda force: None)
        let_others(force=True)
        self._controller.set_num_threads(count)
        let_others(force=True)


# Built once, since looking through all that a process has loaded takes a millisecond.
_libraries = [
    _Library(controller)
    for controller in ThreadpoolController().select(user_api="blas").lib_controllers
    if controller.num_threads  # None where the library has no function that tells
]
