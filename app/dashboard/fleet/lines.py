"""One line for each model: how it stands, and what is wrong now in a sentence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.dashboard.charts.strip import Strip, strip
from app.dashboard.figures import edge, plural
from app.dashboard.since import Since
from app.dashboard.states import WORDS, WORST_FIRST, kind_of
from app.dashboard.wording import LONGEST, named, why
from app.domain.monitors.monitor import RETRAINING_MONITOR, TRAFFIC_MONITOR
from app.domain.retrainings.retraining import Retraining
from app.domain.telling.overview import Firing, Judged, ModelLine
from app.report.names import shown

LAST = 30
FIRING_TOLD = 3
CALM = ("ok", "waiting")
PLAIN = {
    TRAFFIC_MONITOR: "Rows stopped coming",
    RETRAINING_MONITOR: "A retraining failed",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one model beside its last window."""

    strip: Sequence[Judged] = ()
    drifted: Sequence[str] = ()
    firing: Sequence[Firing] = ()
    retraining: Retraining | None = None
    arrived: datetime | None = None
    since: Since | None = None
    """Since when its windows drift, as the monitor says that is shown."""


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One line as it is shown."""

    model: ModelLine
    kind: str
    word: str
    monitor: str | None
    """The one that says so, where something is wrong."""
    sentence: str
    strip: Strip
    firing: tuple[Firing, ...]
    arrived: datetime | None


def kind_of_model(model: ModelLine) -> str:
    """Return how the last judged window of a model stands."""
    latest = model.latest
    if latest is None or is_before(model):
        return "waiting"
    return kind_of(latest.state, latest.warning)


def is_before(model: ModelLine) -> bool:
    """Whether the last judged window is that of a version before the champion."""
    return model.latest is not None and model.version != model.champion


def worst_first(
    models: Sequence[ModelLine], firing: Mapping[str, Sequence[Firing]]
) -> list[ModelLine]:
    """Return models in the order in which they need somebody."""

    def need(model: ModelLine) -> tuple[int, str, int, str]:
        alerts = firing.get(model.name, ())
        gravest = min((alert.severity.value for alert in alerts), default="")
        return not alerts, gravest, WORST_FIRST.index(kind_of_model(model)), model.name

    return sorted(models, key=need)


def fleet_row(model: ModelLine, known: Known) -> FleetRow:
    """Return the line of a model."""
    kind = kind_of_model(model)
    kinds = [kind_of(one.state, one.warning) for one in known.strip]
    parts = _champion(model), _verdict(model, known), _told(known)
    sentence = " ".join(part for part in parts if part)
    row_strip = strip(kinds, LAST)
    monitor = model.latest.monitor if model.latest and kind not in CALM else None
    firing = tuple(known.firing)
    return FleetRow(model, kind, WORDS[kind], monitor, sentence, row_strip, firing, known.arrived)


def _champion(model: ModelLine) -> str:
    if not is_before(model):
        return ""
    champion = shown(model.champion or "The champion", LONGEST)
    return f"{champion} is new and was not judged yet. Before it:"


def _verdict(model: ModelLine, known: Known) -> str:
    latest = model.latest
    if latest is None or latest.state is None:
        return _waiting(model, known)
    match kind_of(latest.state, latest.warning):
        case "drift":
            return f"{_drift(known)} in the last window{_since(known.since)}."
        case "warning":
            return "Some features move, none of them surely and by much."
        case "ok":
            # what fires is told below, and is wrong
            return "" if known.firing else "Nothing is wrong."
        case _:
            return f"The last window could not be judged: {why(latest.reason)}."


def _waiting(model: ModelLine, known: Known) -> str:
    if model.baseline is None:
        return "Has no reference yet: upload what the model learned from."
    if not model.asked:
        return "Nothing judges it: all of its monitors are disabled or were deleted."
    if known.arrived is None:
        return "Has a reference; no rows came yet."
    return "Rows come in; the first window has not closed yet."


def _drift(known: Known) -> str:
    return f"{named(known.drifted)} drifted" if known.drifted else "Drifted"


def _since(since: Since | None) -> str:
    """Return since when windows have drifted without a break, not each for the same features."""
    if since is None:
        return ""
    earlier = " or earlier" if since.or_earlier else ""
    return f"; windows drift without a break since {edge(since.start)}{earlier}"


def _told(known: Known) -> str:
    parts = [_fires(one) for one in known.firing[:FIRING_TOLD]]
    if (more := len(known.firing) - FIRING_TOLD) > 0:
        parts.append(f"{plural(more, 'more monitor')} {'fires' if more == 1 else 'fire'}.")
    if known.retraining is not None:
        parts.append(f"Retraining: {known.retraining.state.value.replace('_', ' ')}.")
    return " ".join(parts)


def _fires(one: Firing) -> str:
    if one.monitor in PLAIN:
        return f"{PLAIN[one.monitor]} ({one.severity.value})."
    where = f" in {shown(one.segment, LONGEST)}" if one.segment else ""
    more = f" and {one.alerts - 1} more" if one.alerts > 1 else ""
    return f"{shown(one.monitor, LONGEST)} fires{where}{more} ({one.severity.value})."
