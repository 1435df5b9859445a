"""The figures of the notebooks: their texts, their lines, and the drawing while a net trains."""
# ruff: noqa: RUF001  the Greek letters are those of the formulas

import base64
import io
from html import escape
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from PIL import Image

from course.figures import batch_normalization, style, training
from course.figures.style import line_styles, panels, show
from course.figures.training import LivePlot, draw_training, smoothed
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.layers import batchnorm_forward
from cs231n.solver import Solver


@pytest.fixture(autouse=True)
def some_data(monkeypatch):
    monkeypatch.setattr(style, "data_source", lambda: "the stand-in")


@pytest.fixture
def displayed(monkeypatch):
    """Record what is displayed, as a notebook would, and what is changed afterwards."""
    calls = []

    class Handle:
        def update(self, bundle, metadata, raw):
            calls.append(("update", bundle, metadata))

    def display(bundle, metadata, raw, display_id=None):
        calls.append(("display", bundle, metadata))
        return Handle()

    ipython = SimpleNamespace(
        get_ipython=lambda: None,
        display=SimpleNamespace(display=display),
        version_info=(9, 0),  # which matplotlib asks for
    )
    monkeypatch.setattr(style, "_in_notebook", lambda: True)
    monkeypatch.setitem(style.sys.modules, "IPython", ipython)
    monkeypatch.setitem(style.sys.modules, "IPython.display", ipython.display)
    return calls


def solver(steps=20, epochs=4, seed=1):
    rng = np.random.default_rng(seed)
    return SimpleNamespace(
        loss_history=list(2.3 - 0.05 * np.arange(steps) + 0.01 * rng.standard_normal(steps)),
        train_acc_history=list(np.linspace(0.1, 0.5, epochs + 1)),
        val_acc_history=list(np.linspace(0.1, 0.3, epochs + 1)),
        iteration=steps,
        num_iterations=steps,
    )


def figures():
    """Return every figure that the notebooks draw, by name, made of small inputs."""
    rng = np.random.default_rng(231)
    layers = [rng.standard_normal((20, 10)) for _ in range(3)]
    statistics = [
        {"running_mean": np.array([t]), "running_var": np.array([1 - 0.9**t])} for t in range(1, 31)
    ]
    sizes = ("no normalisation", "batchnorm, 5", "batchnorm, 10", "batchnorm, 50")
    return {
        "training": draw_training(
            {"no normalisation": solver(), "batchnorm": solver(seed=2)}, "Two"
        ),
        "features": batch_normalization.draw_two_features({"before": layers[0][:, :2]}, "Features"),
        "depth": batch_normalization.draw_depth({"a net": (layers, layers)}, "Depth"),
        "statistics": batch_normalization.draw_running_statistics(
            statistics, {1: (9.0, 2.3), 30: (2.2, 2.1)}, momentum=0.9
        ),
        "scales": batch_normalization.draw_weight_scales(
            [0.01, 0.1],
            {"no normalisation": [solver(), solver()], "batchnorm": [solver(), solver()]},
            "Scales",
        ),
        "sizes": batch_normalization.draw_batch_sizes({name: solver() for name in sizes}, "Sizes"),
        "shared": batch_normalization.draw_shared_statistics(),
        "graph": batch_normalization.draw_backward_graph(),
    }


@pytest.fixture(scope="module")
def drawn():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "data_source", lambda: "the stand-in")
        yield figures()


def test_every_figure_describes_itself_and_has_a_title(drawn):
    for figure in drawn.values():
        assert len(figure.get_label()) > 60
        assert "nan" not in figure.get_label()
        assert figure.get_suptitle()


def test_figures_made_of_data_say_which(drawn):
    for name in ("training", "depth", "statistics", "scales", "sizes"):
        assert "the stand-in" in drawn[name].get_suptitle()


def test_no_two_lines_of_a_panel_differ_by_colour_alone(drawn):
    for figure in drawn.values():
        for ax in figure.axes:
            named = [line for line in ax.lines if not line.get_label().startswith("_")]
            looks = [(line.get_linestyle(), line.get_marker()) for line in named]
            assert len(set(looks)) == len(looks)


def contrast(color):
    """Return the contrast of a colour to white, as accessibility guidelines measure it."""
    red, green, blue, alpha = to_rgba(color)
    mixed = np.array([red, green, blue]) * alpha + 1 - alpha
    linear = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


def test_contrast_is_that_of_the_guidelines():
    assert contrast("black") == pytest.approx(21)
    assert contrast("white") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)


def test_lines_and_points_can_be_seen_on_white(drawn):
    names = [*"abcdefg"]
    assert min(contrast(look.color) for look in line_styles(names).values()) >= 3
    assert contrast(style.GREY_LINE) >= 3
    for figure in drawn.values():
        for ax in figure.axes:
            # Single steps lie pale under their running mean.
            strong = [line.get_color() for line in ax.lines if line.get_alpha() is None]
            areas = [color for shape in ax.collections for color in shape.get_facecolor()]
            assert min(map(contrast, strong + areas), default=3) >= 3


def test_legends_cover_no_panel(drawn):
    for name, figure in drawn.items():
        assert not any(ax.get_legend() for ax in figure.axes)
        figure.draw_without_rendering()
        for legend in figure.legends:
            box = legend.get_window_extent()
            assert not any(box.overlaps(ax.get_window_extent()) for ax in figure.axes), name
            assert box.x0 >= 0
            assert box.x1 <= figure.bbox.x1


def test_chance_is_drawn_in(drawn):
    loss, train, val = drawn["training"].axes
    assert any(np.allclose(line.get_ydata(), np.log(10)) for line in loss.lines)
    for ax in (train, val):
        assert any(np.allclose(line.get_ydata(), 0.1) for line in ax.lines)


def test_losses_above_the_panel_are_written_at_its_edge():
    diverged = SimpleNamespace(**{**vars(solver()), "loss_history": [2.3, 80.0]})
    figure = batch_normalization.draw_weight_scales(
        [0.01, 0.1], {"a net": [solver(), diverged]}, "Scales"
    )
    (mark,) = figure.axes[2].texts
    assert mark.get_text() == "↑ 80"
    assert mark.get_position() == (0.1, figure.axes[2].get_ylim()[1])


def test_several_losses_above_the_panel_share_one_mark_a_line():
    high, higher = (
        SimpleNamespace(**{**vars(solver()), "loss_history": [loss]}) for loss in (8, 9)
    )
    nets = {"no normalisation": [solver(), high, higher], "batchnorm": [solver(), solver(), high]}
    figure = batch_normalization.draw_weight_scales([0.01, 0.1, 1], nets, "Scales")
    first, second = figure.axes[2].texts
    assert (first.get_text(), second.get_text()) == ("↑ up to 9", "↑ 8")
    assert first.get_position()[1] > second.get_position()[1]


def test_a_loss_that_is_no_number_is_said_to_be_none():
    diverged = SimpleNamespace(**{**vars(solver()), "loss_history": [2.3, np.nan]})
    figure = batch_normalization.draw_weight_scales(
        [0.1, 1], {"a net": [solver(), diverged]}, "Rates", xlabel="learning rate", mark=(0.2, "He")
    )
    (mark,) = figure.axes[2].texts
    assert mark.get_text() == "no number from 1"
    assert figure.axes[0].get_xlabel() == "learning rate"
    told = figure.get_label()
    assert "An upright line marks He, 0.2." in told
    first = np.mean(solver().loss_history[10:])
    assert f"a net: {first:.3g} at 0.1, not finite at 1, and at best {first:.3g} at 0.1." in told


def test_each_size_of_a_minibatch_can_have_a_baseline():
    names = [f"{kind}, {size}" for kind in ("no normalisation", "batchnorm") for size in (5, 10)]
    figure = batch_normalization.draw_batch_sizes({name: solver() for name in names}, "Sizes")
    looks = {line.get_label(): (line.get_linestyle(), line.get_marker()) for line in
             figure.axes[0].lines if line.get_label() in names}  # fmt: skip
    assert len(set(looks.values())) == 4
    assert looks["batchnorm, 5"][1] == looks["no normalisation, 5"][1]
    assert {looks[name][0] for name in names} == {"-", "--"}


def test_the_graph_is_described_with_its_numbers(drawn):
    told = drawn["graph"].get_label()
    assert "x is 2, 4, 4, 10, its gradient 4/3, -8/9, -8/9, 4/9." in told
    assert "s is 9, 1, 1, 25, its gradient -5/9 each." in told


def test_running_statistics_are_described_by_their_numbers(drawn):
    told = drawn["statistics"].get_label()
    assert "running_var goes from 0.1 to 0.96; that of a minibatch goes from 1 to 1" in told


def test_a_training_is_described_by_its_numbers(drawn):
    first = solver().loss_history[0]
    assert f"no normalisation: the loss goes from {first:.2f} in the first step" in (
        drawn["training"].get_label()
    )
    assert "training accuracy ends at 0.50 and validation accuracy at 0.30" in (
        drawn["training"].get_label()
    )


def test_the_running_statistics_give_back_those_of_the_minibatches(drawn):
    mean, variance, _ = drawn["statistics"].axes
    batch = variance.collections[0].get_offsets()[:, 1]
    assert np.allclose(batch, 1)  # 1 - 0.9 ** t is what a running average of ones is


def test_line_styles_are_all_different_and_stay_with_their_names():
    names = ["layernorm", "sgd", "no normalisation", "adam", "batchnorm", "rmsprop"]
    styles = line_styles(names)
    assert len({(style.linestyle, style.marker) for style in styles.values()}) == len(names)
    assert styles["batchnorm"] is style.BATCHNORM
    assert line_styles(["a net"])["a net"] is style.BATCHNORM


def test_smoothing_keeps_a_line_and_evens_out_a_zigzag():
    assert np.allclose(smoothed(np.full(50, 2.0)), 2)
    assert np.ptp(smoothed([0, 1] * 100)[10:-10]) < 0.2
    assert np.allclose(smoothed([3.0]), 3)


def test_show_gives_picture_and_text(displayed):
    figure, _ = panels(1, 1, height=2)
    show(figure, alt='Less < more & "quoted"')
    ((_, bundle, metadata),) = displayed
    alt = 'Less < more & "quoted"'
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == alt
    assert f'alt="{escape(alt)}"' in bundle["text/html"]
    assert bundle["image/png"] in bundle["text/html"]


def test_a_stored_picture_is_small_and_white(displayed, drawn):
    show(drawn["training"])
    png = base64.b64decode(displayed[0][1]["image/png"])
    picture = Image.open(io.BytesIO(png))
    assert len(png) < 60_000
    assert picture.width == 1200
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert "Software" not in picture.info


def test_the_same_figure_is_stored_as_the_same_bytes(displayed):
    for _ in range(2):
        show(draw_training({"a net": solver()}, "The same"))
    assert displayed[0][1] == displayed[1][1]


def test_show_insists_on_a_text():
    figure, _ = panels(1, 1, height=2)
    with pytest.raises(
        ValueError, match=r"^show: the figure has no alternative text, expected alt"
    ):
        show(figure)


def test_show_prints_the_text_where_there_is_no_notebook(capsys):
    figure, _ = panels(1, 1, height=2)
    show(figure, alt="An empty panel.")
    assert capsys.readouterr().out == "An empty panel.\n"


def train(live, steps=20):
    """Do what Solver does: call the callback after every iteration."""
    whole = solver(steps)
    for step in range(1, steps + 1):
        live(
            SimpleNamespace(
                **{**vars(whole), "iteration": step, "loss_history": whole.loss_history[:step]}
            )
        )


def test_a_live_plot_changes_one_output(displayed, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    live = LivePlot("Live", every=0)
    train(live, steps=3)
    assert [kind for kind, _, _ in displayed] == ["display", "update", "update"]
    train(live, steps=2)
    assert [kind for kind, _, _ in displayed[3:]] == ["display", "update"]


def test_a_live_plot_takes_its_time(displayed, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    train(LivePlot("Live", every=1000), steps=20)
    assert [kind for kind, _, _ in displayed] == ["display", "update"]  # the first and the last


def test_where_nobody_watches_only_the_last_figure_is_drawn(displayed, monkeypatch):
    monkeypatch.setenv("CI", "1")
    train(LivePlot("Live", every=0), steps=20)
    assert [kind for kind, _, _ in displayed] == ["display"]
    assert "Live" in displayed[0][1]["text/plain"]


def test_a_live_plot_measures_between_epochs_and_leaves_the_training_as_it_is(
    displayed, monkeypatch
):
    drawn = []
    bundle = training.as_bundle
    monkeypatch.setattr(
        training, "as_bundle", lambda figure: drawn.append(figure) or bundle(figure)
    )

    def trained(*callbacks):
        np.random.seed(231)
        data = {f"X_{name}": np.random.randn(40, 6).astype(np.float32) for name in ("train", "val")}
        data |= {f"y_{name}": np.random.randint(3, size=40) for name in ("train", "val")}
        model = FullyConnectedNet([5], input_dim=6, num_classes=3, dropout_keep_ratio=0.5)
        solver = Solver(
            model, data, num_epochs=2, batch_size=10, verbose=False, callbacks=callbacks
        )
        solver.train()
        return solver

    live = trained(LivePlot("Live", measure_every=3))
    plain = trained()
    assert live.loss_history == plain.loss_history
    assert live.val_acc_history == plain.val_acc_history
    _, train, val = drawn[-1].axes
    assert list(train.lines[0].get_xdata()) == [0, 0.75, 1, 1.5, 2]
    assert len(val.lines[0].get_ydata()) == 5


def test_the_numbers_in_the_graph_are_right():
    """Every value by the layer's formula, every gradient by moving that value a little."""
    x, gamma, beta = np.array([2.0, 4, 4, 10]), 6.0, 10.0

    def run(moved=None, by=0.0):
        values = {"x": x.copy(), "γ": gamma, "β": beta}

        def put(name, value):
            values[name] = value + (by if name == moved else 0)

        for name in ("x", "γ", "β"):
            put(name, values[name])
        put("μ", values["x"].mean())
        put("c", values["x"] - values["μ"])
        put("s", values["c"] ** 2)
        put("v", values["s"].mean())
        put("σ", np.sqrt(values["v"]))
        put("x̂", values["c"] / values["σ"])
        put("z", values["γ"] * values["x̂"])
        put("out", values["z"] + values["β"])
        return values

    values = run()
    layer, _ = batchnorm_forward(
        x[:, None], np.array([gamma]), np.array([beta]), {"mode": "train", "eps": 0}
    )
    assert np.allclose(values["out"], layer[:, 0])
    for name, (_, _, drawn_value, drawn_gradient) in batch_normalization._GRAPH_VALUES.items():
        assert np.allclose(numbers(drawn_value), values[name])
        steps = 1e-6 * np.eye(4) if np.ndim(values[name]) else [1e-6]
        slopes = [4 * (run(name, h)["out"][3] - run(name, -h)["out"][3]) / 2e-6 for h in steps]
        expected = numbers(drawn_gradient.replace("each", ""))
        assert np.allclose(np.broadcast_to(expected, len(slopes)), slopes, atol=1e-6)


def numbers(text):
    return [
        int(top) / int(bottom or 1) for top, _, bottom in (n.partition("/") for n in text.split())
    ]


def test_a_few_large_losses_do_not_hide_the_others():
    wild = SimpleNamespace(**{**vars(solver(steps=40)), "loss_history": [357.0, *[2.0] * 39]})
    loss, *_ = draw_training({"calm": solver(), "wild": wild}, "Two").axes
    assert loss.get_ylim()[1] < 10
    assert "↑ up to 357" in [text.get_text() for text in loss.texts]
    loss, *_ = draw_training({"calm": solver()}, "One").axes
    assert not any("up to" in text.get_text() for text in loss.texts)


def test_one_accuracy_alone_still_has_an_axis():
    begun = solver(epochs=0)
    _, train, val = draw_training({"": begun}, "Begun").axes
    for ax in (train, val):
        assert ax.get_xlim()[0] <= 0 < 1 <= ax.get_xlim()[1] < 2
