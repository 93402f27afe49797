"""What models received: the most troubled first, the sums of all, and some models' sources."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, or_, select

from app.domain.sources.source import ObjectState
from app.domain.telling.operations import IntakeRank, SourceTally
from app.store import tables as t
from app.store.intake.tallies import COUNTERS
from app.store.transactions.session import Session

M, T, S, OBJ = t.model.c, t.tally.c, t.source.c, t.source_object.c
SHOWN = tuple(name for name in COUNTERS if name != "unchecked")


@dataclass(frozen=True)
class IntakeViews:
    """Queries of the pages on what comes in."""

    session: Session

    async def intake_ranks(self) -> Sequence[IntakeRank]:
        """Models that rows came for or that have a source, the most troubled first."""
        late = _summed(T.model_id, func.sum(T.late))
        refused = _summed(t.rejected.c.model_id, func.sum(t.rejected.c.batches))
        watched = _summed(S.model_id, func.count(), S.hidden_at.is_(None))
        forgotten = _summed(S.model_id, func.sum(S.pruned_quarantined), S.hidden_at.is_(None))
        broken = _broken()
        quarantined = (_number(forgotten) + _number(broken)).label("quarantined")
        query = (
            select(M.id, M.name, _number(refused), _number(watched), quarantined)
            .where(M.hidden_at.is_(None))
            .where(or_(late.c.model_id.is_not(None), watched.c.model_id.is_not(None)))
            .order_by(quarantined.desc(), _number(refused).desc(), _number(late).desc(), M.name)
        )
        for one in (late, refused, watched, forgotten, broken):
            query = query.outerjoin(one, one.c.model_id == M.id)
        rows = await self.session.connection.execute(query)
        return [IntakeRank(row[0], row[1], *map(int, row[2:])) for row in rows]

    async def intake_total(self) -> Mapping[str, int]:
        """What all models received, and what became of it, by counter."""
        query = (
            select(*(func.coalesce(func.sum(T[name]), 0).label(name) for name in SHOWN))
            .join(t.model, M.id == T.model_id)
            .where(M.hidden_at.is_(None))
        )
        row = (await self.session.connection.execute(query)).one()
        return {name: int(getattr(row, name)) for name in SHOWN}

    async def source_tallies(self, models: Collection[int]) -> Sequence[SourceTally]:
        """What each source of these models sent, by model, version and name."""
        query = (
            select(
                M.name.label("model"),
                T.version,
                T.source,
                *(func.sum(T[name]).label(name) for name in SHOWN),
                func.max(T.latest_event).label("latest_event"),
                func.max(T.last_commit).label("last_commit"),
            )
            .join(t.model, M.id == T.model_id)
            .where(M.hidden_at.is_(None), T.model_id.in_(sorted(models)))
            .group_by(M.name, T.version, T.source)
            .order_by(M.name, T.version, T.source)
        )
        found = []
        for row in await self.session.connection.execute(query):
            sums: dict[str, Any] = {name: int(getattr(row, name)) for name in SHOWN}
            moments = row.latest_event, row.last_commit
            found.append(SourceTally(row.model, row.version, row.source, *moments, **sums))
        return found


def _summed(
    model: ColumnElement[int], number: ColumnElement[Any], *which: ColumnElement[bool]
) -> Subquery:
    """Return a number for each model that has one."""
    query = select(model.label("model_id"), number.label("number"))
    return query.where(*which).group_by(model).subquery()


def _broken() -> Subquery:
    """Return how many objects of each model are quarantined."""
    return (
        select(S.model_id, func.count().label("number"))
        .join(t.source_object, OBJ.source_id == S.id)
        .where(S.hidden_at.is_(None), OBJ.state == ObjectState.QUARANTINED.value)
        .group_by(S.model_id)
        .subquery()
    )


def _number(of: Subquery) -> ColumnElement[Any]:
    return func.coalesce(of.c.number, 0)
