"""What a kind of target declares, and what it is given to make one try; no kind lives here."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import httpx

from app.domain.delivery import EVERY_TOPIC, Topic
from app.domain.errors import Fault, Invalid
from app.domain.run import RunState, Trouble
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


@dataclass(frozen=True, slots=True)
class Reach:
    """What a kind may use of the world: the guarded client, and secrets by reference."""

    client: httpx.AsyncClient
    secrets: Secrets


@dataclass(frozen=True, slots=True)
class Kind(Generic[O]):
    """A kind of target.

    ``options`` is a frozen dataclass of texts, whose fields carry in their metadata a
    ``description``, ``examples``, and the ``format`` ``uri`` where they are URLs. ``parse`` reads
    them from what a user declared and raises `Invalid` with pointers. ``send`` makes one try; it
    may raise `httpx.TransportError`, `Refused` and `SecretUnavailable`, which its caller records.
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


def read_texts(options: Mapping[str, object], declared: type[Any]) -> dict[str, str | None]:
    """Return the options as texts, those of the dataclass ``declared`` and no others.

    An option may be absent or null where the dataclass has a default. Raises `Invalid`, with a
    fault for each option that is unknown, missing or no text.
    """
    known = {f.name: f.default is dataclasses.MISSING for f in dataclasses.fields(declared)}
    strange = [name.replace("~", "~0").replace("/", "~1") for name in options if name not in known]
    faults = [Fault("there is no such option", f"/{name}") for name in strange]
    read: dict[str, str | None] = {}
    for name, required in known.items():
        value = options.get(name)
        if isinstance(value, str) and value:
            read[name] = value
        elif value is not None:
            faults.append(Fault("this must be a text that is not empty", f"/{name}"))
        elif required:
            faults.append(Fault("this option is required", f"/{name}"))
        else:
            read[name] = None
    raise_faults(faults)
    return read


def raise_faults(faults: list[Fault]) -> None:
    """Raise `Invalid` with all faults, if there are any."""
    if faults:
        raise Invalid("the options of the target are wrong", tuple(faults))
