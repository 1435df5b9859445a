"""Time several ways to do the same work side by side, and say how they compare."""

import gc
import itertools
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """The median over rounds of one side's time as a multiple of another's, and the quartiles."""

    median: float
    lower: float
    upper: float


def time_side_by_side(sides, seconds, rounds=(3, 400), clock=time.perf_counter):
    """Run the sides in turns, and return the list of seconds that each took, a number a round.

    Inputs:
    - sides: dictionary of functions without arguments
    - seconds: how long to go on, within the least and the most number of `rounds`
    - clock: time.perf_counter, or time.process_time, which leaves out what other programs take but
      adds up what all threads take

    A round runs every side once. What else the machine does meanwhile slows all of them, and the
    order goes round, so that no side always finds the cache as one other leaves it.
    """
    for work in sides.values():  # first calls fetch code and memory
        work()
        work()
    taken = {side: [] for side in sides}
    orders = itertools.cycle(list(itertools.permutations(sides)))
    collecting = gc.isenabled()
    gc.disable()
    try:
        end = time.perf_counter() + seconds
        least, most = rounds
        while len(taken[next(iter(sides))]) < least or (
            time.perf_counter() < end and len(taken[next(iter(sides))]) < most
        ):
            for side in next(orders):
                start = clock()
                sides[side]()
                taken[side].append(clock() - start)
    finally:
        if collecting:
            gc.enable()
    return taken


def ratio(ours, other):
    """Compare two lists of seconds, round by round."""
    ratios = [mine / theirs for mine, theirs in zip(ours, other, strict=True)]
    if len(ratios) < 2:
        return Ratio(ratios[0], ratios[0], ratios[0])
    lower, median, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, lower, upper)
