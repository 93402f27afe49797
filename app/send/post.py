"""One batch to the service: tried until it is acknowledged, refused, or patience ends."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import httpx

from app.domain.model import HOLDS_TIMES, Role
from app.domain.sources.sequence import Numbered
from app.send.order import AWAY, INTERRUPTED, Order, Stop
from app.send.part import Part

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 20.0
BUSY = frozenset({408, 429, 500, 502, 503, 504})
OF_THE_BATCH = frozenset({400, 413, 422})
MOST_FAULTS = 5
PROBLEM = "application/problem+json"
WAY_OUT = "declare it first"
"""Older services do not say it."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The service's receipt, as far as sending goes."""

    part: Part
    counted: int
    duplicate: int
    late: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The service will not count this batch, however often it is sent."""

    part: Part
    detail: str
    places: tuple[str, ...]
    number: Numbered | None = None
    """Under which its rows are missed until they come."""


Outcome: TypeAlias = Acknowledged | Rejected
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Declared:
    """The model that rows are sent to, as the service has it."""

    created: str
    """When it was declared: another one under the same name knows nothing of this one's rows."""
    times: tuple[str, ...] = ()
    """Columns that hold times, where none is the event time."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Declared":
        features = (answer.get("schema") or {}).get("features", ())
        if any(one["role"] == Role.TIMESTAMP for one in features):
            return cls(answer["created_at"])
        named = (one["name"] for one in features if one["why"].endswith(HOLDS_TIMES))
        return cls(answer["created_at"], tuple(named))


class _Unsettled(Exception):
    """Not now; says why, and how long to wait at least."""

    def __init__(self, said: str, wait: float = 0.0) -> None:
        super().__init__(said)
        self.wait = wait


class Poster:
    """Posts batches of one order; used from several threads."""

    def __init__(self, http: httpx.Client, order: Order, draw: random.Random) -> None:
        self._http = http
        self._order = order
        self._stopping = threading.Event()
        self._draw = draw
        self.retries = 0

    def stop(self) -> None:
        """Let batches that wait for a service that is away wait no longer."""
        self._stopping.set()

    def post(self, part: Part, key: str, number: Numbered | None = None) -> Outcome:
        """Send a batch until it is settled.

        Raises
        ------
        Stop
            The service refuses all of it (no such model, no right), is away for longer than the
            order's patience, or sending is being stopped.
        """
        return self._settled(partial(self._try, part, key, number))

    def declared(self) -> Declared:
        """Ask for the model, as patiently.

        Raises
        ------
        Stop
            There is none, or as for a batch.
        """
        return self._settled(self._ask)

    def _settled(self, attempt: Callable[[], T]) -> T:
        begun = time.monotonic()
        pause = FIRST_PAUSE
        while True:
            try:
                return attempt()
            except _Unsettled as unsettled:
                said, wait = str(unsettled), unsettled.wait
            if time.monotonic() - begun > self._order.patience:
                raise Stop(f"gave up after {self._order.patience:.0f} s: {said}", AWAY)
            self.retries += 1
            if self._stopping.wait(max(wait, pause * self._draw.uniform(0.5, 1.5))):
                raise Stop("stopped", INTERRUPTED)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _try(self, part: Part, key: str, number: Numbered | None) -> Outcome:
        query = {} if self._order.version is None else {"version": self._order.version}
        headers = {
            "Content-Type": part.media_type,
            "Idempotency-Key": key,
            "Leeway-Source": self._order.source,
        }
        if number is not None:
            headers["Leeway-Sequence"] = str(number)
        path = f"/v1/models/{quote(self._order.model, safe='')}/batches"
        try:
            answer = self._http.post(path, params=query, content=part.body, headers=headers)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        outcome = self._read(part, answer)
        return replace(outcome, number=number) if isinstance(outcome, Rejected) else outcome

    def _ask(self) -> Declared:
        try:
            answer = self._http.get(f"/v1/models/{quote(self._order.model, safe='')}")
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        if answer.status_code == 200:
            return Declared.of(answer.json())
        said = f"{answer.status_code} {_problem(answer).get('detail', '')}".strip()
        if answer.status_code in BUSY:
            raise _Unsettled(said, _retry_after(answer))
        raise self._refused(answer, said)

    def _refused(self, answer: httpx.Response, said: str) -> Stop:
        model = quote(self._order.model, safe="")
        named = answer.status_code != 404 or WAY_OUT in said
        way_out = "" if named else f"; {WAY_OUT}: PUT /v1/models/{model}"
        return Stop(f"the service refuses: {said}{way_out}")

    def _unreachable(self, error: httpx.TransportError) -> _Unsettled:
        return _Unsettled(f"{self._order.to} cannot be reached ({type(error).__name__})")

    def _read(self, part: Part, answer: httpx.Response) -> Outcome:
        if answer.status_code == 200:
            return _acknowledged(part, answer)
        problem = _problem(answer)
        kind = str(problem.get("type", "")).rpartition(":")[2]
        said = f"{answer.status_code} {problem.get('detail', '')}".strip()
        if answer.status_code in BUSY or (answer.status_code == 409 and kind == "in-flight"):
            raise _Unsettled(said, _retry_after(answer))
        if answer.status_code in OF_THE_BATCH and kind != "key-reused":
            return Rejected(part, said, _places(part, problem))
        raise self._refused(answer, said)


def _acknowledged(part: Part, answer: httpx.Response) -> Acknowledged:
    receipt = answer.json()
    return Acknowledged(
        part,
        receipt["counted"],
        receipt["duplicate"],
        receipt["late"],
        "idempotent-replayed" in answer.headers,
    )


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    if not answer.headers.get("content-type", "").startswith(PROBLEM):
        return {}
    found = answer.json()
    return found if isinstance(found, dict) else {}


def _places(part: Part, problem: Mapping[str, Any]) -> tuple[str, ...]:
    """Say which rows and columns of the file are at fault."""
    faults = list(problem.get("errors", []))
    said = []
    for fault in faults[:MOST_FAULTS]:
        where = [] if fault.get("row") is None else [part.place(fault["row"])]
        where += [] if fault.get("field") is None else [f"column {fault['field']!r}"]
        said.append(": ".join(filter(None, (", ".join(where), fault.get("detail", "")))))
    more = len(faults) + int(problem.get("errors_left_out", 0)) - MOST_FAULTS
    return (*said, f"and {more} more") if more > 0 else tuple(said)


def _retry_after(answer: httpx.Response) -> float:
    try:
        return min(LONGEST_PAUSE, max(0.0, float(answer.headers.get("retry-after", "0"))))
    except ValueError:
        return 0.0
