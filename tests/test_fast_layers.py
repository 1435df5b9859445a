"""The fast layers against the naive ones, over shapes that reach every way they compute in.

`test_layers` holds both kinds against autograd at small shapes. Here are enough channels for
Winograd's way, batches large enough to be cut into blocks, threads, and awkward memory.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cs231n import fast_layers, layer_utils, layers
from cs231n._internal.fast import columns, runs, threads, winograd

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)
TOLERANCE = {np.float64: 1e-10, np.float32: 1e-4}
DTYPES = st.sampled_from([np.float64, np.float32])
SEEDS = st.integers(0, 2**32 - 1)


def with_gaps(array):
    """The same values in memory that has gaps and runs backwards along the last axis."""
    wide = np.empty((*array.shape[:-1], 2 * array.shape[-1]), dtype=array.dtype)
    view = wide[..., ::-2]
    view[...] = array
    return view


def channels_last(array):
    """The same values with the channels of a pixel side by side in memory."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


ARRANGED = st.sampled_from([np.ascontiguousarray, np.asfortranarray, with_gaps, channels_last])


def assert_close(name, got, expected):
    """Assert agreement to the tolerance of the dtype, relative to the largest value expected."""
    assert got.shape == expected.shape, name
    assert got.dtype == expected.dtype, name
    tolerance = TOLERANCE[expected.dtype.type] * max(1, np.abs(expected).max(initial=0))
    assert np.abs(got - expected).max(initial=0) <= tolerance, name


@contextlib.contextmanager
def blocks_on_threads(count, cache=2**12):
    """Cut batches into many small blocks, as large batches are, on several threads."""
    kept = threads.CACHE, threads.thread_count
    threads.CACHE, threads.thread_count = cache, lambda: count
    try:
        yield
    finally:
        threads.CACHE, threads.thread_count = kept


def compare(naive, fast, arguments, arrange_dout, rng, workers):
    """Hold a fast layer against a naive one, with all that callers may do to what they have."""
    expected, naive_cache = naive[0](*arguments)
    dout = rng.standard_normal(expected.shape).astype(expected.dtype)
    wanted = naive[1](dout, naive_cache)
    dout = arrange_dout(dout)
    kept = [np.array(a) for a in (*arguments, dout) if isinstance(a, np.ndarray)]
    with blocks_on_threads(workers):
        out, cache = fast[0](*arguments)
        assert_close("out", out, expected)
        out[...] = np.nan  # the caller's to do with as he likes
        for _ in range(2):
            gradients = fast[1](dout, cache)
            gradients = gradients if isinstance(gradients, tuple) else (gradients,)
            wanted = wanted if isinstance(wanted, tuple) else (wanted,)
            for name, got, want in zip(("dx", "dw", "db"), gradients, wanted, strict=False):
                assert_close(name, got, want)
                got[...] = np.nan
    given = [a for a in (*arguments, dout) if isinstance(a, np.ndarray)]
    assert all(np.array_equal(a, before) for a, before in zip(given, kept, strict=True))


CONV = (layers.conv_forward_naive, layers.conv_backward_naive)
FAST_CONV = (fast_layers.conv_forward_fast, fast_layers.conv_backward_fast)
POOL = (layers.max_pool_forward_naive, layers.max_pool_backward_naive)
FAST_POOL = (fast_layers.max_pool_forward_fast, fast_layers.max_pool_backward_fast)


WAYS = {  # channels, filters, their height and width, stride, pad
    columns: ([1, 3, 9], [1, 4, 17], st.integers(1, 4), st.integers(1, 3), st.integers(0, 6)),
    runs: ([1, 3, 9], [1, 4, 17], st.integers(2, 7), st.just(1), st.integers(0, 1)),
    winograd: ([16, 17], [16, 18], st.integers(2, 5), st.just(1), st.integers(0, 1)),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@SETTINGS
@given(data=st.data())
def test_convolution(way, data):
    C, F = (data.draw(st.sampled_from(counts)) for counts in WAYS[way][:2])
    HH, WW, stride, pad = (data.draw(WAYS[way][k]) for k in (2, 2, 3, 4))
    smallest = [max(1, window - 2 * pad) for window in (HH, WW)]
    H, W = (data.draw(st.integers(size, size + 9)) for size in smallest)
    N, dtype, workers = data.draw(st.tuples(st.integers(0, 7), DTYPES, st.sampled_from([1, 3])))
    chosen = fast_layers._way_of_convolution((F, C, HH, WW), stride, pad, np.dtype(dtype))
    assume(chosen is way)

    rng = np.random.default_rng(data.draw(SEEDS))
    x = data.draw(ARRANGED)(rng.standard_normal((N, C, H, W)).astype(dtype))
    w, b = (rng.standard_normal(shape).astype(dtype) for shape in ((F, C, HH, WW), (F,)))
    arguments = (x, w, b, {"stride": stride, "pad": pad})
    compare(CONV, FAST_CONV, arguments, data.draw(ARRANGED), rng, workers)


@SETTINGS
@given(
    N=st.integers(0, 7),
    C=st.sampled_from([1, 3, 17]),
    image=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    window=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 4),
    arrange=st.tuples(ARRANGED, ARRANGED),
    values=st.sampled_from([1, 1000]),
    dtype=DTYPES,
    workers=st.sampled_from([1, 3]),
    seed=SEEDS,
)
def test_max_pool(N, C, image, window, stride, arrange, values, dtype, workers, seed):
    assume(all(inner <= outer for inner, outer in zip(window, image, strict=True)))
    rng = np.random.default_rng(seed)
    # Of few values, many tie for a maximum.
    x = arrange[0](rng.integers(-values, values, (N, C, *image)).astype(dtype))
    pool_param = {"pool_height": window[0], "pool_width": window[1], "stride": stride}
    compare(POOL, FAST_POOL, (x, pool_param), arrange[1], rng, workers)


@pytest.mark.parametrize(
    ("way", "filters", "stride", "pad"),
    [
        (columns, (25, 3, 3, 3), 2, 1),
        (columns, (32, 64, 1, 1), 1, 0),
        (columns, (4, 3, 3, 3), 1, 3),
        (runs, (32, 3, 7, 7), 1, 3),
        (runs, (18, 17, 3, 6), 1, 2),
        (winograd, (64, 32, 3, 3), 1, 1),
        (winograd, (16, 16, 2, 5), 1, 0),
    ],
)
def test_every_way_is_taken(way, filters, stride, pad):
    assert fast_layers._way_of_convolution(filters, stride, pad, np.dtype(np.float32)) is way


@pytest.mark.parametrize("filters", [(18, 17, 3, 3), (5, 3, 4, 4), (5, 3, 1, 1), (17, 17, 6, 2)])
def test_no_gradient_of_the_input_where_nobody_needs_it(filters):
    rng = np.random.default_rng(231)
    x, w = rng.standard_normal((4, filters[1], 9, 8)), rng.standard_normal(filters)
    b = rng.standard_normal(len(w))
    out, cache = fast_layers.conv_forward_fast(x, w, b, {"stride": 1, "pad": 0})
    dx, dw, db = fast_layers.conv_backward_fast(out, cache, need_dx=False)
    _, wanted_dw, wanted_db = fast_layers.conv_backward_fast(out, cache)
    assert dx is None
    assert_close("dw", dw, wanted_dw)
    assert_close("db", db, wanted_db)


@pytest.mark.parametrize("wrong", ["x", "w", "b"])
def test_comparison_can_fail(wrong):
    rng = np.random.default_rng(231)
    arguments = {"x": (3, 2, 5, 5), "w": (4, 2, 3, 3), "b": (4,)}
    arguments = {name: rng.standard_normal(shape) for name, shape in arguments.items()}

    def forward(x, w, b, conv_param):
        changed = {"x": x, "w": w, "b": b} | {wrong: arguments[wrong] * (1 + 1e-8)}
        return fast_layers.conv_forward_fast(*changed.values(), conv_param)

    settings = ({"stride": 1, "pad": 1},)
    fast = (forward, fast_layers.conv_backward_fast)
    with pytest.raises(AssertionError, match="out"):
        compare(CONV, fast, (*arguments.values(), *settings), np.asarray, rng, workers=1)


def test_blocks_are_shared_out_among_threads_and_come_back_in_order():
    here, seen = threading.get_ident(), []

    def work(blocks):
        seen.append(threading.get_ident())
        return [(block.start, block.stop) for block in blocks]

    with blocks_on_threads(3, cache=100):
        spans = [span for share in threads.share_out(work, 10, 50) for span in share]
    assert spans[0][0] == 0
    assert spans[-1][1] == 10
    assert all(one[1] == other[0] for one, other in itertools.pairwise(spans))
    assert len(seen) == 3
    assert here in seen


def test_an_error_in_a_thread_reaches_the_caller():
    def work(blocks):
        if blocks[0].start:
            raise FloatingPointError("in the second share")

    before = threads.thread_count()
    with blocks_on_threads(2, cache=100), pytest.raises(FloatingPointError, match="second share"):
        threads.share_out(work, 10, 50)
    assert threads.thread_count() == before


def test_threads_inherit_how_numpy_treats_errors():
    x = np.full((8, 1, 4, 4), 1e30, dtype=np.float32)
    w, b = np.full((1, 1, 2, 2), 1e30, dtype=np.float32), np.zeros(1, dtype=np.float32)
    with blocks_on_threads(2, cache=100), np.errstate(over="raise", invalid="raise"):
        with pytest.raises(FloatingPointError):
            np.float32(1e30) * np.float32(1e30)
        states = threads.share_out(lambda _: np.geterr()["over"], 8, 100)
    assert states == ["raise", "raise"]
    with np.errstate(over="ignore", invalid="ignore"):
        out, _ = fast_layers.conv_forward_fast(x, w, b, {"stride": 1, "pad": 0})
    assert np.isinf(out).all()


COUNT = "from cs231n._internal.fast import threads; print(threads.thread_count())"


def threads_of_a_new_process(code=COUNT, **environment):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-c", code]
    output = subprocess.run(
        command, env=kept | environment, check=True, capture_output=True, text=True
    )
    return int(output.stdout)


needs_openblas = pytest.mark.skipif(
    not threads._libraries or threads._libraries[0]._controller.internal_api != "openblas",
    reason="numpy's BLAS is not OpenBLAS",
)


@needs_openblas
@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
def test_the_environment_limits_threads(name):
    assert threads_of_a_new_process(**{name: "1"}) == 1


@needs_openblas
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is one core")
def test_threads_are_as_many_as_cores_if_nothing_limits_them():
    assert 2 <= threads_of_a_new_process() <= os.cpu_count()


@needs_openblas
def test_limits_on_blas_hold_for_the_fast_layers():
    code = "import threadpoolctl\nfrom cs231n._internal.fast import threads\n"
    code += "with threadpoolctl.threadpool_limits({limit}): print(threads.thread_count())"
    for limit in (1, 2):
        assert threads_of_a_new_process(code.format(limit=limit), OMP_NUM_THREADS="1") == limit


@needs_openblas
def test_a_limit_around_a_training_is_taken_off_afterwards():
    """It is what threadpoolctl's own context does, and it has to be let do so."""
    code = """
from concurrent.futures import ThreadPoolExecutor
from threadpoolctl import threadpool_limits
from cs231n._internal.fast import threads

def train():
    with threads.spared_blas():
        pass

threadpool_limits(3)
with threadpool_limits(2), ThreadPoolExecutor(1) as pool:
    train()
    pool.submit(train).result()
    assert threads.thread_count() == 2
print(threads.thread_count())
"""
    assert threads_of_a_new_process(code, OMP_NUM_THREADS="4") == 3


@needs_openblas
def test_blas_has_its_threads_back_afterwards():
    before = threads.thread_count()
    inside = []

    def work(blocks):
        inside.append(threads._libraries[0]._controller.num_threads)

    with blocks_on_threads(2, cache=100):
        threads.share_out(work, 10, 50)
    assert inside == [1, 1]
    assert threads.thread_count() == before


@pytest.mark.parametrize("name", ["conv_relu", "conv_bn_relu", "conv_relu_pool"])
def test_sandwiches_hand_on_that_nobody_needs_the_gradient_of_the_input(name):
    rng = np.random.default_rng(231)
    x, w, b = rng.standard_normal((2, 3, 6, 6)), rng.standard_normal((4, 3, 3, 3)), np.zeros(4)
    arguments = [x, w, b, {"stride": 1, "pad": 1}]
    if name == "conv_bn_relu":
        arguments[3:3] = [np.ones(4), np.zeros(4)]
        arguments.append({"mode": "train"})
    if name == "conv_relu_pool":
        arguments.append({"pool_height": 2, "pool_width": 2, "stride": 2})
    out, cache = getattr(layer_utils, f"{name}_forward")(*arguments)
    backward = getattr(layer_utils, f"{name}_backward")
    dx, *others = backward(out, cache, need_dx=False)
    assert dx is None
    for got, wanted in zip(others, backward(out, cache)[1:], strict=True):
        assert np.array_equal(got, wanted)
