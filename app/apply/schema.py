"""The JSON schema of the file, made of the shapes that the service publishes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.apply.declared import SCHEMA
from app.apply.kinds import Kind, children
from app.apply.shapes import REFERENCE, Body, Shapes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "#/$defs/"
TITLE = "leeway.yaml"
DESCRIPTION = "What `leeway apply` brings a service to, and `leeway export` writes."


def text_of(document: Mapping[str, Any]) -> str:
    """Return the schema that goes with an OpenAPI document, as JSON text."""
    return json.dumps(file_schema(document), indent=2, ensure_ascii=False) + "\n"


def file_schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema that goes with an OpenAPI document."""
    shapes = Shapes(document)
    made = {
        "$schema": DIALECT,
        "title": TITLE,
        "description": DESCRIPTION,
        "type": "object",
        "properties": {SCHEMA: {"type": "string"}} | _sections(shapes, None),
        "additionalProperties": False,
    }
    components = document["components"]["schemas"]
    used = sorted(_used(made, components))
    definitions = {name: components[name] for name in used}
    found: dict[str, Any] = _moved(made | {"$defs": definitions})
    return found


def _sections(shapes: Shapes, parent: str | None) -> dict[str, Any]:
    known = [(kind, shapes.body(kind)) for kind in children(parent)]
    return {kind.section: _section(shapes, kind, body) for kind, body in known if body is not None}


def _section(shapes: Shapes, kind: Kind, body: Body) -> dict[str, Any]:
    one = _resource(shapes, kind, body)
    if kind.single:
        return one
    rule = list(body.names.values())[-1]
    return {
        "type": ["object", "null"],
        "description": f"The {kind.section} by name. {rule.get('description', '')}",
        "propertyNames": {"pattern": rule["pattern"]},
        "additionalProperties": one,
    }


def _resource(shapes: Shapes, kind: Kind, body: Body) -> dict[str, Any]:
    """Return the body of its PUT, with the sections that stand in it beside its members."""
    found = dict(body.declared)
    inner = _sections(shapes, kind.section)
    if inner:
        found["properties"] = found["properties"] | inner
    if found.get("type") == "object" and not found.get("required"):
        found["type"] = ["object", "null"]
    return found


def _used(part: object, components: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    left = list(_references(part))
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += _references(components[name])
    return found


def _references(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix(REFERENCE)
        for one in part.values():
            yield from _references(one)
    elif isinstance(part, list):
        for one in part:
            yield from _references(one)


def _moved(part: Any) -> Any:  # noqa: ANN401  a JSON value
    """Point references to where definitions lie in a schema of its own."""
    if isinstance(part, Mapping):
        return {
            name: one.replace(REFERENCE, DEFINITIONS) if name == "$ref" else _moved(one)
            for name, one in part.items()
        }
    return [_moved(one) for one in part] if isinstance(part, list) else part
