"""What is wrong with a declaration, before anything is sent; each fault has its line."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.apply.document import Node
from app.apply.shapes import Shape, Shapes, fits


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and on which line."""

    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class Checker:
    """Holds nodes against shapes. What it cannot judge it leaves to the service."""

    shapes: Shapes

    def faults(
        self, shape: Shape, node: Node, also: Iterable[str] = (), path: str = ""
    ) -> Iterator[Fault]:
        """Yield what is wrong with a node; ``also`` names members that others look at."""
        value, offered = _plain(node), shape
        shape = self.shapes.chosen(offered, value)
        if not fits(shape, value):
            yield Fault(node.line, f"{path or 'this'} must be {self._expected(shape)}")
        elif wrong := self._constant_fault(offered, node):
            yield wrong
        elif isinstance(node.value, dict):
            yield from self._members(shape, node, frozenset(also), path)
        elif isinstance(node.value, list):
            for number, one in enumerate(node.value):
                yield from self.faults(shape.get("items", {}), one, path=f"{path}[{number}]")
        else:
            yield from _scalar_faults(shape, node, path)

    def _constant_fault(self, offered: Shape, node: Node) -> Fault | None:
        """Return what is wrong with the member that tells shapes apart, where there is one."""
        choices = self.shapes.choices(offered)
        for name, one in node.members.items():
            told = [shape.get("properties", {}).get(name, {}) for shape in choices]
            known = [shape["const"] for shape in told if "const" in shape]
            if known and one.value not in known:
                return Fault(one.line, unknown(f"{name} {one.value!r}", str(one.value), known))
        return None

    def _members(
        self, shape: Shape, node: Node, also: frozenset[str], path: str
    ) -> Iterator[Fault]:
        known = shape.get("properties", {})
        rest = shape.get("additionalProperties")
        for name, one in node.members.items():
            inner = f"{path}.{name}" if path else name
            if name in known:
                yield from self.faults(known[name], one, path=inner)
            elif isinstance(rest, Mapping):
                yield from self.faults(rest, one, path=inner)
            elif rest is False and name not in also:
                yield Fault(one.line, unknown(inner, name, known.keys() | also))
        for name in shape.get("required", ()):
            if name not in node.members:
                yield Fault(node.line, f"{path + ': ' if path else ''}{name!r} is missing")

    def _expected(self, shape: Shape) -> str:
        named = shape.get("type", "something else")
        return named if isinstance(named, str) else " or ".join(named)


def unknown(path: str, name: str, known: Iterable[str]) -> str:
    """Say that a key is not known, and which one may be meant."""
    close = difflib.get_close_matches(name, sorted(known), 1, 0.6)
    hint = f"was {close[0]!r} meant?" if close else f"known are: {', '.join(sorted(known))}"
    return f"{path} is not known; {hint}"


def _plain(node: Node) -> Any:  # noqa: ANN401  what a shape is chosen by
    if isinstance(node.value, dict):
        return {name: one.value for name, one in node.members.items()}
    return node.value


def _scalar_faults(shape: Shape, node: Node, path: str) -> Iterator[Fault]:
    value, said = node.value, path or "this"
    if "enum" in shape and value not in shape["enum"]:
        yield Fault(node.line, f"{said} must be one of {', '.join(map(str, shape['enum']))}")
    if isinstance(value, str):
        yield from _text_faults(shape, node.line, value, said)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = shape.get("minimum"), shape.get("maximum")
        if low is not None and value < low:
            yield Fault(node.line, f"{said} must be at least {low:g}")
        if high is not None and value > high:
            yield Fault(node.line, f"{said} must be at most {high:g}")


def _text_faults(shape: Shape, line: int, text: str, said: str) -> Iterator[Fault]:
    pattern = shape.get("pattern")
    if pattern is not None and not re.search(pattern, text):
        examples = shape.get("examples", ())
        like = f", such as {examples[0]}" if examples else ""
        yield Fault(line, f"{said} must be of the form {pattern}{like}")
    if len(text) > shape.get("maxLength", len(text)):
        yield Fault(line, f"{said} is longer than {shape['maxLength']} characters")
