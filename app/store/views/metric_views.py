"""What metrics are rendered from; two replicas read the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, Table, and_, func, select

from app.domain.conservation import Balance
from app.domain.model import WHOLE, VersionRole
from app.domain.monitors.monitor import NO_FRAME
from app.domain.sources.sequence import Line, missing
from app.domain.telling.reports import LatestJudgement, RowIds, Stamp, StoredVerdict, TallySum
from app.domain.verdicts.judgement import REFERENCE
from app.store import tables as t
from app.store.intake import balance
from app.store.intake.heartbeats import expected_of_window
from app.store.intake.sequences import Sequences
from app.store.intake.tallies import COUNTERS
from app.store.transactions.session import AnyRow, Session
from app.store.transactions.types import EPOCH, MICROSECOND
from app.store.windows import judged_rows

STAMPED = (t.model, t.version, t.alert, t.delivery, t.retraining)
W, R, J, T, M = t.window.c, t.revision.c, t.judgement.c, t.tally.c, t.monitor.c


@dataclass(frozen=True)
class MetricViews:
    """Queries over all models."""

    session: Session

    async def tallies(self, model_id: int | None = None) -> Sequence[TallySum]:
        """Ingest counters of all models (or one of them), by model and version."""
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
        if model_id is not None:
            query = query.where(T.model_id == model_id)
        return [_tally(row) for row in await self.session.connection.execute(query)]

    async def balances(self) -> Sequence[Balance]:
        """What every model received, and what became of it according to all tables that know."""
        return await balance.balances(self.session)

    async def row_ids(self) -> RowIds:
        """About how many row ids are remembered, and how many may be."""
        held = await self.session.connection.execute(select(func.sum(t.seen_day.c.ids)))
        return RowIds(int(held.scalar_one() or 0), self.session.cache.row_ids)

    async def latest(self) -> Sequence[LatestJudgement]:
        """What monitors say of the last judged windows of versions that are not retired."""
        query = (
            select(
                t.model.c.name.label("model"),
                t.version.c.name.label("version"),
                M.name.label("monitor"),
                W.start_at,
                W.end_at,
                J.id,
                R.number,
                R.rows,
                J.judged_at,
                J.state,
                t.model.c.id.label("model_id"),
                expected_of_window().label("expected"),
                _end_before().label("end_before"),
            )
            .select_from(t.version)
            .join(t.model, t.model.c.id == t.version.c.model_id)
            .join(t.monitor, and_(M.model_id == t.model.c.id, M.retired_at.is_(None)))
            .where(M.frame != NO_FRAME)
            .join(t.window, W.id == _last_judged())
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .join(
                t.judgement,
                and_(J.revision_id == R.id, J.monitor == M.name, J.comparison == REFERENCE),
            )
            .where(t.model.c.hidden_at.is_(None))
            .where(t.version.c.role != VersionRole.RETIRED.value)
            .order_by(t.model.c.name, t.version.c.name, M.name)
        )
        rows = (await self.session.connection.execute(query)).all()
        numbered = await Sequences(self.session).near(_spans(rows))
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


def _spans(rows: Iterable[AnyRow]) -> Mapping[int, tuple[datetime, datetime]]:
    """Return, by model, from the first start to the last end of windows."""
    found: dict[int, tuple[datetime, datetime]] = {}
    for row in rows:
        start, end = found.get(row.model_id, (row.start_at, row.end_at))
        found[row.model_id] = min(start, row.start_at), max(end, row.end_at)
    return found


def _highest(table: Table) -> ScalarSelect[int]:
    return select(func.max(table.c.id)).scalar_subquery()


def _newest(table: Table) -> ScalarSelect[datetime]:
    return select(func.max(table.c.changed_at)).scalar_subquery()


def _last_judged() -> ScalarSelect[int]:
    """Return the last judged window of a version, of the frame that a monitor asks about.

    One step in an index, however many windows it has.
    """
    w = t.window.alias("w").c
    return (
        select(w.id)
        .where(w.model_id == t.version.c.model_id, w.version == t.version.c.name)
        .where(w.segment == WHOLE, w.frame == M.frame, w.revision > 0)
        .order_by(w.start_at.desc())
        .limit(1)
        .correlate(t.version, t.monitor)
        .scalar_subquery()
    )


def _end_before() -> ScalarSelect[datetime]:
    """Return where the window before the one of the query around it ended."""
    w = t.window.alias("before").c
    return (
        select(w.end_at)
        .where(w.model_id == W.model_id, w.version == W.version)
        .where(w.segment == W.segment, w.frame == W.frame, w.start_at < W.start_at)
        .order_by(w.start_at.desc())
        .limit(1)
        .correlate(t.window)
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
    before: datetime | None = row.end_before
    return LatestJudgement(
        id=row.id,
        model=row.model,
        version=row.version,
        monitor=row.monitor,
        start=row.start_at,
        end=row.end_at,
        revision=row.number,
        rows=row.rows,
        judged_at=row.judged_at,
        state=row.state,
        expected=None if row.expected is None else int(row.expected),
        gap=timedelta(0) if before is None else max(timedelta(0), row.start_at - before),
        lost=missing(numbered, row.version, row.start_at, row.end_at),
    )
