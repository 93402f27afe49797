"""Models, schemas and versions on the wire."""

from dataclasses import fields
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from app.api.schemas.base import Answer, Declared, Duration, Time
from app.api.schemas.segments import SegmentsAnswer, SegmentsDeclaration
from app.api.schemas.severities import SeveritiesAnswer, SeveritiesDeclaration
from app.domain.model import (
    Feature,
    Kind,
    Model,
    Precision,
    Role,
    Schema,
    Settings,
    TimeUnit,
    Version,
    VersionRole,
)
from app.domain.retention import Retention

FeatureName = Annotated[
    str, Field(min_length=1, max_length=1024, description="Any text; exactly as rows name it.")
]
Days = Annotated[StrictInt, Field(ge=1, le=3660)]
EXAMPLE: dict[str, Any] = {
    "window": "7d",
    "lateness": "15m",
    "schema": {
        "features": [
            {"name": "time_hour", "kind": "ignored", "role": "timestamp"},
            {"name": "temp", "kind": "numeric"},
            {"name": "carrier", "kind": "categorical"},
            {"name": "p_late", "kind": "numeric", "role": "score", "precision": "float32"},
        ]
    },
}


class FeatureDeclaration(Declared):
    """One column of a model's rows."""

    name: FeatureName
    kind: Kind = Field(description="How its values are counted.")
    role: Role = Field(Role.FEATURE, description="What it is for.")
    precision: Precision = Field(
        Precision.FLOAT64, description="Float width of the producer; JSON loses it."
    )
    sensitive: StrictBool = Field(default=False, description="Masks its levels and knots.")
    time_unit: TimeUnit | None = Field(
        None, description="Unit of a numeric timestamp since 1970-01-01 UTC."
    )

    def feature(self) -> Feature:
        return Feature(
            self.name, self.kind, self.role, self.precision, self.sensitive, self.time_unit
        )


class SchemaDeclaration(Declared):
    """The columns of a model."""

    features: list[FeatureDeclaration] = Field(min_length=1, max_length=2000)

    def schema_(self) -> Schema:
        return Schema(tuple(feature.feature() for feature in self.features))


class RowDeduplication(Declared):
    """Each row is counted once, whatever batch, source or replica brings it."""

    horizon_days: StrictInt = Field(
        7,
        ge=7,
        le=31,
        description="Days for which rows are remembered; rows of an earlier day are late.",
    )


class RetentionDeclaration(Declared):
    """Days after which history is made coarser, and then removed.

    They run from the end of a window, or from its first closing where that came later; nothing is
    touched while its window can be restated (``final_after``).
    """

    panes_days: Days = Field(14, description="Counts of 15 minutes; then they become hours.")
    hours_days: Days = Field(90, description="Counts of hours; then they become days.")
    distributions_days: Days = Field(
        90, description="The counts that windows were judged on, with which bins are shown."
    )
    days_days: Days = Field(730, description="Counts of days; then they are removed.")
    windows_days: Days = Field(730, description="Windows with their verdicts and estimates.")

    def retention(self) -> Retention:
        given = {one.name: getattr(self, f"{one.name}_days") for one in fields(Retention)}
        return Retention(**{name: timedelta(days=days) for name, days in given.items()})


class RetentionAnswer(Answer):
    """Days for which history is kept."""

    panes_days: int
    hours_days: int
    distributions_days: int
    days_days: int
    windows_days: int

    @classmethod
    def of(cls, retention: Retention) -> Self:
        return cls(
            **{f"{one.name}_days": getattr(retention, one.name).days for one in fields(Retention)}
        )


class ModelDeclaration(Declared):
    """What is declared of a model; the whole of it, since PUT replaces."""

    schema_: SchemaDeclaration | None = Field(
        None,
        alias="schema",
        description="Columns. Without it the first baseline's columns are inferred.",
    )
    window: Duration = Field(
        timedelta(hours=1),
        description="Width of judged windows, a multiple of 15m.",
        json_schema_extra={"default": "1h"},
    )
    lateness: Duration = Field(
        timedelta(minutes=15),
        description="How long a window waits for stragglers.",
        json_schema_extra={"default": "15m"},
    )
    final_after: Duration = Field(
        timedelta(days=30),
        description="How long after its closing a window can be restated.",
        json_schema_extra={"default": "30d"},
    )
    strict: StrictBool = Field(
        default=False, description="Reject wrong types, absent and unknown columns."
    )

    deduplicate_rows: RowDeduplication | None = Field(
        None,
        description="Count each row once: a row is its id and event time, or its id alone where "
        "rows have no time. The schema needs a column whose role is ``id``.",
    )
    maximum_silence: Duration | None = Field(
        None,
        description="Longest time without rows, whatever the history says, where the monitor "
        "``traffic`` declares none; null: the history alone decides when a model fell silent.",
    )
    severities: SeveritiesDeclaration | None = Field(
        None,
        description="How grave it is that traffic stops (P1), where its monitor does not say, or "
        "that a retraining fails (P4).",
    )
    retention: RetentionDeclaration | None = Field(
        None, description="How long history is kept; null: as long as its defaults say."
    )

    segments: SegmentsDeclaration | None = Field(
        None,
        description="Parts of the rows that are judged beside the whole, from the next baseline "
        "on that is uploaded; the schema must name their columns.",
    )

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    def settings(self) -> Settings:
        asked = self.deduplicate_rows
        return Settings(
            window=self.window,
            lateness=self.lateness,
            final_after=self.final_after,
            strict=self.strict,
            row_horizon=None if asked is None else timedelta(days=asked.horizon_days),
            maximum_silence=self.maximum_silence,
            severities=None if self.severities is None else self.severities.severities(),
            retention=None if self.retention is None else self.retention.retention(),
            segments=None if self.segments is None else self.segments.segmentation(),
        )


class FeatureAnswer(Answer):
    """One column of a model's rows, and why it is taken as it is."""

    name: str
    kind: Kind
    role: Role
    precision: Precision
    sensitive: bool
    time_unit: TimeUnit | None
    why: str = Field(description="Declared, or what it was inferred from.")

    @classmethod
    def of(cls, feature: Feature) -> Self:
        return cls(
            name=feature.name,
            kind=feature.kind,
            role=feature.role,
            precision=feature.precision,
            sensitive=feature.sensitive,
            time_unit=feature.time_unit,
            why=feature.why,
        )


class RowDeduplicationAnswer(Answer):
    """How long each row is counted once."""

    horizon_days: int


class SchemaAnswer(Answer):
    """The columns of a model, in order."""

    features: list[FeatureAnswer]

    @classmethod
    def of(cls, schema: Schema) -> Self:
        return cls(features=[FeatureAnswer.of(feature) for feature in schema.features])


class ModelAnswer(Answer):
    """A watched model."""

    name: str
    window: Duration
    lateness: Duration
    final_after: Duration
    strict: bool
    deduplicate_rows: RowDeduplicationAnswer | None = Field(
        description="Whether each row is counted once, and for how long it is remembered."
    )
    maximum_silence: Duration | None
    severities: SeveritiesAnswer
    retention: RetentionAnswer
    segments: SegmentsAnswer | None
    schema_: SchemaAnswer | None = Field(serialization_alias="schema")
    active_baseline: int | None = Field(description="Id of the baseline that windows are held to.")
    champion: str | None = Field(description="The version that may page.")
    created_at: Time

    @classmethod
    def of(cls, model: Model, champion: Version | None) -> Self:
        return cls(
            name=model.name,
            window=model.settings.window,
            lateness=model.settings.lateness,
            final_after=model.settings.final_after,
            strict=model.settings.strict,
            deduplicate_rows=_row_horizon(model.settings),
            maximum_silence=model.settings.maximum_silence,
            severities=SeveritiesAnswer.of(model.settings.severities),
            retention=RetentionAnswer.of(model.settings.retention or Retention()),
            segments=SegmentsAnswer.of(model.settings.segments),
            schema_=SchemaAnswer.of(model.schema) if model.schema else None,
            active_baseline=model.active_baseline,
            champion=champion.name if champion else None,
            created_at=model.created_at,
        )


def _row_horizon(settings: Settings) -> RowDeduplicationAnswer | None:
    horizon = settings.row_horizon
    return None if horizon is None else RowDeduplicationAnswer(horizon_days=horizon.days)


class ModelPage(Answer):
    """Models by name."""

    items: list[ModelAnswer]
    next_cursor: str | None


class VersionDeclaration(Declared):
    """Role and lineage of a version."""

    role: VersionRole = Field(description="Naming a champion makes the old one a challenger.")
    lineage: dict[str, Any] = Field(
        default_factory=dict,
        max_length=100,
        description="Where it came from: data digest, git commit, hyperparameters, run id.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"role": "challenger", "lineage": {"git_commit": "3f1c2ab", "run_id": "7"}}
            ]
        }
    )


class VersionAnswer(Answer):
    """One trained artefact of a model."""

    name: str
    role: VersionRole
    lineage: dict[str, Any]
    created_at: Time | None

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls(
            name=version.name,
            role=version.role,
            lineage=version.lineage,
            created_at=version.created_at,
        )


class VersionPage(Answer):
    """All versions of a model."""

    items: list[VersionAnswer]
    next_cursor: str | None = None
