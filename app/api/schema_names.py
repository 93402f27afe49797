"""Names of schemas in the OpenAPI document: two classes of one name must not show their folders."""

import re
from typing import Any

LONG = re.compile(r"(?:[a-z0-9_]+__)*([a-z0-9]+)__([A-Z]\w*)")


def shortened(part: Any) -> Any:  # noqa: ANN401  any JSON
    """Return a document in which ``app__domain__rejection__Reason`` is ``RejectionReason``."""
    if isinstance(part, dict):
        return {_name(key): shortened(value) for key, value in part.items()}
    if isinstance(part, list):
        return [shortened(value) for value in part]
    if isinstance(part, str) and part.startswith("#/components/schemas/"):
        head, _, name = part.rpartition("/")
        return f"{head}/{_name(name)}"
    return part


def _name(name: str) -> str:
    found = LONG.fullmatch(name)
    return f"{found[1].capitalize()}{found[2]}" if found else name
