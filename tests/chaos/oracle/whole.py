"""A batch is all or nothing whenever one looks: receipts and counts of one snapshot agree."""

from collections.abc import Iterator

from tests.chaos.oracle.cells import FEATURES
from tests.chaos.oracle.stored import Stored
from tests.chaos.oracle.witness import Sent, Witness
from tests.chaos.plan import Kind


def check(witness: Witness, stored: Stored) -> Iterator[str]:
    """Name every batch of which a part is counted, or more or less than its receipt says."""
    for (name, _), sent in witness.batches.items():
        if not sent.kind.counts:
            continue
        key = key_of(name, sent)
        receipt = stored.receipts.get((sent.model, key)) if key else None
        for feature in FEATURES:
            found = rows_of(sent, stored, feature)
            for start, rows in found.items():
                if rows not in (0, sent.parts[start]):
                    kind = "doubled" if rows > sent.parts[start] else "partial"
                    yield f"{kind}: {name} has {rows} of {sent.parts[start]} in {feature}, {start}"
            total = sum(found.values())
            if key and total != (receipt["counted"] if receipt else 0):
                says = f"{receipt['counted']} counted" if receipt else "nothing"
                yield f"partial: {name} has {total} rows in {feature}, its receipt says {says}"


def key_of(name: str, sent: Sent) -> str | None:
    """Return the key of a batch; without one its answer tells, and of an object nothing does."""
    if sent.kind is Kind.KEYED:
        return name
    if sent.kind is Kind.KEYLESS and sent.acknowledged:
        return str(sent.acknowledged[0]["receipt"]["key"])
    return None


def rows_of(sent: Sent, stored: Stored, feature: str) -> dict[int, int]:
    """Return the rows in the cells that are this batch's alone, by pane."""
    found = {}
    for start in sent.parts:
        pane = stored.panes.get((sent.model, start))
        found[start] = pane.levels[feature].get(sent.level, 0) if pane else 0
    return found
