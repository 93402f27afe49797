"""One file: what names it, and its rows in parts."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

from app.domain.errors import Invalid
from app.send.columnar_parts import arrow_parts, parquet_parts
from app.send.order import Stop
from app.send.part import Part
from app.send.text_parts import csv_parts, json_parts, ndjson_parts
from app.sources.files import open_file, unpacked

BLOCK = 1 << 20
Cut: TypeAlias = Callable[[BinaryIO, int], Iterator[Part]]

CUTS: Mapping[str, Cut] = {
    "csv": csv_parts,
    "json": json_parts,
    "ndjson": ndjson_parts,
    "parquet": parquet_parts,
    "arrow": arrow_parts,
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was when sending began."""

    path: Path
    format: str
    size: int
    digest: str
    """Of its bytes: the same file under another name is the same file."""

    def parts(self, rows: int) -> Iterator[tuple[Part, float]]:
        """Yield its parts in order, each with the share of the file that has been read with it.

        Raises
        ------
        Stop
            It is damaged, or not what its name says.
        """
        with self.path.open("rb") as file:
            try:
                for part in _marked(CUTS[self.format](unpacked(file), rows)):
                    yield part, min(1.0, file.tell() / max(1, self.size))
            except Stop as stop:
                raise Stop(f"{self.path}: {stop}", stop.status) from None
            except OSError as error:
                raise Stop(f"{self.path}: it is damaged or cut short: {error}") from None


def _marked(parts: Iterator[Part]) -> Iterator[Part]:
    """Say of a part that it is the only one, where it is."""
    some = list(islice(parts, 2))
    yield from (replace(part, whole=True) for part in some) if len(some) == 1 else some
    yield from parts


def read(path: Path) -> File:
    """Look at a file: its format, its size, and the digest that its batches are named by.

    Raises
    ------
    Stop
        It cannot be read, or its format is not known.
    """
    try:
        form = open_file(path).format
        with path.open("rb") as file:
            digest = digest_of(file)
            return File(path, form, file.tell(), digest)
    except Invalid as error:
        raise Stop(f"{path}: {error.detail}") from None
    except OSError as error:
        raise Stop(f"{path}: {error.strerror or 'it cannot be read'}") from None


def digest_of(file: BinaryIO, most: int | None = None) -> str:
    """Return the digest of the rest of a file, or of its next ``most`` bytes."""
    found = hashlib.blake2b(digest_size=16)
    left = most
    while block := file.read(BLOCK if left is None else min(BLOCK, left)):
        found.update(block)
        left = None if left is None else left - len(block)
    return found.hexdigest()
