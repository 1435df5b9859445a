"""Operators: what each plants, the same each time, in anybody's code."""

import ast

import pytest
from this_course import COURSE, check

from coursekit.blocks import blocks_of
from coursekit.checks import Kind
from coursekit.checks.phrases import Words, said, source_of
from coursekit.mutants.operators import at_the_end, mutants_of
from coursekit.mutants.runs import reference


def planted(operator, code):
    """Return the code of the mutants that an operator makes, without line ends."""
    return [m.code.rstrip("\n") for m in mutants_of(code) if m.operator == operator]


@pytest.mark.parametrize(
    ("operator", "code", "wrong"),
    [
        ("one_more_eps", "s = np.sqrt(v + eps)", "s = np.sqrt(v + eps + eps)"),
        ("after_root", "s = np.sqrt(v + eps)", "s = np.sqrt(v) + eps"),
        ("before_root", "s = np.sqrt(v) + eps", "s = np.sqrt(v + eps)"),
        ("no_root", "s = np.sqrt(v)", "s = v"),
        ("root_twice", "s = np.sqrt(v)", "s = np.sqrt(np.sqrt(v))"),
        ("other_axis", "m = x.mean(axis=0)", "m = np.mean(x, axis=1)"),
        ("other_axis", "m = np.sum(x, (0, 2, 3))", "m = np.sum(x, axis=(0, 2))"),
        ("all_axes", "m = x.mean(0)", "m = np.mean(x)"),
        ("axis_kept", "m = x.sum(axis=0)", "m = np.sum(x, axis=0, keepdims=True)"),
        ("axis_lost", "m = x.sum(axis=1, keepdims=True)", "m = np.sum(x, axis=1)"),
        ("sum_for_mean", "m = x.mean(axis=0)", "m = np.sum(x, axis=0)"),
        ("mean_for_sum", "m = x.sum(axis=0)", "m = np.mean(x, axis=0)"),
        ("deviation_for_variance", "v = np.var(x, axis=0)", "v = np.std(x, axis=0)"),
        ("variance_for_deviation", "v = x.std(axis=0)", "v = np.var(x, axis=0)"),
        ("unbiased", "v = np.var(x, axis=0)", "v = np.var(x, axis=0, ddof=1)"),
        ("other_extreme", "m = x.max(axis=0)", "m = np.min(x, axis=0)"),
        ("never_below_zero", "m = np.max(x)", "m = np.maximum(np.max(x), 0)"),
        ("no_term", "y = a - b", "y = a"),
        ("no_factor", "y = a * b", "y = b"),
        ("not_divided", "y = a / n", "y = a"),
        ("factor_twice", "y = a * b", "y = a * b * b"),
        ("multiplied", "y = a / b", "y = a * b"),
        ("divided", "y = a * b", "y = a / b"),
        ("other_sign", "y = a + b", "y = a - b"),
        ("other_sign", "y -= b", "y += b"),
        ("negated", "y = a * b", "y = -(a * b)"),
        ("twice", "y = f(a)", "y = 2 * f(a)"),
        ("half", "y = f(a)", "y = 0.5 * f(a)"),
        ("added_twice", "y += b", "y += 2 * b"),
        ("added_half", "y -= b", "y -= 0.5 * b"),
        ("other_power", "y = s**2", "y = s ** 3"),
        ("other_number", "y = 0.5 * s", "y = 1 * s"),
        ("other_length", "N, D = x.shape\ny = x / N", "N, D = x.shape\ny = x / D"),
        ("one_off", "N, D = x.shape\ny = x / N", "N, D = x.shape\ny = x / (N - 1)"),
        ("overwritten", "y[i] += b", "y[i] = b"),
        ("in_place", "y = x - m", "if True:\n    x -= m\n    y = x"),
        ("other_comparison", "y = x > 0", "y = x >= 0"),
        ("not_transposed", "y = a.T @ b", "y = a @ b"),
        ("transposed", "y = a @ b", "y = (a @ b).T"),
        ("sides_swapped", "y = a - b", "y = b - a"),
        ("targets_swapped", "a, b = f(x)", "b, a = f(x)"),
        ("arguments_swapped", "y = f(a, b)", "y = f(b, a)"),
        ("laid_out_otherwise", "y = x.reshape(n, -1)", "y = x.reshape(n, -1, order='F')"),
        ("not_reshaped", "y = x.reshape(n, -1)", "y = x"),
        ("reshaped_without_transposing", "y = x.transpose(0, 2, 1).reshape(-1, C)",
         "y = x.reshape(-1, C)"),
        ("axes_in_other_order", "y = x.transpose(0, 2, 1)", "y = x.transpose(0, 1, 2)"),
        ("slice_moved", "y = x[p:p + n]", "y = x[p:-p]"),
        ("other_key", "y = d['W1'] + d['W2']", "y = d['W2'] + d['W2']"),
        ("other_array", "z = x - m\ny = gamma * z", "z = x - m\ny = gamma * x"),
        ("not_passed_on", "y = f(x, param)", "y = f(x, {})"),
        ("call_skipped", "y, cache = f(x)", "if True:\n    y, cache = f(x)\n    y = x"),
        ("left_out", "y += b", "pass"),
        ("other_loop", "for i in range(n):\n    y += i",
         "for i in list(range(n))[1:]:\n    y += i"),
        ("other_loop", "for k in ('a', 'b'):\n    y += k", "for k in ('b',):\n    y += k"),
        ("always", "if c:\n    y = 1", "if True:\n    y = 1"),
    ],
)  # fmt: skip
def test_an_operator_plants_its_mistake(operator, code, wrong):
    assert wrong in planted(operator, code)


def test_operators_keep_to_where_they_fit():
    # `y = y` ends in a NameError, and is sorted out when it is tried.
    assert [m.code.strip() for m in mutants_of("y = x")] == ["y = y", "pass"]
    assert planted("other_length", "y = x / n") == []
    assert "y = beta * x + beta" not in planted("other_array", "y = gamma * x + beta")
    assert planted("deviation_for_variance", "y = x.mean(axis=0)") == []
    assert planted("in_place", "y = b / 2") == ["if True:\n    b /= 2\n    y = b"]


def test_a_list_is_not_put_into_itself():
    code = "caches, cache = [], f(x)\ncaches.append(cache)\n"
    assert not any("caches.append(caches)" in mutant.code for mutant in mutants_of(code))


def test_results_are_changed_at_the_end_too():
    found = {m.operator: m.code for m in at_the_end("out = x\n", ["out", "cache"])}
    assert found["squeezed"].endswith("\ncache = np.squeeze(cache)\n")
    assert found["results_swapped"].endswith("\nout, cache = cache, out\n")
    assert {"none", "float32", "transposed_at_end", "times_length"} <= found.keys()


def test_code_that_is_no_python_is_refused():
    with pytest.raises(SyntaxError):
        list(mutants_of("y = = x"))


def test_no_mutant_is_the_code_itself_and_none_comes_twice():
    code = "a = x + x\nb = a * a\n"
    made = [m.code for m in mutants_of(code, ["b"])]
    assert len(set(made)) == len(made) > 20
    assert ast.unparse(ast.parse(code)) not in [ast.unparse(ast.parse(m)) for m in made]


@pytest.mark.parametrize("block", [block.name for block in blocks_of(COURSE.package_folder)])
def test_mutants_of_a_block_are_many_and_the_same_each_time(block):
    with reference(COURSE) as exchange:
        code, outputs = exchange.code_of(block), exchange.outputs(block)
    first, second = list(mutants_of(code, outputs)), list(mutants_of(code, outputs))
    assert first == second
    assert len(first) > 4
    for mutant in first:
        ast.parse(mutant.code)
        assert 1 <= mutant.line <= code.count("\n") + 1


def test_bugs_are_planted_in_code_that_is_nobodys_reference():
    """As for the bug hunt: in a student's own right answer, most mutants turn a check red."""
    code = "keep = np.zeros(x.shape)\nkeep[x > 0] = 1\ndx = keep * dout\n"
    red = 0
    mutants = list(mutants_of(code, ["dx"]))
    with reference(COURSE) as exchange:
        for mutant in mutants:
            with exchange.made({"relu_backward": mutant.code}) as under_test:
                verdict = check.relu_backward.verdict(under_test)
                red += verdict.kind in (Kind.WRONG, Kind.CRASHED)
    assert red > 0.7 * len(mutants) > 20


# Sentences


def phrase_of(operator, code, **named):
    words = Words.of_course(named, ["gamma", "x", "N", "D"])
    sources = [source_of(m, words) for m in mutants_of(code) if m.operator == operator]
    return [" ".join(said(source)) for source in sources if source]


def test_a_sentence_has_the_words_of_the_course_for_its_place():
    (axis, *_) = phrase_of("other_axis", "v = x.var(axis=0)", v="the variance")
    assert axis == "the variance were taken over axis 1 Which numbers belong together there?"
    (missing, *_) = phrase_of("no_term", "v = x + gamma", v="the sum")
    assert missing.startswith("gamma were missing in the sum")
    (vague, *_) = phrase_of("no_term", "v = x + f(t)")
    assert vague.startswith("a term were missing Of how many")


def test_of_several_things_assigned_at_once_the_sentence_names_its_own():
    code = "top, left = i * step, j * step"
    named = {"top": "the top edge", "left": "the left edge", "step": "the step"}
    found = phrase_of("no_factor", code, **named)
    assert found[0].startswith("the top edge were not multiplied by the step")
    assert any(f.startswith("the left edge were not multiplied by the step") for f in found)


def test_an_entry_of_a_dictionary_is_named_with_what_it_is_in():
    code = "grads['W1'] += r"
    (plain,) = phrase_of("added_twice", code)
    assert plain.startswith("what is added to W1 were twice")
    (named,) = phrase_of("added_twice", code, grads="the gradients")
    assert named.startswith("what is added to W1 in the gradients were twice")


def test_what_has_no_words_is_left_unsaid():
    assert phrase_of("other_array", "v = inner * other") == []
    assert phrase_of("other_length", "N, D = x.shape\nv = x / N")[0].startswith(
        "something went by D"
    )


def test_no_sentence_quotes_code():
    with reference(COURSE) as exchange:
        for block in blocks_of(COURSE.package_folder):
            words = Words.of_course(COURSE.lore("WORDS")[""], exchange.public(block.name))
            for mutant in mutants_of(exchange.code_of(block.name)):
                source = source_of(mutant, words)
                text = " ".join(said(source)) if source else ""
                assert not set("=*@[]{}()") & set(text), text
