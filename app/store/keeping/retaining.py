"""Retention in portions: a model is claimed, and one kind of work is done for it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select, update

from app.domain.retention import Cutoffs, Retention, cutoffs
from app.store import tables as t
from app.store.declared import documents
from app.store.keeping import aging, coarsening
from app.store.transactions.session import AnyRow, Session

LOOK_EVERY = timedelta(hours=1)
"""Ages are whole days, so that a model needs no closer look."""
M = t.model.c

Work = Callable[[Session, int, Cutoffs], Awaitable[int]]
LADDER: tuple[tuple[str, Work], ...] = (
    ("sealed", aging.seal),
    ("hours", coarsening.to_hours),
    ("days", coarsening.to_days),
    ("distributions", aging.strip),
    ("counts", coarsening.remove),
    ("windows", aging.remove),
)


async def turn(session: Session) -> str | None:
    """Do one portion of the first kind of work that the model in turn has; its name."""
    model = await _claimed(session)
    if model is None:
        return None
    retention = documents.retention_of(model.retention) or Retention()
    until = cutoffs(retention, model.final_after, session.now)
    for name, work in LADDER:
        if await work(session, model.id, until):
            await _look_again(session, model.id, timedelta(0))
            return name
    await _look_again(session, model.id, LOOK_EVERY)
    return "nothing"


async def _claimed(session: Session) -> AnyRow | None:
    """Lock the model whose look is due for longest, so that nobody else works on it."""
    due = M.retain_at.is_(None) | (M.retain_at <= session.now)
    query = (
        select(M.id, M.retention, M.final_after)
        .where(M.hidden_at.is_(None), due)
        .order_by(M.retain_at.asc().nulls_first(), M.id)
        .limit(1)
        # intake refers to models, which this lock leaves it free to do
        .with_for_update(key_share=True, skip_locked=True)
    )
    found: AnyRow | None = (await session.connection.execute(query)).one_or_none()
    return found


async def _look_again(session: Session, model_id: int, after: timedelta) -> None:
    await session.connection.execute(
        update(t.model).where(M.id == model_id).values(retain_at=session.now + after)
    )
