"""Receipts: written once each, whoever sends the batch and however often."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert

from app.domain.batch import CountedBatch, Receipt
from app.store import documents
from app.store import tables as t
from app.store.bulk import Rows, arrays, insert_all, taken, unnested
from app.store.session import AnyRow, Session

Key = tuple[int, str]
"""A model and an idempotency key."""
CHUNK = 5_000


def key_of(batch: CountedBatch) -> Key:
    return batch.envelope.model_id, batch.envelope.key


def receipt_of(batch: CountedBatch, late: int) -> Receipt:
    envelope = batch.envelope
    return Receipt(
        key=envelope.key,
        version=envelope.version,
        source=envelope.source,
        received=batch.rows,
        counted=batch.rows - late,
        late=late,
        findings=batch.findings,
        deduplicated=envelope.deduplicated,
        first_event=batch.first_event,
        last_event=batch.last_event,
        received_at=envelope.received_at,
    )


async def claim(session: Session, wanted: Mapping[Key, tuple[CountedBatch, Receipt]]) -> set[Key]:
    """Insert the receipts of keys never seen; return those keys.

    They go in in the order of their keys, and on PostgreSQL a key that another transaction is
    writing at this moment is left out instead of waited for. A lock on a hash can only cause a
    false "in flight", never a double: the primary key decides.
    """
    rows = [_row(*wanted[key]) for key in sorted(wanted)]
    if not rows:
        return set()
    if session.postgres:
        return await _claim_postgres(session, rows)
    known = await stored(session, wanted)
    fresh = [row for row in rows if (row["model_id"], row["key"]) not in known]
    await insert_all(session, t.receipt, fresh)
    return {(row["model_id"], row["key"]) for row in fresh}


async def _claim_postgres(session: Session, rows: Rows) -> set[Key]:
    names = tuple(rows[0])
    given = arrays(t.receipt, names, rows)
    inserted = await session.connection.execute(_claiming(names), given)
    return {(row.model_id, row.key) for row in inserted}


@cache
def _claiming(names: tuple[str, ...]) -> ReturningInsert[Any]:
    given = unnested(t.receipt, names)
    free = func.pg_try_advisory_xact_lock(func.hashtextextended(given.c.key, given.c.model_id))
    return (
        postgresql.insert(t.receipt)
        .from_select(names, taken(t.receipt, names, given).where(free))
        .on_conflict_do_nothing()
        .returning(t.receipt.c.model_id, t.receipt.c.key)
    )


async def stored(session: Session, keys: Iterable[Key]) -> dict[Key, tuple[bytes, Receipt]]:
    """Return the fingerprints and receipts of keys that have some."""
    found: dict[Key, tuple[bytes, Receipt]] = {}
    ordered = sorted(keys)
    c = t.receipt.c
    for start in range(0, len(ordered), CHUNK):
        query = select(t.receipt).where(
            tuple_(c.model_id, c.key).in_(ordered[start : start + CHUNK])
        )
        for row in await session.connection.execute(query):
            found[row.model_id, row.key] = (bytes(row.fingerprint), receipt_in(row))
    return found


def receipt_in(row: AnyRow) -> Receipt:
    return Receipt(
        key=row.key,
        version=row.version,
        source=row.source,
        received=row.received,
        counted=row.counted,
        duplicate=row.duplicate,
        late=row.late,
        rejected=row.rejected,
        findings=documents.findings_of(row.findings),
        deduplicated=row.deduplicated,
        first_event=row.first_event,
        last_event=row.last_event,
        received_at=row.received_at,
    )


def _row(batch: CountedBatch, receipt: Receipt) -> dict[str, Any]:
    return {
        "model_id": batch.envelope.model_id,
        "key": receipt.key,
        "fingerprint": batch.envelope.fingerprint,
        "version": receipt.version,
        "source": receipt.source,
        "received_at": receipt.received_at,
        "first_event": receipt.first_event,
        "last_event": receipt.last_event,
        "received": receipt.received,
        "counted": receipt.counted,
        "duplicate": receipt.duplicate,
        "late": receipt.late,
        "rejected": receipt.rejected,
        "deduplicated": receipt.deduplicated,
        "findings": documents.findings_document(receipt.findings),
    }
