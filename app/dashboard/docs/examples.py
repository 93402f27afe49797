"""Examples of bodies and values: the document's own where it has one, else made from the shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.dashboard.docs.shapes import REFERENCE

DEEPEST = 6
BY_TYPE: Mapping[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "null": None,
}


def of_content(document: Mapping[str, Any], content: Mapping[str, Any]) -> Any:  # noqa: ANN401  any JSON
    """Return the example of a body or an answer of one media type."""
    if "example" in content:
        return content["example"]
    for named in content.get("examples", {}).values():
        return named.get("value")
    return of_schema(document, content.get("schema", {}))


def of_parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a value that a parameter may have."""
    for said in (parameter, parameter.get("schema", {})):
        if said.get("examples"):
            examples = said["examples"]
            return examples[0] if isinstance(examples, Sequence) else next(iter(examples.values()))
    return of_schema(document, parameter.get("schema", {}))


def of_schema(document: Mapping[str, Any], schema: Mapping[str, Any], deep: int = 0) -> Any:  # noqa: ANN401
    """Return a value of a schema; objects have what is required, and what says an example."""
    if deep > DEEPEST:
        return None
    if reference := schema.get("$ref"):
        named = document.get("components", {}).get("schemas", {})
        return of_schema(document, named.get(str(reference).removeprefix(REFERENCE), {}), deep + 1)
    for said in ("examples", "enum"):
        if schema.get(said):
            return schema[said][0]
    for said in ("const", "default", "example"):
        if schema.get(said) is not None:
            return schema[said]
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        return of_schema(document, options[0], deep + 1)
    return _made(document, schema, deep)


def _made(document: Mapping[str, Any], schema: Mapping[str, Any], deep: int) -> Any:  # noqa: ANN401
    if schema.get("type") == "array":
        return [of_schema(document, schema.get("items", {}), deep + 1)]
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {
            name: of_schema(document, one, deep + 1)
            for name, one in schema.get("properties", {}).items()
            if name in required or one.get("examples")
        }
    return BY_TYPE.get(str(schema.get("type")))
