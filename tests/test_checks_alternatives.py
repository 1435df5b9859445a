"""Answers that are right in another way than the reference: every check has to let them pass.

They are what students write: loops, another order of the same sums, another use of numpy, an array
updated in place where that is nobody else's, ties shared, float64 from loops. None may cost a
point.
"""

import numpy as np
import pytest
from this_course import COURSE, check

from course.exercises import pooling, relu
from coursekit.blocks import blocks_of
from coursekit.checks import SEED, UnderTest
from coursekit.mutants import ALL, mistake
from coursekit.mutants.runs import altered

PATHS = {block.name: block.path for block in blocks_of(COURSE.package_folder)}

ALTERNATIVES = (
    mistake("affine_forward", "einsum", "rows @ w + b", 'np.einsum("nd,dm->nm", rows, w) + b'),
    mistake("affine_forward", "row by row", ALL,
            "out = np.stack([np.dot(np.ravel(row), w) for row in x]) + b[None, :]\n"),
    mistake("affine_backward", "db by a product with ones", "dout.sum(axis=0)",
            "np.ones(N, dout.dtype) @ dout"),
    mistake("affine_backward", "dw summed over examples", "rows.T @ dout",
            "sum(np.outer(row, d) for row, d in zip(rows, dout))"),
    mistake("relu_forward", "product with a mask", "np.maximum(x, 0)", "x * (x > 0)"),
    mistake("relu_forward", "where", "np.maximum(x, 0)", "np.where(x > 0, x, 0)"),
    mistake("relu_backward", "gradient 1 at 0", "(x > 0)", "(x >= 0)"),
    mistake("relu_backward", "half of the gradient at 0", "(x > 0)", "np.heaviside(x, 0.5)"),
    mistake("relu_backward", "copy and mask", ALL, "dx = dout.copy()\ndx[x <= 0] = 0\n"),
    mistake("batchnorm_forward:train", "sums written out", "ones @ x / N",
            "1.0 / N * np.sum(x, axis=0)", "ones @ centered**2 / N",
            "np.sum((x - mean) ** 2, axis=0) / float(N)"),
    mistake("batchnorm_forward:train", "variance as a difference of means",
            "ones @ centered**2 / N", "np.mean(x * x, axis=0) - mean**2"),
    mistake("batchnorm_forward:train", "multiplies by the inverse", "centered / std",
            "(x - mean) * (1.0 / std)"),
    mistake("batchnorm_forward:train", "running statistics in place",
            "running_mean = momentum * running_mean + (1 - momentum) * mean",
            "running_mean *= momentum\nrunning_mean += (1 - momentum) * mean"),
    mistake("batchnorm_forward:train", "keeps x in the cache, and more than it needs",
            "cache = (x_hat, std, gamma)", "cache = Cache((x_hat, std, gamma))",
            "mean = ones @ x / N", "class Cache(tuple):\n    pass\nmean = x.mean(axis=0)"),
    mistake("batchnorm_forward:test", "one scale and one shift", ALL,
            "scale = gamma / np.sqrt(running_var + eps)\n"
            "out = x * scale + (beta - running_mean * scale)\n"),
    mistake("batchnorm_backward", "closed form", ALL,
            "x_hat, std, gamma = cache\n"
            "N, D = dout.shape\n"
            "dbeta = np.sum(dout, axis=0)\n"
            "dgamma = np.sum(dout * x_hat, axis=0)\n"
            "dx_hat = dout * gamma\n"
            "dx = N * dx_hat - dx_hat.sum(0) - x_hat * (dx_hat * x_hat).sum(0)\n"
            "dx = 1.0 / N / std * dx\n"),
    mistake("batchnorm_backward", "broadcast by ones", "dmean / N",
            "1.0 / N * np.ones_like(dout) * dmean"),
    mistake("batchnorm_backward_alt", "by matrices", ALL,
            "x_hat, std, gamma = cache\n"
            "N = dout.shape[0]\n"
            "dbeta, dgamma = dout.sum(0), np.einsum('nd,nd->d', dout, x_hat)\n"
            "centering = (np.eye(N) - 1.0 / N).astype(dout.dtype)\n"
            "dx = (centering @ dout - x_hat * dgamma / N) * gamma / std\n"),
    mistake("layernorm_forward", "by transposing", ALL,
            "columns = x.T\n"
            "std = np.sqrt(columns.var(axis=0) + eps)\n"
            "x_hat = ((columns - columns.mean(axis=0)) / std).T\n"
            "std = std[:, None]\n"
            "out = x_hat * gamma + beta\n"
            "cache = (x_hat, std, gamma)\n"),
    mistake("layernorm_backward", "by transposing", "dx = (dx_hat - through_mean - x_hat * "
            "through_var) / std", "D = dout.shape[1]\n"
            "dx = (D * dx_hat.T - dx_hat.sum(1) - x_hat.T * (dx_hat * x_hat).sum(1)).T / D / std"),
    mistake("dropout_forward:train", "compares the other way", "random.rand(*x.shape) < p",
            "random.rand(*x.shape) > 1 - p"),
    mistake("dropout_forward:train", "the line of the lecture notes", ALL,
            "mask = (random.rand(*x.shape) < p) / p\nout = x * mask\n"),
    mistake("dropout_forward:train", "draws by choice", "random.rand(*x.shape) < p",
            "random.choice([True, False], size=x.shape, p=[p, 1 - p])"),
    mistake("dropout_forward:test", "x itself", "x.copy()", "x"),
    mistake("dropout_backward:train", "through a copy", "dout * mask", "dout.copy()\ndx *= mask"),
    mistake("conv_forward_naive", "four loops", ALL,
            "H_out = int(1 + (H + 2 * pad - HH) / stride)\n"
            "W_out = int(1 + (W + 2 * pad - WW) / stride)\n"
            "padded = np.pad(x, ((0,), (0,), (pad,), (pad,)), 'constant')\n"
            "out = np.zeros((N, F, H_out, W_out))\n"
            "for n in range(N):\n"
            "    for f in range(F):\n"
            "        for i in range(H_out):\n"
            "            for j in range(W_out):\n"
            "                r, c = i * stride, j * stride\n"
            "                out[n, f, i, j] = np.sum(padded[n, :, r:r + HH, c:c + WW] * w[f])\n"
            "                out[n, f, i, j] += b[f]\n"),
    mistake("conv_backward_naive", "four loops", ALL,
            "padded = np.pad(x, ((0,), (0,), (pad,), (pad,)), 'constant')\n"
            "dpadded, dw, db = np.zeros(padded.shape), np.zeros(w.shape), np.zeros(b.shape)\n"
            "for n in range(N):\n"
            "    for f in range(F):\n"
            "        for i in range(dout.shape[2]):\n"
            "            for j in range(dout.shape[3]):\n"
            "                r, c = i * stride, j * stride\n"
            "                db[f] += dout[n, f, i, j]\n"
            "                dw[f] += dout[n, f, i, j] * padded[n, :, r:r + HH, c:c + WW]\n"
            "                dpadded[n, :, r:r + HH, c:c + WW] += dout[n, f, i, j] * w[f]\n"
            "dx = dpadded[:, :, pad:pad + H, pad:pad + W]\n"),
    mistake("max_pool_forward_naive", "four loops", ALL,
            "H_out, W_out = 1 + (H - pool_height) // stride, 1 + (W - pool_width) // stride\n"
            "out = np.zeros((N, C, H_out, W_out))\n"
            "for n, c, i, j in np.ndindex(out.shape):\n"
            "    r, s = i * stride, j * stride\n"
            "    out[n, c, i, j] = np.max(x[n, c, r:r + pool_height, s:s + pool_width])\n"),
    mistake("max_pool_backward_naive", "every tie gets the gradient", ALL,
            "dx = np.zeros(x.shape)\n"
            "for n, c, i, j in np.ndindex(dout.shape):\n"
            "    r, s = i * stride, j * stride\n"
            "    window = x[n, c, r:r + pool_height, s:s + pool_width]\n"
            "    share = (window == window.max()) * dout[n, c, i, j]\n"
            "    dx[n, c, r:r + pool_height, s:s + pool_width] += share\n"),
    mistake("max_pool_backward_naive", "the last of several ties",
            "winner = window.reshape(N, C, pool_height * pool_width).argmax(axis=2)",
            "size = pool_height * pool_width\n"
            "    winner = size - 1 - window.reshape(N, C, size)[:, :, ::-1].argmax(axis=2)"),
    mistake("spatial_batchnorm_forward", "moveaxis", ALL,
            "last = np.moveaxis(x, 1, -1)\n"
            "out, cache = batchnorm_forward(last.reshape(-1, C), gamma, beta, bn_param)\n"
            "out = np.moveaxis(out.reshape(last.shape), -1, 1)\n"),
    mistake("spatial_batchnorm_forward", "channel axis first, pixels in another order", ALL,
            "columns = x.swapaxes(0, 1).reshape(C, -1).T\n"
            "out, cache = batchnorm_forward(columns, gamma, beta, bn_param)\n"
            "out = out.T.reshape(C, N, H, W).swapaxes(0, 1)\n"
            "order = np.arange(N * H * W).reshape(N, H, W)\n"),
    mistake("spatial_batchnorm_backward", "by way of the graph", "batchnorm_backward_alt(",
            "batchnorm_backward("),
    mistake("spatial_groupnorm_forward", "five axes", ALL,
            "five = x.reshape(N, G, C // G, H, W)\n"
            "mean = five.mean(axis=(2, 3, 4), keepdims=True)\n"
            "var = ((five - mean) ** 2).mean(axis=(2, 3, 4), keepdims=True)\n"
            "x_hat = ((five - mean) / np.sqrt(var + eps)).reshape(N, C, H, W)\n"
            "out = x_hat * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)\n"
            "cache = (x_hat, np.sqrt(var + eps).reshape(N, G, 1), gamma, beta)\n"),
    mistake("spatial_groupnorm_backward", "every sum over pixels", ALL,
            "x_hat, std, gamma, beta = cache\n"
            "G = std.shape[1]\n"
            "dbeta = np.sum(dout, axis=(0, 2, 3)).reshape(beta.shape)\n"
            "dgamma = np.sum(dout * x_hat, axis=(0, 2, 3)).reshape(gamma.shape)\n"
            "dx_hat = (dout * gamma.reshape(1, C, 1, 1)).reshape(N, G, -1)\n"
            "x_hat = x_hat.reshape(N, G, -1)\n"
            "dx = dx_hat - np.sum(dx_hat, axis=2, keepdims=True) / (C // G * H * W)\n"
            "dx = dx - x_hat * np.mean(dx_hat * x_hat, axis=2, keepdims=True)\n"
            "dx = (dx / std).reshape(dout.shape)\n"),
    mistake("sgd_momentum", "w in place", "next_w = w + velocity", "w += velocity\nnext_w = w"),
    mistake("rmsprop", "cache in place",
            'config["cache"] = decay * config["cache"] + (1 - decay) * dw**2',
            'config["cache"] *= decay\nconfig["cache"] += (1 - decay) * dw * dw'),
    mistake("adam", "one step size", ALL,
            'config["t"] += 1\n'
            'beta1, beta2, t = config["beta1"], config["beta2"], config["t"]\n'
            'm = beta1 * config["m"] + (1 - beta1) * dw\n'
            'v = beta2 * config["v"] + (1 - beta2) * (dw ** 2)\n'
            'root = np.sqrt(1 - beta2 ** t)\n'
            'step = config["learning_rate"] * float(root) / (1 - beta1 ** t)\n'
            'next_w = w - step * m / (np.sqrt(v) + config["epsilon"] * float(root))\n'
            'config["m"], config["v"] = m, v\n'),
    mistake("TwoLayerNet.__init__", "normal numbers with a scale",
            "weight_scale * np.random.randn(input_dim, hidden_dim)",
            "np.random.normal(0, weight_scale, (input_dim, hidden_dim))"),
    mistake("TwoLayerNet.__init__", "W2 drawn first", ALL,
            'self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)\n'
            'self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)\n'
            'self.params["b1"], self.params["b2"] = np.zeros(hidden_dim), np.zeros(num_classes)\n'),
    mistake("TwoLayerNet.__init__", "a generator of its own", ALL,
            'rng = np.random.default_rng()\n'
            'self.params["W1"] = weight_scale * rng.standard_normal((input_dim, hidden_dim))\n'
            'self.params["W2"] = weight_scale * rng.standard_normal((hidden_dim, num_classes))\n'
            'self.params["b1"], self.params["b2"] = np.zeros(hidden_dim), np.zeros(num_classes)\n'),
    mistake("TwoLayerNet.loss:scores", "no layers at all", ALL,
            'flat = X.reshape(len(X), -1)\n'
            'before, hidden_in = None, flat @ self.params["W1"] + self.params["b1"]\n'
            'hidden = np.maximum(hidden_in, 0)\n'
            'scores = hidden @ self.params["W2"] + self.params["b2"]\n'
            'hidden_cache = ((X, self.params["W1"], self.params["b1"]), hidden_in)\n'
            'scores_cache = (hidden, self.params["W2"], self.params["b2"])\n'),
    mistake("TwoLayerNet.loss:gradients", "squares by power", "np.sum(w * w)", "(w**2).sum()"),
    mistake("FullyConnectedNet.loss:gradients", "penalty before the data's gradient",
            'loss, dout = softmax_loss(scores, y)',
            'penalty = sum(np.sum(self.params[f"W{i}"] ** 2) for i in range(1, last + 1))\n'
            'loss, dout = softmax_loss(scores, y)\nloss += self.reg * penalty / 2',
            '    loss += 0.5 * self.reg * np.sum(w * w)\n', ''),
    mistake("FullyConnectedNet.loss:scores", "no dropout call at test time", "if self.use_dropout:",
            'if self.use_dropout and mode == "train":'),
    mistake("ThreeLayerConvNet.loss:scores", "layer by layer", ALL,
            'params = self.params\n'
            'maps, conv = fast_layers.conv_forward_fast(\n'
            '    X, params["W1"], params["b1"], self.conv_param)\n'
            'active = np.maximum(maps, 0)\n'
            'pooled, pool = fast_layers.max_pool_forward_fast(active, self.pool_param)\n'
            'maps_cache = (conv, maps, pool)\n'
            'hidden, hidden_cache = affine_relu_forward(pooled, params["W2"], params["b2"])\n'
            'scores, scores_cache = affine_forward(hidden, params["W3"], params["b3"])\n'),
)  # fmt: skip


@pytest.mark.parametrize("answer", ALTERNATIVES, ids=lambda a: f"{a.block}, {a.name}")
def test_a_right_answer_passes(answer):
    with altered(COURSE, {PATHS[answer.block]: answer.made_in}) as package:
        for any_check in check.of_block(answer.block):
            verdict = any_check.verdict(package)
            assert verdict.passed, f"\n{verdict}"
            assert verdict.earned == any_check.points
            assert (verdict.mistake, verdict.sentences) == ("", ())


def test_what_costs_nothing_is_remarked_upon():
    loops = next(a for a in ALTERNATIVES if a.block == "conv_forward_naive")
    with altered(COURSE, {PATHS[loops.block]: loops.made_in}) as package:
        verdict = check.conv_forward_naive.verdict(package)
    assert [part.name for part in verdict.remarks] == ["float32: out of conv_forward_naive"]
    assert "remark  float32: out of conv_forward_naive  float64, expected float32" in str(verdict)


# Another seed draws other inputs, among them, one would hope, no unlucky ones.
@pytest.mark.parametrize("seed", range(3))
def test_right_answers_pass_on_inputs_of_other_seeds(seed):
    chosen = {}
    for answer in ALTERNATIVES:
        # One block of a file is enough, but several files may change at once.
        chosen.setdefault(answer.block, answer)
    changes = {}
    for block, answer in chosen.items():
        changes.setdefault(PATHS[block], []).append(answer)

    def all_made(answers):
        def made(source):
            for answer in answers:
                source = answer.made_in(source)
            return source

        return made

    with altered(COURSE, {path: all_made(answers) for path, answers in changes.items()}) as package:
        for any_check in check:
            expected = any_check.run(UnderTest(COURSE), any_check.rng(seed))
            verdict = any_check.judge(any_check.run(package, any_check.rng(seed)), expected)
            assert verdict.passed, f"\n{verdict}"


@pytest.mark.parametrize("any_check", list(check), ids=lambda any_check: any_check.name)
def test_no_seed_is_unlucky_for_the_reference(any_check):
    for seed in range(4):
        outcome = any_check.run(UnderTest(COURSE), any_check.rng(seed))
        for entry in outcome.entries.values():
            if entry.array.dtype == bool:
                assert np.all(entry.array), f"seed {seed}: {entry.name}"
            assert entry.array.dtype.kind == "U" or np.all(np.isfinite(entry.array)), entry.name


@pytest.mark.parametrize("seed", [SEED, *range(10)])
def test_where_several_answers_are_right_no_input_leads(seed):
    """No two pixels are equal, so there are no ties, and none of relu's inputs is near its kink."""
    for _, _, x, _ in pooling._draws(np.random.default_rng(seed)):
        assert len(np.unique(x)) == x.size
    for _, x, _ in relu._draws(np.random.default_rng(seed)):
        assert np.abs(x).min() >= 0.1


def test_a_net_may_name_its_keywords_as_other_years_did():
    def of_2018(source):
        source = source.replace("        **older,\n    ):", "    ):").replace(", older)", ", {})")
        source = source.replace("dropout_keep_ratio=1,", "dropout=1,")
        return source.replace("on(dropout_keep_ratio, normal", "on(dropout, normal")

    with altered(COURSE, {"classifiers/fc_net.py": of_2018}) as package:
        with pytest.raises(TypeError, match="unexpected keyword argument 'dropout_keep_ratio'"):
            package.find("FullyConnectedNet")([5], dropout_keep_ratio=0.5)
        for any_check in (check.FullyConnectedNet_dropout, check.FullyConnectedNet_batchnorm):
            verdict = any_check.verdict(package)
            assert verdict.passed, f"\n{verdict}"
