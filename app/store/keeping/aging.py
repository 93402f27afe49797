"""Windows by their age: sealed against rows, stripped of their counts, removed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update

from app.domain.model import WHOLE
from app.domain.monitors.monitor import BASE_FRAME
from app.domain.retention import Cutoffs, Stage
from app.store import tables as t
from app.store.transactions import locks
from app.store.transactions.session import AnyRow, Session

SEALED = 500
STRIPPED = 20
"""Each has a few revisions, whose counts are large."""
VERDICTS = 200
"""Of the windows that one portion removes, about; each has a few estimates."""
W, S = t.window.c, t.sighting.c


async def seal(session: Session, model_id: int, until: Cutoffs) -> int:
    """Let windows of one version take no more rows, since their panes are about to be merged.

    Intake is kept out meanwhile: a group that saw a window take rows is committed before.
    """
    pending = exists().where(t.restatement.c.window_id == W.id)
    due = _due(model_id, Stage.LIVE, until.panes) & ~pending
    version = await _free(session, model_id, due)
    if version is None:
        return 0
    chosen = select(W.id).where(due, W.version == version).order_by(W.end_at).limit(SEALED)
    sealed = await session.connection.execute(
        update(t.window).where(W.id.in_(chosen)).values(stage=Stage.SEALED)
    )
    return sealed.rowcount


async def strip(session: Session, model_id: int, until: Cutoffs) -> int:
    """Remove the counts of revisions; what they say, and the digest, stay."""
    due = _due(model_id, Stage.COARSE, until.distributions)
    ids = await _ids(session, _oldest(due, STRIPPED))
    revision, beside = t.revision.c, t.counterpart.c
    mine = select(revision.id).where(revision.window_id.in_(ids))
    await session.connection.execute(
        update(t.counterpart).where(beside.revision_id.in_(mine)).values(counts=None)
    )
    await session.connection.execute(
        update(t.revision).where(revision.window_id.in_(ids)).values(counts=None)
    )
    await session.connection.execute(update(t.window).where(W.id.in_(ids)).values(stage=Stage.BARE))
    return len(ids)


async def remove(session: Session, model_id: int, until: Cutoffs) -> int:
    """Remove windows of one version with all that was said of them; they stay named as removed.

    The mark rises in the same transaction, while intake is kept out: rows that come again for a
    window that is not there any more are late, and open no new one.
    """
    due = _due(model_id, Stage.BARE, until.windows)
    version = await _free(session, model_id, due)
    if version is None:
        return 0
    mine = due & (W.version == version)
    limit = max(1, VERDICTS // max(1, await _verdicts(session, mine)))
    windows = (await session.connection.execute(_oldest(mine, limit))).all()
    own = [window for window in windows if window.frame == BASE_FRAME]
    if own:
        await _mark(session, model_id, max(window.end_at for window in own))
    for window in windows:
        if window.segment == WHOLE and window.frame == BASE_FRAME:
            await _forget_sightings(session, window)
        await _forget_steps(session, window)
    ids = [window.id for window in windows]
    await session.connection.execute(delete(t.window).where(W.id.in_(ids)))
    return len(ids)


def _due(model_id: int, stage: Stage, until: datetime) -> ColumnElement[bool]:
    # of two times the later counts: old rows that were brought lately are not old history
    return (
        (W.model_id == model_id) & (W.stage == stage) & (W.end_at <= until) & (W.closed_at <= until)
    )


def _oldest(due: ColumnElement[bool], limit: int) -> Select[tuple[object, ...]]:
    return select(t.window).where(due).order_by(W.end_at, W.id).limit(limit)


async def _verdicts(session: Session, due: ColumnElement[bool]) -> int:
    """Return how many verdicts the oldest window has, in all its revisions."""
    said = t.revision.join(t.judgement, t.judgement.c.revision_id == t.revision.c.id).join(
        t.verdict, t.verdict.c.judgement_id == t.judgement.c.id
    )
    query = (
        select(func.count())
        .select_from(said)
        .where(t.revision.c.window_id.in_(await _ids(session, _oldest(due, 1))))
    )
    return int((await session.connection.execute(query)).scalar_one())


async def _ids(session: Session, query: Select[tuple[object, ...]]) -> list[int]:
    return [row.id for row in (await session.connection.execute(query)).all()]


async def _free(session: Session, model_id: int, due: ColumnElement[bool]) -> str | None:
    """Return a version with windows that are due, held against intake; None where all are busy."""
    query = select(W.version).where(due).group_by(W.version).order_by(func.min(W.end_at))
    versions: Sequence[str] = (await session.connection.execute(query)).scalars().all()
    for version in versions:
        if await locks.try_exclude(session, model_id, version):
            return version
    return None


async def _mark(session: Session, model_id: int, end: datetime) -> None:
    m = t.model.c
    await session.connection.execute(
        update(t.model)
        .where(m.id == model_id, or_(m.removed_until.is_(None), m.removed_until < end))
        .values(removed_until=end)
    )


async def _forget_sightings(session: Session, window: AnyRow) -> None:
    mine = (S.model_id == window.model_id) & (S.version == window.version)
    inside = (S.pane >= window.start_at) & (S.pane < window.end_at)
    await session.connection.execute(delete(t.sighting).where(mine & inside))


async def _forget_steps(session: Session, window: AnyRow) -> None:
    """Remove the alerts' steps of this window, unless one is the last, from which all go on."""
    a, s = t.alert.c, t.alert_step.c
    m = t.monitor.c
    judges = select(m.name).where(m.model_id == window.model_id, m.frame == window.frame)
    of_series = select(a.id).where(
        a.model_id == window.model_id,
        a.version == window.version,
        a.segment == window.segment,
        a.monitor.in_(judges),
        a.window_start != window.start_at,
    )
    await session.connection.execute(
        delete(t.alert_step).where(s.alert_id.in_(of_series), s.window_start == window.start_at)
    )
