"""Hints: in steps, after the verdict, and never code; nor is there code in a mistake's sentence."""

import re

import pytest
from this_course import COURSE, check

from coursekit.blocks import blank, blocks_of
from coursekit.checks import Check, CheckFailed, Kind, Verdict, progress
from coursekit.mutants.runs import altered

BLOCKS = {block.name: block for block in blocks_of(COURSE.package_folder)}
LINES = {
    re.sub(r"\s+", "", line.partition("  # ")[0])
    for block in BLOCKS.values()
    for line in block.code.splitlines()
}
LINES = {line for line in LINES if len(line) > 8}

# What is code and no prose: an assignment, an operator, a call, a subscript, an attribute.
CODE = re.compile(
    r"""
      \bnp\.|\bnumpy\.          # numpy by its name in code
    | [^=<>!]=[^=]|==|[-+*/]=   # assignments and comparisons
    | \w\(                      # a call
    | \w\[                      # a subscript
    | \*|//|@|[<>]|`            # operators, and marks around code
    | \b(?:axis|keepdims|import|return|lambda|def)\s*[=(:]
    | \w\.(?:T|sum|mean|var|std|shape|reshape|transpose|dot|copy|ravel|size)\b
    """,
    re.VERBOSE,
)
TEXTS = [(f"{mistake.block}, {mistake.name}", mistake.sentence) for mistake in COURSE.mistakes]
TEXTS += [(f"{asked.name}, hint", hint) for asked in check.with_optional for hint in asked.hints]


@pytest.fixture
def failing(monkeypatch):
    """Put a verdict in the place of the one that a check would give."""

    def put(kind, name="relu_backward"):
        headline = "" if kind == Kind.PASSED else "dx"
        verdict = Verdict(name, kind, possible=2, headline=headline)
        monkeypatch.setattr(Check, "verdict", lambda self: verdict)
        monkeypatch.setattr(progress, "keep", lambda course, record: None)
        return check[name]

    return put


def lines_of(failed, capsys, **arguments):
    with pytest.raises(CheckFailed):
        failed(**arguments)
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_hints_come_one_by_one_below_the_verdict(failing, capsys):
    wrong = failing(Kind.WRONG)
    first, second, third = (f"Hint {n}: {hint}" for n, hint in enumerate(wrong.hints, 1))
    head = ["wrong: relu_backward: dx", "0 of 2 points"]
    assert lines_of(wrong, capsys) == [*head, "check.relu_backward(hint=1) tells more."]
    more = "check.relu_backward(hint={}) tells more."
    assert lines_of(wrong, capsys, hint=1) == [*head, first, more.format(2)]
    assert lines_of(wrong, capsys, hint=2) == [*head, first, second, more.format(3)]
    assert lines_of(wrong, capsys, hint=3) == [
        *head,
        first,
        second,
        third,
        "That was the last hint.",
    ]
    beyond = "There are 3 hints for relu_backward, and no hint 4."
    assert lines_of(wrong, capsys, hint=4) == [*head, first, second, third, beyond]


def test_who_has_not_begun_gets_hints_only_when_asking(failing, capsys):
    blank_one = failing(Kind.NOT_ATTEMPTED)
    assert lines_of(blank_one, capsys)[-1] == "0 of 2 points"
    assert lines_of(blank_one, capsys, hint=1)[-2].startswith("Hint 1: ")


def test_a_passed_verdict_prints_as_ever(failing, capsys):
    passed = failing(Kind.PASSED)
    passed()
    assert capsys.readouterr().out == "passed: relu_backward\n  2 of 2 points\n"
    passed(hint=2)
    assert capsys.readouterr().out.endswith("2 of 2 points\n  No hint is needed here.\n")


def test_who_waits_for_another_block_is_not_pointed_to_hints(failing, capsys):
    waiting = failing(Kind.WAITING)
    assert lines_of(waiting, capsys)[-1] == "0 of 2 points"
    assert lines_of(waiting, capsys, hint=1)[-1] == "0 of 2 points"


def test_a_check_without_hints_says_so(failing, capsys, monkeypatch):
    monkeypatch.setattr(check.relu_backward, "hints", ())
    wrong = failing(Kind.WRONG)
    assert lines_of(wrong, capsys)[-1] == "0 of 2 points"
    said = lines_of(wrong, capsys, hint=1)[-1]
    assert said == "There are no hints for relu_backward, and no hint 1."


def test_other_random_numbers_lead_to_no_hint(failing, capsys):
    assert lines_of(failing(Kind.NOT_COMPARABLE), capsys, hint=1)[-1] == "0 of 2 points"


@pytest.mark.parametrize("level", [-1, 1.0, "1", None])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(ValueError, match="expected a whole number of 0 or more"):
        check.relu_backward(hint=level)


def test_graders_feedback_does_not_point_to_hints():
    wrong = {BLOCKS["relu_backward"].path: lambda s: s.replace("(x > 0)", "(x < 0)")}
    with altered(COURSE, wrong) as package:
        verdict = check.relu_backward.verdict(package)
    assert verdict.kind == Kind.WRONG
    assert "hint" not in str(verdict)
    assert "hint" not in verdict._repr_html_()


def test_hints_stand_in_the_html_escaped():
    html = Verdict("relu_backward", Kind.WRONG, hints=("Hint 1: a < b.",))._repr_html_()
    assert html.index("0 of 1 point") < html.index("Hint 1: a &lt; b.")


def test_every_check_has_three_hints_each_of_its_own():
    assert all(len(asked.hints) == len(set(asked.hints)) == 3 for asked in check)


def test_every_mistake_has_a_sentence_that_can_be_read_at_a_glance():
    for mistake in COURSE.mistakes:
        assert 40 < len(mistake.sentence) <= 240, mistake
        assert mistake.sentence[-1] in ".?", mistake


@pytest.mark.parametrize("text", [text for _, text in TEXTS if text] or [""], ids=lambda t: t[:40])
def test_no_sentence_and_no_hint_holds_code(text):
    assert not CODE.search(text), CODE.search(text)
    squeezed = re.sub(r"\s+", "", text)
    assert not [line for line in LINES if line in squeezed]


@pytest.mark.parametrize("line", sorted(LINES))
def test_lines_of_the_reference_would_be_noticed(line):
    said = f"Write {line} there."
    assert CODE.search(said) or any(own in re.sub(r"\s+", "", said) for own in LINES)


@pytest.mark.parametrize(
    "said",
    ["take x.sum over it", "x = 3 here", "use np.maximum", "dout[mask]", "call sum(x)", "x ** 2",
     "the sum with axis=0", "x.T times dout", "dout * (x > 0)", "running_mean += it", "rows @ w"],
)  # fmt: skip
def test_code_in_words_is_noticed(said):
    assert CODE.search(said)


def test_sentences_and_hints_are_sentences():
    for place, text in TEXTS:
        if text:
            assert text == " ".join(text.split()), place
            assert text[0].isupper() or text.split()[0].strip(",.:") in _names(), place
            assert text[-1] in ".?!", place
            assert len(text) < 600, place


def _names():
    """Names of functions and arguments, which a sentence may begin with though they are small."""
    names = set()
    for block in BLOCKS.values():
        names |= set(re.findall(r"\w+", block.code)) | {block.name.partition(":")[0]}
    return names


def test_a_block_that_is_blank_has_no_mistake():
    path = BLOCKS["relu_backward"].path
    stub = {path: lambda source: blank(source, only=["relu_backward"])}
    with altered(COURSE, stub) as package:
        assert check.relu_backward.verdict(package).mistake == ""
