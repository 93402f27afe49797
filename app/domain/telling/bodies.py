"""The body of an event for readers: without what lets its receiver speak for a run."""

import json
from typing import Any

MEMBER = "token"
HIDDEN = "•••"
LONGEST = 200_000
"""Characters that are shown of one body."""


def readable(body: bytes) -> str:
    """Return a JSON body as text for people; what is none is said to be none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are no JSON)"
    text = json.dumps(_without_tokens(document), ensure_ascii=False, indent=2)
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n… ({len(text) - LONGEST} characters more)"


def _without_tokens(part: Any) -> Any:  # noqa: ANN401  any JSON
    """Return a document in which every member called token is hidden: it opens a run's events."""
    if isinstance(part, dict):
        return {
            name: HIDDEN if name == MEMBER and one is not None else _without_tokens(one)
            for name, one in part.items()
        }
    return [_without_tokens(one) for one in part] if isinstance(part, list) else part
