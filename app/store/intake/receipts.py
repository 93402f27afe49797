"""Receipts: written once each, whoever sends the batch and however often."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, func, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert

from app.domain.batch import CountedBatch, Receipt
from app.store import tables as t
from app.store.declared import documents
from app.store.transactions.bulk import Rows, arrays, put, recorded, taken, unnested, written
from app.store.transactions.session import AnyRow, Ledger

Key = tuple[int, str]
"""A model and an idempotency key."""
CHUNK = 5_000
CORRECTING = (
    update(t.receipt)
    .where(t.receipt.c.model_id == bindparam("u_model_id"), t.receipt.c.key == bindparam("u_key"))
    .values(counted=bindparam("u_counted"), duplicate=bindparam("u_duplicate"))
)


def key_of(batch: CountedBatch) -> Key:
    return batch.envelope.model_id, batch.envelope.key


def receipt_of(batch: CountedBatch, late: int, *, checked: bool = True) -> Receipt:
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
        rows_deduplicated=None if envelope.row_key is None else checked,
    )


def claim(ledger: Ledger, wanted: Mapping[Key, tuple[CountedBatch, Receipt]]) -> set[Key]:
    """Insert the receipts of keys never seen; return those keys.

    They go in in the order of their keys, and on PostgreSQL a key that another transaction is
    writing at this moment is left out instead of waited for. A lock on a hash can only cause a
    false "in flight", never a double: the primary key decides.
    """
    rows = [receipt_row(*wanted[key]) for key in sorted(wanted)]
    if not rows:
        return set()
    if ledger.postgres:
        return _claim_postgres(ledger, rows)
    known = stored(ledger, wanted)
    fresh = [row for row in rows if (row["model_id"], row["key"]) not in known]
    put(ledger, t.receipt, fresh)
    return {(row["model_id"], row["key"]) for row in fresh}


def correct(ledger: Ledger, found: Iterable[tuple[int, Receipt]]) -> None:
    """Say of receipts just written how many of their rows had been counted before."""
    rows = [
        {"model_id": model, "key": r.key, "counted": r.counted, "duplicate": r.duplicate}
        for model, r in found
    ]
    if not rows:
        return
    names = ("model_id", "key", "counted", "duplicate")
    if ledger.postgres:
        ledger.tell(_correcting(names), arrays(t.receipt, names, rows))
        return
    named = [{f"u_{name}": row[name] for name in names} for row in rows]
    ledger.tell(CORRECTING, named)


@cache
def _correcting(names: tuple[str, ...]) -> Update:
    given, c = unnested(t.receipt, names), t.receipt.c
    return (
        update(t.receipt)
        .where(c.model_id == given.c.model_id, c.key == given.c.key)
        .values(counted=given.c.counted, duplicate=given.c.duplicate)
    )


def _claim_postgres(ledger: Ledger, rows: Rows) -> set[Key]:
    inserted = ledger.ask(claiming(tuple(rows[0])), written(t.receipt, rows))
    return {(row.model_id, row.key) for row in inserted()}


@cache
def claiming(names: tuple[str, ...]) -> ReturningInsert[Any]:
    """Return PostgreSQL's insert of receipts whose keys are free, which returns those."""
    given = recorded(t.receipt, names)
    free = func.pg_try_advisory_xact_lock(func.hashtextextended(given.c.key, given.c.model_id))
    return (
        postgresql.insert(t.receipt)
        .from_select(names, taken(t.receipt, names, given).where(free))
        .on_conflict_do_nothing()
        .returning(t.receipt.c.model_id, t.receipt.c.key)
    )


def stored(ledger: Ledger, keys: Iterable[Key]) -> dict[Key, tuple[bytes, Receipt]]:
    """Return the fingerprints and receipts of keys that have some."""
    found: dict[Key, tuple[bytes, Receipt]] = {}
    ordered = sorted(keys)
    c = t.receipt.c
    for start in range(0, len(ordered), CHUNK):
        query = select(t.receipt).where(
            tuple_(c.model_id, c.key).in_(ordered[start : start + CHUNK])
        )
        for row in ledger.rows(query):
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
        rows_deduplicated=row.rows_deduplicated,
    )


def receipt_row(batch: CountedBatch, receipt: Receipt) -> dict[str, Any]:
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
        "rows_deduplicated": receipt.rows_deduplicated,
    }
