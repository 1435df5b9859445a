"""What the notebooks claim of their experiments, and what one section keeps for another.

A claim is a sentence about numbers that come out of a training. Where the notebooks are built, a
claim that does not hold stops the build. In a handout it is printed with what was expected, and
nothing stops: there a right network may draw other random numbers, and come out otherwise.
"""

from pathlib import Path

import numpy as np

from .lab import PACE

__all__ = ["claim", "keep", "kept"]

# Only where the course is written does it hold its known mistakes; no handout has them.
STRICT = (Path(__file__).parent / "mistakes").is_dir()
# Beside the notebooks, which run in their own folder.
FOLDER = Path("checkpoints")


def claim(what, measured, *, at_least=-np.inf, at_most=np.inf, places=2):
    """Print a number that an experiment has given, under the limits that it is expected to keep.

    Inputs:
    - what: what the number is, as in "training accuracy gained"
    - measured: the number
    - at_least, at_most: the limits, of which one or both are given
    - places: decimals that are printed

    In a browser the number is printed alone: runs are too short there to expect one of them.

    Raises AssertionError for a number outside the limits, where the notebooks are written; in a
    handout that is printed.
    """
    if PACE == "browser":
        print(f"{what}: {measured:.{places}f}, of a run too short to expect a number")
        return
    limits = [
        f"{name} {limit:.{places}f}"
        for name, limit in (("at least", at_least), ("at most", at_most))
        if np.isfinite(limit)
    ]
    said = f"{what}: {measured:.{places}f}, expected {' and '.join(limits)}"
    holds = at_least <= measured <= at_most
    if STRICT:
        assert holds, said
    print(said)
    if not holds:
        print(
            "  That is not as expected. If all checks above have passed, it may be chance: "
            "run the experiment with another seed."
        )


def keep(name, **arrays):
    """Keep arrays in a file, for a section that is run after a restart without this one.

    Inputs:
    - name: of what is kept, as in "filters"; each pace has a file of its own
    - arrays: ndarrays or numbers
    """
    path = _path(name)
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f"unfinished-{path.name}")
    np.savez(aside, **arrays)
    aside.replace(path)


def kept(name, *, section):
    """Return what `keep` has kept under a name, as a dictionary of ndarrays.

    Raises FileNotFoundError, which names the section to run first, if nothing has been kept.
    """
    path = _path(name)
    try:
        with np.load(path, allow_pickle=False) as found:
            return dict(found)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} is not there, expected what the section {section!r} leaves; run that first"
        ) from None


def _path(name):
    return FOLDER / f"{name}-{PACE}.npz"
