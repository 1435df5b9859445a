"""What students hand in, in every shape it comes: each is graded as far as it goes."""

import io
import json
import os
import shutil
import stat
import struct
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from this_course import COURSE

from coursekit.grading import archive, contents
from coursekit.grading.answers import answers_of
from coursekit.grading.contents import editable, lay_out
from coursekit.grading.grades import Listed
from coursekit.grading.submissions import digest_of, find

LAYERS = "def affine_forward(x, w, b):\n    return 'Grüße'\n"
GOOD = {
    "cs231n/layers.py": LAYERS,
    "cs231n/classifiers/fc_net.py": "# nets\n",
    "notebooks/Dropout.ipynb": '{"cells": []}',
}
TAKEN = sorted(GOOD)


def make_zip(path, files, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in dict(files).items():
            archive.writestr(name, content)
    return path


def make_folder(path, files):
    for name, content in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def laid_out(tmp_path):
    """Lay a submission out. Returns the files that came of it and the problems."""
    folder = tmp_path / "deep" / "down" / "laid out"
    folder.mkdir(parents=True)

    def lay(path):
        problems = lay_out(COURSE, path, folder)
        files = {
            p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*")
            if not p.is_dir()
        }
        assert not any(path.is_symlink() for path in folder.rglob("*"))
        return files, problems

    return lay


def test_the_files_that_are_graded_are_those_with_blocks():
    assert "layers.py" in editable(COURSE)
    assert "classifiers/fc_net.py" in editable(COURSE)
    assert "solver.py" not in editable(COURSE)


@pytest.mark.parametrize("make", [make_zip, make_folder])
@pytest.mark.parametrize("top", ["", "kit/", "home/me/My Kit (2)/", "assignment2/", "cs231n/"])
def test_a_package_is_found_however_deep_it_lies(make, top, tmp_path, laid_out):
    path = make(tmp_path / "handed in.zip", {top + name: text for name, text in GOOD.items()})
    files, problems = laid_out(path)
    assert sorted(files) == TAKEN
    assert files["cs231n/layers.py"].decode() == LAYERS
    assert problems == []


def test_the_contents_of_the_package_alone_are_enough(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", {"layers.py": LAYERS, "classifiers/fc_net.py": "pass"})
    files, problems = laid_out(path)
    assert sorted(files) == ["cs231n/classifiers/fc_net.py", "cs231n/layers.py"]
    assert problems == []


@pytest.mark.parametrize("make", [make_zip, make_folder])
def test_further_files_are_counted_and_left_alone(make, tmp_path, laid_out):
    extra = {"cs231n/solver.py": "x = 1", "essay.txt": "I tried", "course/exercises/affine.py": ""}
    files, problems = laid_out(make(tmp_path / "x.zip", GOOD | extra))
    assert sorted(files) == TAKEN
    assert problems == ["Grading does not look at 3 further files in it."]


def test_a_file_in_the_wrong_folder_makes_no_second_package(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", GOOD | {"cs231n/classifiers/layers.py": "wrong = 1"})
    files, problems = laid_out(path)
    assert files["cs231n/layers.py"].decode() == LAYERS
    assert problems == ["Grading does not look at 1 further file in it."]


@pytest.mark.parametrize("make", [make_zip, make_folder])
def test_litter_is_not_worth_a_word(make, tmp_path, laid_out):
    litter = {
        "__MACOSX/cs231n/._layers.py": "\0\5\26\7",
        "cs231n/._layers.py": "x",
        ".DS_Store": "x",
        "notebooks/.ipynb_checkpoints/Dropout-checkpoint.ipynb": "{",
        "cs231n/__pycache__/layers.cpython-311.pyc": "x",
        "manifest.json": "{}",
    }
    files, problems = laid_out(make(tmp_path / "x.zip", GOOD | litter))
    assert sorted(files) == TAKEN
    assert problems == []


@pytest.mark.parametrize(
    "name",
    ["../../cs231n/optim.py", "/cs231n/optim.py", "C:\\cs231n\\optim.py", "cs231n/../../optim.py"],
)
def test_names_that_lead_out_are_ignored_and_said(name, tmp_path, laid_out):
    files, problems = laid_out(make_zip(tmp_path / "x.zip", GOOD | {name: "import os"}))
    assert sorted(files) == TAKEN
    assert len(problems) == 1
    assert "leads out of the submission" in problems[0]
    assert not list(tmp_path.rglob("optim.py"))


def test_links_in_a_zip_are_ignored(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("cs231n/optim.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        device = zipfile.ZipInfo("cs231n/layer_utils.py")
        device.external_attr = (stat.S_IFCHR | 0o666) << 16
        archive.writestr(device, "")
    files, problems = laid_out(path)
    assert sorted(files) == TAKEN
    assert problems == [
        "'cs231n/optim.py' is a link and was ignored.",
        "'cs231n/layer_utils.py' is no plain file and was ignored.",
    ]


def test_links_in_a_folder_are_ignored(tmp_path, laid_out):
    secret = tmp_path / "secret.py"
    secret.write_text("the reference")
    path = make_folder(tmp_path / "x", GOOD)
    (path / "cs231n" / "optim.py").symlink_to(secret)
    (path / "more").symlink_to(tmp_path)
    os.mkfifo(path / "cs231n" / "layer_utils.py")  # to read it would take forever
    files, problems = laid_out(path)
    assert sorted(files) == TAKEN
    assert [problem.partition(" is ")[2] for problem in problems] == [
        "no plain file and was ignored.",
        "a link and was ignored.",
        "a link and was ignored.",
    ]
    (tmp_path / "link").symlink_to(path)
    assert laid_out(tmp_path / "link")[1] == [
        "The submission is a link, expected a zip or a folder."
    ]


def test_a_bomb_is_not_unpacked(tmp_path, laid_out, monkeypatch):
    bomb = GOOD | {"cs231n/optim.py": bytes(30 << 20)}
    files, problems = laid_out(make_zip(tmp_path / "x.zip", bomb))
    assert sorted(files) == TAKEN
    assert problems == ["'cs231n/optim.py' would unpack to 31 MB: a bomb."]


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path, laid_out, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    path = make_zip(tmp_path / "x.zip", GOOD | {"cs231n/optim.py": bytes(4 << 20)})
    true, false = struct.pack("<I", 4 << 20), struct.pack("<I", 100)
    path.write_bytes(path.read_bytes().replace(true, false))
    files, problems = laid_out(path)
    assert len(files.get("cs231n/optim.py", b"")) <= 100
    assert len(problems) == 1


def test_large_files_and_many_of_them_have_an_end(tmp_path, laid_out, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    monkeypatch.setattr(contents, "_MOST_TOGETHER", 1500)
    notebooks = {f"notebooks/{number}.ipynb": '"' + "x" * 700 + '"' for number in range(4)}
    path = make_zip(tmp_path / "x.zip", {"cs231n/layers.py": "#" * 1001} | notebooks)
    files, problems = laid_out(path)
    assert "cs231n/layers.py" not in files
    assert sum(map(len, files.values())) <= 1500
    assert problems[0] == "'cs231n/layers.py' has more than 0 MB, which is too large."
    assert "All files together" in problems[1]


def test_a_zip_that_is_too_large_is_not_opened(tmp_path, laid_out, monkeypatch):
    monkeypatch.setattr(archive, "MOST_PACKED", 100)
    files, problems = laid_out(make_zip(tmp_path / "x.zip", GOOD))
    assert files == {}
    assert problems == ["The file has 0 MB, expected at most 0 MB."]


def test_too_many_files_are_refused(tmp_path, laid_out, monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 10)
    many = {f"{number}.txt": "" for number in range(20)}
    assert laid_out(make_zip(tmp_path / "x.zip", many)) == (
        {},
        ["The zip holds more than 10 files."],
    )
    assert "more than 10 files" in laid_out(make_folder(tmp_path / "x", many))[1][0]


def test_of_files_with_one_name_the_last_counts(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", GOOD)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "a") as archive,
    ):
        archive.writestr("cs231n/layers.py", "second = 2\n")
    files, problems = laid_out(path)
    assert files["cs231n/layers.py"] == b"second = 2\n"
    assert problems == ["'cs231n/layers.py' is there more than once; the last one counts."]


def raw_names(path, old, new):
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


def test_names_that_are_utf8_and_do_not_say_so_are_read(tmp_path, laid_out):
    name = "notebooks/Lösung.ipynb"
    stand_in = "notebooks/L--sung.ipynb"  # as many bytes
    path = make_zip(tmp_path / "x.zip", GOOD | {stand_in: '{"cells": []}'})
    files, problems = laid_out(raw_names(path, stand_in.encode(), name.encode()))
    assert name in files
    assert problems == []


@pytest.mark.parametrize("encoding", ["cp437", "latin-1", "shift-jis"])
def test_names_in_old_encodings_do_no_harm(encoding, tmp_path, laid_out):
    text = "ソース" if encoding == "shift-jis" else "Grüße"
    raw = b"kit/" + text.encode(encoding) + b"/"
    stand_in = b"kit/" + b"-" * (len(raw) - 5) + b"/"
    named = {stand_in.decode() + name: content for name, content in GOOD.items()}
    files, _ = laid_out(raw_names(make_zip(tmp_path / "x.zip", named), stand_in, raw))
    assert sorted(files) == TAKEN


def test_names_with_backslashes_blanks_quotes_and_line_ends(tmp_path, laid_out):
    named = {f"my \"best\"\n'kit'/{name}": content for name, content in GOOD.items()}
    files, problems = laid_out(make_zip(tmp_path / "x.zip", named))
    assert sorted(files) == TAKEN
    assert problems == []


def test_a_zip_made_on_windows(tmp_path, laid_out):
    named = {name.replace("/", "\\"): content for name, content in GOOD.items()}
    files, problems = laid_out(make_zip(tmp_path / "x.zip", named))
    assert sorted(files) == TAKEN
    assert problems == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty: 0 bytes."),
        (b"Rar!\x1a\x07\x01\x00", "It is a RAR archive, which grading does not open. Hand it in"),
        (b"7z\xbc\xaf'\x1c\x00\x04", "It is a 7z archive, which grading does not open. Hand it in"),
        (b"\x1f\x8b no more", "It is no archive, or not a whole one"),
        (b"PK\x03\x04 and so on", "It is no zip"),
        (LAYERS.encode(), "It is no zip"),
    ],
)
def test_what_is_no_zip_is_said_to_be_none(content, says, tmp_path, laid_out):
    (tmp_path / "x.zip").write_bytes(content)
    files, problems = laid_out(tmp_path / "x.zip")
    assert files == {}
    assert len(problems) == 1
    assert problems[0].startswith(says)


def test_every_way_of_cutting_a_zip_off_is_a_sentence(tmp_path, laid_out):
    whole = make_zip(tmp_path / "x.zip", GOOD).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "x.zip").write_bytes(whole[:length])
        files, problems = laid_out(tmp_path / "x.zip")
        assert files == {}
        assert problems


def test_damage_in_the_middle_costs_one_file(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", GOOD, zipfile.ZIP_STORED)
    files, problems = laid_out(raw_names(path, b"# nets", b"# Nets"))
    assert sorted(files) == [name for name in TAKEN if "fc_net" not in name]
    assert len(problems) == 1
    assert "'cs231n/classifiers/fc_net.py' is damaged" in problems[0]


def test_damage_in_what_is_packed_costs_one_file(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", GOOD | {"cs231n/optim.py": "one = 1\n" * 50})
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("cs231n/optim.py")
    content = bytearray(path.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    content[start : start + member.compress_size] = b"\xff" * member.compress_size
    path.write_bytes(content)
    files, problems = laid_out(path)
    assert sorted(files) == TAKEN
    assert len(problems) == 1
    assert "'cs231n/optim.py' is damaged" in problems[0]


def test_locked_files_are_said_to_be_locked(tmp_path, laid_out):
    path = make_zip(tmp_path / "x.zip", {"cs231n/layers.py": LAYERS}, zipfile.ZIP_STORED)
    with zipfile.ZipFile(path) as archive:
        (member,) = archive.infolist()
    content = bytearray(path.read_bytes())
    content[member.header_offset + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "is locked by a password" in laid_out(path)[1][0]


def zipped(files):
    buffer = io.BytesIO()
    make_zip(buffer, files)
    return buffer.getvalue()


def test_a_zip_in_a_zip_and_a_zip_in_a_folder(tmp_path, laid_out):
    inner = zipped(GOOD)
    assert sorted(laid_out(make_zip(tmp_path / "x.zip", {"work.zip": inner}))[0]) == TAKEN
    (tmp_path / "Jane Doe_1_assignsubmission_file").mkdir()
    folder = tmp_path / "Jane Doe_1_assignsubmission_file"
    (folder / "work.zip").write_bytes(inner)
    assert sorted(laid_out(folder)[0]) == TAKEN
    # Not any deeper: whoever wraps it once more does it on purpose.
    once_more = zipped({"work.zip": inner})
    problems = laid_out(make_zip(tmp_path / "x.zip", {"work.zip": once_more}))[1]
    assert problems == ["None of the files that are graded is in it, such as cs231n/layers.py."]


def test_of_two_packages_the_one_with_more_in_it_counts(tmp_path, laid_out):
    other = {f"backup/{name}": "old" for name in TAKEN[1:]}
    files, problems = laid_out(make_zip(tmp_path / "x.zip", GOOD | other))
    assert files["cs231n/layers.py"].decode() == LAYERS
    assert problems[0] == "Graded is what lies in 'cs231n', and not what lies in 'backup/cs231n'."


def test_of_two_packages_the_one_of_that_name_counts(tmp_path, laid_out):
    other = {"old/layers.py": "old", "old/optim.py": "old", "old/classifiers/fc_net.py": "old"}
    files, _ = laid_out(make_zip(tmp_path / "x.zip", {"cs231n/layers.py": LAYERS} | other))
    assert list(files) == ["cs231n/layers.py"]
    assert files["cs231n/layers.py"].decode() == LAYERS


def test_of_two_notebooks_the_one_beside_the_package_counts(tmp_path, laid_out):
    kit = {f"kit/{name}": content for name, content in GOOD.items()}
    files, _ = laid_out(make_zip(tmp_path / "x.zip", kit | {"Dropout.ipynb": '{"cells": [1]}'}))
    assert files["notebooks/Dropout.ipynb"].decode() == GOOD["notebooks/Dropout.ipynb"]


def test_of_several_zips_in_a_zip_the_last_by_name_counts(tmp_path, laid_out):
    old, new = zipped(GOOD | {"cs231n/layers.py": "old"}), zipped(GOOD)
    files, problems = laid_out(make_zip(tmp_path / "x.zip", {"work2.zip": new, "work1.zip": old}))
    assert files["cs231n/layers.py"].decode() == LAYERS
    assert problems == [
        "Of several zips, 'work2.zip' is graded.",
        "'work1.zip' was ignored for it.",
    ]


def test_of_the_assignments_of_the_course_the_later_one_counts(tmp_path, laid_out):
    both = {f"assignment{n}/cs231n/layers.py": f"number = {n}" for n in (1, 2)}
    both["assignment2/BatchNormalization.ipynb"] = '{"cells": [2]}'
    both["assignment1/BatchNormalization.ipynb"] = '{"cells": [1]}'
    files, _ = laid_out(make_zip(tmp_path / "x.zip", both))
    assert files["cs231n/layers.py"] == b"number = 2"
    assert files["notebooks/BatchNormalization.ipynb"] == b'{"cells": [2]}'


def test_files_that_are_not_what_they_should_be_are_named(tmp_path, laid_out):
    odd = {
        "cs231n/layers.py": "# Grüße".encode("latin-1"),
        "cs231n/optim.py": b"",
        "notebooks/Dropout.ipynb": b"<html>",
        "notebooks/BatchNormalization.ipynb": b'{"cells": ' * 100_000,
    }
    files, problems = laid_out(make_zip(tmp_path / "x.zip", odd))
    assert sorted(files) == sorted(odd)
    assert [problem.split(" is ")[0].strip("'") for problem in sorted(problems)] == [
        "cs231n/layers.py",
        "cs231n/optim.py",
        "notebooks/BatchNormalization.ipynb",
        "notebooks/Dropout.ipynb",
    ]


def handed_in(name, folder, time=None, date=1_700_000_000):
    files = dict(GOOD)
    if time:
        files["manifest.json"] = json.dumps({"time": time})
    path = make_zip(folder / name, files)
    os.utime(path, (date, date))
    return path


def by_student(found):
    return {one.student: one for one in found if not one.superseded_by}


def test_students_are_named_as_platforms_name_them(tmp_path):
    handed_in("doejane_4711_90210_submission.zip", tmp_path)
    handed_in("roerick_LATE_4712_90211_submission-Rick-Roe.zip", tmp_path)
    handed_in("submission-Ada-Lovelace.zip", tmp_path)
    make_folder(tmp_path / "Jo Bloggs_4713_assignsubmission_file", GOOD)
    make_folder(tmp_path / "plain", GOOD)
    make_folder(tmp_path / "__MACOSX", GOOD)
    (tmp_path / ".DS_Store").write_text("x")
    (tmp_path / "grades.csv").write_text("x")
    found = find(COURSE, tmp_path)
    assert set(by_student(found)) == {"doejane", "roerick", "Ada-Lovelace", "Jo Bloggs", "plain"}
    assert len(found) == 5


def test_students_are_named_as_gradescope_lists_them(tmp_path):
    make_folder(tmp_path / "submission_12", GOOD)
    make_folder(tmp_path / "submission_13", GOOD)
    (tmp_path / "submission_metadata.yml").write_text(
        "submission_12:\n"
        "  :submitters:\n"
        "  - :name: Jane Doe\n    :sid: '4711'\n    :email: jane@example.org\n"
        "  :created_at: 2026-03-01 10:00:00.000000000 Z\n"
        "submission_13:\n"
        "  :submitters:\n"
        "  - :name: Jane Doe\n    :sid: '4711'\n    :email: jane@example.org\n"
        "  :created_at: 2026-03-02 10:00:00.000000000 Z\n"
    )
    first, second = find(COURSE, tmp_path)
    assert (first.student, first.superseded_by) == ("Jane Doe", "submission_13")
    assert second.superseded_by == ""


def test_of_two_submissions_the_later_file_counts_and_no_manifest_is_believed(tmp_path):
    handed_in("ada.zip", tmp_path, "2026-03-01T10:00:00+01:00", date=1_700_000_001)
    handed_in("Ada (1).zip", tmp_path, "2099-03-02T10:00:00+01:00")
    handed_in("bob.zip", tmp_path)  # of one date: the copy with the higher number
    handed_in("bob (2).zip", tmp_path, "1999-03-02T10:00:00+01:00")
    handed_in("bob (10).zip", tmp_path)
    found = find(COURSE, tmp_path)
    later = {submission.path.name: submission.superseded_by for submission in found}
    assert later == {
        "ada.zip": "",
        "Ada (1).zip": "ada",
        "bob.zip": "bob-10",
        "bob (2).zip": "bob-10",
        "bob (10).zip": "",
    }
    odd = {submission.id: submission.odd for submission in found if submission.odd}
    assert odd == {
        "ada": ("2 submissions are of 'ada'; the latest one counts.",),
        "bob-10": ("3 submissions are of 'bob'; the latest one counts.",),
    }


def laid_out_of(found, tmp_path):
    """Return {file: content} and the problems of a submission that was found."""
    folder = tmp_path / f"laid out {found.id}"
    folder.mkdir()
    problems = lay_out(COURSE, found.path, folder, found.parts)
    files = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.*")}
    return files, problems


def test_files_of_one_attempt_on_canvas_belong_together(tmp_path):
    course = tmp_path / "class"
    course.mkdir()
    (course / "doejane_4711_90212_report.pdf").write_bytes(b"%PDF-1.7")
    handed_in("doejane_4711_90211_submission.zip", course)
    (course / "doejane_4711_90213_layers-2.py").write_text("newer = 1")
    (course / "doejane_4711_text.html").write_text("<p>Enjoy!</p>")
    (course / "roerick_LATE_4712_90214_layers.py").write_text("late = 1")
    (course / "roerick_LATE_4712_90215_fc_net-1.py").write_text("nets = 1")
    (course / "roerick_LATE_4712_90216_Dropout-1.ipynb").write_text("{}")
    (course / "anon_Ab3xy_90217_kit.zip").write_bytes(b"")
    (course / "LATE_anon_Zz9_90218_work.zip").write_bytes(b"")
    (course / "moejo_4713_text.html").write_text("<p>I could not do it.</p>")
    found = {submission.student: submission for submission in find(COURSE, course)}
    assert sorted(found) == ["anon_Ab3xy", "anon_Zz9", "doejane", "moejo", "roerick"]
    files, problems = laid_out_of(found["doejane"], tmp_path)
    assert sorted(files) == TAKEN
    assert files["cs231n/classifiers/fc_net.py"] == GOOD["cs231n/classifiers/fc_net.py"]
    assert found["doejane"].id == "doejane_4711_90211_submission"
    files, problems = laid_out_of(found["roerick"], tmp_path)
    assert sorted(files) == TAKEN
    assert files["cs231n/layers.py"] == "late = 1"
    assert {name for name, one in found.items() if one.late} == {"roerick", "anon_Zz9"}
    assert {name for name, one in found.items() if one.typed} == {"moejo"}


def test_of_two_archives_of_one_attempt_the_later_one_counts_file_by_file(tmp_path):
    course = tmp_path / "class"
    course.mkdir()
    make_zip(course / "doejane_1_3_code-1.zip", {"cs231n/layers.py": "new = 1"})
    make_zip(course / "doejane_1_2_code.zip", {"cs231n/layers.py": "old = 1"})
    make_zip(course / "doejane_1_10_words.zip", {"notebooks/Dropout.ipynb": "{}"})
    (found,) = find(COURSE, course)
    files, problems = laid_out_of(found, tmp_path)
    assert files == {"cs231n/layers.py": "new = 1", "notebooks/Dropout.ipynb": "{}"}
    assert problems == [
        "'code.zip', 'code-1.zip', 'words.zip' were handed in together; "
        "of two files the last counts."
    ]


def test_the_first_number_in_a_name_is_the_platforms(tmp_path):
    name = "Kim Lee_666_assignsubmission_file_101_assignsubmission_file_y.zip"
    handed_in(name, tmp_path)
    handed_in("Jo Li_101_assignsubmission_file_submission.zip", tmp_path)
    handed_in("Group 2-Al Ma_102_assignsubmission_file_submission.zip", tmp_path)
    (tmp_path / "Al Ma_102_assignsubmission_onlinetext_onlinetext.html").write_text("hello")
    (tmp_path / "Su Ka_103_assignsubmission_onlinetext_").mkdir()
    handed_in("lee_7_8_lee_9_10_x.zip", tmp_path)
    found = {submission.student: submission for submission in find(COURSE, tmp_path)}
    assert {name: one.owner.split()[-1] for name, one in found.items()} == {
        "Kim Lee": "666", "Jo Li": "101", "Group 2-Al Ma": "102", "Su Ka": "103", "lee": "7"
    }  # fmt: skip
    assert not any(submission.superseded_by for submission in found.values())
    (odd,) = found["Kim Lee"].odd
    assert "holds the numbers of two students; the first one counts" in odd
    assert [name for name, one in found.items() if one.typed] == ["Su Ka"]


def test_an_export_in_a_folder_of_its_own_is_a_class(tmp_path):
    export = tmp_path / "Section A"
    export.mkdir()
    handed_in("doejane_1_2_work.zip", export)
    handed_in("roerick_3_4_work.zip", export)
    handed_in("ada.zip", tmp_path)
    assert {one.student for one in find(COURSE, tmp_path)} == {"doejane", "roerick", "ada"}


def test_a_name_as_a_platform_gives_it_among_others_is_for_a_person(tmp_path):
    for name in ("ada.zip", "bob.zip", "doejane_1_2_work.zip"):
        handed_in(name, tmp_path)
    odd = {submission.student: submission.odd for submission in find(COURSE, tmp_path)}
    assert odd["ada"] == odd["bob"] == ()
    assert "is one that Canvas gives" in odd["doejane"][0]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", ""])
def test_a_tar_archive_is_as_good_as_a_zip(kind, tmp_path, laid_out):
    path = tmp_path / ("work.tar." + kind if kind else "work.tar")
    with tarfile.open(path, f"w:{kind}") as archive:
        for name, content in {**GOOD, "../../up.py": "x", "/abs/layers.py": "x"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
        link = tarfile.TarInfo("cs231n/optim.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        device = tarfile.TarInfo("cs231n/layer_utils.py")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    files, problems = laid_out(path)
    assert sorted(files) == TAKEN
    assert problems == [
        "'../../up.py' leads out of the submission and was ignored.",
        "'/abs/layers.py' leads out of the submission and was ignored.",
        "'cs231n/optim.py' is a link and was ignored.",
        "'cs231n/layer_utils.py' is no plain file and was ignored.",
    ]
    path.write_bytes(path.read_bytes()[:-2000] if not kind else path.read_bytes()[:-40])
    _, problems = laid_out(path)
    assert problems
    assert "work" in {submission.student for submission in find(COURSE, tmp_path)}


def test_a_tar_archive_that_unpacks_to_too_much_is_refused(tmp_path, laid_out, monkeypatch):
    monkeypatch.setattr(archive, "MOST_PACKED", 100_000)
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as packed:
        for name in ("cs231n/layers.py", "zeros"):
            member = tarfile.TarInfo(name)
            member.size = 90_000
            packed.addfile(member, io.BytesIO(bytes(90_000)))
    files, problems = laid_out(tmp_path / "x.tgz")
    assert files == {}
    assert problems == ["The archive would unpack to more than 0 MB."]


@pytest.mark.parametrize(
    "name", ["layers.py", "kim-layers.py", "Kim Lee layers (2).py", "LAYERS.py", "kim_layers-3.py"]
)
def test_a_module_by_itself_is_taken(name, tmp_path, laid_out):
    (tmp_path / name).write_text(LAYERS, encoding="utf-8")
    files, problems = laid_out(tmp_path / name)
    assert files == {"cs231n/layers.py": LAYERS.encode()}
    assert problems == []


def hostile(folder):
    """Put one submission of each kind that once stopped a class into a folder."""
    for number, time in enumerate(["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"]):
        handed_in(f"time {number}.zip", folder, time)
    nul = make_zip(folder / "nul.zip", GOOD | {"XX.txt": "x"})
    raw_names(nul, b"XX.txt", b"\0X.txt")
    packed = make_zip(folder / "lzma.zip", GOOD, zipfile.ZIP_LZMA)
    content = bytearray(packed.read_bytes())
    content[40:90] = bytes(50)
    packed.write_bytes(content)
    deep = folder / "deep"
    deep.mkdir()
    here = os.getcwd()
    os.chdir(deep)
    for _ in range(1500):  # longer than a path may be
        os.mkdir("d")
        os.chdir("d")
    os.chdir(here)
    (folder / "link").symlink_to("/usr")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.zip").symlink_to("nowhere")
    os.mkfifo(folder / "fifo.zip")
    os.mkfifo(folder / "fifo")
    late = make_zip(folder / "late.zip", GOOD)
    os.utime(late, (1e10, 1e10))
    make_zip(folder / "good.zip", GOOD)


@pytest.fixture
def hostile_class():
    # What is that deep is too deep for shutil, and so for what pytest clears away.
    course = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        hostile(course)
        yield course
    finally:
        subprocess.run(["rm", "-rf", course], check=True)


def test_nothing_that_is_handed_in_stops_the_class(hostile_class, tmp_path):
    course = hostile_class
    found = {submission.path.name: submission for submission in find(COURSE, course)}
    assert len(found) == 12
    said = {}
    for name, submission in found.items():
        digest_of(submission)
        json.dumps(Listed.of(submission).to_json())
        files, said[name] = laid_out_of(submission, tmp_path)
        if name in ("good.zip", "late.zip", "nul.zip", "time 0.zip", "time 1.zip"):
            assert sorted(files) == TAKEN, name
    assert said["good.zip"] == []
    assert said["nul.zip"] == ["A file in the zip has no name and was ignored."]
    assert "is damaged" in " ".join(said["lzma.zip"])
    assert said["deep"] == ["The folder holds more than 64 folders in one another."]
    assert said["link"] == ["The submission is a link, expected a zip or a folder."]
    assert said["loop"] == said["gone.zip"] == said["link"]
    assert said["fifo"] == ["It is no plain file, expected a zip or a folder."]
    assert said["fifo.zip"] == said["fifo"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path):
    make_zip(tmp_path / "ada.zip", GOOD).chmod(0)
    make_folder(tmp_path / "bob", GOOD).chmod(0)
    found = find(COURSE, tmp_path)
    for submission in found:
        digest_of(submission)
        _, problems = laid_out_of(submission, tmp_path)
        assert "cannot be read: Permission denied." in problems[0]
    (tmp_path / "bob").chmod(0o700)


def test_a_folder_that_may_not_be_read_is_named(tmp_path, laid_out, monkeypatch):
    path = make_folder(tmp_path / "bob", GOOD)

    def refuse(place):
        raise PermissionError(13, "Permission denied", place)

    monkeypatch.setattr(archive.os, "scandir", refuse)
    assert laid_out(path) == ({}, ["The folder cannot be read: Permission denied."])


def damaged(content, rng):
    """Return bytes with some damage: changed, cut, doubled, or moved."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 6)):
        place = int(rng.integers(len(content)))
        match rng.integers(5):
            case 0:
                content[place] = int(rng.integers(256))
            case 1:
                content[place : place + 4] = rng.bytes(4)
            case 2:
                del content[place : place + int(rng.integers(1, 20))]
            case 3:
                content[place:place] = content[place : place + 30]
            case 4:
                content[place : place + 4] = b"\xff\xff\xff\xff"
        if not content:
            return b""
    return bytes(content)


@pytest.mark.parametrize("seed", range(4))
def test_damage_of_any_kind_costs_its_own_submission(seed, tmp_path):
    rng = np.random.default_rng(seed)
    course = tmp_path / "class"
    course.mkdir()
    cells = [{"cell_type": "markdown", "metadata": {"tags": ["x"]}, "source": "Because."}] * 3
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    files = GOOD | {"notebooks/Dropout.ipynb": notebook, "manifest.json": '{"time": "2026"}'}
    kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
    for number in range(100):
        whole = make_zip(tmp_path / "whole.zip", files, kinds[number % 4]).read_bytes()
        name = bytes(rng.integers(1, 256, 8, dtype=np.uint8)).replace(b"/", b"")
        (course / os.fsdecode(b"%d" % number + name)).write_bytes(damaged(whole, rng))
    for number in range(50):
        folder = course / f"notebook {number}" / "notebooks"
        folder.mkdir(parents=True)
        (folder / "Dropout.ipynb").write_bytes(damaged(notebook.encode(), rng))
    found = find(COURSE, course)
    assert len(found) == 150
    for number, submission in enumerate(found):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        digest_of(submission)
        json.dumps(Listed.of(submission).to_json())
        assert all(problem.isprintable() for problem in lay_out(COURSE, submission.path, folder,
                                                                submission.parts))  # fmt: skip
        answers_of(folder, COURSE)
        shutil.rmtree(folder)


def test_a_name_is_the_same_however_its_accents_are_written(tmp_path):
    handed_in("Jos\u00e9.zip", tmp_path, "2026-03-01T10:00:00")
    handed_in("Jose\u0301 (1).zip", tmp_path, "2026-03-02T10:00:00")
    found = find(COURSE, tmp_path)
    assert sorted(bool(submission.superseded_by) for submission in found) == [False, True]


def test_a_hash_of_a_submission_does_not_follow_links(tmp_path):
    path = make_folder(tmp_path / "in" / "ada", GOOD)
    (tmp_path / "elsewhere.py").write_text("one")
    (path / "link.py").symlink_to(tmp_path / "elsewhere.py")
    (submission,) = find(COURSE, tmp_path / "in")
    before = digest_of(submission)
    (tmp_path / "elsewhere.py").write_text("two")
    assert digest_of(submission) == before
    (path / "cs231n" / "layers.py").write_text("two")
    assert digest_of(submission) != before


@pytest.mark.parametrize("manifest", ["{", "[]", '{"time": 3}', '{"time": "noon"}', "[" * 10**5])
def test_a_manifest_may_be_anything(manifest, tmp_path):
    make_zip(tmp_path / "ada.zip", GOOD | {"manifest.json": manifest})
    (found,) = find(COURSE, tmp_path)
    assert found.time == (tmp_path / "ada.zip").stat().st_mtime


def test_names_of_any_kind_become_names_that_files_can_have(tmp_path):
    names = ["a b", 'a"b', "a\nb", "<b>", "é", "日本", b"\xff\xfe", "-rf", "..x"]
    for name in names:
        os.mkdir(os.fsencode(tmp_path) + b"/" + os.fsencode(name))
    found = find(COURSE, tmp_path)
    assert len({one.id.casefold() for one in found}) == len(names) - 1  # a hidden one is none
    for one in found:
        assert one.id == Path(one.id).name
        assert one.id.replace("-", "").replace("_", "").isalnum()
        assert one.id.isascii()
        json.dumps(Listed.of(one).to_json()).encode()
        one.student.encode()


def test_one_submission_alone_is_a_class_of_one(tmp_path):
    make_folder(tmp_path / "ada", GOOD)
    assert [one.student for one in find(COURSE, tmp_path / "ada")] == ["ada"]
    with pytest.raises(FileNotFoundError, match="no folder"):
        find(COURSE, tmp_path / "none")
