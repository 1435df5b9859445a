"""What students hand in, in every shape it comes: each is graded as far as it goes."""

import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from this_course import COURSE

from coursekit.grading import archive, submissions
from coursekit.grading.grades import Listed
from coursekit.grading.submissions import digest_of, editable, find, lay_out

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
    monkeypatch.setattr(submissions, "_MOST_TOGETHER", 1500)
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
        (b"Rar!\x1a\x07\x01\x00", "It is no zip"),
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


def test_of_two_submissions_the_later_one_counts_by_manifest_or_else_by_file(tmp_path):
    handed_in("ada.zip", tmp_path, "2026-03-01T10:00:00+01:00", date=1_900_000_000)
    handed_in("Ada (1).zip", tmp_path, "2026-03-02T10:00:00+01:00")
    handed_in("doejane_1_2_work.zip", tmp_path, date=1_600_000_000)
    handed_in("doejane_1_3_work-1.zip", tmp_path, date=1_600_000_001)
    handed_in("doejane_2_4_work.zip", tmp_path)  # another one of that name
    later = {one.id: one.superseded_by for one in find(COURSE, tmp_path)}
    assert later == {
        "Ada-1": "",
        "ada": "Ada-1",
        "doejane_1_2_work": "doejane_1_3_work-1",
        "doejane_1_3_work-1": "",
        "doejane_2_4_work": "",
    }


def test_a_name_is_the_same_however_its_accents_are_written(tmp_path):
    handed_in("Jos\u00e9.zip", tmp_path, "2026-03-01T10:00:00")
    handed_in("Jose\u0301 (1).zip", tmp_path, "2026-03-02T10:00:00")
    first, second = sorted(find(COURSE, tmp_path), key=lambda one: one.time)
    assert first.superseded_by == second.id


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
