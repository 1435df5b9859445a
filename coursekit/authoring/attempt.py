"""Put answers into blocks, and see what the checks make of them.

    coursekit try predict answer.py
    coursekit try Model.loss:scores - --with "Model.__init__=init.py" < scores.py
    coursekit try --answers answers.json --json
    coursekit try --hunt predict my_check.py

The code goes into the reference, in the place of a block, and all checks that the block reaches are
judged as in grading: calls of other blocks are answered by the reference where a check is not
passed otherwise. The code runs in this process, so it is for answers that you trust.

--answers takes a JSON file of several answers, {name: {block: code}}. With --json a list is
printed, or {name: list}, with an object for each check:

    check, own        its name, and whether it is there for a block that was put in
    kind              passed, wrong, crashed, not_attempted, waiting, or timed_out
    points, earned    the most that it gives, and what it gave
    mistakes          the names of the mistakes that the answer looks like
    sentences         what a student reads
    remarks           what is worth a word and costs nothing
    example           the smallest example that goes wrong, or null
    leans_on          blocks below that are wrong

With --hunt the code defines my_check, a check of the function that is named, and bugs are planted
in the reference for it to find. With --json that is an object: function, found, planted, and said,
the first thing to mend.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..blocks import Block, blocks_of, replace_blocks
from ..checks import SEED, Check, Kind, Outcome, UnderTest, Verdict, freshness, imported, signatures
from ..checks.lower import Answering
from ..checks.verdict import better
from ..mutants.consequences import Consequences
from ..mutants.exchange import TookTooLong, at_most
from ..mutants.runs import altered
from ..student.hunt import CannotHunt, hunt_in

if TYPE_CHECKING:
    from ..course import Course

# What one check of one answer may take. The slowest right answer that was seen takes one second.
SECONDS = 20


class AttemptError(Exception):
    """An answer cannot be put in; the message is one sentence."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("block", nargs="?", metavar="BLOCK", help="the block to put code into")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the code; - for standard input")
    parser.add_argument(
        "--with",
        dest="others",
        action="append",
        default=[],
        metavar="BLOCK=FILE",
        help="a further block, and the code for it",
    )
    parser.add_argument("--hunt", action="store_true", help="FILE has a check of a function")
    parser.add_argument("--answers", metavar="FILE", help="several answers, as JSON")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the inputs, by default 231")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace, course: Course) -> int | None:
    try:
        if arguments.hunt:
            _hunt(arguments, course)
            return None
        answers = _answers(arguments)
        with Attempts(course, arguments.seed) as attempts:
            found = {name: attempts.judge(blocks) for name, blocks in answers.items()}
    except AttemptError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    if arguments.json:
        listed = {
            name: [_as_json(*judged) for judged in verdicts] for name, verdicts in found.items()
        }
        print(json.dumps(listed if arguments.answers else listed[""], indent=1))
        return None
    for name, verdicts in found.items():
        if name:
            print(f"{name}\n{'-' * len(name)}")
        for own, verdict in verdicts:
            print(verdict if own or not verdict.passed else verdict.first_line)
        print()
    return None


def _hunt(arguments: argparse.Namespace, course: Course) -> None:
    """Print what a check in a file finds. Raises AttemptError where it cannot be tried."""
    if not (arguments.block and arguments.file):
        raise AttemptError("--hunt takes the name of a function and a file, predict my_check.py")
    source = _read(arguments.file)
    try:
        found = hunt_in(course, my_check_in(course, source, arguments.file), arguments.block)
    except CannotHunt as error:
        raise AttemptError(f"{error}") from None
    except Exception as error:  # whatever is wrong with the file
        said = f"{type(error).__name__}: {error}"
        raise AttemptError(f"{arguments.file} defines no my_check that runs: {said}") from None
    if arguments.json:
        told = {"function": found.function, "found": len(found.bugs) - len(found.missed),
                "planted": len(found.bugs), "said": found.said}  # fmt: skip
        print(json.dumps(told, indent=1))
    else:
        print(found)


def my_check_in(course: Course, source: str, place: str = "my_check") -> Callable[[Any], object]:
    """Return the my_check that a cell's or a file's source defines, with what a notebook imports.

    Raises KeyError where it defines none, and whatever the source raises.
    """
    names: dict[str, Any] = {"np": importlib.import_module("numpy"), "hunt": lambda *_, **__: None}
    if str(course.folder) not in sys.path:
        sys.path.insert(0, str(course.folder))
    for path in sorted(course.package_folder.glob("[a-z]*.py")):
        module = importlib.import_module(f"{course.package}.{path.stem}")
        public = getattr(module, "__all__", None) or dir(module)
        names |= {name: getattr(module, name) for name in public}
    exec(compile(source, place, "exec"), names)
    return names["my_check"]


class Attempts:
    """Answers to blocks of a course, judged one after another.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference.
    seed : int
        The seed of the inputs.
    """

    def __init__(self, course: Course, seed: int = SEED) -> None:
        self.course = course
        self.seed = seed
        self._blocks = {block.name: block for block in blocks_of(course.package_folder)}
        self._expected: dict[tuple[str, int], Outcome] = {}
        self._consequences = Consequences(course, seed)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Attempts:
        self._reference = self._stack.enter_context(
            imported(self.course, self.course.package_folder)
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def judge(self, blocks: dict[str, str]) -> list[tuple[bool, Verdict]]:
        """Return (whether it is there for one of the blocks, its verdict) of each check reached.

        `blocks` maps names of blocks to code, which may stand at any margin.
        Raises AttemptError for a block that there is not.
        """
        for name in blocks:
            if name not in self._blocks:
                raise AttemptError(
                    f"there is no block {name!r}, expected one of {', '.join(self._blocks)}"
                )
        with altered(self.course, self._changes(blocks)) as under_test, _silence():
            found = self._verdicts(blocks, under_test)
        return [(bool(set(check.blocks) & blocks.keys()), verdict) for check, verdict in found]

    def _verdicts(
        self, blocks: Iterable[str], under_test: UnderTest
    ) -> list[tuple[Check, Verdict]]:
        outcomes: dict[str, Outcome] = {}
        first = [(c, self._verdict(c, under_test, outcomes)) for c in self._reached(blocks)]
        named = [(block, v.mistake) for c, v in first for block in c.blocks if v.mistake]
        found = []
        for check, verdict in first:
            if verdict.kind.is_red:
                outcome = outcomes[check.name]
                verdict = self._consequences.reconsidered(check, verdict, outcome, named)
                with contextlib.suppress(TookTooLong), at_most(SECONDS):
                    verdict = check.explained(verdict, under_test)
            found.append((check, verdict))
        return found

    def _changes(self, blocks: dict[str, str]) -> dict[str, Any]:
        by_path: dict[str, dict[str, str]] = {}
        for name, code in blocks.items():
            block = self._blocks[name]
            by_path.setdefault(block.path, {})[name] = _in_place(code, block)
        return {
            path: lambda source, placed=placed: replace_blocks(source, placed)
            for path, placed in by_path.items()
        }

    def _reached(self, blocks: Iterable[str]) -> Iterator[Check]:
        """Yield the checks that are there for some blocks, or call the functions they are in."""
        units = freshness.units_of(self.course)
        functions = {re.split(r"[.:]", block)[0] for block in blocks}
        for check in self.course.checks.with_optional:
            names = {unit.name for unit in freshness.needed(check, units)}
            parts = {part for name in names for part in name.split(".")}
            if functions & parts or set(check.blocks) & set(blocks):
                yield check

    def _verdict(
        self, check: Check, under_test: UnderTest, outcomes: dict[str, Outcome]
    ) -> Verdict:
        try:
            with at_most(SECONDS):
                outcomes[check.name] = check.run(under_test, check.rng(self.seed))
                return self._judged(check, under_test, outcomes[check.name])
        except TookTooLong:
            said = f"It did not finish within {SECONDS} seconds of computing."
            return Verdict(check.name, Kind.TIMED_OUT, possible=check.points, sentences=(said,))

    def _judged(self, check: Check, under_test: UnderTest, outcome: Outcome) -> Verdict:
        expected = self._expected_of(check)
        known = signatures.load(self.course, check.name) if self.seed == SEED else None
        first = check.judge(outcome, expected, known)
        if not first.kind.gets_second_run:
            return first
        ask = Answering(self._reference, check.answerable).answer
        again = check.run_again(under_test, check.rng(self.seed), ask)
        verdict = better(first, check.judge(again, expected, known))
        if verdict.passed or self.seed == SEED:
            return verdict
        # Mistakes are known by what they do on the fixed seed.
        return check.named(verdict, check.run(under_test, check.rng()))

    def _expected_of(self, check: Check) -> Outcome:
        key = check.name, self.seed
        if key not in self._expected:
            self._expected[key] = check.run(self._reference, check.rng(self.seed))
        return self._expected[key]


def _answers(arguments: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Return the answers that are asked about, {name: {block: code}}."""
    if arguments.answers:
        if arguments.block or arguments.others:
            raise AttemptError("--answers has all blocks in it, expected no BLOCK and no --with")
        return _read_answers(arguments.answers)
    if not (arguments.block and arguments.file):
        raise AttemptError("expected BLOCK and FILE, or --answers FILE")
    blocks = {arguments.block: _read(arguments.file)}
    for other in arguments.others:
        name, separator, path = other.partition("=")
        if not separator:
            raise AttemptError(f"--with is {other!r}, expected BLOCK=FILE")
        blocks[name] = _read(path)
    return {"": blocks}


def _read_answers(path: str) -> dict[str, dict[str, str]]:
    try:
        answers = json.loads(_read(path))
    except ValueError as error:
        raise AttemptError(f"{path} is no JSON: {error}") from None
    if not isinstance(answers, dict) or not all(map(_is_answer, answers.values())):
        raise AttemptError(f"{path} holds something else, expected {{name: {{block: code}}}}")
    return answers


def _is_answer(blocks: Any) -> bool:
    return isinstance(blocks, dict) and all(isinstance(code, str) for code in blocks.values())


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AttemptError(f"{path} cannot be read: {error}") from None


def _in_place(code: str, block: Block) -> str:
    """Return code with the margin of its block."""
    lines = code.expandtabs(4).strip("\n")
    return textwrap.indent(textwrap.dedent(lines), block.indentation) + "\n"


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let what code prints go nowhere."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def _as_json(own: bool, verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.check,
        "own": own,
        "kind": verdict.kind.value,
        "points": verdict.possible,
        "earned": verdict.earned,
        "mistakes": list(verdict.mistakes),
        "sentences": list(verdict.sentences),
        "remarks": [f"{part.name}: {part.what}" for part in verdict.remarks],
        "example": verdict.example.to_json() if verdict.example else None,
        "leans_on": list(verdict.leans_on),
    }
