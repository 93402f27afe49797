"""Windows by rows: where they end is found from stored sums, and never moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, or_, select

from app.domain.monitors.by_rows import ByRows, Cuts, Held, Span
from app.domain.monitors.frame import WIDEST
from app.domain.retention import Grain
from app.domain.window import MONDAY, PANE, SourceProgress
from app.ports.borders import Asking, Strip
from app.store import tables as t
from app.store.declared.monitor_documents import by_rows_of
from app.store.intake import tallies
from app.store.sources.backfills import VISIBLE
from app.store.transactions import locks
from app.store.transactions.bulk import insert_all
from app.store.transactions.session import Session

B, D, S, M, W = t.row_border.c, t.delta.c, t.series.c, t.model.c, t.window.c
READ = sum((WIDEST + Grain.DAY.width) // grain.width for grain in Grain)
"""Sums that are read at once: more than there can be in the longest window, merged or not."""


@dataclass(frozen=True, slots=True)
class Borders:
    """Where windows by rows end."""

    session: Session

    async def progress(self, model_id: int) -> Mapping[str, Sequence[SourceProgress]]:
        found = await tallies.progress_of(self.session, {model_id})
        return {version: sources for (_, version), sources in found.items()}

    async def strips(self, asking: Asking) -> Sequence[Strip]:
        """Return the series of a model that may have a window to cut."""
        found: list[Strip] = []
        for frame in asking.frames:
            found += await self._of(asking.model_id, frame, asking.lateness)
        return found

    async def claim(self, strip: Strip) -> Strip | None:
        """Keep intake and other closers away from the series, and read it again."""
        if not await locks.try_exclude(self.session, strip.model_id, strip.version):
            return None
        mine = [one for one in await self.asking() if one.model_id == strip.model_id]
        if not any(strip.frame in one.frames for one in mine):
            return None
        query = select(B.start_at).where(_border(strip))
        begin = (await self.session.connection.execute(query)).scalar_one_or_none()
        return replace(strip, begin=begin)

    async def held(self, strip: Strip, until: datetime) -> tuple[Sequence[Held], datetime]:
        """Return the rows from where the next window begins, and until when they are all there.

        They are of 30 days at least; what comes after the last that was read is not known.
        """
        query = (
            select(D.pane, D.minutes, func.sum(D.rows).label("rows"))
            .join(t.series, S.id == D.series_id)
            .where(_series(strip), D.pane < until)
            .group_by(D.pane, D.minutes)
            .order_by(D.pane, D.minutes)
            .limit(READ)
        )
        if strip.begin is not None:
            query = query.where(D.pane >= strip.begin)
        rows = await self.session.connection.execute(query)
        held = [
            Held(row.pane, row.pane + timedelta(minutes=row.minutes), int(row.rows)) for row in rows
        ]
        return held, held[-1].start if len(held) == READ else until

    async def open(self, strip: Strip, cuts: Cuts) -> None:
        """Open the windows that have ended; their borders stay as they are from now on."""
        key = {"model_id": strip.model_id, "version": strip.version, "segment": strip.segment}
        key["frame"] = strip.frame.name
        fresh = {"opened_at": self.session.now, "closed_at": None, "revision": 0}
        windows = [key | {"start_at": a, "end_at": b} | fresh for a, b in cuts.spans]
        await insert_all(self.session, t.window, windows, ignore=True)
        await self.session.connection.execute(
            self.session.insert(t.row_border)
            .values(**key, start_at=cuts.begin)
            .on_conflict_do_update(
                index_elements=[B.model_id, B.version, B.segment, B.frame],
                set_={"start_at": cuts.begin},
            )
        )

    async def stretch(self, strip: Strip) -> Span | None:
        """Return from when to when the series has rows."""
        query = (
            select(func.min(D.pane).label("first"), func.max(D.pane).label("last"))
            .join(t.series, S.id == D.series_id)
            .where(_series(strip))
        )
        row = (await self.session.connection.execute(query)).one()
        return None if row.first is None else (row.first, row.last + PANE)

    async def asking(self) -> Sequence[Asking]:
        """Return models that are judged now, and the windows by rows that they are asked for.

        Not while history is counted: where a window ends is told from rows that are all there.
        """
        source = t.source.c
        counting = exists().where(
            source.model_id == M.id,
            source.look_until > self.session.now,
            source.enabled.is_(False),
            VISIBLE,
        )
        query = (
            select(M.id, M.lateness, M.frames)
            .where(M.hidden_at.is_(None), M.active_baseline.is_not(None), M.frames.is_not(None))
            .where(~counting)
        )
        rows = (await self.session.connection.execute(query)).all()
        found = [Asking(row.id, row.lateness, by_rows_of(row.frames)) for row in rows]
        return [one for one in found if one.frames]

    async def _of(self, model_id: int, frame: ByRows, lateness: timedelta) -> list[Strip]:
        same = and_(
            B.model_id == S.model_id,
            B.version == S.version,
            B.segment == S.segment,
            B.frame == frame.name,
        )
        begin = func.coalesce(B.start_at, literal(MONDAY, B.start_at.type))
        enough = func.sum(D.rows) >= frame.rows
        past = literal(self.session.now - WIDEST, B.start_at.type)
        old = or_(B.start_at <= past, func.min(D.pane) <= past)
        query = (
            select(S.version, S.segment, B.start_at)
            .select_from(t.series)
            .outerjoin(t.row_border, same)
            .join(t.delta, and_(D.series_id == S.id, D.pane >= begin))
            .where(S.model_id == model_id)
            .group_by(S.version, S.segment, B.start_at)
            .having(or_(enough, old))
            .order_by(S.version, S.segment)
        )
        rows = await self.session.connection.execute(query)
        return [
            Strip(model_id, row.version, row.segment, frame, lateness, row.start_at) for row in rows
        ]


async def anchor(
    session: Session, model_id: int, frames: Sequence[ByRows], before: Sequence[ByRows]
) -> None:
    """Begin new windows by rows with what comes from now on, and forget those not asked for.

    Those that were asked for before go on, also where none has ended yet.

    They begin with the pane that came last, as other windows hold what was counted before, too; and
    behind all windows that the series had when such windows were asked for before.
    """
    names = [one.name for one in frames]
    await session.connection.execute(
        delete(t.row_border).where(B.model_id == model_id, B.frame.not_in(names))
    )
    for name in sorted(set(names) - {one.name for one in before}):
        rows = [
            {"model_id": model_id, "version": one[0], "segment": one[1], "frame": name}
            | {"start_at": at}
            for one, at in (await _latest(session, model_id, name)).items()
        ]
        await insert_all(session, t.row_border, rows, ignore=True)


async def _latest(session: Session, model_id: int, frame: str) -> dict[tuple[str, str], datetime]:
    """Return where the windows of each series begin from now on."""
    panes = (
        select(S.version, S.segment, func.max(D.pane).label("at"))
        .join(t.series, S.id == D.series_id)
        .where(S.model_id == model_id)
        .group_by(S.version, S.segment)
    )
    ends = (
        select(W.version, W.segment, func.max(W.end_at).label("at"))
        .where(W.model_id == model_id, W.frame == frame)
        .group_by(W.version, W.segment)
    )
    found: dict[tuple[str, str], datetime] = {}
    for query in (panes, ends):
        for row in await session.connection.execute(query):
            key = row.version, row.segment
            found[key] = max(found.get(key, row.at), row.at)
    return found


def _series(strip: Strip) -> ColumnElement[bool]:
    return and_(
        S.model_id == strip.model_id, S.version == strip.version, S.segment == strip.segment
    )


def _border(strip: Strip) -> ColumnElement[bool]:
    return and_(
        B.model_id == strip.model_id,
        B.version == strip.version,
        B.segment == strip.segment,
        B.frame == strip.frame.name,
    )
