"""Most groups hold new batches for open windows of models that nobody changes: one flight for them.

All is written on what is remembered, together with questions that fail where it is not so any more;
then nothing of the flight is durable, and the group goes the careful way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from psycopg.errors import DivisionByZero
from sqlalchemy import (
    ColumnClause,
    Integer,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
)

from app.domain.batch import Counted, CountedBatch, Outcome, Receipt
from app.store import tables as t
from app.store.intake import counting, openings, receipts, sequences, tallies
from app.store.intake.receipts import Key, key_of, receipt_of, receipt_row
from app.store.transactions.bulk import written
from app.store.transactions.ledger import Ledger
from app.store.transactions.memory import Memory
from app.store.transactions.placing import Admitted, Fate, Placed, Slot, late_rows, place

# a division by zero ends the transaction, with all that was sent along
AS_REMEMBERED = text(
    "select 1 / case when (select count(*) from model"
    " join unnest(cast(:ids as int[]), cast(:changed as timestamptz[]), cast(:sets as int[]))"
    " as u(id, changed_at, grid_set_id) on model.id = u.id and model.changed_at = u.changed_at"
    " and model.active_grid_set_id = u.grid_set_id where model.hidden_at is null) = :models"
    ' and (select count(*) from "window" where id = any(cast(:windows as bigint[]))'
    " and closed_at is null and stage = 0) = :open"
    " and coalesce(abs(extract(epoch from clock_timestamp() - cast(:about as timestamptz)))"
    " < 10, true) then 1 else 0 end"
)
ONE: ColumnClause[int] = literal_column("1", Integer)
NONE: ColumnClause[int] = literal_column("0", Integer)


@dataclass(frozen=True, slots=True)
class Hope:
    """A group that is all new, as far as is remembered, with the receipts that it would get."""

    models: Mapping[int, Admitted]
    pairs: Sequence[tuple[CountedBatch, tuple[Placed, ...]]]
    receipts: Mapping[Key, Receipt]
    windows: frozenset[int]
    slots: frozenset[Slot]
    """The same windows, by name."""


def hope_for(group: Sequence[CountedBatch], memory: Memory, ledger: Ledger) -> Hope | None:
    """Return what would be written if nothing has changed; None where that is not to be hoped."""
    models: dict[int, Admitted] = {}
    pairs, answers, windows = [], dict[Key, Receipt](), dict[int, Slot]()
    if not memory.expects_new(map(key_of, group)):
        return None
    for batch in group:
        key, version = key_of(batch), (batch.envelope.model_id, batch.envelope.version)
        model = memory.model(key[0])
        if model is None or model.frames or batch.identified is not None or key in answers:
            return None
        declared = batch.envelope.declared_at in (None, model.changed_at)
        if not declared or model.grid_set_id != batch.grid_set:
            return None
        placed = place(batch, model, memory.windows, ledger.now)
        if ledger.cache.known(version) is None or not all(map(_counts, placed)):
            return None
        series = {(*version, one.slot.segment, batch.grid_set) for one in placed}
        if any(ledger.cache.known(one) is None for one in series):
            return None
        models[key[0]] = model
        pairs.append((batch, placed))
        answers[key] = receipt_of(batch, late_rows(batch, placed))
        windows |= {one.window: one.slot for one in placed if one.window is not None}
    slots = frozenset(windows.values())
    return Hope(models, pairs, answers, frozenset(windows), slots)


def _counts(placed: Placed) -> bool:
    return placed.fate is Fate.COUNTS


def write(
    ledger: Ledger,
    hope: Hope,
    begin: Callable[[], None],
    end: Callable[[], None],
    about: datetime | None,
) -> bool:
    """Write a group in one flight; False, and nothing is written, where it was in vain.

    ``about`` is what the database's time is thought to be: a machine that was suspended is behind.
    """
    deltas = counting.deltas(ledger, hope.pairs, hope.models)
    try:
        with ledger.flight():
            begin()
            ledger.tell(AS_REMEMBERED, _remembered(hope) | {"about": about})
            ledger.tell(*_all_new(hope))
            openings.sight(ledger, hope.pairs)
            counting.add(ledger, deltas)
            sequences.note(ledger, (batch for batch, _ in hope.pairs))
            tallies.add(ledger, zip((b for b, _ in hope.pairs), outcomes(hope), strict=True))
            end()
    except DivisionByZero:
        return False
    return True


def outcomes(hope: Hope) -> list[Outcome]:
    return [Counted(hope.receipts[key_of(batch)]) for batch, _ in hope.pairs]


def _remembered(hope: Hope) -> dict[str, Any]:
    models = sorted(hope.models.items())
    return {
        "ids": [identity for identity, _ in models],
        "changed": [model.changed_at for _, model in models],
        "sets": [model.grid_set_id for _, model in models],
        "models": len(models),
        "windows": sorted(hope.windows),
        "open": len(hope.windows),
    }


def _all_new(hope: Hope) -> tuple[Select[Any], dict[str, Any]]:
    batches = {key_of(batch): batch for batch, _ in hope.pairs}
    rows = [receipt_row(batches[key], hope.receipts[key]) for key in sorted(batches)]
    given: dict[str, Any] = dict(written(t.receipt, rows))
    return _claiming_all(tuple(rows[0])), given | {"expected": len(rows)}


@cache
def _claiming_all(names: tuple[str, ...]) -> Select[Any]:
    claimed = receipts.claiming(names).cte("claimed")
    right = case((func.count() == bindparam("expected"), ONE), else_=NONE)
    return select(ONE.op("/")(right)).select_from(claimed)
