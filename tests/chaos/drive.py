"""One run from beginning to end: prepare, storm, calm, settle, judge."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx

from tests.chaos import journal
from tests.chaos.children import Child
from tests.chaos.encode import SCHEMA, known_forms, reference
from tests.chaos.faults import Storm
from tests.chaos.load import PATIENCE, Settings, write_settings
from tests.chaos.oracle import conserved, counted, judged, told
from tests.chaos.oracle.settling import hasten, open_engine, unsettled
from tests.chaos.oracle.stored import read
from tests.chaos.oracle.witness import recall
from tests.chaos.plan import Shape
from tests.chaos.result import Result, traffic
from tests.chaos.rig import KEEP, Run, Stage, raised

READY_WITHIN = 60.0
SETTLE_WITHIN = 60.0
HASTEN_EVERY = 2.0
STEP = 0.1
Say = Callable[[str], None]


class Generator(Child):
    """The load generator; it is not killed, since it is our witness."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        module = (sys.executable, "-m", "tests.chaos.load")
        super().__init__("load", (*module, write_settings(settings)), folder / "load.log")
        self.acknowledged = 0
        self.retries = 0

    async def listen(self) -> int:
        """Follow what it says until it ends; return its exit status."""
        assert self.process is not None
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            self.acknowledged, self.retries = said["acknowledged"], said["retries"]
        return await self.process.wait()


async def ready(stage: Stage) -> None:
    """Wait until every replica is."""
    deadline = time.monotonic() + READY_WITHIN
    async with httpx.AsyncClient(timeout=5) as http:
        for replica in stage.replicas:
            while not await _answers(http, f"{replica.url}/readyz"):
                log = replica.log.read_text()[-3000:]
                assert time.monotonic() < deadline, f"{replica.name} was not ready:\n{log}"
                await asyncio.sleep(STEP)


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == 200
    except httpx.TransportError:
        return False


async def prepare(stage: Stage) -> Shape:
    """Declare models, references and the target; return the shape of the traffic."""
    async with httpx.AsyncClient(base_url=stage.replicas[0].url, timeout=60) as http:
        paths = (await http.get("/openapi.json")).raise_for_status().json()["paths"]
        taken = paths["/v1/models/{model}/batches"]["post"]["requestBody"]["content"]
        shape = stage.run.shape(known_forms(set(taken)))
        rows = {"columns": reference(shape)}
        for number in range(shape.models):
            path = f"/v1/models/{shape.name(number)}"
            declared = {
                "schema": {"features": SCHEMA},
                "window": "15m" if number % 2 == 0 else "30m",
                "lateness": "30m",
                "final_after": "5s" if number == 0 else "30d",
            }
            (await http.put(path, json=declared)).raise_for_status()
            (await http.post(f"{path}/baselines", json=rows)).raise_for_status()
        target = {"kind": "webhook", "url": f"{stage.hook.url}/hook", "secret": "env:HOOK_SECRET"}
        (await http.put("/v1/targets/hook", json=target)).raise_for_status()
    return shape


async def drive(run: Run, say: Say = lambda _: None) -> Result:
    """Make one run; what it found is in the result."""
    async with raised(run) as stage:
        await ready(stage)
        shape = await prepare(stage)
        urls = tuple(link.url for link in stage.fronts)
        log = stage.folder / "sent.jsonl"
        settings = Settings(shape, urls, str(log), run.workers, run.rate)
        generator, storm = Generator(settings, stage.folder), Storm(stage)
        begun = time.monotonic()
        await generator.start()
        listening = asyncio.create_task(generator.listen())
        telling = asyncio.create_task(_tell(say, generator, storm))
        try:
            await storm.blow(run.seconds)
            took = time.monotonic() - begun
            calm(stage)
            await ready(stage)
            await generator.tell("stop")
            async with asyncio.timeout(PATIENCE + 30):
                status = await listening
            assert status == 0, generator.log.read_text()[-3000:]
            say("faults are over, everything was sent; waiting until all is judged and told")
            settled = await settle(stage)
            return await judge(stage, storm, (took, settled))
        finally:
            telling.cancel()
            listening.cancel()
            await generator.close()


async def _tell(say: Say, generator: Generator, storm: Storm) -> None:
    while True:
        await asyncio.sleep(5)
        say(
            f"{generator.acknowledged} acknowledged, {generator.retries} retries, "
            f"kills {dict(storm.kills)}, {dict(storm.others)}"
        )


def calm(stage: Stage) -> None:
    """Take back whatever a fault left behind."""
    stage.database.disk.free()
    if stage.clock is not None:
        stage.clock.set(0.0)


async def settle(stage: Stage) -> float:
    """Wait until all is judged and told; return how long that took.

    Deliveries that wait minutes for their next try, or for the lease of a replica that was
    killed, are made due: time is all that they lack.
    """
    begun = time.monotonic()
    engine = open_engine(stage.database.url())
    try:
        while time.monotonic() - begun < SETTLE_WITHIN:
            with engine.connect() as connection:
                left = await asyncio.to_thread(unsettled, connection)
                if not any(left.values()):
                    return time.monotonic() - begun
                await asyncio.to_thread(hasten, connection, datetime.now(UTC))
            await asyncio.sleep(HASTEN_EVERY)
    finally:
        engine.dispose()
    return SETTLE_WITHIN


async def judge(stage: Stage, storm: Storm, times: tuple[float, float]) -> Result:
    """Ask the oracle."""
    engine = open_engine(stage.database.url())
    try:
        with engine.connect() as connection:
            levels = stage.run.levels
            stored = await asyncio.to_thread(read, connection, levels)
            left = await asyncio.to_thread(unsettled, connection)
    finally:
        engine.dispose()
    log = stage.folder / "sent.jsonl"
    witness = await asyncio.to_thread(
        lambda: recall(journal.read(log), journal.read(stage.receiver.heard))
    )
    metrics = {replica.name: await exposition(replica.url) for replica in stage.replicas}
    findings = [f"{number} {what} are left" for what, number in left.items() if number]
    findings += counted.check(witness, stored)
    findings += judged.check(stored)
    findings += judged.fresh(stored)
    findings += conserved.check(witness, stored, metrics)
    findings += told.check(witness, stored)
    if findings:
        (stage.folder / KEEP).touch()
    return Result(
        seed=stage.run.seed,
        version=version("leeway"),
        database="SQLite" if stage.run.sqlite else "PostgreSQL",
        seconds=round(times[0], 1),
        kills=dict(storm.kills),
        faults=dict(storm.others),
        strikes=dict(sum((link.struck for link in stage.links), Counter())),
        starts=starts(stage),
        **traffic(witness),
        windows=len(stored.windows),
        revisions=sum(len(window.revisions) for window in stored.windows),
        events=len(stored.events),
        deliveries=sum(d["state"] == "delivered" for d in stored.deliveries),
        heard=sum(sum(digests.values()) for digests in witness.heard.values()),
        settled_in=round(times[1], 1),
        findings=findings,
    )


async def exposition(url: str) -> str:
    """Return a replica's metrics, once they are not those of a moment ago."""
    async with httpx.AsyncClient(timeout=30) as http:
        return (await http.get(f"{url}/metrics")).raise_for_status().text


def starts(stage: Stage) -> dict[str, int]:
    """Return how often each kind of process was started."""
    return {
        "replica": sum(replica.starts for replica in stage.replicas),
        "replica, cold": sum(replica.cold for replica in stage.replicas),
        "receiver": stage.receiver.starts,
        "proxy": sum(link.starts for link in stage.links),
        "database": 1 + stage.database.restarts + stage.database.revivals,
    }
