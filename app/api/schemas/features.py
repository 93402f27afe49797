"""Features in windows on the wire: verdicts, statistics, distributions, lines over time."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.domain.model import Feature, Kind, Role
from app.domain.telling.distribution import BinShare
from app.domain.telling.reports import FeaturePoint, StoredEstimate, StoredVerdict
from drift_core import State


class StatisticAnswer(Answer):
    """One statistic. A value that could not be computed is null, and the reason says why."""

    value: float | None
    lower: float | None = Field(description="The value on raw rows is not below this.")
    upper: float | None = Field(description="The value on raw rows is not above this.")
    null_mean: float | None = Field(description="Its mean where nothing has changed.")
    effect: float | None = Field(description="What is held against the threshold.")
    p_value: float | None
    threshold: float | None
    n_ref: int
    n_cur: int
    reason: str | None

    @classmethod
    def of(cls, estimate: StoredEstimate) -> Self:
        return cls(
            value=estimate.value,
            lower=estimate.lower,
            upper=estimate.upper,
            null_mean=estimate.null_mean,
            effect=estimate.effect,
            p_value=estimate.p_value,
            threshold=estimate.threshold,
            n_ref=estimate.n_ref,
            n_cur=estimate.n_cur,
            reason=estimate.reason,
        )


Statistics = dict[str, StatisticAnswer]


def statistics_of(verdict: StoredVerdict) -> Statistics:
    return {one.statistic: StatisticAnswer.of(one) for one in verdict.estimates}


class FeatureVerdictAnswer(Answer):
    """What was said of one feature."""

    feature: str
    kind: Kind | None
    role: Role | None
    state: State
    warning: bool
    page: bool
    reason: str | None
    p_value: float | None = Field(description="Evidence against no change, all statistics in one.")
    p_adjusted: float | None = Field(description="The same, corrected for the number of features.")
    rules: list[str] = Field(description="Which effects were large enough to matter.")
    statistics: Statistics

    @classmethod
    def of(cls, verdict: StoredVerdict, declared: Feature | None) -> Self:
        return cls(
            feature=verdict.feature,
            kind=declared.kind if declared else None,
            role=declared.role if declared else None,
            state=State(verdict.state),
            warning=verdict.warning,
            page=verdict.page,
            reason=verdict.reason,
            p_value=verdict.p_value,
            p_adjusted=verdict.p_adjusted,
            rules=list(verdict.rules),
            statistics=statistics_of(verdict),
        )


class BinAnswer(Answer):
    """One bin; limits are null where there are none, or where the feature is sensitive."""

    label: str
    kind: str = Field(description="missing, invalid, range, value, level or other.")
    lower: float | None
    upper: float | None
    reference: int
    current: int
    reference_share: float | None
    current_share: float | None
    contribution: float | None = Field(description="Its part of the PSI; all parts sum to it.")

    @classmethod
    def of(cls, share: BinShare) -> Self:
        return cls(
            label=share.label,
            kind=share.kind,
            lower=share.lower,
            upper=share.upper,
            reference=share.reference,
            current=share.current,
            reference_share=share.reference_share,
            current_share=share.current_share,
            contribution=share.contribution,
        )


class DistributionAnswer(Answer):
    """A feature's rows in a window beside the reference's, bin by bin."""

    start: Time
    end: Time
    version: str
    segment: str
    monitor: str
    revision: int
    baseline: int | None
    feature: str
    state: State | None = Field(description="Null while the window is not judged.")
    statistics: Statistics
    bins: list[BinAnswer]
    reason: str | None = Field(description="Why there are no bins, where there are none.")


class PointAnswer(Answer):
    """One window in the life of a feature."""

    start: Time
    end: Time
    revision: int
    rows: int
    state: State
    statistics: Statistics

    @classmethod
    def of(cls, point: FeaturePoint) -> Self:
        return cls(
            start=point.start,
            end=point.end,
            revision=point.revision,
            rows=point.rows,
            state=State(point.verdict.state),
            statistics=statistics_of(point.verdict),
        )


class PointPage(Answer):
    """One feature over time, newest first."""

    items: list[PointAnswer]
    next_cursor: str | None
