"""Housekeeping, in small steps between other work: folds, pruning, removal of deleted models."""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.alerts.traffic import HISTORY
from app.domain.rejection import KEPT_FOR
from app.ports import Store

PANES = 20
RECEIPTS = 5_000
OBJECTS = 2_000
ROW_IDS = 5_000
TURNS = 10
"""Portions of retention."""
HEARTBEATS_KEPT = timedelta(days=400)
EVENTS_KEPT = timedelta(days=90)
"""With their bodies, deliveries and attempts, once there is nothing more to deliver of them."""
EVENTS = 1_000
RUNS = 200
NUMBERS = 5_000


@dataclass(frozen=True, slots=True)
class Maintained:
    """What one round did."""

    folded: int
    pruned: int
    forgotten: int
    purged: bool
    unremembered: int = 0
    """Row ids older than any horizon."""
    retained: int = 0
    """Portions of history that were looked at for their age."""
    told: int = 0
    """Events and retrainings that are over."""
    joined: int = 0
    """Numbers of batches that were joined to those before."""

    @property
    def busy(self) -> bool:
        """Whether there may be more to do at once."""
        return (
            self.folded >= PANES
            or self.pruned >= RECEIPTS
            or self.forgotten >= OBJECTS
            or self.purged
            or self.unremembered >= ROW_IDS
            or self.retained >= TURNS
            or self.told >= RUNS
            or self.joined >= NUMBERS
        )


async def maintain(store: Store, receipts_kept: timedelta) -> Maintained:
    """Do one bounded round of each kind of housekeeping, each in its own transaction."""
    async with store.write() as unit:
        folded = await unit.upkeep.fold(PANES)
    async with store.write() as unit:
        pruned = await unit.upkeep.prune_receipts(receipts_kept, RECEIPTS)
    async with store.write() as unit:
        pruned += await unit.rejections.prune(KEPT_FOR, RECEIPTS)
    async with store.write() as unit:
        forgotten = await unit.objects.prune(OBJECTS)
    async with store.write() as unit:
        pruned += await unit.traffic.prune(unit.now - 2 * HISTORY, RECEIPTS)
    async with store.write() as unit:
        pruned += await unit.heartbeats.prune(HEARTBEATS_KEPT, RECEIPTS)
    async with store.write() as unit:
        told = await unit.outbox.prune(EVENTS_KEPT, EVENTS)
    async with store.write() as unit:
        told += await unit.retrainings.prune(RUNS)
    async with store.write() as unit:
        pruned += await unit.sequences.prune(HEARTBEATS_KEPT, RECEIPTS)
    async with store.write() as unit:
        joined = await unit.sequences.join(NUMBERS)
    async with store.write() as unit:
        purged = await unit.models.purge()
    async with store.write() as unit:
        unremembered = await unit.upkeep.keep_row_ids(ROW_IDS)
    retained = await _retain(store)
    return Maintained(folded, pruned, forgotten, purged, unremembered, retained, told, joined)


async def _retain(store: Store) -> int:
    """Take turns until there is nothing to do, a bounded number; how many."""
    for turn in range(TURNS):
        async with store.write() as unit:
            if await unit.upkeep.retain() is None:
                return turn
    return TURNS
