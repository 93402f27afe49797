"""What a window is held against beside the reference: other stretches of stored traffic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.domain.verdicts.judgement import Gathered, Judgement, WindowKey, unjudged
from app.domain.verdicts.judging import judge_window
from drift_core import State

WEEK = timedelta(weeks=1)
PIECE = "against"
"""In place of a frame: such a stretch is no window, so that merged panes are looked for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Traffic of one version and segment, from a key's start to an end."""

    key: WindowKey
    end: datetime


def stretches(
    against: Against, key: WindowKey, end: datetime, champion: str | None
) -> Sequence[Stretch]:
    """Return what a window is held against; nothing where that would be itself."""
    piece = replace(key, frame=PIECE)
    match against.kind:
        case AgainstKind.PREVIOUS:
            return [Stretch(replace(piece, start=key.start - (end - key.start)), key.start)]
        case AgainstKind.TRAILING:
            span = against.span or end - key.start
            return [Stretch(replace(piece, start=key.start - span), key.start)]
        case AgainstKind.SAME_HOUR:
            back = [number * WEEK for number in range(1, (against.weeks or 1) + 1)]
            return [Stretch(replace(piece, start=key.start - one), end - one) for one in back]
        case AgainstKind.VERSION:
            other = against.version or champion
            if other is None or other == key.version:
                return []
            return [Stretch(replace(piece, version=other), end)]


def together(parts: Sequence[Gathered]) -> Gathered:
    """Return the sum of stretches; those without rows say nothing."""
    filled = [part for part in parts if part.rows]
    rows = sum(part.rows for part in filled)
    vectors = [part.vector for part in filled if part.vector is not None]
    sets = {part.grid_set for part in filled}
    damaged = any(part.damaged for part in parts)
    if len(vectors) != len(filled) or len(sets) != 1 or damaged:
        return Gathered(rows, None, None, damaged=damaged)
    return Gathered(rows, sets.pop(), np.sum(vectors, axis=0, dtype=np.int64))


def judge_against(
    gathered: Gathered,
    other: Gathered,
    asked: tuple[Baseline, StoredGridSet],
    monitor: Monitor,
    against: Against,
) -> Judgement:
    """Judge a window against other traffic on the same grids; such a judgement never pages."""
    baseline, grids = asked
    silent = replace(monitor, page_level=None)
    if not other.rows:
        verdict = unjudged(State.INSUFFICIENT_DATA, "no_reference_rows")
    elif other.damaged:
        verdict = unjudged(State.ERROR, "counts damaged")
    elif other.vector is None or other.grid_set != baseline.grid_set:
        verdict = unjudged(State.INSUFFICIENT_DATA, "grid")
    else:
        traffic = replace(baseline, vector=other.vector, rows=other.rows)
        verdict = judge_window(gathered, traffic, grids, silent)
    return Judgement(silent, None, verdict, against.name)
