"""What kinds that speak a JSON API share: addresses, credentials, bodies, and reading answers."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from app.domain.retrainings.run import Phase, RunState, Trouble
from app.targets._answers import retry_after
from app.targets._kind import Answer
from app.targets._secrets import Secrets, SecretUnavailable

FOR_GOOD = frozenset({400, 401, 403, 404, 405, 413, 422})
"""Refusals that the same request would meet again."""

NOT_FOUND = 404
LARGEST_ANSWER = 1_048_576
"""Bytes that are read of the answer to a question of ours; the state of a run may be long."""
ASKING = {"max_answer": LARGEST_ANSWER}


def under(base: str, *parts: str, **query: str) -> str:
    """Return the URL of a path below ``base``; its parts cannot leave their place."""
    found = httpx.URL(base)
    path = found.path.rstrip("/") + "".join("/" + quote(part, safe="") for part in parts)
    asked = f"?{urlencode(query)}" if query else ""
    return f"{found.scheme}://{found.netloc.decode()}{path}{asked}"


def body_of(document: object) -> bytes:
    """Return the bytes of a JSON document: the same for the same, so that every try is alike."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


async def bearer(secrets: Secrets, reference: str | None) -> dict[str, str]:
    """Return the header that carries a token, or none where there is none to carry."""
    if reference is None:
        return {}
    return {"authorization": f"Bearer {await header_safe(secrets, reference)}"}


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP basic authentication."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


async def header_safe(secrets: Secrets, reference: str) -> str:
    """Return a secret that may stand in a header."""
    value = await secrets.read(reference)
    if not (value.isascii() and value.isprintable()):
        raise SecretUnavailable(f"{reference}: the secret holds characters that no header may")
    return value


def judged(
    response: httpx.Response,
    at: datetime,
    said: Mapping[int, str] | None = None,
    run: str | None = None,
) -> Answer:
    """Read an answer by its status: ``said`` has words for some. The body is left out on purpose.

    What the same request would meet again is final.
    """
    status = response.status_code
    if 200 <= status < 300:
        return Answer(status, None, run=run)
    why = (said or {}).get(status)
    if why is None and 300 <= status < 400:
        why = "redirects are not followed"
    error = f"HTTP {status}: {why}" if why else f"HTTP {status}"
    wait = retry_after(response.headers.get("retry-after"), at)
    return Answer(status, error, wait, final=status in FOR_GOOD)


def from_another(answer: Answer, name: str) -> Answer:
    """Return what becomes of a success that is not in the receiver's own words.

    Whoever stands before it (a login page, a proxy) may say yes to everything.
    """
    return replace(answer, run=None, error=f"HTTP {answer.status}, but not as {name} answers")


def words(refusals: Mapping[int, Trouble]) -> Mapping[int, str]:
    """Return what refusals say, by status."""
    return {status: trouble.message for status, trouble in refusals.items()}


def trouble_in(response: httpx.Response, refusals: Mapping[int, Trouble]) -> Trouble | None:
    """Return what a refusal means, None for a success."""
    if response.is_success:
        return None
    status = response.status_code
    return refusals.get(status) or Trouble("unexpected-answer", f"HTTP {status}", "")


def state_in(response: httpx.Response, phases: Mapping[str, Phase], *path: str) -> RunState:
    """Return how a run stands by the text at a path of an answer; ``phases`` knows its words."""
    if response.status_code == NOT_FOUND:
        return RunState(Phase.UNKNOWN, "the receiver knows no such run (any more)")
    if not response.is_success:
        return RunState(Phase.UNKNOWN, f"HTTP {response.status_code}")
    state = text_at(object_in(response), *path)
    if state is None:
        return RunState(Phase.UNKNOWN, "the answer names no state")
    return RunState(phases.get(state.lower(), Phase.UNKNOWN), f"its state is {_word(state)}")


def _word(state: str) -> str:
    """Return a state's name if it looks like one: what a receiver says is not shown unread."""
    return state if re.fullmatch(r"[A-Za-z_]{1,40}", state) else "not one that we know"


def object_in(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object that an answer holds; an empty one where it holds none."""
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text_at(document: Mapping[str, Any], *path: str) -> str | None:
    """Return the text at a path of an answer, if there is one that may be kept."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and 0 < len(found) <= 250 else None
