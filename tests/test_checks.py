"""How a check runs: what it reaches, what is noticed beside its values, how it is found by name."""

import io
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from small_package import LAYERS, small_course, small_package
from this_course import COURSE, check

import coursekit.checks
from course.exercises._inputs import fortran, gaps
from coursekit.checks import Check, CheckFailed, Checks, Kind, UnderTest
from coursekit.checks.check import WrongFolder
from coursekit.checks.outcome import REMARK, SIDE_EFFECT
from coursekit.checks.run import Functions, Run
from coursekit.course import Course


def check_of(function, **settings):
    """Turn a function into a check that belongs to no course."""
    settings = {"points": 4, "notebook": "A notebook"} | settings
    return coursekit.checks.check(**settings)(function)


def doubling(student, run):
    """Twice a few numbers."""
    x = run.rng.standard_normal(3)
    return {"out": student.double(x)}


def run_of(a_check, package, seed=231):
    return a_check.run(package, a_check.rng(seed))


# What a check reaches


def test_functions_are_looked_up_when_they_are_called(tmp_path):
    a_check = check_of(doubling)
    with small_package(tmp_path) as package:
        before = run_of(a_check, package).entries["out"].array
        sys.modules[f"{package.name}.layers"].double = lambda x: 3 * x
        after = run_of(a_check, package).entries["out"].array
    np.testing.assert_allclose(after, 1.5 * before)


def test_a_function_is_taken_from_the_module_that_defines_it(tmp_path):
    net = "from .layers import *\n\ndef extra():\n    return 1\n"
    with small_package(tmp_path, layer_utils=net) as package:
        assert package.find("double").__module__.endswith(".layers")
        assert package.find("extra").__module__.endswith(".layer_utils")


def test_copies_of_the_package_do_not_know_each_other(tmp_path):
    a_check = check_of(doubling)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        small_package(tmp_path / "a") as first,
        small_package(tmp_path / "b", layers=LAYERS.replace("scale=2", "scale=-2")) as second,
    ):
        a, b = (run_of(a_check, package).entries["out"].array for package in (first, second))
    np.testing.assert_array_equal(a, -b)


def test_a_function_that_is_not_there_is_not_attempted(tmp_path):
    a_check = check_of(lambda student, run: {"out": student.triple(1)})
    with small_package(tmp_path) as package:
        outcome = run_of(a_check, package)
        verdict = a_check.judge(outcome, outcome)
    assert verdict.kind == Kind.NOT_ATTEMPTED
    assert verdict.sentences[0] == "There is no function or class triple in the package."


def test_a_module_that_does_not_parse_is_a_crash_with_its_line(tmp_path):
    a_check = check_of(doubling)
    with small_package(tmp_path, layers="def double(x):\n    return 2 *\n") as package:
        (crash,) = run_of(a_check, package).crashes
    assert (crash.type, crash.frames[-1].path, crash.frames[-1].line) == (
        "SyntaxError",
        "small/layers.py",
        2,
    )
    assert crash.frames[-1].source == "return 2 *"


def test_a_module_that_does_not_import_is_a_crash_with_its_line(tmp_path):
    a_check = check_of(doubling)
    # A name that the module's own begins with, as a stray import of part of it would be.
    with small_package(tmp_path, layers="import math\nimport sma\n") as package:
        (crash,) = run_of(a_check, package).crashes
    assert crash.type == "ModuleNotFoundError"
    assert [(frame.path, frame.line) for frame in crash.frames] == [("small/layers.py", 2)]


def test_a_broken_module_does_not_hide_the_functions_of_another(tmp_path):
    a_check = check_of(doubling)
    with small_package(tmp_path, optim="def adam(:\n") as package:
        assert not run_of(a_check, package).crashes


def test_a_package_of_another_folder_is_not_checked(tmp_path, monkeypatch):
    own, other = small_course(tmp_path / "own"), small_course(tmp_path / "other")
    for folder in (own.package_folder, other.package_folder):
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(other.folder)
    try:
        with pytest.raises(WrongFolder) as error:
            Checks(own, [check_of(doubling)]).doubling()
    finally:
        del sys.modules["small"]
    assert f"imported small from {other.package_folder}, expected it from" in str(error.value)
    assert str(own.package_folder) in str(error.value)


def test_a_package_that_cannot_be_imported_says_so_itself(tmp_path, monkeypatch):
    course = small_course(tmp_path)
    course.package_folder.mkdir()
    (course.package_folder / "__init__.py").write_text("raise ImportError('no such luck')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="no such luck") as error:
        Checks(course, [check_of(doubling)]).doubling()
    assert error.type is ImportError


# What is noticed beside the values


def outcome_of(tmp_path, function, layers, *blocks):
    """Return the outcome of a check, there for some blocks, on a package with other layers."""
    with small_package(tmp_path, layers=layers) as package:
        return run_of(check_of(function, blocks=blocks), package)


def half(student, run):
    x, dout = run.rng.standard_normal((2, 4))
    _, cache = student.half_forward(x, {})
    first = student.half_backward(dout, cache)
    return {"first": first, "second": student.half_backward(dout, cache), "dout": dout}


def test_an_input_that_is_overwritten_is_a_side_effect_and_costs_once(tmp_path):
    clean = outcome_of(tmp_path, half, LAYERS, "half_backward")
    (tmp_path / "again").mkdir()
    greedy = LAYERS.replace("return dout / 2", "dout /= 2\n    return dout")
    outcome = outcome_of(tmp_path / "again", half, greedy, "half_backward")
    assert str(outcome.entries["inputs: dout of half_backward"].array) == "overwritten"
    assert outcome.entries["inputs: dout of half_backward"].kind == SIDE_EFFECT
    assert str(clean.entries["inputs: dout of half_backward"].array) == "unchanged"
    for name in ("first", "second", "dout"):  # the second call got clean inputs
        np.testing.assert_array_equal(outcome.entries[name].array, clean.entries[name].array)


@pytest.mark.parametrize(
    "write", ["x[0] = x[0] + 1e-15", "x *= 1.0 + 1e-15", "x[0] = -0.0 if x[0] == 0 else 0.0"]
)
def test_inputs_are_compared_bit_for_bit(tmp_path, write):
    layers = LAYERS.replace("    return scale * x", f"    {write}\n    return scale * x")
    outcome = outcome_of(tmp_path, doubling, layers, "double")
    assert str(outcome.entries["inputs: x of double"].array) == "overwritten"


def test_what_another_function_does_to_its_inputs_is_told_where_that_is_checked(tmp_path):
    layers = LAYERS.replace("    return scale * x", "    x *= 2\n    return scale * x")
    outcome = outcome_of(tmp_path, doubling, layers, "triple")
    assert set(outcome.entries) == {"out"}


def test_arguments_by_name_and_from_nowhere_are_watched_too(tmp_path):
    def by_name(student, run):
        student.double(x=run.rng.standard_normal(3))
        student.anything(run.rng.standard_normal(3))
        return {}

    layers = LAYERS.replace("return scale * x", "x += 1\n    return x")
    layers += "\ndef anything(*args):\n    args[0][:] = 0\n"
    outcome = outcome_of(tmp_path, by_name, layers, "double", "anything:part")
    assert set(outcome.entries) == {"inputs: x of double", "inputs: args of anything"}
    assert all(str(entry.array) == "overwritten" for entry in outcome.entries.values())


def test_methods_are_watched_and_attributes_are_not_in_the_way(tmp_path):
    def use(student, run):
        net = student.Net(3)
        net.params = {"W1": np.full(3, 2.0)}
        return {"out": net.loss(run.rng.standard_normal(3)), "W1": net.params["W1"]}

    layers = LAYERS.replace("return X *", "X += 1\n        return X *")
    outcome = outcome_of(tmp_path, use, layers, "Net.loss:scores")
    assert str(outcome.entries["inputs: X of Net.loss"].array) == "overwritten"
    np.testing.assert_array_equal(outcome.entries["W1"].array, 2)


def test_what_a_function_may_write_to_is_a_remark(tmp_path):
    def allowed(student, run):
        x = run.rng.standard_normal(3)
        run.may_write(x)
        student.double(x)
        return {}

    layers = LAYERS.replace("return scale * x", "x += 1\n    return x")
    outcome = outcome_of(tmp_path, allowed, layers, "double")
    assert outcome.entries["inputs: x of double"].kind == REMARK


def test_dictionaries_and_caches_are_handed_on_as_they_are(tmp_path):
    def remember(student, run):
        param = {}
        student.half_forward(run.rng.standard_normal(3), param)
        return {"kept": param["x"]}

    layers = LAYERS.replace("out = x / 2", "out = x / 2\n    param['x'] = x")
    assert "kept" in outcome_of(tmp_path, remember, layers).entries


@pytest.mark.parametrize("awkward", [fortran, gaps, lambda x: x[::-1], lambda x: x.T, np.copy])
def test_copies_keep_their_layout_in_memory(tmp_path, awkward):
    x = awkward(np.arange(12.0).reshape(3, 4))
    with small_package(tmp_path) as package:
        package.find("double")
        student = Functions(Run(package, "layout", np.random.default_rng(0)))
        seen = []
        sys.modules[f"{package.name}.layers"].look = seen.append
        student.look(x)
    (copy,) = seen
    assert copy is not x
    assert not np.shares_memory(copy, x)
    np.testing.assert_array_equal(copy, x)
    assert copy.flags.c_contiguous == x.flags.c_contiguous
    assert copy.flags.f_contiguous == x.flags.f_contiguous


def test_float32_is_stated_as_a_remark(tmp_path):
    def state(student, run):
        run.keeps_float32("double", out=np.float64(1), dx=np.ones(2, np.float32))
        return {}

    entries = outcome_of(tmp_path, state, LAYERS).entries
    assert {name: (entry.kind, str(entry.array)) for name, entry in entries.items()} == {
        "float32: out of double": (REMARK, "float64"),
        "float32: dx of double": (REMARK, "float32"),
    }


# Exceptions, and what must not leak


def in_cases(student, run):
    results = {}
    for case in ("a", "b", "c"):
        x = run.rng.standard_normal(3)
        with run.case(case, N=3):
            results[f"out: {case}"] = student.double(x, {"a": 2, "b": None, "c": 2}[case])
    return results


def test_an_exception_ends_its_case_and_not_the_check(tmp_path):
    a_check = check_of(in_cases, blocks=["double"])
    with small_package(tmp_path) as package:
        outcome = run_of(a_check, package)
    assert set(outcome.entries) == {"out: a", "out: c", "inputs: x of double"}
    (crash,) = outcome.crashes
    assert (crash.case, crash.type) == ("b", "TypeError")
    assert [(frame.function, frame.source) for frame in crash.frames] == [
        ("double", "return scale * x")
    ]


def test_only_the_students_frames_are_kept(tmp_path):
    helper = "def expect(x):\n    raise ValueError('x has shape (3,), expected (4,)')\n"
    layers = "from ._arguments import expect\n\ndef double(x):\n    return expect(x)\n"
    a_check = check_of(doubling)
    with small_package(tmp_path, layers=layers, _arguments=helper) as package:
        (crash,) = run_of(a_check, package).crashes
    assert crash.message == "x has shape (3,), expected (4,)"
    assert [(frame.path, frame.line) for frame in crash.frames] == [("small/layers.py", 4)]


def test_a_result_that_the_check_cannot_use_names_the_function(tmp_path):
    def unpack(student, run):
        out, cache = student.half_forward(run.rng.standard_normal(3), {})
        return {"out": out}

    a_check = check_of(unpack)
    with small_package(
        tmp_path, layers="def half_forward(x, param):\n    return None\n"
    ) as package:
        (crash,) = run_of(a_check, package).crashes
    assert crash.message.startswith("what half_forward returns cannot be used: cannot unpack")


@pytest.mark.parametrize("end", ["sys.exit(3)", "raise MemoryError", "double(x)"])
def test_no_exception_gets_out_of_a_run(tmp_path, end):
    a_check = check_of(doubling)
    with small_package(tmp_path, layers=f"import sys\n\ndef double(x):\n    {end}\n") as package:
        (crash,) = run_of(a_check, package).crashes
    assert crash.type in ("SystemExit", "MemoryError", "RecursionError")


def test_an_interrupt_gets_out_of_a_run(tmp_path):
    a_check = check_of(doubling)
    layers = "def double(x):\n    raise KeyboardInterrupt\n"
    with small_package(tmp_path, layers=layers) as package, pytest.raises(KeyboardInterrupt):
        run_of(a_check, package)


def test_warnings_of_the_code_under_test_are_not_shown(tmp_path):
    a_check = check_of(doubling)
    layers = "import numpy as np\n\ndef double(x):\n    return x / np.zeros(3)\n"
    with small_package(tmp_path, layers=layers) as package:
        outcome = run_of(a_check, package)  # pytest makes errors of warnings
    assert not outcome.crashes
    assert not np.isfinite(outcome.entries["out"].array).any()


def test_the_global_stream_is_seeded_for_a_check_and_put_back(tmp_path):
    a_check = check_of(doubling)
    layers = "import numpy as np\n\ndef double(x):\n    return np.random.randn(3)\n"
    with small_package(tmp_path, layers=layers) as package:
        np.random.seed(5)
        first = run_of(a_check, package).entries["out"].array
        drawn = np.random.rand()
        second = run_of(a_check, package).entries["out"].array
        other = run_of(a_check, package, seed=7).entries["out"].array
    np.random.seed(5)
    assert drawn == np.random.rand()
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_disabled_functions_come_back(tmp_path):
    def alone(student, run):
        with run.case("disabled"), run.disabled("double"):
            student.quadruple(run.rng.standard_normal(3))
        return {"out": student.quadruple(run.rng.standard_normal(3))}

    a_check = check_of(alone)
    utils = """
        from .layers import double

        def quadruple(x):
            return double(double(x))
    """
    with small_package(tmp_path, layer_utils=utils) as package:
        outcome = run_of(a_check, package)
    (crash,) = outcome.crashes
    assert "quadruple calls double, which this check has disabled" in crash.message
    assert "out" in outcome.entries


WAYS_TO_HOLD_A_FUNCTION = {
    "another name": ("from .fast_layers import double as quick", "quick(x)"),
    "a dictionary": (
        "from . import fast_layers\nKEPT = vars(fast_layers).copy()",
        "KEPT['double'](x)",
    ),
    "a partial function": (
        "from functools import partial\nfrom .fast_layers import double\nquick = partial(double)",
        "quick(x)",
    ),
    "a default": ("from .fast_layers import double\ndef own(x, f=double): return f(x)", "own(x)"),
    "the module": ("from . import fast_layers", "fast_layers.double(x)"),
    "what the module uses": ("from .fast_layers import _twice", "_twice(x)"),
}


@pytest.mark.parametrize("way", WAYS_TO_HOLD_A_FUNCTION)
def test_the_functions_of_a_module_are_disabled_however_they_are_held(tmp_path, way):
    def alone(student, run):
        x = run.rng.standard_normal(3)
        with run.case("disabled"), run.disabled(modules=["fast_layers"]):
            student.slow(x)
        return {"out": student.slow(x)}

    a_check = check_of(alone)
    above, call = WAYS_TO_HOLD_A_FUNCTION[way]
    layers = f"{above}\n\ndef slow(x):\n    return {call}\n"
    fast_layers = (
        "def double(x, times=2):\n    return times * x\n\ndef _twice(x):\n    return x + x\n"
    )
    with small_package(tmp_path, layers=layers, fast_layers=fast_layers) as package:
        outcome = run_of(a_check, package)
    (crash,) = outcome.crashes
    assert "calls fast_layers." in crash.message
    assert "out" in outcome.entries


@pytest.mark.parametrize("any_check", list(check), ids=lambda any_check: any_check.name)
def test_a_crash_anywhere_does_not_change_the_inputs_of_later_cases(tmp_path, any_check):
    """All that a case draws is drawn before it calls: then the streams end in the same place."""
    broken = "def __getattr__(name):\n    if name.startswith('_'):\n        raise AttributeError\n"
    broken += "    return fail\n\ndef fail(*args, **kwargs):\n    raise ValueError\n"
    whole, cut = any_check.rng(), any_check.rng()
    any_check.run(UnderTest(COURSE), whole)
    with small_package(tmp_path, layers=broken) as package:
        assert any_check.run(package, cut).crashes
    assert whole.bit_generator.state == cut.bit_generator.state


# All checks of a course


def test_a_name_that_is_not_there_offers_close_ones():
    with pytest.raises(AttributeError) as error:
        check.batchnorm_bakward()
    assert "no check is named 'batchnorm_bakward'" in str(error.value)
    assert "batchnorm_backward" in str(error.value)
    assert not hasattr(check, "_repr_svg_")


def test_names_complete():
    assert {c.name for c in check} <= set(dir(check))
    assert {"of_notebook", "points"} <= set(dir(check))


def test_a_check_has_points_and_a_free_name(tmp_path):
    course = small_course(tmp_path)
    Checks(course, [check_of(doubling)])
    with pytest.raises(ValueError, match="two checks are named 'doubling'"):
        Checks(course, [check_of(doubling), check_of(doubling)])
    for wrong in (-1, 1.5, "2"):
        with pytest.raises(ValueError, match="expected a whole number of 0 or more"):
            check_of(doubling, points=wrong)

    def points():
        pass

    with pytest.raises(ValueError, match="a check cannot be named 'points'"):
        check_of(points)


def test_the_points_of_the_notebooks_add_up():
    assert check.points() == COURSE.points
    assert {name: check.points(name) for name in check.notebooks()} == {
        "FullyConnectedNets": 25,
        "BatchNormalization": 30,
        "Dropout": 10,
        "ConvolutionalNetworks": 35,
    }
    assert sum(len(check.of_notebook(name)) for name in check.notebooks()) == len(check)


def test_every_check_says_what_it_is_about():
    for any_check in check:
        assert isinstance(any_check, Check)
        assert any_check.__doc__
        assert "\n" not in any_check.__doc__
        assert set(any_check.main) <= {
            entry.group for entry in run_of(any_check, UnderTest(COURSE)).entries.values()
        }


# In a notebook and elsewhere

NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("from course import check")
shell.run_cell("check.relu_forward()")
shell.run_cell("import cs231n.layers; cs231n.layers.relu_forward = lambda x: (x, x)")
result = shell.run_cell("check.relu_forward()")
print("RAISED", type(result.error_in_exec).__name__)
shell.run_cell("check.relu_forwards")
import cs231n.layers
source = "def relu_forward(x):\\n    raise KeyboardInterrupt\\n"
exec(compile(source, cs231n.layers.__file__, "exec"), vars(cs231n.layers))
print("INTERRUPTED")
shell.run_cell("check.relu_forward()")
print("ALONE")
shell.run_cell("check")
"""


def test_in_a_notebook_a_verdict_is_shown_and_a_failure_raised_in_one_line():
    # A colour scheme and a history file would only be in the way.
    command = [sys.executable, "-W", "error::UserWarning", "-c", NOTEBOOK]
    shown = subprocess.run(
        command, cwd=COURSE.folder, capture_output=True, text=True, check=True
    ).stdout
    assert shown.startswith("passed: relu_forward\n  right  out                  3 cases\n")
    failed = shown.partition("wrong: relu_forward: out, x is not contiguous\n")[2]
    raised = failed.index("CheckFailed: wrong: relu_forward: out")
    assert "Traceback" not in failed[: failed.index("RAISED CheckFailed")]
    assert "check.py" not in failed[raised : failed.index("RAISED CheckFailed")]
    assert "Did you mean relu_forward" in failed
    interrupted, _, alone = failed.partition("INTERRUPTED\n")[2].partition("ALONE\n")
    assert "cs231n/layers.py, line 2, in relu_forward" in interrupted
    assert "check.py" not in interrupted
    assert len(interrupted.splitlines()) < 6
    assert "FullyConnectedNets: " in alone
    assert alone.rstrip().endswith("checks passed")


def test_elsewhere_a_verdict_is_printed_and_a_failure_raised(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(Course, "notes", tmp_path)
    check.relu_forward()
    assert capsys.readouterr().out == textwrap.dedent(
        """\
        passed: relu_forward
          right  out                  3 cases
          right  x is not contiguous
          right  inputs               left as they were
          1 of 1 point
        """
    )
    monkeypatch.setattr("cs231n.layers.relu_forward", lambda x: (x, x))
    wrong = "wrong: relu_forward: out, x is not contiguous"
    with pytest.raises(CheckFailed, match=f"^{wrong}$"):
        check.relu_forward()
    shown = capsys.readouterr().out
    assert shown.startswith(f"{wrong}\n")
    assert 'in all 3 cases. In "two axes" at [' in shown


def test_a_terminal_without_the_letters_gets_them_written_out(monkeypatch, tmp_path):
    def message(x):
        raise ValueError("größer als \ud800")

    monkeypatch.setattr(Course, "notes", tmp_path)
    monkeypatch.setattr("cs231n.layers.relu_forward", message)
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    with pytest.raises(CheckFailed):
        check.relu_forward()
    ascii_only.flush()
    assert rb"gr\xf6\xdfer als \ud800" in ascii_only.buffer.getvalue()


def test_a_check_that_is_interrupted_says_where_that_was(tmp_path, monkeypatch):
    course = small_course(tmp_path)
    course.package_folder.mkdir()
    (course.package_folder / "__init__.py").write_text("")
    (course.package_folder / "layers.py").write_text(
        "def double(x):\n    raise KeyboardInterrupt\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        with pytest.raises(KeyboardInterrupt) as error:
            Checks(course, [check_of(doubling)]).doubling()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "small"]:
            del sys.modules[name]
    assert error.value.__suppress_context__
    assert error.value._render_traceback_() == [
        "  small/layers.py, line 2, in double",
        "      raise KeyboardInterrupt",
        "KeyboardInterrupt: the check was interrupted in double (small/layers.py, line 2)",
    ]


def test_an_interrupt_outside_of_the_code_under_test_has_no_lines(monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Check, "verdict", interrupted)
    with pytest.raises(KeyboardInterrupt, match=r"the check was interrupted$") as error:
        check.relu_forward()
    assert error.value._render_traceback_() == ["KeyboardInterrupt: the check was interrupted"]


def test_all_checks_show_themselves_as_a_table(monkeypatch, tmp_path):
    monkeypatch.setattr(Course, "notes", tmp_path)
    assert "relu_forward" in check._repr_html_()
    assert check._repr_html_().startswith("<div")
    assert repr(check).startswith(f"<{len(check)} checks of ")
