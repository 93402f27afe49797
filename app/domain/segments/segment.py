"""Segments: parts of a model's rows by the values of a column or of a pair of columns.

Which values have a segment of their own is fixed with the grid set, by the reference that founded
it: whoever counts a row, and whenever, puts it into the same segments.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

MOST_VALUES = 50
MOST_GROUPS = 10
MOST_COLUMNS = 2
LONGEST_TEXT = 255
"""Bytes of a segment's text; what is longer is cut, and told apart by a digest."""
OTHER = "(other)"
MISSING = "(missing)"
ESCAPE = "~"
SPECIAL = frozenset("~=,")

Value = tuple[str | None, ...]
"""One value for each column of a group; None is missing, or of a wrong type."""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """What is declared: groups of one or two columns, and how many values get a segment."""

    groups: tuple[tuple[str, ...], ...]
    most: int = MOST_VALUES


@dataclass(frozen=True)
class Grouping:
    """The segments of one group of columns: its values, and one for all others together."""

    columns: tuple[str, ...]
    values: tuple[Value, ...]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """One for each value, in order, and then the one of all others."""
        return (*(text_of(self.columns, value) for value in self.values), self.other)

    @property
    def other(self) -> str:
        return text_of_others(self.columns)


@dataclass(frozen=True)
class Plan:
    """The segments of a grid set, as its founding reference made them."""

    asked: Segmentation
    groupings: tuple[Grouping, ...]

    def declared(self, now: Segmentation | None) -> tuple[Grouping, ...]:
        """Return those groupings that are still asked for; others are not counted any more."""
        wanted = () if now is None else now.groups
        return tuple(one for one in self.groupings if one.columns in wanted)

    @property
    def size(self) -> int:
        """How many segments there are."""
        return sum(len(one.texts) for one in self.groupings)

    def to_json(self) -> dict[str, Any]:
        return {
            "most": self.asked.most,
            "groups": [
                {"columns": list(one.columns), "values": [list(value) for value in one.values]}
                for one in self.groupings
            ],
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        found = tuple(
            Grouping(tuple(one["columns"]), tuple(tuple(value) for value in one["values"]))
            for one in document["groups"]
        )
        return cls(Segmentation(tuple(one.columns for one in found), document["most"]), found)

    def packed(self) -> bytes:
        """Return the plan as bytes; databases refuse some texts that values may be."""
        return json.dumps(self.to_json(), separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        return cls.from_json(json.loads(packed))


def text_of(columns: Sequence[str], value: Value) -> str:
    """Return a segment's text, such as ``country=DE,device=phone``; no two have the same.

    Examples
    --------
    >>> text_of(("country",), ("DE",)), text_of(("a", "b"), ("x=1", None))
    ('country=DE', 'a=x~3D1,b=(missing)')
    """
    pairs = zip(columns, value, strict=True)
    return _bounded(",".join(f"{_name(column)}={_spelled(one)}" for column, one in pairs))


def text_of_others(columns: Sequence[str]) -> str:
    """Return the text of the segment that holds all other values of some columns."""
    return _bounded(",".join(f"{_name(column)}={OTHER}" for column in columns))


def columns_in(text: str) -> tuple[str, ...]:
    """Return the columns that a segment's text names, spelled as texts spell them.

    Examples
    --------
    >>> columns_in("country=DE,device=(other)")
    ('country', 'device')
    """
    return tuple(pair.partition("=")[0] for pair in text.split(","))


def awaited(asked: Segmentation | None, text: str) -> bool:
    """Whether a text may be that of a segment which a declaration will make."""
    groups = () if asked is None else asked.groups
    return columns_in(text) in {tuple(map(_name, group)) for group in groups}


def _name(column: str) -> str:
    return "".join(map(_escaped, column))


def _spelled(value: str | None) -> str:
    if value is None:
        return MISSING
    # a value that begins like one of our own words is told apart by its first character
    first = _hex(value[0]) if value.startswith("(") else ""
    return first + "".join(map(_escaped, value[1:] if first else value))


def _escaped(character: str) -> str:
    return character if character.isprintable() and character not in SPECIAL else _hex(character)


def _hex(character: str) -> str:
    return "".join(f"{ESCAPE}{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _bounded(text: str) -> str:
    """Cut what is too long for an index; two tildes stand nowhere else."""
    whole = text.encode()
    if len(whole) <= LONGEST_TEXT:
        return text
    tail = f"{ESCAPE}{ESCAPE}{hashlib.sha256(whole).hexdigest()[:32]}"
    kept = whole[: LONGEST_TEXT - len(tail)].decode("utf-8", "ignore")
    return kept + tail
