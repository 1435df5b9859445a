"""Bug hunts that are graded: good checks find the bugs, and nothing but a check does."""

import dataclasses
import textwrap

import nbformat
import pytest
from made_submissions import make_submission
from small_workspace import cell, write_notebook
from this_course import COURSE

from coursekit.grading import hunting, rerun, sandbox
from coursekit.grading.hunting import HuntResult, checks_in, functions_of, hunted
from coursekit.grading.sandbox import Limits

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")
FUNCTIONS = ["affine_backward", "batchnorm_backward", "dropout_forward", "conv_backward_naive"]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def kit(work, tmp_path_factory):
    """A course with the reference as the package that was handed in."""
    own = make_submission(tmp_path_factory.mktemp("one"))
    made = own / "kit"
    rerun._make_kit(COURSE, own, made, work)
    for folder in (own, *own.parents[:3]):
        folder.chmod(0o755)
    return made


@pytest.fixture
def hunt(kit, work):
    def hunt(source, function="affine_backward", seed=3, **limits):
        wide = dataclasses.replace(Limits(), **limits)
        sources = {function: textwrap.dedent(source)}
        (found,) = hunted(COURSE, kit, sources, work=work, seed=seed, limits=wide)
        return found

    return hunt


def cells_with_checks():
    """Return {function: (the check that the handout has, the reference's)} of the notebooks."""
    found = {}
    for name in COURSE.notebooks:
        sources = [
            c.source for c in nbformat.read(COURSE.notebook(name), as_version=4).cells
            if c.cell_type == "code" and "def my_check(" in c.source
        ]  # fmt: skip
        for source in sources:
            function = hunting._MY_CHECK.search(source)[1]
            found.setdefault(function, []).append(source)
    return found


def test_every_notebook_has_a_hunt():
    assert sorted(functions_of(COURSE)) == sorted(FUNCTIONS)
    assert cells_with_checks().keys() == set(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_references_check_finds_nine_of_ten_and_the_given_one_half_or_fewer(hunt, function):
    weak, good = cells_with_checks()[function]
    found = hunt(good, function)
    assert found.words == ""
    assert found.planted >= 8
    assert found.found >= 0.9 * found.planted
    assert found.share(0.9) == 1
    poor = hunt(weak, function)
    assert (poor.words, poor.planted) == ("", found.planted)
    assert poor.found <= found.planted / 2


def test_the_same_seed_gives_the_same_result_and_another_another_order(hunt, monkeypatch):
    weak, _ = cells_with_checks()["affine_backward"]
    assert hunt(weak) == hunt(weak)
    bugs = [hunting.Planted("b", f"{n}") for n in range(10)]
    orders = {tuple(hunting._order(bugs, seed)) for seed in range(5)}
    assert len(orders) == 5
    assert all(not order[0].code for order in orders)
    assert all(sum(not one.code for one in order) == 6 for order in orders)


SET_UP = """
    x, w, b = np.random.randn(3, 4), np.random.randn(4, 2), np.zeros(2)
    dout = np.random.randn(3, 2)
"""
WITHOUT_CALLING = {
    "counts its calls": """
        calls = getattr(np, "calls", 0)
        np.calls = calls + 1
        assert calls == 0
    """,
    "asks whether it was given the same function": """
        before = np.__dict__.setdefault("seen", affine_backward)
        assert before is affine_backward
    """,
    "reads its source": """
        import inspect
        source = inspect.getsource(inspect.unwrap(affine_backward))
        before = np.__dict__.setdefault("source", source)
        assert source == before
    """,
    "looks into its closure": """
        cells = [str(c.cell_contents)[:200] for c in affine_backward.__closure__ or ()
                 if not callable(c.cell_contents)]
        before = np.__dict__.setdefault("cells", cells)
        assert cells == before
    """,
    "looks into frames": """
        import sys
        frame, seen = sys._getframe(), []
        while frame:
            seen += [str(v) for k, v in frame.f_locals.items() if k in ("code", "block", "order")]
            frame = frame.f_back
        before = np.__dict__.setdefault("frames", seen)
        assert seen == before
    """,
    "never passes": "assert False",
    "always passes": "pass",
}


@pytest.mark.parametrize("way", WITHOUT_CALLING)
def test_nothing_but_calls_tells_right_from_wrong(hunt, way):
    body = textwrap.dedent(WITHOUT_CALLING[way]).strip()
    source = f"def my_check(affine_backward):\n{textwrap.indent(body, '    ')}\n"
    for seed in (3, 4):
        assert hunt(source, seed=seed).share(0.9) == 0


def test_how_long_an_answer_takes_tells_nothing(hunt):
    source = f"""
def my_check(affine_backward):
    import time
    {SET_UP.strip()}
    _, cache = affine_forward(x, w, b)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        affine_backward(dout, cache)
        times.append(time.perf_counter() - start)
    fastest = np.__dict__.setdefault("fastest", min(times))
    assert min(times) < 1.02 * fastest
"""
    found = hunt(source)
    assert found.share(0.9) < 0.9  # who guesses is not always wrong


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def my_check(affine_backward):\n    while True:\n        pass\n", "its time was up"),
        ("def my_check(affine_backward):\n    import os\n    os._exit(0)\n", "come to its end"),
        ("def my_check(affine_backward):\n    exit()\n", "does not pass right code: SystemExit"),
        ("def my_check(affine_backward):\n    return False\n", "right code: it returned False"),
        ("other = 3\n", "right code: KeyError"),
        ("def my_check(", "right code: SyntaxError"),
        ("def my_check(f):\n    raise NotImplementedError\n", "right code: NotImplementedError"),
        ("def my_check(f):\n    f(object(), 1)\n", "right code: CannotAsk"),
        ("def my_check(f):\n    [0] * 10**11\n", "right code: MemoryError"),
    ],
)  # fmt: skip
def test_a_check_that_does_harm_costs_itself_and_says_so(hunt, monkeypatch, source, said):
    monkeypatch.setattr(hunting, "_SECONDS", 3)
    found = hunt(source)
    assert found.found == 0
    assert said in found.words


def test_what_was_sent_may_be_anything():
    order = [hunting.Planted(), hunting.Planted("b", "x")]
    for sent in (b"", b"[]", b'{"passed": 3, "words": ""}', b'{"passed": [1, 0], "words": ""}',
                 b'{"passed": [true], "words": ""}', b"\xff", b"[" * 100_000):  # fmt: skip
        outcome = {"ended": hunting.FINISHED, "sent": sent}
        assert hunting._result("f", order, outcome).words == "It did not come to its end."
    sent = b'{"passed": [true, false], "words": ""}'
    found = hunting._result("f", order, {"ended": hunting.FINISHED, "sent": sent})
    assert found == HuntResult("f", 1, 1)


def test_the_check_is_found_by_its_tag_or_by_its_parameter(tmp_path):
    (tmp_path / "notebooks").mkdir()
    cells = [
        cell("code", "def my_check(f):\n    pass", "a", "hunt-affine_backward", count=1),
        cell("code", "def my_check(conv_backward_naive):\n    pass", "b", count=2),
        cell("code", "def my_check(affine_backward):\n    'later'", "c", count=3),
        cell("code", "def my_check(unknown):\n    pass", "d", count=4),
    ]
    write_notebook(tmp_path / "notebooks" / "Any.ipynb", cells)
    found = checks_in(tmp_path, FUNCTIONS)
    assert sorted(found) == ["affine_backward", "conv_backward_naive"]
    assert "later" in found["affine_backward"]


def test_points_are_a_share_for_each_hunt():
    settings = rerun.Settings(hunt={"points": 4, "enough": 0.9}, functions=tuple("abcd"))
    hunts = (HuntResult("a", 9, 10), HuntResult("b", 9, 20), HuntResult("c", 0, 9, "It hangs."))
    found = rerun.Rerun("s", hunts=hunts).measured(settings)
    assert found == {"bug hunt": (1.5, 4.0, "a 9 of 10; b 9 of 20; c It hangs.")}
    assert rerun.Rerun("s").measured(settings)["bug hunt"] == (0, 4, "no check was handed in")
