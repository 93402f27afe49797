"""What may change at any time, as samples: all that is stored but what one judgement says."""

from app.domain.alerts.delivery import DeliveryState
from app.domain.model import VersionRole
from app.domain.retrainings.retraining import State as RetrainingState
from app.domain.telling.reports import (
    LatestJudgement,
    OpenWindows,
    RetrainingNow,
    TallySum,
    TargetInfo,
)
from app.metrics.judged import asked
from app.metrics.series import RESULTS, Series
from app.metrics.snapshot import Snapshot
from app.metrics.text import Parts, Samples, labels
from app.ports.sources import SourceState


def present(snapshot: Snapshot) -> Parts:
    """Return its samples. What belongs to a version that is retired is left out."""
    made = Samples()
    retired = {
        (one.model, one.version) for one in snapshot.versions if one.role is VersionRole.RETIRED
    }
    for judgement in snapshot.judgements:
        _add_window(made, judgement)
    for tally in snapshot.tallies:
        if (tally.model, tally.version) not in retired:
            _add_tally(made, tally)
    for waiting in snapshot.open_windows:
        if (waiting.model, waiting.version) not in retired:
            _add_open(made, waiting)
    _add_declared(made, snapshot)
    _add_alerts(made, snapshot, retired)
    _add_retrainings(made, snapshot)
    for refused in snapshot.rejected:
        who = labels(("model", refused.model))
        made.add(Series.REJECTED, f'{who},reason="{refused.reason.value}"', refused.batches)
    for source in snapshot.sources:
        _add_source(made, source)
    for target in snapshot.targets:
        _add_target(made, target)
    made.add(Series.PENDING, "", snapshot.pending)
    made.add(Series.ROW_IDS, "", snapshot.row_ids.held)
    made.add(Series.ROW_ID_LIMIT, "", snapshot.row_ids.limit)
    return made.parts()


def _add_window(made: Samples, found: LatestJudgement) -> None:
    who = asked(found)
    made.add(Series.GAP, who, found.gap.total_seconds())
    if found.missing is not None:
        made.add(Series.WINDOW_MISSING, who, found.missing)
        sent = found.rows + found.missing
        made.add(Series.COVERAGE, who, found.rows / sent if sent else 1.0)


def _add_declared(made: Samples, snapshot: Snapshot) -> None:
    for version in snapshot.versions:
        if version.role is not VersionRole.RETIRED:
            who = labels(("model", version.model), ("version", version.version))
            made.add(Series.ROLE, f'{who},role="{version.role.value}"', 1)
    for one in snapshot.monitors:
        if one.enabled:
            who = labels(("model", one.model), ("monitor", one.monitor))
            made.add(Series.MONITOR, f'{who},kind="{one.kind}",severity="{one.severity}"', 1)


def _add_alerts(made: Samples, snapshot: Snapshot, retired: set[tuple[str, str]]) -> None:
    for alert in snapshot.alerts:
        if (alert.model, alert.version) in retired:
            continue
        given = labels(
            ("model", alert.model),
            ("version", alert.version),
            ("segment", alert.segment),
            ("monitor", alert.monitor),
        )
        severity = f'{given},severity="{alert.severity.value}"'
        made.add(Series.FIRING, severity, int(alert.state == "firing"))
    made.add(Series.ALERTS_LEFT_OUT, "", snapshot.alerts_left_out)


def _add_retrainings(made: Samples, snapshot: Snapshot) -> None:
    for counted in snapshot.retrainings:
        who = labels(("model", counted.model))
        made.add(Series.RETRAININGS, f'{who},state="{counted.state.value}"', counted.runs)
    for now in snapshot.retraining_now:
        _add_retraining(made, now)
    for champion in snapshot.champions:
        who = labels(("model", champion.model), ("version", champion.version))
        made.add(Series.CHAMPION_SINCE, who, champion.since)


def _add_retraining(made: Samples, now: RetrainingNow) -> None:
    who = labels(("model", now.model))
    if now.maximum_age is not None:
        made.add(Series.CHAMPION_AGE, who, now.maximum_age.total_seconds())
    if now.state is not None:
        made.one_of(Series.RETRAINING_STATE, who, RetrainingState, now.state)
    made.add(Series.RETRAINING_CHANGED, who, now.changed_at)


def _add_tally(made: Samples, tally: TallySum) -> None:
    who = labels(("model", tally.model), ("version", tally.version))
    made.add(Series.RECEIVED, who, tally.received)
    made.add(Series.BATCHES, who, tally.batches)
    made.add(Series.UNCHECKED, who, tally.unchecked)
    made.add(Series.LATEST_EVENT, who, tally.latest_event)
    made.add(Series.LAST_COMMIT, who, tally.last_commit)
    for result in RESULTS:
        given = labels(("model", tally.model), ("result", result), ("version", tally.version))
        made.add(Series.RESULTS, given, getattr(tally, result))


def _add_open(made: Samples, waiting: OpenWindows) -> None:
    who = labels(("model", waiting.model), ("version", waiting.version))
    made.add(Series.OPEN, who, waiting.count)
    made.add(Series.OLDEST_OPEN, who, waiting.oldest_end)
    made.add(Series.LATENESS, who, waiting.lateness.total_seconds())


def _add_source(made: Samples, state: SourceState) -> None:
    who = labels(("model", state.source.model), ("source", state.source.name))
    progress = state.progress
    for name in ("found", "counted", "quarantined"):
        made.add(Series.OBJECTS, f'{who},state="{name}"', getattr(progress, name))
    made.add(Series.OBJECT_ROWS, who, progress.rows)
    made.add(Series.OBJECT_BYTES, who, progress.bytes)
    made.add(Series.LOOKED, who, state.looked_at)
    made.add(Series.LOOK_FAILED, who, int(state.error is not None))
    made.add(Series.WAITING_SINCE, who, progress.oldest_waiting)


def _add_target(made: Samples, target: TargetInfo) -> None:
    who = labels(("target", target.target))
    made.add(Series.TARGET_ENABLED, who, int(target.enabled))
    made.add(Series.TARGET_GONE, who, int(target.gone))
    made.add(Series.DELIVERY_WAITING, who, target.waiting_since)
    for state in DeliveryState:
        number = target.deliveries.get(state.value, 0)
        made.add(Series.DELIVERIES, f'{who},state="{state.value}"', number)
