"""Batches in: counted off the event loop, committed in groups, answered when durable."""

import asyncio
import uuid
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from app.domain.batch import (
    Counted,
    CountedBatch,
    Envelope,
    Gone,
    InFlight,
    Outcome,
    Recount,
    Repeated,
    Reused,
    Table,
)
from app.domain.content import content_key
from app.domain.counts.together import Uncounted, tally_together
from app.domain.errors import Conflict, KeyReused, LeewayError, NotFound, Unavailable, no_model
from app.domain.model import DEFAULT_VERSION, Role, Schema, Standing
from app.domain.rejection import Sender
from app.domain.rows.profile import tally, time_column
from app.domain.sources.sequence import Numbered
from app.ports import Store
from app.steps.lanes import lane_for_values
from app.steps.pulse import Pulse
from app.steps.refuse import Refusals

GROUP_BATCHES = 256
GROUP_BYTES = 8_000_000
GROUP_VALUES = 50_000
"""Values that are counted together while nothing else happens: a few milliseconds."""
OF_A_VALUE = 64
"""Bytes."""
TWIN_PATIENCE = 5.0
TWIN_PAUSE = 0.05
RECOUNTS = 5
INLINE_VALUES = 8_000
"""Up to so many values, counting is over before a thread would have begun."""
TINY_VALUES = 4_000
"""Up to so many values, what counting costs besides them is most of it, and can be shared; what is
larger is counted while the group before it is being written."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A decoded batch and what its request said about it."""

    model: str
    table: Table
    key: str | None
    version: str | None
    source: str
    digest: bytes
    """SHA-256 over decompressed body, media type and query."""
    sequence: Numbered | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    batch: CountedBatch | Uncounted
    answer: "asyncio.Future[Outcome]"
    size: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch that waits to be written, and what will become of it."""

    batch: CountedBatch | Uncounted
    answer: "asyncio.Future[Outcome]"


@dataclass(frozen=True, slots=True)
class _Written:
    """The same, counted."""

    batch: CountedBatch
    answer: "asyncio.Future[Outcome]"


class Group:
    """Takes all that waits, commits it in one transaction, answers, and takes what came meanwhile.

    There is no timer: the time of one commit is what fills the next group.
    """

    def __init__(self, store: Store, queue_limit: int) -> None:
        self._store = store
        self._queue: deque[_Waiting] = deque()
        self._bytes = 0
        self._limit = queue_limit
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(self, batch: CountedBatch | Uncounted) -> "asyncio.Future[Outcome]":
        """Return what will tell what became of the batch, once it is durable.

        What is not counted yet is counted together with its group; what cannot be counted is told
        so, and so is everybody when the database is away.

        Raises
        ------
        Unavailable
            The queue is full.
        """
        size = _size(batch)
        if self._bytes and self._bytes + size > self._limit:
            raise Unavailable("too many batches wait to be written", code="overloaded")
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(batch, answer, size))
        self._bytes += size
        self._idle.clear()
        self._wake.set()
        return answer

    async def run(self) -> None:
        """Write groups until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                group = self._take()
                try:
                    await self._write(_counted(group))
                finally:
                    self._bytes -= sum(waiting.size for waiting in group)
            self._idle.set()

    async def drained(self) -> None:
        """Return when nothing waits any more."""
        await self._idle.wait()

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = values = 0
        while self._queue and len(group) < GROUP_BATCHES and size < GROUP_BYTES:
            waiting = self._queue[0]
            if isinstance(waiting.batch, Uncounted):
                values += waiting.batch.values
                if group and values > GROUP_VALUES:
                    break
            self._queue.popleft()
            if waiting.answer.done():
                self._bytes -= waiting.size
            else:
                group.append(waiting)
                size += waiting.size
        return group

    async def _write(self, group: Sequence[_Written]) -> None:
        """Commit a group; a failing one is retried by halves: one cannot harm the others."""
        if not group:
            return
        try:
            outcomes = await self._store.commit([waiting.batch for waiting in group])
        except (Unavailable, asyncio.CancelledError) as error:
            _answer_all(group, error)
            if isinstance(error, asyncio.CancelledError):
                raise
        except Exception as error:  # noqa: BLE001  the cause may be any one member
            if len(group) == 1:
                _answer_all(group, error)
                return
            middle = len(group) // 2
            await self._write(group[:middle])
            await self._write(group[middle:])
        else:
            for waiting, outcome in zip(group, outcomes, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(outcome)


def _counted(group: Sequence[_Waiting]) -> list[_Written]:
    """Count what is not counted yet; what cannot be is answered, and leaves the group."""
    small = [waiting.batch for waiting in group if isinstance(waiting.batch, Uncounted)]
    found = iter(_tallied(small))
    counted = []
    for waiting in group:
        batch = next(found) if isinstance(waiting.batch, Uncounted) else waiting.batch
        if not isinstance(batch, Exception):
            counted.append(_Written(batch, waiting.answer))
        elif not waiting.answer.done():
            waiting.answer.set_exception(batch)
    return counted


def _tallied(batches: Sequence[Uncounted]) -> Sequence[CountedBatch | Exception]:
    """Count batches together; where that fails by a fault of ours, it is one batch's own."""
    try:
        return tally_together(batches)
    except Exception as error:  # noqa: BLE001  the cause may be any one of them
        if len(batches) == 1:
            return [error]
        return [found for batch in batches for found in _tallied([batch])]


def _answer_all(group: Sequence[_Written], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        error = Unavailable("the service is stopping", code="draining")
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)


def _size(batch: CountedBatch | Uncounted) -> int:
    if isinstance(batch, Uncounted):
        return OF_A_VALUE * batch.values + 1_000
    held = batch.identified.weight if batch.identified else 0
    return sum(pane.cells.nbytes + pane.counts.nbytes for pane in batch.panes) + held + 1_000


class Intake:
    """The use case: a decoded batch becomes counts and a receipt."""

    def __init__(self, store: Store, group: Group, pool: Executor) -> None:
        self._store = store
        self._group = group
        self._pool = pool
        self._pulse = Pulse(store)
        self._refusals = Refusals(store)

    def begin(self, posted: Posted) -> Begun | None:
        """Let a small batch wait to be written, where nothing has to be waited for before that.

        None, and nothing is begun, where `ingest` has to look at it. It has to in the end, too,
        where what becomes of the batch is not that it is counted.
        """
        standing = self._store.ground_at_hand(posted.model)
        if standing is None:
            return None
        try:
            batch = _prepared(posted, standing)
            if batch.values > TINY_VALUES:
                return None
            begun = Begun(batch, self._group.submit(batch))
        except LeewayError:
            return None
        self._pulse.watch(begun.answer)
        return begun

    async def ingest(self, posted: Posted, begun: Begun | None = None) -> Counted | Repeated:
        """Count and commit a batch, which may have been begun.

        Raises
        ------
        NotFound, Conflict, KeyReused
            Nothing of the batch was counted.
        Unavailable
            It is not known to be durable; sent again with its key it counts once.
        """
        sender = Sender(posted.model, posted.version, posted.source, posted.key)
        try:
            return await self._pulse.keep(self._ingest(posted, begun))
        except LeewayError as error:
            await self.refuse(error, sender, posted.table.rows)
            raise

    async def _ingest(self, posted: Posted, begun: Begun | None) -> Counted | Repeated:
        for tries in range(RECOUNTS):
            batch = begun.batch if begun else await self._prepare(posted, fresh=tries > 0)
            outcome = await self._settle(batch, begun.answer if begun else None)
            begun = None
            # a model that was deleted and declared anew may be remembered as it was
            if not isinstance(outcome, Recount | Gone) or (tries and isinstance(outcome, Gone)):
                return _resolved(outcome, posted.model)
        raise Unavailable("the model's baseline is changing; try again", code="grid-changing")

    async def _prepare(self, posted: Posted, *, fresh: bool) -> CountedBatch | Uncounted:
        """Return a batch counted, or ready to be: tiny ones are counted with their group."""
        asking = self._store.ground(posted.model, fresh=fresh)
        standing = await (self._pulse.apart(asking) if fresh else asking)
        if standing is None:
            raise no_model(posted.model)
        batch = _prepared(posted, standing)
        if batch.values <= TINY_VALUES:
            return batch
        work = (batch.table, batch.schema, batch.grids, batch.envelope, batch.settings)
        if batch.values <= INLINE_VALUES:
            return tally(*work)
        lane = lane_for_values(self._pool, batch.values)
        return await asyncio.get_running_loop().run_in_executor(lane, tally, *work)

    async def refuse(self, error: LeewayError, sender: Sender, rows: int) -> None:
        """Keep what is to be found of a batch that was refused with ``error``."""
        await self._pulse.keep(self._pulse.apart(self._refusals.record(error, sender, rows)))

    async def _settle(
        self, batch: CountedBatch | Uncounted, answer: "asyncio.Future[Outcome] | None"
    ) -> Outcome:
        """Submit, and wait for a twin that is being committed elsewhere."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + TWIN_PATIENCE
        while True:
            outcome = await (answer or self._group.submit(batch))
            if not isinstance(outcome, InFlight) or loop.time() >= patience:
                return outcome
            answer = None
            await asyncio.sleep(TWIN_PAUSE)


def _prepared(posted: Posted, standing: Standing) -> Uncounted:
    """Return a batch with all that it is counted by."""
    ground = standing.ground
    model, grids = ground.model, ground.active
    if grids is None or model.schema is None:
        raise Conflict(
            f"model {posted.model!r} has no baseline yet: POST one to "
            f"/v1/models/{posted.model}/baselines first",
            code="no-baseline",
        )
    key, deduplicated = identify(posted, model.schema)
    envelope = Envelope(
        model_id=model.id,
        key=key,
        fingerprint=posted.digest[:16],
        version=posted.version or ground.champion or DEFAULT_VERSION,
        source=posted.source,
        deduplicated=deduplicated,
        received_at=standing.now,
        declared_at=ground.declared_at,
        row_key=ground.row_key,
        sequence=posted.sequence,
    )
    return Uncounted(posted.table, model.schema, grids, envelope, model.settings)


def identify(posted: Posted, schema: Schema) -> tuple[str, bool]:
    """Return the key of a batch, and whether a re-send of it would be recognised.

    Without a key of the client's the content serves, but only where rows say which they are:
    two equal batches without ids or times may well be two batches.
    """
    if posted.key is not None:
        return posted.key, True
    telling = (schema.of_role(Role.ID), time_column(posted.table, schema))
    if any(column and column.name in posted.table.columns for column in telling):
        return content_key(posted.digest), True
    return f"auto:{uuid.uuid4()}", False


def _resolved(outcome: Outcome, model: str) -> Counted | Repeated:
    match outcome:
        case Counted() | Repeated():
            return outcome
        case Reused():
            raise KeyReused("this Idempotency-Key was used before with another body")
        case Gone():
            raise NotFound(f"model {model!r} was deleted while the batch was on its way")
        case _:
            raise Conflict(
                "a request with this Idempotency-Key is still being written; try again",
                code="in-flight",
                retry_after=1.0,
            )
