"""Steps over Thrift's compact protocol, as far as Parquet's footers and page headers use it.

What readers could take otherwise than it is taken here is refused: a field that is there twice,
or whose number or length only fits where more bits are read.
"""

from collections.abc import Iterator

DEEPEST = 8
MOST_ITEMS = 1_000_000
"""Items of all lists together; each becomes an object of the reader's."""
LARGEST_FIELD = 32_767
LONG_LIST = 15
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST = range(1, 10)
STRUCT = 12
WIDTHS = {BYTE: 1, DOUBLE: 8}
FLAGS = frozenset((TRUE, FALSE))
NUMBERS = frozenset((I16, I32, I64))


class Compact:
    """A place in bytes. Whoever is given a field or an item reads it, or skips it."""

    __slots__ = ("_items", "at", "body")

    def __init__(self, body: bytes, at: int = 0) -> None:
        self.body = body
        self.at = at
        self._items = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Step over a struct: yield the number and the kind of each field."""
        seen = set()
        field = 0
        while head := self.body[self.at]:
            self.at += 1
            field = field + (head >> 4) if head >> 4 else self.number()
            if field in seen or not 0 < field <= LARGEST_FIELD:
                raise ValueError("a field is there twice, or none that could be")
            seen.add(field)
            yield field, head & 15
        self.at += 1

    def items(self, kind: int, wanted: int) -> range:
        """Begin a list, whose items must be of the kind that is wanted."""
        size, found = self._list()
        if kind != LIST or (size and found != wanted):
            raise ValueError("a field is not the list that it should be")
        return range(size)

    def number(self) -> int:
        """Step over a number."""
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def skip(self, kind: int, depth: int = 0) -> None:
        """Step over a field's value, whatever it is."""
        if depth > DEEPEST:
            raise ValueError("a struct is nested too deep")
        if kind in NUMBERS:
            self._varint()
        elif kind == BINARY:
            width = self._varint()
            self.at += width
        elif kind == STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth + 1)
        elif kind == LIST:
            self._skip_list(depth + 1)
        elif kind in WIDTHS:
            self.at += WIDTHS[kind]
        elif kind not in FLAGS:
            raise ValueError("a struct holds what none may hold")

    def _skip_list(self, depth: int) -> None:
        size, kind = self._list()
        if kind in FLAGS:
            # in a list they are a byte each
            self.at += size
            return
        for _ in range(size):
            self.skip(kind, depth)

    def _list(self) -> tuple[int, int]:
        head = self.body[self.at]
        self.at += 1
        size = head >> 4
        if size == LONG_LIST:
            size = self._varint()
        self._items += size
        if self._items > MOST_ITEMS:
            raise ValueError("there are too many items")
        return size, head & 15

    def _varint(self) -> int:
        byte = self.body[self.at]
        self.at += 1
        if byte < 0x80:
            return byte
        value = byte & 0x7F
        for shift in range(7, 64, 7):
            byte = self.body[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ValueError("a number has too many bytes")
