"""``/deliveries``: what was told to whom, newest first."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, cut, further
from app.dashboard.place import of
from app.dashboard.queries import number, one_of, text
from app.dashboard.reasons import DELIVERY_KINDS
from app.dashboard.rendering import page
from app.domain.alerts.delivery import DeliveryState, Target
from app.domain.telling.operations import DeliveryChoice
from app.domain.telling.reports import DeliverySummary
from app.ports import Unit

STATES = tuple(state.value for state in DeliveryState)
MOST_TARGETS = 500
COLUMNS: Columns[DeliverySummary] = {
    "id": lambda one: one.id,
    "event": lambda one: one.event_id,
    "type": lambda one: one.event_type,
    "subject": lambda one: one.subject,
    "target": lambda one: one.target,
    "state": lambda one: one.state,
    "tries": lambda one: one.tries,
    "due_at": lambda one: one.due_at,
    "created_at": lambda one: one.created_at,
    "changed_at": lambda one: one.changed_at,
}


async def get_deliveries(request: Request) -> Response:
    """Show deliveries, chosen by target, state and what they are about."""
    asked = {
        "state": one_of(request, "state", STATES),
        "target": text(request, "target"),
        "about": text(request, "about"),
    }
    before, form = number(request, "before"), file_of(request)
    chosen = DeliveryChoice(asked["target"], asked["state"], asked["about"])
    async with of(request).store.read() as unit:
        found = await unit.views.chosen_deliveries(chosen, before, ON_A_PAGE + 1)
        counts = await unit.views.delivery_states()
        targets = await _targets(unit)
    shown, last = cut(found, lambda one: one.id)
    if form is not None:
        return as_file(request, Listing("deliveries", COLUMNS, shown), form)
    values = {
        "deliveries": shown,
        "counts": counts,
        "targets": targets,
        "disabled": [one for one in targets if not one.enabled],
        "gone": any(one.disabled_reason for one in targets if not one.enabled),
        "asked": asked,
        "any": any(asked.values()) or before is not None,
        "states": STATES,
        "kinds": DELIVERY_KINDS,
        "before": before,
        "next": further(request, asked, before=last) if last else None,
    }
    return page(request, "ops/deliveries.html", values, place="deliveries")


async def _targets(unit: Unit) -> Sequence[Target]:
    return await unit.targets.page(None, MOST_TARGETS)
