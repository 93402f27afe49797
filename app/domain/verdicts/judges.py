"""Baselines made ready to judge windows: what half of a judgement would be spent on each time."""

from collections import OrderedDict
from threading import Lock

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.monitor import Monitor, policy
from app.domain.verdicts.figuring import columns_of
from drift_core import Judge

ROOM = 500_000
"""Cells of all baselines that are kept ready; each takes some 60 bytes."""

_Key = tuple[int, int, str, str, Monitor]


def ready(baseline: Baseline, grids: StoredGridSet, monitor: Monitor) -> Judge:
    """Make a baseline ready to judge windows for a monitor."""
    ref = columns_of(monitor, baseline, grids).counts(baseline.vector)
    return Judge.of(ref, policy(monitor))


class Judges:
    """The baselines that were used last, kept ready; any thread may ask."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = Lock()
        self._kept: OrderedDict[_Key, Judge] = OrderedDict()

    def ready(self, baseline: Baseline, grids: StoredGridSet, monitor: Monitor) -> Judge:
        """Do as the function of this name does, or answer what it made before."""
        # a baseline never changes, nor does a grid set
        key = grids.id, baseline.number, baseline.segment, baseline.fingerprint, monitor
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = ready(baseline, grids, monitor)
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while sum(each.grids.size for each in self._kept.values()) > self._room:
                self._kept.popitem(last=False)
        return made
