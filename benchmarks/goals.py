"""What the measurements are meant to come to, and whether they do."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """Ours is to take at most `limit` times what the other side takes.

    group, name, dtype, threads: the results that it is about; an empty name means the whole group.
    against: the other side. mean: whether the geometric mean of the results counts, or each.
    """

    group: str
    limit: float
    against: str = "torch"
    mean: bool = False
    dtype: str = "float32"
    threads: int = 1
    name: str = ""

    def covers(self, result):
        return (
            (result["group"], result["dtype"]) == (self.group, self.dtype)
            and result["threads"] == self.threads
            and result["name"].startswith(self.name)
            and self.against in result["ratios"]
        )


GOALS = (
    Goal("convolution", 1.0),
    Goal("convolution", 0.8, mean=True),
    Goal("convolution", 1.0, mean=True, threads=2),
    Goal("convolution", 0.8, dtype="float64"),
    Goal("max pool", 1.0, mean=True),
    Goal("norms", 0.5, against="plain"),
    Goal("norms", 0.7, name="batchnorm: (100, 100)"),
    Goal("norms", 1.0, name="batchnorm: (256, 512)"),
    Goal("norms", 0.8, name="layernorm: (100, 100)"),
    Goal("norms", 1.3, name="layernorm: (256, 512)"),
    Goal("norms", 1.2, name="spatial batchnorm"),
    Goal("norms", 1.8, name="spatial groupnorm"),
    Goal("softmax loss", 0.6),
    Goal("affine with relu", 1.0),
    Goal("adam", 1.0, name="parameters of FullyConnectedNet"),
    Goal("adam", 1.2, name="parameters of ThreeLayerConvNet"),
    Goal("sgd_momentum", 1.0, name="parameters of FullyConnectedNet"),
    Goal("sgd_momentum", 1.2, name="parameters of ThreeLayerConvNet"),
    Goal("training step", 0.8, name="FullyConnectedNet"),
    Goal("training step", 1.0, name="ThreeLayerConvNet"),
    Goal("loading", 0.2, against="plain", name="time"),
    Goal("loading", 0.333, against="plain", name="peak"),
    Goal("cache of a convolution", 1.0, against="padded input and output"),
)


def judged(results, mean):
    """Yield for each goal that was measured: the goal, a name, the ratio.

    mean: whether to look at the goals for geometric means, or at those for each result.
    """
    for goal in GOALS:
        if goal.mean != mean:
            continue
        covered = [result for result in results if goal.covers(result)]
        ratios = [result["ratios"][goal.against][0] for result in covered]
        if mean and covered:
            yield (
                goal,
                f"geometric mean of {len(ratios)}",
                math.exp(sum(map(math.log, ratios)) / len(ratios)),
            )
        elif not mean:
            for result, ratio in zip(covered, ratios, strict=True):
                yield goal, result["name"], ratio


def is_met(goal, ratio):
    """Compare to two digits, as the table shows them."""
    return round(ratio, 2) <= goal.limit + 0.005 * (goal.limit == 0.333)
