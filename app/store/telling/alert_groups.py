"""Alerts of one monitor and version together: news until they are settled, and barriers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, literal, select, update

from app.domain.alerts.alert import AlertState
from app.domain.alerts.group import LONGEST, PATIENCE, GroupKey, Member
from app.domain.verdicts.judgement import WindowKey
from app.store import tables as t
from app.store.transactions import locks
from app.store.transactions.session import AnyRow, Session

A, B, W = t.alert.c, t.alert_barrier.c, t.window.c
FIRES = A.state == AlertState.FIRING.value
EVERY = "*"
"""In place of a segment: all of them, of which each has the same windows."""


@dataclass(frozen=True)
class AlertGroups:
    """The part of the alerts' store that decides when, and of what, the world is told."""

    session: Session

    async def note(self, alert_id: int, news: Mapping[str, Any]) -> None:
        """Keep what there is to tell of a change; nothing where it took back another one."""
        now = literal(self.session.now, A.unsettled_at.type)
        since = func.coalesce(A.unsettled_at, now)
        await self.session.connection.execute(
            update(t.alert)
            .where(A.id == alert_id)
            .values(unsettled_at=case((A.told == FIRES, None), else_=since), news=dict(news))
        )

    async def members(self, key: GroupKey) -> Sequence[Member]:
        """All alerts of a group."""
        rows = await self.session.connection.execute(
            select(t.alert).where(_of(key)).order_by(A.segment)
        )
        return [_member(row) for row in rows]

    async def settled(self, key: GroupKey) -> None:
        """Note that the world knows how a group is now."""
        await self.session.connection.execute(
            update(t.alert)
            .where(_of(key), A.unsettled_at.is_not(None))
            .values(told=FIRES, unsettled_at=None, news=None)
        )

    async def unsettled(self, model_id: int, version: str) -> Sequence[str]:
        """Monitors of which there is something to tell."""
        query = select(A.monitor).distinct().order_by(A.monitor)
        query = query.where(
            A.model_id == model_id, A.version == version, A.unsettled_at.is_not(None)
        )
        return (await self.session.connection.execute(query)).scalars().all()

    async def overdue(self, limit: int) -> Sequence[GroupKey]:
        """Groups whose news waits for windows that do not come, those that wait longest first."""
        now, other = self.session.now, t.alert.alias("other").c
        same = (other[name] == A[name] for name in ("model_id", "version", "monitor"))
        at_work = exists().where(*same, other.changed_at > now - PATIENCE)
        query = (
            select(A.model_id, A.version, A.monitor)
            .join(t.model, t.model.c.id == A.model_id)
            .where(A.unsettled_at <= now - PATIENCE, t.model.c.hidden_at.is_(None))
            .where(~at_work | (A.unsettled_at <= now - LONGEST))
            .group_by(A.model_id, A.version, A.monitor)
            .order_by(func.min(A.unsettled_at), A.model_id, A.version, A.monitor)
            .limit(limit)
        )
        rows = await self.session.connection.execute(query)
        return [GroupKey(row.model_id, row.version, row.monitor) for row in rows]

    async def claim(self, key: GroupKey) -> bool:
        """Keep closers of the version waiting; False where it stays busy: try again later."""
        return await locks.try_exclude(self.session, key.model_id, key.version)

    async def origins(self, key: GroupKey) -> Collection[datetime]:
        """The starts of the windows that the news of a group comes from."""
        start = A.news["window"]["start"].as_string()
        query = select(start).distinct().where(_of(key), A.unsettled_at.is_not(None))
        found = (await self.session.connection.execute(query)).scalars()
        return {datetime.fromisoformat(one) for one in found if one is not None}

    async def awaited(self, window: WindowKey, starts: Collection[datetime]) -> bool:
        """Whether windows that begin then are still to be judged, apart from this one."""
        others = exists().where(
            W.model_id == window.model_id,
            W.version == window.version,
            W.frame == window.frame,
            W.start_at.in_(starts),
            (W.segment != window.segment) | (W.start_at != window.start),
        )
        marked = others.where(t.restatement.c.window_id == W.id)
        # asked apart, since each of them has an index of its own
        query = select(others.where(W.closed_at.is_(None)) | marked)
        return bool((await self.session.connection.execute(query)).scalar_one())

    async def barriers(self, window: WindowKey) -> Mapping[str, datetime]:
        """By monitor, the start of the last window of its series that gives no reason to fire."""
        query = (
            select(B.monitor, func.max(B.start_at).label("start_at"))
            .where(B.model_id == window.model_id, B.version == window.version)
            .where(B.segment.in_((window.segment, EVERY)))
            .group_by(B.monitor)
        )
        rows = await self.session.connection.execute(query)
        return {row.monitor: row.start_at for row in rows}

    async def bar(self, key: GroupKey, frame: str, *, apart: bool) -> None:
        """Have no window that is closed by now give the alerts of a group reason to fire.

        ``apart``: the windows of each segment begin at times of their own.
        """
        named = dict(zip(("model_id", "version", "monitor"), key, strict=True))
        mine = (B[name] == value for name, value in named.items())
        await self.session.connection.execute(delete(t.alert_barrier).where(*mine))
        last = (
            select(W.segment if apart else literal(EVERY).label("segment"))
            .add_columns(func.max(W.start_at).label("start_at"))
            .where(W.model_id == key.model_id, W.version == key.version)
            .where(W.frame == frame, W.closed_at.is_not(None))
        )
        found = await self.session.connection.execute(last.group_by(W.segment) if apart else last)
        rows = [named | dict(row) for row in found.mappings() if row["start_at"] is not None]
        if rows:
            new = self.session.insert(t.alert_barrier).values(rows)
            keys = [B.model_id, B.version, B.segment, B.monitor]
            values = {"start_at": new.excluded.start_at}
            await self.session.connection.execute(
                new.on_conflict_do_update(index_elements=keys, set_=values)
            )


def _of(key: GroupKey) -> ColumnElement[bool]:
    return (A.model_id == key.model_id) & (A.version == key.version) & (A.monitor == key.monitor)


def _member(row: AnyRow) -> Member:
    return Member(
        alert_id=row.id,
        segment=row.segment,
        state=AlertState(row.state),
        told=row.told,
        since=row.since,
        worst=tuple(row.worst),
        news=row.news,
    )
