"""Print results as a Markdown table, and the goals beside them."""

from .goals import is_met, judged

WIDTHS = (22, 54, 7, 7, 6, 19, 19, 32)
TITLES = ("what", "", "dtype", "threads", "ours", "ours / PyTorch", "ours / plain", "goal")
OTHERS = {"torch": "PyTorch", "plain": "plain"}


def print_row(result, first):
    """Print one result: ours in milliseconds where no unit is named, and ratios with quartiles."""
    if first:
        print("Ours in ms, unless said otherwise; ratios as median (quartiles).\n")
        _print_cells(TITLES)
        print("|" + "|".join("-" * (width + 2) for width in WIDTHS) + "|")
    ratios = result["ratios"]
    _print_cells(
        (
            result["group"],
            result["name"],
            result["dtype"],
            result["threads"],
            f"{result['ours']:.3g}",
            _describe(ratios.get("torch")),
            _describe(ratios.get("plain")),
            ", ".join(_verdict(goal, ratio) for goal, _, ratio in judged([result], mean=False)),
        )
    )


def print_goals(results):
    """Print the goals for means, how many goals of all are met, and which are missed."""
    print()
    for goal, name, ratio in judged(results, mean=True):
        print(f"{_subject(goal, name)}: {ratio:.2f}, goal {_verdict(goal, ratio)}")
    every = [*judged(results, mean=False), *judged(results, mean=True)]
    missed = [(goal, name, ratio) for goal, name, ratio in every if not is_met(goal, ratio)]
    print(f"\n{len(every) - len(missed)} of {len(every)} goals are met.")
    for goal, name, ratio in missed:
        print(f"Missed: {_subject(goal, name)}: {ratio:.2f}, goal {goal.limit:g} of {goal.against}")


def _subject(goal, name):
    threads = "1 thread" if goal.threads == 1 else f"{goal.threads} threads"
    return f"{goal.group}, {name}, {goal.dtype}, {threads}"


def _verdict(goal, ratio):
    other = OTHERS.get(goal.against, "both")
    return f"{goal.limit:g} of {other} {'met' if is_met(goal, ratio) else 'missed'}"


def _describe(ratio):
    if ratio is None:
        return ""
    median, lower, upper = ratio
    return f"{median:.2f} ({lower:.2f} to {upper:.2f})"


def _print_cells(cells):
    print(
        "| " + " | ".join(f"{cell!s:<{w}}" for cell, w in zip(cells, WIDTHS, strict=True)) + " |",
        flush=True,
    )
