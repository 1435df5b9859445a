"""No answer makes a check fail itself: whatever comes back, there is a verdict, and it can be read.

And no answer makes a verdict say of the numbers what is not so.
"""

import contextlib
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_package import small_package
from this_course import COURSE, check

import coursekit.checks
from coursekit.checks import SEED, Kind, Outcome, imported, judge, signatures
from coursekit.checks.comparison import difference
from coursekit.checks.outcome import REMARK, SIDE_EFFECT, VALUE, Crash, Frame, Unfilled, as_array
from coursekit.checks.signatures import Saying, Signatures
from coursekit.checks.verdict import signature


def bounded(examples):
    """Draw so many examples, and the same ones every time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a smaller example would take minutes to find
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def read(verdict):
    """Read a verdict as people do, and return its text."""
    text, html = str(verdict), verdict._repr_html_()
    for shown in (text, html, verdict.first_line):
        shown.encode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown)
    assert "\n" not in verdict.first_line
    assert 0 <= verdict.earned <= verdict.possible
    assert isinstance(verdict.kind, Kind)
    return text


def judged(outcome, expected, mistakes=()):
    """Send an outcome through bytes, judge it, and return the verdict."""
    sent = Outcome.from_bytes(outcome.to_bytes())
    assert sent.to_bytes() == outcome.to_bytes()
    verdict = judge(sent, expected, points=4, mistakes=mistakes)
    assert read(verdict) == read(judge(outcome, expected, points=4, mistakes=mistakes))
    return verdict


# Objects


class Silent(Exception):
    """An exception that cannot be printed."""

    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


class SilentlyNotWritten(Silent, NotImplementedError):
    """One that would be what a stub raises."""


class Strange(BaseException):
    """An exception that no `except Exception` catches."""


def raises(error):
    def method(*args, **kwargs):
        raise error.with_traceback(None)  # else the frames of all runs before are kept

    return method


LIES = [
    "__array__", "__len__", "__iter__", "__getitem__", "__repr__", "__str__", "__eq__", "__bool__",
    "__hash__", "__float__", "__int__", "__index__", "__array_ufunc__", "__array_function__",
    "__array_wrap__", "__getattr__", "__class__", "__sub__", "__abs__", "__format__", "__next__",
    "__array_priority__", "shape", "dtype", "ndim", "size", "tolist",
]  # fmt: skip


def lying(names, answer, base=object):
    """Make an object of which each of some methods gives one answer, or raises it."""
    is_error = isinstance(answer, BaseException)
    method = raises(answer) if is_error else lambda *args, **kwargs: answer
    return type("Lying\x1b", (base,), dict.fromkeys(names, method))()


class Later:
    """An object that is made where it is returned: what draws examples would look at it before."""

    def __init__(self, make, *args):
        self.make, self.args = make, args

    def __repr__(self):
        return f"{self.make.__name__}{self.args}"


def made(value):
    """Return a value with all that lies in it made."""
    if isinstance(value, Later):
        return value.make(*map(made, value.args))
    if type(value) in (list, tuple):
        return type(value)(map(made, value))
    if type(value) is dict:
        return {key: made(item) for key, item in value.items()}
    return value


class Endless:
    """Has an item for every index."""

    def __len__(self):
        return 2**62

    def __getitem__(self, index):
        return 1.0


class Cyclic(list):
    """A list that says that it is empty, and holds itself."""

    def __init__(self):
        super().__init__()
        self += [self, self]

    def __len__(self):
        return 0

    def __iter__(self):
        raise RuntimeError


def huge():
    """Return a view of one number that claims to be eight terabytes."""
    return np.broadcast_to(1.0, (1000, 1000, 1000, 1000))


def backwards(a):
    """Return an array of the same values whose steps in memory are long and negative."""
    wide = np.repeat(np.repeat(np.atleast_1d(a), 3, axis=0), 5, axis=-1)
    return wide[::-3, ..., ::-5]


ODD = {
    "bool": lambda a: a > 0,
    "negated": lambda a: ~(a > 0),
    **{
        name: lambda a, name=name: (100 * a).astype(name)
        for name in ("int8", "uint8", "uint64", "float16", "float32", "longdouble", "complex128")
    },
    "big endian": lambda a: a.astype(">f4"),
    "imaginary": lambda a: 1j * a,
    "objects": lambda a: a.astype(object),
    "text": lambda a: a.astype(str),
    "bytes": lambda a: a.astype("S4"),
    "dates": lambda a: np.zeros(a.shape, "M8[s]"),
    "structured": lambda a: np.zeros(a.shape, [("x", "f8"), ("y", "O")]),
    "void": lambda a: np.zeros(a.shape, "V3"),
    "matrix": lambda a: np.ones((2, 3)).view(np.matrix),
    "masked": lambda a: np.ma.masked_array(a, a > 0),
    "read-only": lambda a: np.broadcast_to(a, a.shape),
    "backwards": backwards,
    "huge": lambda a: huge(),
    "empty": lambda a: a[..., :0],
    "no axis": lambda a: np.float64(a.sum()),
    "an axis more": lambda a: a[None],
    "transposed": lambda a: a.T,
    "flat": lambda a: a.ravel(),
    "list": lambda a: a.tolist(),
    "ragged": lambda a: [[1.0, 2.0], [3.0]],
    "nested": lambda a: (a, [a, (a,)], {"a": a}),
    "nan": lambda a: a * np.nan,
    "inf": lambda a: a - np.inf,
    "large": lambda a: a * 1e300 * 1e8,
    "int": lambda a: 10**400,
    "None": lambda a: None,
    "string": lambda a: "\ud800\x1b[31m" + "x" * 10**6,
    "dict": lambda a: {"running_mean": a},
    "set": lambda a: {1, 2},
    "generator": lambda a: (x for x in (1, 2)),
    "type": lambda a: type(a),
    "function": lambda a: np.add,
    "fraction": lambda a: Fraction(1, 3),
    "endless": lambda a: Endless(),
    "cyclic": lambda a: Cyclic(),
    "lying": lambda a: lying(LIES, 7),
    "raising": lambda a: lying([name for name in LIES if name != "__class__"], Silent()),
    "array from a lie": lambda a: lying(["__array__"], "no array"),
    "no array from a lie": lambda a: lying(["__array__"], AttributeError("no")),
    "list of lies": lambda a: [lying(["__array__", "__len__"], Strange())],
    "exits": lambda a: lying(["__array__"], SystemExit()),
}
ENDS = {
    "exit": SystemExit(),
    "silent": Silent(),
    "strange": Strange("an exception of its own"),
    "generator exit": GeneratorExit(),
    "no message": ValueError(),
    "surrogates": ValueError("\ud800" * 3 + "\x07"),
    "long": ValueError("long " * 10**6),
    "lines": KeyError("a\nb"),
    "syntax": SyntaxError(),
    "odd syntax": SyntaxError(5, (b"name", "line", [], {})),
    "not written": NotImplementedError("\ud800"),
    "silently not written": SilentlyNotWritten(),
    "type with an escape": type("Odd\x1b", (Exception,), {})("no"),
    "recursion": RecursionError("maximum recursion depth exceeded"),
    "memory": MemoryError(),
    "unicode": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"),
    "group": ExceptionGroup("several", [ValueError("no"), Silent()]),
}  # fmt: skip


# All checks of the course, with each of their functions replaced

SEEDED = np.random.default_rng(SEED)


@pytest.fixture(scope="module")
def package():
    with imported(COURSE, COURSE.package_folder) as under_test:
        yield under_test


def functions_of(a_check):
    return {block.partition(":")[0] for block in a_check.blocks}


def bent(original, bend, first_only):
    """Return a function that returns what `original` does, each array of it bent."""

    def changed(value):
        return bend(np.array(value, float)) if isinstance(value, np.ndarray | float) else value

    def everything(value):
        if isinstance(value, np.ndarray | float):
            return bend(np.array(value, float))
        if isinstance(value, dict):
            return {key: everything(item) for key, item in value.items()}
        return bend(np.ones((2, 3)))

    def call(*args, **kwargs):
        result = original(*args, **kwargs)
        if not isinstance(result, tuple):
            return changed(result)
        rest = result[1:] if first_only else tuple(map(everything, result[1:]))
        return (changed(result[0]), *rest)

    return call


@contextlib.contextmanager
def replaced(under_test, names, instead):
    """Put `instead(original)` in the place of functions, and of methods like Net.loss."""
    with contextlib.ExitStack() as stack:
        for name in names:
            owner, _, method = name.partition(".")
            found = under_test.find(owner)
            if not method:
                stack.enter_context(under_test.replaced(**{owner: instead(found)}))
            else:
                stack.callback(setattr, found, method, vars(found)[method])
                setattr(found, method, instead(vars(found)[method]))
        yield


def bent_net(original, bend):
    """Return an __init__ after which all parameters are bent."""

    def construct(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.params = {name: bend(array) for name, array in self.params.items()}

    return construct


def verdict_on(a_check, under_test):
    outcome = a_check.run(under_test, a_check.rng())
    known = signatures.load(COURSE, a_check.name)
    verdict = judged(outcome, EXPECTED[a_check.name], known)
    assert signature(outcome, EXPECTED[a_check.name]) or verdict.passed
    return verdict


def some_checks(name, among):
    """Return all checks for what students do return, and every fourth, in turn, for the rest."""
    if name in ("bool", "uint8", "text", "None", "nested", "an axis more", "silent"):
        return list(check)
    return list(check)[list(among).index(name) % 4 :: 4]


EXPECTED = {a_check.name: a_check.recorded() for a_check in check}


@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_of_all_checks_get_a_verdict(odd, package):
    for place, a_check in enumerate(some_checks(odd, ODD)):
        first_only = bool(place % 2)

        def instead(original, first_only=first_only):
            if original.__name__ == "__init__":
                return bent_net(original, ODD[odd])
            return bent(original, ODD[odd], first_only)

        with replaced(package, functions_of(a_check), instead):
            verdict_on(a_check, package)


@pytest.mark.parametrize("end", ENDS)
def test_odd_exceptions_in_all_checks_get_a_verdict(end, package):
    for a_check in some_checks(end, ENDS):
        with replaced(package, functions_of(a_check), lambda original: raises(ENDS[end])):
            verdict = verdict_on(a_check, package)
        assert verdict.kind in (Kind.CRASHED, Kind.NOT_ATTEMPTED), a_check
        assert len(str(verdict)) < 5000


def test_the_checks_are_as_they_were(package):
    """What is replaced above is put back, and bending nothing changes nothing."""
    for a_check in (check.relu_forward, check.adam, check.TwoLayerNet_scores):
        with replaced(package, functions_of(a_check), lambda original: original):
            assert verdict_on(a_check, package).passed


@pytest.mark.parametrize(
    ("asked", "name", "wrong", "seen"),
    [
        ("relu_forward", "relu_forward", lambda x: (x > 0, x), "zeros and ones"),
        ("relu_backward", "relu_backward", lambda dout, x: x > 0, "zeros and ones"),
        ("relu_forward", "relu_forward", lambda x: ((x > 0).astype("u1"), x), "zeros and ones"),
        ("relu_forward", "relu_forward", lambda x: None, "returns cannot be used"),
        ("relu_forward", "relu_forward", lambda x: (x, x, x), "returns cannot be used"),
        ("relu_forward", "relu_forward", lambda x: (None, x), "returns None"),
        ("relu_forward", "relu_forward", lambda x: (np.maximum(x, 0)[..., None], x), "Which shape"),
    ],
)
def test_answers_that_once_had_no_verdict(asked, name, wrong, seen, package):
    with replaced(package, [name], lambda original: wrong):
        assert seen in str(verdict_on(check[asked], package))


# A small check, and whatever a function can return

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.binary(),
    st.text(st.characters(exclude_categories=[])), st.just(10**400), st.fractions(), st.decimals(),
)  # fmt: skip
dtypes = st.one_of(
    hnp.scalar_dtypes(),
    hnp.array_dtypes(),
    st.sampled_from([np.dtype(object), np.dtype(np.longdouble), np.dtype("U7")]),
)
arrays = dtypes.flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        elements=scalars if dtype.kind == "O" else None,
    )
)
ENDS |= {"attribute": AttributeError("no"), "index": IndexError(), "stop": StopIteration()}
lies = st.builds(
    Later,
    st.just(lying),
    st.lists(st.sampled_from([name for name in LIES if name != "__class__"]), unique=True),
    st.one_of(st.sampled_from(list(ENDS)).map(lambda end: Later(ENDS.get, end)), scalars, arrays),
    st.sampled_from([object, list, dict, float, str]),
)
endless = st.sampled_from([Endless, Cyclic, huge]).map(Later)


def masked(a):
    return a.view(np.ma.MaskedArray)


odd_arrays = st.one_of(
    arrays,
    arrays.map(lambda a: a.T),
    arrays.map(lambda a: a[..., ::-1] if a.ndim else a),
    arrays.map(lambda a: a[()]),
    arrays.map(lambda a: Later(masked, a)),
    arrays.filter(lambda a: a.ndim == 2).map(lambda a: a.view(np.matrix)),
)
values = st.recursive(
    st.one_of(scalars, odd_arrays, lies, endless),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=6,
)


@coursekit.checks.check(points=4, notebook="A notebook")
def anything(student, run):
    """What a check does with what comes back."""
    x = run.rng.standard_normal((3, 4))
    results = {}
    for case in ("first", "second"):
        with run.case(case, N=3, D=4):
            results[f"out: {case}"] = student.double(x)
    with run.case("cache"):
        out, cache = student.double(x)
        run.starts_from(out)
        results["dx"] = student.half_backward(out, cache)
    with run.case("float32"):
        run.keeps_float32("double", out=student.double(x.astype(np.float32)))
    run.remark_unless(False, "a remark", "so", "otherwise")
    return results


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small package, and what the reference says of it."""
    with small_package(tmp_path_factory.mktemp("small")) as under_test:
        yield under_test, anything.run(under_test, anything.rng())


def known_of(outcome, expected):
    saying = Saying("a block", "the same", "")
    return Signatures.of([(signature(outcome, expected), (saying,))])


@bounded(200)
@given(values)
def test_whatever_is_returned_gets_a_verdict(small, value):
    under_test, expected = small
    with under_test.replaced(double=lambda x: made(value), half_backward=lambda dout, cache: cache):
        outcome = anything.run(under_test, anything.rng())
    verdict = judged(outcome, expected, known_of(outcome, expected))
    assert not verdict.passed


@bounded(60)
@given(st.sampled_from(list(ENDS)), st.text(st.characters(exclude_categories=[]), max_size=40))
def test_whatever_is_raised_gets_a_verdict(small, end, words):
    under_test, expected = small
    error = ENDS[end]
    again = type(error)(words) if type(error) in (ValueError, KeyError, SyntaxError) else error
    with under_test.replaced(double=raises(again)):
        outcome = anything.run(under_test, anything.rng())
    verdict = judged(outcome, expected, known_of(outcome, expected))
    assert verdict.kind in (Kind.CRASHED, Kind.NOT_ATTEMPTED)


def test_only_an_interrupt_gets_through(small):
    under_test, _ = small
    interrupting = lying(["__array__"], KeyboardInterrupt())
    for double in (raises(KeyboardInterrupt()), lambda x: interrupting):
        with under_test.replaced(double=double), pytest.raises(KeyboardInterrupt):
            anything.run(under_test, anything.rng())


def test_an_array_that_is_large_or_odd_is_described_and_not_copied():
    assert str(as_array(huge())) == f"an array of shape {huge().shape}"
    assert str(as_array(np.zeros(3, "M8[s]"))) == "an array of datetime64[s]"
    assert str(as_array([[1], [2, 3]])) == "list object"
    assert str(as_array(Cyclic())) == "Cyclic object"
    assert str(as_array(Endless())) == "Endless object"
    assert str(as_array(lying([], 0))) == "Lying\\x1b object"
    np.testing.assert_array_equal(as_array(range(4)), np.arange(4))
    np.testing.assert_array_equal(as_array([np.float32(1), True]), [1, 1])
    np.testing.assert_array_equal(as_array(lying(["__array__"], np.arange(3))), np.arange(3))


# Outcomes that are made by hand

numeric = st.one_of(
    hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(), hnp.complex_number_dtypes(), st.just(np.dtype(np.longdouble)),
    st.just(np.dtype("U5")),
).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)  # fmt: skip
any_text = st.text(st.characters(exclude_categories=[]), max_size=30)
names = st.sampled_from(["dx", "dx: a", "dx: b", "dw: a", "dw: b", "db", "\ud800: \x00", ": ", ""])
frames = st.builds(Frame, any_text, st.integers(), any_text, any_text)
crashes = st.builds(Crash, any_text, any_text, st.lists(frames, max_size=3).map(tuple), any_text)
unfilled = st.builds(Unfilled, any_text, any_text, any_text, st.integers())


@st.composite
def outcomes(draw):
    made = Outcome("some_check")
    for name, array in draw(st.dictionaries(names, numeric, max_size=5)).items():
        kind = draw(st.sampled_from([VALUE, VALUE, VALUE, SIDE_EFFECT, REMARK]))
        wanted = draw(any_text) if kind != VALUE and draw(st.booleans()) else None
        made.add(name, kind, array, wanted)
    made.crashes = draw(st.lists(crashes, max_size=1))
    made.unfilled = draw(st.lists(unfilled, max_size=1))
    made.sizes = draw(st.dictionaries(st.sampled_from(["a", "b", ""]), st.dictionaries(
        st.sampled_from("NDC"), st.integers(-1, 9), max_size=3), max_size=2))  # fmt: skip
    return made


@bounded(120)
@given(outcomes(), outcomes())
def test_any_two_outcomes_can_be_compared(outcome, expected):
    verdict = judged(outcome, expected, known_of(outcome, expected))
    assert len(verdict.sentences) <= 2


@bounded(150)
@given(numeric, numeric, st.booleans())
def test_any_two_arrays_can_be_compared(got, expected, reshape):
    if reshape and got.size >= expected.size:
        got = got.ravel()[: expected.size].reshape(expected.shape)
    with np.errstate(all="raise"):  # nothing of it may hang on how numpy is set
        found = difference(got, expected)
    assert (found is None) == (difference(got, expected) is None)
    if found is None:
        assert got.shape == expected.shape
    else:
        assert found.way
        assert str(found)


@bounded(80)
@given(outcomes(), st.data())
def test_bytes_that_are_changed_are_read_or_refused(outcome, data):
    whole = bytearray(outcome.to_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    for sent in (bytes(whole), bytes(whole[:cut])):
        try:
            changed = Outcome.from_bytes(sent)
        except ValueError:
            continue
        read(judge(changed, outcome))


# What is said is so

X = np.random.default_rng(0).standard_normal((5, 3, 4))
CHANGES = [
    lambda a, n: a, lambda a, n: -a, lambda a, n: 0 * a, lambda a, n: n * a, lambda a, n: a / n,
    lambda a, n: a * n / (n - 1), lambda a, n: 2 * a, lambda a, n: a * (1 + 1e-6),
    lambda a, n: 1.5 * a + 0.5, lambda a, n: a + 0.25, lambda a, n: a - n, lambda a, n: np.flip(a),
    lambda a, n: np.flip(a, -1), lambda a, n: a.T, lambda a, n: np.swapaxes(a, 0, -1),
    lambda a, n: np.roll(a, 1), lambda a, n: np.sort(a, axis=None).reshape(a.shape),
    lambda a, n: a.T.reshape(a.shape), lambda a, n: a > 0, lambda a, n: a.astype(int),
    lambda a, n: np.where(np.arange(a.shape[-1]) == 1, 9, a), lambda a, n: a[None],
    lambda a, n: a * np.arange(1, 1 + a.shape[-1]), lambda a, n: np.where(a > 1, np.nan, a),
    lambda a, n: np.where(a > 0.5, a, 0), lambda a, n: np.round(a), lambda a, n: np.abs(a),
    lambda a, n: a.mean() + 0 * a, lambda a, n: a[..., :1] + 0 * a, lambda a, n: a[:1],
]  # fmt: skip
ARRAYS = [
    lambda a: a, lambda a: np.abs(a), lambda a: np.maximum(a, 0), lambda a: np.round(a),
    lambda a: a > 0, lambda a: 1e-13 * a, lambda a: 1 + 1e-5 * a, lambda a: np.ones_like(a),
    lambda a: a[..., 0], lambda a: a[0, 0], lambda a: a[0, 0, 0], lambda a: np.where(a > 1, a, 0),
]  # fmt: skip
NUMBER = r"(?:about )?(?P<number>[-\d.e+]+)"


def is_so(sentence, got, expected, sizes):
    """Find out anew whether a sentence is so of one case of what it names."""
    kinds = {
        r"Every number of .* is True or False\.": lambda found: got.dtype == bool,
        r"The type of .* is one of integers": lambda found: got.dtype.kind == "i",
        r"There is (?P<what>nan|inf)": lambda found: not np.isfinite(got).all(),
        r"Every number of .* is zero\.": lambda found: not got.any() and expected.any(),
        r"Every number of .* has the right size and the opposite sign": lambda found: np.allclose(
            got, -1.0 * expected, rtol=1e-6, atol=1e-12
        ),
        rf"Every number of .* is {NUMBER} times the expected one\.": lambda found: np.allclose(
            got, float(found["number"]) * expected, rtol=2e-3, atol=1e-12
        ),
        r"Every number of .* is the expected one times (?P<words>[^(]*|.*\))\.": lambda found: (
            np.allclose(
                got,
                eval(found["words"].partition(" (N is")[0], dict(sizes)) * expected,
                rtol=1e-6,
                atol=1e-12,
            )
        ),
        rf"Every number of .* is {NUMBER} (?P<than>more|less) than": lambda found: np.allclose(
            got - 1.0 * expected,
            float(found["number"]) * (1 if found["than"] == "more" else -1),
            rtol=2e-3,
        ),
        r"The numbers of .* are the right ones, ": lambda found: (
            np.allclose(np.sort(got, axis=None), np.sort(expected, axis=None))
            and len(np.unique(np.round(expected, 9))) > expected.size / 2
        ),
        r"What came out as": lambda found: True,  # looked at below
        r"At ind(?:ex|ices) (?P<at>[\d, ]+) of axis (?P<axis>\d), all": lambda found: (
            sorted({int(place) for place in found["at"].split(", ")})
            == sorted(set(np.nonzero(np.abs(got - expected) > 1e-8)[int(found["axis"])].tolist()))
        ),
        r"The numbers of .* differ from the expected ones by a factor for each index of axis "
        r"(?P<axis>\d)": lambda found: (
            np.ptp(
                np.moveaxis(got / expected, int(found["axis"]), 0).reshape(
                    got.shape[int(found["axis"])], -1
                ),
                axis=1,
            ).max()
            < 1e-6
        ),
        r"The numbers of .* are right, but not the shape\.": lambda found: (
            got.shape != expected.shape and np.allclose(got.ravel(), expected.ravel())
        ),
    }
    matches = {pattern: re.match(pattern, sentence) for pattern in kinds}
    ((pattern, found),) = [item for item in matches.items() if item[1]]
    return kinds[pattern](found)


@bounded(500)
@given(
    st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from([2, 3, 5])), min_size=1,
             max_size=3),
    st.sampled_from(ARRAYS),
    st.booleans(),
)  # fmt: skip
def test_what_is_said_is_so(changes, shape, alike):
    """In all cases of the array, or in those that the sentence names."""
    got, expected = Outcome("some_check"), Outcome("some_check")
    cases = {}
    for place, (change, n) in enumerate(changes):
        change = changes[0][0] if alike else change
        case = f"case {place}"
        right = np.asarray(shape(np.roll(X, place)[:n]))
        with np.errstate(all="ignore"), contextlib.suppress(IndexError, ValueError, TypeError):
            wrong = np.asarray(change(right, n))
            for outcome, array in ((got, wrong), (expected, right)):
                outcome.add(f"dx: {case}", VALUE, array)
                outcome.sizes[case] = {"N": n, "D": 12}
            cases[case] = wrong, right
    for sentence in judge(got, expected).sentences:
        named = [case for case in cases if case in sentence] or list(cases)
        if "There is" in sentence or re.search(r"\(in \d of", sentence):
            named = named if "(case" in sentence else []
        for case in named:
            assert is_so(sentence, *cases[case], got.sizes[case]), (sentence, case)
