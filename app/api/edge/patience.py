"""How long clients may take, and how much of a connection may be anything but a body."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and bytes a second, after which a connection is cut."""

    head: float = 5.0
    """From the first byte of a request (or the connection itself) to the end of its headers."""
    request: float = 15.0
    """From the first byte of a request to its last."""
    steady: int = 100_000
    """Bytes a second that a long upload must keep, over every span of ``request`` seconds."""
    answer: float = 15.0
    """A span in which a client must take some of an answer that waits for it."""
    taken: int = 4_000
    """Bytes a second of an answer that it must take then."""
    idle: float = 30.0
    """Between two requests."""
    farewell: float = 2.0
    """For a client that was refused to read why, while what it still sends is thrown away."""

    @property
    def tick(self) -> float:
        """How often connections are looked at."""
        return min(self.head, self.request, self.answer, self.idle, self.farewell) / 5


LONGEST_HEAD = 64_000
"""Bytes of a request line with its headers."""
MOST_HEADERS = 256
FRAMING = 16
"""Bytes around each byte of a chunked body; one byte a chunk takes five."""


def too_much_framing(other: int, body: int) -> bool:
    """Whether more came in around a body than sending it can take."""
    return other > LONGEST_HEAD + FRAMING * body
