"""``/ingest``: what every model received, and what became of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, further
from app.dashboard.place import of
from app.dashboard.queries import number, text
from app.dashboard.rendering import page
from app.domain.telling.operations import IntakeRank, SourceTally

COUNTERS = ("received", "counted", "duplicate", "late", "rejected", "batches")


@dataclass(slots=True)
class Intake:
    """What one model received, of all versions and sources."""

    rank: IntakeRank
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    sources: set[str] = field(default_factory=set)
    latest_event: datetime | None = None
    last_commit: datetime | None = None

    def add(self, tally: SourceTally) -> None:
        for name in COUNTERS:
            self.sums[name] += getattr(tally, name)
        self.sources.add(tally.source)
        self.latest_event = later(self.latest_event, tally.latest_event)
        self.last_commit = later(self.last_commit, tally.last_commit)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two times that may be unknown."""
    return max((time for time in (one, other) if time is not None), default=None)


def _sum(name: str) -> Callable[[Intake], int]:
    return lambda one: one.sums[name]


COLUMNS: Columns[Intake] = {
    "model": lambda one: one.rank.name,
    **{name: _sum(name) for name in COUNTERS},
    "refused_batches": lambda one: one.rank.refused,
    "latest_event": lambda one: one.latest_event,
    "last_commit": lambda one: one.last_commit,
    "sources": lambda one: sorted(one.sources),
    "quarantined": lambda one: one.rank.quarantined,
}


async def get_ingest(request: Request) -> Response:
    """Show the intake of models, most troubled first, a page of them at a time."""
    asked, form = {"model": text(request, "model")}, file_of(request)
    skip = number(request, "skip") or 0
    async with of(request).store.read() as unit:
        ranks = await unit.views.intake_ranks()
        chosen = _called(ranks, asked["model"])
        skip = min(skip, max(0, len(chosen) - 1) // ON_A_PAGE * ON_A_PAGE)
        on_it = chosen[skip : skip + ON_A_PAGE]
        tallies = await unit.views.source_tallies([one.id for one in on_it])
        total = await unit.views.intake_total()
        row_ids = await unit.views.row_ids()
    shown = _intakes(on_it, tallies)
    if form is not None:
        return as_file(request, Listing("ingest", COLUMNS, shown), form)
    more = len(chosen) > skip + ON_A_PAGE
    values = {
        "intakes": shown,
        "every": len(ranks),
        "chosen": len(chosen),
        "asked": asked,
        "skip": skip or None,
        "row_ids": row_ids,
        "total": total,
        "before": further(request, asked, skip=max(0, skip - ON_A_PAGE) or None) if skip else None,
        "next": further(request, asked, skip=skip + ON_A_PAGE) if more else None,
    }
    return page(request, "ops/ingest.html", values, place="ingest")


def _called(ranks: Sequence[IntakeRank], wanted: str | None) -> Sequence[IntakeRank]:
    if not wanted:
        return ranks
    return [one for one in ranks if wanted.casefold() in one.name.casefold()]


def _intakes(ranks: Sequence[IntakeRank], tallies: Iterable[SourceTally]) -> list[Intake]:
    found = {one.name: Intake(one) for one in ranks}
    for tally in tallies:
        found[tally.model].add(tally)
    return list(found.values())
