"""Kubeflow Pipelines, API v2beta1: a run that bears the retraining's id as its name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.alerts.delivery import Topic
from app.domain.retrainings.run import Phase, RunState, Trouble
from app.targets import _http as http
from app.targets._happened import Happened, happened
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, template_field, text_field, url_field
from app.targets._template import filled

ID = r"[A-Za-z0-9._-]{1,128}"
PHASES = {
    "pending": Phase.QUEUED,
    "paused": Phase.QUEUED,
    "running": Phase.RUNNING,
    "canceling": Phase.RUNNING,
    "succeeded": Phase.SUCCEEDED,
    "skipped": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
    "canceled": Phase.FAILED,
}
REFUSALS = {
    400: Trouble("refused", "Kubeflow refused the run: do the parameters fit?", "/parameters"),
    401: Trouble("wrong-token", "Kubeflow does not accept the token", "/token"),
    403: Trouble("forbidden", "the token may not do this in the namespace", "/token"),
    404: Trouble("unknown-pipeline", "Kubeflow knows no such pipeline", "/pipeline_id"),
}
VERSION = Trouble("unknown-version", "the pipeline has no such version", "/version_id")
EXPERIMENT = Trouble("unknown-experiment", "Kubeflow knows no such experiment", "/experiment_id")


@dataclass(frozen=True, slots=True)
class Options:
    """Which pipeline is run, and where."""

    base_url: str = url_field(
        "Where the API is, without /apis.", "http://ml-pipeline.kubeflow.svc:8888"
    )
    pipeline_id: str = text_field("The pipeline that retrains.", "9f3c2b1a", pattern=ID)
    version_id: str | None = text_field(
        "A version of it; without one the latest.", "v1", default=None, pattern=ID
    )
    experiment_id: str | None = text_field(
        "Among which runs it is listed; Kubeflow's default otherwise.",
        "a1b2c3",
        default=None,
        pattern=ID,
    )
    namespace: str | None = text_field(
        "Where Kubeflow has several users: the namespace.", "team-a", default=None, pattern=ID
    )
    service_account: str | None = text_field(
        "As whom the run works.", "pipeline-runner", default=None, pattern=ID
    )
    token: str | None = secret_field("A bearer token.", "file:/var/run/kfp/token", default=None)
    parameters: Mapping[str, object] | None = template_field(
        "What the run is given; Kubeflow refuses parameters that the pipeline does not declare, "
        "so without this it is given none.",
        {"model": "${model}", "retraining": "${id}"},
    )


parse = reader(Options)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Start a run, unless one of its name is there: Kubeflow itself would make a second."""
    event = happened(outgoing)
    headers = await http.bearer(reach.secrets, options.token)
    found = await reach.client.get(_named(options, event), headers=headers, extensions=http.ASKING)
    if not found.is_success:
        return http.judged(found, outgoing.at, http.words(REFUSALS))
    run = _run_in(http.object_in(found), event)
    if run:
        return Answer(found.status_code, None, run=run)
    response = await reach.client.post(
        _api(options, "runs"),
        content=http.body_of(document(options, event)),
        headers=headers | {"content-type": "application/json"},
        extensions=http.ASKING,
    )
    run = http.text_at(http.object_in(response), "run_id")
    answer = http.judged(response, outgoing.at, http.words(REFUSALS), run)
    return answer if answer.error or run else http.from_another(answer, "Kubeflow")


def document(options: Options, event: Happened) -> Mapping[str, object]:
    """Return the body of a request."""
    version = {"pipeline_version_id": options.version_id} if options.version_id else {}
    made: dict[str, object] = {
        "display_name": event.run,
        "description": f"Leeway: {event.data.get('reason') or 'retraining'}"[:1_000],
        "pipeline_version_reference": {"pipeline_id": options.pipeline_id, **version},
        "runtime_config": {"parameters": filled(options.parameters, {}, event.data)},
    }
    more = {"experiment_id": options.experiment_id, "service_account": options.service_account}
    return made | {name: value for name, value in more.items() if value}


async def poll(options: Options, run: str, reach: Reach) -> RunState:
    """Return how a run stands."""
    headers = await http.bearer(reach.secrets, options.token)
    where = _api(options, "runs", run)
    response = await reach.client.get(where, headers=headers, extensions=http.ASKING)
    return http.state_in(response, PHASES, "state")


async def check(options: Options, reach: Reach) -> Sequence[Trouble]:
    """Find a wrong token, and what Kubeflow does not know: pipeline, version, experiment."""
    headers = await http.bearer(reach.secrets, options.token)
    asked = [(_api(options, "pipelines", options.pipeline_id), REFUSALS, "pipeline_id")]
    if options.version_id:
        where = _api(options, "pipelines", options.pipeline_id, "versions", options.version_id)
        asked.append((where, REFUSALS | {404: VERSION}, "pipeline_version_id"))
    if options.experiment_id:
        where = _api(options, "experiments", options.experiment_id)
        asked.append((where, REFUSALS | {404: EXPERIMENT}, "experiment_id"))
    for where, refusals, named in asked:
        response = await reach.client.get(where, headers=headers, extensions=http.ASKING)
        trouble = http.trouble_in(response, refusals)
        if trouble:
            return [trouble]
        if named not in http.object_in(response):
            return [
                Trouble("not-kubeflow", "what answers there is not Kubeflow's API", "/base_url")
            ]
    return []


def _api(options: Options, *parts: str, **query: str) -> str:
    return http.under(options.base_url, "apis", "v2beta1", *parts, **query)


def _named(options: Options, event: Happened) -> str:
    predicate = {"key": "display_name", "operation": "EQUALS", "stringValue": event.run}
    query = {"filter": json.dumps({"predicates": [predicate]}), "page_size": "1"}
    # with several users, runs are listed of one experiment or one namespace
    if options.experiment_id:
        query["experiment_id"] = options.experiment_id
    elif options.namespace:
        query["namespace"] = options.namespace
    return _api(options, "runs", **query)


def _run_in(listed: Mapping[str, object], event: Happened) -> str | None:
    runs = listed.get("runs")
    for run in runs if isinstance(runs, list) else ():
        if isinstance(run, Mapping) and run.get("display_name") == event.run:
            return http.text_at(run, "run_id")
    return None


KIND = Kind(
    "kubeflow",
    "Starts a run of a pipeline in Kubeflow Pipelines.",
    Options,
    parse,
    send,
    frozenset({Topic.RETRAININGS}),
    poll,
    check,
)
