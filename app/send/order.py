"""What was asked on the command line, and why sending ends before it is done."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

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
        raise Stop(f"--to {to} is not the address of a service; write http://{rest}")
