"""What ``leeway verify`` was asked for."""

from dataclasses import dataclass

from app.domain.verdicts.selection import Selection


class Stop(Exception):
    """Nothing can be verified; the message says why, and the way out."""


@dataclass(frozen=True, slots=True)
class Order:
    """The options."""

    ids: tuple[int, ...]
    chosen: Selection
    url: str
    allow_other_code: bool = False
    quiet: bool = False
