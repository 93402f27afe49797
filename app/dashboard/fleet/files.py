"""All models as a file."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.fleet.lines import kind_of_model, worst_first
from app.dashboard.fleet.page import by_model, chosen
from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.place import of
from app.domain.telling.overview import ModelLine

COLUMNS: Columns[ModelLine] = {
    "model": lambda model: model.name,
    "champion": lambda model: model.champion,
    "state": kind_of_model,
    "version": lambda model: model.version,
    "window_start": lambda model: model.latest.start if model.latest else None,
    "rows": lambda model: model.latest.rows if model.latest else None,
}


async def get_models(request: Request) -> Response:
    """Return every model that is asked for with its last judged window, worst first."""
    form = file_of(request) or ""
    async with of(request).store.read() as unit:
        firing = by_model(await unit.views.firing())
        models = chosen(request, worst_first(await unit.views.fleet(), firing))
    columns: Columns[ModelLine] = {
        **COLUMNS,
        "alerts_firing": lambda model: sum(one.alerts for one in firing.get(model.name, ())),
        "monitor": lambda model: model.latest.monitor if model.latest else None,
    }
    return as_file(request, Listing("models", columns, models), form)
