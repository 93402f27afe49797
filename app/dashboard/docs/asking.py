"""An operation as a line for a shell."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.dashboard.docs.examples import of_content, of_parameter

JSON = "application/json"
TEXTS = ("text/csv", "application/x-ndjson")
FURTHER = " \\\n     "
WIDEST = 72
"""Of a body on one line."""


def curl(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> str:
    """Return a line that asks for an operation, by the variables ``LEEWAY`` and ``KEY``."""
    parts = ["curl"]
    if method != "get":
        parts[0] += f" -X {method.upper()}"
    parts[0] += f' "$LEEWAY{_quoted(_filled(document, path, operation))}"'
    if operation.get("security"):
        parts[0] += ' -H "Authorization: Bearer $KEY"'
    content = operation.get("requestBody", {}).get("content", {})
    if JSON in content:
        parts.append(f"-H 'Content-Type: {JSON}'")
        parts.append(f"-d {_single(_compact(of_content(document, content[JSON])))}")
    return FURTHER.join(parts)


def _filled(document: Mapping[str, Any], path: str, operation: Mapping[str, Any]) -> str:
    """Return a path with values for its parameters, and for the queries that are required."""
    asked = []
    for parameter in operation.get("parameters", ()):
        name, place = parameter["name"], parameter.get("in")
        value = str(of_parameter(document, parameter))
        if place == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=":"))
        elif place == "query" and parameter.get("required"):
            asked.append(f"{quote(name)}={quote(value, safe=':')}")
    return path + ("?" + "&".join(asked) if asked else "")


def _compact(body: object) -> str:
    text = json.dumps(body, ensure_ascii=False)
    return text if len(text) <= WIDEST else json.dumps(body, ensure_ascii=False, indent=2)


def _single(text: str) -> str:
    """Return text in single quotes as a shell reads them."""
    return "'" + text.replace("'", "'\\''") + "'"


def _quoted(text: str) -> str:
    """Return text fit to stand in double quotes of a shell."""
    return "".join("\\" + mark if mark in '\\"$`' else mark for mark in text)
