"""What a backfill changes for closing: history waits for it, and live windows do not.

While it is under way it holds the look of a source that is switched off, which nobody else does.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists

from app.store import tables as t

S, W, TALLY = t.source.c, t.window.c, t.tally.c
VISIBLE = S.hidden_at.is_(None)


def awaited(now: datetime) -> ColumnElement[bool]:
    """Whether a window of the past may take rows of a backfill yet: judged once it is over.

    Windows that were open or still to come when it began are not: they wait for live traffic.
    """
    began = S.looked_at
    fresh = (W.opened_at >= began) | W.closed_at.is_not(None)
    under_way = (S.look_until > now, S.enabled.is_(False), VISIBLE)
    return exists().where(*under_way, S.model_id == W.model_id, W.end_at <= began, fresh)


def of_a_backfill() -> ColumnElement[bool]:
    """Whether a counter is of a source that is switched off: its times are not live traffic's."""
    return exists().where(
        S.model_id == TALLY.model_id, S.name == TALLY.source, S.enabled.is_(False), VISIBLE
    )
