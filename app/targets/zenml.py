"""ZenML: a run of a pipeline's snapshot, started by the server, named as the retraining."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from app.domain.alerts.delivery import Topic
from app.domain.retrainings.run import Phase, RunState, Trouble
from app.targets import _http as http
from app.targets._happened import Happened, happened
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, template_field, text_field, url_field
from app.targets._template import filled

CANNOT_RUN = (
    "this ZenML server cannot start runs: it has no workload manager, which ZenML Pro has; "
    "a webhook, Airflow or GitHub can start the pipeline instead"
)
PHASES = {
    "initializing": Phase.QUEUED,
    "provisioning": Phase.QUEUED,
    "paused": Phase.QUEUED,
    "resuming": Phase.QUEUED,
    "running": Phase.RUNNING,
    "retrying": Phase.RUNNING,
    "stopping": Phase.RUNNING,
    "completed": Phase.SUCCEEDED,
    "cached": Phase.SUCCEEDED,
    "skipped": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
    "stopped": Phase.FAILED,
}
REFUSALS = {
    400: Trouble("refused", "ZenML refused the run: does its stack run remotely?", "/snapshot_id"),
    401: Trouble("wrong-key", "ZenML does not accept the API key", "/api_key"),
    403: Trouble("forbidden", "the API key may not do this", "/api_key"),
    404: Trouble("unknown-snapshot", "ZenML knows no such snapshot", "/snapshot_id"),
    422: Trouble("refused", "ZenML found the request invalid", "/parameters"),
}
NO_ROUTE = REFUSALS | dict.fromkeys((404, 405), Trouble("cannot-run", CANNOT_RUN, "/base_url"))
UUID = r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"


@dataclass(frozen=True, slots=True)
class Options:
    """Which snapshot is run."""

    base_url: str = url_field("Where the server is, without /api.", "https://zenml.example.com")
    snapshot_id: str = text_field(
        "The snapshot of the pipeline that retrains.",
        "0b4a1f0e-4a55-4d0b-9a44-6f1d9d0f4c11",
        pattern=UUID,
    )
    api_key: str = secret_field("An API key of a service account.", "env:ZENML_API_KEY")
    parameters: Mapping[str, object] | None = template_field(
        "Parameters of the pipeline; without this it runs with those of the snapshot.",
        {"model": "${model}", "retraining": "${id}"},
    )


parse = reader(Options)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Start a run, unless one of its name is there from an earlier try."""
    event = happened(outgoing)
    snapshot = await _snapshot(options, reach)
    if not snapshot.is_success:
        return http.judged(snapshot, outgoing.at, http.words(REFUSALS))
    listed = await _named(options, reach, event.run, http.object_in(snapshot))
    if not listed.is_success:
        return http.judged(listed, outgoing.at, http.words(REFUSALS))
    found = _run_in(http.object_in(listed), event.run)
    if found:
        return Answer(listed.status_code, None, run=found)
    response = await reach.client.post(
        _api(options, "pipeline_snapshots", options.snapshot_id, "runs"),
        content=http.body_of(document(options, event)),
        headers=await _headers(options, reach) | {"content-type": "application/json"},
        extensions=http.ASKING,
    )
    run = http.text_at(http.object_in(response), "id")
    # the snapshot was there a moment ago, so what is not found here is the route
    answer = http.judged(response, outgoing.at, http.words(NO_ROUTE), run)
    return answer if answer.error or run else http.from_another(answer, "ZenML")


def document(options: Options, event: Happened) -> Mapping[str, object]:
    """Return the body of a request."""
    made: dict[str, object] = {"run_name": event.run}
    if options.parameters is not None:
        made["parameters"] = filled(options.parameters, {}, event.data)
    return {"run_configuration": made, "step_run": None}


async def poll(options: Options, run: str, reach: Reach) -> RunState:
    """Return how a run stands."""
    response = await reach.client.get(
        _api(options, "runs", run, hydrate="false"),
        headers=await _headers(options, reach),
        extensions=http.ASKING,
    )
    return http.state_in(response, PHASES, "body", "status")


async def check(options: Options, reach: Reach) -> Sequence[Trouble]:
    """Find a wrong key, an unknown snapshot, and one that cannot be run.

    Whether the server starts runs at all it only says when it is asked for one.
    """
    response = await _snapshot(options, reach)
    trouble = http.trouble_in(response, REFUSALS)
    if trouble:
        return [trouble]
    body = http.object_in(response).get("body")
    if not isinstance(body, Mapping):
        return [Trouble("not-zenml", "what answers there is not ZenML's API", "/base_url")]
    if body.get("runnable") is False:
        said = "no run can be started from this snapshot: its stack or its build is gone"
        return [Trouble("not-runnable", said, "/snapshot_id")]
    return []


async def _snapshot(options: Options, reach: Reach) -> httpx.Response:
    where = _api(options, "pipeline_snapshots", options.snapshot_id, hydrate="false")
    headers = await _headers(options, reach)
    return await reach.client.get(where, headers=headers, extensions=http.ASKING)


async def _named(
    options: Options, reach: Reach, name: str, snapshot: Mapping[str, object]
) -> httpx.Response:
    """Return the list of the project's runs of that name."""
    project = http.text_at(snapshot, "body", "project_id")
    query = {"name": name, "size": "1"} | ({"project": project} if project else {})
    return await reach.client.get(
        _api(options, "runs", **query),
        headers=await _headers(options, reach),
        extensions=http.ASKING,
    )


def _run_in(listed: Mapping[str, object], name: str) -> str | None:
    items = listed.get("items")
    for run in items if isinstance(items, list) else ():
        if isinstance(run, Mapping) and run.get("name") == name:
            return http.text_at(run, "id")
    return None


async def _headers(options: Options, reach: Reach) -> dict[str, str]:
    return await http.bearer(reach.secrets, options.api_key)


def _api(options: Options, *parts: str, **query: str) -> str:
    return http.under(options.base_url, "api", "v1", *parts, **query)


KIND = Kind(
    "zenml",
    "Starts a run of a pipeline's snapshot on a ZenML server.",
    Options,
    parse,
    send,
    frozenset({Topic.RETRAININGS}),
    poll,
    check,
)
