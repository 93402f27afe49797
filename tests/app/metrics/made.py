"""Snapshots that are made up, and what is read back of their text."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from app.domain.model import VersionRole
from app.domain.telling.reports import (
    AlertSummary,
    FeatureClass,
    LatestJudgement,
    StoredEstimate,
    StoredVerdict,
    TallySum,
    VersionInfo,
)
from app.metrics.exposition import STORED
from app.metrics.judged import judged
from app.metrics.present import present
from app.metrics.snapshot import Snapshot
from app.metrics.text import joined

AT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DRIFT: FeatureClass = ("drift", False, True)
WHO = {("model", "m"), ("version", "v"), ("monitor", "default")}

Sample = tuple[str, frozenset[tuple[str, str]]]


def estimate(value: float | None) -> StoredEstimate:
    reason = None if value is not None else "no_current_rows"
    return StoredEstimate("psi", value, value, value, 0.01, value, 1e-9, 0.2, 900, 100, reason)


def verdict(feature: str, value: float | None = 0.31) -> StoredVerdict:
    estimates = (estimate(value),)
    return StoredVerdict(feature, "drift", False, True, None, 1e-9, 2e-9, ("psi",), estimates)


JUDGEMENT = LatestJudgement(
    id=1,
    model="m",
    version="v",
    monitor="default",
    start=AT,
    end=AT + HOUR,
    revision=1,
    rows=100,
    judged_at=AT + 2 * HOUR,
    state="drift",
    expected=400,
    gap=HOUR,
)
ALERT = AlertSummary(1, "m", "v", "", "default", "firing", "evidence", AT, AT, ("x",), AT + HOUR)
SNAPSHOT = Snapshot(
    judgements=(JUDGEMENT,),
    versions=(VersionInfo("m", "v", VersionRole.CHAMPION),),
    tallies=(TallySum("m", "v", 10, 6, 2, 1, 1, 3, AT, AT + HOUR),),
    alerts=(ALERT, replace(ALERT, id=2, segment="country=DE")),
    pending=4,
)


def text(
    snapshot: Snapshot = SNAPSHOT,
    features: Sequence[StoredVerdict] = (verdict("x"),),
    *,
    openmetrics: bool = False,
) -> str:
    """Return what is stored as text, with these features of its one judgement."""
    parts = [judged(one, {DRIFT: 3}, features) for one in snapshot.judgements]
    end = "# EOF\n" if openmetrics else ""
    return joined([present(snapshot), *parts], openmetrics, STORED).decode() + end


def samples(said: str, *, openmetrics: bool = False) -> dict[Sample, float]:
    """Return every sample; no two may have the same name and labels."""
    parse = parse_openmetrics if openmetrics else parse_text
    found = [
        ((sample.name, frozenset(sample.labels.items())), sample.value)
        for family in parse(said)
        for sample in family.samples
    ]
    assert len(dict(found)) == len(found)
    return dict(found)
