"""Refused batches: all are counted, and few enough described that no flood fills the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from app.domain.errors import Fault
from app.domain.model import DEFAULT_VERSION, VersionRole
from app.domain.rejection import (
    KEPT,
    PER_MINUTE,
    Reason,
    RejectedSum,
    Rejection,
    RejectionQuery,
    StoredRejection,
)
from app.store import tables as t
from app.store.intake import tallies
from app.store.transactions.bulk import insert_all
from app.store.transactions.removal import delete_some
from app.store.transactions.session import AnyRow, Session

R, S = t.rejection.c, t.rejected.c


@dataclass(frozen=True, slots=True)
class Rejections:
    """Refused batches of all models."""

    session: Session

    async def add(self, group: Sequence[Rejection]) -> None:
        """Count refused batches and their rows, and describe the first of them in each minute.

        Those of models that are not there (any more) leave nothing.
        """
        models = await self._models({one.model for one in group})
        alike: dict[tuple[int, str], list[Rejection]] = defaultdict(list)
        rows: dict[tallies.Owner, int] = defaultdict(int)
        for one in (one for one in group if one.model in models):
            model_id, champion = models[one.model]
            version = one.version or champion
            alike[model_id, one.reason.value].append(replace(one, version=version))
            rows[model_id, version, one.source] += one.rows
        for owner in sorted(rows):
            if rows[owner]:
                await tallies.add_rejected(self.session, owner, rows[owner])
        for (model_id, reason), found in sorted(alike.items()):
            await self._count(model_id, reason, len(found))
            await self._describe(model_id, reason, found)

    async def page(
        self, query: RejectionQuery, before: int | None, limit: int
    ) -> Sequence[StoredRejection]:
        """Newest first, those with ids below ``before``."""
        wanted = _shown().where(R.model_id == query.model_id).order_by(R.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(R.id < before)
        if query.reason is not None:
            wanted = wanted.where(R.reason == query.reason.value)
        if query.source is not None:
            wanted = wanted.where(R.source == query.source)
        if query.since is not None:
            wanted = wanted.where(R.at >= query.since)
        return [_stored(row) for row in await self.session.connection.execute(wanted)]

    async def get(self, model_id: int, rejection_id: int) -> StoredRejection | None:
        wanted = _shown().where(R.model_id == model_id, R.id == rejection_id)
        row = (await self.session.connection.execute(wanted)).one_or_none()
        return None if row is None else _stored(row)

    async def sums(self) -> Sequence[RejectedSum]:
        """How many batches were ever refused, by model and reason."""
        query = (
            select(t.model.c.name, S.reason, S.batches)
            .join(t.model, t.model.c.id == S.model_id)
            .where(t.model.c.hidden_at.is_(None))
            .order_by(t.model.c.name, S.reason)
        )
        found = await self.session.connection.execute(query)
        return [RejectedSum(row.name, Reason(row.reason), int(row.batches)) for row in found]

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` entries that are older; the counts of them stay."""
        old = R.at < self.session.now - kept_for
        return await delete_some(self.session, t.rejection, old, limit)

    async def _models(self, names: set[str]) -> Mapping[str, tuple[int, str]]:
        """Return ids and champions."""
        c, v = t.model.c, t.version.c
        champion = and_(v.model_id == c.id, v.role == VersionRole.CHAMPION.value)
        query = (
            select(c.id, c.name, v.name.label("champion"))
            .outerjoin(t.version, champion)
            .where(c.name.in_(sorted(names)), c.hidden_at.is_(None))
        )
        found = await self.session.connection.execute(query)
        return {row.name: (row.id, row.champion or DEFAULT_VERSION) for row in found}

    async def _count(self, model_id: int, reason: str, batches: int) -> None:
        """Add to the count; replicas that refuse alike take turns from here to their commit."""
        row = {"model_id": model_id, "reason": reason, "batches": batches}
        adding = self.session.insert(t.rejected).values(row)
        await self.session.connection.execute(
            adding.on_conflict_do_update(
                index_elements=[S.model_id, S.reason],
                set_={"batches": S.batches + adding.excluded.batches},
            )
        )

    async def _describe(self, model_id: int, reason: str, found: Sequence[Rejection]) -> None:
        minute = self.session.now.replace(second=0, microsecond=0)
        lately = (R.model_id == model_id) & (R.reason == reason) & (R.at >= minute)
        query = select(func.count(), func.max(R.id)).where(lately)
        present, _ = (await self.session.connection.execute(query)).one()
        room = max(0, PER_MINUTE - present)
        rows = [self._row(model_id, one) for one in found[:room]]
        await insert_all(self.session, t.rejection, rows)
        if rows:
            await self._trim(model_id)
        if rest := found[room:]:
            last = select(func.max(R.id)).where(lately).scalar_subquery()
            more = {
                "batches": R.batches + len(rest),
                "rows": R.rows + sum(one.rows for one in rest),
            }
            await self.session.connection.execute(
                update(t.rejection).where(R.id == last).values(more)
            )

    def _row(self, model_id: int, one: Rejection) -> dict[str, Any]:
        return {
            "model_id": model_id,
            "at": self.session.now,
            "version": one.version,
            "source": one.source,
            "key": one.key,
            "reason": one.reason.value,
            "detail": one.detail,
            "faults": [asdict(fault) for fault in one.faults],
            "left_out": one.left_out,
            "rows": one.rows,
            "batches": 1,
        }

    async def _trim(self, model_id: int) -> None:
        """Keep the newest entries of a model."""
        oldest = (
            select(R.id)
            .where(R.model_id == model_id)
            .order_by(R.id.desc())
            .offset(KEPT)
            .limit(1)
            .scalar_subquery()
        )
        await self.session.connection.execute(
            delete(t.rejection).where(R.model_id == model_id, R.id <= oldest)
        )


def _shown() -> Any:  # noqa: ANN401  a select of a table and a name
    return select(t.rejection, t.model.c.name.label("model")).join(
        t.model, t.model.c.id == R.model_id
    )


def _stored(row: AnyRow) -> StoredRejection:
    rejection = Rejection(
        model=row.model,
        version=row.version,
        source=row.source,
        key=row.key,
        reason=Reason(row.reason),
        detail=row.detail,
        faults=tuple(Fault(**fault) for fault in row.faults),
        left_out=row.left_out,
        rows=row.rows,
    )
    return StoredRejection(row.id, row.at, row.batches, rejection)
