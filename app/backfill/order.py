"""What was asked on the command line, and why a backfill ends before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_WORKERS = 64
DONE, INCOMPLETE, UNUSABLE, AWAY, INTERRUPTED = 0, 1, 2, 3, 130


class Stop(Exception):
    """It cannot go on; the message names what is wrong and the way out."""

    def __init__(self, message: str, status: int = UNUSABLE) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Order:
    """The options as they were given."""

    url: str
    model: str
    workers: int = 2
    source: str = "backfill"
    """Name under which objects are counted that no declared source reaches."""
    version: str | None = None
    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the model calls a column, by the name that it has in the objects."""
    days: int | None = None
    region: str | None = None
    endpoint: str | None = None
    anonymous: bool = False
    retry: bool = False
    """Take quarantined objects again."""
    forgotten: bool = False
    """Take objects that are older than the source that reaches them remembers."""
    patience: float = 600.0
    """Seconds for which a database or a bucket that is away is asked again."""
    quiet: bool = False
