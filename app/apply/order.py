"""What was asked on the command line, and the statuses it ends with."""

from dataclasses import dataclass
from pathlib import Path

DONE, FAILED, CHANGES, AWAY, INTERRUPTED = 0, 1, 2, 3, 130
"""As those of plan tools: 2 says that a dry run found something to do, and nothing else."""


class Stop(Exception):
    """The command cannot go on; the message names what is wrong and the way out."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the service is, and how long it may be away."""

    url: str
    key: str | None = None
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """The options of ``leeway apply`` as they were given."""

    file: Path
    reach: Reach
    dry_run: bool = False
    yes: bool = False
    prune: bool = False
