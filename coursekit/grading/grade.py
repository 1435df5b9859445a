"""Grade a class: every submission of a folder, side by side.

SUBMISSIONS is a folder of zips or folders, as students hand them in or as Canvas, Moodle and
Gradescope export them. GRADES takes the results and the reports. When it holds results already,
only what is missing or has changed is graded, so a run that was cut off is simply started again.
"""

import argparse
import difflib
import secrets
import sys
import time
from pathlib import Path

from ..course import CourseError
from ..progress import progress_bar
from .executors import UNIT, UnitDied, executor, grade_in_process, results, usable_cores
from .grades import SEEDS, Grades, source_of
from .pristine import Pristine
from .reporting import due
from .reports import report
from .rerun import Settings, again
from .results import GradesError, SubmissionResult
from .sandbox import why_not
from .submissions import clean, find


def add_arguments(parser):
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS")
    parser.add_argument("--out", type=Path, required=True, metavar="GRADES")
    parser.add_argument("--seed", type=int, help="seed of the inputs; drawn freshly unless given")
    parser.add_argument("--jobs", type=int, help="submissions side by side; one for each core")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a dask scheduler, to grade on its workers"
    )
    parser.add_argument(
        "--shard", type=shard, metavar="i/n", help="grade the i-th of n parts; then use merge"
    )
    parser.add_argument(
        "--limits-only",
        action="store_true",
        help="go on with nothing but limits where there can be no sandbox",
    )
    parser.add_argument("--seconds", type=float, help="what a check may compute, in seconds")
    parser.add_argument("--memory", type=float, metavar="GB", help="what a check may use of it")
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="grade this student or submission anew, and no other")  # fmt: skip
    parser.add_argument(
        "--notebooks",
        action="store_true",
        help="run the notebooks that were handed in once more, too: some minutes for each",
    )
    parser.add_argument("--due", type=due, metavar="TIME", help="as coursekit report takes it")
    parser.add_argument("--check", action="append", dest="checks", help=argparse.SUPPRESS)


def run(arguments, course):
    grades = Grades(arguments.out)
    try:
        return _grade(arguments, course, grades)
    except (CourseError, GradesError, FileNotFoundError, RuntimeError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped. What was graded is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 130


def shard(text):
    """Read "2/8" as (2, 8)."""
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part, expected 1/{count or 'n'} or so on")
    return int(number), int(count)


def _grade(arguments, course, grades):
    submissions = find(course, arguments.submissions)
    if not submissions:
        raise GradesError(f"there are no submissions in {arguments.submissions}")
    if arguments.shard and arguments.seed is None and grades.seed_kept() is None:
        raise GradesError(
            "parts of a class need one seed, and no --seed was given: add the same one to each "
            f"part, --seed {secrets.randbelow(SEEDS)} for example"
        )
    seed = grades.seed(arguments.seed)
    grades.list_submissions(submissions)
    grades.due(arguments.due)
    anew = _named(arguments.only, submissions)
    with executor(arguments.jobs, arguments.scheduler) as chosen:
        limits_only = _limits_only(chosen, arguments.limits_only)
        tasks = _tasks(arguments, course, grades, submissions, seed, limits_only)
        missing = [
            task
            for task in tasks
            if (task["id"] in anew if anew else not grades.is_done(task["id"], task["source"]))
        ]
        _say_before(arguments, seed, len(submissions), len(tasks), len(missing))
        started = time.monotonic()
        with progress_bar(total=len(missing), desc="grading", unit="submission") as bar:
            for task, result, error in results(chosen, grade_in_process, missing):
                result = result or _died(task, error)
                grades.keep(task["id"], task["source"], result)
                bar.update()
    if missing:
        seconds = time.monotonic() - started
        rate = 60 * len(missing) / seconds
        print(f"{len(missing)} graded in {seconds:.0f} s, {rate:.0f} a minute.")
    _run_again(arguments, course, grades, tasks, limits_only)
    if not arguments.shard:
        print(report.write(course, grades))
    return


def _run_again(arguments, course, grades, tasks, limits_only):
    """Run notebooks once more, if that is asked for, and measure the network, if there is one."""
    settings = Settings.of(course)
    measures = bool(settings.network or settings.hunt)
    if arguments.notebooks and limits_only:
        raise GradesError("notebooks are run once more in a sandbox only, and there is none here")
    if limits_only or not (arguments.notebooks or measures):
        return
    graded = [task for task in tasks if (done := grades.result(task["id"])) and done.files]
    again(course, grades, graded, arguments.jobs or usable_cores(), arguments.notebooks)


def _named(names, submissions):
    """Return the ids of the submissions that are called by the names of students, files or ids.

    Raises GradesError for a name that nobody has, or several.
    """
    found = set()
    for name in names:
        known = [
            submission.id
            for submission in submissions
            if name.casefold()
            in (
                submission.id.casefold(),
                submission.student.casefold(),
                submission.path.name.casefold(),
            )
            and not (submission.superseded_by or submission.typed)
        ]
        if len(known) != 1:
            people = sorted({submission.student for submission in submissions})
            close = difflib.get_close_matches(name, people, n=3, cutoff=0.4) or people[:3]
            many = f"{len(known)} submissions are" if known else "no submission that counts is"
            raise GradesError(f"{many} called {name!r}; there are {', '.join(close)}, for example")
        found.update(known)
    return found


def _limits_only(chosen, allowed):
    """Return whether to do without a sandbox. It is asked for where units will run."""
    reason = chosen.submit(why_not).result()
    if reason and not allowed:
        raise GradesError(
            f"There is no sandbox: {reason} Install it, or go on with nothing but limits on time "
            "and memory (--limits-only), if you trust the submissions not to do harm."
        )
    return bool(reason)


def _tasks(arguments, course, grades, submissions, seed, limits_only):
    """Return the units of work of this part of the class."""
    limits = {}
    if arguments.seconds:
        limits["seconds"] = arguments.seconds
    if arguments.memory:
        limits["memory"] = int(arguments.memory * (1 << 30))
    pristine = Pristine(course, grades.work).key
    job = {"course": str(course.folder), "seed": seed, "work": str(grades.work.resolve()),
           "limits": limits,
           "limits_only": limits_only, "checks": arguments.checks}  # fmt: skip
    number, count = arguments.shard or (1, 1)
    counted = [found for found in submissions if not (found.superseded_by or found.typed)]
    counted = counted[number - 1 :: count]
    options = [limits_only, arguments.checks]
    return [
        {
            "id": submission.id,
            "module": UNIT,
            "job": job
            | {"submission": str(submission.path.absolute()), "parts": _parts(submission)},
            "source": source_of(submission, pristine, seed, limits, options),
        }
        for submission in counted
    ]


def _parts(submission):
    """Return what belongs to a submission as a job has it, with names that JSON can hold."""
    return [[clean(name), str(path.absolute())] for name, path in submission.parts]


def _say_before(arguments, seed, found, own, missing):
    part = ""
    if arguments.shard:
        part = " Part {} of {} has {}.".format(*arguments.shard, own)
    done = f" {own - missing} are graded already." if own > missing else ""
    print(f"{found} submission{'s' * (found != 1)}, seed {seed}.{part}{done}", flush=True)


def _died(task, error):
    """Return the result of a submission that could not be graded to its end, twice."""
    words = error.words if isinstance(error, UnitDied) else f"{type(error).__name__}: {error}"
    return SubmissionResult.unfinished(
        task["job"]["submission"],
        f"Grading did not finish, nor when it was tried again. {words}"[:1000],
        checks=error.checks if isinstance(error, UnitDied) else (),
    )
