"""The scorecard's picture: false alarms beside what is found, rule by rule."""

import io
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.scorecard.goals import undisturbed
from benchmarks.scorecard.results import QuarterRow, Scorecard
from benchmarks.scorecard.traffic import INDEPENDENT

# legible on white and on black
_INK, _FALSE, _TRUE = "#7d8590", "#d1703c", "#3d8fb5"


def svg(card: Scorecard) -> str:
    """Draw hours in alarm without drift beside changes found, in independent traffic."""
    calm = [row for row in undisturbed(card.quarters) if row.traffic == INDEPENDENT.name]
    changed = [row for row in card.quarters
               if row.change != "none" and row.traffic == INDEPENDENT.name]  # fmt: skip
    if not calm or not changed:
        return ""
    rules = list(calm[0].rules)[::-1]
    # text stays text, and two runs write the same file
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "leeway", "text.color": _INK,
                         "xtick.color": _INK, "ytick.color": _INK, "font.size": 9}):  # fmt: skip
        figure = Figure(figsize=(9, 0.34 * len(rules) + 1), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        hours = [calm[0].rules[rule].hours * 100 for rule in rules]
        _bars(left, rules, hours, _FALSE, "hours in alarm, nothing drifts, %")
        _bars(
            right,
            rules,
            [_found(changed, rule) for rule in rules],
            _TRUE,
            "changes found within a day, %",
        )
        page = io.StringIO()
        figure.savefig(page, format="svg", transparent=True, metadata={"Date": None})
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def _found(rows: Sequence[QuarterRow], rule: str) -> float:
    found = [row.rules[rule].soon for row in rows]
    return 100 * sum(one.value for one in found if one is not None) / len(found)


def _bars(
    axes: Axes, rules: Sequence[str], values: Sequence[float], colour: str, title: str
) -> None:
    bars = axes.barh(range(len(rules)), values, color=colour, height=0.6)
    axes.bar_label(bars, [f" {value:.3g}" for value in values], color=_INK)
    axes.set_yticks(range(len(rules)), rules)
    axes.set_xlim(0, 115)
    axes.set_xticks([])
    axes.set_title(title, color=_INK, fontsize=10)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
