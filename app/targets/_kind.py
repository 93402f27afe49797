"""What a kind of target declares, and what it is given to make one try; no kind lives here."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import httpx

from app.domain.alerts.delivery import EVERY_TOPIC, Topic
from app.domain.retrainings.run import RunState, Trouble
from app.targets._secrets import Secrets

O = TypeVar("O")  # noqa: E741  the options of a kind


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way: the same id and bytes at every try, ``at`` is the time of this one."""

    id: str
    type: str
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said, as its kind understands it. ``error`` None: it took the event."""

    status: int | None
    error: str | None
    retry_after: timedelta | None = None
    run: str | None = None
    """The receiver's own name of the run that it started."""
    final: bool = False
    """Whether the same would come back at every other try."""


class Declined(Exception):
    """The receiver refused us before the question itself could be asked."""

    def __init__(self, trouble: Trouble, status: int, *, final: bool) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble
        self.answer = Answer(status, f"HTTP {status}: {trouble.message}", final=final)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a kind may use of the world: the guarded client, and secrets by reference."""

    client: httpx.AsyncClient
    secrets: Secrets
    tokens: MutableMapping[tuple[str, str], str] = field(default_factory=dict)
    """Tokens that receivers gave us for a while, by receiver and user."""
    public_url: str | None = None
    """Where people reach this service, if that is known."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[O]):
    """A kind of target.

    ``options`` is a frozen dataclass of texts (and templates), whose fields carry their JSON schema
    as metadata. ``parse`` reads them from what a user declared and raises `Invalid` with pointers;
    `app.targets._options` has both. ``send`` makes one try; it
    may raise `httpx.TransportError`, `Refused`, `SecretUnavailable` and `Declined`, which its
    caller records.
    Waiting, repeating and keeping are not its job. ``takes`` says which events may come.

    Orchestrators can be asked: ``poll`` says how the run of that name stands, ``check`` what will
    keep events from having an effect. Both may raise what ``send`` may. A kind that has a
    ``check`` and takes no alerts is tried by it, so that a test starts no run.
    """

    name: str
    summary: str
    options: type[O]
    parse: Callable[[Mapping[str, object]], O]
    send: Callable[[O, Outgoing, Reach], Awaitable[Answer]]
    takes: frozenset[Topic] = EVERY_TOPIC
    poll: Callable[[O, str, Reach], Awaitable[RunState]] | None = None
    check: Callable[[O, Reach], Awaitable[Sequence[Trouble]]] | None = None


AnyKind = Kind[Any]
