"""One try of any delivery, whatever its kind; network faults become attempts, not exceptions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from app.domain.alerts.delivery import Attempt, Claimed, Target, Topic
from app.domain.alerts.event import FIRING, RESOLVED, RETRAINING, TEST
from app.domain.errors import Invalid
from app.domain.retrainings.run import Phase, RunState, Trouble
from app.egress import Refused
from app.targets._kind import Answer, AnyKind, Declined, Outgoing, Reach
from app.targets._options import secrets_of
from app.targets._secrets import SecretUnavailable

T = TypeVar("T")

PATIENCE = 45.0
"""Seconds for all requests of one try together: shorter than the lease of a delivery."""
TOPICS = {FIRING: Topic.ALERTS, RESOLVED: Topic.ALERTS, RETRAINING: Topic.RETRAININGS}
"""Of events that not every target takes."""
PASSED = 200
"""The status of a test that was made by asking: every question was answered so."""


@dataclass(frozen=True, slots=True)
class RegistrySender:
    """Sends and asks by the kind of the target; see `app.ports.Sender`, `app.ports.targets.Asker`.

    What it says of faults holds no secret, no URL and no content of an answer.
    """

    kinds: Mapping[str, AnyKind]
    reach: Reach
    patience: float = PATIENCE

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        """Make one try. A test of what would start a run only asks."""
        begun = time.perf_counter()
        said = await self._reached(
            claimed.target, lambda kind, its: self._send(kind, its, claimed, now)
        )
        took = timedelta(seconds=time.perf_counter() - begun)
        if isinstance(said, Trouble):
            return Attempt(now, None, said.message, took)
        return Attempt(now, said.status, said.error, took, said.retry_after, said.run, said.final)

    def takes(self, target: Target, topic: Topic) -> bool:
        """Whether events on a topic may go there."""
        return topic in target.takes

    async def poll(self, target: Target, run: str) -> RunState:
        """Return how a run stands; unknown, with a detail, where nobody says."""

        async def ask(kind: AnyKind, options: Any) -> RunState:  # noqa: ANN401  the kind's own
            if kind.poll is None:
                return RunState(Phase.UNKNOWN, f"targets of kind {kind.name!r} cannot be asked")
            return await kind.poll(options, run, self.reach)

        said = await self._reached(target, ask)
        return RunState(Phase.UNKNOWN, said.message) if isinstance(said, Trouble) else said

    async def check(self, target: Target) -> Sequence[Trouble]:
        """Return what will keep events from having an effect.

        Where the receiver cannot be asked, that is no more than secrets that are not there.
        """
        said = await self._reached(target, self._check)
        return [said] if isinstance(said, Trouble) else said

    async def _check(self, kind: AnyKind, options: Any) -> Sequence[Trouble]:  # noqa: ANN401
        missing: list[Trouble] = []
        for name, reference in secrets_of(options):
            try:
                await self.reach.secrets.read(reference)
            except SecretUnavailable as error:
                missing.append(Trouble("no-secret", str(error), f"/{name}"))
        if missing or kind.check is None:
            return missing
        return await kind.check(options, self.reach)

    async def _send(self, kind: AnyKind, options: Any, claimed: Claimed, now: datetime) -> Answer:  # noqa: ANN401
        if claimed.event_type == TEST and kind.check and Topic.ALERTS not in kind.takes:
            return _of_check(await self._check(kind, options))
        topic = TOPICS.get(claimed.event_type)
        if topic is not None and topic not in claimed.target.takes:
            # it was declared anew since: what began a training may be a chat by now, or the reverse
            return Answer(None, f"the target takes no {topic.value} any more", final=True)
        outgoing = Outgoing(claimed.event_id, claimed.event_type, claimed.body, now)
        try:
            return await kind.send(options, outgoing, self.reach)
        except Declined as error:
            return error.answer

    async def _reached(
        self, target: Target, work: Callable[[AnyKind, Any], Awaitable[T]]
    ) -> T | Trouble:
        """Return what came of it, or what kept us from asking."""
        kind = self.kinds.get(target.kind)
        if kind is None:
            return Trouble("no-such-kind", f"there is no target kind {target.kind!r}", "/kind")
        try:
            async with asyncio.timeout(self.patience):
                return await work(kind, kind.parse(target.options))
        except TimeoutError:
            return Trouble("unreachable", f"no complete answer within {self.patience:g} s", "")
        except Declined as error:
            return error.trouble
        except (httpx.TransportError, Refused, SecretUnavailable) as error:
            return _hindered(error)
        except Invalid as error:
            where = ", ".join(fault.pointer for fault in error.faults)
            said = f"the stored options of the target are not valid any more: {where}"
            return Trouble("invalid", said, where)


def _hindered(error: httpx.TransportError | Refused | SecretUnavailable) -> Trouble:
    code = "unreachable"
    if isinstance(error, Refused):
        code = "address-refused"
    elif isinstance(error, SecretUnavailable):
        code = "no-secret"
    return Trouble(code, str(error), "")


def _of_check(troubles: Sequence[Trouble]) -> Answer:
    """Return the answer of a test that asked; asking again would find the same."""
    if not troubles:
        return Answer(PASSED, None)
    return Answer(None, "; ".join(trouble.message for trouble in troubles), final=True)
