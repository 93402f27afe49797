"""What one process may remember between transactions, because it never changes or only hints."""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.domain.batch import CountVector
from app.store.transactions.memory import Memory
from app.store.transactions.said import Said
from drift_core import GridSet

GRID_SETS = 64
BASELINE_BYTES = 32_000_000
PANES = 20_000
REMEMBERED = 50_000
REPLAYS = 16
"""So many times rows are looked up first, once some had been remembered before."""
LOOK_EVERY = timedelta(minutes=1)

PaneKey = tuple[int, datetime]
"""A series and the start of a pane."""


@dataclass(slots=True)
class Cache:
    """Decoded grid sets by digest, counts of baselines, and hints where folding may be due."""

    row_ids: int = 100_000_000
    """How many row ids may be remembered, about."""
    memory: Memory = field(default_factory=Memory)
    said: Said = field(default_factory=Said)
    _grid_sets: OrderedDict[str, GridSet] = field(default_factory=OrderedDict)
    _baselines: OrderedDict[int, CountVector] = field(default_factory=OrderedDict)
    _baseline_bytes: int = 0
    _ids: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _widths: dict[int, timedelta] = field(default_factory=dict)
    _touched: Counter[PaneKey] = field(default_factory=Counter)
    _closed: dict[PaneKey, None] = field(default_factory=dict)
    _looked_at: datetime | None = None
    _replays: int = 0
    _measured_at: datetime | None = None

    def grids(self, digest: str) -> GridSet | None:
        return self._grid_sets.get(digest)

    def keep(self, digest: str, grids: GridSet) -> None:
        self._grid_sets[digest] = grids
        while len(self._grid_sets) > GRID_SETS:
            self._grid_sets.popitem(last=False)

    def baseline(self, key: int) -> CountVector | None:
        found = self._baselines.get(key)
        if found is not None:
            self._baselines.move_to_end(key)
        return found

    def keep_baseline(self, key: int, vector: CountVector) -> None:
        """Keep what a baseline counted, which never changes; those not used for longest go."""
        if key in self._baselines:
            return
        vector.setflags(write=False)
        self._baselines[key] = vector
        self._baseline_bytes += vector.nbytes
        while self._baseline_bytes > BASELINE_BYTES:
            self._baseline_bytes -= self._baselines.popitem(last=False)[1].nbytes

    def known(self, key: tuple[Any, ...]) -> int | None:
        """Return the id of something that was seen in the database and goes only with its model."""
        return self._ids.get(key)

    def remember(self, key: tuple[Any, ...], identity: int) -> None:
        """Note an id that was read; never one written just now, which may be rolled back."""
        if len(self._ids) >= REMEMBERED:
            self._ids.clear()
        self._ids[key] = identity

    def width(self, model_id: int) -> timedelta | None:
        """Return how wide a model's windows were when it was read last; a hint."""
        return self._widths.get(model_id)

    def keep_width(self, model_id: int, width: timedelta) -> None:
        if len(self._widths) >= REMEMBERED:
            self._widths.clear()
        self._widths[model_id] = width

    def touch(self, pane: PaneKey) -> None:
        """Note that a pane got a delta; a hint too many or too few harms nothing."""
        if len(self._touched) >= PANES:
            self._touched.clear()
        self._touched[pane] += 1

    def close(self, pane: PaneKey) -> None:
        """Note that a pane's window was judged, so that what it holds is worth folding."""
        if len(self._closed) < PANES:
            self._closed[pane] = None

    def crowded(self, at_least: int, limit: int) -> list[PaneKey]:
        """Take panes that got many deltas since they were last taken."""
        found = [pane for pane, count in self._touched.items() if count >= at_least][:limit]
        for pane in found:
            del self._touched[pane]
        return found

    def closed(self, limit: int) -> list[PaneKey]:
        """Take panes of windows that were judged."""
        found = list(self._closed)[:limit]
        for pane in found:
            del self._closed[pane]
        return found

    def expects_new_rows(self) -> bool:
        """Whether rows are likely to be new: few of the last ones had been remembered before."""
        self._replays = max(0, self._replays - 1)
        return self._replays == 0

    def saw_rows_again(self) -> None:
        self._replays = REPLAYS

    def measuring_due(self, now: datetime, every: timedelta) -> bool:
        """Whether it is time to measure how many row ids there are."""
        if self._measured_at is not None and now - self._measured_at < every:
            return False
        self._measured_at = now
        return True

    def look_due(self, now: datetime) -> bool:
        """Whether it is time to look in the table, for panes of processes that died."""
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return False
        self._looked_at = now
        return True
