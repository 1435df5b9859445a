"""The table of all checks: what is noted of each, when it is out of date, and runs from outside."""

import ast
import contextlib
import dataclasses
import json
import os
import re
import subprocess
import sys
import textwrap
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_workspace import fill, make_workspace, run_command
from this_course import COURSE, check

from coursekit.blocks import replace_blocks
from coursekit.checks import CheckFailed, Kind, UnderTest, progress
from coursekit.checks.freshness import (
    changes,
    digests_of,
    fingerprint,
    needed,
    out_of_date,
    units_of,
)
from coursekit.checks.progress import Record, Unreadable, last_verdicts, table_of
from coursekit.course import Course
from coursekit.mutants.runs import altered


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """The folder that records are kept in during a test."""
    monkeypatch.setattr(Course, "notes", tmp_path / "notes")
    return tmp_path / "notes" / "verdicts"


@pytest.fixture
def workspace(tmp_path):
    return make_workspace(tmp_path / "blanks and ümlauts" / "kit")


@contextlib.contextmanager
def changed(files):
    """Yield a copy of the package in which some files are others, and the course around it."""
    with altered(COURSE, files) as package:
        folder = package.folder.parent
        (folder / "course").symlink_to(COURSE.room)
        yield package, dataclasses.replace(COURSE, folder=folder)


@pytest.fixture
def load(monkeypatch):
    """A function that has Python take a copy of the package for the course's own."""

    def load(package):
        package.imported_modules()
        for name in COURSE.modules:
            copy = sys.modules[f"{package.name}.{name}"]
            monkeypatch.setitem(sys.modules, f"{COURSE.package}.{name}", copy)

    return load


def record(name="affine_forward", kind=Kind.PASSED, earned=1, **fields):
    defaults = {"headline": "", "sources": {}, "time": "2026-01-01T00:00:00+00:00"}
    return Record(check=name, kind=kind, earned=earned, **(defaults | fields))


# What a check depends on


@pytest.mark.parametrize("any_check", list(check), ids=lambda any_check: any_check.name)
def test_no_check_runs_a_function_that_it_is_not_known_to_depend_on(any_check):
    units = units_of(COURSE)
    known = {unit.name for unit in needed(any_check, units)}
    every = {unit.name for unit in units}
    paths = {module: f"{module.replace('.', '/')}.py" for module in COURSE.modules}
    files = {str(COURSE.package_folder / path): module for module, path in paths.items()}
    ran = set()
    package = UnderTest(COURSE)
    package.imported_modules()  # which runs the bodies of classes

    def watch(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_filename in files:
            ran.add(f"{files[code.co_filename]}.{code.co_qualname}")

    sys.setprofile(watch)
    try:
        any_check.run(package, any_check.rng())
    finally:
        sys.setprofile(None)
    assert ran & every, "the check calls none of the package's functions"
    assert ran & every <= known


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("    out = 0\n", ["affine_forward"]),
        ("    # a comment\n\n    rows = x.reshape(N, D)\n    out = rows @ w + b  # (N, M)\n", []),
    ],
)
def test_what_has_changed_is_named_and_a_comment_is_no_change(code, named):
    before = digests_of(check.affine_forward)
    files = {"layers.py": lambda source: replace_blocks(source, {"affine_forward": code})}
    with changed(files) as (_, course):
        now = digests_of(check.affine_forward.of_course(course))
        others = digests_of(check.relu_forward.of_course(course))
    assert changes(COURSE, before, now) == named
    assert (fingerprint(before) == fingerprint(now)) == (not named)
    assert changes(COURSE, digests_of(check.relu_forward), others) == []


def test_a_net_depends_on_the_layers_under_it_and_on_what_stands_outside_functions():
    before = digests_of(check.FullyConnectedNet_scores)
    files = {"layers.py": lambda source: "import math\n" + source + "\n\nanswer = 42\n"}
    with changed(files) as (_, course):
        now = digests_of(check.FullyConnectedNet_scores.of_course(course))
    assert changes(COURSE, before, now) == ["cs231n/layers.py outside its functions"]
    assert {"layers.affine_forward", "layers.relu_forward"} <= set(before)


def test_a_file_that_cannot_be_parsed_is_a_change():
    before = digests_of(check.affine_forward)
    with changed({"layers.py": lambda source: source + "\n(\n"}) as (_, course):
        now = digests_of(check.affine_forward.of_course(course))
    assert "affine_forward" in changes(COURSE, before, now)


def test_other_expected_values_are_a_change():
    before = digests_of(check.affine_forward)
    with changed({}) as (_, course):
        (course.folder / "course").unlink()
        course.recorded.mkdir(parents=True)
        (course.recorded / "affine_forward.npz").write_bytes(b"other values")
        now = digests_of(check.affine_forward.of_course(course))
    assert changes(COURSE, before, now) == ["what the check expects"]


# What Python has loaded


@pytest.fixture
def loaded_and_then(load):
    """A function that loads a copy of the package, changes it on disk, and returns the notes."""

    def notes_after(change):
        with changed({}) as (package, course):
            load(package)
            path = package.folder / "layers.py"
            path.write_text(change(path.read_text()))
            return out_of_date(check.affine_forward.of_course(course))

    return notes_after


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda source: source.replace("rows @ w + b", "rows @ w - b"), "Run the cell once more"),
        (lambda source: source.replace("reshape(N, D)", "reshape(N, 1)"), "Run the cell once more"),
        (lambda source: source + "\n\nout = (\n", "was never closed (line"),
    ],
)
def test_code_that_is_not_on_disk_any_more_is_noticed(loaded_and_then, change, says):
    [sentence] = loaded_and_then(change)
    assert sentence.startswith("cs231n/layers.py has changed since it was loaded")
    assert says in sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda source: source,
        lambda source: "# a comment\n\n\n" + source,
        lambda source: source.replace("out = np.maximum(0, x)", "out = np.maximum(1, x)"),
        lambda source: ast.unparse(ast.parse(source)),
    ],
)
def test_other_changes_are_not_taken_for_it(loaded_and_then, change):
    assert loaded_and_then(change) == []


def test_a_decorated_function_is_compared_too(load):
    with changed({}) as (package, course):
        load(package)
        adam, path = check.adam.of_course(course), package.folder / "optim.py"
        assert out_of_date(adam) == []
        path.write_text(path.read_text().replace('config["t"]', 'config["steps"]'))
        assert len(out_of_date(adam)) == 1


def test_a_function_that_was_loaded_without_its_line_breaks_is_the_same(load):
    code = """\
    out = sorted(
        row for row in x if row.any() and row is not None
    )
"""
    files = {"layers.py": lambda source: replace_blocks(source, {"affine_forward": code})}
    with changed(files) as (package, course):
        path = package.folder / "layers.py"
        on_disk = path.read_text()
        path.write_text(ast.unparse(ast.parse(on_disk)))
        load(package)
        path.write_text(on_disk)
        assert out_of_date(check.affine_forward.of_course(course)) == []


NOTEBOOK = """
    import os
    from pathlib import Path
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    layers = Path("cs231n/layers.py")
    blank = layers.read_text()

    def put(code):
        stub = 'raise NotImplementedError("affine_forward is not filled in yet")'
        layers.write_text(blank.replace(stub, code))
        stamp = layers.stat().st_mtime + put.later
        put.later += 5
        os.utime(layers, (stamp, stamp))

    put.later = 5
    def cell(code):
        shell.run_cell(code, store_history=False)

    cell("%load_ext autoreload\\n%autoreload 2")
    cell("import numpy as np\\nfrom course import check\\nfrom cs231n.layers import *")
    cell("pass")  # after which IPython could replace single functions
    for code in ("out = x.nothing", "out = x.reshape(len(x), -1) @ w + b", "out = ("):
        put(code)
        cell("pass")
        cell("check.affine_forward()")
    layers.write_text(blank)
"""


def test_a_notebook_loads_changes_and_shows_the_line_that_failed(workspace):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(NOTEBOOK)],
        cwd=workspace,
        env={**os.environ, "IPYTHONDIR": str(workspace / ".ipython")},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    said = done.stdout
    source = (workspace / "cs231n" / "layers.py").read_text().splitlines()
    line = next(number for number, text in enumerate(source, 1) if "affine_forward is not" in text)
    assert f"cs231n/layers.py, line {line}, in affine_forward\n      out = x.nothing" in said
    assert said.count("passed: affine_forward") == 2  # the second time it is the code of before
    assert (
        said.count("cs231n/layers.py has changed since it was loaded, and Python cannot read") == 1
    )
    # The verdict on code that was no longer there is not kept.
    kept = json.loads((workspace / ".coursekit" / "verdicts" / "affine_forward.json").read_text())
    assert "layers.affine_forward" in kept["sources"]


KEEPING_UP = """
    import os
    from pathlib import Path
    from IPython.core.interactiveshell import InteractiveShell
    from small_workspace import fill

    here, later = Path("."), 5
    shell = InteractiveShell.instance()

    def change(answer, block, file):
        global later
        fill(here, answer, block, file)
        path = here / "cs231n" / file
        os.utime(path, (path.stat().st_mtime + later,) * 2)
        later += 5

    def cell(code):
        shell.run_cell(code, store_history=False).raise_error()

    cell("%load_ext autoreload\\n%autoreload 2")
    cell("from course import check\\nimport numpy as np")
    cell("from cs231n.classifiers.cnn import *\\nfrom cs231n.classifiers.fc_net import *")
    cell("from cs231n.layer_utils import affine_relu_forward\\nfrom cs231n.optim import *")
    change("        self.params = {}\\n", "TwoLayerNet.__init__", "classifiers/fc_net.py")
    cell("net = TwoLayerNet()\\nx = w = np.eye(2)\\nb = np.zeros(2)")
    for n in (3, 4):
        change(f"    out = {n} * x\\n", "affine_forward", "layers.py")
        change(f"    out = x + {n}\\n", "relu_forward", "layers.py")
        cell(f"assert affine_forward(x, w, b)[0][0, 0] == {n}")
        cell(f"assert affine_relu_forward(x, w, b)[0][0, 0] == 2 * {n}")
        change(f"    next_w = {n} * w\\n", "sgd_momentum", "optim.py")
        cell(f"assert sgd_momentum(w, w)[0][0, 0] == sgd_momentum(x=w, dx=w)[0][0, 0] == {n}")
        change(f"        scores = {n}\\n", "TwoLayerNet.loss:scores", "classifiers/fc_net.py")
        cell(f"assert net.loss(x) == {n}")
    print("kept up")
"""


def test_what_a_notebook_has_imported_by_name_keeps_up_with_changes(workspace):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KEEPING_UP)],
        cwd=workspace,
        env={
            **os.environ,
            "IPYTHONDIR": str(workspace / ".ipython"),
            "PYTHONPATH": os.pathsep.join([str(workspace), str(Path(__file__).parent)]),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout.endswith("kept up\n"), done.stdout + done.stderr


# Records


def test_a_record_is_read_as_it_was_written(notes):
    for kind in Kind:
        kept = record(kind=kind, headline="dx, dw — ümlaut", sources={"layers": "ab"}, earned=0.5)
        progress.keep(COURSE, kept)
        assert progress.load(COURSE, "affine_forward") == kept
    assert progress.load(COURSE, "affine_backward") is None
    assert [path.name for path in notes.iterdir()] == ["affine_forward.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '{"format": 1}', '{"format": 2}', "[" * 100_000, "\ud800"],
)
def test_a_file_that_is_no_record_is_told(notes, text):
    notes.mkdir(parents=True)
    (notes / "affine_forward.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(Unreadable):
        progress.load(COURSE, "affine_forward")
    table = last_verdicts(COURSE, check)
    assert table.earned == 0
    assert "What was noted of affine_forward cannot be read" in str(table)
    progress.keep(COURSE, record())
    assert last_verdicts(COURSE, check).remarks == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("check", "relu_forward"),
        ("kind", "brilliant"),
        ("earned", -1),
        ("earned", "1"),
        ("earned", float("nan")),
        ("sources", {"layers": 3}),
        ("sources", None),
        ("headline", 5),
        ("more", 1),
    ],
)
def test_a_record_that_makes_no_sense_is_told(notes, field, value):
    progress.keep(COURSE, record())
    path = notes / "affine_forward.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(Unreadable):
        progress.load(COURSE, "affine_forward")


def test_a_check_goes_on_where_nothing_can_be_written(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(Course, "notes", tmp_path / "file" / "notes")
    check.relu_forward()
    assert capsys.readouterr().out.startswith("passed: relu_forward")


def test_each_check_that_is_run_leaves_its_last_verdict(notes, capsys, monkeypatch):
    check.relu_forward()
    assert progress.load(COURSE, "relu_forward").passed
    from cs231n import layers

    monkeypatch.setattr(layers, "relu_forward", lambda x: (x, x))
    with pytest.raises(CheckFailed):
        check.relu_forward()
    assert progress.load(COURSE, "relu_forward").kind == Kind.WRONG
    capsys.readouterr()
    check.progress()
    said = capsys.readouterr().out
    assert "wrong    0 of 1  relu_forward\n        out, x is not contiguous\n" in said
    assert f"of {COURSE.points} points, 0 of {len(check)} checks passed" in said


# The table


def test_an_old_verdict_says_what_has_changed_since(notes):
    sources = digests_of(check.affine_forward)
    progress.keep(COURSE, record(sources=sources))
    assert last_verdicts(COURSE, check).rows[0].note == ""
    progress.keep(
        COURSE, record(sources=sources | {"layers.affine_forward": "other", "layers.gone": "x"})
    )
    row = last_verdicts(COURSE, check).rows[0]
    assert row.kind == Kind.PASSED
    assert row.note == "affine_forward and gone have changed since: run the check again"


def test_a_block_that_was_not_attempted_is_out_of_date_when_it_is_written_itself(notes):
    old = digests_of(check.affine_backward)
    for changed, note in (("affine_forward", False), ("affine_backward", True)):
        sources = old | {f"layers.{changed}": "other"}
        progress.keep(COURSE, record("affine_backward", Kind.NOT_ATTEMPTED, 0, sources=sources))
        assert bool(last_verdicts(COURSE, check).rows[1].note) == note


def test_points_add_up_and_none_is_counted_above_what_a_check_is_worth(notes):
    total, count = COURSE.points, len(check)
    table = table_of(check, {c.name: record(c.name, earned=c.points) for c in check})
    assert (table.earned, table.possible, table.all_passed) == (total, total, True)
    assert table.summary == f"{total} of {total} points, {count} of {count} checks passed"
    assert table_of(check, {"affine_forward": record(earned=50)}).earned == 1
    assert not table_of(check, {}).all_passed


class Reader(HTMLParser):
    """Reads the cells of a table, and expects tags to be closed in turn."""

    def __init__(self, html):
        super().__init__()
        self.open, self.cells = [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th"):
            self.cells.append(data)


def test_the_html_has_the_same_rows_and_no_code_of_anybody():
    found = {"affine_forward": record(kind=Kind.CRASHED, headline="<b>no</b> & so", earned=0)}
    table = table_of(check, found)
    cells = Reader(table._repr_html_()).cells
    assert [row.title for row in table.rows if row.title not in cells] == []
    assert [name for name in check.notebooks() if name not in cells] == []
    assert any(text.startswith("<b>no</b> & so") for text in cells)
    assert "✗ crashed" in cells


# From outside


def test_make_check_runs_every_check_and_keeps_what_it_found(workspace):
    fill(workspace, "loud")
    done = run_command(workspace, "check")
    assert done.returncode == 0, done.stderr
    assert "  passed         1 of 1  affine_forward\n" in done.stdout
    first = next(c for c in Course.read(workspace).checks if c.name != "affine_forward")
    assert done.stdout.endswith(
        f"1 of {COURSE.points} points, 1 of {len(check)} checks passed\n"
        f"Next: {progress._row(first, None).title}, in {first.notebook}.\n"
    )
    assert run_command(workspace, "check", "--strict").returncode == 1
    kept = json.loads((workspace / ".coursekit" / "verdicts" / "affine_forward.json").read_text())
    assert (kept["kind"], kept["earned"]) == ("passed", 1)
    assert kept["sources"] == digests_of(check.affine_forward.of_course(Course.read(workspace)))


def test_checks_can_be_named(workspace):
    fill(workspace, "wrong")
    done = run_command(workspace, "check", "affine_forward", "relu_forward")
    assert done.stdout.startswith("wrong: affine_forward: out, one example, one feature, ")
    assert "not attempted: relu_forward" in done.stdout
    fill(workspace, "right")
    assert run_command(workspace, "check", "--strict", "affine_forward").returncode == 0
    hinted = run_command(workspace, "check", "relu_forward", "--hint", "2").stdout
    given = [f"Hint {n}: {hint}" for n, hint in enumerate(check.relu_forward.hints, 1)]
    assert [hint in hinted for hint in given] == [True, True, False]
    assert run_command(workspace, "check", "--hint", "1").returncode == 2
    nothing = run_command(workspace, "check", "zzz").stderr
    assert "There are " in nothing
    assert "affine_forward, " in nothing
    unknown = run_command(workspace, "check", "afine_forward")
    assert unknown.returncode == 2
    assert "Did you mean affine_forward" in unknown.stderr


SGD_MOMENTUM = """\
    velocity = config["momentum"] * velocity - config["learning_rate"] * dw
    next_w = w + velocity
"""


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("endless", "timed out: affine_forward: did not finish within 1 seconds"),
        ("deadly", "killed: affine_forward: Python itself ended (exit status 3)"),
        (
            "unreadable",
            "SyntaxError: '(' was never closed\n",
        ),
    ],
)
def test_what_never_ends_costs_one_check_and_not_the_rest(workspace, answer, says):
    fill(workspace, answer)
    fill(workspace, SGD_MOMENTUM, "sgd_momentum", "optim.py")
    done = run_command(
        workspace, "check", "--seconds", "1", "affine_forward", "relu_forward", "sgd_momentum"
    )
    assert says in done.stdout
    assert "passed: sgd_momentum" in done.stdout
    assert done.returncode == 0, done.stderr


def test_a_package_that_cannot_be_imported_is_told_and_not_waited_for(workspace):
    (workspace / "cs231n" / "__init__.py").write_text("raise ImportError('no such luck')\n")
    done = run_command(workspace, "check")
    assert done.returncode == 2
    assert "no such luck" in done.stderr


def test_a_check_that_takes_too_long_says_in_which_line_it_was(tmp_path):
    folder = make_workspace(tmp_path / "work")
    fill(folder, "endless")
    done = run_command(folder, "check", "affine_forward", "--seconds", "2")
    lines = (folder / COURSE.package / "layers.py").read_text().splitlines()
    loop = lines.index("    while True:") + 1
    found = re.search(r"It was in cs231n/layers.py, line (\d+), in affine_forward\.", done.stdout)
    assert found, done.stdout + done.stderr
    assert int(found[1]) in (loop, loop + 1)
    assert "0 of 1 point\n" in done.stdout


def test_a_file_that_cannot_be_read_is_named_once_above_the_table(tmp_path):
    folder = make_workspace(tmp_path / "work")
    fill(folder, "unreadable")
    done = run_command(folder, "check", timeout=120)
    line = (folder / COURSE.package / "layers.py").read_text().splitlines().index("    out = (")
    said = f"cs231n/layers.py, line {line + 1}: '(' was never closed."
    assert done.stdout.startswith(said)
    assert done.stdout.count("was never closed. Until that line is mended") == 1
