"""Figures that correct code has printed in the course's notebooks for years, with the same seeds.

An outside truth: nobody wrote them with this package at hand. Inputs are drawn from numpy's global
stream in the order in which the notebooks draw them, so the order of lines matters here.
"""

import numpy as np
import pytest

from cs231n import layer_utils, layers, optim
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.gradient_check import eval_numerical_gradient_array


@pytest.fixture(autouse=True)
def seeded():
    """Seed the global stream as every cell of the notebooks does."""
    before = np.random.get_state()
    np.random.seed(231)
    yield
    np.random.set_state(before)


def line(first, last, *shape):
    return np.linspace(first, last, num=int(np.prod(shape))).reshape(shape)


def close(got, expected, places=8):
    """Assert equality within one in the last of the published places."""
    np.testing.assert_allclose(got, np.array(expected), rtol=0, atol=10.0**-places)


def test_affine_forward():
    out, _ = layers.affine_forward(
        line(-0.1, 0.5, 2, 4, 5, 6), line(-0.2, 0.3, 120, 3), line(-0.3, 0.1, 3)
    )
    close(out, [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])


def test_affine_backward():
    x, w, b = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5)
    dout = np.random.randn(10, 5)
    dx, dw, db = layers.affine_backward(dout, layers.affine_forward(x, w, b)[1])
    errors = [
        rel_error(eval_numerical_gradient_array(f, array, dout), gradient)
        for f, array, gradient in (
            (lambda x: layers.affine_forward(x, w, b)[0], x, dx),
            (lambda w: layers.affine_forward(x, w, b)[0], w, dw),
            (lambda b: layers.affine_forward(x, w, b)[0], b, db),
        )
    ]
    # Printed by correct code: 5.40e-11, 9.90e-11 and 2.41e-11; rounding differs between machines.
    assert np.all(np.array(errors) < 1e-9)


def rel_error(x, y):
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))


def test_relu_forward():
    out, _ = layers.relu_forward(line(-0.5, 0.5, 3, 4))
    expected = [
        [0, 0, 0, 0],
        [0, 0, 0.04545455, 0.13636364],
        [0.22727273, 0.31818182, 0.40909091, 0.5],
    ]
    close(out, expected)


def test_losses():
    scores, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
    assert layers.svm_loss(scores, y)[0] == pytest.approx(8.999602749, abs=1e-9)
    assert layers.softmax_loss(scores, y)[0] == pytest.approx(2.302545844500738, abs=1e-12)


def fixed_two_layer_net():
    model = TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
    model.params["W1"] = line(-0.7, 0.3, 5, 50)
    model.params["b1"] = line(-0.1, 0.9, 50)
    model.params["W2"] = line(-0.3, 0.4, 50, 7)
    model.params["b2"] = line(-0.9, 0.1, 7)
    return model, line(-5.5, 4.5, 5, 3).T


def test_two_layer_net_scores():
    model, X = fixed_two_layer_net()
    ends = [(11.53165108, 16.09215096), (12.05769098, 16.18839143), (12.58373087, 16.2846319)]
    close(model.loss(X), [np.linspace(first, last, 7) for first, last in ends])


@pytest.mark.parametrize(("reg", "loss"), [(0.0, 3.4702243556), (1.0, 26.5948426952)])
def test_two_layer_net_loss(reg, loss):
    model, X = fixed_two_layer_net()
    model.reg = reg
    assert model.loss(X, np.array([0, 5, 1]))[0] == pytest.approx(loss, abs=1e-10)


def net_inputs():
    return np.random.randn(2, 15), np.random.randint(10, size=2)


@pytest.mark.parametrize(
    ("normalization", "losses"),
    [
        (None, (2.3004790897684924, 7.052114776533016)),
        ("batchnorm", (2.2611955101340957, 6.996533220108303)),
    ],
)
def test_fully_connected_net_loss(normalization, losses):
    X, y = net_inputs()
    for reg, loss in zip((0, 3.14), losses, strict=True):
        model = FullyConnectedNet(
            [20, 30],
            input_dim=15,
            num_classes=10,
            reg=reg,
            weight_scale=5e-2,
            dtype=np.float64,
            normalization=normalization,
        )
        assert model.loss(X, y)[0] == pytest.approx(loss, abs=1e-12)


def test_fully_connected_net_loss_with_dropout():
    X, y = net_inputs()
    losses = {1: 2.3004790897684924, 0.75: 2.302371489704412, 0.5: 2.3042759220785896}
    for keep, loss in losses.items():
        if keep == 0.5:
            # In the course's package, the net before left the global stream like this: each of its
            # dropout layers seeded it with 123, and the last of them drew its mask.
            np.random.seed(123)
            np.random.rand(2, 30)
        model = FullyConnectedNet(
            [20, 30],
            input_dim=15,
            num_classes=10,
            weight_scale=5e-2,
            dtype=np.float64,
            dropout_keep_ratio=keep,
            seed=123,
        )
        assert model.loss(X, y)[0] == pytest.approx(loss, abs=1e-12)


W, DW = line(-0.4, 0.6, 4, 5), line(-0.6, 0.4, 4, 5)


def test_sgd_momentum():
    config = {"learning_rate": 1e-3, "velocity": line(0.6, 0.9, 4, 5)}
    next_w, config = optim.sgd_momentum(W, DW, config)
    close(next_w, line(0.1406, 1.4096, 4, 5))
    close(config["velocity"], line(0.5406, 0.8096, 4, 5))


def test_rmsprop():
    config = {"learning_rate": 1e-2, "cache": line(0.6, 0.9, 4, 5)}
    next_w, config = optim.rmsprop(W, DW, config)
    expected = [
        [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247],
        [-0.132737, -0.08078555, -0.02881884, 0.02316247, 0.07515774],
        [0.12716641, 0.17918792, 0.23122175, 0.28326742, 0.33532447],
        [0.38739248, 0.43947102, 0.49155973, 0.54365823, 0.59576619],
    ]
    cache = [
        [0.5976, 0.6126277, 0.6277108, 0.64284931, 0.65804321],
        [0.67329252, 0.68859723, 0.70395734, 0.71937285, 0.73484377],
        [0.75037008, 0.7659518, 0.78158892, 0.79728144, 0.81302936],
        [0.82883269, 0.84469141, 0.86060554, 0.87657507, 0.8926],
    ]
    close(next_w, expected)
    close(config["cache"], cache)


def test_adam():
    m, v = line(0.6, 0.9, 4, 5), line(0.7, 0.5, 4, 5)
    next_w, config = optim.adam(W, DW, {"learning_rate": 1e-2, "m": m, "v": v, "t": 5})
    expected = [
        [-0.40094747, -0.34836187, -0.29577703, -0.24319299, -0.19060977],
        [-0.1380274, -0.08544591, -0.03286534, 0.01971428, 0.0722929],
        [0.1248705, 0.17744702, 0.23002243, 0.28259667, 0.33516969],
        [0.38774145, 0.44031188, 0.49288093, 0.54544852, 0.59801459],
    ]
    expected_v = [
        [0.69966, 0.68908382, 0.67851319, 0.66794809, 0.65738853],
        [0.64683452, 0.63628604, 0.6257431, 0.61520571, 0.60467385],
        [0.59414753, 0.58362676, 0.57311152, 0.56260183, 0.55209767],
        [0.54159906, 0.53110598, 0.52061845, 0.51013645, 0.49966],
    ]
    close(next_w, expected)
    close(config["m"], line(0.48, 0.85, 4, 5))
    close(config["v"], expected_v)
    assert config["t"] == 6


def test_batchnorm_statistics_in_training():
    X, W1, W2 = np.random.randn(200, 50), np.random.randn(50, 60), np.random.randn(60, 3)
    a = np.maximum(0, X @ W1) @ W2
    close(a.mean(axis=0), [-2.3814598, -13.18038246, 1.91780462])
    close(a.std(axis=0), [27.18502186, 34.21455511, 37.68611762])
    gamma, beta = np.array([1.0, 2, 3]), np.array([11.0, 12, 13])
    out, _ = layers.batchnorm_forward(a, gamma, beta, {"mode": "train"})
    close(out.mean(axis=0), beta)
    close(out.std(axis=0), gamma, places=7)


def test_batchnorm_statistics_at_test_time():
    W1, W2 = np.random.randn(50, 60), np.random.randn(60, 3)
    bn_param, gamma, beta = {"mode": "train"}, np.ones(3), np.zeros(3)
    for _ in range(50):
        a = np.maximum(0, np.random.randn(200, 50) @ W1) @ W2
        layers.batchnorm_forward(a, gamma, beta, bn_param)
    bn_param["mode"] = "test"
    a = np.maximum(0, np.random.randn(200, 50) @ W1) @ W2
    out, _ = layers.batchnorm_forward(a, gamma, beta, bn_param)
    close(out.mean(axis=0), [-0.03927354, -0.04349152, -0.10452688])
    close(out.std(axis=0), [1.01531428, 1.01238373, 0.97819988])


def test_layernorm_statistics():
    X, W1, W2 = np.random.randn(4, 50), np.random.randn(50, 60), np.random.randn(60, 3)
    a = np.maximum(0, X @ W1) @ W2
    close(a.mean(axis=1), [-59.06673243, -47.60782686, -43.31137368, -26.40991744])
    close(a.std(axis=1), [10.07429373, 28.39478981, 35.28360729, 4.01831507])
    out, _ = layers.layernorm_forward(a, np.full(3, 3.0), np.full(3, 5.0), {"mode": "train"})
    close(out.mean(axis=1), np.full(4, 5.0))
    close(out.std(axis=1), np.full(4, 3.0), places=5)


def test_dropout_statistics():
    x = np.random.randn(500, 500) + 10
    means = {0.25: 10.014059116977283, 0.4: 9.977917658761159, 0.7: 9.987811912159426}
    zeros = {0.25: 0.749784, 0.4: 0.600796, 0.7: 0.30074}
    for p, mean in means.items():
        out, _ = layers.dropout_forward(x, {"mode": "train", "p": p})
        assert out.mean() == pytest.approx(mean, abs=1e-12)
        assert (out == 0).mean() == zeros[p]
        assert np.array_equal(layers.dropout_forward(x, {"mode": "test", "p": p})[0], x)


def test_conv_forward():
    out, _ = layers.conv_forward_naive(
        line(-0.1, 0.5, 2, 3, 4, 4),
        line(-0.2, 0.3, 3, 3, 4, 4),
        line(-0.1, 0.2, 3),
        {"stride": 2, "pad": 1},
    )
    expected = [
        [
            [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]],
            [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
            [[0.50813986, 0.54309974], [0.64082444, 0.67101435]],
        ],
        [
            [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]],
            [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
            [[2.36270298, 2.36904306], [2.38090835, 2.38247847]],
        ],
    ]
    close(out, expected)


def test_max_pool_forward():
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    out, _ = layers.max_pool_forward_naive(line(-0.3, 0.4, 2, 3, 4, 4), pool_param)
    expected = [
        *(-0.26315789, -0.24842105, -0.20421053, -0.18947368),
        *(-0.14526316, -0.13052632, -0.08631579, -0.07157895),
        *(-0.02736842, -0.01263158, 0.03157895, 0.04631579),
        *(0.09052632, 0.10526316, 0.14947368, 0.16421053),
        *(0.20842105, 0.22315789, 0.26736842, 0.28210526),
        *(0.32631579, 0.34105263, 0.38526316, 0.4),
    ]
    close(out.ravel(), expected)


def test_convnet_initial_loss():
    # The notebook does not seed before this cell, so only what does not hang on the draw is exact:
    # all classes are equally likely, and the L2 term is 0.25 times the sum of squares.
    model = ThreeLayerConvNet(dtype=np.float64)
    X, y = np.random.randn(50, 3, 32, 32), np.random.randint(10, size=50)
    assert model.loss(X, y)[0] == pytest.approx(2.302586071243987, abs=2e-5)
    model.reg = 0.5
    # 828,504 squared draws around 1e-6: their sum varies by 0.16 per cent, here times 0.207.
    assert model.loss(X, y)[0] == pytest.approx(2.50825564, abs=3e-3)


def test_spatial_batchnorm_statistics_in_training():
    x = 4 * np.random.randn(2, 3, 4, 5) + 10
    close(x.mean(axis=(0, 2, 3)), [9.33463814, 8.90909116, 9.11056338])
    close(x.std(axis=(0, 2, 3)), [3.61447857, 3.19347686, 3.5168142])
    out, _ = layers.spatial_batchnorm_forward(x, np.ones(3), np.zeros(3), {"mode": "train"})
    close(out.mean(axis=(0, 2, 3)), np.zeros(3))
    close(out.std(axis=(0, 2, 3)), [0.99999962, 0.99999951, 0.9999996])
    gamma, beta = np.array([3, 4, 5]), np.array([6, 7, 8])  # whole numbers, as in the notebook
    out, _ = layers.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
    close(out.mean(axis=(0, 2, 3)), beta)
    close(out.std(axis=(0, 2, 3)), gamma * np.array([0.99999962, 0.99999951, 0.9999996]), places=7)


def test_spatial_batchnorm_statistics_at_test_time():
    bn_param, gamma, beta = {"mode": "train"}, np.ones(4), np.zeros(4)
    for _ in range(50):
        x = 2.3 * np.random.randn(10, 4, 11, 12) + 13
        layers.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    bn_param["mode"] = "test"
    x = 2.3 * np.random.randn(10, 4, 11, 12) + 13
    out, _ = layers.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    close(out.mean(axis=(0, 2, 3)), [-0.08034406, 0.07562881, 0.05716371, 0.04378383])
    close(out.std(axis=(0, 2, 3)), [0.96718744, 1.0299714, 1.02887624, 1.00585577])


def test_spatial_groupnorm_statistics():
    x = 4 * np.random.randn(2, 6, 4, 5) + 10
    groups = x.reshape(4, -1)
    close(groups.mean(axis=1), [9.72505327, 8.51114185, 8.9147544, 9.43448077])
    gamma, beta = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
    out, _ = layers.spatial_groupnorm_forward(x, gamma, beta, 2, {"mode": "train"})
    expected = [0.99999963, 0.99999948, 0.99999973, 0.99999968]
    close(out.reshape(4, -1).mean(axis=1), np.zeros(4))
    close(out.reshape(4, -1).std(axis=1), expected)


def test_sandwich_gradients():
    x, w, b = np.random.randn(2, 3, 4), np.random.randn(12, 10), np.random.randn(10)
    dout = np.random.randn(2, 10)
    dx, _, _ = layer_utils.affine_relu_backward(dout, layer_utils.affine_relu_forward(x, w, b)[1])
    numeric = eval_numerical_gradient_array(
        lambda x: layer_utils.affine_relu_forward(x, w, b)[0], x, dout
    )
    # Printed by correct code: 2.3e-11; stated: 1e-10.
    assert rel_error(dx, numeric) < 1e-9
