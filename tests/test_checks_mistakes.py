"""For every block: the reference passes, the stub is not attempted, each mistake is red and named.

`python -m coursekit mistakes` prints the same as a table.
"""

import functools
import json

import pytest
from this_course import COURSE, check

from coursekit.authoring.mistakes import Summary, Table
from coursekit.blocks import blank, blocks_of
from coursekit.checks import Kind, signatures
from coursekit.cli import main
from coursekit.course import Course
from coursekit.mutants import ALL, Mistake, mistake
from coursekit.mutants.hypotheses import hypotheses, known, pairs, right_codes
from coursekit.mutants.runs import altered, reference

BLOCKS = {block.name: block for block in blocks_of(COURSE.package_folder)}
MISTAKES = COURSE.mistakes
FRESH = 20_26  # grading draws its inputs from seeds that nobody has seen


@pytest.fixture(scope="session")
def rows_of():
    """A function that returns the rows of a block in the table, each of which is made once."""
    with Table(COURSE, FRESH) as table:
        yield functools.cache(lambda name: tuple(table.rows_of(BLOCKS[name])))


@pytest.mark.parametrize("name", BLOCKS)
def test_reference_stub_and_mistakes(name, rows_of):
    rows = rows_of(name)
    assert len(rows) >= 2 + 2, "every block has two mistakes at least"
    for row in rows:
        said = "\n".join(map(str, (*row.verdicts, *sum(row.others, ()), *row.fresh)))
        assert row.as_it_should, f"{name}, {row.state}:\n{said}"
        if row.state not in ("reference", "stub"):
            for verdicts in (row.verdicts, *row.others, row.fresh):
                possible = sum(v.possible for v in verdicts)  # optional exercises give nothing
                assert sum(v.earned for v in verdicts) < possible or not possible


def test_all_mistakes_can_be_told_apart(rows_of):
    summary = Summary()
    for name in BLOCKS:
        for row in rows_of(name):
            summary.add(row)
    assert summary.not_told_apart == []
    assert summary.mistakes == summary.red == len(MISTAKES)
    # What only ends in an exception that many others end in has no name.
    assert summary.named >= len(MISTAKES) - 1
    assert "0 not as it should be" in str(summary)


# Mistakes as students make them, in code that has nothing of the reference in it.
IN_OTHER_WORDS = (
    mistake("batchnorm_forward:train", "unbiased variance", "ones @ centered**2 / N",
            "np.var(x, axis=0, ddof=1)"),
    mistake("relu_backward", "writes zeros into dout", ALL,
            "dx = dout\ndx[np.logical_not(x > 0)] = 0\n"),
    mistake("dropout_forward:train", "does not scale", ALL,
            "mask = random.rand(*x.shape) < p\nout = np.where(mask, x, 0)\n"),
    mistake("batchnorm_backward_alt", "gamma forgotten", ALL,
            "x_hat, std, gamma = cache\n"
            "N = float(len(dout))\n"
            "dbeta, dgamma = dout.sum(0), np.einsum('nd,nd->d', dout, x_hat)\n"
            "dx = 1 / N / std * (N * dout - dbeta - x_hat * dgamma)\n"),
    mistake("conv_backward_naive", "cuts padding off with pad:-pad", ALL,
            "padded = np.pad(x, ((0,), (0,), (pad,), (pad,)), mode='constant')\n"
            "dpadded, dw, db = np.zeros(padded.shape), np.zeros(w.shape), np.zeros(F)\n"
            "for n in range(N):\n"
            "    for f in range(F):\n"
            "        db[f] += dout[n, f].sum()\n"
            "        for y, j in enumerate(range(0, dout.shape[2] * stride, stride)):\n"
            "            for z, k in enumerate(range(0, dout.shape[3] * stride, stride)):\n"
            "                dw[f] += dout[n, f, y, z] * padded[n, :, j:j + HH, k:k + WW]\n"
            "                dpadded[n, :, j:j + HH, k:k + WW] += w[f] * dout[n, f, y, z]\n"
            "dx = dpadded[:, :, pad:-pad, pad:-pad]\n"),
    mistake("max_pool_backward_naive", "assigns where it should add", ALL,
            "dx = np.zeros(x.shape)\n"
            "for n, c, y, z in np.ndindex(dout.shape):\n"
            "    j, k = y * stride, z * stride\n"
            "    part = x[n, c, j:j + pool_height, k:k + pool_width]\n"
            "    r, s = divmod(part.argmax(), pool_width)\n"
            "    dx[n, c, j + r, k + s] = dout[n, c, y, z]\n"),
    mistake("affine_forward", "no bias", ALL,
            "out = np.einsum('ij,jk->ik', x.reshape(x.shape[0], -1), w)\n"),
    mistake("affine_backward", "db is the mean", ALL,
            "dx = dout.dot(w.T).reshape(*x.shape)\n"
            "dw = x.reshape(N, -1).T.dot(dout)\n"
            "db = dout.mean(0)\n"),
    mistake("batchnorm_forward:train", "momentum the wrong way round", ALL,
            "mu, v = x.mean(0), x.var(0)\n"
            "xn = (x - mu) / np.sqrt(v + eps)\n"
            "out = xn * gamma + beta\n"
            "running_mean += momentum * (mu - running_mean)\n"
            "running_var += momentum * (v - running_var)\n"
            "cache = (xn, np.sqrt(v + eps), gamma)\n"),
    mistake("batchnorm_forward:test", "no eps", ALL,
            "z = x - running_mean\n"
            "z = z / running_var ** 0.5\n"
            "out = z * gamma + beta\n"),
    mistake("batchnorm_backward", "mean path left out", ALL,
            "xn, s, g = cache\n"
            "n = dout.shape[0]\n"
            "dbeta = dout.sum(0)\n"
            "dgamma = (xn * dout).sum(0)\n"
            "dxn = dout * g\n"
            "dv = -0.5 * (dxn * xn).sum(0) / s ** 2\n"
            "dx = dxn / s + 2.0 / n * xn * s * dv\n"),
    mistake("layernorm_forward", "unbiased variance", ALL,
            "mu = x.mean(1).reshape(-1, 1)\n"
            "sd = np.sqrt(x.var(1, ddof=1).reshape(-1, 1) + eps)\n"
            "out = (x - mu) / sd * gamma + beta\n"
            "cache = ((x - mu) / sd, sd, gamma)\n"),
    mistake("layernorm_backward", "variance path left out", ALL,
            "xn, s, g = cache\n"
            "dbeta = dout.sum(0)\n"
            "dgamma = (xn * dout).sum(0)\n"
            "d = dout * g\n"
            "dx = (d - d.mean(1, keepdims=True)) / s\n"),
    mistake("conv_forward_naive", "stride ignored", ALL,
            "xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])\n"
            "Ho = (H + 2 * pad - HH) // stride + 1\n"
            "Wo = (W + 2 * pad - WW) // stride + 1\n"
            "out = np.zeros((N, F, Ho, Wo))\n"
            "for a in range(Ho):\n"
            "    for c in range(Wo):\n"
            "        out[:, :, a, c] = np.tensordot(xp[:, :, a:a + HH, c:c + WW], w, "
            "axes=([1, 2, 3], [1, 2, 3])) + b\n"),
    mistake("max_pool_forward_naive", "starts from 0", ALL,
            "Ho = (H - pool_height) // stride + 1\n"
            "Wo = (W - pool_width) // stride + 1\n"
            "out = np.zeros((N, C, Ho, Wo))\n"
            "for a in range(Ho):\n"
            "    for e in range(Wo):\n"
            "        for k in range(pool_height):\n"
            "            for l in range(pool_width):\n"
            "                out[:, :, a, e] = np.maximum(out[:, :, a, e], x[:, :, a * "
            "stride + k, e * stride + l])\n"),
    mistake("spatial_batchnorm_forward", "reshape without transpose", ALL,
            "y, cache = batchnorm_forward(np.reshape(x, (-1, C)), gamma, beta, bn_param)\n"
            "out = np.reshape(y, (N, C, H, W))\n"),
    mistake("spatial_groupnorm_forward", "G and C / G mixed up", ALL,
            "g = x.reshape(N, C // G, G, H, W)\n"
            "mu = g.mean((2, 3, 4), keepdims=True)\n"
            "sd = np.sqrt(g.var((2, 3, 4), keepdims=True) + eps)\n"
            "xn = ((g - mu) / sd).reshape(N, C, H, W)\n"
            "out = xn * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)\n"
            "cache = (xn, sd, gamma, beta)\n"),
    mistake("adam", "no bias correction", ALL,
            "b1, b2 = config['beta1'], config['beta2']\n"
            "config['t'] += 1\n"
            "config['m'] = b1 * config['m'] + dw * (1 - b1)\n"
            "config['v'] = b2 * config['v'] + dw * dw * (1 - b2)\n"
            "next_w = w - config['learning_rate'] * config['m'] / (config['v'] ** 0.5 + "
            "config['epsilon'])\n"),
    mistake("TwoLayerNet.loss:gradients", "W2 not regularised", ALL,
            "loss, d = softmax_loss(scores, y)\n"
            "loss += self.reg / 2 * (self.params['W1'] ** 2).sum()\n"
            "d, grads['W2'], grads['b2'] = affine_backward(d, scores_cache)\n"
            "d, grads['W1'], grads['b1'] = affine_relu_backward(d, hidden_cache)\n"
            "grads['W1'] = grads['W1'] + self.reg * self.params['W1']\n"),
)  # fmt: skip


@pytest.mark.parametrize("made", IN_OTHER_WORDS, ids=lambda made: f"{made.block}, {made.name}")
def test_a_mistake_is_named_however_it_is_written(made):
    with altered(COURSE, {BLOCKS[made.block].path: made.made_in}) as package:
        (verdict,) = [any_check.verdict(package) for any_check in check.of_block(made.block)]
    assert verdict.mistake == made.name, f"\n{verdict}"


# Two mistakes of a block that show in the same check.
TOGETHER = (
    ("batchnorm_forward:train", "unbiased variance", "no eps"),
    ("batchnorm_backward", "gamma forgotten", "the mean's share not divided by N"),
    ("batchnorm_backward", "gamma forgotten", "dgamma of shape (1, D)"),
    ("sgd_momentum", "adds the gradient", "momentum ignored"),
    ("adam", "no square", "beta1 and beta2 swapped"),
    ("layernorm_backward", "mean path left out", "scales dout in place"),
)


@pytest.mark.parametrize(("block", "first", "second"), TOGETHER)
def test_two_mistakes_at_once_are_both_named(block, first, second):
    both = [m for m in MISTAKES if m.block == block and m.name in (first, second)]
    assert len(both) == 2

    def made(source):
        return both[1].made_in(both[0].made_in(source))

    with altered(COURSE, {BLOCKS[block].path: made}) as package:
        for any_check in check.of_block(block):
            verdict = any_check.verdict(package)
            assert verdict.kind == "wrong"
            assert verdict.mistake in (f"{first} + {second}", f"{second} + {first}")


def test_what_is_recorded_is_the_list_of_today():
    """Otherwise `python -m coursekit record` has to be run again."""
    recorded = set()
    for any_check in check.with_optional:
        classes = signatures.load(COURSE, any_check.name).classes
        sayings = {saying for one in classes for told in one.sayings for saying in told}
        there = {(s.block, s.name, s.sentence) for s in sayings if s.known}
        today = {(m.block, m.name, m.sentence) for m in MISTAKES if m.block in any_check.blocks}
        assert there <= today
        recorded |= there
    assert {(block, name) for block, name, _ in recorded} == {(m.block, m.name) for m in MISTAKES}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_sample_of_what_is_recorded_is_what_comes_out_today(name):
    with Table(COURSE, FRESH) as table:
        assert table.unlike_recorded(BLOCKS[name]) == []


def test_hypotheses_are_many_and_the_same_each_time():
    with reference(COURSE) as exchange:
        first, second = (list(hypotheses(COURSE, exchange, "relu_backward")) for _ in "ab")
        assert first == second
        assert len(first) > 100
        assert len({hypothesis.code for hypothesis in first}) == len(first)
        assert len(list(known(COURSE, exchange, "relu_backward"))) >= 10
        for pair in pairs(COURSE, exchange, "relu_backward"):
            assert len(pair.sayings) == 2


def test_most_mistakes_have_another_spelling():
    assert sum(bool(m.spellings) for m in MISTAKES) > 0.75 * len(MISTAKES)
    with reference(COURSE) as exchange:
        for m in MISTAKES:
            codes = m.codes(right_codes(COURSE, exchange, m.block))
            assert len(set(codes)) == 1 + len(m.spellings)


def test_with_every_block_blank_every_check_is_not_attempted_and_names_a_block():
    changes = {block.path: blank for block in BLOCKS.values()}
    with altered(COURSE, changes) as package:
        for any_check in check.with_optional:
            verdict = any_check.verdict(package)
            assert verdict.kind == Kind.NOT_ATTEMPTED, f"\n{verdict}"
            assert verdict.earned == 0
            assert any(name in verdict.sentences[0] for name in BLOCKS)


def test_an_inner_block_that_is_not_filled_in_is_named():
    path = BLOCKS["relu_backward"].path
    with altered(COURSE, {path: lambda source: blank(source, only=["relu_backward"])}) as package:
        verdict = check.FullyConnectedNet_gradients.verdict(package)
    assert verdict.first_line == "waiting: FullyConnectedNet_gradients: for relu_backward"
    assert verdict.sentences[0].startswith("The block relu_backward (cs231n/layers.py, line ")


def test_every_block_has_a_check_and_every_check_a_block():
    assert all(check.of_block(block) for block in BLOCKS)
    assert {block for any_check in check.with_optional for block in any_check.blocks} == set(BLOCKS)


def test_mistakes_are_many_and_told_apart_by_name():
    assert len(MISTAKES) > 200
    names = [(mistake.block, mistake.name) for mistake in MISTAKES]
    assert len(set(names)) == len(names)
    assert {mistake.block for mistake in MISTAKES} == set(BLOCKS)


def test_an_edit_that_no_longer_fits_the_reference_is_refused():
    block = BLOCKS["relu_forward"]
    outdated = Mistake("relu_forward", "outdated", (("np.minimum", "np.maximum"),))
    with (
        pytest.raises(
            ValueError, match=r"'np\.minimum' occurs 0 times in the block, expected once"
        ),
        altered(COURSE, {block.path: outdated.made_in}),
    ):
        pass


def run_table(*arguments):
    """Run `coursekit mistakes` on the block relu_backward."""
    return main(["--course", str(COURSE.folder), "mistakes", "relu_backward", *arguments])


def test_the_table_is_printed(capsys, tmp_path):
    assert run_table("--seed", "5", "--json", f"{tmp_path}/t.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["ok", "relu_backward", "reference"]
    assert lines[1].endswith("not attempted: relu_backward")
    assert "writes zeros into dout" in lines[2]
    assert lines[2].endswith("wrong: relu_backward: inputs")
    count = sum(m.block == "relu_backward" for m in MISTAKES)
    assert lines[-1] == (
        f"1 blocks, {count} mistakes: {count} red, {count} named; 0 groups not told apart; "
        "0 not as it should be (fresh seed 5)"
    )
    assert json.loads((tmp_path / "t.json").read_text())["named"] == count


def test_the_short_table_has_a_line_for_each_block(capsys, monkeypatch):
    count = sum(m.block == "relu_backward" for m in MISTAKES)
    assert run_table("--short") == 0
    assert (
        capsys.readouterr().out.splitlines()[0].split()
        == (
            "relu_backward stub not attempted reference passed "
            f"mistakes {count}, red {count}, named {count}"
        ).split()
    )
    harmless = Mistake("relu_backward", "no mistake at all", (("x > 0", "x >= 0"),))
    monkeypatch.setattr(Course, "mistakes", (harmless,))
    assert run_table("--short") == 1
    assert "NO  relu_backward" in capsys.readouterr().out


def test_the_table_can_fail(capsys, monkeypatch):
    harmless = Mistake("relu_backward", "no mistake at all", (("x > 0", "x >= 0"),))
    monkeypatch.setattr(Course, "mistakes", (harmless,))
    assert run_table() == 1
    assert "NO  relu_backward" in capsys.readouterr().out


def test_a_mistake_that_is_not_recorded_is_red_and_not_named(capsys, monkeypatch):
    unheard = Mistake("relu_backward", "unheard of", (("dout * (x > 0)", "np.tan(dout) + x"),))
    monkeypatch.setattr(Course, "mistakes", (unheard,))
    assert run_table() == 1
    assert "red, and not named" in capsys.readouterr().out


def test_what_is_not_as_it_was_recorded_is_noticed(capsys, monkeypatch):
    monkeypatch.setattr(signatures, "load", lambda course, name: signatures.Signatures())
    assert run_table("--short") == 1
    assert "not what was recorded: relu_backward" in capsys.readouterr().out
