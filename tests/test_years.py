"""Notebooks of every year: their keywords, and what their star imports have to bring."""

import importlib
import inspect

import numpy as np
import pytest

from cs231n import layer_utils, optim
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.solver import Solver


@pytest.mark.parametrize(
    ("given", "keep", "normalization"),
    [
        ({}, None, None),
        ({"dropout_keep_ratio": 0.75}, 0.75, None),  # 2021 and later
        ({"dropout_keep_ratio": 1, "normalization": "layernorm"}, None, "layernorm"),
        ({"dropout": 1}, None, None),  # 2018 to 2020: the share to keep
        ({"dropout": 0}, None, None),  # 2016 and 2017: the share to drop
        ({"dropout": 0.75, "use_batchnorm": False}, 0.25, None),
        ({"dropout": 0, "use_batchnorm": True}, None, "batchnorm"),
        ({"use_batchnorm": True}, None, "batchnorm"),
        ({"normalization": True}, None, "batchnorm"),  # use_batchnorm by its place in 2016
        ({"dropout": 0.5, "dropout_keep_ratio": 0.5}, 0.5, None),
    ],
)
def test_keywords_of_every_year(given, keep, normalization):
    model = FullyConnectedNet([5], input_dim=4, **given)
    assert model.normalization == normalization
    assert model.use_dropout == (keep is not None)
    assert model.dropout_param.get("p") == keep


def test_a_share_that_does_not_tell_its_year_is_read_with_a_warning():
    read = r"dropout=0.3 is read as the share to keep.*dropout_keep_ratio=0.7, else .*=0.3$"
    with pytest.warns(UserWarning, match=read) as warned:
        model = FullyConnectedNet([5], input_dim=4, dropout=0.3, normalization="batchnorm")
    assert warned[0].filename == __file__
    assert model.dropout_param["p"] == 0.3
    assert model.normalization == "batchnorm"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"dropout": 0.5, "dropout_keep_ratio": 0.25}, "contradicts dropout_keep_ratio=0.25"),
        ({"use_batchnorm": True, "normalization": "layernorm"}, "contradicts normalization"),
        ({"use_batchnorm": False, "normalization": "batchnorm"}, "contradicts normalization"),
        ({"dropout": 1.5}, r"dropout is 1.5, expected a share in \[0, 1\]"),
        ({"dropout_keep_ratio": 0}, r"dropout_keep_ratio is 0, expected .* in \(0, 1\]"),
    ],
)
def test_contradictions_are_named(given, message):
    with pytest.raises(ValueError, match=message):
        FullyConnectedNet([5], **given)


def test_a_keyword_of_no_year_is_named():
    with pytest.raises(TypeError, match="'drop_out'"):
        FullyConnectedNet([5], drop_out=0.5)


@pytest.mark.parametrize("name", ["sgd", "sgd_momentum", "rmsprop", "adam"])
def test_optimizers_take_x_and_dx(name):
    rule, w, dw = getattr(optim, name), np.ones(3), np.arange(3.0)
    assert np.array_equal(rule(x=w, dx=dw)[0], rule(w, dw)[0])
    assert np.array_equal(rule(w, dx=dw, config={})[0], rule(w, dw)[0])
    with pytest.raises(TypeError, match="both w and its old name x"):
        rule(w=w, x=w, dw=dw)


def starred(*modules):
    """Return the names that star imports bring into a fresh namespace."""
    names = {}
    for module in modules:
        exec(f"from {module} import *", names)
    return names


LAYERS = """affine_forward affine_backward relu_forward relu_backward batchnorm_forward
    batchnorm_backward batchnorm_backward_alt layernorm_forward layernorm_backward dropout_forward
    dropout_backward conv_forward_naive conv_backward_naive max_pool_forward_naive
    max_pool_backward_naive spatial_batchnorm_forward spatial_batchnorm_backward
    spatial_groupnorm_forward spatial_groupnorm_backward svm_loss softmax_loss""".split()
SANDWICHES = """affine_relu_forward affine_relu_backward conv_relu_forward conv_relu_backward
    conv_bn_relu_forward conv_bn_relu_backward conv_relu_pool_forward
    conv_relu_pool_backward""".split()
NORMALIZED_SANDWICHES = """affine_bn_relu_forward affine_bn_relu_backward affine_ln_relu_forward
    affine_ln_relu_backward""".split()
FAST = """conv_forward_fast conv_backward_fast max_pool_forward_fast max_pool_backward_fast
    conv_forward_im2col conv_backward_im2col conv_forward_strides conv_backward_strides
    max_pool_forward_reshape max_pool_backward_reshape max_pool_forward_im2col
    max_pool_backward_im2col""".split()


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("cs231n.layers", LAYERS),
        ("cs231n.layer_utils", SANDWICHES),
        ("cs231n.fast_layers", FAST),
        ("cs231n.im2col", ["get_im2col_indices", "im2col_indices", "col2im_indices"]),
        # The notebooks on batch normalisation and dropout import no layers but through this one.
        ("cs231n.classifiers.fc_net", ["TwoLayerNet", "FullyConnectedNet", *LAYERS, *SANDWICHES]),
        ("cs231n.classifiers.cnn", ["ThreeLayerConvNet", *LAYERS, *SANDWICHES, *FAST]),
    ],
)
def test_star_imports_bring_what_notebooks_call(module, needed):
    assert set(needed) <= starred(module).keys()


def test_star_imports_bring_no_stray_names():
    brought = starred("cs231n.layers", "cs231n.classifiers.cnn", "cs231n.classifiers.fc_net")
    stray = [
        name for name, value in brought.items() if inspect.ismodule(value) or name.startswith("_")
    ]
    assert [name for name in stray if name != "__builtins__"] == []


def test_a_training_in_the_words_of_2016(capsys):
    np.random.seed(0)
    model = FullyConnectedNet(
        [8, 8], 12, 3, dropout=0.25, use_batchnorm=True, weight_scale=0.1, dtype=np.float64
    )
    data = {
        "X_train": np.random.randn(30, 3, 2, 2),
        "y_train": np.random.randint(3, size=30),
        "X_val": np.random.randn(9, 3, 2, 2),
        "y_val": np.random.randint(3, size=9),
    }
    solver = Solver(
        model,
        data,
        num_epochs=2,
        batch_size=10,
        update_rule="rmsprop",
        optim_config={"learning_rate": 1e-3},
        verbose=True,
        print_every=2,
    )
    solver.train()
    printed = capsys.readouterr().out
    assert "(Iteration 1 / 6) loss: " in printed
    assert "(Epoch 2 / 2) train acc: " in printed
    assert len(solver.val_acc_history) == 3


def test_positions_of_arguments():
    """Arguments by place, in the order that has been the same since 2018."""
    model = FullyConnectedNet([5], 12, 3, 0.5, "batchnorm", 0.1, 0.2, np.float64, 7)
    assert model.dropout_param == {"mode": "train", "p": 0.5, "seed": 7}
    assert (model.reg, model.dtype) == (0.1, np.float64)
    assert TwoLayerNet(12, 5, 3, 1e-2, 0.1).params["W2"].shape == (5, 3)
    assert ThreeLayerConvNet((3, 8, 8), 4, 3, 5, 6, 1e-2, 0.1, np.float64).params["W3"].shape == (
        5,
        6,
    )


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("cs231n.layer_utils", [*LAYERS, *FAST[:4]]),
        ("cs231n.classifiers.fc_net", [*LAYERS, *SANDWICHES, *NORMALIZED_SANDWICHES]),
        ("cs231n.classifiers.cnn", [*LAYERS, *SANDWICHES, *FAST]),
    ],
)
def test_every_layer_can_be_called_where_blocks_are_made_of_layers(module, needed):
    names = vars(importlib.import_module(module))
    for name in needed:
        assert callable(names[name])


def test_a_module_offers_no_more_by_a_star_than_before():
    """What layer_utils imports for its blocks is not its own to hand on."""
    defined = {
        name
        for name, value in vars(layer_utils).items()
        if getattr(value, "__module__", "") == "cs231n.layer_utils"
    }
    assert set(layer_utils.__all__) == defined


@pytest.mark.parametrize("module", ["classifiers.fc_net", "classifiers.cnn"])
def test_networks_hand_on_layers_of_a_year_without_all(module, monkeypatch):
    offered = importlib.import_module(f"cs231n.{module}")
    before = set(offered.__all__)
    with monkeypatch.context() as patched:
        patched.delattr("cs231n.layers.__all__")
        importlib.reload(offered)
        assert before <= set(offered.__all__)
    importlib.reload(offered)
    assert before == set(offered.__all__)
