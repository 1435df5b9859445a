"""Measure what is no ratio to PyTorch: loading CIFAR-10, and what a convolution keeps for backward.

python -m benchmarks.memory ours      # load once, and print seconds and the peak of memory
python -m benchmarks.memory plain
"""

import contextlib
import io
import json
import statistics
import subprocess
import sys
import time

import numpy as np

from cs231n import fast_layers
from cs231n._internal.cifar10.batches import batches_folder
from cs231n.data_utils import data_source, get_CIFAR10_data

from . import plain
from .timing import ratio


def loading(repeats):
    """Load all of CIFAR-10 in a process of its own, by turns. Returns results for the table."""
    if data_source() != "CIFAR-10":
        print("loading: CIFAR-10 is not here, so this is not measured", file=sys.stderr)
        return []
    runs = {"ours": [], "plain": []}
    for _ in range(repeats):
        for side, measured in runs.items():
            command = [sys.executable, "-m", "benchmarks.memory", side]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            measured.append(json.loads(output))
    return [
        _result("loading", "time, in s", "plain", *_column(runs, "seconds"), unit=1),
        _result("loading", "peak memory, in MiB", "plain", *_column(runs, "peak"), unit=2**20),
    ]


def _column(runs, key):
    return [[run[key] for run in runs[side]] for side in ("ours", "plain")]


def caches(convolutions):
    """Compare the arrays in a convolution's cache with its padded input and its output."""
    results = []
    for letter, (x_shape, w_shape, stride, pad) in convolutions.items():
        x, w = np.zeros(x_shape, np.float32), np.zeros(w_shape, np.float32)
        arguments = (x, w, np.zeros(len(w), np.float32), {"stride": stride, "pad": pad})
        out, cache = fast_layers.conv_forward_fast(*arguments)
        _, plain_cache = plain.conv_forward(*arguments)
        N, C, H, W = x_shape
        allowed = N * C * (H + 2 * pad) * (W + 2 * pad) * x.itemsize + out.nbytes
        result = _result(
            "cache of a convolution", f"{letter}, in MiB", "padded input and output",
            [_bytes_of(cache)], [allowed], unit=2**20,
        )  # fmt: skip
        result["ratios"]["plain"] = [_bytes_of(cache) / _bytes_of(plain_cache)] * 3
        results.append(result)
    return results


def _bytes_of(cache):
    """Return the memory of all arrays in a cache, each counted once, views as what they keep."""
    kept = {}
    for value in cache:
        if isinstance(value, np.ndarray):
            whole = value if value.base is None else value.base
            kept[id(whole)] = whole.nbytes
    return sum(kept.values())


def _result(group, name, other, ours, others, unit):
    compared = ratio(ours, others)
    return {
        "group": group,
        "name": name,
        "dtype": "float32",
        "threads": 1,
        "ours": statistics.median(ours) / unit,
        "ratios": {other: [compared.median, compared.lower, compared.upper]},
    }


def _load_once(side):
    try:
        import resource
    except ModuleNotFoundError:
        sys.exit("the peak of memory can only be measured on Linux and macOS")
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        data = get_CIFAR10_data() if side == "ours" else plain.load_cifar10(batches_folder())
    seconds = time.process_time() - start
    assert len(data["X_train"]) == 49000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024  # Linux counts in KiB
    print(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    _load_once(sys.argv[1])
