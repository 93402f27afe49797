"""Statements about the windows of a series: built once, since that takes longer than to run them.

They take the parts of a ``WindowQuery`` that ``ASKED`` names.
"""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, literal, select

from app.store import tables as t
from app.store.intake.heartbeats import expected_of_window
from app.store.transactions.types import EPOCH, Instant
from drift_core import State

W, R, J, V = t.window.c, t.revision.c, t.judgement.c, t.verdict.c

OF_REVISION = (R.number, R.cause, R.rows, R.judged_at)
OF_JUDGEMENT = (
    J.id.label("judgement_id"),
    J.state,
    J.warning,
    J.page,
    J.reason,
    J.baseline,
    J.monitor_version,
    J.code_version,
)
ASKED = ("model_id", "version", "segment", "frame", "monitor", "comparison", "as_of")
"""Of a query: what statements take, which are built once and not for every page."""
BY = and_(
    J.revision_id == R.id,
    J.monitor == bindparam("monitor"),
    J.comparison == bindparam("comparison"),
)
"""What the monitor that is asked for says of a revision."""
_SERIES = (
    W.model_id == bindparam("model_id"),
    W.version == bindparam("version"),
    W.segment == bindparam("segment"),
    W.frame == bindparam("frame"),
)


@cache
def newest(is_now: bool, from_end: bool, *, of_feature: bool = False) -> Select[Any]:
    """Return the newest windows, or those before a moment; perhaps only where a feature was."""
    chosen = _lines(is_now)
    if of_feature:
        has = and_(V.judgement_id == J.id, V.feature == bindparam("feature"))
        chosen = chosen.join(t.verdict, has)
    if not from_end:
        chosen = chosen.where(W.start_at < bindparam("before"))
    return chosen.order_by(W.start_at.desc()).limit(bindparam("most", type_=Integer))


@cache
def one(is_now: bool) -> Select[Any]:
    return _lines(is_now).where(W.start_at == bindparam("start"))


@cache
def last_judged(is_now: bool) -> Select[Any]:
    """Return when the newest window begins that the monitor judged."""
    return _judged(is_now).order_by(W.start_at.desc()).limit(1)


@cache
def drifting(is_now: bool) -> Select[Any]:
    """Return since when windows drift without a break, up to one, and how many these are.

    Of the windows that the monitor judged, ``most`` are looked at.
    """
    until = _judged(is_now).where(W.start_at <= bindparam("until"))
    said = until.order_by(W.start_at.desc()).limit(bindparam("most", type_=Integer)).cte("said")
    calm = select(func.max(said.c.start_at)).where(said.c.state != State.DRIFT.value)
    after = func.coalesce(calm.scalar_subquery(), literal(EPOCH, Instant()))
    first = select(func.min(said.c.start_at).label("since"))
    return first.add_columns(func.count().label("windows")).where(said.c.start_at > after)


def _lines(is_now: bool) -> Select[Any]:
    """Return windows of a series, each with the revision that counts at the asked moment.

    And with what the monitor says of it, where it judged it.
    """
    chosen = (
        select(
            W.id.label("window_id"),
            W.model_id,
            W.version,
            W.segment,
            W.frame,
            W.start_at,
            W.end_at,
            W.closed_at,
            W.stage,
            W.revision.label("latest"),
            t.model.c.final_after,
            R.id.label("revision_id"),
            expected_of_window().label("expected"),
            *OF_REVISION,
            *OF_JUDGEMENT,
        )
        .select_from(t.window)
        .join(t.model, t.model.c.id == W.model_id)
        .outerjoin(t.revision, and_(R.window_id == W.id, _known(is_now)))
        .outerjoin(t.judgement, BY)
        .where(*_SERIES)
    )
    return chosen if is_now else chosen.where(W.opened_at <= bindparam("as_of"))


def _judged(is_now: bool) -> Select[Any]:
    """Return windows of a series that the monitor judged, with what it said at the asked moment."""
    return (
        select(W.start_at, J.state)
        .select_from(t.window)
        .join(t.revision, and_(R.window_id == W.id, _known(is_now)))
        .join(t.judgement, BY)
        .where(*_SERIES)
    )


def _known(is_now: bool) -> ColumnElement[bool]:
    if is_now:
        return R.number == W.revision
    earlier = t.revision.alias("earlier")
    latest = (
        select(func.max(earlier.c.number))
        .where(earlier.c.window_id == W.id, earlier.c.judged_at <= bindparam("as_of"))
        .correlate(t.window)
        .scalar_subquery()
    )
    return R.number == latest
