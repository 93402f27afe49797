"""What a format is and the limits it keeps; no format lives here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.domain.batch import LONGEST_NAME, Table

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one body may hold. All are checked before the memory is spent."""

    body: int = 32 * MEGABYTE
    """Bytes as sent; whoever reads the body holds this one."""
    decoded: int = 64 * MEGABYTE
    """Bytes after decompression; for Parquet, of its columns in memory."""
    ratio: int = 100
    """Times that a compressed body may grow, once it is large enough to matter."""
    rows: int = 10_000_000
    columns: int = 2_000
    """Columns of any kind; how many of them may be counted is the schema's limit."""
    values: int = 5_000_000
    """Commas, line ends and colons of a JSON or CSV body: each costs an object or more."""
    text: int = 8_192
    """Bytes of one text."""
    name: int = LONGEST_NAME
    """Bytes of one column name."""
    depth: int = 4
    """Brackets of a JSON body inside one another."""


COLUMNAR = Limits(body=64 * MEGABYTE, decoded=256 * MEGABYTE)

Decode: TypeAlias = Callable[[bytes, Limits], Table]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write rows as bytes."""

    name: str
    media_types: tuple[str, ...]
    decode: Decode
    limits: Limits = Limits()
    columnar: bool = False
    """Whether the bytes are typed columns, which are read faster and may be larger."""
