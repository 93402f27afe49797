"""How models stand: what their enabled monitors say of the last windows, in a few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    literal,
    select,
    true,
    tuple_,
)

from app.domain.model import WHOLE, VersionRole
from app.domain.monitors.monitor import DEFAULT_MONITOR, NO_FRAME, Severity
from app.domain.telling.overview import Judged, ModelLine
from app.domain.telling.worst import worst, worst_of_version
from app.domain.verdicts.judgement import REFERENCE
from app.store import tables as t
from app.store.transactions.session import AnyRow, Session
from app.store.transactions.types import EPOCH, Instant

W, R, J = t.window.c, t.revision.c, t.judgement.c
M, V, A = t.model.c, t.version.c, t.monitor.c
_JUDGED = (
    W.start_at,
    W.end_at,
    R.rows,
    J.monitor,
    J.state,
    J.warning,
    J.page,
    J.reason,
    J.id.label("verdict"),
)
_ASKED = (
    A.retired_at.is_(None),
    A.frame != NO_FRAME,
    A.declaration["enabled"].as_boolean().is_(true()),
)


class Asked(NamedTuple):
    """An enabled monitor that judges windows."""

    frame: str
    severity: Severity


async def standings(session: Session, model_id: int | None = None) -> list[ModelLine]:
    """Return models by name, with the worst that is said of their last judged windows."""
    asked = await _asked(session, model_id)
    said = await _said(session, model_id, asked)
    query = (
        select(M.id, M.name, M.window, M.active_baseline, V.name.label("version"), V.role)
        .outerjoin(t.version, V.model_id == M.id)
        .where(M.hidden_at.is_(None))
        .order_by(M.name, V.name)
    )
    if model_id is not None:
        query = query.where(M.id == model_id)
    rows = await session.connection.execute(query)
    models = groupby(rows, key=lambda row: row.id)
    return [_line(list(versions), asked[model], said[model]) for model, versions in models]


async def strips(
    session: Session, lines: Sequence[ModelLine], last: int
) -> Mapping[int, Sequence[Judged]]:
    """Return the last windows of the monitor that each line shows, oldest first, by model."""
    asked = {line.id: line.asked for line in lines}
    rows = await session.connection.execute(_strips(lines, last))
    found: dict[int, list[Judged]] = {}
    for model, mine in groupby(rows, key=lambda row: row.model_id):
        windows = groupby(mine, key=lambda row: row.start_at)
        found[model] = [_of_window(list(some), asked[model]) for _, some in windows]
    return found


async def _asked(session: Session, model_id: int | None) -> Mapping[int, Mapping[str, Asked]]:
    """Return the enabled monitors of models, by name."""
    grave = A.declaration["severity"].as_string().label("grave")
    query = select(A.model_id, A.name, A.frame, grave).where(*_ASKED)
    if model_id is not None:
        query = query.where(A.model_id == model_id)
    found: dict[int, dict[str, Asked]] = defaultdict(dict)
    for row in await session.connection.execute(query):
        found[row.model_id][row.name] = Asked(row.frame, Severity(row.grave))
    return found


async def _said(
    session: Session, model_id: int | None, asked: Mapping[int, Mapping[str, Asked]]
) -> Mapping[int, Mapping[str, list[Judged]]]:
    """Return what enabled monitors say of each version's last windows, by model and version."""
    query = _last_words(is_one=model_id is not None)
    found: dict[int, dict[str, list[Judged]]] = defaultdict(lambda: defaultdict(list))
    for row in await session.connection.execute(query, {"model_id": model_id}):
        mine = asked[row.model_id]
        known = mine.get(row.monitor)
        if known is not None and known.frame == row.frame:
            said = _judged(row, row.monitor, known.severity)
            one = replace(said, frame=row.frame)
        else:
            one = _silent(row, _first(mine, row.frame))
        found[row.model_id][row.version].append(one)
    return found


def _frames(*, is_one: bool) -> Subquery:
    """Return the frames that enabled monitors look at, by model."""
    query = select(A.model_id, A.frame).where(*_ASKED).distinct()
    if is_one:
        query = query.where(A.model_id == bindparam("model_id"))
    return query.subquery("looked_at")


@cache
def _last_words(*, is_one: bool) -> Select[Any]:
    """Return what all monitors say of the last judged window of each version and frame."""
    frames = _frames(is_one=is_one)
    said = and_(J.revision_id == R.id, J.comparison == REFERENCE)
    last = _nth_newest(t.window.alias("w").c, "id", 0, frames.c.frame)
    return (
        select(V.model_id, V.name.label("version"), frames.c.frame, *_JUDGED)
        .select_from(frames)
        .join(t.version, V.model_id == frames.c.model_id)
        .join(t.window, W.id == last.correlate(t.version, frames))
        .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
        .outerjoin(t.judgement, said)
        .where(V.role != VersionRole.RETIRED.value)
    )


def _strips(lines: Sequence[ModelLine], last: int) -> Select[Any]:
    """Return the last windows of versions in the frames of monitors, with all that is said."""
    looked = _looked_at(lines, last)
    c = looked.c
    mine = and_(W.model_id == c.model_id, W.version == c.version, W.frame == c.frame)
    said = and_(J.revision_id == R.id, J.comparison == REFERENCE)
    return (
        select(W.model_id, c.shown, *_JUDGED)
        .select_from(looked)
        .join(t.window, and_(mine, W.segment == WHOLE, W.start_at >= c.since))
        .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
        .outerjoin(t.judgement, said)
        .where(W.revision > 0)
        .order_by(W.model_id, W.start_at)
    )


def _looked_at(lines: Sequence[ModelLine], last: int) -> CTE:
    """Return series and since when they are shown; made first, so that an index leads on."""
    shown = [(one.id, one.version, one.latest.monitor) for one in lines if one.latest]
    first = _nth_newest(t.window.alias("w").c, "start_at", last - 1, A.frame)
    since = func.coalesce(first.correlate(t.version, t.monitor), literal(EPOCH, Instant()))
    query = (
        select(V.model_id, V.name.label("version"), A.frame, A.name.label("shown"))
        .add_columns(since.label("since"))
        .join(t.monitor, and_(A.model_id == V.model_id, A.retired_at.is_(None)))
        .where(tuple_(V.model_id, V.name, A.name).in_(shown))
        # said again of the model alone, by which SQLite enters its index
        .where(V.model_id.in_([model for model, _, _ in shown]))
    )
    return query.cte("looked_at").prefix_with("MATERIALIZED")


def _nth_newest(of: Any, column: str, nth: int, frame: ColumnElement[str]) -> ScalarSelect[Any]:  # noqa: ANN401
    """Return a column of a version's nth newest judged window: steps in an index, not a scan."""
    return (
        select(of[column])
        .where(of.model_id == V.model_id, of.version == V.name)
        .where(of.segment == WHOLE, of.frame == frame, of.revision > 0)
        .order_by(of.start_at.desc())
        .offset(nth)
        .limit(1)
        .scalar_subquery()
    )


def _line(
    versions: Sequence[AnyRow], asked: Mapping[str, Asked], said: Mapping[str, list[Judged]]
) -> ModelLine:
    """Return the line of a model."""
    head = versions[0]
    champions = (row.version for row in versions if row.role == VersionRole.CHAMPION.value)
    champion = next(champions, None)
    version, latest = worst_of_version(said, champion)
    return ModelLine(
        id=head.id,
        name=head.name,
        window=head.window,
        champion=champion,
        version=version,
        baseline=head.active_baseline,
        latest=latest,
        asked=frozenset(asked),
    )


def _of_window(rows: Sequence[AnyRow], asked: frozenset[str]) -> Judged:
    """Return the worst that is said of a window; of equals, the word of the monitor shown."""
    said = [_judged(row, row.monitor) for row in rows if row.monitor in asked]
    shown: str = rows[0].shown
    return worst(said, shown) or _silent(rows[0], shown)


def _first(asked: Mapping[str, Asked], frame: str) -> str:
    """Return the monitor that stands for all who look at a frame."""
    names = [name for name, one in asked.items() if one.frame == frame]
    return min(names, key=lambda name: (name != DEFAULT_MONITOR, name))


def _silent(row: AnyRow, monitor: str) -> Judged:
    return Judged(row.start_at, row.end_at, int(row.rows), monitor=monitor)


def _judged(row: AnyRow, monitor: str, severity: Severity = Severity.P2) -> Judged:
    return Judged(
        row.start_at,
        row.end_at,
        int(row.rows),
        row.state,
        bool(row.warning),
        bool(row.page),
        row.reason,
        row.verdict,
        monitor,
        severity,
    )
