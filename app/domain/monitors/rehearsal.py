"""What a monitor would have done: windows of the past in order, tallied; alerts replayed."""

from array import array
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.domain.alerts import alert
from app.domain.alerts.alert import Change, Look, Present, Step
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.monitors.past import Left, PastWindow
from app.domain.monitors.ruling import BIN
from app.domain.verdicts import judging
from app.domain.verdicts.judgement import Judgement
from drift_core import Estimate, FeatureVerdict, State

JUDGED = (State.OK, State.DRIFT)
MOST_ALERTS = 500
"""That are told one by one."""


@dataclass(frozen=True, slots=True)
class WouldBe:
    """An alert that would have fired."""

    start: datetime
    """Of the window with which it fired."""
    end: datetime | None
    """Start of the window with which it resolved; None: it would still fire."""
    worst: tuple[str, ...]


@dataclass(slots=True)
class StatisticTally:
    """One statistic of one feature over the windows."""

    largest: float | None = None
    at: datetime | None = None
    """Start of the window with the largest effect."""
    looks: "array[int]" = field(default_factory=lambda: array("q"))
    """Numbers of the judged windows with evidence, and the effects in them."""
    effects: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class FeatureTally:
    """One feature over the windows."""

    judged: int = 0
    drifted: int = 0
    warned: int = 0
    paged: int = 0
    by_bins: int = 0
    """Windows in which it drifted by single bins alone, which no threshold keeps."""
    statistics: dict[str, StatisticTally] = field(default_factory=dict)


@dataclass(slots=True)
class Rehearsal:
    """Takes windows with a monitor's judgements in the order of their starts."""

    monitor: Monitor
    looked_at: int = 0
    judged: int = 0
    states: Counter[State] = field(default_factory=Counter)
    warned: int = 0
    paged: int = 0
    left: Counter[Left] = field(default_factory=Counter)
    steps: list[Step] = field(default_factory=list)
    fired: int = 0
    resolved: int = 0
    alerts: list[WouldBe] = field(default_factory=list)
    features: dict[str, FeatureTally] = field(default_factory=dict)
    baselines: set[int] = field(default_factory=set)
    first: datetime | None = None
    spanned: timedelta = timedelta(0)
    """Time that the judged windows take together; those that overlap, as often as they do."""
    last: datetime | None = None
    page_level: float | None = None
    """What the last look could spend."""
    _present: Present | None = None

    def leave_out(self, window: PastWindow) -> None:
        """Count a window that cannot be judged again."""
        if window.left is not None:
            self.left[window.left] += 1

    def add(self, window: PastWindow, judgement: Judgement) -> None:
        """Take what the monitor says of the next window, and replay its alert."""
        verdict = judgement.verdict
        self.looked_at += 1
        self.states[verdict.state] += 1
        self.warned += verdict.warning
        self.paged += verdict.page
        self.first = window.start if self.first is None else self.first
        self.last = window.start
        self.page_level = judgement.monitor.page_level
        if verdict.reason == Left.GRID and verdict.state is State.INSUFFICIENT_DATA:
            self.left[Left.GRID] += 1
        elif judgement.baseline is not None:
            self.baselines.add(judgement.baseline)
        judged = verdict.state in JUDGED
        for name, found in verdict.features.items():
            if found.state in JUDGED and found.p_adjusted is not None:
                self._feature(
                    (name, found), window.start, judged, evidence_level(judgement.monitor)
                )
        look = Look(window.start, window.revision, verdict.page if judged else None)
        self.judged += judged
        self.spanned += judged * (window.end - window.start)
        self._replay(look, judgement)

    def _replay(self, look: Look, judgement: Judgement) -> None:
        before = self.steps[-1] if self.steps else None
        (step,) = alert.replay(before, [look], self.monitor)
        names = judging.about(self._present, step, look.start, judgement)
        told = alert.change(before.state if before else None, step.state)
        if told is Change.FIRING:
            self.fired += 1
            if len(self.alerts) < MOST_ALERTS:
                self.alerts.append(WouldBe(look.start, None, names[: judging.WORST]))
        elif told is Change.RESOLVED:
            self.resolved += 1
            if self.resolved <= len(self.alerts):
                ended = replace(self.alerts[self.resolved - 1], end=look.start)
                self.alerts[self.resolved - 1] = ended
        self.steps.append(step)
        self._present = Present(step.state, names)

    def _feature(
        self, said: tuple[str, FeatureVerdict], start: datetime, judged: bool, level: float
    ) -> None:
        name, found = said
        tally = self.features.setdefault(name, FeatureTally())
        drifted = found.state is State.DRIFT
        tally.judged += 1
        tally.drifted += drifted
        tally.warned += found.warning
        tally.paged += found.page
        tally.by_bins += drifted and all(rule.startswith(BIN) for rule in found.rules)
        for estimate in found.estimates.values():
            if estimate.effect is None:
                continue
            one = tally.statistics.setdefault(estimate.statistic, StatisticTally())
            if one.largest is None or estimate.effect > one.largest:
                one.largest, one.at = estimate.effect, start
            if judged and self._evident(found, estimate, level):
                one.looks.append(self.judged)
                one.effects.append(estimate.effect)

    def _evident(self, found: FeatureVerdict, estimate: Estimate, level: float) -> bool:
        """Whether the evidence suffices, so that the effect alone decides."""
        if self.monitor.kind is MonitorKind.DATA_QUALITY:
            # corrections only make it less; which findings it is of, depends on their limits
            return estimate.p_value is not None and estimate.p_value <= level
        return found.p_adjusted is not None and found.p_adjusted <= level


def evidence_level(monitor: Monitor) -> float:
    """Return what evidence must reach: to page, or to be drift where the monitor never pages."""
    return monitor.criteria.level if monitor.page_level is None else monitor.page_level
