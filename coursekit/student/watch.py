"""Run a block's checks each time its file is saved, until you press Ctrl-C.

Only what has changed is run: the checks of the blocks that are different now, with their verdicts,
and those that were run before and call such a block. What they came to is remembered, as after any
other check.
"""

import sys
import time

from ..blocks import read_source, sound_blocks_in
from ..checks import freshness, progress, runner
from ..checks.freshness import damage_in, file_of
from ..checks.verdict import Kind

PAUSE = 0.3  # seconds between two looks at a few files


def add_arguments(parser):
    parser.add_argument(
        "--seconds",
        type=float,
        default=runner.SECONDS,
        help=f"what each check may take, {runner.SECONDS} unless told otherwise",
    )


def run(arguments, course):
    watch = Watch(course, arguments.seconds)
    print(watch.greeting(), flush=True)
    try:
        while True:
            time.sleep(PAUSE)
            for line in watch.look():
                print(line, flush=True)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    except runner.CannotRun as error:
        print(f"The checks cannot be run:\n{error}", file=sys.stderr)
        return 2


class Watch:
    """What is known of a workspace while it is watched."""

    def __init__(self, course, seconds=runner.SECONDS):
        self.course, self.seconds = course, seconds
        self._paths = [course.folder / file_of(course, module) for module in course.modules]
        self._stamps = self._stamped()
        self._blocks = self._read_blocks()
        self._is_broken = False

    def greeting(self):
        table = progress.last_verdicts(self.course, self.course.checks)
        files = ", ".join(sorted(path.name for path in self._paths if path.exists()))
        return f"{table.summary}. {table.next_step}\nWatching {files}. Ctrl-C ends it."

    def look(self):
        """Yield lines on what was saved since the last look; nothing if nothing was."""
        stamps = self._stamped()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        broken = list(self._broken())
        if broken:  # the blocks of before stay what the next look compares with
            self._is_broken = True
            yield from broken
            return
        if self._is_broken:
            self._is_broken = False
            yield "Python can read everything again."
        blocks = self._read_blocks()
        changed = {name for name, code in blocks.items() if self._blocks.get(name) != code}
        self._blocks = blocks
        yield from self._run(
            [c for c in self.course.checks.with_optional if changed & set(c.blocks)]
        )

    def _run(self, own):
        """Yield verdicts of checks, and what has become of those that lean on their blocks."""
        checks = self.course.checks.with_optional
        before = {check.name: self._record(check) for check in checks}
        others = [check for check in checks if check not in own]
        leaning = [check for check in others if self._is_stale(before[check.name], check)]
        if not own and not leaning:
            return
        results = runner.run([*own, *leaning], self.seconds, shows_bar=False)
        yield ""
        for check in own:
            yield results[check.name][1]
        for check in leaning:
            record, old = results[check.name][0], before[check.name]
            if record.kind != old.kind:
                yield f"{check.name} was {old.kind.words}, and is {record.kind.words}."
        yield from damage_in(self.course)
        table = progress.last_verdicts(self.course, self.course.checks)
        yield f"{table.summary}. {table.next_step}"

    def _record(self, check):
        try:
            return progress.load(self.course, check.name)
        except progress.Unreadable:
            return None

    def _is_stale(self, record, check):
        if record is None or record.kind == Kind.NOT_ATTEMPTED:
            return False
        return record.sources != freshness.digests_of(check)

    def _broken(self):
        """Yield a line for each file that Python cannot read."""
        for path in self._paths:
            try:
                error = freshness.syntax_error(read_source(path))
            except (OSError, UnicodeDecodeError) as unreadable:
                yield f"{path.name} cannot be read: {unreadable}"
                continue
            if error:
                line = (error.text or "").strip()
                yield f"{path.name}, line {error.lineno}: {error.msg}" + (line and f": {line}")

    def _read_blocks(self):
        found = {}
        for path in self._paths:
            try:
                found |= {b.name: b.code for b in sound_blocks_in(read_source(path))[0]}
            except (OSError, UnicodeDecodeError):
                continue
        return found

    def _stamped(self):
        """Return what tells a file that was saved from what it was before."""
        stamps = {}
        for path in self._paths:
            try:
                found = path.stat()
            except OSError:  # an editor may move the old file away first
                continue
            stamps[path] = found.st_mtime_ns, found.st_size, found.st_ino
        return stamps
