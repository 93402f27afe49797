"""What the project promises of its judgements, held against what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.scorecard.across_time import BUDGET
from benchmarks.scorecard.nulls import MISTAKE, TEXTBOOK
from benchmarks.scorecard.ours import EVIDENCE
from benchmarks.scorecard.power import LEVELS, best_rival
from benchmarks.scorecard.rates import Rate
from benchmarks.scorecard.results import NullRow, QuarterRow, Scorecard
from benchmarks.scorecard.traffic import DAILY, INDEPENDENT, REPEATED
from benchmarks.scorecard.windows import VERDICT

_MISTAKES = (MISTAKE, TEXTBOOK)
_TAILS = (1e-3, 1e-5)
_LEVEL = 0.05
_WITHIN = 0.95
_ALIKE = 0.005


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise: in how many of its cases it was met, and which were not."""

    name: str
    cases: int
    missed: tuple[str, ...]

    @property
    def met(self) -> bool:
        return not self.missed


def goals(card: Scorecard) -> tuple[Goal, ...]:
    """Hold every promise against its cases; a promise without cases is not named."""
    found = (
        _judged("p-values: 4 to 6 % at 5 % where every bin expects 5 rows", _common(card, True)),
        _judged("p-values: at most 6.5 % at 5 % elsewhere", _common(card, False)),
        *(_judged(f"p-values: within a factor of two at {level:g}", _far(card, level))
          for level in _TAILS),
        _judged("verdicts: never more than their level", _verdicts(card)),
        _judged("budget: kept in 95 % of quarters of steady traffic", _budget(card)),
        *(_judged(f"power at {level:.1%}: no worse than the best calibrated rival",
                  _power(card, at)) for at, level in enumerate(LEVELS)),
    )  # fmt: skip
    return tuple(goal for goal in found if goal.cases)


Case = tuple[str, bool]


def _judged(name: str, cases: Iterator[Case]) -> Goal:
    listed = list(cases)
    return Goal(name, len(listed), tuple(text for text, met in listed if not met))


def limits_of(row: NullRow) -> tuple[float, float]:
    """Between which rates a p-value at 5 % is promised to reject."""
    return (0.04, 0.06) if row.expected >= 5 else (0.0, 0.065)


def _common(card: Scorecard, filled: bool) -> Iterator[Case]:
    for row in card.nulls:
        if (row.expected >= 5) != filled:
            continue
        low, high = limits_of(row)
        for name, rate in row.rates.items():
            if name not in _MISTAKES:
                text = f"{name}, {row.stream}, n = {row.n:,}, m = {row.m:,}: {percent(rate)}"
                yield text, low <= rate.value <= high


def _far(card: Scorecard, level: float) -> Iterator[Case]:
    for row in card.tails:
        for name, rates in row.rates.items():
            rate = rates[level]
            text = f"{name}, {row.stream}, n = {row.n:,}, m = {row.m:,}: {times(rate, level)}"
            yield text, within_two(rate, level)


def within_two(rate: Rate, level: float) -> bool:
    """Whether the rate may be from half to twice the level, as far as its interval tells."""
    low, high = rate.interval()
    return low <= 2 * level and high >= level / 2


def _verdicts(card: Scorecard) -> Iterator[Case]:
    for row in card.windows:
        if row.change == "none":
            rate = row.rates[VERDICT]
            yield f"n = {row.n:,}, m = {row.m:,}: {percent(rate)}", rate.value <= _LEVEL
    for one in card.public:
        yield f"{one.stream}: {percent(one.verdict)}", one.verdict.value <= _LEVEL


def _budget(card: Scorecard) -> Iterator[Case]:
    for row in undisturbed(card.quarters):
        if steady(row):
            within = row.rules[BUDGET].within
            yield f"{row.traffic}: {percent(within)}", within.value >= _WITHIN


def steady(row: QuarterRow) -> bool:
    """Whether the budget is promised for such traffic."""
    return row.traffic in (INDEPENDENT.name, REPEATED.name, DAILY.name)


def undisturbed(rows: Sequence[QuarterRow]) -> list[QuarterRow]:
    """Return the rows of traffic in which nothing happened."""
    return [row for row in rows if row.change == "none"]


def _power(card: Scorecard, at: int) -> Iterator[Case]:
    for row in card.power:
        ours, (name, best) = row.ours[EVIDENCE][at], best_rival(row, at)
        gap = row.gaps[name][at]
        text = (
            f"{row.stream}, {row.change}, m = {row.m:,}: {ours.value:.1%}, "
            f"{name} {best.value:.1%} ({gap.value * 100:+.1f} +- {gap.error * 100:.1f} points)"
        )  # fmt: skip
        # the best of several is ahead by chance alone, so that half a point is no difference
        yield text, gap.value >= -max(gap.error, _ALIKE)


def percent(rate: Rate) -> str:
    """Write a rate with its interval."""
    low, high = rate.interval()
    return f"{rate.value * 100:.1f} ({low * 100:.1f} to {high * 100:.1f}) %"


def times(rate: Rate, level: float) -> str:
    """Write a rate in multiples of its level, with its interval."""
    low, high = rate.interval()
    return f"{rate.value / level:.2g} ({low / level:.2g} to {high / level:.2g})"
