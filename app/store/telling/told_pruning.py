"""What was told, and runs that are over, go by age; nothing that decides something still."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from app.domain.alerts.delivery import DeliveryState
from app.domain.alerts.event import FIRING, RESOLVED
from app.domain.model import VersionRole
from app.domain.retention import Retention
from app.domain.retrainings.event import ORDERING
from app.domain.retrainings.retraining import IN_FLIGHT, State
from app.store import tables as t
from app.store.declared import documents
from app.store.transactions.removal import delete_some
from app.store.transactions.session import Session

E, D = t.event.c, t.delivery.c
R, M, V = t.retraining.c, t.model.c, t.version.c


async def events(session: Session, before: datetime, limit: int) -> int:
    """Delete old events with their deliveries, the oldest first; how many events."""
    to_do = exists().where(D.event_id == E.id, D.state == DeliveryState.PENDING.value)
    other = t.event.alias("other").c
    over = exists().where(
        other.ordering == E.ordering, other.time >= E.time, other.type == RESOLVED
    )
    # who heard that it fires is to hear of its end
    open_still = (E.type == FIRING) & ~over
    began = exists().where(other.ordering == E.ordering, other.time <= E.time, other.type == FIRING)
    # what began would seem to last if its end went first
    ends_what_stays = (E.type == RESOLVED) & began
    old = (E.time < before) & ~to_do & ~open_still & ~ends_what_stays
    return await delete_some(session, t.event, old, limit, E.time, E.id)


async def runs(session: Session, limit: int) -> int:
    """Delete runs that are over for as long as their model keeps its windows; how many.

    None goes before its event: asked for under the same key again, it is to be found.
    """
    oldest = func.min(R.changed_at).label("oldest")
    query = (
        select(R.model_id, M.retention, oldest)
        .join(t.model, M.id == R.model_id)
        .where(R.state.not_in(sorted(IN_FLIGHT)))
        .group_by(R.model_id, M.retention)
    )
    gone = 0
    for row in (await session.connection.execute(query)).all():
        kept = (documents.retention_of(row.retention) or Retention()).windows
        if row.oldest < session.now - kept and gone < limit:
            old = (R.model_id == row.model_id) & (R.changed_at < session.now - kept) & _over()
            gone += await delete_some(session, t.retraining, old, limit - gone)
    return gone


def _over() -> ColumnElement[bool]:
    """Whether a run decides nothing any more.

    The last one says how long to wait for the next, and whether the alert on retrainings fires;
    the champion's says how old it is; and the champion's episode asks for no second one.
    """
    other = t.retraining.alias("other").c
    newer = exists().where(other.model_id == R.model_id, other.id > R.id)
    crowned = (
        exists()
        .where(V.model_id == R.model_id, V.name == R.challenger)
        .where(V.role == VersionRole.CHAMPION.value, R.state == State.PROMOTED.value)
    )
    asked = exists().where(E.ordering == ORDERING + R.name)
    episode = t.retraining_episode.c
    lasts = exists().where(episode.model_id == R.model_id, episode.name == R.episode)
    return R.state.not_in(sorted(IN_FLIGHT)) & newer & ~crowned & ~asked & ~lasts
