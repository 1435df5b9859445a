"""The folder GRADES: the seed of a grading, and what has been graded so far.

    grading.json                  the seed, and a hash of the course and the limits
    submissions.json              who handed in what
    submissions/ID/result.json    the result of a submission

Every file appears whole or not at all, so a run may be cut off at any time, and several runs may
write into one folder side by side.
"""

import contextlib
import hashlib
import json
import secrets
from pathlib import Path

from ..files import write_json
from .submissions import digest_of
from .unit import empty_result

SEEDS = 1 << 32


class GradesError(Exception):
    """A folder of grades is not what it should be; the message is one sentence."""


class Grades:
    """What is known in a folder of grades, which is made if need be."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def work(self):
        """The folder for what units share. It may be deleted when no grading is running."""
        path = self.folder / "work"
        path.mkdir(exist_ok=True)
        return path

    def seed(self, wanted=None):
        """Return the seed: the one that is wanted, or that was kept, or a new one that is kept.

        Of several runs that start side by side, all get the seed of the first.
        """
        path = self.folder / "grading.json"
        if wanted is not None:
            write_json(path, {"seed": wanted})
        elif not path.exists():
            write_json(path, {"seed": secrets.randbelow(SEEDS)}, replace=False)
        return self._read(path)["seed"]

    def list_submissions(self, submissions):
        write_json(self.folder / "submissions.json", [one.as_json() for one in submissions])

    def listed(self):
        """Return who handed in what, as JSON. Raises GradesError where nothing was graded yet."""
        return self._read(self.folder / "submissions.json")

    def place(self, name):
        """Return the folder of what belongs to a submission."""
        return self.folder / "submissions" / name

    def keep(self, name, source, result):
        """Keep the result of a submission, whose source is a hash of all that it depends on."""
        write_json(self.place(name) / "result.json", result | {"source": source})

    def result(self, name):
        """Return the result of a submission, or None if there is none."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.place(name) / "result.json").read_text(encoding="utf-8"))
        return None

    def is_done(self, name, source):
        """Whether a submission was graded to its end, and nothing has changed since."""
        result = self.result(name)
        return bool(result) and result["source"] == source and result["status"] != "failed"

    def results(self):
        """Return a result for each submission that was listed, and the ids without any.

        Submissions that a later one has taken the place of have a result that says so.
        """
        found, missing = [], []
        for one in self.listed():
            if one["superseded_by"]:
                later = f"A later submission of the same student counts: {one['superseded_by']}."
                result = empty_result(one["name"]) | {"status": "superseded", "problems": [later]}
            else:
                result = self.result(one["submission"])
            if result:
                known = {"submission": one["submission"], "student": one["student"]}
                found.append(result | known | {"name": one["name"], "time": one["time"]})
            else:
                missing.append(one["submission"])
        return found, missing

    def take_over(self, others):
        """Take over what other folders of grades hold. Raises GradesError where seeds differ."""
        others = [Grades(folder) for folder in others if Path(folder).is_dir()]
        wanted = {other.seed_kept() for other in others} | {self.seed_kept()} - {None}
        if len(wanted) > 1:
            seeds = " and ".join(map(str, sorted(wanted)))
            raise GradesError(f"the seeds differ ({seeds}); give each shard the same with --seed")
        listed = {}
        for other in [self, *others]:
            if (other.folder / "submissions.json").exists():
                listed |= {one["submission"]: one for one in other.listed()}
        for other in others:
            write_json(self.folder / "grading.json", {"seed": other.seed_kept()})
            for name in listed:
                result = other.result(name)
                if result and (result["status"] != "failed" or not self.result(name)):
                    write_json(self.place(name) / "result.json", result)
        write_json(self.folder / "submissions.json", [listed[name] for name in sorted(listed)])

    def seed_kept(self):
        path = self.folder / "grading.json"
        return self._read(path)["seed"] if path.exists() else None

    def _read(self, path):
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise GradesError(f"nothing was graded into {self.folder} yet") from None
        except ValueError as error:
            raise GradesError(f"{path} is damaged: {error}") from None


def source_of(submission, pristine, seed, limits, limits_only):
    """Return a hash of all that the result of a submission depends on."""
    parts = [pristine, seed, sorted((limits or {}).items()), limits_only, digest_of(submission)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
