"""Which bugs are hunted in each function, by operator, and which checks find them.

    python -m benchmarks.hunts

For each function that the notebooks hunt in: a row for each operator that planted something in the
reference, with how many bugs, and how many of them are found by the check that the handout has and
by the reference's own. The last column counts the bugs that can be planted in ten unusual right
answers, the least of them.
"""

import json
import re
from collections import Counter
from pathlib import Path

import nbformat

from coursekit.authoring.attempt import my_check_in
from coursekit.course import Course
from coursekit.mutants.runs import reference
from coursekit.student import hunt as hunting

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "tests" / "answers" / "right.json"
_MY_CHECK = re.compile(r"^def my_check\(\s*(\w+)\b", re.MULTILINE)
_MOST_ANSWERS, _ENOUGH = 10, 12


def main():
    course = Course.read(ROOT)
    print("| function | operator | bugs | given check | reference's | in other right answers |")
    print("| --- | --- | --- | --- | --- | --- |")
    for function, sources in checks_of(course).items():
        hunts = [hunted(course, source, function) for source in sources]
        weak, good = ({bug.code: bug.found for bug in one.bugs} for one in hunts)
        for operator in Counter(bug.operator for bug in hunts[0].bugs):
            codes = [bug.code for bug in hunts[0].bugs if bug.operator == operator]
            found = [sum(one[code] for code in codes) for one in (weak, good)]
            print(f"| {function} | {operator} | {len(codes)} | {found[0]} | {found[1]} | |")
        least = min(in_other_answers(course, function), default=0)
        told = f"{_ENOUGH} and more" if least >= _ENOUGH else f"{least} and more"
        sums = f"{len(weak)} | {sum(weak.values())} | {sum(good.values())}"
        print(f"| {function} | all | {sums} | {told} |", flush=True)


def checks_of(course):
    """Return {function: (the check that the handout has, the reference's)} of the notebooks."""
    found = {}
    for name in course.notebooks:
        for cell in nbformat.read(course.notebook(name), as_version=4).cells:
            if match := _MY_CHECK.search(cell.source):
                found.setdefault(match[1], []).append(cell.source)
    return found


def hunted(course, source, function):
    """Return what a check finds, a Hunt."""
    return hunting.hunt_in(course, my_check_in(course, source), function)


def in_other_answers(course, function):
    """Yield how many bugs can be planted in unusual right answers, up to enough of them."""
    answers = json.loads(ANSWERS.read_text(encoding="utf-8")).values()
    blocks = hunting.blocks_of(course, function)
    fitting = [one["blocks"] for one in answers if set(one["blocks"]) & set(blocks)]
    with reference(course) as exchange:
        for answer in fitting[:_MOST_ANSWERS]:
            yield sum(planted(course, exchange, answer, block) for block in answer)


def planted(course, exchange, answer, block):
    checks, seen = course.checks.of_block(block), set()
    for mutant in hunting.in_turns(answer[block], exchange.outputs(block)):
        with exchange.made(answer):
            shows, behaviour = hunting.noticed(checks, exchange, block, mutant)
        if shows:
            seen.add(behaviour)
        if len(seen) == _ENOUGH:
            break
    return len(seen)


if __name__ == "__main__":
    main()
