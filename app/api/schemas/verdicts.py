"""Verdicts with all that they were made from, on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.api.schemas.features import FeatureVerdictAnswer
from app.api.schemas.monitors import MonitorAnswer
from app.domain.model import Kind, Schema
from app.domain.verdicts.given_counts import FORM, FeatureCounts, GivenCounts
from app.domain.verdicts.verdict import GivenTraffic, GivenVerdict
from app.ports.monitors import Declared
from drift_core import State


class JudgedWindow(Answer):
    """The window that was judged."""

    start: Time
    end: Time
    rows: int


class JudgedRevision(Answer):
    """Which of its revisions, and why there was one."""

    number: int
    cause: str
    judged_at: Time


class ComparedBaseline(Answer):
    """What it was compared with."""

    id: int
    fingerprint: str | None = Field(description="Of its rows, schema and grid set.")


class HeldAgainst(Answer):
    """Other traffic that the window was held against, as it was then."""

    version: str
    start: Time | None
    end: Time | None = Field(
        description="Of all of it together; null where the calendar leaves all of the past out."
    )
    rows: int
    baseline: int = Field(description="The baseline by whose columns and grids it was read.")
    grid_set: int | None
    digest: str | None = Field(
        description="SHA-256 over its cells, as of the window's; null where they could not be "
        "compared."
    )
    kept: bool = Field(description="Whether its counts are still stored.")

    @classmethod
    def of(cls, given: GivenTraffic) -> Self:
        return cls(
            version=given.version,
            start=given.start,
            end=given.end,
            rows=given.rows,
            baseline=given.baseline,
            grid_set=given.grid_set,
            digest=given.digest,
            kept=given.kept,
        )


class MonitorThen(MonitorAnswer):
    """The version of the monitor that judged."""

    level: float = Field(description="What its features could spend then of false discoveries.")
    page_level: float | None = Field(
        description="What this look could spend of the model's false-alarm budget then."
    )


class CountedOn(Answer):
    """The counts and the grid set that they lie on."""

    digest: str | None = Field(
        description="SHA-256 over the window's cells as little-endian 64-bit integers; null where "
        "there were none that could be compared."
    )
    kept: bool = Field(description="Whether they are still stored; retention removes them first.")
    grid_set: int | None
    grid_digest: str | None = Field(description="SHA-256 of the grid set's stored form.")


class ReproducibleVerdict(Answer):
    """What one monitor said of one revision; under one id it never changes."""

    id: int
    model: str
    version: str
    segment: str
    window: JudgedWindow
    revision: JudgedRevision
    comparison: str = Field(description="``reference``, or the traffic it was held against.")
    baseline: ComparedBaseline | None
    against: HeldAgainst | None = Field(
        description="What traffic it was held against; null of the reference, and where a window "
        "is excluded, and of verdicts older than the keeping of it."
    )
    monitor: MonitorThen | None = Field(description="Null where that version is not stored.")
    declaration: str | None = Field(
        description="Digest of what the monitor asked; null in verdicts older than such digests."
    )
    counts: CountedOn
    code_version: str
    state: State
    warning: bool
    page: bool
    reason: str | None
    features: list[FeatureVerdictAnswer]

    @classmethod
    def of(cls, given: GivenVerdict, schema: Schema | None) -> Self:
        revision, key = given.revision, given.window
        columns = schema.by_name() if schema else {}
        baseline = None
        if revision.baseline is not None:
            baseline = {"id": revision.baseline, "fingerprint": given.fingerprint}
        members = {
            "id": given.id,
            "model": given.model,
            "version": key.version,
            "segment": key.segment,
            "window": {"start": key.start, "end": given.end, "rows": revision.rows},
            "revision": {
                "number": revision.number,
                "cause": revision.cause,
                "judged_at": revision.judged_at,
            },
            "comparison": given.comparison,
            "baseline": baseline,
            "against": HeldAgainst.of(given.against) if given.against else None,
            "monitor": _then(given),
            "declaration": given.declaration,
            "counts": {
                "digest": revision.digest,
                "kept": given.kept,
                "grid_set": revision.grid_set,
                "grid_digest": given.grid_digest,
            },
            "code_version": revision.code_version,
            "state": revision.state,
            "warning": revision.warning,
            "page": revision.page,
            "reason": revision.reason,
            "features": [
                FeatureVerdictAnswer.of(one, columns.get(one.feature)) for one in given.features
            ],
        }
        return cls.model_validate(members)


def _then(given: GivenVerdict) -> MonitorThen | None:
    if given.asked is None:
        return None
    declared = Declared(given.asked.monitor, given.asked.created_at)
    found = MonitorThen.of(declared, given.page_level, None)
    return found if given.level is None else found.model_copy(update={"level": given.level})


class CellsAnswer(Answer):
    """The counts of one feature, cell by cell."""

    feature: str
    kind: Kind
    sensitive: bool = Field(description="Whether what its cells stand for is kept back.")
    grid: dict[str, object] | None = Field(
        description="The grid as it is stored: knots, or levels. Null where it is sensitive."
    )
    points: list[int] | None = Field(
        description="Numeric: which cells hold a single value each, counted from the third."
    )
    own_bins: int | None = Field(description="Categorical: how many levels are bins of their own.")
    reference: list[int] | None = Field(
        description="Of the baseline, or of the traffic that the window was held against."
    )
    window: list[int]

    @classmethod
    def of(cls, one: FeatureCounts) -> Self:
        return cls(
            feature=one.feature,
            kind=one.kind,
            sensitive=one.sensitive,
            grid=one.grid,
            points=one.points,
            own_bins=one.own_bins,
            reference=one.reference,
            window=one.window,
        )


class GivenCountsAnswer(Answer):
    """The counts that a verdict was made from, all features of the grid set in its order."""

    form: str = Field(description=f"``{FORM}``; another form has another name.")
    verdict: int
    digest: str | None = Field(description="Over the cells of all windows' lists, one by one.")
    reason: str | None = Field(description="Why there are none: ``removed`` or ``grid``.")
    features: list[CellsAnswer]

    @classmethod
    def of(cls, given: GivenVerdict, counts: GivenCounts) -> Self:
        return cls(
            form=FORM,
            verdict=given.id,
            digest=given.revision.digest,
            reason=counts.reason,
            features=[CellsAnswer.of(one) for one in counts.features],
        )
