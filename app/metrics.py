"""Every Prometheus series, in one table, rendered from what is stored: all replicas say the same.

Values of a gauge belong to the last judged window of a version. Versions that are retired or
deleted disappear, because nothing is kept between two renderings.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.domain.monitor import severity_of
from app.domain.rejection import RejectedSum
from app.domain.reports import (
    AlertSummary,
    LatestJudgement,
    Rendered,
    RowIds,
    Stamp,
    StoredVerdict,
    TallySum,
)
from app.ports import Store, Unit
from app.source_ports import SourceState
from drift_core import State

LONGEST_LABEL = 200
FRESH_FOR = timedelta(seconds=10)
ALERTS = 10_000
END = b"# EOF\n"
HEAD = re.compile(rb"^# HELP ", re.MULTILINE)

Refused: TypeAlias = Mapping[tuple[str, int], int]
"""Requests that were answered with an error, by route and status."""
Parts: TypeAlias = dict[bytes, bytes]
"""Samples of families as text, by the lines that stand above them."""


class Series(Enum):
    """Name, help and labels of each series; the only place where they are written."""

    BUILD = ("leeway_build_info", "The running version; always 1.", ("leeway_version",))
    VALUE = (
        "leeway_statistic_value",
        "Value of a statistic in the last judged window.",
        ("model", "version", "feature", "statistic"),
    )
    EFFECT = (
        "leeway_statistic_effect",
        "What the threshold is compared with: PSI without its bias, the KS distance, Cramer's V.",
        ("model", "version", "feature", "statistic"),
    )
    THRESHOLD = (
        "leeway_statistic_threshold",
        "Effect from which on the statistic's change matters.",
        ("model", "version", "feature", "statistic"),
    )
    STATISTIC_P = (
        "leeway_statistic_p_value",
        "Evidence of a statistic: chance of as much without drift.",
        ("model", "version", "feature", "statistic"),
    )
    ROWS_COMPARED = (
        "leeway_statistic_rows",
        "Rows that a statistic compared, of the reference and of the window.",
        ("model", "version", "feature", "statistic", "side"),
    )
    FEATURE_P = (
        "leeway_feature_p_value",
        "A feature's evidence after correction for the number of features.",
        ("model", "version", "feature"),
    )
    FEATURE_STATE = (
        "leeway_feature_state",
        "1 for the state of the feature in the last judged window, 0 for the others.",
        ("model", "version", "feature", "state"),
    )
    WINDOW_STATE = (
        "leeway_window_state",
        "1 for the state of the last judged window, 0 for the others.",
        ("model", "version", "state"),
    )
    WINDOW_ROWS = (
        "leeway_window_rows",
        "Rows of the last judged window.",
        ("model", "version"),
    )
    WINDOW_MISSING = (
        "leeway_window_missing_rows",
        "Rows of the last judged window that its sources sent and that never came, at least.",
        ("model", "version"),
    )
    WINDOW_END = (
        "leeway_window_end_timestamp_seconds",
        "End of the last judged window, in event time.",
        ("model", "version"),
    )
    JUDGED = (
        "leeway_window_judged_timestamp_seconds",
        "When the last judged window was judged.",
        ("model", "version"),
    )
    ROLE = (
        "leeway_version_info",
        "Role of a version; always 1.",
        ("model", "version", "role"),
    )
    FIRING = (
        "leeway_alert_firing",
        "1 while an alert fires.",
        ("model", "version", "monitor", "severity"),
    )
    RECEIVED = (
        "leeway_ingest_rows_received",
        "Rows received: the sum of all results.",
        ("model", "version"),
    )
    RESULTS = (
        "leeway_ingest_rows",
        "Rows received, by what became of them.",
        ("model", "version", "result"),
    )
    UNCHECKED = (
        "leeway_ingest_rows_not_deduplicated",
        "Rows counted without a look whether they had been before: too many ids are remembered.",
        ("model", "version"),
    )
    ROW_IDS = ("leeway_row_ids", "About how many row ids are remembered.", ())
    ROW_ID_LIMIT = ("leeway_row_ids_limit", "How many row ids may be remembered.", ())
    BATCHES = (
        "leeway_ingest_batches",
        "Batches that were answered with a receipt.",
        ("model", "version"),
    )
    REJECTED = (
        "leeway_rejected_batches",
        "Batches that were refused, by reason.",
        ("model", "reason"),
    )
    REFUSED = (
        "leeway_http_refused",
        "Requests that this replica answered with an error, by route; without one, by the server.",
        ("route", "status"),
    )
    LATEST_EVENT = (
        "leeway_ingest_latest_event_timestamp_seconds",
        "Largest event time received.",
        ("model", "version"),
    )
    LAST_COMMIT = (
        "leeway_ingest_last_commit_timestamp_seconds",
        "When rows were last committed.",
        ("model", "version"),
    )
    OBJECTS = (
        "leeway_source_objects",
        "Objects of a source; found are those that wait or are being read.",
        ("model", "source", "state"),
    )
    OBJECT_ROWS = ("leeway_source_rows", "Rows of counted objects.", ("model", "source"))
    OBJECT_BYTES = ("leeway_source_bytes", "Bytes of counted objects.", ("model", "source"))
    LOOKED = (
        "leeway_source_last_look_timestamp_seconds",
        "When the last listing of a source began.",
        ("model", "source"),
    )
    LOOK_FAILED = (
        "leeway_source_look_failed",
        "1 while the last listing did not come to its end.",
        ("model", "source"),
    )
    WAITING_SINCE = (
        "leeway_source_waiting_since_timestamp_seconds",
        "When the first of the objects that wait was seen; absent where none waits.",
        ("model", "source"),
    )
    PENDING = ("leeway_deliveries_pending", "Deliveries that wait to be made.", ())

    def __init__(self, series: str, meaning: str, labels: tuple[str, ...]) -> None:
        self.series = series
        self.meaning = meaning
        self.labels = labels


SOURCE_COUNTERS = frozenset({Series.OBJECT_ROWS, Series.OBJECT_BYTES})
COUNTERS = SOURCE_COUNTERS | {
    Series.RECEIVED,
    Series.RESULTS,
    Series.BATCHES,
    Series.REJECTED,
    Series.UNCHECKED,
    Series.REFUSED,
}
RESULTS = ("counted", "duplicate", "late", "rejected")


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


def _rest(snapshot: Snapshot, code_version: str) -> Families:
    """Return what may change at any time: all but what one revision says."""
    made = Families()
    made.add(Series.BUILD, [code_version], 1)
    made.add(Series.PENDING, [], snapshot.pending)
    made.add(Series.ROW_IDS, [], snapshot.row_ids.held)
    made.add(Series.ROW_ID_LIMIT, [], snapshot.row_ids.limit)
    for judgement in snapshot.judgements:
        who = [judgement.model, judgement.version]
        made.add(Series.ROLE, [*who, judgement.role.value], 1)
        if judgement.expected is not None:
            missing = max(0, judgement.expected - judgement.rows)
            made.add(Series.WINDOW_MISSING, who, missing)
    for tally in snapshot.tallies:
        _add_tally(made, tally)
    for source in snapshot.sources:
        _add_source(made, source)
    for found in snapshot.rejected:
        made.add(Series.REJECTED, [found.model, found.reason.value], found.batches)
    for (route, status), requests in sorted(snapshot.refused.items()):
        made.add(Series.REFUSED, [route, str(status)], requests)
    for alert in snapshot.alerts:
        labels = [alert.model, alert.version, alert.monitor, severity_of(alert.monitor).value]
        made.add(Series.FIRING, labels, alert.state == "firing")
    return made


def _judged(found: LatestJudgement, features: Sequence[StoredVerdict]) -> Families:
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


class _Once(Collector):
    """Hands families that are ready to the encoders, which want a collector."""

    def __init__(self, made: Families) -> None:
        self._made = made

    def collect(self) -> Iterator[Metric]:
        return self._made.all()


def _encoded(made: Families, accept: str) -> Parts:
    """Return each family as text, by its head, as the ``Accept`` header wishes."""
    registry = CollectorRegistry()
    registry.register(_Once(made))
    text = choose_encoder(accept)[0](registry).removesuffix(END)
    parts: Parts = {}
    for family in HEAD.split(text)[1:]:
        meaning, kind, samples = family.split(b"\n", 2)
        parts[b"# HELP " + meaning + b"\n" + kind + b"\n"] = samples
    return parts


def render(
    snapshot: Snapshot, code_version: str, accept: str, known: Mapping[int, Parts]
) -> tuple[Rendered, dict[int, Parts]]:
    """Return all series, and what each revision of the snapshot says, for the next rendering.

    ``known`` is what the last one returned for this kind of text: nothing in there changes, and
    it is nearly all there is.
    """
    judged = {
        one.id: known.get(one.id) or _encoded(_judged(one, snapshot.features[one.id]), accept)
        for one in snapshot.judgements
    }
    texts = [_encoded(_rest(snapshot, code_version), accept), *judged.values()]
    body = b"".join(head + b"".join(text[head] for text in texts) for head in texts[0])
    media_type = choose_encoder(accept)[1]
    return Rendered(body + (END if "openmetrics" in media_type else b""), media_type), judged


class Exposition:
    """Serves rendered bytes, made anew when what is stored has changed."""

    def __init__(self, store: Store, code_version: str, refused: Refused | None = None) -> None:
        self._store = store
        self._code_version = code_version
        self._refused: Refused = {} if refused is None else refused
        self._refused_then = 0
        self._stamp: Stamp | None = None
        self._made_at: datetime | None = None
        self._ready: dict[str, Rendered] = {}
        self._known: dict[str, dict[int, Parts]] = {}
        self._turn = asyncio.Lock()

    async def render(self, accept: str) -> Rendered:
        """Return all series for an ``Accept`` header."""
        form = choose_encoder(accept)[1]
        async with self._turn:
            async with self._store.read() as unit:
                stamp, now = await unit.views.stamp(), unit.now
                if not self._fresh(stamp, now):
                    self._ready.clear()
                if form in self._ready:
                    return self._ready[form]
                known = self._known.get(form, {})
                refused = dict(self._refused)
                snapshot = replace(await _snapshot(unit, known), refused=refused)
            self._ready[form], self._known[form] = await asyncio.to_thread(
                render, snapshot, self._code_version, accept, known
            )
            self._stamp, self._made_at = stamp, now
            self._refused_then = sum(refused.values())
            return self._ready[form]

    def _fresh(self, stamp: Stamp, now: datetime) -> bool:
        return (
            stamp == self._stamp
            and sum(self._refused.values()) == self._refused_then
            and self._made_at is not None
            and now - self._made_at < FRESH_FOR
        )


async def _snapshot(unit: Unit, known: Mapping[int, Parts]) -> Snapshot:
    judgements = await unit.views.latest()
    return Snapshot(
        judgements,
        await unit.views.features([one.id for one in judgements if one.id not in known]),
        await unit.views.tallies(),
        await unit.views.alerts(None, None, 0, ALERTS),
        await unit.outbox.pending(),
        await unit.rejections.sums(),
        await unit.views.row_ids(),
        await unit.sources.all(),
    )
