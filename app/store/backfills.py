"""What a backfill under way changes for closing: history waits for it, and live windows do not.

A backfill holds the look of a source that is switched off, which nobody else does.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists

from app.store import tables as t

S, W, TALLY = t.source.c, t.window.c, t.tally.c


def awaited(now: datetime) -> ColumnElement[bool]:
    """Whether a window of the past may take rows of a backfill yet: judged once it is over.

    Windows that were open or still to come when it began are not: they wait for live traffic.
    """
    began = S.looked_at
    fresh = (W.opened_at >= began) | W.closed_at.is_not(None)
    return _under_way(now, S.model_id == W.model_id, W.end_at <= began, fresh)


def of_a_backfill(now: datetime) -> ColumnElement[bool]:
    """Whether a counter is a running backfill's, whose times say nothing of live traffic."""
    return _under_way(now, S.model_id == TALLY.model_id, S.name == TALLY.source)


def _under_way(now: datetime, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    held = (S.look_until > now, S.enabled.is_(False), S.hidden_at.is_(None))
    return exists().where(*held, *more)
