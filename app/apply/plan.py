"""From what is and what is declared to what is to be done; nothing is read or written here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.apply.adopt import adopted, left_open
from app.apply.declared import Declaration, Declared
from app.apply.diff import Difference, differences
from app.apply.kinds import KINDS, Address
from app.apply.present import State
from app.apply.shapes import Shapes


class Verb(StrEnum):
    """What becomes of a resource."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    KEEP = "unchanged"
    LEAVE = "not in file"


TO_DO = frozenset({Verb.CREATE, Verb.CHANGE, Verb.DELETE})


@dataclass(frozen=True, slots=True)
class Action:
    """One resource, and what becomes of it."""

    verb: Verb
    address: Address
    differences: tuple[Difference, ...] = ()
    declaration: Declaration | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in order."""

    actions: tuple[Action, ...]

    @property
    def to_do(self) -> Sequence[Action]:
        return [action for action in self.actions if action.verb in TO_DO]

    def count(self, verb: Verb) -> int:
        return sum(action.verb is verb for action in self.actions)


def plan(declared: Declared, state: State, shapes: Shapes, *, prune: bool = False) -> Plan:
    """Return what brings a service to what a file declares.

    Creations and changes come in the order of kinds, deletions after them in the opposite order.
    Only what stands in a section that the file holds is deleted, and never what counted rows go
    with.
    """
    put = [_put(one, state, shapes) for one in sorted(declared.resources.values(), key=_rank)]
    others = [_other(address, declared, prune=prune) for address in sorted(state, key=_place)]
    left = [one for one in others if one is not None]
    return Plan((*put, *(one for one in left if one.verb is Verb.LEAVE), *_deletions(left)))


def _deletions(left: Sequence[Action]) -> Iterator[Action]:
    return (one for one in reversed(left) if one.verb is Verb.DELETE)


def _put(declaration: Declaration, state: State, shapes: Shapes) -> Action:
    address = declaration.address
    present, shape = state.get(address), shapes.body(address.kind)
    if present is None or shape is None:
        found = differences({}, declaration.body)
        return Action(Verb.CREATE, address, tuple(found), declaration)
    paths = left_open(shapes, address.kind, shape, declaration.body)
    body = adopted(declaration.body, present, paths)
    full = shapes.complete(address.kind, shape, body)
    declaration = replace(declaration, body=body, full=full)
    kept = address.kind.kept - full.keys()
    comparable = {name: value for name, value in present.items() if name not in kept}
    found = differences(comparable, full)
    verb = Verb.CHANGE if found else Verb.KEEP
    return Action(verb, address, tuple(found), declaration)


def _other(address: Address, declared: Declared, *, prune: bool) -> Action | None:
    if address in declared.resources:
        return None
    kind = address.kind
    held = (kind.section, () if kind.parent is None else address.names[:1]) in declared.sections
    deletes = prune and held and kind.pruned and address.names[-1] not in kind.spared
    return Action(Verb.DELETE if deletes else Verb.LEAVE, address)


def _place(address: Address) -> tuple[int, tuple[str, ...]]:
    order: Mapping[str, int] = {kind.section: number for number, kind in enumerate(KINDS)}
    return order[address.section], address.names


def _rank(declaration: Declaration) -> tuple[Any, ...]:
    kind = declaration.address.kind
    first = kind.sole is None or declaration.full.get(kind.sole[0]) != kind.sole[1]
    number, names = _place(declaration.address)
    return number, names[:1], first, names
