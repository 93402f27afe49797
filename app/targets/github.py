"""GitHub, a repository_dispatch event: it starts the workflows that wait for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from app.domain.alerts.delivery import Topic
from app.domain.retrainings.run import Trouble
from app.targets import _http as http
from app.targets._happened import Happened, happened
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, template_field, text_field, url_field
from app.targets._template import filled

REFUSALS = {
    401: Trouble("wrong-token", "GitHub does not accept the token", "/token"),
    403: Trouble("forbidden", "the token may not do this with the repository", "/token"),
    404: Trouble(
        "unknown-repository",
        "GitHub knows no such repository, or the token may not see it",
        "/repository",
    ),
    422: Trouble("refused", "GitHub found the event invalid", "/event_type"),
}
NO_CONTENT = 204
LIMITED = frozenset({403, 429})
LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True)
class Options:
    """Which repository's workflows are started."""

    repository: str = text_field(
        "The owner and the name.", "acme/fraud-model", pattern=r"[\w.-]{1,100}/[\w.-]{1,100}"
    )
    token: str = secret_field(
        "A token that may write the repository's contents.", "env:GITHUB_TOKEN"
    )
    event_type: str = text_field(
        "What workflows wait for: on: repository_dispatch: types: [...].",
        "retrain",
        default="leeway-retraining",
        pattern=r"[\w.-]{1,100}",
    )
    api_url: str = url_field(
        "GitHub's API; another one for GitHub Enterprise Server.",
        "https://github.example.com/api/v3",
        default="https://api.github.com",
    )
    payload: Mapping[str, object] | None = template_field(
        "What workflows find below client_payload.leeway; without this the retraining's data.",
        {"model": "${model}", "retraining": "${id}"},
    )


parse = reader(Options)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Dispatch the event. GitHub keeps no ids: a try whose answer was lost starts a second run."""
    response = await reach.client.post(
        _repository(options, "dispatches"),
        content=http.body_of(document(options, happened(outgoing))),
        headers=await _headers(options, reach) | {"content-type": "application/json"},
    )
    answer = http.judged(response, outgoing.at, http.words(REFUSALS))
    if answer.error is None and response.status_code != NO_CONTENT:
        return http.from_another(answer, "GitHub")
    wait = _limited(response, outgoing.at)
    if wait is None:
        return answer
    said = f"HTTP {response.status_code}: GitHub's rate limit is used up"
    return replace(answer, error=said, final=False, retry_after=answer.retry_after or wait)


def document(options: Options, event: Happened) -> Mapping[str, object]:
    """Return the body of a request; GitHub takes ten keys at the top, so ours lie below one."""
    payload = filled(options.payload, event.data, event.data)
    return {"event_type": options.event_type, "client_payload": {"leeway": payload}}


async def check(options: Options, reach: Reach) -> Sequence[Trouble]:
    """Find a wrong token, an unknown repository, and one that takes no events."""
    response = await reach.client.get(
        _repository(options), headers=await _headers(options, reach), extensions=http.ASKING
    )
    trouble = http.trouble_in(response, REFUSALS)
    if trouble:
        return [trouble]
    found = http.object_in(response)
    if "full_name" not in found:
        return [Trouble("not-github", "what answers there is not GitHub's API", "/api_url")]
    if found.get("archived"):
        return [Trouble("archived", "the repository is archived: no workflow runs", "/repository")]
    rights = found.get("permissions")
    if isinstance(rights, Mapping) and rights.get("push") is False:
        said = "the token may only read the repository, and an event takes the right to write"
        return [Trouble("read-only-token", said, "/token")]
    return []


async def _headers(options: Options, reach: Reach) -> dict[str, str]:
    token = await http.bearer(reach.secrets, options.token)
    return token | {
        "accept": "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
    }


def _limited(response: httpx.Response, at: datetime) -> timedelta | None:
    """Return how long to wait where a rate limit, and not a missing right, refused us."""
    headers = response.headers
    if response.status_code not in LIMITED:
        return None
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        seconds = int(reset) - at.timestamp() if re.fullmatch(r"[0-9]{1,12}", reset) else 0.0
        return timedelta(seconds=max(0.0, min(seconds, LONGEST_WAIT)))
    return timedelta(0) if "retry-after" in headers else None


def _repository(options: Options, *below: str) -> str:
    return http.under(options.api_url, "repos", *options.repository.split("/"), *below)


KIND = Kind(
    "github",
    "Starts workflows of GitHub Actions by a repository_dispatch event.",
    Options,
    parse,
    send,
    frozenset({Topic.RETRAININGS}),
    check=check,
)
