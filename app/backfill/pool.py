"""Objects are counted in processes; one that dies takes no object with it but its own."""

import asyncio
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Self

from app.backfill.order import Stop
from app.backfill.worker import Answer, Refused, Task, begin, count_object
from app.domain.batch import CountedBatch
from app.domain.model import Ground
from app.domain.sources.source import Claim, Trouble
from app.egress import Allow
from app.ports import Store

DEADLY = "the process that counted it was ended, twice; it may take more memory than there is"


@dataclass(slots=True)
class Pool:
    """Counts for a taker. Processes hold nothing that is not their parent's, too."""

    store: Store
    holder: str
    workers: int
    allow: Allow
    proxy: str
    stop: Stop | None = None
    """Why nothing can be counted any more."""
    _processes: ProcessPoolExecutor | None = None
    _lifeline: Connection | None = None
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _packed: tuple[Ground, bytes] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End the processes at once, whatever they are doing."""
        if self._lifeline is not None:
            self._lifeline.close()
        if self._processes is not None:
            self._processes.shutdown(wait=True, cancel_futures=True)
        self._lifeline = self._processes = None

    async def count(self, claim: Claim) -> CountedBatch | None:
        """Return the counts of an object; None where nothing can be counted now.

        Raises
        ------
        Trouble
            It cannot be read, its rows cannot be counted, or it ends whatever counts it.
        """
        task = await self._task(claim)
        if task is None:
            return None
        try:
            found = await self._run(task)
        except BrokenProcessPool:
            # any of those under way may have done it, so that each is tried again by itself
            found = await self._singly(task)
        if isinstance(found, Refused):
            raise found.trouble()
        return found

    async def _run(self, task: Task) -> Answer:
        processes = self._processes or self._begun()
        try:
            return await asyncio.get_running_loop().run_in_executor(processes, count_object, task)
        except BrokenProcessPool:
            if self._processes is processes:
                self.end()
            raise

    async def _singly(self, task: Task) -> Answer:
        async with self._alone, Pool(self.store, self.holder, 1, self.allow, self.proxy) as single:
            try:
                return await single._run(task)
            except BrokenProcessPool:
                raise Trouble("no-answer", DEADLY) from None

    async def _task(self, claim: Claim) -> Task | None:
        standing = await self.store.ground(claim.source.model)
        if standing is None or standing.ground.active is None:
            self.stop = Stop(f"model {claim.source.model!r} was deleted meanwhile")
            return None
        ground = standing.ground
        if self._packed is None or self._packed[0] is not ground:
            self._packed = ground, pickle.dumps(ground)
        packed = self._packed[1]
        return Task(claim.source, claim.listed, packed, standing.now, self.allow, self.proxy)

    def _begun(self) -> ProcessPoolExecutor:
        # a fork of a process with threads may never wake up
        context = multiprocessing.get_context("spawn")
        reader, self._lifeline = context.Pipe(duplex=False)
        self._processes = ProcessPoolExecutor(self.workers, context, begin, (reader,))
        return self._processes
