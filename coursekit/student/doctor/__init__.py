"""Look at what the course needs of its surroundings, and say what is wrong and what to do.

A line for each thing: ok, look here (it will do, but not well), or broken. The exit status is 1 if
something is broken. Nothing is changed.
"""

from . import files, machine
from .finding import BROKEN, LOOK, OK, Finding

__all__ = ["BROKEN", "LOOK", "OK", "Finding"]


def add_arguments(parser):
    """The doctor takes no arguments."""


def run(arguments, course):
    findings = []
    for examine in (*machine.EXAMINATIONS, *files.EXAMINATIONS, *course.examinations):
        for finding in _examined(examine, course):
            findings.append(finding)
            print(_as_text(finding), flush=True)
    print(_summary(findings))
    return 1 if any(finding.state == BROKEN for finding in findings) else 0


def _examined(examine, course):
    """Yield what an examination finds; one that fails itself is a finding too."""
    try:
        yield from examine(course)
    except ModuleNotFoundError as error:
        yield Finding(LOOK, f"{_subject(examine)}: cannot be looked at without {error.name}")
    except Exception as error:  # whatever is broken here may break the examination of it
        said = f"{type(error).__name__}: {error}"
        yield Finding(LOOK, f"{_subject(examine)}: cannot be looked at ({said})")


def _subject(examine):
    return examine.__name__.replace("_", " ")


def _as_text(finding):
    lines = [f"{finding.state:<9}  {_one_line(finding.what)}"]
    lines += [f"{'':<9}  -> {line}" for line in finding.advice.splitlines()]
    return "\n".join(lines)


def _one_line(text):
    return " ".join(str(text).split())


def _summary(findings):
    broken = sum(finding.state == BROKEN for finding in findings)
    to_look_at = sum(finding.state == LOOK for finding in findings)
    if broken:
        return f"{broken} broken, {to_look_at} more to look at."
    return f"Nothing is broken, {to_look_at} to look at." if to_look_at else "All is well."
