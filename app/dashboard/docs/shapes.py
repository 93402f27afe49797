"""JSON schemas in words: the type of a value with links to what it names, and its limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
REFERENCE = "#/components/schemas/"
MOST_NAMED = 8
"""Values of an enumeration that are spelled out beside a member."""
LIMITS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("maxProperties", "at most {} members"),
    ("pattern", "matches {}"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a type; ``schema`` is the name of the one that it leads to."""

    text: str
    schema: str | None = None


def spelled(schema: Schema) -> tuple[Piece, ...]:
    """Return the type of a value in words."""
    if reference := schema.get("$ref"):
        name = str(reference).removeprefix(REFERENCE)
        return (Piece(name, name),)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return tuple(_joined(" or ", [spelled(one) for one in options]))
    if "const" in schema:
        return (Piece(repr(schema["const"]).replace("'", '"')),)
    if "enum" in schema:
        return (Piece(_values(schema["enum"])),)
    return _plain(schema)


def _plain(schema: Schema) -> tuple[Piece, ...]:
    kind = schema.get("type")
    if kind == "array":
        return (Piece("list of "), *spelled(schema.get("items", {})))
    inner = schema.get("additionalProperties")
    if kind == "object" and isinstance(inner, Mapping) and not schema.get("properties"):
        return (Piece("object of "), *spelled(inner))
    form = schema.get("format")
    return (Piece(f"{kind or 'anything'} ({form})" if form else str(kind or "anything")),)


def _values(values: list[Any]) -> str:
    named = [f'"{one}"' if isinstance(one, str) else str(one) for one in values[:MOST_NAMED]]
    return " | ".join(named + ["…"] * (len(values) > MOST_NAMED))


def _joined(between: str, options: list[tuple[Piece, ...]]) -> Iterator[Piece]:
    for at, option in enumerate(options):
        if at:
            yield Piece(between)
        yield from option


def limits(schema: Schema) -> tuple[str, ...]:
    """Return what is asked of a value beside its type, its default at the end."""
    bounds = [schema, *(schema.get("anyOf") or ())]
    said = [
        words.format(bound[name]) for bound in bounds for name, words in LIMITS if name in bound
    ]
    if schema.get("default") is not None:
        said.append(f"default {_default(schema['default'])}")
    return tuple(said)


def _default(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object, or one parameter of an operation."""

    name: str
    kind: tuple[Piece, ...]
    required: bool
    about: str
    limits: tuple[str, ...]


def members(schema: Schema) -> tuple[Member, ...]:
    """Return the members of an object."""
    required = schema.get("required", ())
    return tuple(
        Member(name, spelled(one), name in required, str(one.get("description", "")), limits(one))
        for name, one in schema.get("properties", {}).items()
    )
