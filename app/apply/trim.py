"""Declarations without what goes without saying."""

from collections.abc import Mapping
from typing import Any

from app.apply.diff import same
from app.apply.kinds import Kind
from app.apply.shapes import ABSENT, Body, Shape, Shapes


def trimmed(shapes: Shapes, kind: Kind, body: Body, full: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shortest declaration that is completed to ``full``."""
    # what the service would fill in by rules of its own is written out
    open_ = {path[0] for path in kind.usual}
    found = {
        name: _within(shapes, shapes.chosen(body.declared, full)["properties"].get(name, {}), one)
        if name not in open_
        else one
        for name, one in full.items()
    }
    for name in list(found):
        without = {other: one for other, one in found.items() if other != name}
        needed = name in shapes.chosen(body.declared, full).get("required", ())
        if not needed and same(shapes.complete(kind, body, without), dict(full)):
            found = without
    return found


def _within(shapes: Shapes, shape: Shape, value: Any) -> Any:  # noqa: ANN401  a JSON value
    shape = shapes.chosen(shape, value)
    if isinstance(value, list):
        return [_within(shapes, shape.get("items", {}), one) for one in value]
    members = shape.get("properties")
    if not isinstance(value, dict) or members is None:
        return value
    required = shape.get("required", ())
    kept = {
        name: _within(shapes, members.get(name, {}), one)
        for name, one in value.items()
        if name in required or not _usual(shapes, members.get(name, {}), one)
    }
    return kept or value


def _usual(shapes: Shapes, shape: Shape, value: object) -> bool:
    usual = shapes.default(shape)
    return usual is not ABSENT and same(usual, value)
