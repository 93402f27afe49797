"""Receivers as handlers: a request in, a reply out, over real HTTP; and events to send them."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from app.domain.alerts.delivery import Attempt, Claimed, Target
from app.domain.alerts.event import FIRING, RESOLVED, TEST, Event, make_event
from app.domain.alerts.signature import write_secret
from app.egress import Allow, guarded_client, parse_allow
from app.targets import TARGETS, Reach, RegistrySender, Secrets
from tests.receivers import Request, Script

AT = datetime(2026, 3, 9, 4, 5, 6, tzinfo=UTC)
LOOPBACK = parse_allow("127.0.0.1")
RUN = "rtr_5f1c2a"
SECRETS = {
    "HOOK": write_secret(b"h" * 32),
    "KEY": "canary0123456789canary0123456789",
    "PASSWORD": "canary-pässword",
    "BAD": "canary\nnewline",
    "EMPTY": "",
}


@dataclass(frozen=True)
class Asked:
    """A request, read."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer: a document, or bytes as they are."""

    status: int
    document: object = b""
    headers: tuple[str, ...] = ()

    @property
    def body(self) -> bytes:
        if isinstance(self.document, bytes):
            return self.document
        return json.dumps(self.document).encode()


Handler = Callable[[Asked], Reply]


@dataclass
class Spoken:
    """Plays a handler, and keeps what it was asked."""

    handler: Handler
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        asked = read(request)
        self.asked.append(asked)
        reply = self.handler(asked)
        lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(reply.body)}"]
        writer.write("\r\n".join([*lines, *reply.headers, "", ""]).encode() + reply.body)


def read(request: Request) -> Asked:
    method, where, _ = request.line.split(" ")
    parts = urlsplit(where)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Asked(method, unquote(parts.path), query, request.headers, request.body)


def always(status: int, document: object = b"", *headers: str) -> Script:
    return Spoken(lambda _: Reply(status, document, headers))


def event(kind: str, data: dict[str, Any], number: int = 1, subject: str = "flights") -> Event:
    return make_event(
        f"evt_{number}",
        kind,
        source="/leeway",
        subject=subject,
        time=AT,
        ordering="alert/1",
        data=data,
    )


def alert(state: str = "firing", severity: str = "P2", **more: Any) -> Event:
    data = {
        "model": "flights",
        "version": "v1",
        "segment": "",
        "monitor": "default",
        "severity": severity,
        "state": state,
        "reason": "evidence",
        "since": "2026-03-02T00:00:00Z",
        "window": {
            "start": "2026-03-02T00:00:00Z",
            "end": "2026-03-09T00:00:00Z",
            "revision": 1,
            "rows": 5400,
        },
        "baseline": {"id": 1, "fingerprint": "abc"},
        "verdict": {"state": "drift", "reason": None, "id": 17},
        "features": [feature("Température", 1.22), feature("wind", 0.25)],
        "features_left_out": 3,
        "links": {"page": "/models/flights", "api": "/v1/alerts?model=flights"},
        "group": {"reason": "began", "firing": 1, "changed": 1, "recovered": 0},
        "members": [member()],
        "members_left_out": 0,
    }
    return event(FIRING if state == "firing" else RESOLVED, data | more)


def feature(name: str, effect: float) -> dict[str, Any]:
    found = {"value": effect + 0.03, "effect": effect, "threshold": 0.2, "p_value": 1e-41}
    return {
        "feature": name,
        "summary": f"{name} drifted: PSI {effect} (0.2 or more is drift)",
        "state": "drift",
        "rules": ["psi"],
        "p_adjusted": 1e-40,
        "statistics": {"psi": found},
    }


def ungrouped(event: Event) -> Event:
    """Return an event as it was made before there were groups."""
    document = json.loads(event.body)
    for name in ("group", "members", "members_left_out"):
        del document["data"][name]
    return replace(event, body=json.dumps(document).encode())


def member(segment: str = "", *, changed: bool = True) -> dict[str, Any]:
    return {
        "alert": 3,
        "segment": segment,
        "state": "firing",
        "changed": changed,
        "since": "2026-03-02T00:00:00Z",
        "window": "2026-03-02T00:00:00Z",
        "features": ["Température", "wind"],
        "features_left_out": 3,
        "links": {"page": "/models/flights", "api": "/v1/alerts?model=flights"},
    }


def retraining(**more: Any) -> Event:
    data = {
        "id": RUN,
        "model": "flights",
        "version": "v1",
        "cause": "drift",
        "reason": "drift in Température",
        "requested_at": "2026-03-09T04:05:06Z",
        "deadline_at": "2026-03-09T10:05:06Z",
        "alert": {"id": 7, "monitor": "default", "severity": "P2"},
        "features": ["Température", "wind"],
        "episode": "7/2026-03-02T00:00:00Z",
        "baseline": {"id": 1, "fingerprint": "abc"},
        "window": {"start": "2026-03-02T00:00:00Z", "end": "2026-03-09T00:00:00Z"},
    }
    return event("io.leeway.retraining.requested.v1", data | more)


def trial() -> Event:
    return event(TEST, {"target": "t", "message": "This is a test."})


async def attempt(
    kind: str,
    options: dict[str, object],
    happened: Event,
    *,
    now: datetime = AT,
    allow: Allow = LOOPBACK,
    deadline: float = 5,
    tokens: dict[tuple[str, str], str] | None = None,
) -> Attempt:
    target = Target("t", kind, options)
    claimed = Claimed(1, happened.id, happened.type, happened.body, target, 0)

    async def send(sender: RegistrySender) -> Attempt:
        return await sender.send(claimed, now)

    return await with_sender(send, allow=allow, deadline=deadline, tokens=tokens)


async def with_sender(
    work: Callable[[RegistrySender], Any],
    *,
    allow: Allow = LOOPBACK,
    deadline: float = 5,
    tokens: dict[tuple[str, str], str] | None = None,
) -> Any:
    """Do something with a sender that may reach loopback."""
    kept = {} if tokens is None else tokens
    async with guarded_client(allow, user_agent="leeway/9.9", deadline=deadline) as client:
        return await work(RegistrySender(TARGETS, Reach(client, Secrets(SECRETS), kept)))
