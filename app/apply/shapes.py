"""Shapes of bodies, as the service's OpenAPI document tells them.

Declarations and answers become comparable here: what was left out gets its default, durations get
one spelling, and of an answer only what can be declared is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.api import durations
from app.apply.kinds import Kind

Shape: TypeAlias = Mapping[str, Any]
REFERENCE = "#/components/schemas/"
ABSENT: Any = object()
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent and what is answered for one kind, and the rule of its names."""

    declared: Shape
    answered: Shape
    names: Mapping[str, Shape]
    """The shape of each place of the path."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of one service."""

    document: Mapping[str, Any]

    def body(self, kind: Kind) -> Body | None:
        """Return the shapes of a kind; None where the service does not know it."""
        operation = self.document["paths"].get(kind.path, {}).get("put")
        if operation is None:
            return None
        sent = operation["requestBody"]["content"]["application/json"]["schema"]
        said = operation["responses"]["200"]["content"]["application/json"]["schema"]
        names = {
            one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "path"
        }
        return Body(self.resolved(sent), self.resolved(said), names)

    def resolved(self, shape: Shape) -> Shape:
        """Follow references."""
        while "$ref" in shape:
            name = shape["$ref"].removeprefix(REFERENCE)
            shape = self.document["components"]["schemas"][name]
        return shape

    def choices(self, shape: Shape) -> list[Shape]:
        """Return the shapes that a value may have."""
        shape = self.resolved(shape)
        either = shape.get("anyOf") or shape.get("oneOf")
        return [self.resolved(one) for one in either] if either else [shape]

    def nullable(self, shape: Shape) -> bool:
        return any(fits(one, None) for one in self.choices(shape))

    def chosen(self, shape: Shape, value: object) -> Shape:
        """Return the shape that is meant by a value: by its type, and by its constants."""
        found = [one for one in self.choices(shape) if fits(one, value)]
        if isinstance(value, Mapping):
            found.sort(key=lambda one: not _constants_match(one, value))
        return found[0] if found else self.choices(shape)[0]

    def complete(self, kind: Kind, body: Body, value: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Return a declaration with all that the service would fill in, as it would answer it."""
        full = self.filled(body.declared, value)
        shape = self.chosen(body.declared, value)
        for name, told in body.answered.get("properties", {}).items():
            if name not in shape.get("properties", {}) or name in kind.kept:
                continue
            if full.get(name, ABSENT) is not None or self.nullable(told):
                continue
            # null declares the usual, which is answered in full
            options = [o for o in self.choices(shape["properties"][name]) if "properties" in o]
            if options:
                full[name] = self.filled(options[0], {})
        for name in kind.kept & full.keys():
            if full[name] is None:
                del full[name]
        return full

    def filled(self, shape: Shape, value: object) -> Any:  # noqa: ANN401  a JSON value
        """Return a value with defaults where it says nothing, and durations in one spelling."""
        shape = self.chosen(shape, value)
        match value:
            case Mapping():
                members = shape.get("properties", {})
                rest = shape.get("additionalProperties")
                beyond = rest if isinstance(rest, Mapping) else {}
                full = {n: self.filled(members.get(n, beyond), v) for n, v in value.items()}
                missing = {n: self.default(s) for n, s in members.items() if n not in value}
                return full | {n: v for n, v in missing.items() if v is not ABSENT}
            case list():
                return [self.filled(shape.get("items", {}), one) for one in value]
            case str() if shape.get("pattern") == durations.PATTERN:
                return _duration(value)
            case _:
                return value

    def default(self, shape: Shape) -> Any:  # noqa: ANN401  a JSON value
        """Return what stands where nothing was declared, or `ABSENT` where something must be."""
        if "default" in shape:
            return self.filled(shape, shape["default"])
        if self.nullable(shape):
            return None
        return {"object": {}, "array": []}.get(self.choices(shape)[0].get("type", ""), ABSENT)

    def projected(self, shape: Shape, answer: object) -> Any:  # noqa: ANN401  a JSON value
        """Return what of an answer can be declared."""
        shape = self.chosen(shape, answer)
        match answer:
            case Mapping() if "properties" in shape:
                members = shape["properties"]
                return {n: self.projected(s, answer[n]) for n, s in members.items() if n in answer}
            case list():
                return [self.projected(shape.get("items", {}), one) for one in answer]
            case _:
                return answer


def fits(shape: Shape, value: object) -> bool:
    """Whether a value is of a type that a shape allows."""
    named = shape.get("type")
    if named is None:
        return True
    kinds = [named] if isinstance(named, str) else named
    if isinstance(value, bool):
        return "boolean" in kinds
    return any(isinstance(value, TYPES[kind]) for kind in kinds)


def _constants_match(shape: Shape, value: Mapping[str, Any]) -> bool:
    members = shape.get("properties", {}).items()
    return all(value.get(n) == s["const"] for n, s in members if "const" in s)


def _duration(text: str) -> str:
    try:
        return durations.text(durations.parse(text))
    except (ValueError, OverflowError):
        return text
