"""A file of YAML or JSON as values that know their lines; what could harm is refused.

It is built from the parser's events, never from its objects: no tag makes anything, no alias
multiplies anything, no depth and no size passes a bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from app.apply.order import Stop
from app.apply.scalars import Scalar, resolved

MOST_BYTES = 4 * 1024 * 1024
MOST_DEPTH = 24
PLAIN_TAGS = frozenset({None, "!"})
# the parser in C is some twenty times as fast, and reads the same
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and the line on which it or its key begins, from 1."""

    value: "Scalar | dict[str, Node] | list[Node]"
    line: int

    @property
    def members(self) -> "dict[str, Node]":
        """Members of a mapping; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def plain(self) -> Any:  # noqa: ANN401  a JSON value
        """Return it as a JSON value."""
        match self.value:
            case dict(members):
                return {name: node.plain() for name, node in members.items()}
            case list(items):
                return [node.plain() for node in items]
            case scalar:
                return scalar

    def at(self, pointer: str) -> "Node":
        """Return what a JSON pointer leads to, or the last that is there on the way."""
        node = self
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            following = _step(node, name)
            if following is None:
                break
            node = following
        return node


def _step(node: Node, name: str) -> Node | None:
    if isinstance(node.value, list):
        return node.value[int(name)] if name.isdigit() and int(name) < len(node.value) else None
    return node.members.get(name)


Content: TypeAlias = dict[str, Node] | list[Node]


@dataclass(slots=True)
class _Open:
    """A mapping or a list whose end has not come yet."""

    content: Content
    line: int
    key: str | None = None
    key_line: int = 0


@dataclass(slots=True)
class _Builder:
    """Makes nodes of events."""

    name: str
    open: list[_Open] = field(default_factory=list)
    documents: list[Node] = field(default_factory=list)

    def take(self, event: Any) -> None:  # noqa: ANN401  the library types its events loosely
        line = event.start_mark.line + 1
        match event:
            case yaml.AliasEvent():
                raise self.wrong(line, "aliases are not read; write the value out")
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                ended = self.open.pop()
                self._add(ended.content, ended.line)
            case _:
                pass

    def wrong(self, line: int, what: str) -> Stop:
        return Stop(f"{self.name}, line {line}: {what}")

    def _begin(self, event: Any, line: int) -> None:  # noqa: ANN401
        self._check(event, line)
        if len(self.open) == MOST_DEPTH:
            raise self.wrong(line, "it is nested too deeply")
        if self._awaits_key():
            raise self.wrong(line, "a key must be text")
        content: Content = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_Open(content, line))

    def _scalar(self, event: Any, line: int) -> None:  # noqa: ANN401
        self._check(event, line)
        if self._awaits_key():
            self._key(event.value, line)
            return
        quoted = bool(event.style) or event.tag == "!"
        try:
            self._add(event.value if quoted else resolved(event.value), line)
        except Stop as stop:
            raise self.wrong(line, str(stop)) from None

    def _check(self, event: Any, line: int) -> None:  # noqa: ANN401
        if event.tag not in PLAIN_TAGS:
            raise self.wrong(line, "tags are not read; quote what is text")
        if event.anchor is not None:
            raise self.wrong(line, "anchors are not read; write values out where they stand")

    def _awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].content, dict) and self._keyless()

    def _keyless(self) -> bool:
        return self.open[-1].key is None

    def _key(self, name: str, line: int) -> None:
        holder = self.open[-1]
        known = holder.content.get(name) if isinstance(holder.content, dict) else None
        if known is not None:
            raise self.wrong(line, f"key {name!r} stands twice, first on line {known.line}")
        holder.key, holder.key_line = name, line

    def _add(self, value: Scalar | Content, line: int) -> None:
        if not self.open:
            self.documents.append(Node(value, line))
            return
        holder = self.open[-1]
        if isinstance(holder.content, list):
            holder.content.append(Node(value, line))
        elif holder.key is not None:
            holder.content[holder.key] = Node(value, holder.key_line)
            holder.key = None


def read(raw: bytes, name: str) -> Node:
    """Return the one document of a file.

    Raises
    ------
    Stop
        It is not one sound document, or holds what is not read; names the line.
    """
    if len(raw) > MOST_BYTES:
        raise Stop(f"{name} is longer than {MOST_BYTES // 1024**2} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Stop(f"{name}, line {line}: it is not UTF-8") from None
    builder = _Builder(name)
    for event in _events(text, name):
        builder.take(event)
    if len(builder.documents) != 1:
        raise Stop(f"{name} holds {len(builder.documents)} documents; it must hold one")
    return builder.documents[0]


def _events(text: str, name: str) -> Iterator[Any]:
    # JSON may be indented by tabs, YAML may not; within its strings there are none
    spaced = text.replace("\t", " ") if text.lstrip()[:1] == "{" else text
    try:
        yield from yaml.parse(spaced, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise Stop(f"{name}{place}: it is not sound YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Stop(f"{name}: it is not sound YAML: {error}") from None
