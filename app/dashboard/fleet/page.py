"""``/``: all models, worst first."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.fleet.head import Head
from app.dashboard.fleet.lines import (
    LAST,
    FleetRow,
    Known,
    fleet_row,
    is_before,
    kind_of_model,
    worst_first,
)
from app.dashboard.place import of
from app.dashboard.rendering import page
from app.dashboard.since import Since, since_of
from app.dashboard.states import WORDS
from app.domain.retrainings.retraining import Retraining
from app.domain.telling.overview import Firing, ModelLine
from app.domain.telling.reports import WindowQuery
from app.ports import Unit
from drift_core import State

ON_A_PAGE = 50
RECENT_RUNS = 200
LONGEST_SEARCH = 200
KNOWN = ("drift", "warning", "ok")
"""What a verdict can be; the others say that there is none."""


async def get_fleet(request: Request) -> Response:
    """Show every model: how it stands, what is wrong, and its last thirty windows."""
    async with of(request).store.read() as unit:
        every = await unit.views.fleet()
        firing = by_model(await unit.views.firing())
        found = chosen(request, worst_first(every, firing))
        number = _number(request, len(found))
        shown = found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        rows = await _rows(unit, shown, firing)
    kinds = [kind_of_model(model) for model in every]
    values = {
        "rows": rows,
        "head": Head(
            every=len(every),
            drifting=kinds.count("drift"),
            unknown=sum(kind not in KNOWN for kind in kinds),
            renewed=sum(map(is_before, every)),
            firing=sum(bool(firing.get(model.name)) for model in every),
        ),
        "chosen": len(found),
        "number": number,
        "pages": _pages(len(found)),
        "state": request.query_params.get("state", ""),
        "q": request.query_params.get("q", "")[:LONGEST_SEARCH],
        "states": WORDS,
        "last": LAST,
    }
    return page(request, "fleet.html", values, place="fleet")


def chosen(request: Request, models: list[ModelLine]) -> list[ModelLine]:
    """Return the models that the address asks for."""
    state = request.query_params.get("state", "")
    text = request.query_params.get("q", "").casefold()
    return [
        model
        for model in models
        if (not state or kind_of_model(model) == state) and text in model.name.casefold()
    ]


def _pages(models: int) -> int:
    return max(1, -(-models // ON_A_PAGE))


def _number(request: Request, models: int) -> int:
    """Return the number of the page that was asked for, as far as there is one."""
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return min(max(number, 1), _pages(models))


def by_model(alerts: Sequence[Firing]) -> dict[str, list[Firing]]:
    found: dict[str, list[Firing]] = defaultdict(list)
    for alert in alerts:
        found[alert.model].append(alert)
    return found


async def _rows(
    unit: Unit, models: Sequence[ModelLine], firing: dict[str, list[Firing]]
) -> list[FleetRow]:
    strips = await unit.views.strips(models, LAST)
    verdicts = [m.latest.verdict for m in models if m.latest and m.latest.verdict is not None]
    drifted = await unit.views.drifted(verdicts)
    runs: dict[str, Retraining] = {}
    for run in await unit.retrainings.page(None, None, None, RECENT_RUNS):
        runs.setdefault(run.model, run)
    arrived = await _arrived(unit)
    return [
        fleet_row(
            model,
            Known(
                strip=strips.get(model.id, ()),
                drifted=drifted.get((model.latest and model.latest.verdict) or 0, ()),
                firing=firing.get(model.name, ()),
                retraining=runs.get(model.name),
                arrived=arrived.get(model.name),
                since=await _since(unit, model),
            ),
        )
        for model in models
    ]


async def _since(unit: Unit, model: ModelLine) -> Since | None:
    """Return since when the windows that a line shows drift."""
    latest = model.latest
    if latest is None or model.version is None or latest.state != State.DRIFT:
        return None
    query = WindowQuery(model.id, model.version, monitor=latest.monitor, frame=latest.frame)
    return await since_of(unit, query, latest.start)


async def _arrived(unit: Unit) -> dict[str, datetime]:
    """Return when rows of each model came last."""
    found: dict[str, datetime] = {}
    for tally in await unit.views.tallies():
        if tally.last_commit is not None:
            found[tally.model] = max(tally.last_commit, found.get(tally.model, tally.last_commit))
    return found
