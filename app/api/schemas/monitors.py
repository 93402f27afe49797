"""Monitors on the wire."""

from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)

from app.api.schemas.against import AgainstAnswer, AgainstDeclaration
from app.api.schemas.base import NAME_PATTERN, Answer, Declared, Duration, Time
from app.api.schemas.declared_outputs import OutputsAnswer, OutputsDeclaration
from app.api.schemas.exclusions import ExclusionAnswer, ExclusionDeclaration
from app.api.schemas.models import FeatureName
from app.api.schemas.shapes import Shape
from app.domain.calendars.exclusion import MOST_EXCLUSIONS
from app.domain.model import Role
from app.domain.monitors.by_rows import ByRows
from app.domain.monitors.checks import LONGEST_MEMORY, MOST_AGAINST
from app.domain.monitors.criteria import USUAL, Criteria, Limit, Rule, RuleKind
from app.domain.monitors.monitor import (
    ROLES,
    USUAL_SEVERITY,
    Monitor,
    MonitorKind,
    Severities,
    Severity,
)
from app.domain.outputs.figure import LIMITS as FIGURES
from app.domain.verdicts.quality_shares import LIMITS
from app.ports.monitors import Declared as DeclaredMonitor
from drift_core import STATISTICS

NOT_YET = {
    "performance": "performance needs labels, which this service cannot take yet",
}
MOST_COLUMNS = 1_000


def not_yet(value: object) -> object:
    """Refuse what is known and cannot be asked yet."""
    if isinstance(value, str) and value in NOT_YET:
        raise ValueError(NOT_YET[value])
    return value


MonitorKindText = Annotated[MonitorKind, BeforeValidator(not_yet)]
Share = Annotated[StrictFloat, Field(gt=0, le=1)]
Effect = Annotated[StrictFloat, Field(ge=0, le=1e9)]
Weight = Annotated[StrictFloat, Field(ge=0, le=1e9)]
Columns = Annotated[list[FeatureName], Field(max_length=MOST_COLUMNS)]
Names = Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]], Field(max_length=20)]
StatisticName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
EXAMPLE: dict[str, Any] = {
    "kind": "data_drift",
    "features": {"include": ["temp", "carrier"], "exclude": []},
    "thresholds": {"psi": {"warning": 0.1, "drift": 0.25}},
    "overrides": {"temp": {"psi": {"drift": 0.4}}},
    "rule": {"kind": "share", "share": 0.5},
    "severity": "P2",
    "fire_after": 2,
    "fire_of": 3,
}


class FeatureSelection(Declared):
    """Which of the columns with the monitor's roles it is about."""

    include: Columns | None = Field(default=None, description="Only these; null: all.")
    exclude: Columns = Field(default=[], description="All but these.")


class StatisticSelection(Declared):
    """Which statistics are computed, by the kind of column; null: the usual ones."""

    numeric: Names | None = None
    categorical: Names | None = None


class ThresholdDeclaration(Declared):
    """Effects of a statistic; one left out is what it usually is, null is never reached."""

    warning: Effect | None = Field(None, description="From here on worth a word.")
    drift: Effect | None = Field(None, description="From here on it matters.")

    def limit(self, statistic: str) -> Limit:
        usual = usual_limit(statistic)
        drift = _number(self.drift) if "drift" in self.model_fields_set else usual.drift
        if "warning" in self.model_fields_set:
            return Limit(statistic, _number(self.warning), drift)
        # what is left out follows a threshold that was lowered
        both = [one for one in (usual.warning, drift) if one is not None]
        return Limit(statistic, None if usual.warning is None else min(both), drift)


def usual_limit(statistic: str) -> Limit:
    """Return a statistic's usual thresholds; none of one that is not known."""
    if statistic in STATISTICS:
        return Limit(statistic, *USUAL.thresholds_of(statistic))
    if statistic in FIGURES:
        return Limit(statistic, *FIGURES[statistic])
    return Limit(statistic, None, LIMITS.get(statistic))


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


Thresholds = Annotated[dict[StatisticName, ThresholdDeclaration], Field(max_length=20)]


class RuleDeclaration(Declared):
    """When drifted features make the window's verdict."""

    kind: RuleKind = RuleKind.ANY
    share: Share | None = Field(
        default=None, description="Of the features judged, or of their weight."
    )
    features: Columns = Field(default=[], description="For ``named``: any of these.")
    weights: Annotated[dict[FeatureName, Weight], Field(max_length=MOST_COLUMNS)] = Field(
        default={},
        description="Importance by feature, others weigh nothing; left out: what the lineage of "
        "the baseline says under ``feature_importance``, or all alike. Orders the worst features.",
    )

    def rule(self) -> Rule:
        weights = tuple((name, float(weight)) for name, weight in sorted(self.weights.items()))
        return Rule(self.kind, _number(self.share), tuple(self.features), weights)


class MonitorDeclaration(Declared):
    """What is asked; the whole of it, since PUT replaces."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    kind: MonitorKindText = Field(description="What is asked of every window.")
    window: Shape | None = Field(
        None,
        description="Width of windows, or the rows that each of them waits for; null: the model's "
        "own width.",
    )
    step: Duration | None = Field(
        None, description="How far apart they begin, overlapping; null: one after the other."
    )
    roles: Annotated[list[Role], Field(max_length=3)] | None = Field(
        None, description="Columns it is about; null: those that its kind is usually about."
    )
    features: FeatureSelection = FeatureSelection()
    statistics: StatisticSelection = StatisticSelection()
    thresholds: Thresholds = Field({}, description="By statistic, or by finding of quality.")
    overrides: Annotated[dict[FeatureName, Thresholds], Field(max_length=MOST_COLUMNS)] = Field(
        {}, description="Thresholds of single features, which count before all others."
    )
    outputs: OutputsDeclaration = OutputsDeclaration()
    level: Annotated[StrictFloat, Field(gt=0, lt=1)] = Field(
        0.05, description="Rate of false discoveries among the features of a window."
    )
    min_rows: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] | None = Field(
        None, description="Least rows of a window; null: as many as its statistics need."
    )
    rule: RuleDeclaration = RuleDeclaration()
    also: Annotated[list[AgainstDeclaration], Field(max_length=MOST_AGAINST)] = Field(
        [],
        description="Other traffic to hold windows against beside the reference. Read what it "
        "says with the query ``comparison``; it never pages.",
    )
    exclude: Annotated[list[ExclusionDeclaration], Field(max_length=MOST_EXCLUSIONS)] = Field(
        [],
        description="Times that are no measure of others: cron ranges, dates and public holidays. "
        "Windows that overlap them are left out of what ``also`` holds windows against, and are "
        "themselves held against no other time (``excluded``). The reference is not changed.",
    )
    severity: Severity | None = Field(
        None,
        description="Null: P3 for data quality, what the model says for traffic (P1), else P2.",
    )
    maximum_silence: Duration | None = Field(
        None,
        description="Of ``traffic``: longest time without rows, whatever the history says; null: "
        "the model's own, if it has one.",
    )
    fire_after: Annotated[StrictInt, Field(ge=1, le=LONGEST_MEMORY)] = Field(
        1, description="So many windows with page evidence, ..."
    )
    fire_of: Annotated[StrictInt, Field(ge=1, le=LONGEST_MEMORY)] | None = Field(
        None, description="... of so many, make its alert fire; null: one after the other."
    )
    resolve_after: Annotated[StrictInt, Field(ge=1, le=1_000)] = Field(
        2, description="So many windows without, one after the other, resolve it."
    )
    targets: (
        Annotated[
            list[Annotated[str, Field(pattern=NAME_PATTERN)]], Field(min_length=1, max_length=100)
        ]
        | None
    ) = Field(None, description="Targets of its alerts; null: all.")
    pages: StrictBool = Field(
        default=True, description="Whether it has alerts, at the cost of the model's budget."
    )
    enabled: StrictBool = True

    @model_validator(mode="before")
    @classmethod
    def _as_answered(cls, value: Any) -> Any:  # noqa: ANN401  whatever was sent
        """Leave aside what answers say of a declaration: what is told can be declared."""
        if not isinstance(value, dict):
            return value
        return {name: one for name, one in value.items() if name != "declared"}

    def monitor(self, name: str) -> Monitor:
        include = self.features.include
        usual = USUAL_SEVERITY[self.kind]
        roles = ROLES[self.kind] if self.roles is None else tuple(dict.fromkeys(self.roles))
        return Monitor(
            name=name,
            version=0,
            window=None if isinstance(self.window, ByRows) else self.window,
            rows=self.window.rows if isinstance(self.window, ByRows) else None,
            step=self.step,
            kind=self.kind,
            roles=roles,
            include=None if include is None else tuple(include),
            exclude=tuple(self.features.exclude),
            outputs=self.outputs.outputs(self.kind),
            criteria=self._criteria(),
            rule=self.rule.rule(),
            also=tuple(one.against() for one in self.also),
            calendar=tuple(one.exclusion() for one in self.exclude),
            severity=self.severity or usual,
            says_usual=self.severity is not None and self.severity == usual,
            maximum_silence=self.maximum_silence,
            fire_after=self.fire_after,
            fire_of=self.fire_of,
            resolve_after=self.resolve_after,
            targets=None if self.targets is None else tuple(self.targets),
            pages=self.pages,
            enabled=self.enabled,
        )

    def _criteria(self) -> Criteria:
        own = self.statistics
        return Criteria(
            level=float(self.level),
            min_rows=self.min_rows,
            numeric=None if own.numeric is None else tuple(own.numeric),
            categorical=None if own.categorical is None else tuple(own.categorical),
            limits=_limits(self.thresholds),
            overrides=tuple((name, _limits(one)) for name, one in sorted(self.overrides.items())),
        )


def _limits(thresholds: Thresholds) -> tuple[Limit, ...]:
    return tuple(one.limit(name) for name, one in sorted(thresholds.items()))


class FeatureSelectionAnswer(Answer):
    """Which of the columns with the monitor's roles it is about."""

    include: list[str] | None
    exclude: list[str]


class StatisticSelectionAnswer(Answer):
    """Which statistics are computed; null: the usual ones."""

    numeric: list[str] | None
    categorical: list[str] | None


class ThresholdAnswer(Answer):
    """Effects of a statistic; null is never reached."""

    warning: float | None
    drift: float | None


class RuleAnswer(Answer):
    """When drifted features make the window's verdict."""

    kind: RuleKind
    share: float | None
    features: list[str]
    weights: dict[str, float]


class DeclaredAnswer(Answer):
    """Members as they were declared, where an answer says what they come to."""

    severity: Severity | None = Field(
        description="Null: none was; the answer's own is what its kind, or its model, says."
    )


class MonitorAnswer(Answer):
    """What is asked, and what each look of it may spend."""

    name: str
    version: int = Field(description="Of the declaration: every change makes another.")
    kind: MonitorKind
    window: Shape | None
    step: Duration | None
    roles: list[Role]
    features: FeatureSelectionAnswer
    statistics: StatisticSelectionAnswer
    thresholds: dict[str, ThresholdAnswer]
    overrides: dict[str, dict[str, ThresholdAnswer]]
    outputs: OutputsAnswer
    level: float
    min_rows: int | None
    rule: RuleAnswer
    also: list[AgainstAnswer]
    exclude: list[ExclusionAnswer]
    severity: Severity
    declared: DeclaredAnswer
    maximum_silence: Duration | None = Field(
        description="As it is declared here; null: what the model says."
    )
    fire_after: int
    fire_of: int | None
    resolve_after: int
    targets: list[str] | None
    pages: bool
    enabled: bool
    page_level: float | None = Field(
        description="What one look may spend of the model's false-alarm budget, at present."
    )
    created_at: Time = Field(description="When this version was declared.")

    @classmethod
    def of(
        cls, declared: DeclaredMonitor, page_level: float | None, said: Severities | None
    ) -> Self:
        monitor, criteria = declared.monitor, declared.monitor.criteria
        overrides = {name: _thresholds(limits) for name, limits in criteria.overrides}
        members = {
            "name": monitor.name,
            "version": monitor.version,
            "kind": monitor.kind,
            "window": monitor.window if monitor.rows is None else ByRows(monitor.rows),
            "step": monitor.step,
            "roles": list(monitor.roles),
            "features": {"include": _list(monitor.include), "exclude": list(monitor.exclude)},
            "statistics": {
                "numeric": _list(criteria.numeric),
                "categorical": _list(criteria.categorical),
            },
            "thresholds": _thresholds(criteria.limits),
            "overrides": overrides,
            "outputs": OutputsAnswer.of(monitor.outputs),
            "level": criteria.level,
            "min_rows": criteria.min_rows,
            "rule": _rule(monitor.rule),
            "also": [AgainstAnswer.of(one) for one in monitor.also],
            "exclude": [ExclusionAnswer.of(one) for one in monitor.calendar],
            "severity": monitor.grave(said),
            "declared": {"severity": monitor.own_severity},
            "maximum_silence": monitor.maximum_silence,
            "fire_after": monitor.fire_after,
            "fire_of": monitor.fire_of,
            "resolve_after": monitor.resolve_after,
            "targets": _list(monitor.targets),
            "pages": monitor.pages,
            "enabled": monitor.enabled,
            "page_level": page_level,
            "created_at": declared.created_at,
        }
        return cls.model_validate(members)


def _list(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _thresholds(limits: tuple[Limit, ...]) -> dict[str, dict[str, float | None]]:
    return {one.statistic: {"warning": one.warning, "drift": one.drift} for one in limits}


def _rule(rule: Rule) -> dict[str, Any]:
    members = {"kind": rule.kind, "share": rule.share, "features": list(rule.features)}
    return members | {"weights": dict(rule.weights)}


class MonitorPage(Answer):
    """Monitors by name."""

    items: list[MonitorAnswer]
    next_cursor: str | None
