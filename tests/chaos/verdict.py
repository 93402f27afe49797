"""After the faults: wait until all is judged and told, then ask the oracle."""

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

import httpx

from tests.chaos import journal
from tests.chaos.complaints import complaints
from tests.chaos.faults import Storm
from tests.chaos.looks import Looks
from tests.chaos.oracle import agree, conserved, counted, judged, retrained, told, whole
from tests.chaos.oracle import objects as objects_
from tests.chaos.oracle.settling import hasten, open_engine, release, snapshot, unsettled
from tests.chaos.oracle.stored import Stored, read
from tests.chaos.oracle.witness import Witness, recall
from tests.chaos.result import Result, traffic
from tests.chaos.rig import KEEP, Stage
from tests.e2e.server import ROOT

SETTLE_WITHIN = 90.0
HASTEN_EVERY = 1.0
QUIET_LOOKS = 3
"""Looks, one after the other, that must find nothing left: what ends may begin something new."""
READINGS = 10
RUN_LOOKS = 100


async def settle(stage: Stage, objects: int, say: Callable[[str], None]) -> float:
    """Wait until all is judged and told; return how long that took.

    So many ``objects`` were put. Deliveries that wait minutes for their next try, or for the lease
    of a replica that was killed, are made due: time is all that they lack. So are objects, and
    listings that were left behind.
    """
    begun, quiet = time.monotonic(), 0
    engine = open_engine(stage.database.url())
    try:
        with engine.connect() as connection:
            await asyncio.to_thread(release, connection)
        while time.monotonic() - begun < SETTLE_WITHIN:
            with engine.connect() as connection:
                left = await asyncio.to_thread(unsettled, connection, objects)
                left["runs that have more to say"] = await asyncio.to_thread(unsaid, stage)
                quiet = 0 if any(left.values()) else quiet + 1
                if quiet >= QUIET_LOOKS:
                    return time.monotonic() - begun
                if not quiet:
                    say(f"left: {left}")
                await asyncio.to_thread(hasten, connection, datetime.now(UTC))
            await asyncio.sleep(HASTEN_EVERY)
    finally:
        engine.dispose()
    return SETTLE_WITHIN


def unsaid(stage: Stage) -> int:
    """Return how many runs the orchestrator has begun whose words were not all heard."""
    runs = recall((), (), journal.read(stage.receiver.runs)).runs
    return sum(status is None for status in runs.values())


async def recalled(stage: Stage) -> Witness:
    """Read what the client and the receiver wrote down."""
    return await asyncio.to_thread(
        lambda: recall(*map(journal.read, (stage.sent, stage.receiver.heard, stage.receiver.runs)))
    )


async def heard_out(stage: Stage) -> Witness:
    """Read it once the runs that were begun have said their words, or have had time enough."""
    for _ in range(RUN_LOOKS):
        if not await asyncio.to_thread(unsaid, stage):
            break
        await asyncio.sleep(0.1)
    return await recalled(stage)


async def compared(stage: Stage) -> tuple[Witness, Stored, dict[str, int]]:
    """Return what was written down, what is stored and what is left, all of one quiet moment."""
    engine = open_engine(stage.database.url())
    try:
        for _ in range(READINGS):
            witness = await heard_out(stage)
            objects = len(witness.objects())
            with snapshot(engine) as connection:
                stored = await asyncio.to_thread(read, connection, stage.run.levels)
                left = await asyncio.to_thread(unsettled, connection, objects)
            if await recalled(stage) == witness:
                break
    finally:
        engine.dispose()
    return witness, stored, left


async def judge(stage: Stage, storm: Storm, looks: Looks, times: tuple[float, float]) -> Result:
    """Ask the oracle."""
    witness, stored, left = await compared(stage)
    metrics = {replica.name: await exposition(replica.url) for replica in stage.replicas}
    findings = [f"{number} {what} are left" for what, number in left.items() if number]
    findings += looks.findings
    findings += whole.check(witness, stored)
    findings += counted.check(witness, stored)
    findings += objects_.check(witness, stored)
    findings += judged.check(stored)
    findings += judged.fresh(stored)
    findings += conserved.check(witness, stored, metrics)
    findings += told.check(witness, stored)
    findings += retrained.check(witness, stored)
    for replica in stage.replicas:
        findings += await agree.check(replica.name, replica.url, stored)
    if findings and stage.run.spoilt is None:
        (stage.folder / KEEP).touch()
    return Result(
        day=datetime.now(UTC).date().isoformat(),
        seed=stage.run.seed,
        version=running(),
        database="SQLite" if stage.run.sqlite else "PostgreSQL",
        seconds=round(times[0], 1),
        kills=dict(storm.kills),
        faults=dict(storm.others),
        strikes=dict(sum((link.struck for link in stage.links), Counter())),
        starts=starts(stage),
        **traffic(witness),
        objects=sum(row["state"] == "counted" for row in stored.objects.values()),
        quarantined=sum(row["state"] == "quarantined" for row in stored.objects.values()),
        windows=len(stored.windows),
        revisions=sum(len(window.revisions) for window in stored.windows),
        events=len(stored.events),
        deliveries=sum(d["state"] == "delivered" for d in stored.deliveries),
        heard=sum(sum(digests.values()) for digests in witness.heard.values()),
        retrainings=len(stored.retrainings),
        settled_in=round(times[1], 1),
        looks=looks.taken,
        complaints=dict(complaints(replica.log for replica in stage.replicas)),
        findings=findings,
        floors=stage.run.floors,
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


def running() -> str:
    """Return the version, and the commit where there is a checkout."""
    asked = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return f"{version('leeway')} {commit.stdout.strip()}".strip()
