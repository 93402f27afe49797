"""The outbox: events are written with what caused them, and delivered under leases."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update

from app.domain.alerts.delivery import (
    GONE,
    PER_TARGET,
    Attempt,
    Claimed,
    DeliveryState,
    Next,
    Target,
)
from app.domain.alerts.event import FIRING, RESOLVED, Event
from app.domain.errors import NotFound
from app.store import tables as t
from app.store.telling import told_pruning
from app.store.telling.targets import Targets, topics
from app.store.transactions.session import AnyRow, Session

D, E = t.delivery.c, t.event.c
MOST_ALONE = 100
"""Messages of before there were groups; one monitor has no more segments that fire for long."""
PENDING = DeliveryState.PENDING.value
DELIVERED = DeliveryState.DELIVERED.value
SUPERSEDED = DeliveryState.SUPERSEDED.value


@dataclass(frozen=True, slots=True)
class Outbox:
    """Events, their deliveries, and the attempts."""

    session: Session

    async def add(self, event: Event, targets: Sequence[str]) -> Sequence[int]:
        """Store an event with one pending delivery per target.

        When it is a resolve, every delivery of the same ordering key that is still pending is
        superseded, also to a target that is disabled now and may be enabled again.
        """
        await self.session.connection.execute(
            t.event.insert().values(
                id=event.id,
                type=event.type,
                subject=event.subject,
                time=event.time,
                ordering=event.ordering,
                body=event.body,
            )
        )
        if event.type == RESOLVED:
            await self._supersede(event.ordering)
        return [await self._add(event, target) for target in targets]

    async def told(self, ordering: str) -> Collection[str]:
        """Return the targets that were told, under an ordering key, that something fires.

        That is since it was last told to be over; it may have been told more than once.
        """
        about = t.event.c.id == D.event_id
        over = (
            select(func.coalesce(func.max(D.id), 0))
            .join(t.event, about)
            .where(D.ordering == ordering, t.event.c.type == RESOLVED)
        )
        query = (
            select(D.target)
            .distinct()
            .join(t.event, about)
            .where(D.ordering == ordering, D.id > over.scalar_subquery())
            .where(t.event.c.type == FIRING)
        )
        return (await self.session.connection.execute(query)).scalars().all()

    async def told_alone(self, ordering: str) -> Collection[str]:
        """Return the segments that were told to fire by themselves since their group was last over.

        An end of before there were groups was that of all rows alone.
        """
        mine = select(E.time, E.body).where(E.ordering == ordering)
        last = mine.where(E.type == RESOLVED).order_by(E.time.desc(), E.id.desc()).limit(1)
        over = (await self.session.connection.execute(last)).one_or_none()
        query = mine.where(E.type == FIRING).order_by(E.time, E.id).limit(MOST_ALONE)
        if over is not None and "group" in _data(over):
            query = query.where(E.time > over.time)
        told = [_data(row) for row in await self.session.connection.execute(query)]
        return sorted({one["segment"] for one in told if one.get("segment") and "group" not in one})

    async def claim(
        self, limit: int, lease: timedelta, per_target: int = PER_TARGET
    ) -> Sequence[Claimed]:
        """Lease due deliveries: the oldest pending one of each (ordering key, target).

        No target has more than ``per_target`` leased at a time.
        """
        now = self.session.now
        found = (await self.session.connection.execute(self._due(limit, per_target))).all()
        if found:
            await self.session.connection.execute(
                update(t.delivery)
                .where(D.id.in_([row.id for row in found]))
                .values(leased_until=now + lease)
            )
        return [_claimed(row) for row in found]

    async def record(self, delivery_id: int, attempt: Attempt, outcome: Next) -> None:
        """Keep an attempt, and let it decide what becomes of the delivery.

        Whoever was slower than its lease still tells the truth about its try; but what has been
        delivered stays delivered, and what was superseded is not tried again.
        """
        held = await self.session.connection.execute(
            select(D.state, D.target).where(D.id == delivery_id).with_for_update()
        )
        delivery = held.one_or_none()
        if delivery is None:
            raise NotFound(f"there is no delivery {delivery_id}")
        await self.session.connection.execute(
            t.attempt.insert().values(
                delivery_id=delivery_id,
                at=attempt.at,
                status=attempt.status,
                error=attempt.error,
                took=attempt.took,
                retry_after=attempt.retry_after,
                run=attempt.run,
            )
        )
        values: dict[str, Any] = {"tries": D.tries + 1, "leased_until": None}
        if delivery.state == PENDING or outcome.state is DeliveryState.DELIVERED:
            values |= {"state": outcome.state.value, "due_at": outcome.at}
        await self._update(delivery_id, values)
        if outcome.disable_target:
            reason = f"the receiver answered {attempt.status or GONE}: no more deliveries"
            await Targets(self.session).disable(delivery.target, reason)

    async def redeliver(self, delivery_id: int) -> bool:
        """Make it pending again, due now, with the same event; False where there is none."""
        changed = await self._update(
            delivery_id, {"state": PENDING, "tries": 0, "due_at": self.session.now}
        )
        return changed > 0

    async def pending(self) -> int:
        query = select(func.count()).select_from(t.delivery).where(D.state == PENDING)
        return int((await self.session.connection.execute(query)).scalar_one())

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` older events with their deliveries and attempts.

        Not what is to be delivered yet, nor the firing of what was not told to be over.
        """
        return await told_pruning.events(self.session, self.session.now - kept_for, limit)

    def _due(self, limit: int, per_target: int) -> Select[Any]:
        now = self.session.now
        return (
            select(
                D.id,
                D.event_id,
                D.tries,
                t.event.c.type,
                t.event.c.body,
                t.target.c.name,
                t.target.c.kind,
                t.target.c.options,
                t.target.c.takes,
            )
            .join(t.event, t.event.c.id == D.event_id)
            .join(t.target, t.target.c.name == D.target)
            # said again for the rows that are locked: what was chosen may be out of date by then
            .where(D.id.in_(_chosen(now, per_target)), D.state == PENDING, _free(now))
            .order_by(D.due_at, D.id)
            .limit(limit)
            .with_for_update(of=t.delivery, skip_locked=True)
        )

    async def _add(self, event: Event, target: str) -> int:
        now = self.session.now
        added = await self.session.connection.execute(
            t.delivery.insert()
            .values(
                event_id=event.id,
                target=target,
                ordering=event.ordering,
                state=PENDING,
                tries=0,
                due_at=now,
                created_at=now,
                changed_at=now,
            )
            .returning(D.id)
        )
        delivery_id: int = added.scalar_one()
        return delivery_id

    async def _supersede(self, ordering: str) -> None:
        await self.session.connection.execute(
            update(t.delivery)
            .where(D.ordering == ordering, D.state == PENDING)
            .values(state=SUPERSEDED, due_at=None, changed_at=self.session.now)
        )

    async def _update(self, delivery_id: int, values: dict[str, Any]) -> int:
        changed = await self.session.connection.execute(
            update(t.delivery)
            .where(D.id == delivery_id)
            .values(changed_at=self.session.now, **values)
        )
        return changed.rowcount


def _chosen(now: datetime, per_target: int) -> Select[Any]:
    """Return the ids of what is due and first in its order, up to what each target may have."""
    older = t.delivery.alias("older")
    held_up = exists().where(
        older.c.ordering == D.ordering,
        older.c.target == D.target,
        older.c.id < D.id,
        or_(older.c.state == PENDING, older.c.leased_until > now),
    )
    rank = func.row_number().over(partition_by=D.target, order_by=(D.due_at, D.id))
    ranked = (
        select(D.id, D.target, rank.label("place"))
        .join(t.target, and_(t.target.c.name == D.target, t.target.c.enabled))
        .where(D.state == PENDING, D.due_at <= now, _free(now), ~held_up)
        .subquery("ranked")
    )
    leased = (
        select(D.target, func.count().label("places"))
        .where(D.state == PENDING, D.leased_until > now)
        .group_by(D.target)
        .subquery("leased")
    )
    taken = func.coalesce(leased.c.places, 0)
    return (
        select(ranked.c.id)
        .outerjoin(leased, leased.c.target == ranked.c.target)
        .where(ranked.c.place + taken <= per_target)
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(D.leased_until.is_(None), D.leased_until <= now)


def _data(row: AnyRow) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.body).get("data") or {}
    return found


def _claimed(row: AnyRow) -> Claimed:
    target = Target(row.name, row.kind, row.options, takes=topics(row.takes))
    return Claimed(row.id, row.event_id, row.type, bytes(row.body), target, row.tries)
