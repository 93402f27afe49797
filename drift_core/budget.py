"""The false-alarm budget across time: what a look may spend, and what it finds.

Nothing here keeps anything: a `Watch` is a value, and a look answers with the next one.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.special import chndtr

from drift_core.calibration import adjust_bh
from drift_core.dispersion import Dispersion, disperse, dispersed_p_value
from drift_core.errors import BadCounts
from drift_core.evidence import moved_bins
from drift_core.policy import Policy
from drift_core.stats import STATISTICS, Axis
from drift_core.types import BoolArray, FloatArray, IntArray

_CALM = 1.2
_CALM_LONG = 2.0
_POLICY = Policy()


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
        A PSI that is surely above this is worth a page by itself: while learning nothing else
        is, and afterwards traffic that was found restless cannot hide it.
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


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What a look needs to know of those before it.

    Attributes
    ----------
    recent
        Shape (at most `long`, features, B): the latest looks' counts, oldest first.
    short, long
        What traffic does by itself at either scale; `None` while that is being learned.
    firing, clean
        Whether an alarm is on, and for how many looks nothing was found.
    """

    recent: IntArray
    short: Dispersion | None = None
    long: Dispersion | None = None
    firing: bool = False
    clean: int = 0


class Found(NamedTuple):
    """What one look found; arrays have shape (2, features), the short scale first.

    Attributes
    ----------
    p_value, p_adjusted
        Evidence, and the same after Benjamini-Hochberg within its scale; NaN where a feature is
        not judged at that scale.
    paged
        Evidence at the budget's level, and an effect worth a page.
    opens, closes
        This look starts an alarm, or ends one.
    """

    p_value: FloatArray
    p_adjusted: FloatArray
    paged: BoolArray
    opens: bool
    closes: bool


def fresh(features: int, bins: int) -> Watch:
    """Begin a watch that has seen nothing."""
    return Watch(np.zeros((0, features, bins), np.int64))


def learned(watch: Watch, looks: IntArray, budget: Budget) -> Watch:
    """Return the watch with what `looks`, shape (W, features, B), oldest first, tell of traffic.

    `BadCounts` unless there are as many as the budget asks for.
    """
    if looks.shape[0] < budget.learn:
        raise BadCounts(f"{looks.shape[0]} looks, {budget.learn} are needed to learn from")
    whole = looks.shape[0] // budget.long
    latest = looks[looks.shape[0] - whole * budget.long :]
    days = latest.reshape(whole, budget.long, *looks.shape[1:]).sum(1)
    return replace(watch, short=disperse(latest), long=disperse(days))


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
    recent = np.concatenate((watch.recent, cur[None]))[-budget.long :]
    sums = (cur, recent.sum(0))
    p_values = np.stack([_evidence(watch, ref, sums[scale], scale, budget) for scale in (0, 1)])
    if recent.shape[0] < budget.long:
        p_values[1] = np.nan
    adjusted = np.stack([adjust_bh(row) for row in p_values])
    worth = np.stack([_worth_a_page(ref, counts, budget) for counts in sums])
    # a comparison with NaN is false: what was not judged is not found
    paged = (adjusted <= budget.level) & worth
    return _after(watch, recent, p_values, adjusted, paged, budget)


def _after(
    watch: Watch,
    recent: IntArray,
    p_values: FloatArray,
    adjusted: FloatArray,
    paged: BoolArray,
    budget: Budget,
) -> tuple[Watch, Found]:
    alarm = bool(paged.any())
    judged = not bool(np.isnan(p_values).all())
    # a look that could judge nothing is neither clean nor not
    clean = 0 if alarm else watch.clean + judged
    closes = watch.firing and clean >= budget.resolve
    firing = alarm or (watch.firing and not closes)
    found = Found(p_values, adjusted, paged, alarm and not watch.firing, closes)
    return replace(watch, recent=recent, firing=firing, clean=clean), found


def _evidence(watch: Watch, ref: IntArray, cur: IntArray, scale: int, budget: Budget) -> FloatArray:
    rows = (ref.sum(-1) > 0) & (cur.sum(-1) > 0)
    if watch.short is None or watch.long is None:
        return np.where(rows, surely_above(ref, cur, budget.certain), np.nan)
    seen = watch.long if scale else watch.short
    p = dispersed_p_value(ref, cur, seen, watch.long)
    calm = (watch.short.phi <= _CALM) & (watch.long.phi <= _CALM_LONG)
    # restless traffic, or a drift that was learned as normal, must not hide a large one
    large = surely_above(ref, cur, budget.certain, watch.long.phi, seen.growing(cur.sum(-1)))
    # either may page: two pieces of evidence, held against one level by Bonferroni
    either = np.minimum(2 * np.minimum(np.where(calm | bool(scale), p, 1.0), large), 1.0)
    return np.where(rows, either, np.nan)


def surely_above(
    ref: IntArray,
    cur: IntArray,
    size: float,
    phi_ref: FloatArray | float = 1.0,
    phi_cur: FloatArray | float = 1.0,
) -> FloatArray:
    """p-value of "PSI is at most `size`": shape (..., B) to (...).

    With the noise ``phi_ref/n + phi_cur/m``, PSI over it is close to a non-central chi-squared
    variable with B - 1 degrees of freedom and non-centrality `size` over it; B counts the filled
    bins. The design effects are 1 for independent rows.
    """
    found = STATISTICS["psi"].evaluate(ref, cur, Axis())
    noise = phi_ref / np.maximum(found.n_ref, 1) + phi_cur / np.maximum(found.n_cur, 1)
    freedom = ((ref + cur) > 0).sum(-1) - 1
    p = 1 - chndtr(found.value / noise, np.maximum(freedom, 1), size / noise)
    return np.where(freedom > 0, np.clip(p, 0.0, 1.0), np.where(np.isnan(found.value), np.nan, 1.0))


def _worth_a_page(ref: IntArray, cur: IntArray, budget: Budget) -> BoolArray:
    effect = STATISTICS["psi"].evaluate(ref, cur, Axis()).effect
    return (effect >= budget.gate) | moved_bins(ref, cur, _POLICY).any(-1)
