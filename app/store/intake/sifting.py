"""Batches that may be written; those rows left out that were counted before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.domain.batch import CountedBatch, CountVector, Receipt
from app.domain.model import WHOLE
from app.store.intake import seen
from app.store.intake.receipts import Key
from app.store.transactions.ledger import Ledger
from app.store.transactions.placing import Fate, Placed


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch that may be written, with what its panes would do and the receipt it would get."""

    batch: CountedBatch
    placed: tuple[Placed, ...]
    receipt: Receipt


def sift(
    ledger: Ledger, drafts: Mapping[Key, Draft], present: Mapping[int, int]
) -> dict[Key, Draft]:
    """Remember the rows of drafts, and return anew those that hold rows remembered before."""
    asking = {key: rows for key, draft in drafts.items() if (rows := _rows(draft)) is not None}
    fresh = seen.first_time(ledger, list(asking.values()), present)
    return {
        key: _without(ledger, drafts[key], new, rows.wanted.size - new.size)
        for (key, rows), new in zip(asking.items(), fresh, strict=True)
        if new.size < rows.wanted.size
    }


def _rows(draft: Draft) -> seen.Rows | None:
    """Return which rows are to be remembered: none that come too late to count."""
    identified = draft.batch.identified
    if identified is None or not draft.receipt.rows_deduplicated:
        return None
    whole = [placed for placed in draft.placed if placed.slot.segment == WHOLE]
    late = {placed.counts.pane for placed in whole if placed.fate is Fate.LATE}
    panes = identified.panes
    counted = np.array([start not in late for start in panes.starts])
    return seen.Rows(identified, np.flatnonzero(counted[panes.of_rows]))


def _without(ledger: Ledger, draft: Draft, rows: CountVector, duplicate: int) -> Draft:
    """Return a draft that counts some of its rows only."""
    assert draft.batch.identified is not None  # noqa: S101  or it would not be asked
    places = {(one.slot.segment, one.counts.pane): one for one in draft.placed}
    counted = ledger.heavy(draft.batch.identified.recount, rows)
    placed = tuple(replace(places[pane.segment, pane.pane], counts=pane) for pane in counted)
    receipt = replace(draft.receipt, counted=rows.size, duplicate=duplicate)
    return replace(draft, placed=placed, receipt=receipt)
