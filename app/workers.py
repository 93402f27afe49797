"""The loops of one replica: write groups, close windows, deliver events, keep house.

Work is claimed in the database, so any number of replicas may run all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from app.domain.errors import Unavailable
from app.domain.verdicts.judgement import REFERENCE, Judgement
from app.ports import Clock, Store
from app.steps.close import Closed, Closer
from app.steps.cut import Cutter
from app.steps.deliver import Deliverer
from app.steps.maintain import maintain

POLL: Final = 1.0
HOUSEKEEPING: Final = 5.0
BACK_OFF: Final = 5.0
STALLED: Final = timedelta(seconds=60)
T = TypeVar("T")

log = structlog.get_logger("leeway.workers")


@dataclass
class Signal:
    """Wakes a loop before its next poll."""

    event: asyncio.Event = field(default_factory=asyncio.Event)

    def set(self) -> None:
        self.event.set()

    async def wait(self, seconds: float) -> None:
        """Return when set, or after so many seconds."""
        try:
            await asyncio.wait_for(self.event.wait(), seconds)
        except TimeoutError:
            return
        self.event.clear()


class Loop:
    """Runs one step again and again; an error is logged, and the loop goes on after a pause."""

    def __init__(
        self, name: str, work: Callable[[], Awaitable[bool]], clock: Clock, pause: float = POLL
    ) -> None:
        self.name = name
        self._pause = pause
        self.signal = Signal()
        self._work = work
        self._clock = clock
        self._beat = clock()

    def beat(self) -> None:
        """Say that work goes on; a long round does so between its parts."""
        self._beat = self._clock()

    @property
    def alive(self) -> bool:
        """Whether work was seen to go on in the last minute."""
        return self._clock() - self._beat < STALLED

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self.beat()
            pause = self._pause
            try:
                if await self._work():
                    continue
            except Unavailable as error:
                log.warning("database_away", loop=self.name, detail=error.detail)
            except Exception:
                # A loop that dies would silence the monitor; what is wrong must be seen instead.
                log.exception("loop_failed", loop=self.name)
                pause = BACK_OFF
            await self.signal.wait(pause)


class Workers:
    """All loops of this replica, started and stopped together."""

    def __init__(
        self,
        store: Store,
        cutter: Cutter,
        closer: Closer,
        deliverer: Deliverer,
        clock: Clock,
        receipts_kept: timedelta,
        more: Sequence[Loop] = (),
    ) -> None:
        self._store = store
        self._closer = closer
        self._cutter = cutter
        self._deliverer = deliverer
        self._clock = clock
        self._receipts_kept = receipts_kept
        self.closing = Loop("close", self._close, clock)
        self.delivering = Loop("deliver", self._deliver, clock)
        self.keeping = Loop("maintain", self._maintain, clock, HOUSEKEEPING)
        self._more = tuple(more)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def loops(self) -> tuple[Loop, ...]:
        return (self.closing, self.delivering, self.keeping, *self._more)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in self.loops]

    async def stop(self) -> None:
        """Cancel the loops and wait; what was claimed comes free when its lease runs out."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._deliverer.stop()

    async def _close(self) -> bool:
        """Cut and judge what is due; one with which something is wrong holds up no other."""
        judged, failed = False, list[Exception]()
        for uncut in await self._cutter.due():
            await self._tried(self._cutter.cut(uncut), failed)
        for due in await self._closer.due():
            closed = await self._tried(self._closer.close(due), failed)
            if closed is not None:
                judged = True
                self._tell(closed)
        for told in await self._closer.settle(self.closing.beat):
            log.info("alerts_told_late", monitor=told.monitor, alert=told.change.value)
            self.delivering.signal.set()
        if failed:
            raise ExceptionGroup("windows could not be judged", failed)
        return judged

    async def _tried(self, work: Awaitable[T], failed: list[Exception]) -> T | None:
        """Return what work comes to; what fails is raised when the others are done."""
        self.closing.beat()
        try:
            return await work
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  the caller raises it
            failed.append(error)
            return None

    def _tell(self, closed: Closed) -> None:
        revision = closed.revision
        log.info(
            "window_judged",
            model=closed.model,
            version=revision.window.version,
            start=revision.window.start.isoformat(),
            revision=revision.number,
            rows=revision.gathered.rows,
            states={_whose(one): one.verdict.state.value for one in revision.judgements},
            alerts={one.monitor: one.change.value for one in closed.announced},
        )
        if any(one.deliveries for one in closed.announced):
            self.delivering.signal.set()

    async def _deliver(self) -> bool:
        done = await self._deliverer.once()
        for claimed, attempt, outcome in done:
            log.info(
                "delivery_tried",
                target=claimed.target.name,
                event_id=claimed.event_id,
                status=attempt.status,
                error=attempt.error,
                state=outcome.state.value,
            )
        return bool(done)

    async def _maintain(self) -> bool:
        return (await maintain(self._store, self._receipts_kept)).busy


def _whose(judgement: Judgement) -> str:
    against = "" if judgement.comparison == REFERENCE else f"/{judgement.comparison}"
    return f"{judgement.monitor.name}{against}"
