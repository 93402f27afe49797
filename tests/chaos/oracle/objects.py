"""Each object is counted once and whole, or quarantined with a reason and counted nowhere."""

from collections.abc import Iterator

from app.domain.sources.source import batch_key
from tests.chaos.oracle.cells import FEATURES
from tests.chaos.oracle.stored import Stored
from tests.chaos.oracle.whole import rows_of
from tests.chaos.oracle.witness import Sent, Witness
from tests.chaos.plan import Kind


def check(witness: Witness, stored: Stored) -> Iterator[str]:
    """Name every object that was put and is lost, doubled, partial or without its reason."""
    for name, sent in witness.objects().items():
        if not sent.acknowledged:
            yield f"never put: {name} after {sent.sends} tries"
            continue
        known = stored.objects.get((sent.model, sent.object))
        if known is None:
            yield f"lost: the object {sent.object} was never seen"
        elif sent.kind is Kind.BROKEN:
            if known["state"] != "quarantined" or not known["reason"]:
                yield f"not quarantined: {sent.object} is {known['state']}"
        elif known["state"] != "counted":
            yield f"lost: the object {sent.object} is {known['state']}, {known['reason']}"
        else:
            yield from _counted(sent, batch_key(bytes(known["digest"])), stored)


def _counted(sent: Sent, key: str, stored: Stored) -> Iterator[str]:
    receipt = stored.receipts.get((sent.model, key))
    if receipt is None:
        yield f"lost: the object {sent.object} is counted and has no receipt"
        return
    if receipt["counted"] + receipt["late"] != sent.rows:
        yield f"partial: the object {sent.object} of {sent.rows} rows has a receipt of {receipt}"
    for feature in FEATURES:
        total = sum(rows_of(sent, stored, feature).values())
        if total != receipt["counted"]:
            kind = "doubled" if total > receipt["counted"] else "lost"
            yield f"{kind}: {sent.object} has {total} of {receipt['counted']} rows in {feature}"
