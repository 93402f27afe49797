"""Argo Events, a webhook event source, in the form that Metaflow's @trigger waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.alerts.delivery import Topic
from app.domain.retrainings.run import Trouble
from app.targets import _http as http
from app.targets._happened import Happened, happened
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, template_field, text_field, url_field
from app.targets._template import filled

REFUSALS = {
    401: Trouble("wrong-token", "the event source does not accept the token", "/token"),
    403: Trouble("wrong-token", "the event source does not accept the token", "/token"),
    404: Trouble("unknown-endpoint", "there is no event source at this path", "/url"),
}
LISTENS = 405
"""An event source's answer to any method but its own: proof that one is there."""


@dataclass(frozen=True, slots=True)
class Options:
    """Which event source is told, and of what."""

    url: str = url_field(
        "The webhook event source, with its path.",
        "http://webhook-eventsource-svc.argo-events.svc:12000/retrain",
    )
    event: str = text_field(
        "The event's name, as Metaflow's @trigger(event=...) or a sensor's filter says it.",
        "fraud.retrain",
        default="leeway.retraining",
        pattern=r"[\w.-]{1,250}",
    )
    token: str | None = secret_field(
        "The event source's token.", "env:ARGO_EVENTS_TOKEN", default=None
    )
    payload: Mapping[str, object] | None = template_field(
        "Further keys of the payload; a sensor drops in silence what lacks a key that it maps. "
        "Without this, the retraining's data.",
        {"model": "${model}", "features": "${features}"},
    )


parse = reader(Options)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Post the event. What it starts, if anything, Argo Events does not say."""
    headers = await http.bearer(reach.secrets, options.token)
    response = await reach.client.post(
        options.url,
        content=http.body_of(document(options, happened(outgoing))),
        headers=headers | {"content-type": "application/json"},
    )
    return http.judged(response, outgoing.at, http.words(REFUSALS))


def document(options: Options, event: Happened) -> Mapping[str, object]:
    """Return the body of a request."""
    payload = filled(options.payload, event.data, event.data)
    return {
        "name": options.event,
        "payload": payload
        | {
            "name": options.event,
            "id": event.run,
            "timestamp": int(event.at.timestamp()),
            "utc_date": f"{event.at:%Y%m%d}",
            "generated-by-metaflow": False,
        },
    }


async def check(options: Options, reach: Reach) -> Sequence[Trouble]:
    """Find a path where nothing listens, with a request that starts nothing."""
    headers = await http.bearer(reach.secrets, options.token)
    response = await reach.client.get(options.url, headers=headers)
    if response.status_code == LISTENS:
        return []
    trouble = http.trouble_in(response, REFUSALS)
    return [trouble] if trouble else []


KIND = Kind(
    "argo-events",
    "Tells an Argo Events source, which Metaflow and Argo Workflows can be started by.",
    Options,
    parse,
    send,
    frozenset({Topic.RETRAININGS}),
    check=check,
)
