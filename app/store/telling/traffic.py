"""Traffic: what each look at a model's arrivals saw, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select, update

from app.domain.alerts.traffic import Hour, Mark, Seen
from app.ports.traffic import Watched
from app.store import tables as t
from app.store.declared.documents import severities_of
from app.store.transactions.removal import delete_some
from app.store.transactions.session import Session

M, H = t.traffic_mark.c, t.traffic_hour.c


@dataclass(frozen=True, slots=True)
class Traffic:
    """Marks and hours of all models."""

    session: Session

    async def due(self, before: datetime) -> Sequence[Watched]:
        """Models whose last look is not after ``before``, with the rows that ever arrived."""
        c, m = t.tally.c, t.model.c
        # what was recognised as sent before is no traffic: it may come from a replay
        arrived = func.coalesce(func.sum(c.counted + c.late), 0)
        totals = select(c.model_id, arrived.label("total")).group_by(c.model_id).subquery("totals")
        query = (
            select(m.id, m.name, m.maximum_silence, m.severities, totals.c.total, *t.traffic_mark.c)
            .join(totals, totals.c.model_id == m.id)
            .outerjoin(t.traffic_mark, M.model_id == m.id)
            .where(m.hidden_at.is_(None), M.looked_at.is_(None) | (M.looked_at <= before))
            .order_by(m.id)
        )
        rows = await self.session.connection.execute(query)
        return [
            Watched(
                row.id,
                row.name,
                row.maximum_silence,
                severities_of(row.severities),
                int(row.total),
                _mark(row),
            )
            for row in rows
        ]

    async def note(self, model_id: int, before: Mark | None, seen: Seen) -> bool:
        """Write a look down; False where another replica looked since ``before``."""
        values = {
            "seen": seen.mark.seen,
            "looked_at": seen.mark.looked_at,
            "arrived_at": seen.mark.arrived_at,
            "blind": seen.mark.blind,
        }
        if before is None:
            done = await self.session.connection.execute(
                self.session.insert(t.traffic_mark)
                .values(model_id=model_id, **values)
                .on_conflict_do_nothing()
                .returning(M.model_id)
            )
        else:
            done = await self.session.connection.execute(
                update(t.traffic_mark)
                .where(M.model_id == model_id, M.looked_at == before.looked_at)
                .values(**values)
                .returning(M.model_id)
            )
        if done.one_or_none() is None:
            return False
        if seen.hour is not None:
            await self._add(model_id, seen.hour)
        return True

    async def hours(self, model_id: int, start: datetime, end: datetime) -> Sequence[Hour]:
        """The hours that start in ``[start, end)``, in order."""
        query = (
            select(t.traffic_hour)
            .where(H.model_id == model_id, H.hour >= start, H.hour < end)
            .order_by(H.hour)
        )
        rows = await self.session.connection.execute(query)
        return [
            Hour(row.hour, row.looks, row.active, row.rows, row.quiet_from, row.quiet_to)
            for row in rows
        ]

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` hours that are older."""
        return await delete_some(self.session, t.traffic_hour, H.hour < before, limit)

    async def _add(self, model_id: int, hour: Hour) -> None:
        """Add a look to its hour; of the silences that ended in it the longest stays."""
        where = (H.model_id == model_id) & (H.hour == hour.start)
        found = (
            await self.session.connection.execute(select(t.traffic_hour).where(where))
        ).one_or_none()
        if found is None:
            await self.session.connection.execute(
                self.session.insert(t.traffic_hour).values(
                    model_id=model_id,
                    hour=hour.start,
                    looks=hour.looks,
                    active=hour.active,
                    rows=hour.rows,
                    quiet_from=hour.quiet_from,
                    quiet_to=hour.quiet_to,
                )
            )
            return
        added = {
            "looks": H.looks + hour.looks,
            "active": H.active + hour.active,
            "rows": H.rows + hour.rows,
        }
        quiet = {"quiet_from": hour.quiet_from, "quiet_to": hour.quiet_to}
        longer = _lasted(hour.quiet_from, hour.quiet_to) > _lasted(found.quiet_from, found.quiet_to)
        await self.session.connection.execute(
            update(t.traffic_hour).where(where).values(**added, **(quiet if longer else {}))
        )


def _lasted(start: datetime | None, end: datetime | None) -> float:
    return 0.0 if start is None or end is None else (end - start).total_seconds()


def _mark(row: "Row[tuple[object, ...]]") -> Mark | None:
    if row.looked_at is None:
        return None
    return Mark(int(row.seen), row.looked_at, row.arrived_at, bool(row.blind))
