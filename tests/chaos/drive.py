"""One run from beginning to end: prepare, storm, calm, settle, judge."""

import asyncio
import time
from collections.abc import Callable

from tests.chaos.faults import Storm
from tests.chaos.generator import Generator
from tests.chaos.load import PATIENCE, Settings
from tests.chaos.looks import Looks
from tests.chaos.prepare import prepare, ready
from tests.chaos.result import Result
from tests.chaos.rig import Run, Stage, raised
from tests.chaos.verdict import judge, recalled, settle

SAY_EVERY = 5.0
Say = Callable[[str], None]


async def drive(run: Run, say: Say = lambda _: None) -> Result:
    """Make one run; what it found is in the result."""
    async with raised(run) as stage:
        await ready(stage)
        shape = await prepare(stage)
        urls = tuple(link.url for link in stage.fronts)
        objects = stage.objects.endpoint if stage.objects else None
        settings = Settings(shape, urls, str(stage.sent), objects, run.workers, run.rate)
        generator, storm, looks = Generator(settings, stage.folder), Storm(stage), Looks(stage)
        begun = time.monotonic()
        await generator.start()
        beside = [
            asyncio.create_task(looks.run(), name="looks"),
            asyncio.create_task(_tell(say, generator, storm), name="progress"),
        ]
        try:
            await _through(generator, storm)
            took = time.monotonic() - begun
            say("faults are over, everything was sent; waiting until all is judged and told")
            put = len((await recalled(stage)).objects())
            settled = await settle(stage, put, say)
            for task in beside:
                _stop(task)
            return await judge(stage, storm, looks, (took, settled))
        finally:
            for task in beside:
                task.cancel()
            await generator.close()


async def _through(generator: Generator, storm: Storm) -> None:
    """Let faults strike while the client sends, then let it finish in peace."""
    listening = asyncio.create_task(generator.listen())
    try:
        await storm.blow(lambda: generator.acknowledged)
        calm(storm.stage)
        await ready(storm.stage)
        await generator.tell("stop")
        async with asyncio.timeout(PATIENCE + 30):
            status = await listening
    finally:
        listening.cancel()
    assert status == 0, generator.log.read_text()[-3000:]


def _stop(task: "asyncio.Task[None]") -> None:
    """End a task that goes on for ever; what ended it before its time is raised."""
    if task.done():
        task.result()
    task.cancel()


async def _tell(say: Say, generator: Generator, storm: Storm) -> None:
    while True:
        await asyncio.sleep(SAY_EVERY)
        say(
            f"{generator.acknowledged} acknowledged, {generator.retries} retries, "
            f"kills {dict(storm.kills)}, {dict(storm.others)}"
        )


def calm(stage: Stage) -> None:
    """Take back whatever a fault left behind."""
    stage.database.disk.free()
    if stage.clock is not None:
        stage.clock.set(0.0)
