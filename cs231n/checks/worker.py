"""Run the named checks one after another, and write what they come to as lines of JSON.

`runner` starts this in a process of its own. What the code under test prints goes nowhere.
"""

import json
import os
import sys
from dataclasses import asdict

from . import records, sources
from .registry import check


def main(names):
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        for name in names:
            _write(out, {"start": name})
            verdict = getattr(check, name).verdict()
            record = records.record_of(verdict, sources.digests_of(getattr(check, name)))
            _write(out, {"record": asdict(record), "text": str(verdict)})


def _write(out, message):
    out.write(json.dumps(message) + "\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
