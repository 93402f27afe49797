"""The faults, each a function; which one comes next is drawn by weight."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING

from tests.chaos.children import FROZEN, THAWED, Link, signalled
from tests.chaos.proxy import Mode

if TYPE_CHECKING:
    from tests.chaos.rig import Stage

HOUR = 3_600.0
JUMPS = (HOUR, -HOUR, 24 * HOUR, -24 * HOUR)
BREATH = 5
"""Batches that are acknowledged between two faults."""
LONGEST_BREATH = 6.0
STEP = 0.1
COLD = 0.03
"""Share of kills after which a replica starts from nothing."""
SHARES: Mapping[Mode, float] = {
    Mode.DELAY: 0.3,
    Mode.CUT_BEFORE: 0.1,
    Mode.CUT_AFTER: 0.1,
    Mode.SLICE: 0.5,
    Mode.STALL: 1.0,
    Mode.RESET: 1.0,
}
"""Share of chunks that each mode strikes."""


class Storm:
    """Draws faults and applies them, several at a time; counts what took effect."""

    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.draw = random.Random(f"{stage.run.seed} faults")
        self.kills: Counter[str] = Counter()
        self.others: Counter[str] = Counter()

    async def blow(self, acknowledged: Callable[[], int]) -> None:
        """Draw faults, each one once to begin with, until there were enough; wait for the last.

        ``acknowledged`` says how many batches were. Between two faults some must be, so that a
        slow machine has fewer faults, and not more of them than the service can rise from.
        """
        run, loop = self.stage.run, asyncio.get_running_loop()
        names, weights = zip(*run.weights.items(), strict=True)
        first = list(names)
        self.draw.shuffle(first)
        begun, faults = loop.time(), []
        while (now := loop.time() - begun) < run.longest:
            if now >= run.seconds and self.enough(acknowledged()):
                break
            name = first.pop() if first else self.draw.choices(names, weights)[0]
            faults.append(asyncio.create_task(FAULTS[name](self)))
            before, waited = acknowledged(), self.draw.expovariate(run.faults)
            await asyncio.sleep(waited)
            while acknowledged() - before < BREATH and waited < LONGEST_BREATH:
                await asyncio.sleep(STEP)
                waited += STEP
        await asyncio.gather(*faults)

    def enough(self, acknowledged: int) -> bool:
        """Whether what a run must have at least has happened, as far as it is known by now."""
        floors = self.stage.run.floors
        return (
            sum(self.kills.values()) >= floors.kills
            and self.others["database restart"] >= floors.restarts
            and sum(sum(link.struck.values()) for link in self.stage.links) >= floors.strikes
            and acknowledged >= floors.acknowledged
        )

    def any_link(self) -> Link:
        return self.draw.choice(self.stage.links)


async def kill_replica(storm: Storm) -> None:
    replica = storm.draw.choice(storm.stage.replicas)
    if storm.draw.random() < COLD:
        replica.start_cold_next()
    storm.kills["replica"] += replica.kill()


async def kill_receiver(storm: Storm) -> None:
    storm.kills["receiver"] += storm.stage.receiver.kill()


async def kill_proxy(storm: Storm) -> None:
    storm.kills["proxy"] += storm.any_link().kill()


async def kill_backend(storm: Storm) -> None:
    """One kill -9 makes PostgreSQL end every session and recover."""
    pid = storm.stage.database.backend(storm.draw)
    storm.kills["backend"] += pid != 0 and signalled(pid, signal.SIGKILL)


async def restart_database(storm: Storm) -> None:
    storm.others["database restart"] += await storm.stage.database.restart()


async def freeze(storm: Storm) -> None:
    child, seconds = storm.draw.choice(storm.stage.children), storm.draw.uniform(0.2, 5.0)
    storm.others["freeze"] += await child.freeze(seconds)


async def freeze_backend(storm: Storm) -> None:
    """Whatever locks it holds, it holds meanwhile."""
    pid, seconds = storm.stage.database.backend(storm.draw), storm.draw.uniform(0.2, 5.0)
    if pid and signalled(pid, FROZEN):
        storm.others["freeze, backend"] += 1
        await asyncio.sleep(seconds)
        signalled(pid, THAWED)


async def spoil_link(storm: Storm) -> None:
    link = storm.any_link()
    mode = storm.draw.choice(list(SHARES))
    seconds = storm.draw.uniform(0.2, 2.5)
    await link.misbehave(mode, SHARES[mode], seconds)
    storm.others[mode.value] += 1
    await asyncio.sleep(seconds)


async def silence_hook(storm: Storm) -> None:
    """Let no webhook through: what was sent meanwhile must be sent again."""
    seconds = storm.draw.uniform(0.5, 3.0)
    await storm.stage.hook.misbehave(Mode.CUT_BEFORE, 1.0, seconds)
    storm.others["hook silenced"] += 1
    await asyncio.sleep(seconds)


async def swizzle(storm: Storm) -> None:
    """Stall the links one by one, and let go of them in another order."""
    links = list(storm.stage.links)
    storm.draw.shuffle(links)
    step = storm.draw.uniform(0.1, 0.4)
    for place, link in enumerate(links):
        held = step * (len(links) - place) + storm.draw.uniform(0.0, 2.0)
        await link.misbehave(Mode.STALL, 1.0, held)
        await asyncio.sleep(step)
    storm.others["swizzle"] += 1
    await asyncio.sleep(2.0)


async def fill_disk(storm: Storm) -> None:
    disk = storm.stage.database.disk
    if not disk.own or disk.full:
        return
    seconds = storm.draw.uniform(1.0, 5.0)
    try:
        disk.fill()
        storm.others["disk full"] += 1
        await asyncio.sleep(seconds)
    finally:
        disk.free()


async def move_clock(storm: Storm) -> None:
    if storm.stage.clock is None:
        return
    storm.stage.clock.set(storm.draw.choice(JUMPS))
    storm.others["clock moved"] += 1
    await asyncio.sleep(storm.draw.uniform(1.0, 10.0))
    storm.stage.clock.set(0.0)


FAULTS: Mapping[str, Callable[[Storm], Coroutine[None, None, None]]] = {
    "kill replica": kill_replica,
    "kill receiver": kill_receiver,
    "kill proxy": kill_proxy,
    "kill backend": kill_backend,
    "restart database": restart_database,
    "freeze": freeze,
    "freeze backend": freeze_backend,
    "spoil link": spoil_link,
    "silence hook": silence_hook,
    "swizzle": swizzle,
    "fill disk": fill_disk,
    "move clock": move_clock,
}
WEIGHTS: Mapping[str, float] = {
    "kill replica": 20,
    "kill receiver": 3,
    "kill proxy": 6,
    "kill backend": 3,
    "restart database": 8,
    "freeze": 6,
    "freeze backend": 1,
    "spoil link": 20,
    "silence hook": 2,
    "swizzle": 1,
    "fill disk": 0.5,
    "move clock": 3,
}
SQLITE_WEIGHTS: Mapping[str, float] = {
    name: weight
    for name, weight in WEIGHTS.items()
    if name not in ("kill backend", "freeze backend", "restart database", "move clock")
} | {"fill disk": 4}
