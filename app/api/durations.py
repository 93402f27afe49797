"""Durations as people write them: ``15m``, ``1h``, ``7d``, ``2w``."""

import re
from datetime import timedelta

UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
PATTERN = r"^(0|[1-9][0-9]{0,7})[smhdw]$"
# Weeks are understood but never written: 7d and 1w must not be two texts of one setting.
WRITTEN = ("d", "h", "m", "s")


def parse(text: str) -> timedelta:
    """Return the duration that ``text`` means.

    Raises
    ------
    ValueError
        It is not a whole number followed by one of ``s``, ``m``, ``h``, ``d``, ``w``.
    """
    if not re.fullmatch(PATTERN[1:-1], text):
        raise ValueError("a duration is a whole number and a unit: 90s, 15m, 1h, 7d, 2w")
    return int(text[:-1]) * UNITS[text[-1]]


def text(duration: timedelta) -> str:
    """Return a duration in the largest unit that divides it; whole seconds, not negative."""
    for unit in WRITTEN:
        if duration and not duration % UNITS[unit]:
            return f"{duration // UNITS[unit]}{unit}"
    return f"{duration // UNITS['s']}s"
