"""``/retrainings/{retraining}``: one run, every word about it, and the request that was sent."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.place import of
from app.dashboard.reasons import CAUSES, DELIVERY_KINDS, ORIGINS, RUN_KINDS
from app.dashboard.rendering import page
from app.dashboard.retrainings.running import run_link
from app.domain.errors import NotFound
from app.domain.retrainings.event import EVENT_PREFIX
from app.domain.retrainings.retraining import IN_FLIGHT, Entry
from app.domain.telling.operations import DeliveryChoice

MOST_DELIVERIES = 20
MOST_METRICS = 100
COLUMNS: Columns[Entry] = {
    "at": lambda entry: entry.at,
    "source": lambda entry: entry.origin.value,
    "said": lambda entry: entry.signal,
    "state": lambda entry: entry.move.state.value,
    "reason": lambda entry: entry.move.reason.value,
    "changed": lambda entry: entry.move.changed,
    "detail": lambda entry: entry.said.detail,
    "version": lambda entry: entry.said.version,
    "baseline": lambda entry: entry.said.baseline,
    "run": lambda entry: entry.said.run,
}


async def get_retraining(request: Request) -> Response:
    """Show a retraining."""
    id_: str = request.path_params["retraining"]
    form = file_of(request)
    async with of(request).store.read() as unit:
        run = await unit.retrainings.get(id_)
        if run is None:
            raise NotFound(f"there is no retraining {id_!r}")
        history = await unit.retrainings.history(run)
        asked = DeliveryChoice(event=EVENT_PREFIX + run.id)
        sent = await unit.views.chosen_deliveries(asked, None, MOST_DELIVERIES)
        target = await unit.targets.get(run.target)
    if form is not None:
        return as_file(request, Listing(run.id, COLUMNS, history), form)
    values = {
        "run": run,
        "alert": run.about.get("alert") or {},
        "features": run.about.get("features") or [],
        "metrics": _metrics(run.metrics or {}),
        "history": history,
        "deliveries": sent,
        "flying": run.state in IN_FLIGHT,
        "where": run_link(target, run.run) if target and run.run else None,
        "kinds": RUN_KINDS,
        "delivery_kinds": DELIVERY_KINDS,
        "causes": CAUSES,
        "origins": ORIGINS,
    }
    return page(request, "ops/retraining.html", values, place="retrainings")


def _metrics(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the run said of its version, each as text."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in list(metrics.items())[:MOST_METRICS]
    ]
