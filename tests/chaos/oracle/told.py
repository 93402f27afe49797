"""Each event that is due was heard, with one id and one body, at least once."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.oracle.stored import Stored
from tests.chaos.oracle.witness import Witness

FIRING = "io.leeway.alert.firing.v1"
RESOLVED = "io.leeway.alert.resolved.v1"


def check(witness: Witness, stored: Stored) -> Iterator[str]:
    bodies = {
        event["id"]: hashlib.sha256(bytes(event["body"])).hexdigest() for event in stored.events
    }
    for delivery in stored.deliveries:
        heard = witness.heard.get(delivery["event_id"])
        if delivery["state"] == "delivered" and not heard:
            yield f"never heard: {delivery['event_id']}, which is marked as delivered"
        elif delivery["state"] not in ("delivered", "superseded"):
            yield f"not delivered: {delivery['event_id']} is {delivery['state']}"
    for event, digests in witness.heard.items():
        if event not in bodies:
            yield f"heard, but no event: {event}"
        elif set(digests) != {bodies[event]}:
            yield f"another body: {event} came as {len(digests)} bodies"
    if len(stored.deliveries) != len(stored.events):
        yield f"{len(stored.events)} events have {len(stored.deliveries)} deliveries to one target"
    yield from _turns(stored)


def _turns(stored: Stored) -> Iterator[str]:
    """An alert fires and resolves by turns, and its last event is how it stands."""
    told: dict[str, list[str]] = defaultdict(list)
    for event in stored.events:
        if event["type"] in (FIRING, RESOLVED):
            told[event["ordering"]].append(event["type"])
    for ordering, types in told.items():
        due = [FIRING if place % 2 == 0 else RESOLVED for place in range(len(types))]
        if types != due:
            yield f"events out of turn: {ordering} told {types}"
    firing = sum(state == "firing" for state in stored.alerts.values())
    told_firing = sum(types[-1] == FIRING for types in told.values())
    if firing != told_firing:
        yield f"{firing} alerts fire, {told_firing} were told last that they do"
