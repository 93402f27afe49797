"""``/alerts/{alert}``: one alert with its history, what was sent of it, and what it asked for."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.alerts.history import stretches
from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import cut, further
from app.dashboard.place import of
from app.dashboard.queries import moment
from app.dashboard.reasons import ALERT_KINDS, DELIVERY_KINDS, RUN_KINDS
from app.dashboard.rendering import page
from app.domain.alerts.event import rfc3339
from app.domain.errors import NotFound
from app.domain.monitors.monitor import ALL_VERSIONS, RETRAINING_MONITOR, TRAFFIC_MONITOR
from app.domain.retrainings.retraining import Retraining
from app.domain.telling.operations import DeliveryChoice
from app.domain.telling.reports import AlertStep, AlertSummary
from app.ports import Unit
from app.steps import declare

STEPS = 500
"""Windows of the history that are read at a time; alike ones are one line."""
MOST_RUNS = 100
MOST_DELIVERIES = 20
LARGEST = 2**63 - 1
OF_NO_WINDOW = frozenset({TRAFFIC_MONITOR, RETRAINING_MONITOR})
COLUMNS: Columns[AlertStep] = {
    "window": lambda step: step.window,
    "revision": lambda step: step.revision,
    "state": lambda step: step.state,
    "reason": lambda step: step.reason,
    "since": lambda step: step.since,
}


async def get_alert(request: Request) -> Response:
    """Show an alert."""
    id_: int = request.path_params["alert"]
    before, form = moment(request, "before"), file_of(request)
    async with of(request).store.read() as unit:
        found = await unit.views.alert(id_) if id_ <= LARGEST else None
        if found is None:
            raise NotFound(f"there is no alert {id_}")
        alert = found[0]
        over = (await unit.views.episodes([alert])).get(id_)
        steps = await unit.views.alert_steps(id_, before, STEPS + 1)
        about = f"{alert.model}/{alert.version}/{alert.monitor}"
        sent = await unit.views.chosen_deliveries(
            DeliveryChoice(about=about), None, MOST_DELIVERIES
        )
        asked_for = await _runs(unit, alert)
    shown, last = cut(steps, lambda step: rfc3339(step.window), STEPS)
    if form is not None:
        return as_file(request, Listing(f"alert-{alert.id}", COLUMNS, shown), form)
    values = {
        "alert": alert,
        "over": over,
        "before": rfc3339(before) if before else None,
        "windowed": alert.monitor not in OF_NO_WINDOW,
        "every_version": alert.version == ALL_VERSIONS,
        "history": stretches(shown),
        "about": about,
        "deliveries": sent,
        "runs": asked_for,
        "kinds": ALERT_KINDS,
        "delivery_kinds": DELIVERY_KINDS,
        "run_kinds": RUN_KINDS,
        "next": further(request, {}, before=last) if last else None,
    }
    return page(request, "ops/alert.html", values, place="alerts")


async def _runs(unit: Unit, alert: AlertSummary) -> Sequence[Retraining]:
    """Return the latest runs of a model that an alert asked for."""
    model = await declare.find(unit, alert.model)
    runs = await unit.retrainings.page(model.id, None, None, MOST_RUNS)
    return [run for run in runs if (run.about.get("alert") or {}).get("id") == alert.id]
