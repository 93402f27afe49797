"""What a serving process says now and then: that it lives, and how many connections it has."""

import struct
from dataclasses import dataclass
from typing import Final

BEAT: Final = struct.Struct("!I")
EVERY: Final = 0.5
"""Seconds."""


@dataclass(slots=True)
class Beats:
    """Numbers out of a stream that may be cut anywhere."""

    _rest: bytes = b""

    def last(self, said: bytes, before: int) -> int:
        """Return the last number that is whole by now; ``before`` where none is."""
        data = self._rest + said
        whole = len(data) - len(data) % BEAT.size
        self._rest = data[whole:]
        if not whole:
            return before
        number: int = BEAT.unpack_from(data, whole - BEAT.size)[0]
        return number
