"""Two declarations member by member."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One member: what it is and what it is to be; `ABSENT` on one side where it is not there."""

    path: str
    old: Any
    new: Any


def differences(old: object, new: object) -> list[Difference]:
    """Return what differs, as deep as both sides have the same form."""
    return list(_differing("", old, new))


def _differing(path: str, old: Any, new: Any) -> Iterator[Difference]:  # noqa: ANN401
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _members(path, old, new)
    elif isinstance(old, list) and isinstance(new, list) and _named(old) and _named(new):
        yield from _items(path, old, new)
    elif not same(old, new):
        yield Difference(path, old, new)


def _members(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    for name in [*new, *(name for name in old if name not in new)]:
        inner = f"{path}.{name}" if path else name
        yield from _differing(inner, old.get(name, ABSENT), new.get(name, ABSENT))


def _items(path: str, old: list[Any], new: list[Any]) -> Iterator[Difference]:
    """Compare lists of named things by their names."""
    before, after = ({one["name"]: one for one in side} for side in (old, new))
    for name in [*after, *(name for name in before if name not in after)]:
        inner = f"{path}[{name}]"
        yield from _differing(inner, before.get(name, ABSENT), after.get(name, ABSENT))
    if list(before) != list(after) and before.keys() == after.keys():
        yield Difference(f"{path} (order)", list(before), list(after))


def _named(items: list[Any]) -> bool:
    names = [one.get("name") if isinstance(one, dict) else None for one in items]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def same(old: Any, new: Any) -> bool:  # noqa: ANN401  JSON values
    """Whether two JSON values are the same; true is not 1, and 1.0 is."""
    if isinstance(old, bool) != isinstance(new, bool):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[name], new[name]) for name in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)
