"""What nobody says of retrainings is noticed: deadlines, dead requests, runs that can be asked."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import LeewayError
from app.domain.retrainings.policy import Cause, Wish, episode_of_age
from app.domain.retrainings.retraining import Origin, Said, Signal
from app.domain.retrainings.run import Phase
from app.ports import Store
from app.ports.retrainings import Aging, Polled
from app.ports.targets import Asker
from app.steps.ask_retraining import WAITS_FOR, Asked, Retrainer
from app.steps.retrain import Heard, Word, hear

A_TURN = 100
SAYS = {
    Phase.RUNNING: Signal.RUNNING,
    Phase.SUCCEEDED: Signal.SUCCEEDED,
    Phase.FAILED: Signal.FAILED,
}
"""What an orchestrator's answer means; queued and unknown say nothing new."""


@dataclass(frozen=True, slots=True)
class RetrainingWatch:
    """The use case; any replica may do all of it at any time, and what is done is done once."""

    store: Store
    retrainer: Retrainer
    asker: Asker

    async def once(self, beat: Callable[[], None] = lambda: None) -> list[Heard | Asked]:
        """Do what is due; what changed, or was asked for."""
        changed: list[Heard | Asked] = []
        for work in (self._overdue, self._undeliverable, self._poll, self._wishes, self._aging):
            beat()
            changed += await work()
        return changed

    async def _overdue(self) -> list[Heard]:
        async with self.store.read() as unit:
            late = await unit.retrainings.overdue(A_TURN)
        return await self._say([(id_, Word(Signal.DEADLINE, Origin.LOOP)) for id_ in late])

    async def _undeliverable(self) -> list[Heard]:
        async with self.store.read() as unit:
            dead = await unit.retrainings.undeliverable(A_TURN)
        return await self._say([(id_, Word(Signal.UNDELIVERABLE, Origin.LOOP)) for id_ in dead])

    async def _poll(self) -> list[Heard]:
        async with self.store.write() as unit:
            claimed = await unit.retrainings.claim_polls(A_TURN)
        words = await asyncio.gather(*(self._asked(one) for one in claimed))
        return await self._say([(p.id, w) for p, w in zip(claimed, words, strict=True) if w])

    async def _asked(self, polled: Polled) -> Word | None:
        """Ask with no transaction open."""
        state = await self.asker.poll(polled.target, polled.run)
        signal = SAYS.get(state.phase)
        return Word(signal, Origin.POLL, Said(detail=state.detail)) if signal else None

    async def _wishes(self) -> list[Asked]:
        """Grant what a cooldown or another run held back, while its alert fires."""
        async with self.store.read() as unit:
            waiting = await unit.retrainings.waiting()
        found = [await self._ask(model_id, wish, alert_id) for model_id, alert_id, wish in waiting]
        return [one for one in found if isinstance(one, Asked)]

    async def _aging(self) -> list[Asked]:
        async with self.store.read() as unit:
            champions, now = await unit.retrainings.aging(), unit.now
        wishes = [(one.model_id, wish) for one in champions if (wish := _of(one, now))]
        found = [await self._ask(model_id, wish) for model_id, wish in wishes]
        return [one for one in found if isinstance(one, Asked)]

    async def _ask(self, model_id: int, wish: Wish, alert_id: int | None = None) -> Asked | None:
        """Ask where nothing is in the way; a look that shows what is writes nothing."""
        async with self.store.read() as unit:
            model = await unit.models.by_id(model_id)
            if model is None:
                return None
            kept = await self.retrainer.held(unit, model, wish)
        if kept in WAITS_FOR or (kept is not None and alert_id is None):
            return None
        async with self.store.write() as unit:
            if alert_id is not None and await unit.retrainings.waits(alert_id) != wish:
                return None  # resolved, promoted or asked for since we looked
            found = await self.retrainer.ask(unit, model, wish, Origin.LOOP)
            if alert_id is not None and found not in WAITS_FOR:
                await unit.retrainings.wait(alert_id, None)
        return found if isinstance(found, Asked) else None

    async def _say(self, words: list[tuple[str, Word]]) -> list[Heard]:
        """Say each in a transaction of its own: one that cannot be heard holds up no other."""
        heard = []
        failed: LeewayError | None = None
        for id_, word in words:
            try:
                one = await hear(self.store, self.retrainer.event_source, id_, word)
            except LeewayError as error:
                failed = error
                continue
            heard += [one] if one.move.changed else []
        if failed is not None and not heard:
            raise failed
        return heard


def _of(aging: Aging, now: datetime) -> Wish | None:
    """Return what a champion's age asks for, if it is too old."""
    limit = aging.policy.maximum_age
    if limit is None or now - aging.since < limit:
        return None
    episode = episode_of_age(aging.version, aging.since, limit, now)
    return Wish(Cause.STALENESS, episode, f"the champion is {(now - aging.since).days} days old")
