"""What was asked on the command line, and why sending ends before it is done."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.errors import Invalid
from app.domain.sources.sequence import Numbered, parse

MOST_PARALLEL = 16
DONE, REJECTED, UNUSABLE, AWAY, INTERRUPTED = 0, 1, 2, 3, 130


class Stop(Exception):
    """Sending cannot go on; the message names what is wrong and the way out."""

    def __init__(self, message: str, status: int = UNUSABLE) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Order:
    """The options as they were given."""

    files: tuple[Path, ...]
    to: str
    model: str
    key: str | None = None
    """The service's API key."""
    version: str | None = None
    source: str = "send"
    rows: int = 10_000
    """Rows of one batch. Another number makes other batches, which are counted anew."""
    parallel: int = 2
    patience: float = 600.0
    """Seconds for which a service that is away or busy is asked again."""
    skip_rejected: bool = False
    again: bool = False
    """Send a file although an earlier, shorter state of it was sent before."""
    journal: Path | None = None
    """Folder that remembers what was acknowledged; None for none."""
    quiet: bool = False
    numbered: bool = True
    """Number the batches of a file, so that those that never came are seen."""
    sequence: Numbered | None = None
    """The run and the number of the first batch; None: a run of the file's own, from 1 on."""


def check_address(to: str) -> None:
    """Refuse what is no address of a service, which would only be asked again and again.

    Raises
    ------
    Stop
        It has no scheme or no host.
    """
    try:
        parts = urlsplit(to)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        rest = to.rpartition("://")[2].strip("/") or "127.0.0.1:8000"
        raise Stop(f"--url {to} is not the address of a service; write http://{rest}")


def numbers_from(text: str, files: int) -> Numbered:
    """Read where the numbers of a file's batches go on: ``file-7d0c.../3``.

    Raises
    ------
    Stop
        It is no run with a number, or there are several files.
    """
    try:
        found = parse(text)
    except Invalid:
        found = Numbered("", 0)
    if not found.epoch:
        raise Stop(f"--sequence {text} is no run with a number, as in file-7d0c/3")
    if files > 1:
        raise Stop("--sequence numbers the batches of one file; send the others apart")
    return found
