"""What runs in a process of the pool: one object is read, and comes back as counts.

Nothing here knows the database. What a process is given and gives back can be pickled, so that
another machine could do the same.
"""

import asyncio
import os
import pickle
import signal
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import TypeAlias

from app.domain.batch import CountedBatch
from app.domain.counts.objects import counting_of, counts_of
from app.domain.errors import Fault
from app.domain.model import Ground
from app.domain.sources.source import Listed, Source, Trouble
from app.egress import Allow
from app.settings import environment
from app.sources.objects import Buckets, Kinds, Opener


@dataclass(frozen=True, slots=True)
class Task:
    """One object, and what its rows are counted on."""

    source: Source
    listed: Listed
    ground: bytes
    """Pickled once for all objects; read once in each process."""
    now: datetime
    allow: Allow
    proxy: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A `Trouble` on its way between processes."""

    code: str
    detail: str
    passing: bool
    faults: tuple[Fault, ...]
    rows: int

    def trouble(self) -> Trouble:
        return Trouble(
            self.code, self.detail, passing=self.passing, faults=self.faults, rows=self.rows
        )


Answer: TypeAlias = CountedBatch | Refused


def begin(lifeline: Connection) -> None:
    """Prepare a process: Ctrl-C is the parent's to answer, and none outlives the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()


def count_object(task: Task) -> Answer:
    """Read an object and return its counts, or why it has none."""
    counting = counting_of(task.source, task.listed, _ground(task.ground), task.now)
    try:
        reading = asyncio.run(_buckets(task.allow, task.proxy).open(task.source, task.listed))
        return counts_of((piece.table for piece in reading.pieces(0)), counting)
    except Trouble as error:
        return Refused(error.code, error.detail, error.passing, error.faults, error.rows)


@lru_cache(maxsize=2)
def _ground(packed: bytes) -> Ground:
    found: Ground = pickle.loads(packed)  # noqa: S301  from our own parent
    return found


@lru_cache(maxsize=2)
def _buckets(allow: Allow, proxy: str) -> Buckets:
    return Buckets(Kinds(allow), Opener(environment(), proxy))


def _end_with_parent(lifeline: Connection) -> None:
    # nothing is ever sent: the pipe ends when the parent closes it, or dies
    try:
        lifeline.poll(None)
    finally:
        os._exit(0)
