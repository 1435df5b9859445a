"""Code of other years: what is missing takes down what uses it, and old names are explained."""

import contextlib
import shutil

import numpy as np
import pytest
from exchanged import exchange
from this_course import COURSE, check

from coursekit.checks import Kind, imported
from coursekit.checks.old_code import advice


@contextlib.contextmanager
def package(folder, **edits):
    """Import a copy of the package with files that are edited, or taken out where that is None."""
    copy = folder / "cs231n"
    shutil.copytree(
        COURSE.package_folder, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.c")
    )
    for name, edit in edits.items():
        path = copy / f"{name}.py"
        if edit is None:
            path.unlink()
        else:
            path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    with imported(COURSE, copy) as under_test:
        yield under_test


def without_batchnorm(source):
    return source.replace("def batchnorm_forward(", "def somewhere_else(")


def of_another_year(source):
    return without_batchnorm(source).replace("__all__ = [", "_names = [")


@pytest.mark.parametrize("edit", [without_batchnorm, of_another_year])
def test_a_function_that_is_not_there_takes_down_only_what_uses_it(edit, tmp_path):
    with package(tmp_path, layers=edit) as under_test:
        kinds = {
            name: check[name].verdict(under_test)
            for name in ("affine_forward", "TwoLayerNet_scores", "batchnorm_forward_train",
                         "affine_bn_relu_forward", "FullyConnectedNet_batchnorm")
        }  # fmt: skip
    assert [verdict.kind for verdict in kinds.values()] == [
        Kind.PASSED, Kind.PASSED, Kind.NOT_ATTEMPTED, Kind.WAITING, Kind.WAITING,
    ]  # fmt: skip
    missing = kinds["batchnorm_forward_train"]
    assert missing.earned == 0
    assert missing.sentences[0] == (
        "There is no function or class batchnorm_forward in the package."
    )
    assert kinds["affine_bn_relu_forward"].headline == "for batchnorm_forward"


def test_a_module_that_is_not_there_takes_down_only_what_uses_it(tmp_path):
    with package(tmp_path, layer_utils=None) as under_test:
        kinds = [
            check[name].verdict(under_test).kind
            for name in ("affine_forward", "sgd_momentum", "affine_bn_relu_forward",
                         "TwoLayerNet_scores")
        ]  # fmt: skip
    assert kinds == [Kind.PASSED, Kind.PASSED, Kind.NOT_ATTEMPTED, Kind.WAITING]


def test_a_name_that_star_imports_do_not_bring_is_not_there(tmp_path):
    def with_stars(source):
        start = source.index("from .layers import")
        end = source.index("\n)\n", start) + 3
        return f"{source[:start]}from .layers import *\n{source[end:]}"

    for number, edit in enumerate((without_batchnorm, of_another_year)):
        folder = tmp_path / str(number)
        with package(folder, layers=edit, layer_utils=with_stars) as under_test:
            assert check.affine_bn_relu_forward.verdict(under_test).kind == Kind.WAITING


def test_dropout_that_is_blank_as_in_other_years_is_not_attempted(tmp_path):
    def blank(source):
        start = source.index("    return out.astype(x.dtype", source.index("def dropout_forward("))
        return f"{source[:start]}    out = None\n{source[start:]}"

    with package(tmp_path, layers=blank) as under_test:
        for name in ("dropout_forward_train", "dropout_forward_test"):
            verdict = check[name].verdict(under_test)
            assert (verdict.kind, verdict.earned) == (Kind.NOT_ATTEMPTED, 0), f"\n{verdict}"


@pytest.mark.parametrize("rule", ["sgd_momentum", "rmsprop", "adam"])
@pytest.mark.parametrize(
    ("junk", "kind"),
    [
        ("None", Kind.NOT_ATTEMPTED),
        ("'text'", Kind.WRONG),
        ("3", Kind.WRONG),
        ("np.zeros((2, 2))", Kind.WRONG),
        ("[[1], [1, 2]]", Kind.WRONG),
        ("object()", Kind.WRONG),
        ("np.full(w.shape, None)", Kind.WRONG),
    ],
)
def test_what_rules_return_instead_of_weights_is_wrong_and_no_crash(rule, junk, kind):
    with exchange() as package, package.holding({rule: f"v = next_w = {junk}\n"}) as under_test:
        verdict = check[rule].judge(check[rule].run(under_test, check[rule].rng()),
                                    check[rule].recorded())  # fmt: skip
    assert (verdict.kind, verdict.earned) == (kind, 0), f"\n{verdict}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import tensorflow", "This imports tensorflow, which is not installed here."),
        ("from past.builtins import xrange", "past was there for Python 2 and is not installed."),
        ("print 'layers'", "This is Python 2. In Python 3 print is a function"),
        ("from numpy import product", "numpy no longer has product. Write np.prod"),
        ("from turtle import nothing_of_that_name", "take the line out"),
        ("n = np.int(3)", "numpy no longer has np.int. Write int in its place."),
        ("for i in xrange(3): pass", "Python 3 has no xrange. Write range in its place."),
        ("np.reshape(np.ones(2), newshape=(2, 1))", "Leave the name out"),
    ],
)
def test_what_a_whole_file_stumbles_over_is_one_sentence_everywhere(line, said, tmp_path):
    if "newshape" in line and np.lib.NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("this numpy takes it still")
    with package(tmp_path, layers=lambda s: s.replace("__all__ =", f"{line}\n\n__all__ =", 1)) as u:
        verdicts = [check[name].verdict(u) for name in ("relu_forward", "TwoLayerNet_scores")]
        assert check.sgd_momentum.verdict(u).passed
    assert {verdict.kind for verdict in verdicts} == {Kind.CRASHED}
    (cause,) = {verdict.cause for verdict in verdicts}
    assert cause.startswith("cs231n/layers.py, line ")
    assert said in cause
    assert all(verdict.sentences == (cause,) for verdict in verdicts)
    assert not any(verdict.mistake or verdict.example for verdict in verdicts)


@pytest.mark.parametrize(
    ("kind", "message", "line", "said"),
    [
        ("TypeError", "only length-1 arrays can be converted to Python scalars", "", "single"),
        ("TypeError", "only 0-dimensional arrays can be converted to Python scalars", "", "single"),
        ("TypeError", "reshape() got an unexpected keyword argument 'newshape'", "", "newshape"),
        ("AttributeError", "'dict' object has no attribute 'iteritems'", "", "Write items."),
        ("AttributeError", "'dict' object has no attribute 'has_key'", "", "`key in d`"),
        ("AttributeError", "module 'numpy' has no attribute 'bool'.\n`np.bool` was", "", "bool"),
        ("ModuleNotFoundError", "No module named 'cPickle'", "", "Import pickle"),
        ("TabError", "inconsistent use of tabs and spaces in indentation", "", "Use spaces"),
        ("SyntaxError", "invalid syntax", "<<<<<<< HEAD", "merge"),
        ("SyntaxError", "invalid syntax", "%matplotlib inline", "notebook"),
        ("TypeError", "'float' object cannot be interpreted as an integer", "range(H / 2)", "//"),
    ],
)
def test_old_code_is_told_what_to_write(kind, message, line, said):
    assert said in advice(kind, message, line)


@pytest.mark.parametrize(
    ("kind", "message", "line"),
    [
        ("AttributeError", "module 'numpy' has no attribute 'sumn'", ""),
        ("AttributeError", "'NoneType' object has no attribute 'shape'", ""),
        ("NameError", "name 'x_hat' is not defined", ""),
        ("SyntaxError", "invalid syntax", "out = x +"),
        ("TypeError", "'float' object cannot be interpreted as an integer", "np.zeros(h)"),
        ("ImportError", "cannot import name 'relu' from 'cs231n.layers'", "from .layers import *"),
        ("ValueError", "shapes (2,3) and (2,3) not aligned", ""),
    ],
)
def test_mistakes_of_today_are_not_blamed_on_age(kind, message, line):
    assert advice(kind, message, line) == ""
