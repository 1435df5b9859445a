"""The handout: what is in it, what is not, and what it does with the reference in it."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from this_course import COURSE, check

from coursekit.authoring import handout, release, workspace
from coursekit.authoring.handout import ReleaseError
from coursekit.blocks import blocks_of
from coursekit.course import LISTING, Course
from coursekit.files import plain_files, sha256
from coursekit.notebooks import PLACEHOLDER, answers_in, tags_of
from coursekit.progress import progress_bar
from coursekit.version import version

SCRIPTS = COURSE.folder / "tests"


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """A handout, in a folder with a blank and letters that are not ASCII."""
    return handout.cut(COURSE, tmp_path_factory.mktemp("cut") / "Mein Übungsblatt 1")


@pytest.fixture
def copy(cut, tmp_path):
    return shutil.copytree(cut, tmp_path / "copy")


def a_bar():
    return progress_bar(total=1, desc="Mistakes", unit="block")


def engine_in(cut):
    """Return the wheel of the engine that lies in a handout."""
    [wheel] = (cut / "wheels").glob("*.whl")
    return wheel


def test_a_handout_has_what_a_student_needs(cut):
    for path in (
        "README.md",
        "Makefile",
        "LICENSE",
        "requirements.txt",
        ".gitattributes",
        ".gitignore",
        "collect_submission.sh",
        "datasets/get_datasets.sh",
        "cs231n/layers.py",
        "course/course.toml",
        "course/exercises/affine.py",
        "course/figures/dropout.py",
        "course/recorded/affine_forward.npz",
        "course/recorded/mistakes/affine_forward.npz",
        "notebooks/Dropout.ipynb",
    ):
        assert (cut / path).is_file()


def test_a_handout_has_nothing_else(cut):
    staff = ("coursekit", "tests", "benchmarks", "handout", "examples", "docs", ".coursekit")
    for path in plain_files(cut):
        assert path.split("/")[0] not in staff
        assert not path.startswith(("notebooks/text", "course/mistakes", "course/spellings"))
        assert not path.endswith(".pyc")


def test_a_handout_brings_its_engine(cut):
    wheel = engine_in(cut)
    requirements = (cut / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert requirements[-1].startswith(f"./wheels/{wheel.name} ")
    assert not any(line.startswith("-e") for line in requirements)
    assert json.loads((cut / LISTING).read_text(encoding="utf-8"))["engine"] == version()
    assert wheel.name == f"coursekit-{version()}-py3-none-any.whl"


def test_every_block_is_blank(cut):
    blocks = blocks_of(cut / "cs231n")
    assert [block.name for block in blocks] == [b.name for b in blocks_of(COURSE.package_folder)]
    assert not any(block.is_filled for block in blocks)


def test_notebooks_have_no_outputs_and_no_answers(cut):
    reference = handout.reference_notebooks(COURSE)
    for name, full in reference.items():
        notebook = nbformat.read(cut / "notebooks" / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            assert "reference-answer" not in tags_of(cell)
            if cell.cell_type == "code":
                assert cell.outputs == []
                assert cell.execution_count is None
        questions = [cell for cell in full.cells if "inline-question" in tags_of(cell)]
        blank = [cell for cell in notebook.cells if cell.source == PLACEHOLDER]
        assert len(questions) == len(blank) >= 3
        assert [each.answer for each in answers_in(notebook)] == [""] * len(questions)


def test_the_list_of_files_is_that_of_the_handout(cut):
    listed = Course.read(cut).handed_out()
    assert sorted([*listed, LISTING]) == plain_files(cut)
    assert all(sha256(cut / path) == digest for path, digest in listed.items())


def test_no_line_of_the_reference_is_in_a_handout(cut):
    assert handout.leaks(COURSE, cut) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cs231n/optim.py", "#   velocity  -= config['learning_rate'] * dw"),
        ("notebooks/Dropout.ipynb", "dx = dout * mask"),
        ("README.md", "of 0.25 leaves 125; of 20 it leaves 5, which is hardly a network."),
    ],
)
def test_a_line_of_the_reference_is_found(copy, path, line):
    """Whatever its blanks and its quotation marks, since those do not make it another line."""
    text = json.dumps(line)[1:-1] if path.endswith(".ipynb") else line
    content = (copy / path).read_text(encoding="utf-8")
    before = handout.secrets(COURSE)
    assert any(handout.squeezed(line.lstrip("# ")) == secret for _, secret in before)
    if path.endswith(".ipynb"):
        content = content.replace('"# Dropout', f'"{text}\\n# Dropout', 1)
    else:
        content += f"\n{text}\n"
    (copy / path).write_text(content, encoding="utf-8")
    assert {found for found, _, _ in handout.leaks(COURSE, copy)} == {path}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_line_of_the_reference_is_found_among_recorded_values(copy, save):
    path = "course/recorded/affine_forward.npz"
    save(copy / path, note=np.array(["dx = dout * mask"]))
    assert {found for found, _, _ in handout.leaks(COURSE, copy)} == {path}


def test_a_handout_is_proved_before_there_is_a_release(copy, tmp_path, monkeypatch):
    # The table of mistakes takes a minute, and is tried for two blocks below.
    monkeypatch.setattr(release, "mistakes", lambda course, filled, bar: "the table")
    assert release.prove(COURSE, copy, tmp_path / "full") == "the table"
    with open(copy / "README.md", "a", encoding="utf-8") as file:
        file.write("\ndx = dout * mask\n")
    with pytest.raises(
        ReleaseError, match=r"(?s)are in the handout:.*README.md: of dropout_backward"
    ):
        release.prove(COURSE, copy, tmp_path / "full again")


def test_there_is_no_release_while_a_readme_is_wrong(copy, tmp_path, monkeypatch):
    monkeypatch.setattr(release.facts, "wrong_in", lambda course: ["README.md: it says 99"])
    with pytest.raises(ReleaseError, match=r"^README.md: it says 99$"):
        release.prove(COURSE, copy, tmp_path / "full")


def test_lines_that_are_given_are_in_the_reference():
    """A line that is not any more would hide another one some day."""
    lines = {line for _, line in handout.secrets(COURSE)}
    assert lines >= set(COURSE.settings["handout"]["given"])


def test_blank_blocks_are_not_attempted(cut):
    release.expect_blank(release.verdicts(cut))


def test_blank_notebooks_run_up_to_the_first_block_and_name_it(cut):
    """From the folder `notebooks`, wherever it lies, with a package that nothing else leads to."""
    script = SCRIPTS / "up_to_a_block.py"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-B", script],
        cwd=cut / "notebooks",
        env=environment | {"MPLBACKEND": "agg"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["package"] == str(cut / "cs231n")
    unfilled = "NotImplementedError: {} is not filled in yet".format
    assert found["ends"] == {
        "FullyConnectedNets": unfilled("affine_forward"),
        "BatchNormalization": unfilled("affine_forward"),
        "Dropout": unfilled("dropout_forward:train"),
        "ConvolutionalNetworks": unfilled("conv_forward_naive"),
    }


def test_with_the_reference_every_check_passes(cut, tmp_path):
    full = release.fill(COURSE, cut, tmp_path / "full")
    found = release.verdicts(full)
    release.expect_full(found, COURSE.points)
    assert sum(points for _, _, points in found.values()) == COURSE.points
    assert found.keys() == {each.name for each in check.with_optional}


def test_known_mistakes_are_named_in_the_handout(cut, tmp_path):
    full = release.fill(COURSE, cut, tmp_path / "full")
    with a_bar() as bar:
        table = release.mistakes(COURSE, full, bar, ["relu_forward", "relu_backward"])
        assert table.splitlines()[0].split()[:4] == ["relu_forward", "stub", "not", "attempted"]
        assert table.splitlines()[1].startswith("relu_backward ")
        shutil.rmtree(full / "course" / "recorded" / "mistakes")
        with pytest.raises(ReleaseError, match=r"not every known mistake is noticed:\n"):
            release.mistakes(COURSE, full, bar, ["relu_forward"])


def test_what_is_tried_is_the_handout(copy, tmp_path):
    """And not the package of this repository, which Python finds when asked from here."""
    full = release.fill(COURSE, copy, tmp_path / "full")
    (full / "cs231n" / "__init__.py").write_text("raise SystemExit('this one')\n")
    with pytest.raises(ReleaseError, match="does not run:\nthis one"):
        release.verdicts(full)
    with a_bar() as bar, pytest.raises(ReleaseError, match="this one"):
        release.mistakes(COURSE, full, bar, ["relu_forward"])


def test_the_engine_that_is_tried_is_that_of_the_handout(copy):
    with zipfile.ZipFile(engine_in(copy), "w") as wheel:
        wheel.writestr("coursekit/__init__.py", "raise SystemExit('this engine')")
    with pytest.raises(ReleaseError, match="does not run:\nthis engine"):
        release.verdicts(copy)


def test_a_handout_that_breaks_its_promises_is_refused():
    with pytest.raises(ReleaseError, match="relu_forward says 'passed' of a blank block"):
        release.expect_blank({"relu_forward": ("passed", 1, 1)})
    with pytest.raises(ReleaseError, match="relu_forward says 'wrong' of the reference"):
        release.expect_full({"relu_forward": ("wrong", 0, 1)}, 1)
    with pytest.raises(ReleaseError, match="add up to 99, expected 100"):
        release.expect_full({"relu_forward": ("passed", 99, 99)}, 100)


def test_the_same_files_make_the_same_zip(cut, copy):
    os.utime(copy / "README.md", (1, 1))
    os.chmod(copy / "README.md", 0o600)
    (copy / "cs231n" / "__pycache__").mkdir()
    (copy / "cs231n" / "__pycache__" / "layers.pyc").write_bytes(b"")
    data = handout.zipped(COURSE, cut)
    assert handout.zipped(COURSE, copy) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name.split("/")[0] for name in archive.namelist()} == {COURSE.name}
        script = archive.getinfo(f"{COURSE.name}/collect_submission.sh")
        assert script.external_attr >> 16 == 0o100755
    (copy / "README.md").write_text("other")
    assert handout.zipped(COURSE, copy) != data


def test_a_handout_is_not_cut_over_something_else(copy):
    with pytest.raises(ReleaseError, match="not empty"):
        handout.cut(COURSE, copy)


def test_a_release_does_not_replace_something_else(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "prove", lambda course, folder, filled: "proved")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ReleaseError, match="no release"):
        release.release(COURSE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_release_replaces_an_older_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(release, "prove", lambda course, folder, filled: "proved")
    out = tmp_path / "out"
    release.release(COURSE, out)
    first = (out / f"{COURSE.name}.zip").read_bytes()
    (out / COURSE.name / "README.md").write_text("touched")
    release.release(COURSE, out)
    assert (out / f"{COURSE.name}.zip").read_bytes() == first
    assert sorted(path.name for path in out.iterdir()) == [COURSE.name, f"{COURSE.name}.zip"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert "proved" in capsys.readouterr().out


def test_a_release_that_fails_leaves_the_older_one(tmp_path, monkeypatch, capsys):
    def fail(course, folder, filled):
        raise ReleaseError("a check is wrong")

    out = tmp_path / "out"
    monkeypatch.setattr(release, "prove", lambda course, folder, filled: "proved")
    release.release(COURSE, out)
    kit = out / COURSE.name
    before = {path: sha256(kit / path) for path in plain_files(kit)}
    monkeypatch.setattr(release, "prove", fail)
    with pytest.raises(ReleaseError, match="a check is wrong"):
        release.release(COURSE, out)
    assert {path: sha256(kit / path) for path in plain_files(kit)} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_workspace_is_made_once_and_kept(tmp_path):
    folder = tmp_path / "workspace"
    assert "was made" in workspace.open_workspace(COURSE, folder)
    (folder / "cs231n" / "layers.py").write_text("# mine\n")
    assert "as you left it" in workspace.open_workspace(COURSE, folder)
    assert (folder / "cs231n" / "layers.py").read_text() == "# mine\n"


def test_a_workspace_shares_the_data_also_those_that_come_later(cut, tmp_path, monkeypatch):
    here = replace(COURSE, folder=tmp_path)
    # What is cut is not of interest here.
    monkeypatch.setattr(
        workspace.handout, "cut", lambda course, folder: shutil.copytree(cut, folder)
    )
    folder, datasets = tmp_path / "workspace", tmp_path / "datasets"
    (datasets / "stand-in").mkdir(parents=True)
    workspace.open_workspace(here, folder)
    assert os.path.samefile(folder / "datasets" / "stand-in", datasets / "stand-in")
    (datasets / "cifar-10-batches-py").mkdir()
    workspace.open_workspace(here, folder)
    assert os.path.samefile(
        folder / "datasets" / "cifar-10-batches-py", datasets / "cifar-10-batches-py"
    )


def test_a_folder_that_is_no_workspace_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ReleaseError, match="is no workspace"):
        workspace.open_workspace(COURSE, tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_blocks_turn_exactly_their_checks_green_one_after_the_other(cut, tmp_path):
    """Fill in the reference block by block, and look at all checks after each."""
    done = subprocess.run(
        [sys.executable, "-B", SCRIPTS / "one_by_one.py", cut, COURSE.folder, tmp_path / "work"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(engine_in(cut))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    needs = {name: set(blocks) for name, blocks in found["needs"].items()}
    assert list(needs) == [each.name for each in check]
    assert len(found["steps"]) == len(blocks_of(COURSE.package_folder))
    filled = set()
    for block, passed in found["steps"]:
        filled.add(block)
        assert passed == [name for name in needs if needs[name] <= filled], block
    assert all(found["own"][name] and set(found["own"][name]) <= needs[name] for name in needs)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_older_release_stays_where_the_new_one_cannot_be_put(tmp_path, error):
    made, out, old = (tmp_path / name for name in ("made", "out", "old"))
    out.mkdir()
    (out / "kept").write_text("older")

    class Stubborn:
        def rename(self, target):
            raise error

    with pytest.raises(error):
        release._put_in_place(Stubborn(), out, old)
    assert (out / "kept").read_text() == "older"
    made.mkdir()
    release._put_in_place(made, out, old)
    assert (old / "kept").read_text() == "older"
    assert not list(out.iterdir())
