"""What a delivery's event is about: the pages that it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.alerts.event import FIRING, RESOLVED, RETRAINING
from app.domain.monitors.monitor import ALL_VERSIONS
from app.domain.retrainings.event import EVENT_PREFIX
from app.domain.telling.reports import DeliverySummary

OF_ALERTS = frozenset({FIRING, RESOLVED})


@dataclass(frozen=True, slots=True)
class Lead:
    """A page by the parts of its path and its query."""

    title: str
    parts: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)


def leads_to(delivery: DeliverySummary) -> tuple[Lead, ...]:
    """Return where one reads on. Names hold no slash, so that a subject can be taken apart."""
    names = delivery.subject.split("/")
    if delivery.event_type == RETRAINING:
        run = delivery.event_id.removeprefix(EVENT_PREFIX)
        return Lead("the retraining", ("retrainings", run)), Lead("the model", ("models", names[0]))
    if delivery.event_type in OF_ALERTS and len(names) == 3:
        model, version, monitor = names
        query = {"model": model, "monitor": monitor}
        if version != ALL_VERSIONS:
            query["version"] = version
        return Lead("the alert", ("alerts",), query), Lead("the model", ("models", model))
    return ()
