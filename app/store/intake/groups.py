"""A group of batches becomes receipts, counts and tallies in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, bindparam, func, select

from app.domain.batch import (
    Counted,
    CountedBatch,
    Gone,
    InFlight,
    Outcome,
    Receipt,
    Recount,
    Repeated,
    Reused,
)
from app.store import tables as t
from app.store.intake import counting, openings, receipts, seen, sequences, sifting, tallies
from app.store.intake.receipts import Key, key_of, receipt_of
from app.store.intake.sifting import Draft
from app.store.transactions.ledger import Ledger
from app.store.transactions.placing import Admitted, Known, Slot, late_rows, place, slots

M = t.model.c
MODELS = (
    select(
        M.id,
        M.active_grid_set_id,
        func.coalesce(t.grid_set.c.cells, 0).label("cells"),
        M.window,
        M.final_after,
        M.changed_at,
        M.row_horizon,
        M.removed_until,
        M.frames,
    )
    .outerjoin(t.grid_set, t.grid_set.c.id == M.active_grid_set_id)
    .where(M.hidden_at.is_(None))
)
MODELS_LIST = MODELS.where(M.id.in_(bindparam("ids", expanding=True)))
MODELS_ARRAY = MODELS.where(M.id == func.any(bindparam("ids", type_=ARRAY(Integer))))


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database says before anything is written."""

    models: Mapping[int, Admitted]
    windows: Mapping[Slot, Known]
    days: Mapping[int, int]
    """Days whose rows are remembered, and about how many they are."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is sent along with the first and with the last statements of a group."""

    begin: Callable[[], None]
    end: Callable[[], None]


FREE = Frame(lambda: None, lambda: None)


@dataclass(frozen=True, slots=True)
class _Settled:
    """Which keys were written now, and what is stored under those that were not."""

    written: set[Key]
    stored: Mapping[Key, tuple[bytes, Receipt]]


def write(
    ledger: Ledger,
    group: Sequence[CountedBatch],
    frame: Frame = FREE,
    *,
    durable: bool = False,
    hoped: bool = False,
) -> Sequence[Outcome]:
    """Write receipts, counts, tallies and open windows of a group; one outcome per batch.

    The series are locked already, so that no window closes between looking at it and counting
    for it (or ``frame.begin`` does so). ``durable``: the same group was committed before, and the
    connection broke before that was heard. ``hoped``: perhaps it was, all new; then its receipts
    say so. Nothing of it is written or tallied twice.
    """
    found = _read(ledger, group, frame)
    models = found.models
    drafts = _drafts(ledger, [b for b in group if _refusal(b, models) is None], found)
    written = receipts.claim(ledger, {key: (d.batch, d.receipt) for key, d in drafts.items()})
    settled = _Settled(written, receipts.stored(ledger, drafts.keys() - written))
    corrected = sifting.sift(ledger, {key: drafts[key] for key in sorted(written)}, found.days)
    drafts |= corrected
    ours = _written_before(drafts, settled) if durable or hoped else set()
    if settled.stored.keys() - ours:
        ledger.cache.memory.saw_again()
    outcomes = _outcomes(group, models, drafts, settled, ours)
    counted = [(drafts[key].batch, drafts[key].placed) for key in sorted(written)]
    openings.ensure_versions(ledger, counted)
    deltas = counting.deltas(ledger, counted, models)
    told = zip(group, outcomes, strict=True)
    with ledger.flight():
        receipts.correct(ledger, ((key[0], d.receipt) for key, d in corrected.items()))
        openings.open_windows(ledger, counted, models)
        openings.mark_restated(ledger, counted)
        openings.sight(ledger, counted)
        counting.add(ledger, deltas)
        sequences.note(ledger, (d.batch for key, d in drafts.items() if key in written))
        tallied = written if durable else {key_of(batch) for batch in group} - ours
        tallies.add(ledger, (one for one in told if key_of(one[0]) in tallied))
        frame.end()
    return outcomes


def _read(ledger: Ledger, group: Sequence[CountedBatch], frame: Frame) -> _Found:
    """Return the group's models and windows, asked for together if the models are known."""
    owners = sorted({b.envelope.model_id for b in group})
    widths = {owner: ledger.cache.width(owner) for owner in owners}
    known = {owner: width for owner, width in widths.items() if width is not None}
    with ledger.flight():
        frame.begin()
        answer = ledger.ask(*_models(ledger, owners))
        asked = openings.known(ledger, _slots(group, known)) if len(known) == len(owners) else None
        days = seen.ask_days(ledger) if any(b.identified for b in group) else None
        models = {row.id: Admitted(*row[1:]) for row in answer()}
        windows = asked() if asked is not None else None
        held = {row.day: row.ids for row in days()} if days is not None else {}
    now = {owner: model.window for owner, model in models.items()}
    for owner, width in now.items():
        ledger.cache.keep_width(owner, width)
    if windows is None or any(known[owner] != width for owner, width in now.items()):
        windows = openings.known(ledger, _slots(group, now))()
    ledger.cache.memory.note(models, windows)
    return _Found(models, windows, held)


def _models(ledger: Ledger, owners: Sequence[int]) -> tuple[Select[Any], Mapping[str, Any]]:
    return (MODELS_ARRAY if ledger.postgres else MODELS_LIST), {"ids": owners}


def _slots(group: Sequence[CountedBatch], widths: Mapping[int, timedelta]) -> set[Slot]:
    return {
        slot
        for batch in group
        if (width := widths.get(batch.envelope.model_id)) is not None
        for _, slot in slots(batch, width)
    }


def _drafts(
    ledger: Ledger,
    batches: Sequence[CountedBatch],
    found: _Found,
) -> dict[Key, Draft]:
    """Return what would be written; of twins within the group, the first."""
    drafts: dict[Key, Draft] = {}
    room = ledger.cache.row_ids - sum(found.days.values())
    for batch in batches:
        key = key_of(batch)
        if key not in drafts:
            placed = place(batch, found.models[key[0]], found.windows, ledger.now)
            late = late_rows(batch, placed)
            known = batch.identified is not None and batch.rows <= room
            receipt = receipt_of(batch, late, checked=known)
            drafts[key] = Draft(batch, placed, receipt)
    return drafts


def _refusal(batch: CountedBatch, models: Mapping[int, Admitted]) -> Gone | Recount | None:
    model = models.get(batch.envelope.model_id)
    if model is None:
        return Gone()
    if model.grid_set_id != batch.grid_set:
        return Recount()
    return None if batch.envelope.declared_at in (None, model.changed_at) else Recount()


def _written_before(drafts: Mapping[Key, Draft], settled: _Settled) -> set[Key]:
    """Return the keys whose receipts this very group wrote in an earlier try."""
    return {
        key
        for key, (fingerprint, receipt) in settled.stored.items()
        if drafts[key].batch.envelope.fingerprint == fingerprint
        and drafts[key].batch.envelope.received_at == receipt.received_at
    }


def _outcomes(
    group: Sequence[CountedBatch],
    models: Mapping[int, Admitted],
    drafts: Mapping[Key, Draft],
    settled: _Settled,
    ours: set[Key],
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    unanswered = settled.written | ours
    for batch in group:
        refused = _refusal(batch, models)
        key = key_of(batch)
        if refused is not None:
            outcomes.append(refused)
        elif key in settled.written:
            first = drafts[key]
            outcomes.append(
                Counted(first.receipt)  # the first of its twins, so the one that was written
                if key in unanswered
                else _repeat(batch, first.batch.envelope.fingerprint, first.receipt)
            )
        elif key in settled.stored:
            fingerprint, receipt = settled.stored[key]
            outcomes.append(
                Counted(receipt) if key in unanswered else _repeat(batch, fingerprint, receipt)
            )
        else:
            outcomes.append(InFlight())
        unanswered.discard(key)
    return outcomes


def _repeat(batch: CountedBatch, fingerprint: bytes, receipt: Receipt) -> Repeated | Reused:
    return Repeated(receipt) if batch.envelope.fingerprint == fingerprint else Reused()
