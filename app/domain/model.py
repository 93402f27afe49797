"""What is watched: models, their schema, versions and baselines."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.domain.retention import Retention
from app.domain.segments.segment import Plan, Segmentation
from drift_core import GridSet

if TYPE_CHECKING:
    from app.domain.monitors.monitor import Severities

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""Names of models, versions, monitors, sources and targets; feature names are free text."""

DEFAULT_VERSION = "default"
HOLDS_TIMES = "its values are times: if they say when rows happened, its role is timestamp"
"""Ends the reason why a column is taken as it is, where it may be the event time nobody named."""
WHOLE = ""
"""The segment that holds all rows."""


class Kind(StrEnum):
    """How a column's values are counted."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    IGNORED = "ignored"


class Role(StrEnum):
    """What a column is for."""

    FEATURE = "feature"
    PREDICTION = "prediction"
    SCORE = "score"
    LABEL = "label"
    ID = "id"
    TIMESTAMP = "timestamp"
    SEGMENT = "segment"


class Precision(StrEnum):
    """The float width a producer computes in; JSON loses it, so the schema says it."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"


class TimeUnit(StrEnum):
    """The unit of a numeric time since 1970-01-01 UTC."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"


JUDGED_ROLES = frozenset({Role.FEATURE, Role.PREDICTION, Role.SCORE})


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of a model's rows."""

    name: str
    kind: Kind
    role: Role = Role.FEATURE
    precision: Precision = Precision.FLOAT64
    sensitive: bool = False
    time_unit: TimeUnit | None = None
    why: str = "declared"

    @property
    def counted(self) -> bool:
        """Whether its values are counted into cells (and so can be judged)."""
        return self.kind is not Kind.IGNORED and self.role in JUDGED_ROLES


@dataclass(frozen=True)
class Schema:
    """The columns of a model, in order; names are unique."""

    features: tuple[Feature, ...]

    def by_name(self) -> Mapping[str, Feature]:
        return self._by_name

    def counted(self) -> tuple[Feature, ...]:
        return self._counted

    # every batch asks for these
    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}

    @cached_property
    def _counted(self) -> tuple[Feature, ...]:
        return tuple(feature for feature in self.features if feature.counted)

    def of_role(self, role: Role) -> Feature | None:
        return next((f for f in self.features if f.role is role), None)


class VersionRole(StrEnum):
    """Only the champion pages; a shadow is watched in silence; a retired one is no longer shown."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    SHADOW = "shadow"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Version:
    """One trained artefact of a model, with where it came from."""

    name: str
    role: VersionRole
    lineage: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What is declared of a model besides its schema."""

    window: timedelta = timedelta(hours=1)
    lateness: timedelta = timedelta(minutes=15)
    final_after: timedelta = timedelta(days=30)
    strict: bool = False
    row_horizon: timedelta | None = None
    """How long each row is counted once, whatever batch brings it; None: batches are, not rows."""
    maximum_silence: timedelta | None = None
    """The longest time without rows that is allowed, whatever the history says."""
    severities: "Severities | None" = None
    """How grave it is that traffic stops, and that a retraining fails; None: as is usual."""
    retention: Retention | None = None
    """How long history is kept; None: as long as is usual."""
    segments: Segmentation | None = None
    """Which columns divide the rows into segments."""


@dataclass(frozen=True, slots=True)
class Model:
    """A watched model as stored. ``schema`` is None until it is declared or inferred."""

    id: int
    name: str
    settings: Settings
    schema: Schema | None
    active_baseline: int | None
    """Number of the active baseline within the model."""
    created_at: datetime
    removed_until: datetime | None = None
    """Windows that ended by then may have been removed."""
    counts_removed_until: datetime | None = None
    """The same of stored counts, with which baselines are made."""


@dataclass(frozen=True, slots=True)
class StoredGridSet:
    """A numbered grid set of a model; all versions count on the active one."""

    id: int
    number: int
    grids: GridSet
    segments: Plan | None = None
    """What rows counted on it are divided into."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows of a model are counted on."""

    model: Model
    active: StoredGridSet | None
    champion: str | None
    """Name of the version that rows belong to where they name none."""
    declared_at: datetime | None = None
    """When any of this changed last."""
    row_key: bytes | None = None
    """Of the hashes of row ids; the same for all models and replicas."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The ground of a model as it was a moment ago, and the present time of the database."""

    ground: Ground
    now: datetime


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about a reference that looked wrong, said when it was uploaded."""

    feature: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BaselineHead:
    """A baseline without its counts, which are large."""

    number: int
    grid_set: int
    activated_at: datetime | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A frozen reference: counts on one grid set.

    ``vector`` holds the counts of all features end to end (int64, the grid set's size). Totals of
    a categorical feature are smaller than ``rows`` where its levels were chosen on a pilot.
    """

    number: int
    version: str
    grid_set: int
    """Number of the grid set within the model."""
    fingerprint: str
    rows: int
    vector: Any
    schema: Schema
    warnings: tuple[Warned, ...]
    lineage: dict[str, Any]
    created_at: datetime
    activated_at: datetime | None = None
    segment: str = WHOLE
    """Whose rows of the reference these are."""
