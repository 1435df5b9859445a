"""Blocks of a batch, shared out among threads.

The fast layers work through a batch in blocks of images, each small enough to stay in the cache of
one core from the first copy to the last product. No block needs another, so threads can share them
out, with BLAS at one thread in each. Threads inside BLAS would help with the products alone, and
those take less than half of the time.

There are as many threads as BLAS may use at that moment, so what limits BLAS limits these too:
OMP_NUM_THREADS or OPENBLAS_NUM_THREADS, set before numpy is imported, and at any time
`threadpoolctl.threadpool_limits`. Where BLAS is not OpenBLAS and cannot be asked, blocks run one
after another, and BLAS uses threads as it likes.

Training is the exception: `spared_blas` keeps BLAS at one thread there, and these layers go on with
as many as it had.
"""

import contextlib
import contextvars
import ctypes
import itertools
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

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
    with ThreadPoolExecutor(threads - 1) as pool, _blas_at_one_thread():
        # numpy keeps np.errstate in the context, which a new thread would not have.
        others = [pool.submit(contextvars.copy_context().run, work, share) for share in shares[1:]]
        try:
            first = work(shares[0])
        finally:
            wait(others)
        return [first, *(other.result() for other in others)]


def thread_count():
    """Return how many threads BLAS may use now, or 1 if it cannot be asked."""
    if not _get_blas_threads:
        return 1
    return _spared or _get_blas_threads()


@contextlib.contextmanager
def spared_blas():
    """Keep BLAS at one thread, and leave those that it had to the fast layers.

    A training step of a small net is a hundred short products. OpenBLAS's threads wait for each
    other after every one of them, and wait without giving up their core: with another program on
    the machine, a step takes ten times as long on two threads as on one.
    """
    global _spared
    if _spared or not _get_blas_threads:
        yield
        return
    _spared = _get_blas_threads()
    try:
        with _blas_at_one_thread():
            yield
    finally:
        _spared = None


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


@contextlib.contextmanager
def _blas_at_one_thread():
    threads = _get_blas_threads()
    _set_blas_threads(1)
    try:
        yield
    finally:
        _set_blas_threads(threads)


def _find_openblas():
    """Return OpenBLAS's functions that get and set its number of threads, or (None, None).

    numpy has no such function of its own, and needs none of OpenBLAS's names in Python; but the
    library that numpy loaded can be asked for them. Wheels of numpy put a prefix and a suffix on
    them, other distributions do not.
    """
    numpy_and_what_it_loaded = ctypes.CDLL(np.linalg._umath_linalg.__file__)
    for prefix in ("scipy_", ""):
        for suffix in ("64_", ""):
            with contextlib.suppress(AttributeError):
                return tuple(
                    getattr(
                        numpy_and_what_it_loaded, f"{prefix}openblas_{verb}_num_threads{suffix}"
                    )
                    for verb in ("get", "set")
                )
    return None, None


_get_blas_threads, _set_blas_threads = _find_openblas()
_spared = None  # how many threads BLAS had, while it is spared
