"""A class of submissions, each with the grade that it has to get.

Reference, stubs and known mistakes are judged here as well, without a sandbox: what grading makes
of them has to be the same. For the submissions that do harm it is known what they hit.

A few of them are graded in test_grading_command.py. All of them take several minutes, and are worth
it after a change to the sandbox, to what runs checks or to how answers are judged:

    python tests/a_class.py FOLDER                       write the class
    python -m coursekit grade FOLDER --out GRADES        grade it
    python tests/a_class.py FOLDER GRADES                compare grades with what they should be
"""

import io
import shutil
import stat
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from made_submissions import REFERENCE, ROOT, emptied, make_submission
from test_grading_attacks import ATTACKS, HIT
from this_course import COURSE, check

from coursekit.blocks import blocks_of, read_source, write_source
from coursekit.checks import Kind, imported
from coursekit.checks.lower import Answering
from coursekit.checks.verdict import better
from coursekit.grading import Grades

# What the block that attacks hit is used by.
USERS = ("affine_", "TwoLayerNet", "FullyConnectedNet", "ThreeLayerConvNet")


@dataclass
class Member:
    """A submission of the class.

    name: of the file or the folder. make: writes it, given its path. kinds: {check: kind, or kinds
    with | between}. judged: whether it is safe to be judged here. status, says: of the result.
    """

    name: str
    make: object
    kinds: dict = field(default_factory=dict)
    judged: bool = False
    status: str = "graded"
    says: str = ""


def members():
    """Return all Members."""
    return [*honest(), *with_mistakes(), *harmful(), *malformed()]


def honest():
    half = sorted(block.name for block in blocks_of(REFERENCE))[::2]
    return [
        Member("reference", make_submission, judged=True),
        Member("stubs", lambda path: emptied(make_submission(path)), judged=True),
        Member("half", lambda path: emptied(make_submission(path), half), judged=True),
        Member("as zip.zip", lambda path: zipped(path, make_submission), judged=True),
        Member("O'Neil \"Bo\"\n.zip", lambda path: zipped(path, make_submission), judged=True),
        Member("answers", with_answers, judged=True),
        Member("doejane_LATE_12_345_my work.zip",
               lambda path: zipped(path, make_submission, "My Work/assignment2/"), judged=True),
    ]  # fmt: skip


def with_mistakes():
    """Return submissions that have each known mistake once among them, a block one at a time."""
    rounds = defaultdict(list)
    counts = defaultdict(int)
    for mistake in COURSE.mistakes:
        rounds[counts[mistake.block]].append(mistake)
        counts[mistake.block] += 1
    return [
        Member(f"mistakes {number:02d}", lambda path, made=made: mistaken(path, made), judged=True)
        for number, made in rounds.items()
    ]


def harmful():
    return [
        harmful_member(f"attack {number:02d} {attack.name}", attack)
        for number, attack in enumerate(ATTACKS)
        if "fixed seed" not in attack.name
    ]


def harmful_member(name, attack):
    """Return a Member with an attack. One that takes time is put where a single check meets it."""
    if not attack.code or not set(attack.changes) <= {"files"}:
        return Member(name, attack.made_in, attack.kinds)
    if "timed_out" not in attack.kinds[HIT]:
        unharmed = [one.name for one in check if not one.name.startswith(USERS)]
        return Member(name, attack.made_in, dict.fromkeys(unharmed, "passed") | attack.kinds)
    kinds = {one.name: "passed" for one in check} | {"rmsprop": attack.kinds[HIT]}
    blocks = {"rmsprop": attack.code}
    return Member(name, lambda path: make_submission(path, blocks=blocks), kinds)


def malformed():
    all_right = {one.name: "passed" for one in check}
    unreadable = {"status": "unreadable"}
    one_file_kinds = {"affine_forward": "passed", "sgd_momentum": "not_attempted"}
    return [
        Member("empty.zip", lambda path: path.write_bytes(b""), **unreadable, says="0 bytes"),
        Member("essay.zip", lambda path: path.write_text("I tried"), **unreadable, says="no zip"),
        Member("leads out.zip", leading_out, all_right, says="leads out"),
        Member("links.zip", with_links, all_right, says="is a link"),
        Member("bomb.zip", bomb, dict.fromkeys(["affine_forward"], "passed"), says="a bomb"),
        Member("twice.zip", lambda path: zipped(path, make_submission), status="superseded"),
        Member("twice (1).zip", lambda path: zipped(path, make_submission), all_right),
        Member("mac.zip", from_a_mac, all_right),
        Member("cut off.zip", cut_off, **unreadable, says="no zip"),
        Member("no notebook.zip", with_bad_notebook, all_right, says="not JSON"),
        Member("one file.zip", one_file, one_file_kinds),
    ]  # fmt: skip


def with_answers(folder):
    make_submission(folder)
    (folder / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder / "notebooks")


def mistaken(folder, made):
    make_submission(folder)
    paths = {block.name: block.path for block in blocks_of(REFERENCE)}
    for mistake in made:
        file = folder / "cs231n" / paths[mistake.block]
        write_source(file, mistake.made_in(read_source(file)))


def zipped(path, make, top=""):
    """Write a zip of what `make` writes into a folder."""
    folder = path.with_name(f".{path.name}.folder")
    make(folder)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, top + file.relative_to(folder).as_posix())
    shutil.rmtree(folder)


def added(path, name, content, attributes=0):
    """Add a member to a zip of the reference."""
    if not path.exists():
        zipped(path, make_submission)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = attributes
        archive.writestr(member, content)


def leading_out(path):
    added(path, "../../escaped.py", "x = 1")
    added(path, "/tmp/escaped.py", "x = 1")


def with_links(path):
    added(path, "notebooks/Dropout.ipynb", "/etc/passwd", (stat.S_IFLNK | 0o777) << 16)


def bomb(path):
    def make(folder):
        make_submission(folder)
        (folder / "cs231n" / "optim.py").unlink()

    zipped(path, make)
    added(path, "cs231n/optim.py", bytes(30 << 20))


def from_a_mac(path):
    added(path, "__MACOSX/cs231n/._layers.py", b"\0\5\26\7")
    added(path, ".DS_Store", b"\0\0\0\1Bud1")


def with_bad_notebook(path):
    added(path, "notebooks/Dropout.ipynb", "<html>")


def cut_off(path):
    zipped(path, make_submission)
    path.write_bytes(path.read_bytes()[:5000])


def one_file(path):
    layers = io.BytesIO()
    with zipfile.ZipFile(layers, "w") as archive:
        archive.write(REFERENCE / "layers.py", "layers.py")
    path.write_bytes(layers.getvalue())


def write(folder, chosen=None):
    """Write the class into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for member in chosen or members():
        member.make(folder / member.name)


def judged_here(folder, seed):
    """Return {check: (kind, points)} of a package, as the checks say without a sandbox."""
    found = {}
    whole = folder.parent / f".{folder.name}.whole"
    shutil.copytree(REFERENCE, whole, ignore=shutil.ignore_patterns("*.npz", "__pycache__"))
    try:
        shutil.copytree(folder / "cs231n", whole, dirs_exist_ok=True)
        with imported(COURSE, whole) as answered, imported(COURSE, REFERENCE) as reference:
            for one in check:
                expected = one.run(reference, one.rng(seed))
                verdict = one.judge(one.run(answered, one.rng(seed)), expected)
                if verdict.kind in (Kind.WRONG, Kind.CRASHED, Kind.WAITING):
                    ask = Answering(reference, one.answerable).answer
                    again = one.run_again(answered, one.rng(seed), ask)
                    verdict = better(verdict, one.judge(again, expected))
                found[one.name] = verdict.kind, verdict.earned
    finally:
        shutil.rmtree(whole)
    return found


def compare(grades, scratch, chosen=None):
    """Return a sentence for each grade that is not what it should be."""
    grades = Grades(grades)
    seed = grades.seed_kept()
    names = {listed.name: listed for listed in grades.listed()}
    wrong = []
    for member in chosen or members():
        listed = names[member.name]
        if listed.superseded_by or member.status == "superseded":
            if member.status != "superseded":
                wrong.append(f"{member.name}: superseded by {listed.superseded_by}")
            continue
        result = grades.result(listed.submission)
        wrong += [
            f"{member.name}: {words}" for words in _differences(member, result, seed, scratch)
        ]
    return wrong


def _differences(member, result, seed, scratch):
    if result.status != member.status:
        yield f"is {result.status}, expected {member.status}: {result.problems}"
    if member.says and not any(member.says in problem for problem in result.problems):
        yield f"says {result.problems}, expected {member.says!r}"
    got = {found.check: (found.kind, found.earned) for found in result.checks}
    for name, kind in member.kinds.items():
        if name not in got or got[name][0] not in kind.split("|"):
            yield f"{name} is {got.get(name)}, expected {kind}"
    if member.judged:
        folder = scratch / "judged"
        shutil.rmtree(folder, ignore_errors=True)
        if member.name.endswith(".zip"):
            make_submission(folder)
        else:
            member.make(folder)
        for name, expected in judged_here(folder, seed).items():
            if got.get(name) != expected:
                yield f"{name} is {got.get(name)}, expected {expected}"


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    folder = Path(arguments[0])
    if len(arguments) == 1:
        write(folder)
        print(f"{len(members())} submissions are in {folder}")
        return 0
    wrong = compare(Path(arguments[1]), folder.parent)
    print("\n".join(wrong) or f"all {len(members())} grades are as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
