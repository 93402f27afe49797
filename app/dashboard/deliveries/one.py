"""``/deliveries/{delivery}``: one event on its way to one target, every attempt, and its body."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.deliveries.about import leads_to
from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.place import of
from app.dashboard.queries import one_of
from app.dashboard.reasons import DELIVERY_KINDS
from app.dashboard.rendering import page
from app.domain.alerts.delivery import SCHEDULE
from app.domain.errors import NotFound
from app.domain.telling.bodies import readable
from app.domain.telling.reports import DeliverySummary, StoredAttempt
from app.ports import Unit

LARGEST = 2**63 - 1
SENT = {
    "queued": "It is queued and goes out within seconds, with the same event id.",
    "already": "Nothing was done: the delivery had changed since that page was made.",
}
COLUMNS: Columns[StoredAttempt] = {
    "at": lambda one: one.at,
    "status": lambda one: one.status,
    "error": lambda one: one.error,
    "seconds": lambda one: one.took,
    "retry_after": lambda one: one.retry_after,
    "run": lambda one: one.run,
}


async def get_delivery(request: Request) -> Response:
    """Show a delivery."""
    id_: int = request.path_params["delivery"]
    form, sent = file_of(request), one_of(request, "sent", SENT)
    async with of(request).store.read() as unit:
        delivery, attempts = await found(unit, id_)
        if form is not None:
            return as_file(request, Listing(f"delivery-{id_}", COLUMNS, attempts), form)
        body = await unit.views.event_body(delivery.event_id)
        target = await unit.targets.get(delivery.target)
    values = {
        "delivery": delivery,
        "attempts": attempts,
        "body": readable(body or b""),
        "target": target,
        "leads": leads_to(delivery),
        "kinds": DELIVERY_KINDS,
        "most": len(SCHEDULE),
        "sent": SENT[sent] if sent else None,
    }
    return page(request, "ops/delivery.html", values, place="deliveries")


async def found(unit: Unit, id_: int) -> tuple[DeliverySummary, Sequence[StoredAttempt]]:
    """Return a delivery.

    Raises
    ------
    NotFound
        There is none of this number.
    """
    stored = await unit.views.delivery(id_) if id_ <= LARGEST else None
    if stored is None:
        raise NotFound(f"there is no delivery {id_}")
    return stored
