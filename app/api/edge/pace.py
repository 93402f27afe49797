"""Long uploads: a route that takes them asks the server for a rate in place of the deadline."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from starlette.types import Scope

KEY = "leeway.pace"


def offer(scope: Mapping[str, Any], lift: Callable[[], None]) -> None:
    """Let the request of ``scope`` lift its deadline; for the server to call."""
    cast("Scope", scope)[KEY] = lift


def allow_steady(scope: Scope) -> None:
    """Let this request take as long as its bytes keep coming at the least rate.

    Other servers than ours have no deadline to lift.
    """
    lift: Callable[[], None] | None = scope.get(KEY)
    if lift is not None:
        lift()
