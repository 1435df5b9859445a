"""Whole networks against plain ones that autograd differentiates, and what callers rely on."""

import autograd
import numpy as np
import plain_layers as plain
import pytest

from cs231n._internal import saved
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def unremarkable(model, rng):
    """Give every parameter random values, so that no gamma is 1 and no bias 0."""
    for name, values in model.params.items():
        model.params[name] = rng.standard_normal(values.shape)
    return model


def assert_loss_and_gradients(model, loss, X, y):
    got, grads = model.loss(X, y)
    plain.assert_close("loss", got, loss(model.params))
    wanted = autograd.grad(loss)(model.params)
    assert grads.keys() == model.params.keys()
    for name, gradient in wanted.items():
        plain.assert_close(name, grads[name], gradient)


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_two_layer_net(rng, reg):
    model = unremarkable(TwoLayerNet(12, 7, 5, reg=reg), rng)
    X, y = rng.standard_normal((4, 3, 2, 2)), rng.integers(5, size=4)
    assert_loss_and_gradients(
        model, lambda params: plain.net_loss(params, X, y, depth=2, reg=reg), X, y
    )


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
@pytest.mark.parametrize("hidden_dims", [[], [6], [7, 4], [5, 8, 6]], ids=len)
@pytest.mark.parametrize("reg", [0.0, 3.14])
def test_fully_connected_net(rng, hidden_dims, normalization, reg):
    model = FullyConnectedNet(
        hidden_dims, 12, 5, normalization=normalization, reg=reg, dtype=np.float64
    )
    unremarkable(model, rng)
    X, y = rng.standard_normal((9, 3, 2, 2)), rng.integers(5, size=9)
    settings = {"depth": 1 + len(hidden_dims), "normalization": normalization, "reg": reg}
    assert_loss_and_gradients(model, lambda params: plain.net_loss(params, X, y, **settings), X, y)


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_fully_connected_net_with_dropout(rng, normalization):
    model = FullyConnectedNet(
        [6, 8],
        12,
        5,
        dropout_keep_ratio=0.6,
        normalization=normalization,
        reg=0.1,
        dtype=np.float64,
        seed=7,
    )
    unremarkable(model, rng)
    X, y = rng.standard_normal((9, 12)), rng.integers(5, size=9)
    # What seed=7 stands for: each dropout layer draws from RandomState(7), and keeps what is < p.
    masks = [(np.random.RandomState(7).rand(9, H) < 0.6) / 0.6 for H in (6, 8)]
    settings = {"depth": 3, "normalization": normalization, "reg": 0.1, "masks": masks}
    assert_loss_and_gradients(model, lambda params: plain.net_loss(params, X, y, **settings), X, y)


@pytest.mark.parametrize("filter_size", [1, 2, 3, 4])
@pytest.mark.parametrize("reg", [0.0, 0.5])
def test_convnet(rng, filter_size, reg):
    model = ThreeLayerConvNet((2, 6, 7), 3, filter_size, 5, 4, reg=reg, dtype=np.float64)
    unremarkable(model, rng)
    X, y = rng.standard_normal((3, 2, 6, 7)), rng.integers(4, size=3)
    pad = (filter_size - 1) // 2
    assert_loss_and_gradients(
        model, lambda params: plain.convnet_loss(params, X, y, pad=pad, reg=reg), X, y
    )


def test_wrong_gradients_are_noticed(rng):
    model = unremarkable(FullyConnectedNet([7, 4], 12, 5, dtype=np.float64), rng)
    X, y = rng.standard_normal((9, 12)), rng.integers(5, size=9)

    def other(params):  # a net with regularisation, held against one without
        return plain.net_loss(params, X, y, depth=3, reg=1e-6)

    with pytest.raises(AssertionError):
        assert_loss_and_gradients(model, other, X, y)


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_float32_stays_float32(rng, normalization):
    X, y = rng.standard_normal((9, 12)), rng.integers(5, size=9)
    model = FullyConnectedNet([6], 12, 5, 0.5, normalization, reg=np.float64(0.1))
    loss, grads = model.loss(X, y)
    assert {values.dtype for values in [*model.params.values(), *grads.values()]} == {
        np.dtype(np.float32)
    }
    assert model.loss(X).dtype == np.float32
    assert loss.dtype == np.float32
    for bn_param in model.bn_params:
        assert all(v.dtype == np.float32 for v in bn_param.values() if isinstance(v, np.ndarray))


def test_convnet_computes_in_its_own_dtype(rng):
    model = ThreeLayerConvNet((3, 8, 8), 4, 3, 5, reg=0.1)
    X, y = rng.standard_normal((4, 3, 8, 8)), rng.integers(10, size=4)
    _, grads = model.loss(X, y)
    assert {gradient.dtype for gradient in grads.values()} == {np.dtype(np.float32)}
    assert model.loss(X).dtype == np.float32


def test_test_time_scores_do_not_depend_on_the_batch(rng):
    model = FullyConnectedNet([6, 7], 12, 5, 0.5, "batchnorm", dtype=np.float64)
    X, y = rng.standard_normal((9, 12)), rng.integers(5, size=9)
    for _ in range(3):
        model.loss(X, y)
    statistics = [{k: np.copy(v) for k, v in p.items()} for p in model.bn_params]
    scores = model.loss(X)
    np.testing.assert_allclose(model.loss(X[:1]), scores[:1], rtol=1e-12)
    assert np.array_equal(model.loss(X), scores)
    for before, after in zip(statistics, model.bn_params, strict=True):
        assert np.array_equal(before["running_mean"], after["running_mean"])
        assert np.array_equal(before["running_var"], after["running_var"])
    model.loss(X, y)
    assert not np.array_equal(statistics[0]["running_mean"], model.bn_params[0]["running_mean"])


def test_dropout_draws_another_mask_each_time(rng):
    model = FullyConnectedNet([60], 12, 5, 0.5, weight_scale=1)
    X, y = rng.standard_normal((9, 12)), rng.integers(5, size=9)
    assert model.loss(X, y)[0] != model.loss(X, y)[0]


@pytest.mark.parametrize("seed", [None, 5])
def test_making_a_net_does_not_seed_the_global_stream(seed):
    def draw():
        np.random.seed(3)
        model = FullyConnectedNet([6], 12, 5, 0.5, seed=seed)
        model.loss(np.ones((2, 12)), np.array([0, 1]))
        return model.params["W1"], np.random.get_state()

    (first, state), (second, other) = draw(), draw()
    assert np.array_equal(first, second)
    assert np.array_equal(state[1], other[1])
    np.random.seed(3)
    assert np.array_equal(first, (1e-2 * np.random.randn(12, 6)).astype(np.float32))


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (lambda: TwoLayerNet(weight_scale=0.02), ("W1", "W2")),
        (lambda: FullyConnectedNet([90, 80], weight_scale=0.02), ("W1", "W2", "W3")),
        (lambda: ThreeLayerConvNet(weight_scale=0.02), ("W1", "W2", "W3")),
    ],
)
def test_initial_values(make, weights):
    np.random.seed(231)
    params = make().params
    for name, values in params.items():
        if name in weights:
            # The standard deviation of n draws varies by 1 / sqrt(2 n). Five of those are allowed.
            assert values.std() == pytest.approx(0.02, rel=5 / np.sqrt(2 * values.size))
            assert abs(values.mean()) < 5 * 0.02 / np.sqrt(values.size)
        else:
            assert np.all(values == (1 if name.startswith("gamma") else 0))


def test_shapes_of_parameters():
    model = FullyConnectedNet([7, 6], 12, 5, normalization="layernorm")
    assert {name: values.shape for name, values in model.params.items()} == {
        "W1": (12, 7), "b1": (7,), "gamma1": (7,), "beta1": (7,),
        "W2": (7, 6), "b2": (6,), "gamma2": (6,), "beta2": (6,),
        "W3": (6, 5), "b3": (5,),
    }  # fmt: skip
    model = ThreeLayerConvNet((2, 9, 7), 4, 3, 6, 5)
    assert {name: values.shape for name, values in model.params.items()} == {
        "W1": (4, 2, 3, 3), "b1": (4,), "W2": (4 * 4 * 3, 6), "b2": (6,), "W3": (6, 5), "b3": (5,),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: FullyConnectedNet([5], normalization="groupnorm"), "groupnorm"),
        (lambda: FullyConnectedNet([5], dropout_keep_ratio=0), "is 0"),
        (lambda: FullyConnectedNet([5], dropout_keep_ratio=1.5), "1.5"),
        (lambda: FullyConnectedNet([5, 0]), "is 0"),
        (lambda: ThreeLayerConvNet((3, 1, 8)), r"\(3, 1, 8\)"),
        (lambda: ThreeLayerConvNet(filter_size=0), "filter_size is 0"),
        (lambda: ThreeLayerConvNet(num_filters=2.5), "num_filters is 2.5"),
        (lambda: FullyConnectedNet([5], input_dim=(3, 32, 32)), r"input_dim is \(3, 32, 32\)"),
        (lambda: FullyConnectedNet([5], weight_scale=None), "weight_scale is None"),
        (lambda: FullyConnectedNet([5], reg=None), "reg is None"),
        (lambda: TwoLayerNet(hidden_dim=[100]), r"hidden_dim is \[100\]"),
        (lambda: TwoLayerNet(reg="0.1"), "reg is '0.1'"),
        (lambda: TwoLayerNet(weight_scale=np.nan), "weight_scale is nan"),
        (lambda: FullyConnectedNet([5], 12).loss(np.ones((2, 13))), r"\(12, 5\)"),
        (lambda: FullyConnectedNet([5], 12).loss(np.ones((2, 12)), np.array([3, 10])), "10"),
        (lambda: ThreeLayerConvNet().loss(np.ones((2, 3 * 32 * 32))), r"\(2, 3072\)"),
    ],
)
def test_bad_arguments(make, received):
    with pytest.raises(ValueError, match=rf"{received}.*expected"):
        make()


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: FullyConnectedNet(7), "hidden_dims is 7"),
        (lambda: FullyConnectedNet("100"), "hidden_dims is '100'"),
        (lambda: ThreeLayerConvNet(3072), "input_dim is 3072"),
        (lambda: ThreeLayerConvNet((3, 32)), r"input_dim is \(3, 32\)"),
    ],
)
def test_arguments_of_another_type(make, received):
    with pytest.raises(TypeError, match=rf"{received}, expected"):
        make()


@pytest.fixture
def saved_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "saved")
    return tmp_path / "saved"


@pytest.mark.parametrize(
    "make", [TwoLayerNet, lambda: FullyConnectedNet([4, 3], 6, normalization="batchnorm")]
)
def test_a_net_is_saved_and_loaded(saved_folder, make):
    trained, fresh = make(), make()
    assert fresh.load("best.npy") is False
    path = trained.save("best.npy")
    assert path == saved_folder / "best.npy"
    assert fresh.load("best.npy") is True
    for name, values in trained.params.items():
        assert np.array_equal(fresh.params[name], values)
        assert fresh.params[name].dtype == values.dtype


@pytest.mark.parametrize("fname", ["../out", "/tmp/out", "", "a/../../out", "."])
def test_a_net_is_saved_nowhere_else(saved_folder, fname):
    for act in (TwoLayerNet().save, TwoLayerNet().load):
        with pytest.raises(ValueError, match="TwoLayerNet: fname is"):
            act(fname)


def test_what_does_not_fit_is_not_loaded(saved_folder):
    net = TwoLayerNet(6, 4, 3)
    before = net.params
    TwoLayerNet(6, 5, 3).save("other")
    (saved_folder / "damaged").write_bytes(b"no archive")
    np.save(saved_folder / "pickle.npy", np.array({"W1": 1}, dtype=object), allow_pickle=True)
    (saved_folder / "pickle.npy").rename(saved_folder / "pickle")
    for fname in ("other", "damaged", "pickle"):
        with pytest.raises(ValueError, match=f"{fname} (holds|is damaged)"):
            net.load(fname)
        assert net.params is before
