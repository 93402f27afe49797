"""Ingest counters: append-only rows that are folded and never pruned."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from app.domain.batch import Counted, CountedBatch, Outcome, Repeated
from app.domain.window import SourceProgress
from app.store import tables as t
from app.store.sources.backfills import of_a_backfill
from app.store.transactions.bulk import insert_all, put
from app.store.transactions.session import Ledger, Session

FOLD_FROM = 32
COUNTERS = ("received", "counted", "duplicate", "late", "rejected", "batches", "unchecked")

Owner = tuple[int, str, str]
"""A model, version and source."""


def add(ledger: Ledger, settled: Iterable[tuple[CountedBatch, Outcome]]) -> None:
    """Append what a group did: what it counted, and what it had counted before.

    Outcomes that answer with neither are not received: their caller sends them again, or tallies
    them as rejected.
    """
    rows: dict[Owner, dict[str, Any]] = {}
    for batch, outcome in settled:
        if isinstance(outcome, Counted | Repeated):
            envelope = batch.envelope
            owner = (envelope.model_id, envelope.version, envelope.source)
            _account(rows.setdefault(owner, _row(owner)), batch, outcome, ledger)
    put(ledger, t.tally, [rows[owner] for owner in sorted(rows)])


async def add_rejected(session: Session, owner: Owner, rows: int) -> None:
    row = _row(owner) | {"received": rows, "rejected": rows, "batches": 1}
    await insert_all(session, t.tally, [row])


async def progress(session: Session, model_id: int, version: str) -> Sequence[SourceProgress]:
    """Return how far each source has come; one that never had a batch counted is not among them."""
    c = t.tally.c
    found = await _progress(session, (c.model_id == model_id) & (c.version == version))
    return found[model_id, version]


async def progress_of(
    session: Session, models: Collection[int]
) -> Mapping[tuple[int, str], Sequence[SourceProgress]]:
    """Return the same for every (model, version) of these models."""
    return await _progress(session, t.tally.c.model_id.in_(sorted(models)))


async def _progress(
    session: Session, whose: ColumnElement[bool]
) -> Mapping[tuple[int, str], Sequence[SourceProgress]]:
    c = t.tally.c
    query = (
        select(
            c.model_id,
            c.version,
            c.source,
            func.max(c.latest_event).label("latest_event"),
            func.max(c.last_commit).label("last_commit"),
            of_a_backfill().label("past"),
        )
        .where(whose, c.latest_event.is_not(None))
        .group_by(c.model_id, c.version, c.source)
        .order_by(c.model_id, c.version, c.source)
    )
    found: dict[tuple[int, str], list[SourceProgress]] = defaultdict(list)
    for row in await session.connection.execute(query):
        one = SourceProgress(row.source, row.latest_event, row.last_commit, live=not row.past)
        found[row.model_id, row.version].append(one)
    return found


async def fold(session: Session, limit: int) -> int:
    """Replace the rows of crowded owners by their sums; how many owners."""
    c = t.tally.c
    crowded = (
        select(c.model_id, c.version, c.source)
        .group_by(c.model_id, c.version, c.source)
        .having(func.count() >= FOLD_FROM)
        .order_by(c.model_id, c.version, c.source)
        .limit(limit)
    )
    owners = (await session.connection.execute(crowded)).all()
    for owner in owners:
        await _fold(session, (owner.model_id, owner.version, owner.source))
    return len(owners)


async def _fold(session: Session, owner: Owner) -> None:
    c = t.tally.c
    query = (
        select(t.tally)
        .where(c.model_id == owner[0], c.version == owner[1], c.source == owner[2])
        .order_by(c.id)
        .with_for_update(skip_locked=True)
    )
    found = (await session.connection.execute(query)).all()
    if len(found) < 2:
        return
    total = _row(owner)
    for name in COUNTERS:
        total[name] = sum(getattr(row, name) for row in found)
    for name in ("latest_event", "last_commit"):
        total[name] = max((m for row in found if (m := getattr(row, name))), default=None)
    await insert_all(session, t.tally, [total])
    await session.connection.execute(delete(t.tally).where(c.id.in_([row.id for row in found])))


def _row(owner: Owner) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COUNTERS, 0)
    row |= {"model_id": owner[0], "version": owner[1], "source": owner[2]}
    return row | {"latest_event": None, "last_commit": None}


def _account(
    row: dict[str, Any], batch: CountedBatch, outcome: Counted | Repeated, ledger: Ledger
) -> None:
    row["received"] += batch.rows
    row["batches"] += 1
    if isinstance(outcome, Repeated):
        row["duplicate"] += batch.rows
        return
    row["counted"] += outcome.receipt.counted
    row["late"] += outcome.receipt.late
    row["duplicate"] += outcome.receipt.duplicate
    if outcome.receipt.rows_deduplicated is False:
        row["unchecked"] += outcome.receipt.counted
    row["last_commit"] = ledger.now
    latest = row["latest_event"]
    row["latest_event"] = batch.last_event if latest is None else max(latest, batch.last_event)
