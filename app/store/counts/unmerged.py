"""Panes that stay as they are for a while: a window by rows begins or ends between them."""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Interval,
    and_,
    exists,
    literal,
    or_,
    select,
    type_coerce,
)

from app.domain.monitors.frame import WIDEST
from app.domain.retention import Grain, Stage
from app.store import tables as t
from app.store.transactions.session import Session
from app.store.transactions.types import MICROSECOND

AWAITED = 2 * WIDEST
"""No window begins at a border that is older: it had 30 days for its rows to come."""
B, D, S, W = t.row_border.c, t.delta.c, t.series.c, t.window.c
Moment = ColumnElement[datetime]


async def has_borders(session: Session, model_id: int) -> bool:
    query = select(exists().where(B.model_id == model_id))
    return bool((await session.connection.execute(query)).scalar_one())


def window_is_cut(session: Session) -> ColumnElement[bool]:
    """Whether an hour of a window of the model's own may be cut by a window by rows."""
    near = Grain.HOUR.width
    span = _moved(session, W.start_at, -near), _moved(session, W.end_at, near)
    return _cut(session, (W.model_id, W.version, W.segment), span)


def day_is_cut(session: Session) -> ColumnElement[bool]:
    """Whether the day of a stored sum may be cut by a window by rows."""
    near = Grain.DAY.width
    span = _moved(session, D.pane, -near), _moved(session, D.pane, near)
    return _cut(session, (S.model_id, S.version, S.segment), span)


def _cut(
    session: Session,
    series: tuple[ColumnElement[int], ColumnElement[str], ColumnElement[str]],
    span: tuple[Moment, Moment],
) -> ColumnElement[bool]:
    """Whether a border is in the span that is awaited, or one of a window that can still change."""
    first, last = span
    model_id, version, segment = series
    border = exists().where(
        and_(B.model_id == model_id, B.version == version, B.segment == segment),
        B.start_at > session.now - AWAITED,
        B.start_at > first,
        B.start_at < last,
    )
    other = t.window.alias("by_rows")
    o = other.c
    window = (
        exists()
        .where(and_(o.model_id == model_id, o.version == version, o.segment == segment))
        .where(o.frame.startswith("rows/"), o.stage == Stage.LIVE)
        .where(
            or_(
                and_(o.start_at > first, o.start_at < last),
                and_(o.end_at > first, o.end_at < last),
            )
        )
    )
    return or_(border, window)


def _moved(session: Session, moment: Moment, by: timedelta) -> Moment:
    if session.connection.dialect.name == "postgresql":
        return moment + literal(by, Interval())
    moved = type_coerce(moment, BigInteger) + literal(by // MICROSECOND, BigInteger())
    return type_coerce(moved, moment.type)
