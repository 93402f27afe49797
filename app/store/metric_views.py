"""What metrics are rendered from; two replicas read the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, and_, func, select

from app.domain.model import WHOLE, VersionRole
from app.domain.monitor import DEFAULT_MONITOR
from app.domain.reports import LatestJudgement, Stamp, StoredVerdict, TallySum
from app.store import judged_rows
from app.store import tables as t
from app.store.session import AnyRow, Session
from app.store.tallies import COUNTERS
from app.store.types import EPOCH, MICROSECOND

W, R, T = t.window.c, t.revision.c, t.tally.c


@dataclass(frozen=True)
class MetricViews:
    """Queries over all models."""

    session: Session

    async def tallies(self) -> Sequence[TallySum]:
        """Ingest counters of all models, by model and version."""
        query = (
            select(
                t.model.c.name.label("model"),
                T.version,
                *(func.sum(T[name]).label(name) for name in COUNTERS),
                func.max(T.latest_event).label("latest_event"),
                func.max(T.last_commit).label("last_commit"),
            )
            .join(t.model, t.model.c.id == T.model_id)
            .where(t.model.c.hidden_at.is_(None))
            .group_by(t.model.c.name, T.version)
            .order_by(t.model.c.name, T.version)
        )
        return [_tally(row) for row in await self.session.connection.execute(query)]

    async def latest(self) -> Sequence[LatestJudgement]:
        """The last judged window of every version that is not retired."""
        last = (
            select(W.model_id, W.version, func.max(W.start_at).label("start_at"))
            .where(W.revision > 0, W.segment == WHOLE, W.monitor == DEFAULT_MONITOR)
            .group_by(W.model_id, W.version)
            .subquery()
        )
        same = (W.model_id == last.c.model_id) & (W.version == last.c.version)
        named = (t.version.c.model_id == W.model_id) & (t.version.c.name == W.version)
        query = (
            select(
                t.model.c.name.label("model"),
                t.version.c.name.label("version"),
                t.version.c.role,
                W.start_at,
                W.end_at,
                R.id,
                R.number,
                R.rows,
                R.judged_at,
                R.state,
            )
            .select_from(t.window)
            .join(last, and_(same, W.start_at == last.c.start_at))
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .join(t.model, t.model.c.id == W.model_id)
            .join(t.version, named)
            .where(W.segment == WHOLE, W.monitor == DEFAULT_MONITOR)
            .where(t.model.c.hidden_at.is_(None))
            .where(t.version.c.role != VersionRole.RETIRED.value)
            .order_by(t.model.c.name, t.version.c.name)
        )
        rows = (await self.session.connection.execute(query)).all()
        found = await judged_rows.verdicts(self.session, [row.id for row in rows])
        return [_latest(row, tuple(found[row.id])) for row in rows]

    async def stamp(self) -> Stamp:
        """Cheap; differs when metrics may differ."""
        return Stamp(
            revisions=await self._highest(t.revision),
            tallies=await self._highest(t.tally),
            models=await self._newest(t.model),
            versions=await self._newest(t.version),
            alerts=await self._newest(t.alert),
            deliveries=await self._newest(t.delivery),
        )

    async def _highest(self, table: Table) -> int:
        query = select(func.max(table.c.id))
        return (await self.session.connection.execute(query)).scalar_one() or 0

    async def _newest(self, table: Table) -> int:
        moment: datetime | None = (
            await self.session.connection.execute(select(func.max(table.c.changed_at)))
        ).scalar_one()
        return 0 if moment is None else (moment - EPOCH) // MICROSECOND


def _tally(row: AnyRow) -> TallySum:
    counters = {name: int(getattr(row, name)) for name in COUNTERS}
    return TallySum(
        model=row.model,
        version=row.version,
        latest_event=row.latest_event,
        last_commit=row.last_commit,
        **counters,
    )


def _latest(row: AnyRow, features: tuple[StoredVerdict, ...]) -> LatestJudgement:
    return LatestJudgement(
        model=row.model,
        version=row.version,
        role=VersionRole(row.role),
        start=row.start_at,
        end=row.end_at,
        revision=row.number,
        rows=row.rows,
        judged_at=row.judged_at,
        state=row.state,
        features=features,
    )
