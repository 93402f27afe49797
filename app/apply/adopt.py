"""What a declaration leaves to the service: there what is present stays, and is sent again.

A default that goes by other members, as a monitor's severity does by its kind, is in no schema. To
compare it with nothing would find a change each time.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from app.apply.kinds import Kind
from app.apply.shapes import Body, Shapes

Path: TypeAlias = tuple[str, ...]
ANY = "*"


def left_open(shapes: Shapes, kind: Kind, body: Body, said: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return the members that the service fills in by rules of its own.

    Those of which null can be declared, while the answer never is null and no shape says what
    stands there instead, and those that the table names.
    """
    declared = shapes.chosen(body.declared, said).get("properties", {})
    answered = body.answered.get("properties", {})
    found = [
        (name,)
        for name, shape in declared.items()
        if name in answered
        and shapes.nullable(shape)
        and not shapes.nullable(answered[name])
        and not any("properties" in one for one in shapes.choices(shape))
    ]
    return (*found, *kind.usual)


def adopted(said: Mapping[str, Any], present: Mapping[str, Any], paths: Sequence[Path]) -> Any:  # noqa: ANN401
    """Return a declaration in which what it leaves open is as it is at present."""
    found: Any = dict(said)
    for path in paths:
        if len(path) == 1 and found.get(path[0]) is None and path[0] in present:
            found[path[0]] = present[path[0]]
        elif len(path) > 1:
            found = _deeper(found, present, path)
    return found


def _deeper(said: Any, present: Any, path: Path) -> Any:  # noqa: ANN401  JSON values
    if not isinstance(said, Mapping) or not isinstance(present, Mapping):
        return said
    head, rest = path[0], path[1:]
    if not rest:
        return said if head in said or head not in present else {**said, head: present[head]}
    names = said if head == ANY else [head]
    inner = {name: _deeper(said[name], present.get(name), rest) for name in names if name in said}
    return {**said, **inner}
