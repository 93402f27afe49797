"""A verdict as it was given, with all that it was made from, so that anybody can make it again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.monitor import Monitor
from app.domain.telling.reports import StoredCounts, StoredRevision, StoredVerdict
from app.domain.verdicts.judgement import Sighting, WindowKey

if TYPE_CHECKING:
    from app.domain.batch import CountVector

LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Asked:
    """The version of a monitor that gave a verdict, as it is stored now."""

    monitor: Monitor
    digest: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class GivenTraffic:
    """Traffic that a window was held against, as it was then."""

    baseline: int
    """Number of the baseline whose columns and grids it was read by."""
    version: str
    start: datetime | None
    end: datetime | None
    """Of all of it together; None where all of the past was left out."""
    rows: int
    grid_set: int | None
    digest: str | None
    kept: bool
    """Whether its counts are still stored."""


@dataclass(frozen=True, slots=True)
class StoredTraffic:
    """The counts of such traffic as they are stored now; none where they could not be compared."""

    grid_set: int | None
    vector: "CountVector | None"
    digest: str | None
    removed: bool = False
    """Whether there were counts, which retention removed, with those of the windows it lay in."""


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """What one monitor said of one revision, by its own id; never changed."""

    id: int
    model: str
    window: WindowKey
    end: datetime
    revision: StoredRevision
    monitor: str
    asked: Asked | None
    """None where that version is not stored any more."""
    declaration: str | None
    """Digest of what was asked then; None in verdicts that are older than such digests."""
    level: float | None
    """What the look was allowed then, which segments share; None in verdicts of before."""
    page_level: float | None
    comparison: str
    fingerprint: str | None
    """Of the baseline."""
    grid_digest: str | None
    features: tuple[StoredVerdict, ...]
    kept: bool
    """Whether its counts are still stored."""
    against: GivenTraffic | None = None
    """None of the reference, and of verdicts that are older than the keeping of such traffic."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict was made from; what is damaged is named, and not handed out."""

    counts: StoredCounts
    digest: str | None
    """Of the counts as they are stored now."""
    sightings: tuple[Sighting, ...]
    grids: StoredGridSet | None
    baseline: Baseline | None
    reference_grids: StoredGridSet | None
    damaged: tuple[str, ...] = ()
    traffic: StoredTraffic | None = None
    """Where it was held against other traffic than the reference."""


def digest_of(declaration: Mapping[str, Any]) -> str:
    """Return SHA-256 over what a monitor declares, but for its level and what is left empty.

    The level is stored with each verdict, since the segments of a model share it. And what later
    versions of the program let declare is empty in what was declared before.

    Examples
    --------
    >>> one = {"kind": "data_drift", "criteria": {"level": 0.05, "min_rows": None}}
    >>> digest_of(one) == digest_of(one | {"also": [], "criteria": {"level": 0.01}})
    True
    >>> digest_of(one) == digest_of(one | {"kind": "data_quality"})
    False
    """
    criteria = {key: value for key, value in declaration["criteria"].items() if key != LEVEL}
    whole = _said({**declaration, "criteria": _said(criteria)})
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, [], {})}
