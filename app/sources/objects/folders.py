"""Folders of this machine, listed by ourselves.

The library's listing ends at the first name that no path can hold, and looks behind every link.
This one passes over such names, and asks of each link where it leads: of one that leads out of the
folders that are open it tells what the link itself is, and nothing of what lies behind it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from app.domain.sources.source import Listed, Trouble
from app.sources.objects.troubles import BAD_KEY, at_fault, told, trouble

PAGE = 1_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HIDDEN = ("_", ".")
"""What writers put beside the data (``_SUCCESS``, ``.crc``) begins with one of these."""


@dataclass(frozen=True, slots=True)
class _Inside:
    """A folder that is being listed, and those above it, as they are once links are followed."""

    path: str
    key: str
    """What keys in it begin with."""
    real: str
    above: "_Inside | None" = None

    def within(self, real: str) -> bool:
        """Whether it is, or lies in, a folder on the way to which we are already."""
        here: _Inside | None = self
        while here is not None and here.real != real:
            here = here.above
        return here is not None


@dataclass(slots=True)
class _Walk:
    """One look at a folder and all below it."""

    permits: Callable[[Path], bool]
    trouble: Trouble | None = None
    """What could not be listed."""
    _waiting: list[_Inside] = field(default_factory=list)

    def files(self, root: str) -> Iterator[Listed]:
        self._waiting.append(_Inside(root, "", os.path.realpath(root)))
        with told("no-bucket"):
            if not Path(root).is_dir():
                raise FileNotFoundError(root)
        while self._waiting:
            inside = self._waiting.pop()
            try:
                with os.scandir(inside.path) as entries:
                    for entry in entries:
                        yield from self._found(entry, inside)
            except FileNotFoundError:
                continue  # deleted meanwhile
            except PermissionError:
                self.trouble = trouble("denied")

    def _found(self, entry: "os.DirEntry[str]", inside: _Inside) -> Iterator[Listed]:
        """Yield a file; a folder is kept for later, and of others there is nothing to say."""
        name, real = entry.name, ""
        if name.startswith(HIDDEN):
            return
        if at_fault(name):
            self.trouble = self.trouble or trouble(BAD_KEY)
            return
        known = entry.stat(follow_symlinks=False)
        if S_ISLNK(known.st_mode):
            try:
                if not self.permits(Path(entry.path)):
                    yield _listed(inside.key + name, known)
                    return
                known, real = entry.stat(), os.path.realpath(entry.path)
            except (OSError, RuntimeError):
                return  # it leads to nothing, or round and round
        if S_ISREG(known.st_mode):
            if not _half_written(name):
                yield _listed(inside.key + name, known)
        elif S_ISDIR(known.st_mode) and not (real and inside.within(real)):
            real = real or f"{inside.real}/{name}"
            self._waiting.append(_Inside(entry.path, f"{inside.key}{name}/", real, inside))


async def pages(root: str, permits: Callable[[Path], bool]) -> AsyncIterator[Sequence[Listed]]:
    """Yield what lies in a folder; in the end raises `Trouble` where something may be unseen."""
    walk = _Walk(permits)
    files = walk.files(root)
    while page := await asyncio.to_thread(lambda: list(islice(files, PAGE))):
        yield page
    if walk.trouble is not None:
        raise walk.trouble


def _half_written(name: str) -> bool:
    """Whether the library that reads takes it for a file that is still being written."""
    digits = name.partition("#")[2]
    return digits.isascii() and digits.isdigit()


def _listed(key: str, found: os.stat_result) -> Listed:
    """Return a file under the ETag that the library will ask for."""
    micros = found.st_mtime_ns // 1_000
    etag = f'"{found.st_ino:x}-{max(0, micros):x}-{found.st_size:x}"'
    return Listed(key, found.st_size, EPOCH + timedelta(microseconds=micros), etag)
