"""Print results as a Markdown table, and the goals beside them."""

from .goals import is_met, judged

WIDTHS = (22, 58, 7, 7, 6, 19, 19)
TITLES = ("what", "", "dtype", "threads", "ours", "ours / PyTorch", "ours / plain")


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
        )
    )


def print_goals(results):
    """Print each goal that was measured, what came out, and whether it is met."""
    print("\n| goal | ratio | at most | |\n| --- | --- | --- | --- |")
    for goal, name, ratio in judged(results):
        against = {"torch": "PyTorch", "plain": "the plain version"}.get(goal.against, goal.against)
        threads = "1 thread" if goal.threads == 1 else f"{goal.threads} threads"
        met = "met" if is_met(goal, ratio) else "missed"
        print(
            f"| {goal.group}, {name}, {goal.dtype}, {threads}, to {against} "
            f"| {ratio:.2f} | {goal.limit:g} | {met} |"
        )


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
