"""One object as a file: ranges of exactly the content that was listed."""

import io
from typing import TYPE_CHECKING, Any, cast

import obstore
from obstore.store import ObjectStore

from app.domain.sources.source import Listed, Trouble
from app.sources.objects.troubles import told, trouble

if TYPE_CHECKING:
    from obstore import GetOptions

BUFFER = 1 << 20


class ObjectFile(io.RawIOBase):
    """Reads ranges. Each one is asked for under the ETag, so that contents are never mixed."""

    def __init__(self, store: ObjectStore, listed: Listed) -> None:
        super().__init__()
        self._store = store
        self._listed = listed
        self._at = 0
        self.trouble: Trouble | None = None
        """What kept the last range from being read."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._listed.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  a buffer, as the base class says
        wanted = min(len(buffer), self._listed.size - self._at)
        if wanted <= 0:
            return 0
        try:
            found = fetch(self._store, self._listed, (self._at, self._at + wanted))
        except Trouble as trouble:
            self.trouble = trouble
            raise
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def fetch(store: ObjectStore, listed: Listed, span: tuple[int, int]) -> memoryview:
    """Return some of an object's bytes.

    Raises
    ------
    Trouble
        It is not there, was overwritten since it was listed, or could not be read.
    """
    with told("gone"):
        answer = obstore.get(store, listed.key, options=_options(listed, span))
        found = memoryview(answer.bytes())
    return _whole(found, answer.meta["size"], listed, span[1] - span[0])


async def fetch_all(store: ObjectStore, listed: Listed) -> io.BufferedReader:
    """Return a small object as a file in memory; raises `Trouble`."""
    with told("gone"):
        answer = await obstore.get_async(store, listed.key, options=_options(listed))
        found = memoryview(await answer.bytes_async())
    whole = _whole(found, answer.meta["size"], listed, listed.size)
    return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(whole)))


def _options(listed: Listed, span: tuple[int, int] | None = None) -> "GetOptions":
    """Ask for the very content that was listed, by whatever tells it from others."""
    options: GetOptions = {}
    if listed.version:
        options["version"] = listed.version
    elif listed.etag:
        options["if_match"] = listed.etag
    else:
        options["if_unmodified_since"] = listed.modified
    if span is not None:
        options["range"] = span
    return options


def _whole(found: memoryview, size: int, listed: Listed, wanted: int) -> memoryview:
    if size != listed.size:
        raise trouble("replaced")
    if len(found) != wanted:
        raise trouble("unreachable")
    return found
