"""One try of any delivery, whatever its kind; network faults become attempts, not exceptions."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from app.domain.delivery import Attempt, Claimed
from app.domain.errors import Invalid
from app.egress import Refused
from app.targets._kind import Answer, AnyKind, Outgoing, Reach
from app.targets._secrets import SecretUnavailable


@dataclass(frozen=True, slots=True)
class RegistrySender:
    """Sends by the kind of the target."""

    kinds: Mapping[str, AnyKind]
    reach: Reach

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        """Make one try; see `app.ports.Sender`. Errors hold no secret, no URL and no content."""
        begun = time.perf_counter()
        answer, error = await self._answer(claimed, now)
        took = timedelta(seconds=time.perf_counter() - begun)
        if answer is None:
            return Attempt(now, None, error, took)
        return Attempt(now, answer.status, answer.error, took, answer.retry_after)

    async def _answer(self, claimed: Claimed, now: datetime) -> tuple[Answer | None, str | None]:
        kind = self.kinds.get(claimed.target.kind)
        if kind is None:
            return None, f"there is no target kind {claimed.target.kind!r}"
        outgoing = Outgoing(claimed.event_id, claimed.event_type, claimed.body, now)
        try:
            options = kind.parse(claimed.target.options)
            return await kind.send(options, outgoing, self.reach), None
        except (httpx.TransportError, Refused, SecretUnavailable) as error:
            return None, str(error)
        except Invalid as error:
            where = ", ".join(fault.pointer for fault in error.faults)
            return None, f"the stored options of the target are not valid any more: {where}"
