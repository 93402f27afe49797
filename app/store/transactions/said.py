"""What was said of windows, remembered: a verdict never changes, and an id never names another.

Nobody is answered from here alone: which verdicts a page shows it reads in its own transaction, so
that what was removed is not found.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from app.domain.telling.overview import Cell
from app.domain.telling.reports import StoredVerdict

NAMES = 50_000
CELLS = 100_000
"""About 200 bytes each."""
VERDICTS = 10_000
"""About a kilobyte each."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, up to a sum of their sizes; those not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0

    def get(self, key: K) -> V | None:
        """Return what is known; None where nothing is."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, size: int) -> None:
        """Keep a value, in place of what was known before; one too large for all is not kept."""
        _, before = self._held.pop(key, (None, 0))
        self._size -= before
        if size > self._most:
            return
        self._held[key] = value, size
        self._size += size
        while self._size > self._most:
            self._size -= self._held.popitem(last=False)[1][1]

    @property
    def size(self) -> int:
        return self._size


CellsOf = dict[str, Cell | None]
"""By feature; None: it was not judged."""


@dataclass(frozen=True, slots=True)
class Said:
    """By the ids of judgements: what pages look at again and again."""

    drifted: Recent[int, tuple[str, ...]] = field(default_factory=lambda: Recent(NAMES))
    cells: Recent[tuple[int, str | None], CellsOf] = field(default_factory=lambda: Recent(CELLS))
    """And by the statistic whose effect they have."""
    features: Recent[tuple[int, str | None], tuple[StoredVerdict, ...]] = field(
        default_factory=lambda: Recent(VERDICTS)
    )
    """And by the feature; None: all of them."""
