"""Help with one line after another: intermediates by name, and the first of them that is wrong."""

import numpy as np
import pytest
from exchanged import exchange
from this_course import COURSE, check

from coursekit.checks import stepwise
from coursekit.checks.stepwise import NoSteps, Steps, step, steps

WITH_STEPS = ["batchnorm_backward", "layernorm_backward", "spatial_groupnorm_backward"]


@pytest.fixture(scope="module")
def package():
    with exchange() as package:
        yield package


def normalized(check_name, inputs, change=None):
    """Return the sum of dout * out of the forward pass, with one value in it changed."""
    x, gamma, beta, dout = (inputs[name] for name in ("x", "gamma", "beta", "dout"))
    axis, shape = {"batchnorm_backward": (0, x.shape), "layernorm_backward": (1, x.shape)}.get(
        check_name, ((2, 3, 4), (len(x), inputs.get("G"), -1, *x.shape[2:]))
    )
    gamma, beta = (np.broadcast_to(array, x.shape).reshape(shape) for array in (gamma, beta))
    values = {}

    def keep(name, array):
        values[name] = array + (change[1] if change and change[0] == name else 0)
        return values[name]

    x = keep("x", x.reshape(shape))
    mean = keep("mean", x.mean(axis=axis, keepdims=True))
    centered = keep("centered", x - mean)
    squares = keep("squares", centered**2)
    var = keep("var", squares.mean(axis=axis, keepdims=True))
    std = keep("std", np.sqrt(var + 1e-5))
    inv_std = keep("inv_std", 1 / std)
    x_hat = keep("x_hat", centered * inv_std)
    out = gamma * x_hat + beta
    return (dout.reshape(shape) * out).sum(), values


@pytest.mark.parametrize("name", WITH_STEPS)
@pytest.mark.parametrize("value", ["x_hat", "inv_std", "std", "var", "squares", "centered", "mean"])
def test_recorded_gradients_are_numerical_derivatives(name, value):
    (found,) = COURSE.examples_of(name, Steps)
    recorded = stepwise.load(COURSE)[name][f"d{value}"][0]
    _, values = normalized(name, found.inputs)
    gradient = np.zeros(values[value].shape)
    for place in np.ndindex(gradient.shape):
        step_ = np.zeros(gradient.shape)
        step_[place] = 1e-6
        up, down = (normalized(name, found.inputs, (value, s))[0] for s in (step_, -step_))
        gradient[place] = (up - down) / 2e-6
    np.testing.assert_allclose(
        recorded.ravel(), gradient.ravel(), rtol=1e-6, atol=1e-6 * np.abs(gradient).max()
    )


@pytest.mark.parametrize("name", WITH_STEPS)
def test_gradients_of_the_reference_are_right_steps(name, package):
    asked = check[name]
    (found,) = COURSE.examples_of(name, Steps)
    _, (dout, cache) = found.started(package.under_test)
    gradients = package.under_test.find(name)(dout, cache)
    given = dict(zip(("dx", "dgamma", "dbeta"), gradients, strict=True))
    compared = stepwise.compare(asked, given, package.under_test)
    assert not compared.first_wrong, f"\n{compared}"
    assert compared.sentences == ("All of these are right.",)


def intermediates(dout, cache):
    """Return a batchnorm's intermediates as a student writes them, who sums without keepdims."""
    x_hat, std, gamma = cache
    dxhat = dout * gamma
    divar = (dxhat * x_hat * std).sum(axis=0)
    dvar = -0.5 * divar / std**3
    return {
        "dxhat": dxhat,
        "divar": divar,
        "dvar": dvar,
        "dxmu1": dxhat / std,
        "dmu": -(dxhat / std).sum(axis=0),
    }


@pytest.fixture
def given(package):
    (found,) = COURSE.examples_of("batchnorm_backward", Steps)
    return intermediates(*found.started(package.under_test)[1])


def test_usual_names_and_shapes_are_right(given, package):
    one_axis_more = {name: array[None] for name, array in given.items()}
    for right in (given, one_axis_more):
        compared = stepwise.compare(check.batchnorm_backward, right, package.under_test)
        assert [ok for _, ok, _ in compared.rows] == [True] * 5, f"\n{compared}"


def test_the_first_wrong_line_is_named_in_the_order_of_the_graph(given, package):
    given["dmu"] = given["dmu"] / 2
    given["dvar"] = 2 * given["dvar"]
    backwards = dict(reversed(given.items()))
    compared = stepwise.compare(check.batchnorm_backward, backwards, package.under_test)
    assert compared.first_wrong == "dvar"
    said = "dvar, the gradient of the variance, is the first that is wrong, and dxhat and divar are"
    assert said in str(compared)
    assert said in compared._repr_html_()


@pytest.mark.parametrize("junk", [None, "text", np.zeros(0), {}, object(), np.nan, [[1], [1, 2]]])
def test_junk_is_wrong_and_nothing_is_raised(junk, package):
    compared = stepwise.compare(check.batchnorm_backward, {"dvar": junk}, package.under_test)
    assert compared.first_wrong == "dvar"


def test_a_name_that_is_not_known_is_said_to_be(package):
    compared = stepwise.compare(check.batchnorm_backward, {"dvvar": 1.0}, package.under_test)
    assert "Did you mean dvar?" in str(compared)
    assert not compared.first_wrong


def test_a_wrong_start_is_told_first(given, package):
    with package.holding(
        {"batchnorm_forward:train": "out, cache = x, (x, np.ones(5), gamma)"}
    ) as u:
        compared = stepwise.compare(check.batchnorm_backward, given, u)
    assert compared.sentences[0].startswith("First: the output of batchnorm_forward in training is")
    with package.holding({"batchnorm_forward:train": "raise ValueError"}) as u:
        compared = stepwise.compare(check.batchnorm_backward, given, u)
    assert "ends in ValueError" in compared.sentences[0]


@pytest.mark.parametrize("wrong", [None, {}, [1], {1: 2}])
def test_what_is_no_dictionary_of_arrays_is_refused(wrong, package):
    with pytest.raises(NoSteps, match="expected a dictionary of arrays by name"):
        stepwise.compare(check.batchnorm_backward, wrong, package.under_test)


def test_a_check_without_steps_says_which_have_some():
    with pytest.raises(NoSteps, match="there are steps for batchnorm_backward"):
        check.relu_forward(steps={"dx": 1})
    with pytest.raises(NoSteps, match="relu_forward"):
        check.relu_forward.inputs()


def test_a_notebook_gets_inputs_and_what_is_wrong(capsys):
    dout, cache = check.batchnorm_backward.inputs()
    given = intermediates(dout, cache)
    check.batchnorm_backward(steps=given | {"dvar": given["dvar"].sum()})
    shown = capsys.readouterr().out
    assert "dvar, the gradient of the variance, is the first that is wrong" in shown
    check.batchnorm_backward(steps=given)
    assert "All of these are right." in capsys.readouterr().out


def test_a_red_verdict_says_that_there_are_steps(package):
    sentences = stepwise.hint_of(check.layernorm_backward)
    assert sentences[0].startswith('check.layernorm_backward(steps={"dx_hat": dx_hat, ...})')
    assert not stepwise.hint_of(check.relu_forward)


def test_two_steps_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="several steps of predict are called dvar"):
        steps("predict", step("dvar", of="a"), step("x", "d_var", of="b"))


def test_what_is_recorded_is_up_to_date(package):
    recorded = {name: stepwise.record(check[name], package.under_test) for name in WITH_STEPS}
    assert stepwise.to_bytes(recorded) == (COURSE.recorded / stepwise.FILE).read_bytes()
