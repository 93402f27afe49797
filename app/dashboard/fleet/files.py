"""All models as a file."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.files import table
from app.dashboard.fleet.lines import kind_of_model, worst_first
from app.dashboard.fleet.page import by_model
from app.dashboard.place import of
from app.domain.alerts.event import rfc3339


async def get_models(request: Request) -> Response:
    """Return every model with its last judged window, worst first."""
    async with of(request).store.read() as unit:
        firing = by_model(await unit.views.firing())
        models = worst_first(await unit.views.fleet(), firing)
    head = ("model", "champion", "state", "version", "window_start", "rows", "alerts_firing")
    rows = (
        (
            model.name,
            model.champion,
            kind_of_model(model),
            model.version,
            rfc3339(model.latest.start) if model.latest else None,
            model.latest.rows if model.latest else None,
            sum(one.alerts for one in firing.get(model.name, ())),
            model.latest.monitor if model.latest else None,
        )
        for model in models
    )
    return table(request, (*head, "monitor"), rows)
