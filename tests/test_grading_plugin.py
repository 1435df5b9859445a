"""What nbval takes for a kernel, with other programs in the place of what runs checks.

Each of them goes wrong in its own way in one cell: that costs this cell, and the next one is fine.
"""

import json
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import pytest
from this_course import COURSE

from coursekit import notebooks
from coursekit.checks import Kind, imported, wire
from coursekit.course import Course
from coursekit.grading import cells, kernel, sandbox
from coursekit.grading.inside import runner
from coursekit.grading.kernel import CellEnded, RunnerKernel
from coursekit.grading.plugin import Plugin
from coursekit.grading.pristine import Pristine
from coursekit.grading.verdicts import answer_of

SEED = 20
LIMITS = sandbox.Limits(seconds=1, start=120)

# Stands in for what runs checks. A check does what `does` says, or sends an honest answer.
PROGRAM = """
import json, os, pathlib, struct, sys, time
head = struct.Struct("!B?dQ")

def send(says, data=b"", length=None, used_up=False):
    os.write(1, head.pack(says, used_up, 0.1, len(data) if length is None else length) + data)

does, answers = json.loads(sys.argv[1]), pathlib.Path(sys.argv[2])
send({READY})
for line in sys.stdin:
    check = json.loads(line)["check"]
    exec(does.get(check, "send({FINISHED}, (answers / check).read_bytes())"))
"""
for name in ("READY", "QUESTION", "FINISHED", "TIMED_OUT"):
    PROGRAM = PROGRAM.replace("{" + name + "}", str(getattr(runner, name)))

HOLES = {
    "dies": ("os._exit(1)", Kind.KILLED, "it died"),
    "is killed": ("os.kill(os.getpid(), 9)", Kind.KILLED, "it died"),
    "hangs": ("time.sleep(600)", Kind.TIMED_OUT, "not through when its time was up"),
    "floods": ("while True: os.write(1, bytes(range(256)) * 99)", Kind.KILLED, "no message"),
    "says nonsense": ("send(77)", Kind.KILLED, "no message"),
    "is ready twice": ("send(0)", Kind.KILLED, "no message"),
    "is endless": ("send(2, length=1 << 60)", Kind.KILLED, "no message"),
    "is long": ("send(2, bytes((4 << 20) + 1))", Kind.KILLED, "no message"),
    "stops halfway": ("send(2, b'half', 8); os._exit(0)", Kind.KILLED, "it died"),
    "waits halfway": ("send(2, b'half', 8); time.sleep(600)", Kind.TIMED_OUT, "time was up"),
    "asks": ("send(1, b'why')", Kind.KILLED, "asked more than it may"),
    "asks for ever": ("while True: send(1, b'why')", Kind.KILLED, "asked more than it may"),
}


class Program:
    """A sandbox that is none: the program, and what a kernel needs of a Sandbox."""

    limits = LIMITS

    def __init__(self, does, answers):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(does), str(answers)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def last_words(self):
        return ""


class Key:
    """The reference's answers, without what keeps them."""

    seed = SEED

    def __init__(self, outcomes):
        self.outcomes = outcomes

    def expected(self, check):
        return self.outcomes[check.name]

    def mistakes(self, check):
        return ()

    def begin_answers(self, check):
        pass

    def answer(self, check, question):
        raise AssertionError("no check of a right package asks")

    def keep_red(self, check, verdict, outcome):
        pass

    def reconsidered(self):
        return ()


class Reports:
    """Gathers what pytest reports of each cell."""

    def __init__(self):
        self.of = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.of[report.nodeid.rpartition("::")[2]] = report


def write_notebook(path, sources):
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "id": f"cell-{number}",
         "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout"}]}
        for number, source in enumerate(sources)
    ]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_bytes(notebooks.as_bytes(notebook))


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """A folder with what the reference sends for each check, and a Key that expects it."""
    folder = tmp_path_factory.mktemp("answers")
    outcomes = {}
    with imported(COURSE, COURSE.package_folder) as reference:
        for check in list(COURSE.checks)[: 2 * len(HOLES)]:
            outcomes[check.name] = check.run(reference, check.rng(SEED))
            (folder / check.name).write_bytes(b"{}\n" + wire.sent(outcomes[check.name]))
    return folder, Key(outcomes)


@pytest.fixture(scope="module")
def seen(answers, tmp_path_factory):
    """What becomes of two notebooks with a hole in every other cell, each in a check of its own."""
    folder, key = answers
    checks = {check.name: check for check in COURSE.checks if check.name in key.outcomes}
    does = dict(zip(list(checks)[::2], (code for code, _, _ in HOLES.values()), strict=True))
    paths = [tmp_path_factory.mktemp("cells") / f"{name}.ipynb" for name in ("one", "two")]
    sources = ["import course", *(f"check.{name}()\n" for name in checks), "check.progress()"]
    write_notebook(paths[0], sources[:8])
    write_notebook(paths[1], ["1 / 0", *sources[6:]])
    started, entries, reports = [], {}, Reports()

    def start():
        started.append(Program(does, folder))
        return started[-1]

    def ended(entry):
        entries[entry.check] = entry

    plugin = Plugin(start, LIMITS, key, checks, ended)
    try:
        cells.run_notebooks(paths, LIMITS, plugin, reports)
    finally:
        for program in started:
            program.close()
    holes = dict(zip(HOLES, zip(list(checks)[::2], list(checks)[1::2], strict=True), strict=True))
    return SimpleNamespace(entries=entries, reports=reports.of, started=started, holes=holes)


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_costs_its_own_cell_and_is_told(hole, seen):
    hit, following = seen.holes[hole]
    _, kind, says = HOLES[hole]
    assert (seen.entries[hit].kind, seen.entries[hit].earned) == (kind, 0)
    assert says in seen.entries[hit].text
    assert seen.entries[following].kind == "passed"
    assert (seen.reports[hit].outcome, seen.reports[following].outcome) == ("failed", "passed")


def test_cells_that_run_a_check_are_collected_and_none_twice(seen):
    assert list(seen.reports) == list(seen.entries)


def test_a_sandbox_is_kept_until_it_is_lost(seen):
    assert len(seen.started) == len(HOLES) + 1


def test_a_check_runs_while_the_one_before_is_judged(answers):
    folder, key = answers
    first, second = list(key.outcomes)[:2]
    program = Program({second: f"open({str(folder / 'ran')!r}, 'w'); send(2)"}, folder)
    talking = RunnerKernel(program, SEED)
    try:
        talking.await_reply(talking.execute_cell_input(f"check.{first}()"), 60)
        talking.send_ahead(f"check.{second}()")
        deadline = time.monotonic() + 60
        while not (folder / "ran").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (folder / "ran").unlink()
        talking.await_reply(talking.execute_cell_input(f"check.{second}()"), 60)
        assert not (folder / "ran").exists()
    finally:
        talking.stop()


def test_a_sandbox_that_is_used_up_is_not_asked_again(answers):
    folder, key = answers
    first, second = list(key.outcomes)[:2]
    program = Program({first: "send(2, b'x', used_up=True); time.sleep(600)"}, folder)
    talking = RunnerKernel(program, SEED)
    number = talking.execute_cell_input(f"check.{first}()")
    after = talking.execute_cell_input(f"check.{second}()")
    talking.await_reply(number, 60)
    assert not talking.is_alive()
    with pytest.raises(kernel.UsedUp):
        talking.await_reply(after, 60)
    talking.stop()


# Questions


EXERCISE = """
from coursekit.checks.check import Check, check

asks = {asks}

def run_again(self, under_test, rng, ask):
    outcome = self.run(under_test, rng)
    got = asks[self.name](ask)
    outcome.add("asked", "remark", str(got), "nothing")
    return outcome

Check.run_again = run_again
"""
SEND = "[ask.__closure__[1].cell_contents(b'long', True) for n in range(100)]"
ASKS = {
    "one": "lambda ask: ask(b'two and two')",
    "none": "lambda ask: None",
    "many": "lambda ask: [ask(b'%d' % n) for n in range(400)][-1]",
    "too_many": "lambda ask: [ask(b'') for n in range(401)]",
    "large": "lambda ask: len(ask(b'x' * (3 << 20)))",
    "too_large": "lambda ask: ask(b'x' * (5 << 20))",
    "too_large_in_parts": "lambda ask: [ask(b'x' * (1 << 20)) for n in range(5)]",
    "for_ever": "lambda ask: [ask(b'x') for _ in iter(int, 1)]",
    "impossible": "lambda ask: ask(b'impossible')",
    "slow": "lambda ask: ask(b'slow')",
    "then_loops": "lambda ask: (ask(b'x'), [0 for _ in iter(int, 1)])",
    "without_listening": f"lambda ask: {SEND}",
    "without_end": f"lambda ask: ({SEND}, [0 for _ in iter(int, 1)])",
}


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """A course whose checks ask when they are run again. Returns a function that does so."""
    if sandbox.why_not():
        pytest.skip(sandbox.why_not())
    folder = tmp_path_factory.mktemp("asking")
    exercise = textwrap.dedent(EXERCISE.format(asks="{" + ", ".join(
        f"{name!r}: {code}" for name, code in ASKS.items()) + "}"))  # fmt: skip
    for name in ASKS:
        exercise += f'\n@check(points=1, notebook="Asking")\ndef {name}(student, run):\n'
        exercise += '    return {"out": student.double(run.rng.random(3))}\n'
    files = {
        "course/course.toml": 'name = "asking"\ntitle = "Asking"\npackage = "asked"\n'
        f'modules = ["layers"]\nnotebooks = ["Asking"]\npoints = {len(ASKS)}\n',
        "course/exercises/asking.py": exercise,
        "asked/__init__.py": "",
        "asked/layers.py": "def double(x):\n    # YOUR CODE\n    return 2 * x\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    pristine = Pristine(Course.read(folder), tmp_path_factory.mktemp("work"))
    questions = []

    def answer(check, question):
        questions.append((check, question))
        if question == b"impossible":
            raise ValueError("no")
        if question == b"slow":
            time.sleep(3 * LIMITS.seconds + 0.1)
        return (
            b"four" if question == b"two and two" else question * (100_000 // len(question or b"x"))
        )

    opened = []

    def run_again(check):
        if not opened or not opened[-1].is_alive():
            box = sandbox.Sandbox(pristine.folder, pristine.engine, limits=LIMITS)
            opened.append(RunnerKernel(box, SEED, answer))
        questions.clear()
        return answer_of(opened[-1].run_again(check)), list(questions)

    yield run_again
    for one in opened:
        one.stop()


def test_a_check_asks_while_it_runs(asking):
    answer, questions = asking("one")
    assert answer.ended == runner.FINISHED
    assert questions == [("one", b"two and two")]
    assert "b'four'".encode("utf-32-le") in answer.outcome


def test_a_check_need_not_ask(asking):
    answer, questions = asking("none")
    assert (answer.ended, questions) == (runner.FINISHED, [])


@pytest.mark.parametrize(
    ("check", "ended"),
    [
        ("many", runner.ASKED_TOO_MUCH),  # their answers are too large, taken together
        ("too_many", runner.ASKED_TOO_MUCH),
        ("large", runner.FINISHED),
        ("too_large", runner.ASKED_TOO_MUCH),
        ("too_large_in_parts", runner.ASKED_TOO_MUCH),
        ("for_ever", runner.ASKED_TOO_MUCH),
        ("then_loops", runner.TIMED_OUT),
        ("without_listening", runner.KILLED),
        ("without_end", runner.TIMED_OUT),
    ],
)
def test_what_a_check_may_ask_is_bounded(check, ended, asking):
    answer, questions = asking(check)
    assert answer.ended == ended
    assert len(questions) <= LIMITS.questions
    assert asking("one")[0].ended == runner.FINISHED


@pytest.mark.parametrize("check", ["impossible", "slow"])
def test_a_question_without_an_answer_ends_the_check(check, asking):
    with pytest.raises(CellEnded, match=r"cannot be answered|took too long to answer"):
        asking(check)
    assert asking("one")[0].ended == runner.FINISHED
