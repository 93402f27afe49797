"""``/ingest/{model}/sources/{source}``: the objects of a source, and what became of each."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, cut, further
from app.dashboard.place import of
from app.dashboard.queries import number, one_of
from app.dashboard.reasons import OBJECT_KINDS
from app.dashboard.rendering import page
from app.domain.errors import NotFound
from app.domain.sources.source import ObjectState
from app.ports.sources import StoredObject
from app.steps import declare

STATES = tuple(state.value for state in ObjectState)
COLUMNS: Columns[StoredObject] = {
    "id": lambda one: one.id,
    "key": lambda one: one.listed.key,
    "state": lambda one: one.state.value,
    "reason": lambda one: one.reason,
    "detail": lambda one: one.detail,
    "tries": lambda one: one.tries,
    "rows": lambda one: one.rows,
    "bytes": lambda one: one.listed.size,
    "modified": lambda one: one.listed.modified,
    "seen_at": lambda one: one.seen_at,
    "done_at": lambda one: one.done_at,
}


async def get_objects(request: Request) -> Response:
    """Show a source with its objects, chosen by state."""
    state, after = one_of(request, "state", STATES), number(request, "after")
    name, form = request.path_params["source"], file_of(request)
    async with of(request).store.read() as unit:
        model = await declare.find(unit, request.path_params["model"])
        known = await unit.sources.get(model.id, name)
        if known is None:
            raise NotFound(f"model {model.name!r} has no source {name!r}")
        chosen = ObjectState(state) if state else None
        found = await unit.objects.page(known.source.id, chosen, after or 0, ON_A_PAGE + 1)
    shown, last = cut(found, lambda one: one.id)
    if form is not None:
        return as_file(request, Listing(f"objects-{name}", COLUMNS, shown), form)
    asked = {"state": state}
    values = {
        "model": model,
        "known": known,
        "objects": shown,
        "asked": asked,
        "any": state is not None or after is not None,
        "states": STATES,
        "kinds": OBJECT_KINDS,
        "after": after,
        "next": further(request, asked, after=last) if last else None,
    }
    return page(request, "ops/objects.html", values, place="ingest")
