"""The one-run token: it opens the events of its own retraining, and nothing else."""

import hmac
import re

from starlette.types import Scope

from app.api.edge.paths import route_path
from app.api.state import of
from app.steps.ask_retraining import TOKEN_PREFIX, digest

EVENTS = re.compile(r"/v1/retrainings/(rtr_[0-9a-f]{32})/events")
LONGEST = 100
KEY = "leeway.run_token"


def looks_like_one(given: str | None) -> bool:
    """Whether somebody means a token and not an API key."""
    return given is not None and given.startswith(TOKEN_PREFIX) and len(given) <= LONGEST


async def opens(scope: Scope, token: str) -> bool:
    """Whether a token is that of the run which this request tells of; remembered for the route."""
    asked = EVENTS.fullmatch(route_path(scope))
    if asked is None or scope["method"] != "POST":
        return False
    async with of(scope).store.read() as unit:
        kept = await unit.retrainings.token_digest(asked[1])
    # compared also where there is no such run, so that time says nothing of it
    good = hmac.compare_digest(digest(token), kept or bytes(32))
    scope[KEY] = good and kept is not None
    return bool(scope[KEY])


def by_token(scope: Scope) -> bool:
    """Whether this request came in by the token of its run."""
    return bool(scope.get(KEY, False))
