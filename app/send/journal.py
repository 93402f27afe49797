"""What was acknowledged, on disk, so that the next run need not send it again.

Counting once does not rest on it: the service recognises every batch by its key for as long as it
keeps receipts. It saves time, outlives that horizon, and notices a file that has grown.
"""

import hashlib
from pathlib import Path
from typing import Self

import msgspec

from app.send.order import Order, Stop
from app.send.reading import File, digest_of


class Head(msgspec.Struct, frozen=True):
    """The first line of a journal: which file, in which state, and where it went."""

    path: str
    size: int
    digest: str
    prefix: str
    to: str
    model: str
    created: str
    """Of the model: another one of the same name was never sent this file."""


class Line(msgspec.Struct, frozen=True):
    """One acknowledged batch."""

    part: int
    rows: int


class Journal:
    """The acknowledged parts of one file, for one model of one service."""

    def __init__(self, path: Path | None, done: dict[int, int]) -> None:
        self._path = path
        self.done = done
        """Rows by number of part."""

    @classmethod
    def opened(
        cls, folder: Path | None, file: File, prefix: str, order: Order, created: str
    ) -> Self:
        """Read what an earlier run wrote, or begin.

        Raises
        ------
        Stop
            An earlier, shorter state of this file was sent before, or the folder is not ours.
        """
        if folder is None:
            return cls(None, {})
        where = (order.to, order.model, created)
        head = Head(str(file.path.resolve()), file.size, file.digest, prefix, *where)
        named = hashlib.blake2b("\0".join((prefix, *where)).encode(), digest_size=16)
        path = folder / f"{named.hexdigest()}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if path.exists():
                return cls(path, _lines(path))
            if not order.again:
                _refuse_grown(folder, head)
            path.write_bytes(msgspec.json.encode(head) + b"\n")
        except OSError as error:
            detail = error.strerror or "it cannot be used"
            raise Stop(f"{folder}: {detail}; name another folder with --journal") from None
        return cls(path, {})

    def note(self, part: int, rows: int) -> None:
        """Remember that a batch was acknowledged."""
        self.done[part] = rows
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(Line(part, rows)) + b"\n")


def _lines(path: Path) -> dict[int, int]:
    """Read the acknowledged parts; a last line that was cut short is not believed."""
    done: dict[int, int] = {}
    for line in path.read_bytes().split(b"\n")[1:-1]:
        try:
            found = msgspec.json.decode(line, type=Line)
        except msgspec.DecodeError:
            continue
        done[found.part] = found.rows
    return done


def _refuse_grown(folder: Path, head: Head) -> None:
    """Refuse a file of which a beginning was sent before: its rows would count twice."""
    for path in folder.glob("*.jsonl"):
        earlier = _head(path)
        if earlier is None or _where(earlier) != _where(head) or earlier.size >= head.size:
            continue
        rows = sum(_lines(path).values())
        with Path(head.path).open("rb") as file:
            grown = digest_of(file, earlier.size) == earlier.digest
        if grown and rows:
            raise Stop(
                f"{head.path} has grown since {rows:,} rows of it were sent, which would count "
                "twice. Send the new rows as a file of their own, or all of it with --again"
            )


def _where(head: Head) -> tuple[str, ...]:
    return head.path, head.to, head.model, head.created


def _head(path: Path) -> Head | None:
    with path.open("rb") as file:
        try:
            return msgspec.json.decode(file.readline(), type=Head)
        except msgspec.DecodeError:
            return None
