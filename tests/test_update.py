"""Moving a student's work into a newer handout: what finds no place is told, and none is lost."""

import itertools
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
import zipfile
from datetime import datetime

import numpy as np
import pytest
from small_workspace import ANSWERS, ROOT, cell, fill, make_workspace, run_command, small_cells
from this_course import COURSE

from coursekit import cli, notebooks
from coursekit.blocks import END, START, BlockError, blank, blocks_in, blocks_of, read_source
from coursekit.course import LISTING, NOTES, Course, listing
from coursekit.files import write_json
from coursekit.student import update
from coursekit.student.update import archive, swap
from coursekit.student.update.archive import ArchiveError
from coursekit.student.update.notebook_cells import merge_notebooks
from coursekit.student.update.sources import CARRIED_OVER, merge_sources

HANDOUT = {
    "cs231n/__init__.py": b"",
    "cs231n/layers.py": b"x = 1\n",
    "course/course.toml": b"",
    LISTING: b"{}",
}


def zip_of(path, files, top=""):
    """Write files, {name or ZipInfo: bytes}, into a zip and return its path."""
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            if isinstance(name, str):
                name = top + name
            packed.writestr(name, content)
    return path


def read_handout(path):
    return archive.read_handout(path, COURSE.package)


def handout_in(folder):
    """Return the files of a folder as a handout holds them."""
    return {path: (folder / path).read_bytes() for path in swap.files_of(folder)}


def plan(folder, handout):
    return update.plan(Course.read(folder), handout)


@pytest.fixture
def workspace(tmp_path):
    """A workspace whose list of files says nothing."""
    folder = make_workspace(tmp_path / "a kit of Łovelace")
    (folder / LISTING).write_text("{}")
    return folder


# The zip


@pytest.mark.parametrize("top", ["", "cs231n-kit/", "a folder/cs231n-kit/"])
def test_a_handout_is_read_from_whatever_folder_of_the_zip(tmp_path, top):
    path = zip_of(tmp_path / "new.zip", HANDOUT, top)
    with zipfile.ZipFile(path, "a") as packed:
        packed.mkdir("empty")
        if top:
            packed.writestr("__MACOSX/cs231n/._layers.py", b"")
    assert read_handout(path) == HANDOUT


def link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "cs231n/../../evil.py",
        "/etc/evil.py",
        "C:/evil.py",
        "cs231n\\..\\evil.py",
        "cs231n/a\nb:c.py",
        link("cs231n/evil.py"),
    ],
    ids=str,
)
def test_a_zip_that_leads_out_of_its_folder_is_refused(tmp_path, name):
    path = zip_of(tmp_path / "new.zip", HANDOUT | {name: b"/etc/passwd"})
    with pytest.raises(ArchiveError, match="is a link or leads out of its folder"):
        read_handout(path)


def test_what_is_no_handout_is_refused(tmp_path):
    path = tmp_path / "new.zip"
    with pytest.raises(ArchiveError, match="No such file"):
        read_handout(path)
    path.write_bytes(b"no zip at all")
    with pytest.raises(ArchiveError, match="is no zip, or not a whole one"):
        read_handout(path)
    submission = dict.fromkeys(["cs231n/__init__.py", "cs231n/layers.py", "manifest.json"], b"")
    for files, missing in (
        (submission, "course/course.toml"),
        ({name: b"" for name in HANDOUT if name != LISTING}, LISTING),  # a course's repository
        ({name.replace("cs231n/", "other/"): b"" for name in HANDOUT}, "cs231n/__init__.py"),
    ):
        with pytest.raises(ArchiveError, match=f"no handout of this course: {missing} is not in"):
            read_handout(zip_of(path, files))
    with pytest.raises(ArchiveError, match=r"both cs231n/layers.py and cs231n/Layers.py"):
        read_handout(zip_of(path, HANDOUT | {"cs231n/Layers.py": b""}))


def test_a_damaged_zip_is_refused(tmp_path):
    path = zip_of(tmp_path / "new.zip", HANDOUT | {"notebooks/A.ipynb": b"0123456789" * 10})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveError, match="not a whole one"):
        read_handout(path)
    path.write_bytes(whole.replace(b"0123456789", b"012345678x", 1))
    with pytest.raises(ArchiveError, match="Bad CRC-32"):
        read_handout(path)


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 5), ("MOST_FILES", 2)])
def test_a_zip_beyond_all_measure_is_refused(tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(
        ArchiveError, match=f"the zip holds {len(HANDOUT)} files of 0 MB, expected at most"
    ):
        read_handout(zip_of(tmp_path / "new.zip", HANDOUT))


# Blocks


def source(**blocks):
    """Return a module with a function for each name, whose block holds the code given or a stub."""
    pieces = ['"""A module."""\n\nimport numpy as np\n']
    for name, code in blocks.items():
        code = code or f'raise NotImplementedError("{name} is not filled in yet")'
        pieces.append(
            f"\n\ndef {name}(x):\n    # TODO: compute out.\n    {START}\n"
            f"{textwrap.indent(code, '    ')}\n    {END}\n    return out\n"
        )
    return "".join(pieces)


def merged(old, new):
    """Merge two layers.py."""
    result = merge_sources({"cs231n/layers.py": old}, {"cs231n/layers.py": new})
    return result.files["cs231n/layers.py"], result


def test_every_block_of_the_reference_finds_its_way_into_a_blank_handout(tmp_path):
    handout = make_workspace(tmp_path / "new")
    student = make_workspace(tmp_path / "old", blank_blocks=False)
    planned = plan(student, handout_in(handout))
    assert planned.files == {}  # it comes out as the student has it, byte for byte
    assert planned.left == []
    assert planned.done[0] == f"cs231n: {len(blocks_of(ROOT / 'cs231n'))} blocks of yours moved"
    assert len(plan(handout, handout_in(student)).files) == 6  # the plan can be something else


def test_a_block_goes_by_its_name_and_the_text_around_it_is_the_new_one():
    old = source(one="out = 1", two="out = 2", three="")
    new = source(two="", four="", one="", three="").replace("A module", "A newer module")
    text, result = merged(old, new)
    assert text == source(two="out = 2", four="", one="out = 1", three="").replace(
        "A module", "A newer module"
    )
    assert (sorted(result.moved), result.left) == (["one", "two"], [])
    [note] = result.notes
    assert note.endswith("""should they be yours: `\"\"\"A module.\"\"\"`.""")


def test_a_block_follows_its_function_into_another_file():
    old = {"cs231n/layers.py": source(one="out = 1")}
    new = {"cs231n/layers.py": "import math\n", "cs231n/norms.py": source(one="")}
    result = merge_sources(old, new)
    assert result.files == {"cs231n/norms.py": source(one="out = 1")}


def test_a_block_that_is_gone_is_told_and_an_empty_one_is_not():
    text, result = merged(source(one="out = 1", two="", three="# only a remark\n"), source(two=""))
    assert text == source(two="")
    assert result.left == [
        "the block one (cs231n/layers.py, line 8): there is no such block any more",
        "the block three (cs231n/layers.py, line 24): there is no such block any more",
    ]


def test_a_block_is_indented_as_the_new_one_is():
    nested = source(one="").replace("    ", "        ").replace("def", "if np:\n    def")
    old = source(one='if x:\n    out = """\nas it is"""').replace("    as it", "as it")
    text, _ = merged(old, nested)
    [block] = blocks_in(text)
    assert block.code == '        if x:\n            out = """\nas it is"""\n'


def test_damaged_markers_cost_their_function_alone():
    old = source(one="out = 1", two="out = 2", three="out = 3")
    first, second = old.split("def two")
    damaged = first + "def two" + second.replace(END, "# the end", 1)
    with pytest.raises(BlockError):
        blocks_in(damaged)
    text, result = merged(damaged, source(one="", two="", three=""))
    assert text == source(one="out = 1", two="", three="out = 3")
    assert result.left[1] == "def two(x) in cs231n/layers.py, from line 14 on"


def test_line_ends_of_another_system_do_not_matter():
    text, _ = merged(source(one="out = 1").replace("\n", "\r\n"), source(one=""))
    assert text == source(one="out = 1")


def test_a_syntax_error_is_carried_over_and_told():
    text, result = merged(source(one="out = ("), source(one=""))
    assert text == source(one="out = (")
    assert result.notes == ["cs231n/layers.py: Python cannot read it, so look at it first."]


def test_lines_outside_the_blocks_that_are_gone_are_told():
    old = source(one="out = 1", two="out = 2").replace("return out", "return out, None", 1)
    _, result = merged(old, source(one="", two="").replace("return out", "return 2 * out"))
    [note] = result.notes
    assert note.endswith("should they be yours: `return out, None`; `return out`.")
    _, same = merged(source(one="out = 1"), source(one=""))
    assert same.notes == []


def test_what_was_added_outside_the_blocks_is_carried_over_once():
    helper = "@np.vectorize\ndef helper(x):\n    # mine\n    return math.pi\n"
    additions = f"import math\n\n{helper}\nlimit = 3\n"
    old = source(one="out = helper(x)") + "\n\n" + additions
    text, result = merged(old, source(one="", two=""))
    assert "helper, limit, math" in result.notes[0]
    scope = {}
    exec(text, scope)
    assert (scope["helper"](2), scope["limit"]) == (np.pi, 3)
    assert "    # mine\n" in text
    again, _ = merged(text, source(one="", two=""))
    assert again == text
    assert text.count(CARRIED_OVER) == 1


# Notebooks


def as_notebook(cells, **fields):
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | fields
    return notebooks.parse(json.dumps(notebook).encode())


def named(kind, text, *tags, **fields):
    """Return a cell that is called by its content, as a handout calls it."""
    made = cell(kind, text, "", *tags, **fields)
    return made | {"id": notebooks.content_name(made | {"source": text})}


def sources_of(notebook):
    return [one["source"] for one in notebook["cells"]]


def question(number, text):
    return [
        cell("markdown", text, f"question-{number}", "inline-question"),
        cell("markdown", notebooks.PLACEHOLDER, f"answer-{number}", "answer"),
    ]


HANDED_OUT = [
    named("markdown", "# Small"),
    named("code", "x = 1"),
    named("code", "y = 2"),
    cell("code", "check.affine_forward()", "check-affine_forward", "check"),
    *question(1, "Why?"),
    *question(2, "How?"),
    named("markdown", "## The end"),
]


def changed(cells, place, **fields):
    return [one | fields if number == place else one for number, one in enumerate(cells)]


def test_a_notebook_that_nobody_wrote_into_is_the_new_one():
    new = [named("markdown", "# Smaller"), *HANDED_OUT[1:]]
    result = merge_notebooks(as_notebook(HANDED_OUT), as_notebook(new))
    assert result.notebook == as_notebook(new)
    assert (result.answers, result.extra, result.changed, result.notes) == (0, 0, 0, [])


@pytest.mark.parametrize("how", ["in the cell", "in a new cell", "in the question", "without ids"])
def test_an_answer_goes_below_its_question_wherever_that_is(how):
    old = changed(HANDED_OUT, 7, source="It is so.")
    if how == "in a new cell":
        old = [*HANDED_OUT[:7], cell("markdown", "It is so.", "0f1e2d3c"), *HANDED_OUT[8:]]
    if how == "in the question":
        old = changed(HANDED_OUT, 6, source="How?\n\nIt is so.")
    if how == "without ids":
        old = [{key: one[key] for key in one if key != "id"} for one in old]
    new = [*HANDED_OUT[:4], *question(1, "When?"), *question(2, "Why?"), *question(3, "How?")]
    result = merge_notebooks(as_notebook(old), as_notebook(new))
    assert sources_of(result.notebook)[9] == "It is so."
    assert result.notebook["cells"][9]["id"] == "answer-3"
    # Without ids nobody can tell that the last heading was the handout's and is gone.
    assert (result.answers, result.extra) == (1, how == "without ids")


def test_an_answer_to_a_question_that_reads_otherwise_is_kept_and_told():
    new = changed(HANDED_OUT, 6, source="How on earth?")
    result = merge_notebooks(as_notebook(changed(HANDED_OUT, 7, source="So.")), as_notebook(new))
    assert sources_of(result.notebook)[6:8] == ["How on earth?", "So."]
    assert result.notes == [
        "question 2 reads otherwise now; see whether your answer still fits."
    ]  # fmt: skip


def test_an_answer_to_a_question_that_is_gone_is_kept_and_told():
    old = changed(HANDED_OUT, 7, source="So.")
    result = merge_notebooks(as_notebook(old), as_notebook(HANDED_OUT[:6]))
    assert sources_of(result.notebook)[-1] == "So."
    assert result.notes == ["not asked any more, and your answer stays: How?"]


def test_two_answers_to_one_question_are_both_kept():
    first, second = (changed(HANDED_OUT[4:6], 1, source=text) for text in ("So.", "No, so."))
    result = merge_notebooks(as_notebook([*first, *second]), as_notebook(HANDED_OUT))
    assert {"So.", "No, so."} <= set(sources_of(result.notebook))
    assert result.answers == 1


def test_own_cells_stay_behind_what_they_stood_behind():
    own = [cell("code", f"mine = {number}", f"abcd{number}") for number in range(3)]
    old = [own[0], *HANDED_OUT[:2], own[1], *HANDED_OUT[2:], own[2], cell("code", "", "empty")]
    new = [HANDED_OUT[0], named("code", "z = 3"), *HANDED_OUT[1:]]
    result = merge_notebooks(as_notebook(old), as_notebook(new))
    wanted = ["mine = 0", "# Small", "z = 3", "x = 1", "mine = 1", "y = 2"]
    assert sources_of(result.notebook)[:6] == wanted
    assert sources_of(result.notebook)[-1] == "mine = 2"
    assert result.extra == 3


def test_a_check_for_the_bug_hunt_goes_by_what_it_checks():
    """However the given one has changed meanwhile, it does not come back beside the student's."""
    given = [named("code", f"def my_check(f):\n    {n}") for n in (1, 2)]
    for one in given:
        one["metadata"]["tags"] = ["hunt-relu_forward"]
    old = [HANDED_OUT[0], given[0] | {"source": "def my_check(f):\n    assert f(1) == 1"}]
    result = merge_notebooks(as_notebook(old), as_notebook([HANDED_OUT[0], given[1]]))
    assert sources_of(result.notebook) == ["# Small", old[1]["source"]]
    assert result.changed == 1
    untouched = merge_notebooks(as_notebook(HANDED_OUT[:1] + given[:1]), as_notebook(given[1:]))
    assert sources_of(untouched.notebook) == ["def my_check(f):\n    2"]


def test_a_cell_that_a_student_changed_stays_changed_and_outputs_stay():
    output = {"output_type": "stream", "name": "stdout", "text": "1"}
    ran = {"outputs": [output], "execution_count": 5}
    old = changed(changed(HANDED_OUT, 1, source="x = 100", **ran), 2, **ran)
    new = [named("markdown", "# Smaller"), *HANDED_OUT[1:]]
    result = merge_notebooks(as_notebook(old), as_notebook(new))
    assert sources_of(result.notebook)[:3] == ["# Smaller", "x = 100", "y = 2"]
    assert [one["outputs"] for one in result.notebook["cells"][1:3]] == [[output], [output]]
    assert result.changed == 1
    gone = merge_notebooks(as_notebook(old), as_notebook(HANDED_OUT[2:]))
    assert "x = 100" in sources_of(gone.notebook)
    assert "# Small" not in sources_of(gone.notebook)


def test_whatever_a_student_does_to_a_notebook_is_in_the_newer_one():
    rng = np.random.default_rng(231)
    newer = [*HANDED_OUT[:1], named("code", "z = 3"), *HANDED_OUT[2:6], *question(2, "Where?")]
    for _ in range(200):
        cells, written = list(HANDED_OUT), []
        for number in range(rng.integers(1, 6)):
            place = int(rng.integers(len(cells)))
            text = f"mine {number}"
            kind = str(rng.choice(["code", "markdown", "raw"]))
            act = rng.integers(4)
            if act == 0 and not cells[place].get("id", "").startswith("check"):
                cells = changed(cells, place, source=text)
            elif act == 1:
                del cells[place]
                continue
            elif act == 2:
                cells.insert(place, cell(kind, text, f"f00{number}"))
            else:
                cells.append(cell(kind, text, ""))
                del cells[-1]["id"]
        written = [text for one in cells if (text := "".join(one["source"])).startswith("mine")]
        result = merge_notebooks(as_notebook(cells), as_notebook(newer)).notebook
        shown = "\n".join(sources_of(result))
        questions = [one for one in cells if "question" in one.get("id", "")]
        lost = [text for text in written if text not in shown]
        # A question that was overwritten is asked anew, and the student's text is in the backup.
        assert set(lost) <= {"".join(one["source"]) for one in questions}
        ids = [one["id"] for one in result["cells"]]
        assert len(set(ids)) == len(ids)
        assert set(sources_of(as_notebook(question(2, "Where?")))) & set(sources_of(result))


@pytest.mark.parametrize("kind", ["code", "raw"])
def test_an_answer_cell_whose_type_has_changed_is_kept_as_it_is_now(kind):
    ask, answer = question(1, "Why?")
    written = cell(kind, "because = 1", "answer-1", "answer", count=3)
    merged = merge_notebooks(as_notebook([ask, written]), as_notebook([ask, answer]))
    (_, kept) = merged.notebook["cells"]
    # A raw cell is text as well, and the handout's is one that shows it.
    now = "code" if kind == "code" else "markdown"
    assert (kept["cell_type"], kept["source"], kept["id"]) == (now, "because = 1", "answer-1")
    assert kept.get("execution_count") == (3 if kind == "code" else None)
    assert ("outputs" in kept) == (kind == "code")


def test_any_cell_whose_type_has_changed_is_kept_as_it_is_now():
    new = HANDED_OUT
    old = [dict(handed_out) for handed_out in new]
    for handed_out in old:
        handed_out["cell_type"] = "markdown" if handed_out["cell_type"] == "code" else "code"
        handed_out["source"] = ["mine"]
        handed_out.pop("outputs", None)
        handed_out.pop("execution_count", None)
    merged = merge_notebooks(as_notebook(old), as_notebook(new))
    kept = [c for c in merged.notebook["cells"] if c["source"] == "mine"]
    handed = [c for c in new if not c["id"].startswith(("check-", "question-", "answer-"))]
    assert len(kept) >= len(handed)
    for each in kept:
        assert ("outputs" in each) == (each["cell_type"] == "code")


# Swapping


def files_and_contents(root):
    return {path: (root / path).read_bytes() for path in swap.files_of(root)}


@pytest.fixture
def small(tmp_path):
    for name in ("cs231n/a.py", "cs231n/b.py", "notebooks/c.ipynb", "mine.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"old {name}")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "large").write_text("data")
    return tmp_path


NEW = {"cs231n/a.py": b"new a", "cs231n/deep/d.py": b"new d", "notebooks/c.ipynb": b"new c"}


def test_new_files_take_the_place_of_old_ones_which_are_in_the_backup(small):
    before = files_and_contents(small)
    backup = swap.replace(small, NEW)
    assert files_and_contents(small) == before | NEW
    assert files_and_contents(backup) == before
    assert backup.parent == small / "backups"
    assert [path.name for path in (small / NOTES).iterdir()] == []
    assert swap.take_back(small) is False
    assert len({swap.replace(small, NEW) for _ in range(3)}) == 3  # within one second


def test_a_file_without_a_content_is_removed_and_in_the_backup(small):
    before = files_and_contents(small)
    backup = swap.replace(small, {"mine.txt": None, **NEW})
    assert files_and_contents(small).keys() == (before | NEW).keys() - {"mine.txt"}
    assert files_and_contents(backup) == before


def test_a_file_that_was_removed_comes_back_when_the_update_fails(small, monkeypatch):
    before, replace = files_and_contents(small), os.replace

    def failing(source, target):
        if target == small / "cs231n/a.py" and not (small / "mine.txt").exists():
            monkeypatch.setattr(os, "replace", replace)  # and nothing fails from here on
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(swap.SwapError, match="Everything is as it was"):
        swap.replace(small, {"mine.txt": None, **NEW})
    assert files_and_contents(small) == before


@pytest.mark.parametrize("step", range(8))
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_update_that_fails_leaves_everything_as_it_was(small, monkeypatch, step, error):
    before, calls, replace = files_and_contents(small), itertools.count(), os.replace

    def failing(source, target):
        if next(calls) == step:
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    # What is created, the journal and three files are five renames; later steps are never reached.
    if step < 5:
        with pytest.raises((swap.SwapError, KeyboardInterrupt)):
            swap.replace(small, NEW)
        assert files_and_contents(small) == before
    else:
        swap.replace(small, NEW)
        assert files_and_contents(small) == before | NEW


def test_a_disk_that_is_full_before_anything_is_touched(small, monkeypatch):
    before = files_and_contents(small)
    monkeypatch.setattr(swap, "_stage", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
    with pytest.raises(swap.SwapError, match=r"No space. Nothing has been changed"):
        swap.replace(small, NEW)
    assert files_and_contents(small) == before


KILLED = """
    import itertools, os
    from pathlib import Path
    from coursekit.student.update import swap
    calls, replace = itertools.count(), os.replace
    def killed(source, target):
        if next(calls) == {step}:
            os._exit(9)
        replace(source, target)
    os.replace = killed
    swap.replace(Path({root!r}), {new!r})
"""


@pytest.mark.parametrize("step", [2, 4])
def test_an_update_that_is_killed_is_taken_back_by_the_next_call(small, step):
    before = files_and_contents(small)
    code = textwrap.dedent(KILLED.format(step=step, root=str(small), new=NEW))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 9
    assert (files_and_contents(small) == before) == (step == 2)
    assert swap.take_back(small) is True
    assert files_and_contents(small) == before
    assert swap.take_back(small) is False


def test_a_backup_that_is_gone_is_told_and_nothing_is_touched(small):
    (small / NOTES).mkdir()
    journal = {"backup": "backups/gone", "created": ["mine.txt"], "replaced": ["cs231n/a.py"]}
    (small / NOTES / "update.json").write_text(json.dumps(journal))
    with pytest.raises(swap.SwapError, match="is missing, so the update cannot be taken back"):
        swap.take_back(small)
    assert (small / "mine.txt").exists()
    (small / NOTES / "update.json").write_text("[")
    with pytest.raises(swap.SwapError, match="cannot be read"):
        swap.take_back(small)


# The command


def test_update_and_undo_in_a_workspace(workspace, tmp_path):
    files = handout_in(workspace)
    layers = files["cs231n/layers.py"].replace(b"def relu_forward", b"def rectify")
    newer = files | {
        "cs231n/layers.py": layers.replace(b"The layers of", b"All layers of"),
        "cs231n/solver.py": files["cs231n/solver.py"] + b"\n\nNEWER = True\n",
        "README.md": b"# Newer\n",
    }
    path = zip_of(tmp_path / "new handout.zip", newer, "cs231n-kit/")
    fill(workspace, "right")
    fill(workspace, "    out = np.maximum(0, x)\n", "relu_forward")
    notebook = small_cells()
    notebook.append(cell("markdown", "Because.", "0f1e2d3c"))
    (workspace / "notebooks" / "Small.ipynb").write_bytes(notebooks.as_bytes(as_notebook(notebook)))
    (workspace / "my notes.txt").write_text("mine")
    before = files_and_contents(workspace)

    dry = run_command(workspace, "update", "--dry-run", path)
    assert dry.returncode == 0, dry.stderr
    assert files_and_contents(workspace) == before

    done = run_command(workspace, "update", path)
    assert done.returncode == 0, done.stderr
    assert "cs231n: 1 block of yours moved" in done.stdout
    assert "the block relu_forward (cs231n/layers.py, line" in done.stdout
    assert "\nNot placed. It is in the backup, and has to be moved by hand:\n" in done.stdout
    assert "notebooks/Small.ipynb: 1 answer" in done.stdout
    assert "should you have changed them: cs231n/solver.py." in done.stdout
    source = read_source(workspace / "cs231n" / "layers.py")
    assert ANSWERS["right"] in source
    assert "All layers of" in source
    assert (workspace / "my notes.txt").read_text() == "mine"
    assert (workspace / "README.md").read_text() == "# Newer\n"
    answers = notebooks.answers_in(notebooks.read(workspace / "notebooks" / "Small.ipynb"))
    assert [answer.answer for answer in answers] == ["Because."]
    [backup] = swap.backups(workspace)
    assert files_and_contents(backup) == before

    assert "Nothing to do" in run_command(workspace, "update", path).stdout
    assert run_command(workspace, "check", "affine_forward", "--strict").returncode == 0

    undone = run_command(workspace, "update", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert "Removed, since the update had created it: README.md." in undone.stdout
    assert files_and_contents(workspace) == before
    assert len(swap.backups(workspace)) == 2


def test_a_newer_engine_takes_the_place_of_the_one_before(workspace, tmp_path):
    (workspace / "wheels").mkdir()
    for name in ("coursekit-1-py3-none-any.whl", "other-1-py3-none-any.whl"):
        (workspace / "wheels" / name).write_bytes(b"old")
    before = files_and_contents(workspace)
    newer = handout_in(workspace) | {"wheels/coursekit-2-py3-none-any.whl": b"new"}
    newer.pop("wheels/coursekit-1-py3-none-any.whl", None)
    path = zip_of(tmp_path / "newer.zip", newer, "cs231n-kit/")
    assert run_command(workspace, "update", path).returncode == 0
    wheels = sorted(path.name for path in (workspace / "wheels").iterdir())
    assert wheels == ["coursekit-2-py3-none-any.whl", "other-1-py3-none-any.whl"]
    assert run_command(workspace, "update", "--undo").returncode == 0
    assert files_and_contents(workspace) == before


def test_an_engine_stays_where_the_newer_handout_has_none(workspace):
    (workspace / "wheels").mkdir()
    (workspace / "wheels" / "coursekit-1-py3-none-any.whl").write_bytes(b"old")
    assert None not in plan(workspace, {"README.md": b"# Newer"}).files.values()


def test_with_a_list_of_the_handout_only_what_the_student_changed_is_told(workspace):
    files = handout_in(workspace)
    write_json(workspace / LISTING, listing(workspace, files.keys() - {LISTING}, "1.0"))
    newer = files | {
        f"cs231n/{name}.py": files[f"cs231n/{name}.py"] + b"\n" for name in ("solver", "im2col")
    }
    newer[LISTING] = b"[]"
    assert not any("as you changed them" in note for note in plan(workspace, newer).notes)
    (workspace / "cs231n" / "solver.py").write_text("# mine\n")
    assert plan(workspace, newer).notes == [
        "replaced, and in the backup as you changed them: cs231n/solver.py."
    ]


def cut_off_update(workspace):
    """Leave a workspace as an update does that was cut off. Returns the backup."""
    backup = swap.back_up(workspace)
    (workspace / "cs231n" / "optim.py").write_text("half an update")
    journal = {"backup": f"backups/{backup.name}", "created": [], "replaced": ["cs231n/optim.py"]}
    (workspace / NOTES).mkdir()
    (workspace / NOTES / "update.json").write_text(json.dumps(journal))
    return backup


def test_undo_takes_back_what_was_cut_off_and_no_more(workspace):
    backup = cut_off_update(workspace)
    (workspace / "my notes.txt").write_text("written since")
    done = run_command(workspace, "update", "--undo")
    assert (done.returncode, "has been taken back" in done.stdout) == (0, True)
    assert files_and_contents(workspace) == files_and_contents(backup) | {
        "my notes.txt": b"written since"
    }


def test_an_update_goes_on_after_one_that_was_cut_off_is_taken_back(workspace, tmp_path):
    files = handout_in(workspace)
    cut_off_update(workspace)
    newer = zip_of(tmp_path / "newer.zip", files | {"README.md": b"# Newer\n"}, "cs231n-kit/")
    done = run_command(workspace, "update", newer)
    assert done.returncode == 0, done.stderr
    assert "has been taken back" in done.stdout
    assert (workspace / "cs231n" / "optim.py").read_bytes() == files["cs231n/optim.py"]
    assert (workspace / "README.md").read_text() == "# Newer\n"


def test_what_cannot_be_done_is_told_in_a_sentence(workspace, tmp_path):
    for arguments, said in (
        ([tmp_path / "missing.zip"], "No such file"),
        (["--undo"], "There is no backup in"),
    ):
        done = run_command(workspace, "update", *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert said in done.stderr


def test_a_notebook_that_cannot_be_read_is_replaced_and_told(workspace):
    files = handout_in(workspace)
    (workspace / "notebooks" / "Small.ipynb").write_text("<<<<<<< mine")
    planned = plan(workspace, files)
    assert planned.files == {"notebooks/Small.ipynb": files["notebooks/Small.ipynb"]}
    assert planned.left[0].startswith("notebooks/Small.ipynb: it is no notebook")


def test_a_blank_handout_has_only_stubs(workspace):
    # The proof that the tests above start from something to lose.
    assert not any(block.is_filled for block in blocks_of(workspace / "cs231n"))
    reference = read_source(ROOT / "cs231n" / "layers.py")
    assert all(block.is_filled for block in blocks_in(reference))
    assert blank(reference) == read_source(workspace / "cs231n" / "layers.py")


def test_ctrl_c_says_that_nothing_has_changed(workspace, monkeypatch, capsys):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(update, "_update", stop)
    assert cli.main(["--course", str(workspace), "update", "handout.zip"]) == 130
    assert capsys.readouterr().err == "\nStopped. Everything is as it was.\n"


# Names that lead elsewhere once the handout's own folder is taken off


@pytest.mark.parametrize(
    "name",
    [
        "/tmp/x",
        "a//b",
        "./a",
        "a/./b",
        "a/ b",
        ".venv/bin/python",
        ".git/hooks/post-checkout",
        "backups/x",
        f"{NOTES}/verdicts/x.json",
        "VENV/x",
        "n" * 300,
        f"a/{'n' * 300}/b",
    ],
)
def test_a_zip_writes_into_the_handout_and_nowhere_else(tmp_path, name):
    path = zip_of(tmp_path / "new.zip", {**HANDOUT, name: b""}, "cs231n-kit/")
    with pytest.raises(ArchiveError, match="the zip holds "):
        read_handout(path)


ANNOTATIONS_LATER = "from __future__ import annotations\n"
ONE_BLOCK = (
    "def f():\n"
    "    # TODO: x\n"
    "    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****\n"
    "    {}\n"
    "    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****\n"
)
MODULE = '"""Something."""\n\nimport os\n\n\n' + ONE_BLOCK.format(
    'raise NotImplementedError("f is not filled in yet")'
)


@pytest.mark.parametrize(
    ("added", "names"),
    [
        (ANNOTATIONS_LATER, {"annotations"}),
        ("LIMIT: int = 3\n", {"LIMIT"}),
        ("A, B = 1, 2\n", {"A", "B"}),
        ("(C, D), E = (1, 2), 3\n", set()),
        ("try:\n    import numba\nexcept ImportError:\n    numba = None\n", {"numba"}),
        ("if os.name == 'nt':\n    SEP = 1\nelse:\n    SEP = 2\n", {"SEP"}),
        ("for i in range(3):\n    print(i)\n", set()),
    ],
)
def test_what_stood_outside_the_blocks_is_carried_so_that_python_can_read_it(added, names):
    old = MODULE.replace(
        "import os\n", "import os\n" if added == ANNOTATIONS_LATER else f"import os\n{added}"
    )
    if added == ANNOTATIONS_LATER:
        old = old.replace('"""Something."""\n', f'"""Something."""\n\n{ANNOTATIONS_LATER}')
    old = old.replace('raise NotImplementedError("f is not filled in yet")', "return 5")
    found = merge_sources({"a.py": old}, {"a.py": MODULE})
    text = found.files["a.py"]
    compile(text, "a.py", "exec")
    carried = {
        name
        for name in ("annotations", "LIMIT", "A", "B", "numba", "SEP")
        if re.search(rf"\b{name}\b", text)
    }
    assert carried == names
    assert "return 5" in text


def test_a_block_that_the_new_file_cannot_hold_stops_the_update():
    """Code that only its old surroundings made sense of."""
    old = MODULE.replace("def f():\n", "x = 1\n\n\ndef f():\n").replace(
        'raise NotImplementedError("f is not filled in yet")', "global x\n    x = 2"
    )
    new = MODULE.replace("def f():\n", "def f():\n    x = 0\n")
    with pytest.raises(BlockError, match=r"a\.py: with your blocks in it, Python cannot read"):
        merge_sources({"a.py": old}, {"a.py": new})


@pytest.mark.parametrize("damage", ["mark", "half a letter", "half a letter as bytes"])
def test_notebooks_with_odd_encodings_are_read_and_written_whole(damage):
    content = json.dumps({"cells": [cell("markdown", "Why? LETTER", "t")], "nbformat": 4})
    content = content.replace("LETTER", "\\ud83d" if damage == "half a letter" else "x")
    raw = content.encode()
    if damage == "mark":
        raw = b"\xef\xbb\xbf" + raw
    if damage == "half a letter as bytes":
        raw = raw.replace(b"x", "\ud83d".encode("utf-8", "surrogatepass"))
    notebook = notebooks.parse(raw)
    written = notebooks.as_bytes(notebook)
    written.decode("utf-8")
    assert notebooks.parse(written) == notebook


def test_backups_are_in_order_though_a_clock_was_set_back(small):
    times = [datetime(2026, 3, day) for day in (5, 1, 1, 9)]
    made = [swap.back_up(small, now) for now in times]
    assert swap.backups(small) == made


def test_what_an_earlier_backup_left_unfinished_is_removed(small):
    unfinished = small / swap.BACKUPS / "2026-01-01-000000.part"
    unfinished.mkdir(parents=True)
    made = swap.back_up(small)
    assert list((small / swap.BACKUPS).iterdir()) == [made]
