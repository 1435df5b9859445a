"""The README and the pages in docs/: their steps are taken, and what they show is compared.

A page has its steps in fenced blocks. The line above a block says what it is:

    Write `path`:                               a whole file
    In `path`, above `some text`, insert:       lines of a file
    In `path`, replace `some text` by:          words of a file
    From `path`:                                words that a file of the example has in it

A block called `console` has commands behind `$ `, each with what it prints, where `...` stands for
anything. Blocks called `sh` set up an environment, and are not run here.
"""

import argparse
import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import yaml
from this_course import COURSE

from coursekit import cli
from coursekit.authoring import facts, notebooks, release
from coursekit.blocks import blocks_of
from coursekit.course import Course
from coursekit.grading import sandbox
from coursekit.version import RELEASE
from cs231n._internal.cifar10.batches import OFFICIAL

ROOT = COURSE.folder
README = ROOT / "README.md"
DOCS = ROOT / "docs"
EXAMPLE = ROOT / "examples" / "linear_regression"
HANDOUT = ROOT / "handout" / "README.md"
PAGES = sorted(DOCS.glob("*.md"))
# What GitHub shows besides, and what lies in each folder.
TEXTS = [
    *PAGES,
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
    *(ROOT / name / "README.md" for name in ("notebooks", "handout", "datasets", "benchmarks")),
    *sorted((ROOT / "examples").rglob("README.md")),
]

FENCED = re.compile(
    r"(?:^(?P<above>\S[^\n]*)\n\n)?^(?P<fence>`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
DO = re.compile(
    r"(?:Write|In) `(?P<path>[^`]+)`"
    r"(?:, (?:above `(?P<above>[^`]+)`, insert|replace `(?P<old>[^`]+)` by))?:$"
)
FROM = re.compile(r"From `(?P<path>[^`]+)`:$")
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
BLOCK = "leaky_relu_forward"


@dataclass(frozen=True)
class Fenced:
    """A fenced block of a page, and the line above it."""

    above: str
    language: str
    text: str

    @property
    def commands(self):
        """What a console shows: pairs (command, what it prints)."""
        typed = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [tuple(part.split("\n", 1)) for part in typed]


def fenced_in(path):
    found = FENCED.finditer(path.read_text(encoding="utf-8"))
    return [Fenced(match["above"] or "", match["language"], match["text"]) for match in found]


class Reader:
    """Somebody who does what a page says, in a folder."""

    def __init__(self, folder, shims, instead=None):
        self.folder = folder
        self.instead = instead or {}  # {command: function that takes its place}
        # The commands of an environment are those of this one.
        for name, module in {"python": "", "coursekit": "-m coursekit"}.items():
            (shims / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            (shims / name).chmod(0o755)
        self.environment = os.environ | {"PATH": f"{shims}{os.pathsep}{os.environ['PATH']}"}

    def reads(self, page):
        for fenced in fenced_in(page):
            if fenced.language == "console":
                for command, printed in fenced.commands:
                    self.types(command, printed)
            elif step := DO.match(fenced.above):
                self.does(step, fenced.text)

    def does(self, step, text):
        path = self.folder / step["path"]
        place = step["above"] or step["old"]
        if place is None:
            assert not path.exists()
            path.write_text(text, encoding="utf-8")
            return
        source = path.read_text(encoding="utf-8")
        assert source.count(place) == 1, f"{place!r} is {source.count(place)} times in {path}"
        new = text + place if step["above"] else text.removesuffix("\n")
        path.write_text(source.replace(place, new), encoding="utf-8")

    def types(self, command, printed):
        if command.startswith("cd "):
            self.folder = (self.folder / command.removeprefix("cd ")).resolve()
        elif command in self.instead:
            self.instead[command](self.folder, printed)
        else:
            expect(printed, self.output_of(command))

    def output_of(self, command):
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.stdout


def expect(shown, printed):
    """What a page shows has to be what is printed, but for blanks and what `...` stands for."""
    words = [re.escape(" ".join(part.split())) for part in shown.split("...")]
    pattern = r"\s*.*?\s*".join(word.replace(r"\ ", r"\s+") for word in words)
    assert re.fullmatch(pattern, " ".join(printed.split())), f"{printed}\n--- expected:\n{shown}"


def test_what_is_shown_is_compared():
    expect("a ...  d\n", "a  b\nc d\n")
    for shown in ("a ... e", "a b c", "a b c d e"):
        with pytest.raises(AssertionError):
            expect(shown, "a b\nc d")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_page_is_tried(page):
    """None is there only to be looked at, but for set-ups and for trees of folders."""
    for fenced in fenced_in(page):
        told = DO.match(fenced.above) or FROM.match(fenced.above)
        assert told or fenced.language in ("console", "sh", ""), fenced


# README.md


def test_the_example_of_the_readme_prints_what_is_shown(tmp_path):
    """Six lines of a file, the block in them filled in wrongly, and what the check says of it."""
    kit, shims = tmp_path / "kit", tmp_path / "bin"
    shims.mkdir()
    for name in (COURSE.package, "course"):
        shutil.copytree(ROOT / name, kit / name, ignore=shutil.ignore_patterns("__pycache__"))
    example = next(fenced for fenced in fenced_in(README) if fenced.language == "python")
    path = kit / re.search(r"`([^`]+\.py)`", example.above)[1]
    todo, start, *wrong, end, below = example.text.splitlines(keepends=True)
    assert len(wrong) == 2
    source, count = re.subn(
        rf"{re.escape(todo + start)}(?:.*\n)*?{re.escape(end + below)}",
        lambda _: example.text,
        path.read_text(encoding="utf-8"),
    )
    assert count == 1
    path.write_text(source, encoding="utf-8")
    [shown] = [fenced for fenced in fenced_in(README) if fenced.language == "console"]
    [(command, printed)] = shown.commands
    Reader(kit, shims).types(command, printed)


def test_the_picture_of_the_readme_shows_what_a_check_says():
    alternative, target = re.search(
        r"!\[([^]]+)\]\((\S+)\)", README.read_text(encoding="utf-8")
    ).groups()
    picture = (ROOT / target).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000
    words = " ".join(alternative.split())
    sentences = [one.sentence for one in COURSE.mistakes if one.block == "affine_forward"]
    found = re.search(r"wrong: affine_forward: out, [\w, ]+\. (.+)", words)[1]
    assert any(found.startswith(sentence) for sentence in sentences)


def test_everything_that_is_to_be_read_is_linked():
    targets = {
        match["target"].partition("#")[0]
        for match in LINK.finditer(README.read_text(encoding="utf-8"))
    }
    written = {str(path.relative_to(ROOT)) for path in TEXTS if path not in (README, HANDOUT)}
    own = {path for path in written if not path.startswith("examples/")}
    assert own | {"CITATION.cff", "LICENSE"} <= targets


@pytest.mark.parametrize("path", [README, HANDOUT], ids=["repository", "handout"])
def test_what_is_needed_is_what_the_kit_says_itself(path):
    text = path.read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    python = settings["project"]["requires-python"].removeprefix(">=")
    assert set(re.findall(r"Python (3\.\d+)", text)) == {python}
    assert re.findall(r"(\d+) MB", text) == [f"{OFFICIAL.archive.size / 1e6:.0f}"]


# docs/what-comes-out.md


def test_effects_are_those_that_are_measured(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # the import sets it where it is not set
    effects = importlib.import_module("benchmarks.effects")
    text = (DOCS / "what-comes-out.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| [\d.]+ / [\d.]+ \| [\d.]+ / [\d.]+ \|$", text, re.MULTILINE)
    assert rows == [name for name, _ in effects.EXPERIMENTS]


def test_what_the_notebooks_reached_is_in_them():
    text = (DOCS / "what-comes-out.md").read_text(encoding="utf-8")
    validation, test, convnet = (float(said) / 100 for said in re.findall(r"([\d.]+) %", text))
    printed = {
        name: printed_in(COURSE.folder / f"notebooks/{name}.ipynb") for name in COURSE.notebooks
    }
    assert f"val   accuracy {validation:.3f}" in printed["Dropout"]
    assert f"test  accuracy {test:.3f}" in printed["Dropout"]
    training, _ = re.search(r"convnet, 1 epoch \| ([\d.]+) / ([\d.]+)", text).groups()
    said = f"(Epoch 1 / 1) train acc: {float(training):f}; val_acc: {convnet:f}"
    assert said in printed["ConvolutionalNetworks"]


def printed_in(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return "".join(output.get("text", "") for cell in cells for output in cell.outputs)


# docs/write-a-course.md


def test_code_of_the_example_is_shown_as_it_is():
    shown = [fenced for fenced in fenced_in(DOCS / "write-a-course.md") if "From" in fenced.above]
    assert len(shown) == 7
    for fenced in shown:
        path = EXAMPLE / FROM.match(fenced.above)["path"]
        assert fenced.text in path.read_text(encoding="utf-8"), path


def test_a_course_is_written_graded_and_changed(tmp_path):
    shims = tmp_path / "bin"
    shims.mkdir()
    unwanted = shutil.ignore_patterns("__pycache__", ".coursekit", "release", "workspace")
    shutil.copytree(EXAMPLE, tmp_path / "my-course", ignore=unwanted)
    instead = {}
    if sandbox.why_not():
        instead["coursekit grade submissions --out grades"] = lambda folder, printed: None
    reader = Reader(tmp_path / "my-course", shims, instead)
    reader.reads(DOCS / "write-a-course.md")
    moved = (tmp_path / "linear-regression" / "linreg" / "model.py").read_text(encoding="utf-8")
    assert "X.dot(w) + b" in moved
    assert "steps=300" in moved
    if not instead:
        page = tmp_path / "my-course/grades/submissions/submission-Ada/feedback.html"
        assert "leads downhill" in page.read_text(encoding="utf-8")
        for name in ("class.html", "answers.html", "grades.csv"):
            assert (tmp_path / "my-course" / "grades" / name).is_file()


# docs/add-an-exercise.md


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A copy of this course that has had done to it what the page says."""
    folder = tmp_path_factory.mktemp("extended")
    copy_course(folder)
    shims = tmp_path_factory.mktemp("bin")
    instead = {
        # Minutes of training, which nothing on the page has to do with.
        "coursekit notebooks FullyConnectedNets": build_without_training,
        "coursekit release": refused_and_then_released,
    }
    Reader(folder, shims, instead).reads(DOCS / "add-an-exercise.md")
    return Course.read(folder)


def copy_course(folder):
    unwanted = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "checkpoints")
    for name in (COURSE.package, "course", "notebooks", "handout"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in ("README.md", "requirements.txt", *COURSE.settings["handout"]["files"]):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def build_without_training(folder, _printed):
    """Build the notebook, with the outputs of cells that are not new, and run those that are."""
    name, place = "FullyConnectedNets", folder / "notebooks"
    before = nbformat.read(place / f"{name}.ipynb", as_version=4)
    known = {cell.id: cell for cell in before.cells if cell.cell_type == "code"}
    notebook = notebooks.read_text(name, place)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    new = [cell for cell in code if cell.id not in known]
    assert [cell.source.splitlines()[-1] for cell in new][1:] == [f"check.{BLOCK}()"]
    first = next(n for n, cell in enumerate(code) if "from cs231n" in cell.source)
    small = nbformat.v4.new_notebook(cells=[*code[: first + 1], *new])
    notebooks.run_cells(small, name, place)
    notebooks.expect_presentable(small, name, place)
    assert new[-1].outputs[0].data["text/plain"].startswith(f"passed: {BLOCK}")
    for cell in code:
        if cell.id in known:
            cell.outputs = known[cell.id].outputs
            cell.execution_count = known[cell.id].execution_count
    notebooks.write(notebook, place / f"{name}.ipynb")


def refused_and_then_released(folder, printed):
    """The first time the READMEs are wrong. Of all mistakes, those in the new block are tried."""
    course, tried = Course.read(folder), release.mistakes
    if facts.wrong_in(course):
        with pytest.raises(release.ReleaseError) as refused:
            release.release(course, folder / "release")
        expect(printed, f"There is no release: {refused.value}")
        correct(course)
        return
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as said:
        patch.chdir(folder)
        patch.setattr(
            release, "mistakes", lambda course, filled, bar: tried(course, filled, bar, [BLOCK])
        )
        release.release(course, Path("release"))
    expect("..." + printed, said.getvalue())


def correct(course):
    """Put the right numbers into the READMEs, each in the place where a wrong one is named."""
    for sentence in facts.wrong_in(course):
        path, what, so = re.fullmatch(r"(\S+): (.+), expected (\d+)", sentence).groups()
        readme = course.folder / path
        text = readme.read_text(encoding="utf-8")
        for words, place in NUMBERS.items():
            if found := re.search(words, what):
                place = place.format(*found.groups())
                text = re.sub(rf"({place.replace('#', r')[0-9]+(')})", rf"\g<1>{so}\2", text)
        readme.write_text(text, encoding="utf-8")


# What is said of a number in a README, and where it stands there, as #.
NUMBERS = {
    r"the points of (\w+)": r"\|[^|]*\b{}\b[^|]*\|\s*#\s*\|",
    "known mistakes": r"\b#\s+known\s+mistakes",
    "checks": r"\b#\s+checks",
    "points in all": r"(?:points\s+out\s+of|they\s+give)\s+#",
}


def test_the_new_exercise_is_one_of_the_course(extended):
    assert extended.points == extended.checks.points() == COURSE.points + 1
    assert extended.checks[BLOCK].blocks == (BLOCK,)
    assert len(extended.checks) == len(COURSE.checks) + 1
    in_order = [check.name for check in extended.checks]
    assert in_order[in_order.index(BLOCK) - 1] == "relu_backward"
    assert extended.checks[BLOCK].recorded().entries
    assert len({mistake.name for mistake in extended.mistakes if mistake.block == BLOCK}) == 6


def test_the_new_exercise_is_in_the_handout_as_a_blank(extended):
    handout = extended.folder / "release" / extended.name
    blocks = {block.name: block for block in blocks_of(handout / extended.package)}
    assert not blocks[BLOCK].is_filled
    assert f"check.{BLOCK}()" in (handout / "notebooks/FullyConnectedNets.ipynb").read_text()
    assert not (handout / "course" / "mistakes").exists()
    assert (extended.folder / "release" / f"{extended.name}.zip").is_file()


def test_the_new_files_are_in_the_style_of_the_project(extended):
    paths = [extended.room / kind / "leaky_relu.py" for kind in ("exercises", "mistakes")]
    for arguments in (["check"], ["format", "--check"]):
        command = [Path(sys.executable).with_name("ruff"), *arguments, "--config"]
        done = subprocess.run(
            [*command, ROOT / "pyproject.toml", *paths],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


# Commands and links, wherever they stand


def commands_in(path):
    """Yield (the words behind `coursekit`, whether they are all that has to be typed)."""
    text = path.read_text(encoding="utf-8")
    for fenced in fenced_in(path):
        for line in fenced.text.splitlines():
            if match := re.match(r"(?:\$ )?(?:\S*python -m )?(?:\S*/)?coursekit (.+)", line):
                yield match[1], fenced.language in ("console", "sh")
    for span in re.findall(r"`([^`\n]+)`", FENCED.sub("", text)):
        if match := re.match(r"(?:\S*python -m )?(?:\S*/)?coursekit (.+)", span):
            yield match[1], False


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_there_and_their_options_too(path):
    for text, whole in commands_in(path):
        command, *words = shlex.split(text, comments=True)
        if command in ("COMMAND", "--version", "--help", "--course"):
            continue
        assert command in cli.COMMANDS, text
        module = importlib.import_module(f"coursekit.{cli.COMMANDS[command][0]}")
        parser = argparse.ArgumentParser(exit_on_error=False)
        module.add_arguments(parser)
        options = {option for action in parser._actions for option in action.option_strings}
        assert {word for word in words if word.startswith("--")} <= options, text
        if whole:
            parser.parse_args(words)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_targets_of_make_are_there(path):
    folders = [HANDOUT.parent] if path == HANDOUT else [ROOT]
    if path == README:  # which tells of a workspace too, and that has the handout's
        folders.append(HANDOUT.parent)
    makefiles = "".join((folder / "Makefile").read_text(encoding="utf-8") for folder in folders)
    targets = re.findall(r"^([\w-]+):", makefiles, re.MULTILINE)
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)(?:[A-Z_]+=\S+ )?make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) <= set(targets)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path):
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    for match in LINK.finditer(text):
        target, _, section = match["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        places = [path.parent / target if target else path]
        if path.parent.name == "handout":  # it is at the top of what students get
            places.append(path.parent.parent / target)
        found = [place for place in places if place.exists()]
        assert found, match["target"]
        if section:
            assert section in sections_of(found[0]), match["target"]


def sections_of(path):
    """Return what GitHub calls the headings of a text in links."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_citation_is_of_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["cff-version"], cited["type"]) == ("1.2.0", "software")
    assert cited["version"] == RELEASE
    assert cited["license"] == "MIT"
    assert all(reference["url"].startswith("https://") for reference in cited["references"])
