"""Apache Airflow 2 and 3: a run of a DAG whose id is the retraining's, so that one is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from app.domain.alerts.delivery import Topic
from app.domain.errors import Fault
from app.domain.retrainings.run import Phase, RunState, Trouble
from app.targets import _http as http
from app.targets._happened import Happened, happened
from app.targets._kind import Answer, Declined, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, template_field, text_field, url_field
from app.targets._template import filled

V1, V2 = "v1", "v2"
CONFLICT = 409
STALE = (401, 403)
"""What a token gets that ran out, and one that was signed with a key of yesterday."""
PHASES = {
    "queued": Phase.QUEUED,
    "running": Phase.RUNNING,
    "success": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
DENIED = Trouble("wrong-credentials", "Airflow does not accept the user or the token", "/user")
OTHER_API = Trouble(
    "wrong-api", "there is no /auth/token: is it Airflow 2? then set api to v1", "/api"
)
REFUSALS = {
    400: Trouble("refused", "Airflow refused the run: does conf fit the DAG's params?", "/conf"),
    401: DENIED,
    403: Trouble(
        "forbidden", "the user may not do this with the DAG, or the token is not valid", "/user"
    ),
    404: Trouble("unknown-dag", "Airflow knows no such DAG, or not this API version", "/dag_id"),
    422: Trouble("refused", "Airflow did not understand: does the API version fit?", "/api"),
}
NO_TOKEN = {400: DENIED, 401: DENIED, 403: DENIED, 422: DENIED, 404: OTHER_API, 405: OTHER_API}


@dataclass(frozen=True, slots=True)
class Options:
    """Which DAG is run, and by whom."""

    base_url: str = url_field("Where Airflow is, without /api.", "http://airflow.internal:8080")
    dag_id: str = text_field("The DAG that retrains.", "retrain", pattern=r"[\w.~:+-]{1,250}")
    user: str | None = text_field("Who starts it; the role Op suffices.", "leeway", default=None)
    password: str | None = secret_field(
        "The user's password.", "env:AIRFLOW_PASSWORD", default=None
    )
    token: str | None = secret_field(
        "In place of a user: a token.", "env:AIRFLOW_TOKEN", default=None
    )
    api: str = text_field("v2 is Airflow 3's, v1 is Airflow 2's.", V1, default=V2, enum=(V1, V2))
    conf: Mapping[str, object] | None = template_field(
        "What the run is given as conf; without it the retraining's data as a whole.",
        {"model": "${model}", "features": "${features}", "retraining": "${id}"},
    )


def _between(options: Options) -> list[Fault]:
    if options.token and (options.user or options.password):
        return [Fault("either a token or a user, not both", "/token")]
    if not options.token and not (options.user and options.password):
        return [Fault("a token, or a user with a password, is required", "/user")]
    return []


parse = reader(Options, _between)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Start a run. That our own id is taken already means that an earlier try arrived."""
    event = happened(outgoing)
    sent = http.body_of(document(options, event))
    response = await _ask(options, reach, ("dagRuns",), sent)
    if response.status_code == CONFLICT:
        found = await _ask(options, reach, ("dagRuns", event.run))
        if found.is_success:
            return Answer(CONFLICT, None, run=event.run)
        return Answer(CONFLICT, "HTTP 409: another run is in the way of ours")
    answer = http.judged(response, outgoing.at, http.words(REFUSALS), event.run)
    named = http.text_at(http.object_in(response), "dag_run_id")
    return answer if answer.error or named else http.from_another(answer, "Airflow")


def document(options: Options, event: Happened) -> Mapping[str, object]:
    """Return the body of a request. Airflow 3 insists on a logical date; null says none."""
    made: dict[str, object] = {
        "dag_run_id": event.run,
        "conf": filled(options.conf, event.data, event.data),
        "note": f"Leeway: {event.data.get('reason') or 'retraining'}"[:1_000],
    }
    return made if options.api == V1 else made | {"logical_date": None}


async def poll(options: Options, run: str, reach: Reach) -> RunState:
    """Return how a run stands."""
    response = await _ask(options, reach, ("dagRuns", run))
    return http.state_in(response, PHASES, "state")


async def check(options: Options, reach: Reach) -> Sequence[Trouble]:
    """Find a wrong user, an unknown DAG, and one whose runs would wait for ever."""
    response = await _ask(options, reach, ())
    trouble = http.trouble_in(response, REFUSALS)
    if trouble:
        return [trouble]
    dag = http.object_in(response)
    if "is_paused" not in dag:
        return [Trouble("not-airflow", "what answers there is not Airflow's API", "/base_url")]
    found = []
    if dag["is_paused"]:
        said = "the DAG is paused: its runs would wait for ever"
        found.append(Trouble("paused-dag", said, "/dag_id"))
    if dag.get("has_import_errors"):
        found.append(Trouble("broken-dag", "the DAG's file has import errors", "/dag_id"))
    if dag.get("is_stale") or dag.get("is_active") is False:
        found.append(Trouble("stale-dag", "the DAG's file is gone", "/dag_id"))
    return found


async def _ask(
    options: Options, reach: Reach, below: tuple[str, ...], body: bytes | None = None
) -> httpx.Response:
    """Ask about the DAG, or post to it; a token that is not accepted is replaced once."""
    where = http.under(options.base_url, "api", options.api, "dags", options.dag_id, *below)
    method = "GET" if body is None else "POST"
    for fresh in (False, True):
        headers = await _credentials(options, reach, fresh=fresh)
        response = await reach.client.request(
            method,
            where,
            content=body,
            headers=headers | {"content-type": "application/json"},
            extensions=http.ASKING,
        )
        if response.status_code not in STALE or not _logs_in(options):
            break
    return response


def _logs_in(options: Options) -> bool:
    return options.api == V2 and options.token is None


async def _credentials(options: Options, reach: Reach, *, fresh: bool) -> dict[str, str]:
    """Return the headers that say who we are; raises `Declined` where we are given no token."""
    if options.token:
        return await http.bearer(reach.secrets, options.token)
    user, password = options.user or "", await reach.secrets.read(options.password or "")
    if not _logs_in(options):
        return http.basic(user, password)
    key = options.base_url, user
    if fresh or key not in reach.tokens:
        where = http.under(options.base_url, "auth", "token")
        login = {"username": user, "password": password}
        response = await reach.client.post(where, json=login)
        reach.tokens[key] = _token_in(response)
    return {"authorization": f"Bearer {reach.tokens[key]}"}


def _token_in(response: httpx.Response) -> str:
    token = http.object_in(response).get("access_token")
    if response.is_success and isinstance(token, str) and token.isascii() and token.isprintable():
        return token
    status = response.status_code
    said = Trouble("no-token", "it gave us no token", "/base_url")
    raise Declined(NO_TOKEN.get(status, said), status, final=status in http.FOR_GOOD)


KIND = Kind(
    "airflow",
    "Starts a run of a DAG in Apache Airflow 2 or 3.",
    Options,
    parse,
    send,
    frozenset({Topic.RETRAININGS}),
    poll,
    check,
)
