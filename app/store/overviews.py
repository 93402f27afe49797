"""Many windows at once, each in little: what overviews show."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, literal, select, tuple_

from app.domain.model import WHOLE, VersionRole
from app.domain.monitors.monitor import BASE_FRAME, DEFAULT_MONITOR
from app.domain.telling.overview import Beside, Cell, Judged, ModelLine
from app.domain.verdicts.judgement import REFERENCE, WindowKey
from app.store import tables as t
from app.store.session import AnyRow, Session
from app.store.types import EPOCH, Instant
from drift_core import State

W, R, J, V = t.window.c, t.revision.c, t.judgement.c, t.verdict.c
E, M = t.estimate.c, t.model.c
CHUNK = 500
_OF_WHOLE = (W.segment == WHOLE, W.frame == BASE_FRAME, W.revision > 0)
_BY_DEFAULT = (J.monitor == DEFAULT_MONITOR, J.comparison == REFERENCE)
_JUDGED = (
    W.start_at,
    W.end_at,
    R.rows,
    J.state,
    J.warning,
    J.page,
    J.reason,
    J.id.label("verdict"),
)


@dataclass(frozen=True)
class Overviews:
    """Bounded queries over many models, or over many windows of one."""

    session: Session

    async def fleet(self) -> Sequence[ModelLine]:
        """Every model by name, with what the usual monitor says of its last judged window."""
        shown = and_(t.version.c.model_id == M.id, t.version.c.role != VersionRole.RETIRED.value)
        query = (
            select(M.id, M.name, M.window, M.active_baseline)
            .add_columns(t.version.c.name.label("version"), t.version.c.role, *_JUDGED)
            .select_from(t.model)
            .outerjoin(t.version, shown)
            .outerjoin(t.window, W.id == _last_judged())
            .outerjoin(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .outerjoin(t.judgement, and_(J.revision_id == R.id, *_BY_DEFAULT))
            .where(M.hidden_at.is_(None))
            .order_by(M.name, W.start_at)
        )
        lines: dict[int, ModelLine] = {}
        for row in await self.session.connection.execute(query):
            lines[row.id] = _better(lines.get(row.id), row)
        return list(lines.values())

    async def strips(self, lines: Sequence[ModelLine], last: int) -> Mapping[int, Sequence[Judged]]:
        """The last judged windows of what lines show, oldest first, by id of the model."""
        pairs = [(line.id, line.version) for line in lines if line.version is not None]
        mine = and_(t.version.c.model_id == W.model_id, t.version.c.name == W.version)
        query = (
            select(W.model_id, *_JUDGED)
            .select_from(t.version)
            .join(t.window, mine)
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .outerjoin(t.judgement, and_(J.revision_id == R.id, *_BY_DEFAULT))
            .where(*_OF_WHOLE, W.start_at >= _from(last))
            .where(tuple_(t.version.c.model_id, t.version.c.name).in_(pairs))
            .order_by(W.model_id, W.start_at)
        )
        found: dict[int, list[Judged]] = defaultdict(list)
        for row in await self.session.connection.execute(query):
            found[row.model_id].append(_judged(row))
        return found

    async def drifted(self, verdicts: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Features that drifted by each verdict, the surest first."""
        query = (
            select(V.judgement_id, V.feature)
            .where(V.judgement_id.in_(verdicts), V.state == State.DRIFT.value)
            .order_by(V.judgement_id, V.p_adjusted, V.feature)
        )
        found: dict[int, list[str]] = defaultdict(list)
        for row in await self.session.connection.execute(query):
            found[row.judgement_id].append(row.feature)
        return found

    async def cells(
        self, verdicts: Sequence[int], features: Sequence[str], statistic: str
    ) -> Sequence[Cell]:
        """What verdicts say of some features."""
        mine = and_(
            E.judgement_id == V.judgement_id, E.feature == V.feature, E.statistic == statistic
        )
        found: list[Cell] = []
        for start in range(0, len(verdicts), CHUNK):
            query = (
                select(V.judgement_id, V.feature, V.state, V.warning, E.effect)
                .select_from(t.verdict)
                .outerjoin(t.estimate, mine)
                .where(V.judgement_id.in_(verdicts[start : start + CHUNK]))
                .where(V.feature.in_(features))
            )
            rows = (await self.session.connection.execute(query)).all()
            found += map(Cell._make, rows)
        return found

    async def beside(
        self, window: WindowKey, versions: Sequence[str], segments: Sequence[str]
    ) -> Sequence[Beside]:
        """What is said of the same time and frame, by all monitors, in these series."""
        query = (
            select(W.version, W.segment, J.monitor, J.comparison, R.rows)
            .add_columns(J.state, J.warning, J.reason, J.id.label("verdict"))
            .select_from(t.window)
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .join(t.judgement, J.revision_id == R.id)
            .where(W.model_id == window.model_id, W.version.in_(versions))
            .where(W.segment.in_(segments), W.frame == window.frame, W.start_at == window.start)
            .order_by(W.version, W.segment, J.monitor, J.comparison)
        )
        rows = (await self.session.connection.execute(query)).all()
        return [Beside(*row) for row in rows]


def _nth_newest(column: ColumnElement[Any], nth: int, of: Any) -> ScalarSelect[Any]:  # noqa: ANN401
    """Return a column of a version's nth newest judged window: steps in an index, not a scan."""
    return (
        select(column)
        .where(of.model_id == t.version.c.model_id, of.version == t.version.c.name)
        .where(of.segment == WHOLE, of.frame == BASE_FRAME, of.revision > 0)
        .order_by(of.start_at.desc())
        .offset(nth)
        .limit(1)
        .correlate(t.version)
        .scalar_subquery()
    )


def _last_judged() -> ScalarSelect[int]:
    w = t.window.alias("w").c
    return _nth_newest(w.id, 0, w)


def _from(last: int) -> ColumnElement[Any]:
    """Return the start of the first of a version's last judged windows."""
    w = t.window.alias("w").c
    return func.coalesce(_nth_newest(w.start_at, last - 1, w), literal(EPOCH, Instant()))


def _better(line: ModelLine | None, row: AnyRow) -> ModelLine:
    """Return the line of a model after one more of its versions, which come by their age.

    A champion that was judged is what people ask about; before it was, the version of the latest
    window is.
    """
    is_champion = row.role == VersionRole.CHAMPION.value
    champion = row.version if is_champion else line.champion if line else None
    latest = None if row.start_at is None else _judged(row)
    settled = line is not None and line.latest is not None
    if line is not None and settled and line.version == line.champion:
        return line
    if line is not None and latest is None:
        return replace(line, champion=champion)
    version = row.version if latest is not None or is_champion else champion
    return ModelLine(row.id, row.name, row.window, champion, version, row.active_baseline, latest)


def _judged(row: AnyRow) -> Judged:
    return Judged(
        row.start_at,
        row.end_at,
        int(row.rows),
        row.state,
        bool(row.warning),
        bool(row.page),
        row.reason,
        row.verdict,
    )
