"""The faults, each a function; which one comes next is drawn by weight."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING

from tests.chaos.children import Link
from tests.chaos.proxy import Mode

if TYPE_CHECKING:
    from tests.chaos.rig import Stage

HOUR = 3_600.0
JUMPS = (HOUR, -HOUR, 24 * HOUR, -24 * HOUR)
COLD = 0.05
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

    async def blow(self, seconds: float) -> None:
        """Draw faults for so long, and wait until the last of them is over."""
        names, weights = zip(*self.stage.run.weights.items(), strict=True)
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        begun: list[asyncio.Task[None]] = []
        while True:
            await asyncio.sleep(self.draw.expovariate(self.stage.run.faults))
            if loop.time() >= until:
                break
            name = self.draw.choices(names, weights)[0]
            begun.append(asyncio.create_task(FAULTS[name](self)))
        await asyncio.gather(*begun)

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
    storm.kills["backend"] += storm.stage.database.kill_backend(storm.draw)


async def restart_database(storm: Storm) -> None:
    storm.others["database restart"] += await storm.stage.database.restart()


async def freeze(storm: Storm) -> None:
    children = [*storm.stage.replicas, storm.stage.receiver, *storm.stage.links]
    child, seconds = storm.draw.choice(children), storm.draw.uniform(0.2, 5.0)
    storm.others["freeze"] += await child.freeze(seconds)


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
    "spoil link": spoil_link,
    "silence hook": silence_hook,
    "swizzle": swizzle,
    "fill disk": fill_disk,
    "move clock": move_clock,
}
WEIGHTS: Mapping[str, float] = {
    "kill replica": 24,
    "kill receiver": 3,
    "kill proxy": 6,
    "kill backend": 3,
    "restart database": 7,
    "freeze": 8,
    "spoil link": 30,
    "silence hook": 3,
    "swizzle": 2,
    "fill disk": 1,
    "move clock": 4,
}
SQLITE_WEIGHTS: Mapping[str, float] = {
    name: weight
    for name, weight in WEIGHTS.items()
    if name not in ("kill backend", "restart database", "move clock")
} | {"fill disk": 3}
