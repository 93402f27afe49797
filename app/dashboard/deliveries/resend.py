"""``/deliveries/{delivery}/redeliver``: asks first, then has the event sent once more.

The page that asks names the state that it saw. A form that is sent twice, or after somebody else's,
finds another state and does nothing.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.dashboard.deliveries.about import leads_to
from app.dashboard.deliveries.one import found
from app.dashboard.forms import fields
from app.dashboard.place import links_of, of
from app.dashboard.reasons import DELIVERY_KINDS
from app.dashboard.rendering import page
from app.domain.alerts.event import rfc3339
from app.domain.telling.reports import DeliverySummary
from app.steps.redeliver import redeliver

SEE_OTHER = 303


async def ask_to_resend(request: Request) -> Response:
    """Say what will happen, and show the button that does it."""
    id_: int = request.path_params["delivery"]
    async with of(request).store.read() as unit:
        delivery, _ = await found(unit, id_)
        target = await unit.targets.get(delivery.target)
    values = {
        "delivery": delivery,
        "target": target,
        "seen": _stamp(delivery),
        "leads": leads_to(delivery),
        "kinds": DELIVERY_KINDS,
    }
    answer = page(request, "ops/resend.html", values, place="deliveries")
    # a page without a referrer has no origin, either, by which its form could be told from others
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


async def resend(request: Request) -> Response:
    """Queue the event again, once for each page that asked."""
    id_: int = request.path_params["delivery"]
    seen = (await fields(request)).get("seen")
    store = of(request).store
    async with store.read() as unit:
        delivery, _ = await found(unit, id_)
    changed = seen != _stamp(delivery)
    if not changed:
        await redeliver(store, id_)
    where = links_of(request)("deliveries", str(id_), sent="already" if changed else "queued")
    return RedirectResponse(where, SEE_OTHER)


def _stamp(delivery: DeliverySummary) -> str:
    return f"{delivery.state}/{delivery.tries}/{rfc3339(delivery.changed_at)}"
