"""The handout: what is in it, what is not, and what it does with the reference in it."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import numpy as np
import pytest

from coursekit import handout, release, workspace
from coursekit.handout import ReleaseError
from cs231n._internal.progress import progress
from cs231n.blocks import blocks_of
from cs231n.notebooks import PLACEHOLDER, answers_in, tags_of
from cs231n.workspace import handed_out, sha256


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """A handout, in a folder with a blank and letters that are not ASCII."""
    return handout.cut(tmp_path_factory.mktemp("cut") / "Mein Übungsblatt 1")


@pytest.fixture
def copy(cut, tmp_path):
    return shutil.copytree(cut, tmp_path / "copy")


def test_a_handout_has_what_a_student_needs(cut):
    for path in (
        "README.md",
        "Makefile",
        "LICENSE",
        "requirements.txt",
        ".gitignore",
        "collect_submission.sh",
        "datasets/get_datasets.sh",
        "cs231n/layers.py",
        "cs231n/checks/recorded/affine_forward.npz",
        "notebooks/Dropout.ipynb",
    ):
        assert (cut / path).is_file()


def test_a_handout_has_nothing_else(cut):
    for path in handout.files_of(cut):
        assert path.split("/")[0] not in ("coursekit", "tests", "benchmarks", "handout")
        assert not path.startswith("notebooks/text")
        assert not path.endswith(".pyc")


def test_every_block_is_blank(cut):
    blocks = blocks_of(cut / "cs231n")
    assert [block.name for block in blocks] == [b.name for b in blocks_of(handout.REFERENCE)]
    assert not any(block.is_filled for block in blocks)


def test_notebooks_have_no_outputs_and_no_answers(cut):
    reference = handout.reference_notebooks()
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
        assert [one.answer for one in answers_in(notebook)] == [""] * len(questions)


def test_the_list_of_files_is_that_of_the_handout(cut):
    listed = handed_out(cut)
    assert sorted([*listed, "cs231n/handout.json"]) == handout.files_of(cut)
    assert all(sha256(cut / path) == digest for path, digest in listed.items())


def test_no_line_of_the_reference_is_in_a_handout(cut):
    assert handout.leaks(cut) == []


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
    before = handout.secrets()
    assert any(handout.squeezed(line.lstrip("# ")) == secret for _, secret in before)
    if path.endswith(".ipynb"):
        content = content.replace('"# Dropout', f'"{text}\\n# Dropout', 1)
    else:
        content += f"\n{text}\n"
    (copy / path).write_text(content, encoding="utf-8")
    assert {found for found, _, _ in handout.leaks(copy)} == {path}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_line_of_the_reference_is_found_among_recorded_values(copy, save):
    path = "cs231n/checks/recorded/affine_forward.npz"
    save(copy / path, note=np.array(["dx = dout * mask"]))
    assert {found for found, _, _ in handout.leaks(copy)} == {path}


def test_a_handout_is_proved_before_there_is_a_release(copy, tmp_path, monkeypatch):
    # The table of mistakes takes a minute, and is tried for two blocks below.
    monkeypatch.setattr(release, "mistakes", lambda filled, bar: "the table")
    assert release.prove(copy, tmp_path / "full") == "the table"
    with open(copy / "README.md", "a", encoding="utf-8") as file:
        file.write("\ndx = dout * mask\n")
    with pytest.raises(
        ReleaseError, match=r"(?s)are in the handout:.*README.md: of dropout_backward"
    ):
        release.prove(copy, tmp_path / "full again")


def test_lines_that_are_given_are_in_the_reference():
    """A line that is not any more would hide another one some day."""
    lines = {line for _, line in handout.secrets()}
    assert lines >= handout.GIVEN


def test_blank_blocks_are_not_attempted(cut):
    release.expect_blank(release.verdicts(cut))


def test_blank_notebooks_run_up_to_the_first_block_and_name_it(cut):
    """From the folder `notebooks`, wherever it lies, with a package that nothing else leads to."""
    script = handout.ROOT / "tests" / "up_to_a_block.py"
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
    full = release.fill(cut, tmp_path / "full")
    found = release.verdicts(full)
    release.expect_full(found)
    assert sum(points for _, _, points in found.values()) == 100


def test_known_mistakes_are_named_in_the_handout(cut, tmp_path):
    full = release.fill(cut, tmp_path / "full")
    with progress(enabled=False) as bar:
        table = release.mistakes(full, bar, ["relu_forward", "relu_backward"])
        assert table.splitlines()[0].split()[:4] == ["relu_forward", "stub", "not", "attempted"]
        assert table.splitlines()[1].startswith("relu_backward ")
        (full / "cs231n" / "checks" / "recorded" / "mistakes.npz").unlink()
        with pytest.raises(ReleaseError, match=r"not every known mistake is noticed:\n"):
            release.mistakes(full, bar, ["relu_forward"])


def test_what_is_tried_is_the_handout(copy, tmp_path):
    """And not the package of this repository, which Python finds when asked from here."""
    full = release.fill(copy, tmp_path / "full")
    (full / "cs231n" / "__init__.py").write_text("raise SystemExit('this one')\n")
    with pytest.raises(ReleaseError, match="does not run:\nthis one"):
        release.verdicts(full)
    with progress(enabled=False) as bar, pytest.raises(ReleaseError, match="this one"):
        release.mistakes(full, bar, ["relu_forward"])


def test_a_handout_that_breaks_its_promises_is_refused():
    with pytest.raises(ReleaseError, match="relu_forward says 'passed' of a blank block"):
        release.expect_blank({"relu_forward": ("passed", 1, 1)})
    with pytest.raises(ReleaseError, match="relu_forward says 'wrong' of the reference"):
        release.expect_full({"relu_forward": ("wrong", 0, 1)})
    with pytest.raises(ReleaseError, match="add up to 99, expected 100"):
        release.expect_full({"relu_forward": ("passed", 99, 99)})


def test_the_same_files_make_the_same_zip(cut, copy):
    os.utime(copy / "README.md", (1, 1))
    os.chmod(copy / "README.md", 0o600)
    (copy / "cs231n" / "__pycache__").mkdir()
    (copy / "cs231n" / "__pycache__" / "layers.pyc").write_bytes(b"")
    data = handout.zipped(cut, "kit")
    assert handout.zipped(copy, "kit") == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name.split("/")[0] for name in archive.namelist()} == {"kit"}
        assert archive.getinfo("kit/collect_submission.sh").external_attr >> 16 == 0o100755
    (copy / "README.md").write_text("other")
    assert handout.zipped(copy, "kit") != data


def test_a_handout_is_not_cut_over_something_else(copy):
    with pytest.raises(ReleaseError, match="not empty"):
        handout.cut(copy)


def test_a_release_does_not_replace_something_else(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "prove", lambda folder, filled: "proved")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ReleaseError, match="no release"):
        release.release(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_release_replaces_an_older_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(release, "prove", lambda folder, filled: "proved")
    out = tmp_path / "out"
    release.release(out)
    first = (out / "cs231n-kit.zip").read_bytes()
    (out / "cs231n-kit" / "README.md").write_text("touched")
    release.release(out)
    assert (out / "cs231n-kit.zip").read_bytes() == first
    assert sorted(path.name for path in out.iterdir()) == ["cs231n-kit", "cs231n-kit.zip"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert "proved" in capsys.readouterr().out


def test_a_release_that_fails_leaves_the_older_one(tmp_path, monkeypatch, capsys):
    def fail(folder, filled):
        raise ReleaseError("a check is wrong")

    out = tmp_path / "out"
    monkeypatch.setattr(release, "prove", lambda folder, filled: "proved")
    release.release(out)
    kit = out / "cs231n-kit"
    before = {path: sha256(kit / path) for path in handout.files_of(kit)}
    monkeypatch.setattr(release, "prove", fail)
    with pytest.raises(ReleaseError, match="a check is wrong"):
        release.release(out)
    assert {path: sha256(kit / path) for path in handout.files_of(kit)} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_workspace_is_made_once_and_kept(tmp_path):
    folder = tmp_path / "workspace"
    assert "was made" in workspace.open_workspace(folder)
    (folder / "cs231n" / "layers.py").write_text("# mine\n")
    assert "as you left it" in workspace.open_workspace(folder)
    assert (folder / "cs231n" / "layers.py").read_text() == "# mine\n"


def test_a_workspace_shares_the_data_also_those_that_come_later(tmp_path, monkeypatch):
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    folder, datasets = tmp_path / "workspace", tmp_path / "datasets"
    (datasets / "stand-in").mkdir(parents=True)
    workspace.open_workspace(folder)
    assert os.path.samefile(folder / "datasets" / "stand-in", datasets / "stand-in")
    (datasets / "cifar-10-batches-py").mkdir()
    workspace.open_workspace(folder)
    assert os.path.samefile(
        folder / "datasets" / "cifar-10-batches-py", datasets / "cifar-10-batches-py"
    )


def test_a_folder_that_is_no_workspace_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ReleaseError, match="is no workspace"):
        workspace.open_workspace(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_blocks_turn_exactly_their_checks_green_one_after_the_other(cut, tmp_path):
    """Fill in the reference block by block, and look at all checks after each."""
    script = handout.ROOT / "tests" / "one_by_one.py"
    done = subprocess.run(
        [sys.executable, "-B", script, cut, handout.ROOT, tmp_path / "work"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    needs = {name: set(blocks) for name, blocks in found["needs"].items()}
    assert len(needs) == 40
    assert len(found["steps"]) == len(blocks_of(handout.REFERENCE))
    filled = set()
    for block, passed in found["steps"]:
        filled.add(block)
        assert passed == [name for name in needs if needs[name] <= filled], block
    assert all(found["own"][name] and set(found["own"][name]) <= needs[name] for name in needs)
