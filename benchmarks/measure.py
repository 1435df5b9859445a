"""Measure the cases of one group, in a process whose number of threads the environment set.

python -m benchmarks.measure GROUP SECONDS     # prints a line of JSON for each case
"""

import json
import statistics
import sys
import time

import numpy as np
import torch

from cs231n._internal.fast.threads import thread_count

from .cases import all_cases
from .timing import ratio, time_side_by_side


def measure(case, seconds):
    """Return a case's result: what ours takes, and its ratios to the other sides."""
    sides = case.sides(np.random.default_rng(231))
    threads = torch.get_num_threads()
    clock = time.process_time if threads == 1 else time.perf_counter
    taken = time_side_by_side(sides, seconds, clock=clock)
    compared = {side: ratio(taken["ours"], taken[side]) for side in taken if side != "ours"}
    return {
        "group": case.group,
        "name": case.name,
        "dtype": case.dtype,
        "threads": threads,
        "ours": statistics.median(taken["ours"]) * 1000,
        "ratios": {side: [r.median, r.lower, r.upper] for side, r in compared.items()},
        "rounds": len(taken["ours"]),
    }


def main():
    group, seconds = sys.argv[1], float(sys.argv[2])
    assert thread_count() in (1, torch.get_num_threads()), "BLAS and PyTorch differ in threads"
    for case in all_cases():
        if case.group == group:
            print(json.dumps(measure(case, seconds)), flush=True)


if __name__ == "__main__":
    main()
