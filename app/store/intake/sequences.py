"""Numbers of batches: noted with the batch, and joined to their lines by housekeeping.

A note is written with its batch, in the same transaction and without a lock, so that numbers are
noted once where batches are counted once; whoever keeps house sees in them what did not come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_

from app.domain.batch import CountedBatch
from app.domain.sources.sequence import EPOCHS, GAPPED, Gap, Line, Note, follow
from app.store import tables as t
from app.store.transactions.bulk import put
from app.store.transactions.removal import delete_some
from app.store.transactions.session import AnyRow, Ledger, Session
from app.store.transactions.types import EPOCH, MICROSECOND

MODELS = 20
M, N, L = t.model.c, t.sequence_note.c, t.sequence_line.c

Named = tuple[str, str]
"""A source and an epoch."""
Span = tuple[datetime, datetime]


def note(ledger: Ledger, batches: Iterable[CountedBatch]) -> None:
    """Note the numbers of batches that are counted now; nothing where they have none."""
    rows = [
        {
            "model_id": batch.envelope.model_id,
            "source": batch.envelope.source,
            "epoch": numbered.epoch,
            "number": numbered.number,
            "version": batch.envelope.version,
            "rows": batch.rows,
            "first_event": batch.first_event,
            "last_event": batch.last_event,
        }
        for batch in batches
        if (numbered := batch.envelope.sequence) is not None
    ]
    put(ledger, t.sequence_note, rows)


@dataclass(frozen=True, slots=True)
class Sequences:
    """Lines of numbers by model, source and epoch."""

    session: Session

    async def join(self, limit: int) -> int:
        """Join at most so many notes of each of some models to their lines; how many notes."""
        waiting = select(N.model_id).distinct().order_by(N.model_id).limit(MODELS)
        joined = 0
        for model_id in (await self.session.connection.execute(waiting)).scalars().all():
            joined += await self._join(model_id, limit)
        return joined

    async def lines(self, model_id: int) -> Sequence[Line]:
        """Return all lines of a model."""
        query = select(t.sequence_line).where(L.model_id == model_id)
        return [_line(row) for row in await self.session.connection.execute(query)]

    async def near(self, spans: Mapping[int, Span]) -> Mapping[int, Sequence[Line]]:
        """Return what lines know of a span of each model: only gaps that touch it are read."""
        found: dict[int, list[Line]] = defaultdict(list)
        if not spans:
            return found
        for row in await self.session.connection.execute(select(t.sequence_line)):
            if (span := spans.get(row.model_id)) is not None:
                first, last = map(_microseconds, span)
                near = [gap for gap in row.gaps if gap[3] <= last and gap[4] >= first]
                if near or (row.starts_at < span[1] and row.ends_at >= span[0]):
                    found[row.model_id].append(_line(row, near))
        return found

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` lines of which nothing was heard for longer."""
        old = L.changed_at < self.session.now - kept_for
        return await delete_some(self.session, t.sequence_line, old, limit)

    async def _join(self, model_id: int, limit: int) -> int:
        # one at a time for each model, and never in the way of batches, which refer to it
        mine = (
            select(M.id).where(M.id == model_id).with_for_update(skip_locked=True, key_share=True)
        )
        if (await self.session.connection.execute(mine)).one_or_none() is None:
            return 0
        query = select(t.sequence_note).where(N.model_id == model_id).order_by(N.id).limit(limit)
        rows = (await self.session.connection.execute(query)).all()
        notes: dict[Named, list[Note]] = defaultdict(list)
        for row in rows:
            found = Note(row.number, row.version, row.rows, row.first_event, row.last_event)
            notes[row.source, row.epoch].append(found)
        known = await self._known(model_id, notes)
        for named, several in notes.items():
            line = follow(known.get(named), several)
            if line is not None:
                await self._put(model_id, named, line)
        await self._forget(model_id, {source for source, _ in notes})
        gone = delete(t.sequence_note).where(N.id.in_([row.id for row in rows]))
        await self.session.connection.execute(gone)
        return len(rows)

    async def _known(self, model_id: int, wanted: Iterable[Named]) -> dict[Named, Line]:
        query = select(t.sequence_line).where(
            L.model_id == model_id, tuple_(L.source, L.epoch).in_(sorted(wanted))
        )
        rows = await self.session.connection.execute(query)
        return {(row.source, row.epoch): _line(row) for row in rows}

    async def _put(self, model_id: int, named: Named, line: Line) -> None:
        values: dict[str, Any] = {
            "low": line.low,
            "high": line.high,
            "starts_at": line.starts,
            "ends_at": line.ends,
            "batches": line.batches,
            "rows": line.rows,
            "gaps": [_document(gap) for gap in line.gaps],
            "anew": line.anew,
            "changed_at": self.session.now,
        }
        key = {"model_id": model_id, "source": named[0], "epoch": named[1]}
        await self.session.connection.execute(
            self.session.insert(t.sequence_line)
            .values(**key, **values)
            .on_conflict_do_update(index_elements=list(key), set_=values)
        )

    async def _forget(self, model_id: int, sources: Iterable[str]) -> None:
        """Forget the epochs of a source that were not heard of for longest.

        Those that lack something stay longer: a folder of files is an epoch a file.
        """
        for source in sorted(sources):
            mine = (L.model_id == model_id) & (L.source == source)
            query = select(L.epoch).where(mine).order_by(L.changed_at.desc(), L.epoch)
            newest = (await self.session.connection.execute(query.limit(EPOCHS))).scalars().all()
            if len(newest) < EPOCHS:
                continue
            lacking = query.where(self._gaps() > 0, L.epoch.not_in(newest)).limit(GAPPED)
            kept = [*newest, *(await self.session.connection.execute(lacking)).scalars()]
            gone = delete(t.sequence_line).where(mine, L.epoch.not_in(kept))
            await self.session.connection.execute(gone)

    def _gaps(self) -> ColumnElement[int]:
        return (func.jsonb_array_length if self.session.postgres else func.json_array_length)(
            L.gaps
        )


def _line(row: AnyRow, chosen: Sequence[Any] | None = None) -> Line:
    gaps = tuple(_gap(*values) for values in (row.gaps if chosen is None else chosen))
    ends = (row.low, row.high, row.starts_at, row.ends_at)
    return Line(*ends, row.batches, row.rows, gaps, row.anew)


def _gap(after: int, before: int, version: str, start: int, end: int) -> Gap:
    return Gap(after, before, version, EPOCH + start * MICROSECOND, EPOCH + end * MICROSECOND)


def _document(gap: Gap) -> list[int | str]:
    start, end = map(_microseconds, (gap.start, gap.end))
    return [gap.after, gap.before, gap.version, start, end]


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
