"""From what is stored to samples, by family."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from app.domain.rejection import RejectedSum
from app.domain.telling.reports import (
    AlertSummary,
    LatestJudgement,
    RowIds,
    StoredVerdict,
    TallySum,
)
from app.metrics.series import COUNTERS, RESULTS, Series
from app.ports.retrainings import ChampionSince, RetrainingSum
from app.ports.sources import SourceState
from drift_core import State

LONGEST_LABEL = 200

Refused: TypeAlias = Mapping[tuple[str, int], int]
"""Requests that were answered with an error, by route and status."""
NO_ROW_IDS = RowIds(0, 0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is rendered, read in one transaction."""

    judgements: Sequence[LatestJudgement]
    features: Mapping[int, Sequence[StoredVerdict]]
    """By revision; those that were rendered before need not be here."""
    tallies: Sequence[TallySum]
    alerts: Sequence[AlertSummary]
    pending: int
    rejected: Sequence[RejectedSum] = ()
    row_ids: RowIds = NO_ROW_IDS
    sources: Sequence[SourceState] = ()
    refused: Refused = field(default_factory=dict)
    retrainings: Sequence[RetrainingSum] = ()
    champions: Sequence[ChampionSince] = ()


class Families:
    """Collects samples into families; labels that are too long are cut."""

    def __init__(self) -> None:
        self._found: dict[Series, Metric] = {}
        for series in Series:
            family = CounterMetricFamily if series in COUNTERS else GaugeMetricFamily
            self._found[series] = family(series.series, series.meaning, labels=series.labels)

    def add(self, series: Series, labels: Sequence[str], value: float | datetime | None) -> None:
        """Add one sample; None adds none, so that an unknown value is absent and not 0."""
        if value is None:
            return
        number = value.timestamp() if isinstance(value, datetime) else float(value)
        cut = [_cut(label) for label in labels]
        self._found[series].add_metric(cut, number)  # type: ignore[attr-defined]

    def all(self) -> Iterator[Metric]:
        return iter(self._found.values())


def _cut(label: str) -> str:
    """Return a label of bounded length; two that begin alike stay apart, or no scrape succeeds."""
    if len(label) <= LONGEST_LABEL:
        return label
    mark = hashlib.sha256(label.encode()).hexdigest()[:8]
    return f"{label[: LONGEST_LABEL - 9]}~{mark}"


def rest(snapshot: Snapshot, code_version: str) -> Families:
    """Return what may change at any time: all but what one revision says."""
    made = Families()
    made.add(Series.BUILD, [code_version], 1)
    made.add(Series.PENDING, [], snapshot.pending)
    made.add(Series.ROW_IDS, [], snapshot.row_ids.held)
    made.add(Series.ROW_ID_LIMIT, [], snapshot.row_ids.limit)
    for judgement in snapshot.judgements:
        who = [judgement.model, judgement.version]
        made.add(Series.ROLE, [*who, judgement.role.value], 1)
        if judgement.missing is not None:
            made.add(Series.WINDOW_MISSING, who, judgement.missing)
    for tally in snapshot.tallies:
        _add_tally(made, tally)
    for source in snapshot.sources:
        _add_source(made, source)
    for found in snapshot.rejected:
        made.add(Series.REJECTED, [found.model, found.reason.value], found.batches)
    for (route, status), requests in sorted(snapshot.refused.items()):
        made.add(Series.REFUSED, [route, str(status)], requests)
    for counted in snapshot.retrainings:
        made.add(Series.RETRAININGS, [counted.model, counted.state.value], counted.runs)
    for champion in snapshot.champions:
        made.add(Series.CHAMPION_SINCE, [champion.model, champion.version], champion.since)
    for alert in snapshot.alerts:
        labels = [alert.model, alert.version, alert.monitor, alert.severity.value]
        made.add(Series.FIRING, labels, alert.state == "firing")
    return made


def judged(found: LatestJudgement, features: Sequence[StoredVerdict]) -> Families:
    made, who = Families(), [found.model, found.version]
    made.add(Series.WINDOW_ROWS, who, found.rows)
    made.add(Series.WINDOW_END, who, found.end)
    made.add(Series.JUDGED, who, found.judged_at)
    for state in State:
        made.add(Series.WINDOW_STATE, [*who, state.value], found.state == state.value)
    for feature in features:
        _add_feature(made, who, feature)
    return made


def _add_feature(made: Families, who: list[str], found: StoredVerdict) -> None:
    feature = [*who, found.feature]
    made.add(Series.FEATURE_P, feature, found.p_adjusted)
    for state in State:
        made.add(Series.FEATURE_STATE, [*feature, state.value], found.state == state.value)
    for estimate in found.estimates:
        labels = [*feature, estimate.statistic]
        made.add(Series.VALUE, labels, estimate.value)
        made.add(Series.EFFECT, labels, estimate.effect)
        made.add(Series.THRESHOLD, labels, estimate.threshold)
        made.add(Series.STATISTIC_P, labels, estimate.p_value)
        made.add(Series.ROWS_COMPARED, [*labels, "reference"], estimate.n_ref)
        made.add(Series.ROWS_COMPARED, [*labels, "window"], estimate.n_cur)


def _add_tally(made: Families, tally: TallySum) -> None:
    who = [tally.model, tally.version]
    made.add(Series.RECEIVED, who, tally.received)
    made.add(Series.BATCHES, who, tally.batches)
    made.add(Series.UNCHECKED, who, tally.unchecked)
    made.add(Series.LATEST_EVENT, who, tally.latest_event)
    made.add(Series.LAST_COMMIT, who, tally.last_commit)
    for result in RESULTS:
        made.add(Series.RESULTS, [*who, result], getattr(tally, result))


def _add_source(made: Families, state: SourceState) -> None:
    who = [state.source.model, state.source.name]
    progress = state.progress
    for name in ("found", "counted", "quarantined"):
        made.add(Series.OBJECTS, [*who, name], getattr(progress, name))
    made.add(Series.OBJECT_ROWS, who, progress.rows)
    made.add(Series.OBJECT_BYTES, who, progress.bytes)
    made.add(Series.LOOKED, who, state.looked_at)
    made.add(Series.LOOK_FAILED, who, state.error is not None)
    made.add(Series.WAITING_SINCE, who, progress.oldest_waiting)
