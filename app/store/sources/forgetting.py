"""Done objects are forgotten by age, and only below a floor that is kept with their source."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from app.domain.sources.source import ObjectState
from app.store import tables as t
from app.store.transactions.removal import delete_some
from app.store.transactions.session import AnyRow, Session

S, OBJ = t.source.c, t.source_object.c


async def prune(session: Session, limit: int) -> int:
    """Forget at most ``limit`` objects of deleted sources, or done ones of one source."""
    if gone := await _remove_hidden(session, limit):
        return gone
    for row in await _remembering(session):
        if gone := await _forget(session, row.id, session.now - row.remember, limit):
            return gone
    return 0


async def _remove_hidden(session: Session, limit: int) -> int:
    query = select(S.id).where(S.hidden_at.is_not(None)).order_by(S.id).limit(1)
    hidden = (await session.connection.execute(query)).scalar_one_or_none()
    if hidden is None:
        return 0
    gone = await delete_some(session, t.source_object, OBJ.source_id == hidden, limit)
    if not gone:
        await session.connection.execute(delete(t.source).where(S.id == hidden))
        return 1
    return gone


async def _remembering(session: Session) -> list[AnyRow]:
    query = select(S.id, S.remember).where(S.hidden_at.is_(None)).order_by(S.id)
    return list((await session.connection.execute(query)).all())


async def _forget(session: Session, source_id: int, floor: datetime, limit: int) -> int:
    """Raise the floor and delete what lies below it, in one transaction.

    The floor is a promise that nothing older is taken for new, so it is raised first: whoever
    lists at this moment waits for this transaction, and reads the floor then.
    """
    old = (OBJ.source_id == source_id) & OBJ.done_at.is_not(None) & (OBJ.modified < floor)
    chosen = (
        select(OBJ.id).where(old).order_by(OBJ.id).limit(limit).with_for_update(skip_locked=True)
    )
    ids = (await session.connection.execute(chosen)).scalars().all()
    if not ids:
        return 0
    await session.connection.execute(
        update(t.source).where(S.id == source_id).values(floor_at=floor)
    )
    await _keep_sums(session, source_id, ids)
    await session.connection.execute(delete(t.source_object).where(OBJ.id.in_(ids)))
    return len(ids)


async def _keep_sums(session: Session, source_id: int, ids: Sequence[int]) -> None:
    query = (
        select(
            OBJ.state,
            func.count().label("objects"),
            func.sum(OBJ.rows).label("rows"),
            func.sum(OBJ.size).label("bytes"),
        )
        .where(OBJ.id.in_(ids))
        .group_by(OBJ.state)
    )
    for row in (await session.connection.execute(query)).all():
        if row.state == ObjectState.COUNTED.value:
            values = {
                "pruned_counted": S.pruned_counted + row.objects,
                "pruned_rows": S.pruned_rows + int(row.rows),
                "pruned_bytes": S.pruned_bytes + int(row.bytes),
            }
        else:
            values = {"pruned_quarantined": S.pruned_quarantined + row.objects}
        await session.connection.execute(update(t.source).where(S.id == source_id).values(values))
