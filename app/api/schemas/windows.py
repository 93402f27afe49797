"""Windows and their verdicts on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.api.schemas.features import FeatureVerdictAnswer
from app.api.schemas.outputs import OutputAnswer
from app.domain.telling.reports import Compared, StoredRevision
from app.domain.verdicts.judgement import WindowSummary
from app.domain.verdicts.quality import Finding
from app.domain.window import WindowStatus
from drift_core import State


class VerdictAnswer(Answer):
    """What was said of a window."""

    id: int | None = Field(None, description="Its id, for ``GET /v1/verdicts/{id}``.")
    state: State
    warning: bool
    page: bool = Field(description="Whether the evidence is strong enough to page somebody.")
    reason: str | None
    drifted: list[str] = Field(description="Features that drifted, what moved by most first.")


class WindowLine(Answer):
    """One window of one series."""

    start: Time
    end: Time
    version: str
    segment: str
    monitor: str = Field(description="Whose judgement this is.")
    monitor_version: int | None = Field(description="Null where it did not judge the window.")
    status: WindowStatus
    revision: int = Field(description="0: not judged yet.")
    rows: int
    expected_rows: int | None = Field(description="Rows that sources said they sent, if any did.")
    missing_rows: int | None = Field(
        description="How many are missing at least: of those, or, as an estimate, in batches whose "
        "``Leeway-Sequence`` never came."
    )
    incomplete: bool | None = Field(
        description="Whether any are; null where no source spoke, nor numbered its batches."
    )
    verdict: VerdictAnswer | None
    baseline: int | None = Field(description="Id of the baseline it was compared with.")
    cause: str | None = Field(description="Why this revision was made.")
    judged_at: Time | None

    @classmethod
    def of(cls, summary: WindowSummary, **more: object) -> Self:
        verdict = None
        if summary.state is not None:
            verdict = VerdictAnswer(
                id=summary.verdict,
                state=State(summary.state),
                warning=summary.warning,
                page=summary.page,
                reason=summary.reason,
                drifted=list(summary.drifted),
            )
        members = {
            "start": summary.key.start,
            "end": summary.end,
            "version": summary.key.version,
            "segment": summary.key.segment,
            "monitor": summary.monitor,
            "monitor_version": summary.monitor_version,
            "status": summary.status,
            "revision": summary.revision,
            "rows": summary.rows,
            "expected_rows": summary.expected,
            "missing_rows": summary.missing,
            "incomplete": None if summary.missing is None else summary.missing > 0,
            "verdict": verdict,
            "baseline": summary.baseline,
            "cause": summary.cause,
            "judged_at": summary.judged_at,
        }
        return cls.model_validate(members | more)


class WindowPage(Answer):
    """Windows, newest first."""

    items: list[WindowLine]
    next_cursor: str | None


class FindingAnswer(Answer):
    """Something odd in the rows of a window, though they counted."""

    code: str = Field(
        description="``invalid``, ``absent``, ``unknown``, ``segment_appeared`` or "
        "``segment_vanished``."
    )
    feature: str = Field(description="The column, or the segment.")
    message: str
    rows: int | None
    share: float | None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            code=finding.code,
            feature=finding.feature,
            message=finding.message,
            rows=finding.rows,
            share=finding.share,
        )


class RevisionAnswer(Answer):
    """One revision of a window; late rows make a new one, and the old stays readable."""

    revision: int
    judged_at: Time
    cause: str
    rows: int
    state: State | None = Field(description="Null where this monitor did not judge it.")
    verdict: int | None = Field(None, description="Id of what this monitor said of it.")

    @classmethod
    def of(cls, revision: StoredRevision) -> Self:
        return cls(
            revision=revision.number,
            judged_at=revision.judged_at,
            cause=revision.cause,
            rows=revision.rows,
            state=None if revision.state is None else State(revision.state),
            verdict=revision.verdict,
        )


class ComparisonAnswer(Answer):
    """What the same monitor says of the window against the reference, or a counterpart."""

    comparison: str = Field(description="``reference``, or what the monitor names in ``also``.")
    state: State
    reason: str | None
    drifted: list[str]

    @classmethod
    def of(cls, compared: Compared) -> Self:
        return cls(
            comparison=compared.comparison,
            state=State(compared.state),
            reason=compared.reason,
            drifted=list(compared.drifted),
        )


class WindowAnswer(WindowLine):
    """One window with all its features."""

    features: list[FeatureVerdictAnswer]
    outputs: list[OutputAnswer] = Field(
        description="Figures of predictions and scores, where the monitor is about them."
    )
    quality: list[FindingAnswer]
    revisions: list[RevisionAnswer]
    comparisons: list[ComparisonAnswer] = Field(
        description="What the monitor says against the reference and each counterpart."
    )
    counts_kept: bool = Field(
        description="Whether the counts are kept that it was judged on. Retention removes them "
        "before the verdict; without them there are no distributions, nor findings ``invalid``."
    )
