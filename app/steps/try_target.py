"""A target is tried with an event that says nothing but that it is a test."""

import uuid

from app.domain.alerts import event
from app.domain.errors import Conflict, NotFound
from app.ports import Store


async def try_target(store: Store, event_source: str, name: str) -> int:
    """Queue a test event for a target; return the delivery's id.

    Raises
    ------
    NotFound, Conflict
        There is no such target, or it is disabled.
    """
    async with store.write() as unit:
        target = await unit.targets.get(name)
        if target is None:
            raise NotFound(f"there is no target {name!r}")
        if not target.enabled:
            raise Conflict(f"target {name!r} is disabled; PUT it again to enable it")
        identity = f"evt_{uuid.uuid4().hex}"
        tried = event.make_event(
            identity,
            event.TEST,
            source=event_source,
            subject=f"target/{name}",
            time=unit.now,
            # An order of its own: a test must not wait behind an alert's deliveries.
            ordering=f"test/{identity}",
            data={"target": name, "message": "This is a test."},
        )
        (delivery,) = await unit.outbox.add(tried, [name])
    return delivery
