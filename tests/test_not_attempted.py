"""What is not written yet is told from what is wrong: empty blocks, stubs, and what other years
leave in them."""

import shutil
import subprocess
import sys

import pytest
from exchanged import BLOCKS, exchange
from small_workspace import fill, make_workspace, run_command
from this_course import COURSE, check

from coursekit.blocks import END, START, blank, replace_blocks
from coursekit.checks import Kind, freshness, imported
from coursekit.course import Course
from coursekit.mutants.runs import altered

STUB = 'raise NotImplementedError("{} is not filled in yet")'
SAVE = "If you have written it, save the file."


def verdict_on(name, blocks):
    """Return the verdict on a copy of the package with other code in blocks, {name: lines}."""
    changes = {}
    for block, lines in blocks.items():
        indentation = BLOCKS[block].indentation
        code = "".join(f"{indentation}{line}\n" if line else "\n" for line in lines)
        changes.setdefault(BLOCKS[block].path, {})[block] = code
    files = {
        path: lambda source, codes=codes: replace_blocks(source, codes)
        for path, codes in changes.items()
    }
    with altered(COURSE, files) as package:
        return check[name].verdict(package)


EMPTY = ([], [""], ["pass"], ["# here it comes"], ["..."], ["# soon", "pass"])


@pytest.mark.parametrize("lines", EMPTY, ids=repr)
def test_a_block_without_code_is_empty(lines):
    verdict = verdict_on("relu_forward", {"relu_forward": lines})
    assert verdict.kind == Kind.NOT_ATTEMPTED
    assert verdict.sentences == ("The block relu_forward is not filled in yet.",)
    assert verdict.earned == 0


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("TwoLayerNet_init", "TwoLayerNet.__init__"),
        ("FullyConnectedNet_batchnorm", "FullyConnectedNet.__init__"),
        ("FullyConnectedNet_gradients", "FullyConnectedNet.loss:gradients"),
        ("dropout_forward_test", "dropout_forward:test"),
    ],
)
def test_a_block_without_code_is_empty_even_where_nothing_crashes(name, block):
    verdict = verdict_on(name, {block: ["pass"]})
    assert (verdict.kind, verdict.earned) == (Kind.NOT_ATTEMPTED, 0)
    assert verdict.sentences == (f"The block {block} is not filled in yet.",)


def test_who_needs_one_block_alone_may_leave_the_other_empty():
    """All of it is done in the block of the scores, and nothing is left for the other."""
    scores = [
        'hidden, hidden_cache = affine_relu_forward(X, self.params["W1"], self.params["b1"])',
        'scores, scores_cache = affine_forward(hidden, self.params["W2"], self.params["b2"])',
        "grads = {}",
        "if y is None:",
        "    return scores",
        "loss, dscores = softmax_loss(scores, y)",
        'dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, scores_cache)',
        '_, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, hidden_cache)',
        'for name in ("W1", "W2"):',
        "    loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)",
        "    grads[name] += self.reg * self.params[name]",
        "return loss, grads",
    ]
    blocks = {"TwoLayerNet.loss:scores": scores, "TwoLayerNet.loss:gradients": ["pass"]}
    assert verdict_on("TwoLayerNet_scores", blocks).passed
    assert verdict_on("TwoLayerNet_gradients", blocks).passed


def test_a_stub_says_which_block_it_is_and_to_save_the_file():
    verdict = verdict_on("relu_forward", {"relu_forward": [STUB.format("relu_forward")]})
    assert verdict.kind == Kind.NOT_ATTEMPTED
    place, save = verdict.sentences
    assert place.startswith("The block relu_forward (cs231n/layers.py, line ")
    assert save == SAVE


def test_code_beside_a_stub_says_to_take_the_stub_out():
    for lines in (
        ["out = np.maximum(x, 0)", STUB.format("relu_forward")],
        [STUB.format("relu_forward"), "out = np.maximum(x, 0)"],
    ):
        verdict = verdict_on("relu_forward", {"relu_forward": lines})
        assert verdict.kind == Kind.NOT_ATTEMPTED
        (sentence,) = verdict.sentences
        assert sentence.endswith("raises NotImplementedError still: take that line out.")


def test_code_that_returns_before_a_stub_is_judged_by_what_it_returns():
    for lines, kind in (
        (["return np.maximum(x, 0), x", STUB.format("relu_forward")], Kind.PASSED),
        (["return np.minimum(x, 0), x", STUB.format("relu_forward")], Kind.WRONG),
    ):
        assert verdict_on("relu_forward", {"relu_forward": lines}).kind == kind


def test_a_block_may_return_by_itself():
    assert verdict_on("relu_forward", {"relu_forward": ["return np.maximum(x, 0), x"]}).passed
    crashed = verdict_on("relu_forward", {"relu_forward": ["return"]})
    assert crashed.kind == Kind.CRASHED
    assert "what relu_forward returns cannot be used" in crashed.first_line


def test_a_net_waits_for_a_layer_and_says_for_which():
    blocks = {"relu_forward": [STUB.format("relu_forward")]}
    verdict = verdict_on("TwoLayerNet_scores", blocks)
    assert verdict.first_line == "waiting: TwoLayerNet_scores: for relu_forward"
    assert verdict.sentences[-1] == SAVE
    assert verdict_on("affine_forward", blocks).passed
    # A layer that is empty is no stub: what comes of it is a crash, and that is said of it.
    verdict = verdict_on("TwoLayerNet_scores", {"relu_forward": ["pass"]})
    assert verdict.kind == Kind.CRASHED


def test_what_is_blank_itself_does_not_wait():
    blocks = {name: [STUB.format(name)] for name in ("relu_forward", "TwoLayerNet.loss:scores")}
    verdict = verdict_on("TwoLayerNet_scores", blocks)
    assert verdict.kind == Kind.NOT_ATTEMPTED
    assert "TwoLayerNet.loss:scores" in verdict.sentences[0]


NONE = {
    "affine_forward": "out = None",
    "affine_backward": "dx, dw, db = None, None, None",
    "relu_forward": "out = None",
    "relu_backward": "dx = None",
    "batchnorm_forward:train": "out, cache = None, None",
    "batchnorm_forward:test": "out = None",
    "batchnorm_backward": "dx, dgamma, dbeta = None, None, None",
    "batchnorm_backward_alt": "dx, dgamma, dbeta = None, None, None",
    "layernorm_forward": "out, cache = None, None",
    "layernorm_backward": "dx, dgamma, dbeta = None, None, None",
    "conv_forward_naive": "out = None",
    "conv_backward_naive": "dx, dw, db = None, None, None",
    "max_pool_forward_naive": "out = None",
    "max_pool_backward_naive": "dx = None",
    "spatial_batchnorm_forward": "out, cache = None, None",
    "spatial_batchnorm_backward": "dx, dgamma, dbeta = None, None, None",
    "spatial_groupnorm_forward": "out, cache = None, None",
    "spatial_groupnorm_backward": "dx, dgamma, dbeta = None, None, None",
    "affine_bn_relu_forward": "out, cache = None, None",
    "affine_bn_relu_backward": "dx, dw, db, dgamma, dbeta = None, None, None, None, None",
    "TwoLayerNet.loss:scores": "scores = None",
    "FullyConnectedNet.loss:scores": "scores = None",
    "ThreeLayerConvNet.loss:scores": "scores = None",
}


@pytest.fixture(scope="module")
def package():
    with exchange() as package:
        yield package


@pytest.mark.parametrize("block", NONE)
def test_none_is_what_blanks_of_other_years_return(block, package):
    asked = check.of_block(block)[0]
    with package.holding({block: NONE[block]}) as under_test:
        verdict = asked.verdict(under_test)
    assert (verdict.kind, verdict.earned) == (Kind.NOT_ATTEMPTED, 0)
    assert verdict.sentences == (f"{asked.name} returns None: nothing is computed yet.",)


def test_one_gradient_of_three_is_a_beginning(package):
    begun = "dx, dw, db = None, None, dout.sum(axis=0)"
    with package.holding({"affine_backward": begun}) as under_test:
        verdict = check.affine_backward.verdict(under_test)
    assert verdict.kind == Kind.WRONG
    assert verdict.earned == 0.5  # 22 % of 2 points


# Marker lines that are damaged


@pytest.fixture
def damaged(tmp_path):
    """A workspace with right code in relu_forward, whose last line has gone."""
    workspace = make_workspace(tmp_path / "kit")
    fill(workspace, "    out = np.maximum(x, 0)\n", "relu_forward")
    path = workspace / "cs231n" / "layers.py"
    source = path.read_text()
    place = source.index(END, source.index("def relu_forward"))
    path.write_text(source[:place] + "#" + source[place + len(END) :])
    return workspace


def test_check_submit_and_doctor_agree_on_a_line_that_is_gone(damaged):
    course = Course.read(damaged)
    (said,) = freshness.damage_in(course)
    where = "cs231n/layers.py, line "
    assert said.startswith(where)
    assert "a block starts inside the one of line" in said
    assert said.endswith(
        "Put the two lines around the block back, as they are around the others. "
        "What is in it counts all the same."
    )
    one = run_command(damaged, "check", "relu_forward", "affine_forward")
    assert one.stdout.startswith("passed: relu_forward\n")
    assert "not attempted: affine_forward" in one.stdout
    assert one.stdout.endswith(f"{said}\n")
    assert run_command(damaged, "check").stdout.splitlines()[-2] == said
    submitted = run_command(damaged, "submit")
    assert submitted.returncode == 0
    told = " ".join(submitted.stdout.split())
    assert said in told
    assert "not found: the blocks relu_forward. The two lines around a block have to stay" in told
    assert f"1 of {COURSE.points} points" in told
    doctor = " ".join(run_command(damaged, "doctor").stdout.split())
    assert said.partition(". Put")[0] in doctor
    assert "Put the two lines around the block back" in doctor


def test_where_all_lines_stand_nothing_is_said_of_them():
    assert freshness.damage_in(COURSE) == []


def test_damaged_markers_cost_their_own_function_alone(tmp_path):
    """Blocks of other functions of the file are still seen to be blank."""
    folder = tmp_path / COURSE.package
    shutil.copytree(COURSE.package_folder, folder)
    path = folder / "layers.py"
    source = blank(path.read_text(), only=["relu_backward"])
    path.write_text(source.replace(START, "#", 1))
    with imported(COURSE, folder) as package:
        found = {block.name for block in freshness.blocks_under_test(package)}
        verdict = check.relu_backward.verdict(package)
    assert set(BLOCKS) - found == {"affine_forward"}
    assert verdict.kind == Kind.NOT_ATTEMPTED
    assert verdict.sentences[-1] == SAVE


def test_a_notebook_says_which_earlier_blocks_are_blank(tmp_path):
    folder = make_workspace(tmp_path / "work")
    code = (
        "from course import check\n"
        "check.needs('relu_forward', 'FullyConnectedNet', 'affine_forward')\n"
        "try:\n    check.needs('relu')\nexcept AttributeError as error:\n    print(error)\n"
    )
    said = run_python(folder, code)
    assert "This notebook builds on relu_forward, FullyConnectedNet.loss" in said
    assert said.count("FullyConnectedNet.__init__") == 1
    assert "not filled in yet: see FullyConnectedNets." in said
    assert "no block is in 'relu'" in said
    fill(folder, "right")
    assert "affine_forward" not in run_python(folder, code)
    code = code.replace("'relu_forward', 'FullyConnectedNet', ", "")
    assert "The blocks that this notebook builds on are filled in." in run_python(folder, code)


def run_python(folder, code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())
