"""``/ingest/{model}``: how a model's rows come in, from whom, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.ingest.rates import Rates, rates
from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.place import of
from app.dashboard.rendering import page
from app.dashboard.series import last_judged
from app.domain.model import Model, VersionRole
from app.domain.monitors.monitor import TRAFFIC_MONITOR
from app.domain.rejection import RejectionQuery
from app.domain.sources.source import bucket_of
from app.domain.telling.operations import Gap, SourceTally, gaps
from app.domain.telling.reports import WindowQuery
from app.ports import Unit
from app.steps import declare

HOURS = 48
WINDOWS = 200
LATEST = 10
MOST_BEATS = 20
MOST_SOURCES = 100
COLUMNS: Columns[SourceTally] = {
    "version": lambda one: one.version,
    "source": lambda one: one.source,
    "received": lambda one: one.received,
    "counted": lambda one: one.counted,
    "duplicate": lambda one: one.duplicate,
    "late": lambda one: one.late,
    "rejected": lambda one: one.rejected,
    "batches": lambda one: one.batches,
    "latest_event": lambda one: one.latest_event,
    "last_commit": lambda one: one.last_commit,
}


@dataclass(frozen=True, slots=True)
class Holes:
    """Where rows are missing, and among how many windows of which version."""

    version: str
    windows: int
    gaps: tuple[Gap, ...]


async def get_intake(request: Request) -> Response:
    """Show what came in for one model."""
    form = file_of(request)
    async with of(request).store.read() as unit:
        model = await declare.find(unit, request.path_params["model"])
        tallies = await unit.views.source_tallies([model.id])
        if form is not None:
            return as_file(request, Listing(f"ingest-{model.name}", COLUMNS, tallies), form)
        values = {
            "model": model,
            "tallies": tallies,
            "now": unit.now,
            "rates": await _rates(unit, model.id, unit.now),
            "arrived": max((one.last_commit for one in tallies if one.last_commit), default=None),
            "silence": await _silence(unit, model),
            "rejections": await unit.rejections.page(RejectionQuery(model.id), None, LATEST),
            "sources": await unit.sources.page(model.id, None, MOST_SOURCES),
            "beats": await unit.views.beats(model.id, MOST_BEATS),
            "holes": await _holes(unit, model),
            "most": WINDOWS,
            "bucket_of": bucket_of,
        }
    total = sum(one.received for one in tallies)
    return page(request, "ops/intake.html", values | {"total": total}, place="ingest")


async def _silence(unit: Unit, model: Model) -> Mapping[str, object]:
    """Return who tells of a silence, and when; nobody where its monitor asks nothing."""
    declared = await unit.monitors.get(model.id, TRAFFIC_MONITOR)
    monitor = declared.monitor if declared else None
    return {
        "told": monitor is not None and monitor.asks,
        "severity": monitor and monitor.grave(model.settings.severities).value,
        "limit": (monitor and monitor.maximum_silence) or model.settings.maximum_silence,
    }


async def _rates(unit: Unit, model_id: int, now: datetime) -> Rates:
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    start = end - timedelta(hours=HOURS)
    return rates(await unit.traffic.hours(model_id, start, end), start, HOURS)


async def _holes(unit: Unit, model: Model) -> Holes:
    """Return the gaps among the latest windows of the version that the model's page shows."""
    versions = await unit.models.versions(model.id)
    champion = next((v.name for v in versions if v.role is VersionRole.CHAMPION), "")
    query = await last_judged(unit, WindowQuery(model.id, champion), versions)
    windows = await unit.views.windows(query, None, WINDOWS)
    return Holes(query.version, len(windows), gaps(windows, model.settings.window))
