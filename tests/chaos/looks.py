"""Looks at the database in the middle of the storm: nobody may ever see a part of a batch."""

import asyncio
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from tests.chaos import journal
from tests.chaos.oracle import whole
from tests.chaos.oracle.settling import open_engine, snapshot
from tests.chaos.oracle.stored import read_counts
from tests.chaos.oracle.witness import recall
from tests.chaos.rig import Stage


@dataclass
class Looks:
    """Takes snapshots until cancelled; a database that is away is looked at the next time."""

    stage: Stage
    taken: int = 0
    findings: list[str] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self.stage.run.look_every)
            try:
                self.findings += await asyncio.to_thread(self._look)
            except SQLAlchemyError:
                continue
            self.taken += 1

    def _look(self) -> list[str]:
        engine = open_engine(self.stage.database.url())
        try:
            with snapshot(engine) as connection:
                stored = read_counts(connection, self.stage.run.levels)
        finally:
            engine.dispose()
        # read later than the database, it knows every batch that may be there
        return list(whole.check(recall(journal.read(self.stage.sent), ()), stored))
