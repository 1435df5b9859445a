"""What to change in code that was right for an older Python or numpy, or on another machine.

An exception that has nothing to do with the exercise gets one sentence that says what to write
instead: what numpy and Python no longer have, Python 2, and imports of what is not there.
"""

from __future__ import annotations

import re

# What numpy had, and what there is in its place.
_NUMPY = {
    "int": "int", "float": "float", "bool": "bool", "object": "object", "complex": "complex",
    "str": "str", "long": "int", "unicode": "str", "float_": "np.float64", "int_": "int",
    "complex_": "np.complex128", "bool8": "np.bool_", "unicode_": "np.str_",
    "product": "np.prod", "cumproduct": "np.cumprod", "alltrue": "np.all", "sometrue": "np.any",
    "in1d": "np.isin", "row_stack": "np.vstack", "trapz": "np.trapezoid", "round_": "np.round",
    "Inf": "np.inf", "Infinity": "np.inf", "infty": "np.inf", "PINF": "np.inf", "NINF": "-np.inf",
    "NaN": "np.nan", "NAN": "np.nan", "msort": "np.sort(x, axis=0)",
    "asscalar": "the item method of the array", "asfarray": "np.asarray(x, dtype=float)",
    "mat": "np.asmatrix", "cast": "the astype method of the array",
    "float128": "np.longdouble", "obj2sctype": "np.dtype", "find_common_type": "np.result_type",
}  # fmt: skip
# What Python 2 had.
_PYTHON_2 = {
    "xrange": "range", "raw_input": "input", "unicode": "str", "basestring": "str", "long": "int",
    "unichr": "chr", "reduce": "functools.reduce", "cmp": "a comparison", "izip": "zip",
    "reload": "importlib.reload", "cPickle": "pickle", "itervalues": "values",
}  # fmt: skip
# Modules that helped code to run on Python 2 as well, or were renamed.
_BRIDGES = ("past", "future", "six", "__builtin__", "libfuturize")
_RENAMED = {"cPickle": "pickle", "urllib2": "urllib.request", "StringIO": "io", "Queue": "queue",
            "ConfigParser": "configparser", "Tkinter": "tkinter"}  # fmt: skip


def advice(kind: str, message: str, line: str = "", file: str = "") -> str:
    """Return what to change where an exception comes from the age of the code, or "".

    Parameters
    ----------
    kind, message : str
        The exception's type and what it says.
    line : str, optional
        The line of code that it comes from.
    file : str, optional
        The file of that line, with the line's number.
    """
    said = {
        "AttributeError": _on_attribute,
        "NameError": _on_name,
        "ModuleNotFoundError": _on_module,
        "ImportError": _on_import,
        "TypeError": _on_type,
        "SyntaxError": _on_syntax,
        "TabError": _on_syntax,
    }.get(kind)
    sentence = said(message, line) if said else ""
    return f"{file}: {sentence}" if sentence and file else sentence


def _on_attribute(message: str, line: str) -> str:
    found = re.match(r"module 'numpy' has no attribute '(\w+)'", message) or re.match(
        r"`np\.(\w+)` was removed", message
    )
    if found and found[1] in _NUMPY:
        return f"numpy no longer has np.{found[1]}. Write {_NUMPY[found[1]]} in its place."
    found = re.search(r"'dict' object has no attribute '(iter\w+|has_key)'", message)
    if found and found[1] == "has_key":
        return "Dictionaries of Python 3 have no has_key. Write `key in d`."
    if found:
        return f"Dictionaries of Python 3 have no {found[1]}. Write {found[1][4:]}."
    return ""


def _on_name(message: str, line: str) -> str:
    found = re.match(r"name '(\w+)' is not defined", message)
    if found and found[1] in _PYTHON_2:
        return f"Python 3 has no {found[1]}. Write {_PYTHON_2[found[1]]} in its place."
    return ""


def _on_module(message: str, line: str) -> str:
    found = re.match(r"No module named '([\w.]+)'", message)
    if not found:
        return ""
    top = found[1].partition(".")[0]
    if top in _RENAMED:
        return f"Python 3 has no {top}. Import {_RENAMED[top]} in its place."
    if top in _BRIDGES:
        return (
            f"{top} was there for Python 2 and is not installed. Take the line that imports it "
            "out: Python 3 needs nothing in its place."
        )
    return (
        f"This imports {found[1]}, which is not installed here. If nothing in the file uses it, "
        "take the line out; the exercises need numpy alone."
    )


def _on_import(message: str, line: str) -> str:
    found = re.match(r"cannot import name '(\w+)' from '(numpy|scipy)[\w.]*'", message)
    if found and found[2] == "numpy" and found[1] in _NUMPY:
        return f"numpy no longer has {found[1]}. Write {_NUMPY[found[1]]} in its place."
    found = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", message)
    if found and not re.search(r"^\s*from\s+\.", line):
        return (
            f"This imports {found[1]} from {found[2]}, which has nothing of that name here. If "
            "nothing in the file uses it, take the line out."
        )
    return ""


def _on_type(message: str, line: str) -> str:
    if "unexpected keyword argument 'newshape'" in message or (
        "newshape" in message and "reshape" in message
    ):
        return "np.reshape no longer calls its shape newshape. Leave the name out."
    if re.match(r"only (?:0-dimensional|length-1|size-1) arrays can be converted", message):
        return (
            "int() and float() take a single number, and numpy no longer takes an array of one "
            "element for one. Take the element out of the array first."
        )
    if "'dict_keys' object is not subscriptable" in message or (
        "'dict_values' object is not subscriptable" in message
    ):
        return "keys() and values() are no lists in Python 3. Put list() around them."
    if "'float' object cannot be interpreted as an integer" in message and "/" in line:
        return "A division gives a float in Python 3, and a whole number is needed. Write //."
    return ""


def _on_syntax(message: str, line: str) -> str:
    if "Missing parentheses in call to" in message:
        name = (re.search(r"call to '(\w+)'", message) or ["", "print"])[1]
        return (
            f"This is Python 2. In Python 3 {name} is a function: put parentheses around what "
            "follows."
        )
    if "multiple exception types must be parenthesized" in message:
        return "This is Python 2. In Python 3 it is `except Kind as error`."
    if "inconsistent use of tabs and spaces" in message:
        return "Tabs and spaces are mixed in front of the lines. Use spaces alone."
    if "leading zeros in decimal integer literals" in message:
        return "Python 3 takes no whole number that begins with a zero."
    if re.search(r"<>|`[^`]*`|^\s*print\s+\S|^\s*exec\s+\S|^\s*raise\s+\w+\s*,", line):
        return "This is Python 2. Write it as Python 3 does."
    if line.lstrip().startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "A merge left its marks in the file. Keep one of the versions, and take them out."
    if line.lstrip().startswith(("%", "!")):
        return "Lines that begin with % or ! work in a notebook alone. Take this one out."
    return ""
