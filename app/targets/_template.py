"""Templates: JSON objects whose texts may say ``${path}`` of an event's data.

A text that is nothing but one ``${path}`` becomes the value itself, of whatever type; inside a
longer text it becomes words.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from app.domain.errors import Fault

KNOWN = (
    "id",
    "model",
    "version",
    "cause",
    "reason",
    "requested_at",
    "deadline_at",
    "alert",
    "monitor",
    "features",
    "episode",
    "baseline",
    "window",
    "callback",
)
"""What a retraining's data says, so that a slip of the pen is found before it matters."""

_PLACE = re.compile(r"\$\{([^{}]*)\}")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


def faults(value: object, pointer: str) -> Iterator[Fault]:
    """Yield what is wrong with the paths of a template."""
    if isinstance(value, str):
        for path in _PLACE.findall(value):
            if not _PATH.fullmatch(path) or path.split(".")[0] not in KNOWN:
                yield Fault(f"${{...}} must name one of: {', '.join(KNOWN)}", pointer)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            escaped = str(key).replace("~", "~0").replace("/", "~1")
            yield from faults(inner, f"{pointer}/{escaped}")
    elif isinstance(value, Sequence):
        for number, inner in enumerate(value):
            yield from faults(inner, f"{pointer}/{number}")


def fill(value: object, data: Mapping[str, object]) -> object:
    """Return a template with its places taken from ``data``; what is not there becomes null."""
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value)
        if whole:
            return _at(data, whole[1])
        return _PLACE.sub(lambda place: _words(_at(data, place[1])), value)
    if isinstance(value, Mapping):
        return {key: fill(inner, data) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [fill(inner, data) for inner in value]
    return value


def filled(
    template: Mapping[str, object] | None,
    default: Mapping[str, object],
    data: Mapping[str, object],
) -> dict[str, object]:
    """Return a template's object, or ``default`` as it is where none was declared."""
    if template is None:
        return dict(default)
    return {key: fill(inner, data) for key, inner in template.items()}


def _at(data: object, path: str) -> object:
    for name in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, Sequence) and not isinstance(data, str) and name.isdigit():
            data = data[int(name)] if int(name) < len(data) else None
        else:
            return None
    return data


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
