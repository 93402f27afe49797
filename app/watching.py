"""The loops beside windows: storage is listed and taken, traffic and retrainings looked at."""

from dataclasses import dataclass

import structlog

from app.ports import Clock
from app.steps.ask_retraining import Asked
from app.steps.take import Taken, Taker
from app.steps.watch import Watcher
from app.steps.watch_retrainings import RetrainingWatch
from app.steps.watch_traffic import TrafficWatch
from app.workers import Loop

TRAFFIC_PAUSE = 20.0
"""Each model is looked at once a minute; this is how exactly."""

RETRAINING_PAUSE = 5.0
"""How exactly deadlines, polls and cooldowns are kept."""

log = structlog.get_logger("leeway.sources")
traffic_log = structlog.get_logger("leeway.traffic")
retraining_log = structlog.get_logger("leeway.retraining")


@dataclass(slots=True)
class Watching:
    """Looks at sources and takes objects, each in a loop of its own."""

    watcher: Watcher
    taker: Taker
    clock: Clock

    def loops(self) -> tuple[Loop, Loop]:
        """Return the two loops; what the first finds wakes the second."""
        taking = Loop("take", self._take, self.clock)
        looking: Loop

        async def look() -> bool:
            looked = await self.watcher.once(looking.beat)
            if looked is None:
                return False
            log.info(
                "source_listed",
                model=looked.look.source.model,
                source=looked.look.source.name,
                objects=looked.listed,
                added=looked.added,
                error=looked.error,
            )
            if looked.added:
                taking.signal.set()
            return True

        looking = Loop("look", look, self.clock)
        return looking, taking

    async def _take(self) -> bool:
        taken = await self.taker.once()
        for one in taken:
            _tell(one)
        return bool(taken) or self.taker.busy


def _tell(taken: Taken) -> None:
    source, verdict = taken.claim.source, taken.verdict
    log.info(
        "object_taken",
        model=source.model,
        source=source.name,
        object=taken.claim.id,
        rows=taken.rows,
        state="counted" if verdict is None else verdict.state.value,
        reason=None if verdict is None else verdict.code,
    )


def traffic_loop(watch: TrafficWatch, clock: Clock) -> Loop:
    """Return the loop that looks at models' traffic."""
    loop: Loop

    async def look() -> bool:
        for told in await watch.once(loop.beat):
            traffic_log.warning(
                "traffic", model=told.model, alert=told.change.value, deliveries=told.deliveries
            )
        return False

    loop = Loop("traffic", look, clock, TRAFFIC_PAUSE)
    return loop


def retraining_loop(watch: RetrainingWatch, clock: Clock) -> Loop:
    """Return the loop that notices what nobody says of retrainings."""
    loop: Loop

    async def look() -> bool:
        for one in await watch.once(loop.beat):
            if isinstance(one, Asked):
                retraining_log.info("retraining_asked", retraining=one.id)
            else:
                run, move = one.retraining, one.move
                retraining_log.info(
                    "retraining_moved",
                    model=run.model,
                    retraining=run.id,
                    state=move.state.value,
                    reason=move.reason.value,
                )
        return False

    loop = Loop("retrain", look, clock, RETRAINING_PAUSE)
    return loop
