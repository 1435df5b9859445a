"""Progress bars: there for a person at a terminal or a notebook, and for nobody else."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cs231n._internal import progress

ROOT = Path(__file__).parent.parent

LOOP = """
from cs231n._internal.progress import progress

bar = progress(total=4, desc="Cooking", unit="B")
for step in range(4):
    bar.set_postfix_str(f"loss {step}", refresh=False)
    bar.update()
    bar.write(f"line {step}")
bar.close()
print("done")
"""

LINES = ["line 0", "line 1", "line 2", "line 3", "done"]

TRAINING = """
import numpy as np
from small_training import SoftmaxModel, separable_data
from cs231n.solver import Solver

np.random.seed(0)
solver = Solver(SoftmaxModel(), separable_data(), batch_size=20, num_epochs=2, print_every=1)
solver.train()
"""

BAR_ALONE = TRAINING.replace(", print_every=1", "")

ITERATION = re.compile(r"\(Iteration \d / 6\) loss: \d\.\d{6}")
EPOCH = re.compile(r"\(Epoch \d / 2\) train acc: [01]\.\d{6}; val_acc: [01]\.\d{6}")
FINISHED_BAR = re.compile(
    r"Training: 100%\|█+\| 6/6 \[\d\d:\d\d<00:00, +\d+\.\d+it/s, "
    r"loss \d\.\d{3}, train \d\.\d{3}, val \d\.\d{3}\]"
)


def environment(**changes):
    """The environment of a person's shell: no CI, and the package and these tests at hand."""
    variables = {key: value for key, value in os.environ.items() if key not in ("CI", "COLUMNS")}
    paths = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONIOENCODING": "utf-8",
        "TERM": "xterm",
        **changes,
    }


def run_in_pipe(code, **changes):
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )


def run_in_terminal(code, columns=100, **changes):
    """Run Python with a pseudo-terminal for its standard output, and return what it wrote there."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(**changes), stdin=theirs, stdout=theirs
    )
    os.close(theirs)
    written = bytearray()
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # what Linux says when the other side is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return written.decode("utf-8")


def on_screen(written):
    """Return the lines that stay on a terminal after all carriage returns."""
    lines = []
    for line in written.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


def run_in_notebook(*cells, **changes):
    """Run cells in a real kernel, and return the notebook as it would be stored."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    )
    client.execute(env=environment(**changes))
    return [cell.outputs for cell in notebook.cells]


def texts(outputs):
    """Return what each output shows, and assert that it is text and nothing else."""
    shown = []
    for output in outputs:
        if output.output_type == "stream":
            assert output.name == "stdout"
            shown.append(output.text)
        else:
            assert list(output.data) == ["text/plain"]
            shown.append(output.data["text/plain"])
    return shown


def test_a_terminal_shows_one_line_that_changes():
    written = run_in_terminal(LOOP)
    assert written.count("Cooking:") > 4
    lines = on_screen(written)
    assert lines[:4] == [f"line {step}" for step in range(4)]
    assert re.fullmatch(r"Cooking: 100%\|█+\| 4.00/4.00 \[.*B/s, loss 3\]", lines[4])
    assert 90 < len(lines[4]) < 100


def test_a_terminal_without_a_size_shows_the_bar_too():
    lines = on_screen(run_in_terminal(LOOP, columns=0))
    assert lines[4].startswith("Cooking: 100%")
    assert len(lines[4]) == 79


@pytest.mark.parametrize(
    "run", [run_in_terminal, lambda code, **env: run_in_pipe(code, **env).stdout]
)
def test_nothing_is_drawn_where_ci_is_set(run):
    assert run(LOOP, CI="true").splitlines() == LINES


def test_nothing_is_drawn_in_a_pipe():
    result = run_in_pipe(LOOP)
    assert result.stdout.splitlines() == LINES
    assert result.stderr == ""


def test_without_a_terminal_a_line_comes_every_30_seconds(monkeypatch, capsys):
    seconds = iter([0, 20, 42, 43, 44])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    bar = progress.progress(total=4, desc="Cooking")
    for _ in range(4):
        bar.update()
    bar.close()
    assert capsys.readouterr().out == "Cooking: 50% after 42 s, about 42 s to go\n"


def test_an_empty_ci_variable_counts_as_unset():
    assert "Cooking:" in run_in_terminal(LOOP, CI="")


def test_a_bar_that_is_not_enabled_still_counts():
    code = """
    from cs231n._internal.progress import progress
    assert list(progress(range(3), enabled=False)) == [0, 1, 2]
    """
    assert run_in_terminal(textwrap.dedent(code)) == ""


def test_a_bar_that_starts_in_the_midst():
    code = """
    from cs231n._internal.progress import progress
    with progress(total=5, initial=3) as bar:
        bar.update()
    """
    lines = on_screen(run_in_terminal(textwrap.dedent(code)))
    assert lines[0].startswith(" 80%|")


def test_bytes_are_shown_in_larger_units():
    code = """
    from cs231n._internal.progress import progress
    with progress(total=170498071, unit="B") as bar:
        bar.update(85249035)
    """
    assert "85.2M/170M" in run_in_terminal(textwrap.dedent(code))


def test_standard_output_may_be_missing():
    code = "import sys; sys.stdout = None\n" + "from cs231n._internal.progress import progress\n"
    code += "assert list(progress(range(3))) == [0, 1, 2]"
    run_in_pipe(code)


def test_a_notebook_stores_the_last_state_of_the_bar_as_plain_text():
    redirected = """
    import contextlib, io
    from cs231n._internal.progress import progress
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        for _ in progress(range(3)):
            pass
    assert stream.getvalue() == ""
    """
    first, second = run_in_notebook(LOOP, textwrap.dedent(redirected))
    bar, *lines = texts(first)
    assert re.fullmatch(r"Cooking: 100%\|█+\| 4.00/4.00 \[.*B/s, loss 3\]", bar)
    assert "".join(lines).splitlines() == LINES
    assert second == []


def test_training_at_a_terminal():
    lines = on_screen(run_in_terminal(BAR_ALONE))
    assert all(EPOCH.fullmatch(line) for line in lines[:3])
    assert FINISHED_BAR.fullmatch(lines[3])
    assert lines[4:] == [""]


def test_losses_stand_above_the_bar_when_they_are_asked_for():
    lines = on_screen(run_in_terminal(TRAINING))
    assert sum(ITERATION.fullmatch(line) is not None for line in lines) == 6
    assert FINISHED_BAR.fullmatch(lines[-2])


def test_training_in_a_pipe_and_in_ci():
    in_pipe = run_in_pipe(TRAINING)
    assert in_pipe.stderr == ""
    assert len(ITERATION.findall(in_pipe.stdout)) == 6
    assert len(EPOCH.findall(in_pipe.stdout)) == 3
    assert len(in_pipe.stdout.splitlines()) == 9
    assert run_in_terminal(TRAINING, CI="1").replace("\r", "") == in_pipe.stdout


def test_training_in_a_notebook():
    (outputs,) = run_in_notebook(BAR_ALONE)
    lines = [line for text in texts(outputs) for line in text.splitlines()]
    assert FINISHED_BAR.fullmatch(lines.pop(0))
    assert [EPOCH.fullmatch(line) is not None for line in lines] == [True, True, True]


def test_training_in_a_notebook_in_ci():
    (outputs,) = run_in_notebook(TRAINING, CI="1")
    shown = "".join(texts(outputs))
    assert shown == run_in_pipe(TRAINING).stdout
