"""``/ingest``: what every model received, and what became of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Listing, as_file, file_of
from app.dashboard.place import of
from app.dashboard.queries import text
from app.dashboard.rendering import page
from app.domain.telling.operations import SourceTally
from app.ports.sources import SourceState

COUNTERS = ("received", "counted", "duplicate", "late", "rejected", "batches")


@dataclass(slots=True)
class Intake:
    """What one model received, of all versions and sources."""

    model: str
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    sources: set[str] = field(default_factory=set)
    latest_event: datetime | None = None
    last_commit: datetime | None = None
    refused: int = 0
    """Batches."""
    watched: int = 0
    """Prefixes of object storage."""
    quarantined: int = 0

    def add(self, tally: SourceTally) -> None:
        for name in COUNTERS:
            self.sums[name] += getattr(tally, name)
        self.sources.add(tally.source)
        self.latest_event = later(self.latest_event, tally.latest_event)
        self.last_commit = later(self.last_commit, tally.last_commit)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two times that may be unknown."""
    return max((time for time in (one, other) if time is not None), default=None)


async def get_ingest(request: Request) -> Response:
    """Show the intake of every model, most troubled first."""
    wanted, form = text(request, "model"), file_of(request)
    async with of(request).store.read() as unit:
        tallies = await unit.views.source_tallies()
        refused = await unit.rejections.sums()
        sources = await unit.sources.all()
        row_ids = await unit.views.row_ids()
    found = _intakes(tallies, sources)
    for one in refused:
        if one.model in found:
            found[one.model].refused += one.batches
    shown = sorted(
        (one for one in found.values() if not wanted or wanted.casefold() in one.model.casefold()),
        key=lambda one: (-one.quarantined, -one.refused, -one.sums["late"], one.model),
    )
    if form is not None:
        return as_file(request, _listing(shown), form)
    values = {
        "intakes": shown,
        "every": len(found),
        "asked": {"model": wanted},
        "row_ids": row_ids,
        "total": {name: sum(one.sums[name] for one in found.values()) for name in COUNTERS},
    }
    return page(request, "ops/ingest.html", values, place="ingest")


def _intakes(tallies: Sequence[SourceTally], sources: Sequence[SourceState]) -> dict[str, Intake]:
    found: dict[str, Intake] = defaultdict()
    for tally in tallies:
        found.setdefault(tally.model, Intake(tally.model)).add(tally)
    for state in sources:
        one = found.setdefault(state.source.model, Intake(state.source.model))
        one.watched += 1
        one.quarantined += state.progress.quarantined
    return found


def _listing(intakes: Sequence[Intake]) -> Listing:
    rows = [
        {
            "model": one.model,
            **one.sums,
            "refused_batches": one.refused,
            "latest_event": one.latest_event,
            "last_commit": one.last_commit,
            "sources": sorted(one.sources),
            "quarantined": one.quarantined,
        }
        for one in intakes
    ]
    return Listing("ingest", rows)
