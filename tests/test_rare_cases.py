"""Inputs that are legal and rare cost their own small share, and no more."""

import textwrap

import pytest
from exchanged import BLOCKS, exchange
from this_course import check

# What is appended to the reference in a block, and the rare cases in which it is wrong then.
SQUEEZED = {
    "affine_forward": ("out", {"one example", "one output"}),
    "affine_backward": ("dw", {"one feature", "one output"}),
    "batchnorm_forward:train": ("out", {"one example", "one feature"}),
    "batchnorm_forward:test": ("out", {"one example", "one feature"}),
    "batchnorm_backward": ("dx", {"one example", "one feature"}),
    "batchnorm_backward_alt": ("dgamma", {"one feature"}),
    "layernorm_forward": ("out", {"one example", "one feature"}),
    "layernorm_backward": ("dbeta", {"one feature"}),
    "conv_forward_naive": ("out", {"one image", "one filter", "no padding"}),
    "conv_backward_naive": ("dw", {"one channel", "one filter"}),
    "max_pool_forward_naive": ("out", {"one image", "one channel", "one window"}),
    "max_pool_backward_naive": ("dx", {"one image", "one channel"}),
    "spatial_batchnorm_forward": ("out", {"one image", "one channel"}),
    "spatial_batchnorm_backward": ("dx", {"one image", "one channel"}),
    "spatial_groupnorm_forward": ("out", {"one image", "one channel"}),
    "spatial_groupnorm_backward": ("dx", {"one image", "one channel"}),
}
# Other mistakes that show in a rare case alone.
OTHERS = {
    "a shape that only (1, C, 1, 1) fits": (
        "spatial_groupnorm_forward",
        ("gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "gamma * x_hat + beta"),
        {"gamma and beta of shape (C,)"},
    ),
    "padding cut off from the end": (
        "conv_backward_naive",
        ("pad : pad + H, pad : pad + W", "pad:-pad, pad:-pad"),
        {"no padding"},
    ),
    "a mode that is taken for one of batch normalisation": (
        "layernorm_forward",
        ("x @ ones / D", "x.mean(axis=0 if 'mode' in ln_param else 1, keepdims=True)"),
        {"a mode in ln_param"},
    ),
    "rows that have to lie one after the other": (
        "affine_forward",
        ("x.reshape(N, D)", "np.ndarray((N, D), x.dtype, x if x.base is None else x.base)"),
        {"x is not contiguous"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def package():
    with exchange() as package:
        yield package


def only_red_in(package, block, code, rare):
    (asked,) = [asked for asked in check.of_block(block) if not asked.name.endswith("Net_init")]
    with package.holding({block: code}) as under_test:
        verdict = asked.verdict(under_test)
    assert verdict.kind in ("wrong", "crashed"), f"\n{verdict}"
    red = {group for group, parts in verdict.groups().items() if not all(p.ok for p in parts)}
    assert red == rare, f"\n{verdict}"
    assert asked.points * 2 / 3 <= verdict.earned < asked.points


@pytest.mark.parametrize("block", SQUEEZED)
def test_a_result_without_its_axes_of_length_1_is_red_there_and_nowhere_else(block, package):
    name, rare = SQUEEZED[block]
    code = textwrap.dedent(BLOCKS[block].code) + f"{name} = np.squeeze({name})\n"
    only_red_in(package, block, code, rare)


@pytest.mark.parametrize("what", OTHERS)
def test_what_goes_wrong_in_a_rare_case_costs_that_case(what, package):
    block, (old, new), rare = OTHERS[what]
    code = textwrap.dedent(BLOCKS[block].code)
    assert code.count(old) == 1
    only_red_in(package, block, code.replace(old, new), rare)


@pytest.mark.parametrize(
    ("name", "block", "code"),
    [
        ("FullyConnectedNet_init", "FullyConnectedNet.__init__", "assert hidden_dims"),
        ("FullyConnectedNet_scores", "FullyConnectedNet.loss:scores", "assert self.num_layers > 1"),
        ("FullyConnectedNet_gradients", "FullyConnectedNet.loss:gradients", "assert last > 1"),
    ],
)
def test_a_net_without_hidden_layers_is_a_rare_case(name, block, code, package):
    whole = f"{code}\n{textwrap.dedent(BLOCKS[block].code)}"
    with package.holding({block: whole}) as under_test:
        verdict = check[name].verdict(under_test)
    red = {group for group, parts in verdict.groups().items() if not all(p.ok for p in parts)}
    assert red == {"no hidden layer"}, f"\n{verdict}"
    assert check[name].points * 8 / 9 - 0.25 <= verdict.earned < check[name].points
