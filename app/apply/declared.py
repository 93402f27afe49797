"""What a file declares: resources by address, or faults with their lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.apply.checking import Checker, Fault, unknown
from app.apply.document import Node
from app.apply.kinds import Address, Kind, children
from app.apply.order import Stop
from app.apply.shapes import Body, Shape, Shapes

MOST_SHOWN = 20
SCHEMA = "$schema"
"""Names the schema of the file itself, where a comment cannot."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One resource of the file."""

    address: Address
    node: Node
    body: dict[str, Any]
    """As it is sent."""
    full: dict[str, Any]
    """With what the service would fill in."""


@dataclass(slots=True)
class Declared:
    """All that a file declares."""

    resources: dict[Address, Declaration] = field(default_factory=dict)
    sections: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    """Sections that the file holds, each with its parent's names: what it does not name there."""
    faults: list[Fault] = field(default_factory=list)


def declared(root: Node, shapes: Shapes, name: str) -> Declared:
    """Return what a file declares.

    Raises
    ------
    Stop
        Something in it is wrong; lists where and what.
    """
    reader = _Reader(shapes, Checker(shapes), Declared())
    reader.top(root)
    found = reader.found
    if found.faults:
        raise Stop("\n".join(_told(found.faults, name)))
    return found


def _told(faults: list[Fault], name: str) -> Iterator[str]:
    for fault in sorted(faults, key=lambda one: one.line)[:MOST_SHOWN]:
        yield f"{name}, line {fault.line}: {fault.detail}"
    if len(faults) > MOST_SHOWN:
        yield f"and {len(faults) - MOST_SHOWN} more"


@dataclass(frozen=True, slots=True)
class _Reader:
    shapes: Shapes
    checker: Checker
    found: Declared

    def top(self, root: Node) -> None:
        if not isinstance(root.value, dict):
            self._fault(root, "a file declares a mapping of models and targets")
            return
        known = {kind.section for kind in children(None)}
        for name, node in root.members.items():
            if name not in known | {SCHEMA}:
                self._fault(node, unknown(name, name, known))
        self._sections(None, (), root)

    def _sections(self, parent: str | None, names: tuple[str, ...], holder: Node) -> None:
        for kind in children(parent):
            node = holder.members.get(kind.section)
            if node is not None:
                self._section(kind, names, node)

    def _section(self, kind: Kind, names: tuple[str, ...], node: Node) -> None:
        body = self.shapes.body(kind)
        if body is None:
            self._fault(node, f"this service has no {kind.section} yet")
            return
        self.found.sections.add((kind.section, names))
        if kind.single:
            self._resource(kind, body, names, node)
        elif not isinstance(node.value, dict):
            if node.value is not None:
                self._fault(node, f"{kind.section} must be a mapping from names to declarations")
        else:
            for name, one in node.members.items():
                self._named(kind, body, (*names, name), one)
            self._check_sole(kind, node)

    def _named(self, kind: Kind, body: Body, names: tuple[str, ...], node: Node) -> None:
        rule: Shape = list(body.names.values())[len(names) - 1]
        if not re.search(rule.get("pattern", ""), names[-1]):
            self._fault(node, f"{names[-1]!r} cannot be a name: {rule.get('description', '')}")
            return
        self._resource(kind, body, names, node)
        self._sections(kind.section, names, node)

    def _resource(self, kind: Kind, body: Body, names: tuple[str, ...], node: Node) -> None:
        address = Address(kind.section, names)
        node = Node({}, node.line) if node.value is None else node
        inner = frozenset(one.section for one in children(kind.section))
        faults = list(self.checker.faults(body.declared, node, inner))
        self.found.faults += [Fault(one.line, f"{address}: {one.detail}") for one in faults]
        if not faults:
            own = {name: one.plain() for name, one in node.members.items() if name not in inner}
            full = self.shapes.complete(kind, body, own)
            self.found.resources[address] = Declaration(address, node, own, full)

    def _check_sole(self, kind: Kind, node: Node) -> None:
        if kind.sole is None:
            return
        member, value = kind.sole
        holders = [
            (name, one)
            for name, one in node.members.items()
            if member in one.members and one.members[member].value == value
        ]
        for name, one in holders[1:]:
            self._fault(one, f"{name} and {holders[0][0]} cannot both be {value}")

    def _fault(self, node: Node, detail: str) -> None:
        self.found.faults.append(Fault(node.line, detail))
