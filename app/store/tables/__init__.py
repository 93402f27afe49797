"""All tables. ``from app.store import tables as t`` and then ``t.window.c.start_at``."""

from app.store.tables.asked import monitor
from app.store.tables.columns import metadata
from app.store.tables.counted import delta, receipt, sighting, tally
from app.store.tables.flowing import heartbeat, traffic_hour, traffic_mark
from app.store.tables.judged import (
    counterpart,
    estimate,
    judgement,
    restatement,
    revision,
    row_border,
    verdict,
    window,
)
from app.store.tables.refused import rejected, rejection
from app.store.tables.retrained import (
    retraining,
    retraining_entry,
    retraining_episode,
    retraining_policy,
    retraining_wish,
)
from app.store.tables.seen import seen, seen_day, seen_key
from app.store.tables.sequences import sequence_line, sequence_note
from app.store.tables.sourced import source, source_object, source_stage
from app.store.tables.told import alert, alert_barrier, alert_step, attempt, delivery, event, target
from app.store.tables.watched import baseline, baseline_segment, grid_set, model, series, version

__all__ = [
    "alert",
    "alert_barrier",
    "alert_step",
    "attempt",
    "baseline",
    "baseline_segment",
    "counterpart",
    "delivery",
    "delta",
    "estimate",
    "event",
    "grid_set",
    "heartbeat",
    "judgement",
    "metadata",
    "model",
    "monitor",
    "receipt",
    "rejected",
    "rejection",
    "restatement",
    "retraining",
    "retraining_entry",
    "retraining_episode",
    "retraining_policy",
    "retraining_wish",
    "revision",
    "row_border",
    "seen",
    "seen_day",
    "seen_key",
    "sequence_line",
    "sequence_note",
    "series",
    "sighting",
    "source",
    "source_object",
    "source_stage",
    "tally",
    "target",
    "traffic_hour",
    "traffic_mark",
    "verdict",
    "version",
    "window",
]
