"""The false-alarm budget across time: what a look may spend, and what it finds.

Nothing here keeps anything: a `Watch` is a value, and a look answers with the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drift_core.errors import BadCounts
from drift_core.evidence.calibration import adjust_bh
from drift_core.paging.pages import evidence, surely_above, worth_a_page
from drift_core.paging.pages import sight as sight_at
from drift_core.paging.traffic import learn
from drift_core.paging.watch import Found, FoundMany, Watch
from drift_core.types import BoolArray, FloatArray, IntArray

_CELLS_TOGETHER = 1 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """How many false pages are allowed, and what counts as one.

    Attributes
    ----------
    pages
        At most so many false pages of a model in a period ...
    risk
        ... but for this probability.
    looks
        Looks in a period: 2,160 hours are 90 days.
    long
        Looks that the long scale sums: each look judges the latest one, and the latest `long`
        together.
    learn
        Looks to learn from before rows are taken at their own word; at least four times `long`.
    gate
        Least PSI, its mean without drift taken off, that is worth a page, unless a single bin
        moved enough by itself.
    certain
        While learning only a PSI that is surely above this pages; afterwards a short look at a
        restless feature has to be above it too.
    resolve
        Clean looks after which an alarm is over.
    """

    pages: int = 1
    risk: float = 0.05
    looks: int = 2160
    long: int = 24
    learn: int = 672
    gate: float = 0.1
    certain: float = 0.2
    resolve: int = 24

    def __post_init__(self) -> None:
        if self.pages < 0 or not 0 < self.risk < 1 or min(self.looks, self.long, self.resolve) < 1:
            raise BadCounts("a budget needs pages, a risk between 0 and 1, looks and scales")
        if self.learn < 4 * self.long:
            raise BadCounts(f"{self.learn} looks to learn from are fewer than four long ones")

    @property
    def level(self) -> float:
        """Level of one look at one scale, so that all of them share the budget.

        By Markov's inequality ``P(more than pages) <= E[falsely alarming looks] / (pages + 1)``,
        whatever the dependence of the looks: the expectation may be ``risk (pages + 1)``.
        """
        return self.risk * (self.pages + 1) / (2 * self.looks)


def learned(watch: Watch, looks: IntArray, budget: Budget) -> Watch:
    """Return the watch with what `looks`, shape (W, features, B), oldest first, tell of traffic.

    Those of before the look at hand; the more, the better traffic that wanders is known.
    `BadCounts` unless there are as many as the budget asks for.
    """
    if looks.shape[0] < budget.learn:
        raise BadCounts(f"{looks.shape[0]} looks, {budget.learn} are needed to learn from")
    return replace(watch, traffic=learn(looks, budget.long))


def sight(watch: Watch, ref: IntArray, budget: Budget) -> FloatArray:
    """Least PSI that each feature must come to for a page, shape (features,); infinite: never.

    A feature of which this is large is not being watched: its traffic wanders too far or too
    slowly for what was learned, or something happened while learning.
    """
    if watch.traffic is None:
        return np.full(ref.shape[0], np.inf)
    level = budget.level / ref.shape[0]
    found = sight_at(watch.traffic, ref, level, level * budget.long).min(0)
    return np.asarray(np.maximum(found, budget.gate))


def look(watch: Watch, ref: IntArray, cur: IntArray, budget: Budget) -> tuple[Watch, Found]:
    """Judge the latest counts, and the latest `long` looks together, against a reference.

    Parameters
    ----------
    watch
        After the look before.
    ref, cur
        Shape (features, B): the reference's bins, and this look's.
    budget
        How much may be spent.
    """
    after, found = look_many(watch, ref, cur[None], budget)
    opens, closes = bool(found.opens[0]), bool(found.closes[0])
    return after, Found(found.p_value[0], found.p_adjusted[0], found.paged[0], opens, closes)


def look_many(
    watch: Watch, ref: IntArray, looks: IntArray, budget: Budget, *, all_p_values: bool = True
) -> tuple[Watch, FoundMany]:
    """Look again and again: the same as `look` for each of `looks`, shape (looks, features, B).

    Without `all_p_values` those on which nothing hangs come as 1: a quarter of 50 features takes
    half a second then.
    """
    p_value = np.ones((looks.shape[0], 2, looks.shape[1]))
    adjusted, paged = p_value.copy(), np.zeros(p_value.shape, bool)
    for at in _blocks(looks):
        watch, sums = _later(watch, looks[at], budget)
        for scale in (0, 1):
            p = _judged(watch, ref, sums[scale], budget, all_p_values, long=bool(scale))
            # a comparison with NaN is false: what was not judged is not found
            bh = _adjusted(_shared(watch, p, budget) if scale else p)
            p_value[at, scale], adjusted[at, scale] = p, bh
            paged[at, scale] = _paged(ref, sums[scale], bh, budget)
    return _told(watch, p_value, adjusted, paged, budget)


def _later(
    watch: Watch, looks: IntArray, budget: Budget
) -> tuple[Watch, tuple[IntArray, IntArray]]:
    """Return the watch after some looks, and the counts of each and of the `long` up to it."""
    block = np.concatenate((watch.recent, looks))
    totals = np.concatenate((np.zeros((1, *block.shape[1:]), np.int64), block.cumsum(0)))
    ends = np.arange(watch.recent.shape[0], block.shape[0]) + 1
    sums = totals[ends] - totals[np.maximum(ends - budget.long, 0)]
    # too few looks for a long window: as if there were no rows
    sums[ends < budget.long] = 0
    after = replace(watch, recent=block[-budget.long :], looks=watch.looks + looks.shape[0])
    return after, (looks, sums)


def _blocks(looks: IntArray) -> Iterator[slice]:
    size = max(_CELLS_TOGETHER // max(looks[0].size, 1), 1) if looks.shape[0] else 1
    for start in range(0, looks.shape[0], size):
        yield slice(start, min(start + size, looks.shape[0]))


def _judged(
    watch: Watch,
    ref: IntArray,
    sums: IntArray,
    budget: Budget,
    all_p_values: bool,
    *,
    long: bool,
) -> FloatArray:
    if watch.traffic is None:
        return surely_above(ref, sums, budget.certain)
    upto = None if all_p_values else budget.level * (budget.long if long else 1)
    return evidence(watch.traffic, ref, sums, long=long, certain=budget.certain, upto=upto)


def _shared(watch: Watch, p_value: FloatArray, budget: Budget) -> FloatArray:
    """Judge features that wander once every `long` looks, at the level of all of them together.

    Looks in between would see the same again, and the budget counts every look.
    """
    if watch.traffic is None:
        return p_value
    ends = watch.looks - np.arange(p_value.shape[0])[::-1]
    once = np.where((ends % budget.long == 0)[:, None], p_value / budget.long, 1.0)
    shared = np.where(watch.traffic.wandering, once, p_value)
    return np.where(np.isnan(p_value), np.nan, shared)


def _adjusted(p_value: FloatArray) -> FloatArray:
    adjusted = p_value.copy()
    for k in np.flatnonzero((p_value < 1).any(-1)):
        adjusted[k] = adjust_bh(p_value[k])
    return adjusted


def _paged(ref: IntArray, sums: IntArray, adjusted: FloatArray, budget: Budget) -> BoolArray:
    paged: BoolArray = adjusted <= budget.level
    at = np.nonzero(paged)
    paged[at] = worth_a_page(ref[at[1]], sums[at], budget.gate)
    return paged


def _told(
    watch: Watch,
    p_value: FloatArray,
    adjusted: FloatArray,
    paged: BoolArray,
    budget: Budget,
) -> tuple[Watch, FoundMany]:
    """Open and close alarms, look by look."""
    alarms: BoolArray = np.asarray(paged.any((1, 2)))
    # a look without rows is neither clean nor not, whatever those before it still say
    judged: BoolArray = np.asarray(~np.isnan(p_value[:, 0]).all(-1))
    opens, closes, firing = np.zeros((3, alarms.size), bool)
    on, clean = watch.firing, watch.clean
    for k, alarm in enumerate(alarms):
        clean = 0 if alarm else clean + int(judged[k])
        closes[k] = on and clean >= budget.resolve
        opens[k] = alarm and not on
        firing[k] = on = bool(alarm or (on and not closes[k]))
    found = FoundMany(p_value, adjusted, paged, opens, closes, firing)
    return replace(watch, firing=on, clean=clean), found
