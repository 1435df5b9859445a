"""What answers are judged by: the checks, the reference's own answers, and known mistakes."""

import json
import re
from functools import cached_property

from cs231n.checks import Course, Outcome, check

from .sandbox import REFERENCE

NOTEBOOKS = REFERENCE.parent / "notebooks"
_CHECK_CELL = re.compile(r"check\.(\w+)\(\)")


class Kit:
    """The checks with one seed. What is computed for it is kept in the folder of `pristine`."""

    def __init__(self, pristine, seed):
        self.seed = seed
        self._pristine = pristine

    @cached_property
    def checks(self):
        """The checks that grading runs, by name: those that the notebooks have a cell for."""
        folder = self._pristine.made("cells", _find_cells)
        asked = json.loads((folder / "cells.json").read_text())
        return {one.name: one for one in check if one.name in asked.get(one.notebook, one.name)}

    def expected(self, one):
        """Return the reference's outcome of a check."""
        folder = self._pristine.made(f"expected-{self.seed}", self._record)
        return Outcome.from_bytes((folder / f"{one.name}.npz").read_bytes())

    def mistakes(self, one):
        """Return pairs (Signature, known mistake) of a check."""
        from ..mistakes import known_mistakes  # a while to import, and most answers are right

        return known_mistakes(one, self.seed, self._pristine.made("mistakes", lambda folder: None))

    def _record(self, folder):
        for one in check:
            outcome = one.run(Course(), one.rng(self.seed))
            verdict = one.judge(outcome, outcome)
            if not verdict.passed:
                raise RuntimeError(f"with seed {self.seed} the reference does not pass:\n{verdict}")
            (folder / f"{one.name}.npz").write_bytes(outcome.to_bytes())


def _find_cells(folder):
    """Write down which checks the notebooks that are there have cells for."""
    paths = [NOTEBOOKS / f"{name}.ipynb" for name in check.notebooks()]
    asked = {path.stem: _checks_asked(path) for path in paths if path.exists()}
    (folder / "cells.json").write_text(json.dumps(asked))


def _checks_asked(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "check" in cell["metadata"].get("tags", [])]
    asked = [_CHECK_CELL.fullmatch("".join(cell["source"]).strip()) for cell in tagged]
    return [match[1] for match in asked if match]
