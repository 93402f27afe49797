"""What routes reach the service through: built by the composition root, kept on ``app.state``."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Protocol

from fastapi import Depends, Request
from starlette.types import Scope

from app.api.gate import Gate
from app.domain.alerts.delivery import Target
from app.domain.batch import Counted, Repeated
from app.domain.errors import LeewayError, Unavailable
from app.domain.rejection import Sender
from app.domain.telling.reports import Rendered
from app.metrics import Requests
from app.ports import Store
from app.ports.sources import SourceKinds
from app.ports.targets import Asker
from app.sources.formats import Format, Limits
from app.steps.ingest import Begun, Posted

OBJECTS = frozenset({"json", "ndjson"})
"""Formats of which each value costs an object."""
DRY_RUNS = 2
"""At a time: each reads months of windows, and judges as fast as one core does."""
BYTES_OF_A_VALUE = 4
"""The least that a value of text takes, with its separator, in rows worth sending."""


class Intake(Protocol):
    """Takes decoded batches."""

    def begin(self, posted: Posted) -> Begun | None: ...
    async def ingest(self, posted: Posted, begun: Begun | None = None) -> Counted | Repeated: ...
    async def refuse(self, error: LeewayError, sender: Sender, rows: int) -> None: ...


class TargetKinds(Protocol):
    """Knows the kinds of targets and what their options may say."""

    async def check(self, name: str, kind: str, options: Mapping[str, object]) -> Target:
        """Return the target that is declared.

        Raises
        ------
        Invalid
            The kind is unknown, an option is wrong, or its address is forbidden.
        """


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How many bytes a request may have, as sent and decompressed."""

    rows: int = 32_000_000
    columnar: int = 64_000_000
    rows_inflated: int = 64_000_000
    columnar_inflated: int = 256_000_000
    baseline: int = 256_000_000
    baseline_columnar: int = 1_000_000_000
    baseline_inflated: int = 1_000_000_000
    baseline_json: int = 64_000_000
    declaration: int = 1_000_000

    @property
    def in_memory(self) -> int:
        """The most that a body may have which is not spooled to disk."""
        return max(self.rows, self.columnar, self.baseline)

    def for_batch(self, form: Format) -> Limits:
        """Return what a batch of this format may hold."""
        if form.columnar:
            return replace(form.limits, body=self.columnar, decoded=self.columnar_inflated)
        return replace(form.limits, body=self.rows, decoded=self.rows_inflated)

    def for_baseline(self, form: Format) -> Limits:
        """Return what a reference of this format may hold; JSON costs an object for each value."""
        if form.name in OBJECTS:
            size = min(self.baseline, self.baseline_json)
            return replace(form.limits, body=size, decoded=size, values=size // BYTES_OF_A_VALUE)
        values = self.baseline_inflated // BYTES_OF_A_VALUE
        decoded = self.baseline_inflated
        size = self.baseline_columnar if form.columnar else self.baseline
        return replace(form.limits, body=size, decoded=decoded, values=values)


class Budget:
    """Bytes of bodies that lie in memory now; what would pass the limit is refused, not hoarded."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0

    def take(self, amount: int) -> bool:
        """Whether ``amount`` more fits; it is held then."""
        if self._held + amount > self._limit:
            return False
        self._held += amount
        return True

    def give(self, amount: int) -> None:
        self._held -= amount

    @contextmanager
    def holding(self, amount: int) -> Iterator[None]:
        """Hold ``amount`` for a while.

        Raises
        ------
        Unavailable
            It does not fit.
        """
        if not self.take(amount):
            raise Unavailable("too many bodies are on their way", code="overloaded")
        try:
            yield
        finally:
            self.give(amount)


@dataclass(frozen=True, slots=True)
class Api:
    """Everything that a route may use."""

    store: Store
    intake: Intake
    targets: TargetKinds
    asker: Asker
    """Asks receivers how they are."""
    sources: SourceKinds
    pool: Executor
    """Runs what would hold up the event loop: inflating, decoding, digesting."""
    metrics: Callable[[str], Awaitable[Rendered]]
    """Renders all series for an ``Accept`` header."""
    requests: Requests
    """Counts what was answered, and how long it took."""
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    """Answers each readiness check by name."""
    draining: Callable[[], bool]
    refused: Counter[tuple[str, int]]
    """Requests that were answered with an error, by template of the route and status."""
    limits: BodyLimits
    budget: Budget
    room: Budget
    """Bytes on disk for uploads that need not fit into memory."""
    uploads: Path | None
    """Where these lie; None: where the system keeps temporary files."""
    gate: Gate
    """Admits what is decoded, by the memory it takes."""
    keys: tuple[bytes, ...]
    """SHA-256 digests of the API keys; none means that the service is open."""
    hosts: frozenset[str] | None
    """Names by which an open service may be called; None means any."""
    event_source: str
    code_version: str
    dry_runs: Gate = field(
        default_factory=lambda: Gate(
            DRY_RUNS, refusal="other dry runs are under way", retry_after=5.0
        )
    )
    """Admits dry runs, a few at a time."""


def of(scope: Scope) -> Api:
    """Return the state of the application that serves ``scope``."""
    found: Api = scope["app"].state.api
    return found


async def of_request(request: Request) -> Api:
    # a coroutine, although it waits for nothing: FastAPI runs plain functions in a thread
    return of(request.scope)


ApiDep = Annotated[Api, Depends(of_request)]
