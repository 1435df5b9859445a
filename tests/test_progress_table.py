"""The table of all checks: what is noted of each, when it is out of date, and runs from outside."""

import ast
import json
import os
import subprocess
import sys
import textwrap
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_workspace import fill, make_workspace, run_module

from coursekit.packages import altered
from cs231n.blocks import replace_blocks
from cs231n.checks import CheckFailed, Course, check
from cs231n.checks import records as keeping
from cs231n.checks.course import MODULES
from cs231n.checks.loaded import not_loaded
from cs231n.checks.records import KINDS, Record, Unreadable
from cs231n.checks.sources import changes, digests_of, fingerprint, needed, units_of
from cs231n.checks.table import last_verdicts, table_of


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """The folder that records are kept in during a test."""
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path / "notes")
    return tmp_path / "notes"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("blanks and ümlauts") / "kit")


def record(name="affine_forward", kind="passed", earned=1, **fields):
    defaults = {"headline": "", "sources": {}, "time": "2026-01-01T00:00:00+00:00"}
    return Record(check=name, kind=kind, earned=earned, **(defaults | fields))


# What a check depends on


@pytest.mark.parametrize("name", [one.name for one in check])
def test_no_check_runs_a_function_that_it_is_not_known_to_depend_on(name):
    folder = Course().folder
    known = {unit.name for unit in needed(getattr(check, name), units_of(folder))}
    every = {unit.name for unit in units_of(folder)}
    ran = set()
    Course().modules()  # imports them, which runs the bodies of classes

    def watch(frame, event, argument):
        code = frame.f_code
        for module in MODULES:
            if event == "call" and code.co_filename == str(
                folder / f"{module.replace('.', '/')}.py"
            ):
                ran.add(f"{module}.{code.co_qualname}")

    sys.setprofile(watch)
    try:
        getattr(check, name).run(Course(), getattr(check, name).rng())
    finally:
        sys.setprofile(None)
    assert ran & every, "the check calls none of the package's functions"
    assert ran & every <= known


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("    out = 0\n", ["affine_forward"]),
        ("    # a comment\n\n    rows = x.reshape(N, D)\n    out = rows @ w + b  # (N, M)\n", []),
    ],
)
def test_what_has_changed_is_named_and_a_comment_is_no_change(code, changed):
    before = digests_of(check.affine_forward)
    with altered({"layers.py": lambda s: replace_blocks(s, {"affine_forward": code})}) as course:
        now = digests_of(check.affine_forward, course.folder)
        others = digests_of(check.relu_forward, course.folder)
    assert changes(before, now) == changed
    assert (fingerprint(before) == fingerprint(now)) == (not changed)
    assert changes(digests_of(check.relu_forward), others) == []


def test_a_net_depends_on_the_layers_under_it_and_on_what_stands_outside_functions():
    before = digests_of(check.FullyConnectedNet_scores)
    with altered(
        {"layers.py": lambda source: "import math\n" + source + "\n\nanswer = 42\n"}
    ) as course:
        now = digests_of(check.FullyConnectedNet_scores, course.folder)
    assert changes(before, now) == ["cs231n/layers.py outside its functions"]
    assert {"layers.affine_forward", "layers.relu_forward"} <= set(before)


def test_a_file_that_cannot_be_parsed_is_a_change():
    before = digests_of(check.affine_forward)
    with altered({"layers.py": lambda source: source + "\n(\n"}) as course:
        assert "affine_forward" in changes(before, digests_of(check.affine_forward, course.folder))


# What Python has loaded


def loaded_and_then(change):
    """Import a copy of the package, change its layers.py on disk, and return the sentences."""
    with altered({}) as course:
        course.find("affine_forward")
        path = course.folder / "layers.py"
        path.write_text(change(path.read_text()))
        return not_loaded(check.affine_forward, course)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda source: source.replace("rows @ w + b", "rows @ w - b"), "Run the cell once more"),
        (lambda source: source.replace("reshape(N, D)", "reshape(N, 1)"), "Run the cell once more"),
        (lambda source: source + "\n\nout = (\n", "was never closed (line"),
    ],
)
def test_code_that_is_not_on_disk_any_more_is_noticed(change, says):
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
def test_other_changes_are_not_taken_for_it(change):
    assert loaded_and_then(change) == []


def test_a_decorated_function_is_compared_too():
    with altered({}) as course:
        course.find("adam")
        path = course.folder / "optim.py"
        source = path.read_text()
        assert not_loaded(check.adam, course) == []
        path.write_text(source.replace('config["t"]', 'config["steps"]'))
        assert len(not_loaded(check.adam, course)) == 1


def test_a_function_that_was_loaded_without_its_line_breaks_is_the_same():
    code = """\
    out = sorted(
        row for row in x if row.any() and row is not None
    )
"""
    with altered({"layers.py": lambda s: replace_blocks(s, {"affine_forward": code})}) as course:
        path = course.folder / "layers.py"
        on_disk = path.read_text()
        path.write_text(ast.unparse(ast.parse(on_disk)))
        course.find("affine_forward")
        path.write_text(on_disk)
        assert not_loaded(check.affine_forward, course) == []


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
    cell("import numpy as np\\nfrom cs231n.checks import check\\nfrom cs231n.layers import *")
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
    kept = json.loads((workspace / ".cs231n" / "verdicts" / "affine_forward.json").read_text())
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
    cell("from cs231n.checks import check\\nimport numpy as np")
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


def test_what_a_notebook_has_imported_by_name_keeps_up_with_changes(tmp_path):
    folder = make_workspace(tmp_path / "kit")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KEEPING_UP)],
        cwd=folder,
        env={
            **os.environ,
            "IPYTHONDIR": str(folder / ".ipython"),
            "PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parent)]),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout.endswith("kept up\n"), done.stdout + done.stderr


# Records


def test_a_record_is_read_as_it_was_written(notes):
    for kind in KINDS:
        kept = record(kind=kind, headline="dx, dw — ümlaut", sources={"layers": "ab"}, earned=0.5)
        keeping.keep(kept)
        assert keeping.load("affine_forward") == kept
    assert keeping.load("affine_backward") is None
    assert [path.name for path in notes.iterdir()] == ["affine_forward.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '{"format": 1}', '{"format": 2}', "[" * 100_000, "\ud800"],
)
def test_a_file_that_is_no_record_is_told(notes, text):
    notes.mkdir()
    (notes / "affine_forward.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(Unreadable):
        keeping.load("affine_forward")
    table = last_verdicts(check)
    assert table.earned == 0
    assert "What was noted of affine_forward cannot be read" in str(table)
    keeping.keep(record())
    assert last_verdicts(check).remarks == ()


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
    keeping.keep(record())
    path = notes / "affine_forward.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(Unreadable):
        keeping.load("affine_forward")


def test_a_check_goes_on_where_nothing_can_be_written(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path / "file" / "notes")
    check.relu_forward()
    assert capsys.readouterr().out.startswith("passed: relu_forward")


def test_each_check_that_is_run_leaves_its_last_verdict(notes, capsys, monkeypatch):
    check.relu_forward()
    assert keeping.load("relu_forward").passed
    from cs231n import layers

    monkeypatch.setattr(layers, "relu_forward", lambda x: (x, x))
    with pytest.raises(CheckFailed):
        check.relu_forward()
    assert keeping.load("relu_forward").kind == "wrong"
    capsys.readouterr()
    check.progress()
    said = capsys.readouterr().out
    assert "wrong    0 of 1  relu_forward\n        out\n" in said
    assert "of 100 points, 0 of 40 checks passed" in said


# The table


def test_an_old_verdict_says_what_has_changed_since(notes):
    sources = digests_of(check.affine_forward)
    keeping.keep(record(sources=sources))
    assert last_verdicts(check).rows[0].note == ""
    keeping.keep(record(sources=sources | {"layers.affine_forward": "other", "layers.gone": "x"}))
    row = last_verdicts(check).rows[0]
    assert row.kind == "passed"
    assert row.note == "affine_forward and gone have changed since: run the check again"


def test_a_block_that_was_not_attempted_is_out_of_date_when_it_is_written_itself(notes):
    old = digests_of(check.affine_backward)
    for changed, note in (("affine_forward", False), ("affine_backward", True)):
        sources = old | {f"layers.{changed}": "other"}
        keeping.keep(record("affine_backward", "not attempted", 0, sources=sources))
        assert bool(last_verdicts(check).rows[1].note) == note


def test_points_add_up_and_none_is_counted_above_what_a_check_is_worth(notes):
    table = table_of(check, {one.name: record(one.name, earned=one.points) for one in check})
    assert (table.earned, table.possible, table.all_passed) == (100, 100, True)
    assert table.summary == "100 of 100 points, 40 of 40 checks passed"
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
    found = {"affine_forward": record(kind="crashed", headline="<b>no</b> & so", earned=0)}
    table = table_of(check, found)
    cells = Reader(table._repr_html_()).cells
    assert [row.title for row in table.rows if row.title not in cells] == []
    assert [name for name in check.notebooks() if name not in cells] == []
    assert any(text.startswith("<b>no</b> & so") for text in cells)
    assert "✗ crashed" in cells


# From outside


def test_make_check_runs_every_check_and_keeps_what_it_found(workspace):
    fill(workspace, "loud")
    done = run_module(workspace, "checks")
    assert done.returncode == 0, done.stderr
    assert "  passed         1 of 1  affine_forward\n" in done.stdout
    assert done.stdout.endswith("1 of 100 points, 1 of 40 checks passed\n")
    assert run_module(workspace, "checks", "--strict").returncode == 1
    kept = json.loads((workspace / ".cs231n" / "verdicts" / "affine_forward.json").read_text())
    assert (kept["kind"], kept["earned"]) == ("passed", 1)
    assert kept["sources"] == digests_of(check.affine_forward, workspace / "cs231n")


def test_checks_can_be_named(workspace):
    fill(workspace, "wrong")
    done = run_module(workspace, "checks", "affine_forward", "relu_forward")
    assert done.stdout.startswith("wrong: affine_forward: out\n")
    assert "not attempted: relu_forward" in done.stdout
    fill(workspace, "right")
    assert run_module(workspace, "checks", "--strict", "affine_forward").returncode == 0
    unknown = run_module(workspace, "checks", "afine_forward")
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
            "SyntaxError (examples with three axes): '(' was never closed\n",
        ),
    ],
)
def test_what_never_ends_costs_one_check_and_not_the_rest(workspace, answer, says):
    fill(workspace, answer)
    fill(workspace, SGD_MOMENTUM, "sgd_momentum", "optim.py")
    done = run_module(
        workspace, "checks", "--seconds", "1", "affine_forward", "relu_forward", "sgd_momentum"
    )
    fill(workspace, "right")
    assert says in done.stdout
    assert "passed: sgd_momentum" in done.stdout
    assert done.returncode == 0, done.stderr


def test_a_package_that_cannot_be_imported_is_told_and_not_waited_for(tmp_path):
    folder = make_workspace(tmp_path / "kit")
    (folder / "cs231n" / "checks" / "worker.py").write_text("raise ImportError('no such luck')\n")
    done = run_module(folder, "checks")
    assert done.returncode == 2
    assert "no such luck" in done.stderr
