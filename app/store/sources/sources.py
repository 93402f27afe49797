"""Sources of models: declared, looked at in turn, and what is known of their objects."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, update

from app.domain.sources.source import SOONEST, Listed, Look, ObjectState, Options, Source, digest_of
from app.ports.sources import Progress, SourceState
from app.store import tables as t
from app.store.transactions.bulk import insert_all
from app.store.transactions.session import AnyRow, Session

S, OBJ = t.source.c, t.source_object.c
CHUNK = 1_000
DONE = (ObjectState.COUNTED.value, ObjectState.QUARANTINED.value)


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of models and the set of their objects."""

    session: Session

    async def put(self, source: Source) -> bool:
        """Create or replace, and have it looked at now; True where it was created."""
        now = self.session.now
        values = _values(source) | {"changed_at": now, "next_look_at": now, "look_error": None}
        fresh = {"created_at": now, "listed": 0} | dict.fromkeys(
            ("pruned_counted", "pruned_quarantined", "pruned_rows", "pruned_bytes"), 0
        )
        added = await self.session.connection.execute(
            self.session.insert(t.source)
            .values(model_id=source.model_id, name=source.name, **values, **fresh)
            .on_conflict_do_nothing()
            .returning(S.id)
        )
        if added.one_or_none() is not None:
            return True
        await self.session.connection.execute(
            update(t.source)
            .where(S.model_id == source.model_id, S.name == source.name, S.hidden_at.is_(None))
            .values(values)
        )
        return False

    async def get(self, model_id: int, name: str) -> SourceState | None:
        found = await self._states(_visible().where(S.model_id == model_id, S.name == name))
        return found[0] if found else None

    async def page(self, model_id: int, after: str | None, limit: int) -> Sequence[SourceState]:
        query = _visible().where(S.model_id == model_id).order_by(S.name).limit(limit)
        return await self._states(query if after is None else query.where(S.name > after))

    async def all(self) -> Sequence[SourceState]:
        return await self._states(_visible().order_by(t.model.c.name, S.name))

    async def delete(self, model_id: int, name: str) -> bool:
        """Hide it at once; ``prune`` removes its objects in steps."""
        gone = await self.session.connection.execute(
            update(t.source)
            .where(S.model_id == model_id, S.name == name, S.hidden_at.is_(None))
            .values(hidden_at=self.session.now, changed_at=self.session.now, enabled=False)
        )
        return gone.rowcount > 0

    async def living(self, ids: Collection[int]) -> set[int]:
        """Of sources those that nobody deleted, nor their model."""
        query = _visible().where(S.id.in_(ids)).with_only_columns(S.id)
        return set((await self.session.connection.execute(query)).scalars())

    async def hasten(self, source_id: int) -> None:
        """Have the next look at once, though not within seconds of the last one."""
        now = self.session.now
        last = (
            await self.session.connection.execute(select(S.looked_at).where(S.id == source_id))
        ).scalar_one_or_none()
        soon = now if last is None else max(now, last + SOONEST)
        await self.session.connection.execute(
            update(t.source)
            .where(S.id == source_id, S.next_look_at > soon)
            .values(next_look_at=soon)
        )

    async def begin_look(self, holder: str, lease: timedelta) -> Look | None:
        """Lease a source that is due to be listed."""
        now = self.session.now
        query = (
            _visible()
            .where(
                S.enabled,
                S.next_look_at <= now,
                or_(S.look_until.is_(None), S.look_until <= now),
            )
            .order_by(S.next_look_at, S.id)
            .limit(1)
            .with_for_update(of=t.source, skip_locked=True)
        )
        row = (await self.session.connection.execute(query)).one_or_none()
        if row is None:
            return None
        await self.session.connection.execute(
            update(t.source)
            .where(S.id == row.id)
            .values(look_until=now + lease, look_holder=holder, looked_at=now)
        )
        return Look(source_in(row), holder)

    async def unknown(
        self, source: Source, listed: Sequence[Listed], *, old: bool = False
    ) -> Sequence[Listed]:
        """Of listed objects those that are not in the set, and not below its floor but if asked."""
        query = select(S.floor_at).where(S.id == source.id)
        floor = (await self.session.connection.execute(query)).scalar_one_or_none()
        floor = None if old else floor
        young = {digest_of(source, o): o for o in listed if floor is None or o.modified >= floor}
        return [young[digest] for digest in await self._fresh(source.id, list(young))]

    async def note(self, look: Look, listed: Sequence[Listed], lease: timedelta) -> int | None:
        """Add what is unknown, and keep the lease; how many were added, None where it is lost.

        The source's row is locked first: what housekeeping forgets at this moment is below a
        floor that is read after it, never forgotten and taken for new.
        """
        held = await self.session.connection.execute(
            update(t.source)
            .where(S.id == look.source.id, S.look_holder == look.holder, S.hidden_at.is_(None))
            .values(look_until=self.session.now + lease)
        )
        return await self._add(look.source, listed) if held.rowcount else None

    async def end_look(self, look: Look, began: datetime, listed: int, error: str | None) -> None:
        """Give the lease back, and set the time of the next look."""
        values: dict[str, Any] = {
            "look_until": None,
            "look_holder": None,
            "look_error": error,
            "next_look_at": max(began + look.source.poll, self.session.now + SOONEST),
        }
        if error is None:
            values["listed"] = listed
        await self.session.connection.execute(
            update(t.source)
            .where(S.id == look.source.id, S.look_holder == look.holder)
            .values(values)
        )

    async def add(self, source: Source, listed: Sequence[Listed]) -> int:
        """Add what is unknown without a look; how many were added."""
        locked = select(S.id).where(S.id == source.id, S.hidden_at.is_(None)).with_for_update()
        found = (await self.session.connection.execute(locked)).one_or_none()
        return 0 if found is None else await self._add(source, listed)

    async def begin_backfill(self, source_id: int, holder: str, lease: timedelta) -> None:
        """Let windows of the past wait for a source that is switched off, until the lease ends.

        One that was broken off is gone on with: it began when it did, whatever came between.
        """
        now = self.session.now
        unfinished = S.look_until.is_not(None)
        values = {
            "look_holder": holder,
            "look_until": now + lease,
            "looked_at": case((unfinished, S.looked_at), else_=literal(now, S.looked_at.type)),
        }
        await self.session.connection.execute(
            update(t.source).where(S.id == source_id, S.enabled.is_(False)).values(values)
        )

    async def end_backfill(self, source_id: int, holder: str) -> bool:
        """Let them be judged; False where somebody else goes on with it."""
        ended = await self.session.connection.execute(
            update(t.source)
            .where(S.id == source_id, S.look_holder == holder)
            .values(look_until=None, look_holder=None)
        )
        return ended.rowcount > 0

    async def _add(self, source: Source, listed: Sequence[Listed]) -> int:
        fresh = await self.unknown(source, listed)
        found = [self._found(source, one) for one in fresh]
        await insert_all(self.session, t.source_object, found, ignore=True)
        return len(fresh)

    async def _fresh(self, source_id: int, digests: Sequence[bytes]) -> list[bytes]:
        known: set[bytes] = set()
        for start in range(0, len(digests), CHUNK):
            query = select(OBJ.digest).where(
                OBJ.source_id == source_id, OBJ.digest.in_(digests[start : start + CHUNK])
            )
            known |= {bytes(row.digest) for row in await self.session.connection.execute(query)}
        return [digest for digest in digests if digest not in known]

    def _found(self, source: Source, listed: Listed) -> dict[str, Any]:
        return {
            "source_id": source.id,
            "digest": digest_of(source, listed),
            "key": listed.key,
            "etag": listed.etag,
            "version": listed.version,
            "size": listed.size,
            "modified": listed.modified,
            "state": ObjectState.FOUND.value,
            "tries": 0,
            "due_at": self.session.now,
            "rows": 0,
            "seen_at": self.session.now,
        }

    async def _states(self, query: Select[Any]) -> list[SourceState]:
        rows = (await self.session.connection.execute(query)).all()
        sums = await self._sums([row.id for row in rows])
        return [_state(row, sums.get(row.id, {}), self.session.now) for row in rows]

    async def _sums(self, ids: Sequence[int]) -> dict[int, dict[str, AnyRow]]:
        """Return counts and sums of the objects of sources, by source and state."""
        query = (
            select(
                OBJ.source_id,
                OBJ.state,
                func.count().label("objects"),
                func.sum(OBJ.rows).label("rows"),
                func.sum(OBJ.size).label("bytes"),
                func.min(OBJ.seen_at).label("oldest"),
            )
            .where(OBJ.source_id.in_(ids))
            .group_by(OBJ.source_id, OBJ.state)
        )
        found: dict[int, dict[str, AnyRow]] = {}
        if ids:
            for row in await self.session.connection.execute(query):
                found.setdefault(row.source_id, {})[row.state] = row
        return found


def _visible() -> Select[Any]:
    return select(t.source, t.model.c.name.label("model")).join(
        t.model,
        and_(t.model.c.id == S.model_id, t.model.c.hidden_at.is_(None), S.hidden_at.is_(None)),
    )


def _values(source: Source) -> dict[str, Any]:
    options = source.options
    return {
        "url": source.url,
        "options": {
            "endpoint": options.endpoint,
            "region": options.region,
            "anonymous": options.anonymous,
            "credentials": dict(options.credentials),
        },
        "format": source.format,
        "columns": {
            "renames": dict(source.columns),
            "inputs": list(source.inputs),
            "outputs": list(source.outputs),
        },
        "version": source.version,
        "poll": source.poll,
        "days": source.days,
        "remember": source.remember,
        "enabled": source.enabled,
    }


def source_in(row: AnyRow) -> Source:
    return Source(
        model_id=row.model_id,
        model=row.model,
        name=row.name,
        url=row.url,
        options=Options(**row.options),
        format=row.format,
        columns=row.columns["renames"],
        inputs=tuple(row.columns["inputs"]),
        outputs=tuple(row.columns["outputs"]),
        version=row.version,
        poll=row.poll,
        days=row.days,
        remember=row.remember,
        enabled=row.enabled,
        id=row.id,
    )


def _state(row: AnyRow, sums: Mapping[str, AnyRow], now: datetime) -> SourceState:
    waiting = [one for state, one in sums.items() if state not in DONE]
    counted = sums.get(ObjectState.COUNTED.value)
    quarantined = sums.get(ObjectState.QUARANTINED.value)
    return SourceState(
        source=source_in(row),
        created_at=row.created_at,
        looked_at=row.looked_at,
        looking=row.look_until is not None and row.look_until > now,
        listed=row.listed,
        error=row.look_error,
        floor=row.floor_at,
        progress=Progress(
            found=sum(one.objects for one in waiting),
            counted=row.pruned_counted + (counted.objects if counted else 0),
            quarantined=row.pruned_quarantined + (quarantined.objects if quarantined else 0),
            rows=row.pruned_rows + int(counted.rows if counted else 0),
            bytes=row.pruned_bytes + int(counted.bytes if counted else 0),
            waiting_bytes=int(sum(one.bytes for one in waiting)),
            oldest_waiting=min((one.oldest for one in waiting), default=None),
        ),
    )
