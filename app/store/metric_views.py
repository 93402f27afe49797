"""What metrics are rendered from; two replicas read the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Table, and_, func, select

from app.domain.conservation import Balance
from app.domain.model import WHOLE, VersionRole
from app.domain.monitors.monitor import BASE_FRAME, DEFAULT_MONITOR
from app.domain.sources.sequence import Line, missing
from app.domain.telling.reports import LatestJudgement, RowIds, Stamp, StoredVerdict, TallySum
from app.domain.verdicts.judgement import REFERENCE
from app.store import balance, judged_rows
from app.store import tables as t
from app.store.heartbeats import expected_of_window
from app.store.sequences import Sequences
from app.store.session import AnyRow, Session
from app.store.tallies import COUNTERS
from app.store.types import EPOCH, MICROSECOND

STAMPED = (t.model, t.version, t.alert, t.delivery, t.retraining)
W, R, J, T = t.window.c, t.revision.c, t.judgement.c, t.tally.c
_BY_DEFAULT = (J.monitor == DEFAULT_MONITOR, J.comparison == REFERENCE)


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

    async def balances(self) -> Sequence[Balance]:
        """What every model received, and what became of it according to all tables that know."""
        return await balance.balances(self.session)

    async def row_ids(self) -> RowIds:
        """About how many row ids are remembered, and how many may be."""
        held = await self.session.connection.execute(select(func.sum(t.seen_day.c.ids)))
        return RowIds(int(held.scalar_one() or 0), self.session.cache.row_ids)

    async def latest(self) -> Sequence[LatestJudgement]:
        """The last judged window of every version that is not retired, without its features."""
        query = (
            select(
                t.model.c.name.label("model"),
                t.version.c.name.label("version"),
                t.version.c.role,
                W.start_at,
                W.end_at,
                J.id,
                R.number,
                R.rows,
                J.judged_at,
                J.state,
                t.model.c.id.label("model_id"),
                expected_of_window().label("expected"),
            )
            .select_from(t.version)
            .join(t.model, t.model.c.id == t.version.c.model_id)
            .join(t.window, W.id == _last_judged())
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .join(t.judgement, and_(J.revision_id == R.id, *_BY_DEFAULT))
            .where(t.model.c.hidden_at.is_(None))
            .where(t.version.c.role != VersionRole.RETIRED.value)
            .order_by(t.model.c.name, t.version.c.name)
        )
        rows = (await self.session.connection.execute(query)).all()
        numbered = await Sequences(self.session).all_lines()
        return [_latest(row, numbered.get(row.model_id, ())) for row in rows]

    async def features(self, judgements: Sequence[int]) -> Mapping[int, Sequence[StoredVerdict]]:
        """What judgements say of their features, by their ids."""
        return await judged_rows.verdicts(self.session, judgements)

    async def stamp(self) -> Stamp:
        """Cheap; differs when metrics may differ."""
        query = select(
            _highest(t.revision).label("revisions"),
            _highest(t.tally).label("tallies"),
            select(func.sum(t.rejected.c.batches)).scalar_subquery().label("rejected"),
            *(_newest(table) for table in STAMPED),
        )
        row = (await self.session.connection.execute(query)).one()
        numbers = [int(number or 0) for number in row[:3]]
        moments = [0 if m is None else (m - EPOCH) // MICROSECOND for m in row[3:]]
        return Stamp(*numbers, *moments)


def _highest(table: Table) -> ScalarSelect[int]:
    return select(func.max(table.c.id)).scalar_subquery()


def _newest(table: Table) -> ScalarSelect[datetime]:
    return select(func.max(table.c.changed_at)).scalar_subquery()


def _last_judged() -> ScalarSelect[int]:
    """Return a version's last judged window: one step in an index, however many windows it has."""
    w = t.window.alias("w").c
    return (
        select(w.id)
        .where(w.model_id == t.version.c.model_id, w.version == t.version.c.name)
        .where(w.segment == WHOLE, w.frame == BASE_FRAME, w.revision > 0)
        .order_by(w.start_at.desc())
        .limit(1)
        .correlate(t.version)
        .scalar_subquery()
    )


def _tally(row: AnyRow) -> TallySum:
    counters = {name: int(getattr(row, name)) for name in COUNTERS}
    return TallySum(
        model=row.model,
        version=row.version,
        latest_event=row.latest_event,
        last_commit=row.last_commit,
        **counters,
    )


def _latest(row: AnyRow, numbered: Sequence[Line]) -> LatestJudgement:
    return LatestJudgement(
        id=row.id,
        model=row.model,
        version=row.version,
        role=VersionRole(row.role),
        start=row.start_at,
        end=row.end_at,
        revision=row.number,
        rows=row.rows,
        judged_at=row.judged_at,
        state=row.state,
        expected=None if row.expected is None else int(row.expected),
        lost=missing(numbered, row.version, row.start_at, row.end_at),
    )
