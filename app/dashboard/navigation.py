"""The pages that every page leads to, in the order in which people ask."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the bar at the top; ``parts`` are those of its path."""

    name: str
    title: str
    parts: tuple[str, ...] = ()


PLACES = (
    Place("fleet", "Models"),
    Place("alerts", "Alerts", ("alerts",)),
    Place("retrainings", "Retrainings", ("retrainings",)),
    Place("deliveries", "Deliveries", ("deliveries",)),
    Place("ingest", "Ingest", ("ingest",)),
    Place("docs", "API", ("docs",)),
)
