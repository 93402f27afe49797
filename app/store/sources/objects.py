"""Objects of sources on their way from found to counted, under leases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from app.domain.errors import Fault
from app.domain.sources.source import (
    MOST_CLAIMS,
    Claim,
    Listed,
    ObjectState,
    Scope,
    Source,
    Staged,
    Verdict,
    batch_key,
)
from app.ports.sources import StoredObject
from app.store import tables as t
from app.store.counts import staging
from app.store.sources.forgetting import prune
from app.store.sources.sources import source_in
from app.store.transactions.session import AnyRow, Session

S, OBJ, G = t.source.c, t.source_object.c, t.source_stage.c
FAULTS = 10
"""Faults of a quarantined object that are kept."""
GIVEN_UP = "whoever began to read it never came back; it may be what ended them"


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects of all sources; ``count`` belongs into the transaction of their counts."""

    session: Session

    async def claim(
        self, limit: int, holder: str, lease: timedelta, within: Sequence[Scope] | None = None
    ) -> Sequence[Claim]:
        """Lease objects that are due, of each source the oldest first."""
        claims: list[Claim] = []
        sources = await self._sources_with_work(within)
        for place, source in enumerate(sources):
            share = -(-(limit - len(claims)) // (len(sources) - place))
            claims += await self._claim(source, share, (holder, lease), within)
        return claims

    async def keep(self, ids: Sequence[int], holder: str, lease: timedelta) -> None:
        """Extend leases that are still the holder's."""
        await self._mine(ids, holder, {"leased_until": self.session.now + lease})

    async def release(self, holder: str, ids: Sequence[int]) -> None:
        """Give leases back as if nothing had been tried."""
        values = _free() | {"tries": OBJ.tries - 1, "due_at": self.session.now}
        await self._mine(ids, holder, values | {"state": _waiting()})

    async def staged(self, object_id: int) -> Staged | None:
        query = select(G.counts).where(G.object_id == object_id)
        found = (await self.session.connection.execute(query)).scalar_one_or_none()
        return None if found is None else staging.unpacked(bytes(found))

    async def stage(self, object_id: int, holder: str, staged: Staged) -> bool:
        """Keep what was counted so far; False where the lease is lost."""
        changed = await self._mine(
            [object_id], holder, {"state": ObjectState.STAGED.value, "tries": 1}
        )
        if not changed:
            return False
        values = {
            "parts": staged.parts,
            "grid_set": staged.batch.grid_set,
            "counts": staging.packed(staged),
        }
        await self.session.connection.execute(
            self.session.insert(t.source_stage)
            .values(object_id=object_id, **values)
            .on_conflict_do_update(index_elements=[G.object_id], set_=values)
        )
        return True

    async def count(self, rows: Mapping[int, int]) -> None:
        """Mark objects counted with so many rows, whoever holds them now."""
        done = {"state": ObjectState.COUNTED.value, "done_at": self.session.now}
        clean = {"reason": None, "detail": None, "faults": None}
        for object_id, counted in sorted(rows.items()):
            await self.session.connection.execute(
                update(t.source_object)
                .where(OBJ.id == object_id, OBJ.state != ObjectState.COUNTED.value)
                .values(rows=counted, **done, **clean, **_free())
            )
        await self._unstage(rows)

    async def fail(self, verdicts: Mapping[int, Verdict], holder: str) -> set[int]:
        """Keep why objects could not be counted, of those still the holder's; their ids."""
        now = self.session.now
        kept: set[int] = set()
        for object_id, verdict in sorted(verdicts.items()):
            done = verdict.state is ObjectState.QUARANTINED
            values: dict[str, Any] = {
                "state": verdict.state.value,
                "due_at": now + (verdict.wait or timedelta()),
                "done_at": now if done else None,
                "reason": verdict.code,
                "detail": verdict.detail,
                "faults": _faults(verdict.faults),
            }
            if await self._mine([object_id], holder, values | _free()):
                kept.add(object_id)
        await self._unstage([one for one in sorted(kept) if verdicts[one].wait is None])
        return kept

    async def page(
        self, source_id: int, state: ObjectState | None, after: int, limit: int
    ) -> Sequence[StoredObject]:
        """By id, those after ``after``."""
        query = select(t.source_object).where(OBJ.source_id == source_id, OBJ.id > after)
        if state is not None:
            query = query.where(OBJ.state == state.value)
        found = await self.session.connection.execute(query.order_by(OBJ.id).limit(limit))
        return [_stored(row) for row in found]

    async def in_states(self, within: Sequence[Scope]) -> Mapping[ObjectState, int]:
        """How many objects are in which state."""
        query = select(OBJ.state, func.count().label("objects")).where(*_inside(within))
        found = await self.session.connection.execute(query.group_by(OBJ.state))
        return {ObjectState(row.state): row.objects for row in found}

    async def quarantined(self, within: Sequence[Scope]) -> Mapping[str, int]:
        """How many objects are quarantined for which reason."""
        query = select(OBJ.reason, func.count().label("objects")).where(
            OBJ.state == ObjectState.QUARANTINED.value, *_inside(within)
        )
        found = await self.session.connection.execute(query.group_by(OBJ.reason))
        return {row.reason or "": row.objects for row in found}

    async def retry(self, source_id: int, object_id: int | None, reason: str | None) -> int:
        """Take quarantined objects again, one or all (of a reason); how many."""
        which = [OBJ.source_id == source_id, OBJ.state == ObjectState.QUARANTINED.value]
        if object_id is not None:
            which.append(OBJ.id == object_id)
        if reason is not None:
            which.append(OBJ.reason == reason)
        again = await self.session.connection.execute(
            update(t.source_object)
            .where(*which)
            .values(
                state=ObjectState.FOUND.value,
                tries=0,
                due_at=self.session.now,
                done_at=None,
                **_free(),
            )
        )
        return again.rowcount

    async def prune(self, limit: int) -> int:
        """Forget at most ``limit`` done objects that are older than their source remembers."""
        return await prune(self.session, limit)

    async def _sources_with_work(self, within: Sequence[Scope] | None) -> list[Source]:
        """Return sources with objects that are due, of models that can count them."""
        which = S.enabled if within is None else S.id.in_([scope.source for scope in within])
        query = (
            select(t.source, t.model.c.name.label("model"))
            .join(t.model, t.model.c.id == S.model_id)
            .where(
                which,
                S.hidden_at.is_(None),
                t.model.c.hidden_at.is_(None),
                t.model.c.active_grid_set_id.is_not(None),
                exists().where(OBJ.source_id == S.id, *self._due(), *_inside(within)),
            )
            .order_by(func.random())  # so that many sources do not starve the last
        )
        return [source_in(row) for row in await self.session.connection.execute(query)]

    def _due(self) -> list[ColumnElement[bool]]:
        now = self.session.now
        free = or_(OBJ.leased_until.is_(None), OBJ.leased_until <= now)
        return [OBJ.done_at.is_(None), OBJ.due_at <= now, free]

    async def _claim(
        self,
        source: Source,
        limit: int,
        leased: tuple[str, timedelta],
        within: Sequence[Scope] | None,
    ) -> list[Claim]:
        holder, lease = leased
        query = (
            select(t.source_object)
            .where(OBJ.source_id == source.id, *self._due(), *_inside(within))
            .order_by(OBJ.modified, OBJ.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = (await self.session.connection.execute(query)).all()
        dead = [row.id for row in found if row.tries >= MOST_CLAIMS]
        await self._update(
            dead,
            _free()
            | {"state": ObjectState.QUARANTINED.value, "done_at": self.session.now}
            | {"reason": "no-answer", "detail": GIVEN_UP},
        )
        await self._update(
            [row.id for row in found if row.id not in dead],
            {
                "state": _state(ObjectState.CLAIMED),
                "leased_until": self.session.now + lease,
                "holder": holder,
                "tries": OBJ.tries + 1,
            },
        )
        return [
            Claim(row.id, source, listed_in(row), row.tries + 1, row.state == "staged")
            for row in found
            if row.id not in dead
        ]

    async def _update(self, ids: Sequence[int], values: dict[str, Any]) -> None:
        if ids:
            await self.session.connection.execute(
                update(t.source_object).where(OBJ.id.in_(ids)).values(values)
            )

    async def _mine(self, ids: Sequence[int], holder: str, values: dict[str, Any]) -> int:
        if not ids:
            return 0
        mine = update(t.source_object).where(
            OBJ.id.in_(ids), OBJ.holder == holder, OBJ.done_at.is_(None)
        )
        return (await self.session.connection.execute(mine.values(values))).rowcount

    async def _unstage(self, ids: "Mapping[int, Any] | Sequence[int]") -> None:
        if ids:
            await self.session.connection.execute(
                delete(t.source_stage).where(G.object_id.in_(list(ids)))
            )


def _inside(within: Sequence[Scope] | None) -> list[ColumnElement[bool]]:
    if within is None:
        return []
    return [or_(false(), *map(_below, within))]


def _below(scope: Scope) -> ColumnElement[bool]:
    if not scope.prefix:
        return OBJ.source_id == scope.source
    # not `like`, which knows no case on SQLite
    below = func.substr(OBJ.key, 1, len(scope.prefix)) == scope.prefix
    return and_(OBJ.source_id == scope.source, below)


def _free() -> dict[str, Any]:
    return {"leased_until": None, "holder": None}


def _state(other: ObjectState) -> ColumnElement[str]:
    staged = ObjectState.STAGED.value
    return case((OBJ.state == staged, staged), else_=other.value)


def _waiting() -> ColumnElement[str]:
    return _state(ObjectState.FOUND)


def _faults(faults: Sequence[Fault]) -> list[dict[str, Any]] | None:
    """Faults say where and what is wrong, never a value."""
    kept = [
        {"detail": f.detail, "pointer": f.pointer, "row": f.row, "field": f.field}
        for f in faults[:FAULTS]
    ]
    return kept or None


def listed_in(row: AnyRow) -> Listed:
    return Listed(row.key, row.size, row.modified, row.etag, row.version)


def _stored(row: AnyRow) -> StoredObject:
    return StoredObject(
        id=row.id,
        listed=listed_in(row),
        state=ObjectState(row.state),
        tries=row.tries,
        reason=row.reason,
        detail=row.detail,
        faults=[Fault(**fault) for fault in row.faults or ()],
        rows=row.rows,
        batch=batch_key(bytes(row.digest)),
        seen_at=row.seen_at,
        due_at=row.due_at,
        done_at=row.done_at,
    )
