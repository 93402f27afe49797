"""An acknowledged batch is counted once and whole, and its receipt says so."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.chaos.oracle.cells import FEATURES
from tests.chaos.oracle.stored import COUNTERS, Stored
from tests.chaos.oracle.whole import rows_of
from tests.chaos.oracle.witness import Sent, Witness
from tests.chaos.plan import Kind


def check(witness: Witness, stored: Stored) -> Iterator[str]:
    """Name every batch that is lost, doubled or partial, every answer that was not true."""
    for name, sent in witness.counted().items():
        yield from _answers(name, sent)
        if sent.acknowledged:
            yield from _receipt(name, sent, stored)
            yield from _cells(name, sent, stored)
    yield from _recut(witness)
    yield from _refused(witness)
    yield from _strangers(witness, stored)


def _answers(name: str, sent: Sent) -> Iterator[str]:
    if not sent.acknowledged:
        yield f"never acknowledged: {name} after {sent.sends} sends"
    for answer in sent.answers:
        if answer["status"] not in (200, 409, 429, 503):
            yield f"refused: {name}: {answer['status']} {answer.get('problem', '')}"
    receipts = [answer["receipt"] for answer in sent.acknowledged]
    if any(receipt != receipts[0] for receipt in receipts):
        told = [_counters(receipt) | {"at": receipt["received_at"]} for receipt in receipts]
        yield f"another receipt: {name} was told {told}"
    if sum(not answer["replayed"] for answer in sent.acknowledged) > 1:
        yield f"doubled: {name} was counted more than once, as its answers say"


def _receipt(name: str, sent: Sent, stored: Stored) -> Iterator[str]:
    told = sent.acknowledged[0]["receipt"]
    kept = stored.receipts.get((sent.model, told["key"]))
    if kept is None:
        yield f"lost: {name} was acknowledged and has no receipt"
        return
    if any(kept[counter] != told[counter] for counter in COUNTERS):
        yield f"another receipt: {name} was told {_counters(told)}, kept is {_counters(kept)}"
    if told["received"] != sent.rows or told["counted"] + told["late"] != sent.rows:
        yield f"partial: {name} of {sent.rows} rows has the receipt {_counters(told)}"


def _counters(receipt: Mapping[str, Any]) -> dict[str, int]:
    return {counter: receipt[counter] for counter in COUNTERS}


def _cells(name: str, sent: Sent, stored: Stored) -> Iterator[str]:
    told = sent.acknowledged[0]["receipt"]["counted"]
    for feature in FEATURES:
        total = sum(rows_of(sent, stored, feature).values())
        if total < told:
            yield f"lost: {name} was acknowledged, {feature} has {total} of {told} rows"
        elif total > told:
            yield f"doubled: {name} was acknowledged, {feature} has {total} of {told} rows"


def _recut(witness: Witness) -> Iterator[str]:
    """Rows whose ids were acknowledged count no second time, whatever batch brings them."""
    for (name, _), sent in witness.batches.items():
        if sent.kind is not Kind.RECUT:
            continue
        yield from _answers(name, sent)
        for answer in sent.acknowledged:
            if answer["receipt"]["counted"]:
                yield f"counted again: rows of {name}, as its receipt says {answer['receipt']}"


def _refused(witness: Witness) -> Iterator[str]:
    for (name, kind), sent in witness.batches.items():
        if not sent.kind.refused:
            continue
        for answer in sent.answers:
            if answer["status"] not in (400, 409, 422, 429, 503):
                yield f"not refused: {name} ({kind}) was answered {answer['status']}"


def _strangers(witness: Witness, stored: Stored) -> Iterator[str]:
    """Name what is counted and was never sent, or was refused."""
    known = {
        (sent.model, start, sent.level)
        for sent in witness.batches.values()
        if sent.kind.counts
        for start in sent.parts
    }
    for (model, start), pane in stored.panes.items():
        if pane.stray:
            yield f"stray: {model} at {start} has {pane.stray} rows outside every level"
        for feature in FEATURES:
            for level, rows in pane.levels[feature].items():
                if (model, start, level) not in known:
                    yield f"stray: {model} at {start} has {rows} rows of level {level} in {feature}"
