"""A standing question on a model: what is asked of windows, and what errors may cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from app.domain.calendars.exclusion import Calendar
from app.domain.model import Feature, Role, Schema
from app.domain.monitors.by_rows import ByRows
from app.domain.monitors.criteria import USUAL_CRITERIA, USUAL_RULE, Criteria, Rule, policy_of
from app.domain.monitors.frame import Frame
from app.domain.outputs.figure import Outputs
from app.domain.window import PANE
from drift_core import Policy

PAGE_BUDGET = 0.10
"""Expected false pages of a model in ``BUDGET_SPAN``; two have a chance of 5 % at most."""
BUDGET_SPAN = timedelta(days=90)
DEFAULT_MONITOR = "default"
TRAFFIC_MONITOR = "traffic"
"""Watches whether rows come at all; it judges no windows and is about all versions together."""
RETRAINING_MONITOR = "retraining"
"""Watches whether retrainings come to their end; it has no windows either."""
ALL_VERSIONS = "*"
"""In place of a version's name, which cannot be this."""
BASE_FRAME = "default"
"""The windows that a model's own width makes; intake opens them."""
NO_FRAME = "none"
"""Of a monitor that judges no windows."""
FIRST_VERSION = 1


class Severity(StrEnum):
    """P1 traffic stopped, P2 significant drift, P3 data quality, P4 retraining failed."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class MonitorKind(StrEnum):
    """What a monitor asks."""

    DATA_DRIFT = "data_drift"
    PREDICTION_DRIFT = "prediction_drift"
    DATA_QUALITY = "data_quality"
    TRAFFIC = "traffic"


class AgainstKind(StrEnum):
    """What a window can be held against beside the reference."""

    PREVIOUS = "previous"
    TRAILING = "trailing"
    SAME_HOUR = "same_hour"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Against:
    """A counterpart: other traffic that a monitor also holds its windows against."""

    kind: AgainstKind
    span: timedelta | None = None
    """Of ``trailing``: how long before the window."""
    weeks: int | None = None
    """Of ``same_hour``: the same hours of so many weeks before."""
    version: str | None = None
    """Of ``version``: which one; None: the champion."""

    @property
    def name(self) -> str:
        """Return the text under which its judgements are kept."""
        minutes = None if self.span is None else f"{self.span // timedelta(minutes=1)}m"
        weeks = None if self.weeks is None else f"{self.weeks}w"
        return "-".join(part for part in (self.kind.value, minutes, weeks, self.version) if part)


OUTPUTS = (Role.PREDICTION, Role.SCORE)
EVERYTHING = (Role.FEATURE, *OUTPUTS)
ROLES = {
    MonitorKind.DATA_DRIFT: (Role.FEATURE,),
    MonitorKind.PREDICTION_DRIFT: OUTPUTS,
    MonitorKind.DATA_QUALITY: EVERYTHING,
    MonitorKind.TRAFFIC: (),
}
"""Columns that a kind is about, where a monitor does not say."""


USUAL_SEVERITY = {
    MonitorKind.DATA_DRIFT: Severity.P2,
    MonitorKind.PREDICTION_DRIFT: Severity.P2,
    MonitorKind.DATA_QUALITY: Severity.P3,
    MonitorKind.TRAFFIC: None,
}
"""How grave alerts of a kind are, where a monitor does not say; None: as the model says."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """What is asked of every window of a frame, and how alerts fire and resolve."""

    name: str
    version: int
    window: timedelta | None = None
    """Width of the windows; None: the model's own."""
    rows: int | None = None
    """In place of a width: least rows of a window, which ends when it has them."""
    step: timedelta | None = None
    """How far apart they begin; None: one after the other."""
    kind: MonitorKind = MonitorKind.DATA_DRIFT
    roles: tuple[Role, ...] = EVERYTHING
    include: tuple[str, ...] | None = None
    """Only these columns of those roles."""
    exclude: tuple[str, ...] = ()
    outputs: Outputs | None = None
    """How figures of its outputs are told; None: it tells none."""
    criteria: Criteria = USUAL_CRITERIA
    rule: Rule = USUAL_RULE
    also: tuple[Against, ...] = ()
    """Counterparts beside the reference; judgements against them never page."""
    calendar: Calendar = ()
    """Times that are left out of the traffic it holds windows against."""
    severity: Severity | None = Severity.P2
    """None: as its model says, which it can of traffic."""
    says_usual: bool = False
    """Whether its severity was declared although it is the usual one of its kind."""
    maximum_silence: timedelta | None = None
    """Of traffic: the longest time without rows that is allowed; None: the model's own."""
    fire_after: int = 1
    """Windows with page evidence, of the last ``fire_of``, that make an alert fire."""
    fire_of: int | None = None
    """None: as many as ``fire_after``, one after the other."""
    resolve_after: int = 2
    """Consecutive windows without page evidence that resolve it."""
    targets: tuple[str, ...] | None = None
    """Where its alerts go; None: to all."""
    pages: bool = True
    """Whether it has alerts at all; what does not page spends nothing of the model's budget."""
    enabled: bool = True
    page_level: float | None = None
    """What one look may spend of the model's budget: given, not declared; None: it never pages."""

    @property
    def paging(self) -> float:
        """What an adjusted p-value must not exceed to page; where it never pages, below them all.

        The smallest p-values are zero in floating point.
        """
        return -1.0 if self.page_level is None else self.page_level

    @property
    def asks(self) -> bool:
        """Whether it can have alerts at all."""
        return self.enabled and self.pages

    @property
    def spends(self) -> bool:
        """Whether its looks share the model's budget; what watches traffic has its own measure."""
        return self.asks and self.kind is not MonitorKind.TRAFFIC

    @property
    def own_severity(self) -> Severity | None:
        """The severity that was declared; None: none was."""
        told = self.says_usual or self.severity != USUAL_SEVERITY[self.kind]
        return self.severity if told else None

    def grave(self, said: "Severities | None" = None) -> Severity:
        """Return how grave its alerts are, where its model says so much of what no window tells."""
        return severity_of(self.name, said, self.severity)

    def frame(self, own: timedelta) -> Frame | ByRows | None:
        """Return the shape of its windows; None where they are the model's own, of that width."""
        if self.rows is not None:
            return ByRows(self.rows)
        width = self.window or own
        frame = Frame(width, self.step or width)
        return None if frame == Frame(own, own) else frame

    def frame_name(self, own: timedelta) -> str:
        """Return the name under which its windows are stored."""
        if self.kind is MonitorKind.TRAFFIC:
            return NO_FRAME
        frame = self.frame(own)
        return BASE_FRAME if frame is None else frame.name

    def apart(self, own: timedelta) -> timedelta:
        """Return how far apart its windows begin; the least, where rows decide it."""
        return PANE if self.rows is not None else self.step or self.window or own

    def about(self, column: Feature) -> bool:
        """Whether a column is one that it asks about."""
        named = self.include is None or column.name in self.include
        return column.role in self.roles and named and column.name not in self.exclude

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Return the counted columns that it asks about, in the schema's order."""
        return tuple(column.name for column in schema.counted() if self.about(column))


@dataclass(frozen=True, slots=True)
class Severities:
    """How grave is what no window tells, where no monitor says otherwise."""

    traffic: Severity = Severity.P1
    retraining: Severity = Severity.P4


USUAL_SEVERITIES = Severities()


def severity_of(
    monitor: str, declared: Severities | None = None, own: Severity | None = None
) -> Severity:
    """Return how grave an alert is: as its monitor says, or else as its model does."""
    if own is not None:
        return own
    said = declared or USUAL_SEVERITIES
    known = {TRAFFIC_MONITOR: said.traffic, RETRAINING_MONITOR: said.retraining}
    return known.get(monitor, Severity.P2)


def looks_in_span(window: timedelta) -> float:
    """Return how many windows begin in the span of the budget, so far apart; at least one."""
    return max(1.0, BUDGET_SPAN / window)


def page_level(window: timedelta) -> float:
    """Return the evidence level of one look of a monitor that pages alone."""
    return PAGE_BUDGET / looks_in_span(window)


def funded(monitors: Iterable[Monitor], own: timedelta) -> tuple[Monitor, ...]:
    """Share the model's budget: all looks of all monitors that page get the same of it.

    ``own`` is the width of the model's own windows.
    """
    every = tuple(monitors)
    paging = [one for one in every if one.spends]
    looks = sum(looks_in_span(one.apart(own)) for one in paging)
    level = PAGE_BUDGET / looks if paging else None
    return tuple(replace(one, page_level=level if one.spends else None) for one in every)


def default_monitor(window: timedelta) -> Monitor:
    """Return the usual monitor of data drift, paging alone, on windows of some width."""
    level = page_level(window)
    return Monitor(DEFAULT_MONITOR, FIRST_VERSION, window=window, page_level=level)


TRAFFIC = Monitor(
    TRAFFIC_MONITOR,
    FIRST_VERSION,
    kind=MonitorKind.TRAFFIC,
    roles=ROLES[MonitorKind.TRAFFIC],
    severity=None,
)
"""The usual monitor of traffic. It spends nothing of the budget: it has a measure of its own."""


def usual_monitors(schema: Schema) -> Sequence[Monitor]:
    """Return the monitors that a model gets with its first baseline.

    Only ``default`` pages: it looks at all columns, also at what is missing, invalid or unseen in
    them, and a second page for the same change would halve what is left of the budget for each.
    """
    monitors = [Monitor(DEFAULT_MONITOR, FIRST_VERSION)]
    if any(column.role in OUTPUTS for column in schema.counted()):
        about = MonitorKind.PREDICTION_DRIFT
        outputs = Monitor("predictions", FIRST_VERSION, kind=about, roles=OUTPUTS, pages=False)
        monitors.append(replace(outputs, outputs=Outputs()))
    kind = MonitorKind.DATA_QUALITY
    quality = Monitor("quality", FIRST_VERSION, kind=kind, severity=Severity.P3, pages=False)
    return [*monitors, quality, TRAFFIC]


def policy(monitor: Monitor) -> Policy:
    """Return the verdict policy of a monitor: paging spends the false-alarm budget across time."""
    return policy_of(monitor.criteria, monitor.page_level)
