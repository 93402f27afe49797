"""A service that marks a webhook as delivered before it sends it."""

from datetime import datetime, timedelta

import app.main
from app.domain.alerts.delivery import Attempt, Claimed, after
from app.steps.deliver import Delivered, Deliverer
from tests.e2e.nursery import serve_children

NO_TIME = timedelta(0)
NO_CONTENT = 204


class Boastful(Deliverer):
    async def _deliver(self, claimed: Claimed, now: datetime) -> Delivered:
        claim = Attempt(now, NO_CONTENT, None, NO_TIME)
        outcome = after(claim, claimed.tries + 1, self.jitter())
        async with self.store.write() as unit:
            await unit.outbox.record(claimed.id, claim, outcome)
        await self.sender.send(claimed, now)
        return Delivered(claimed, claim, outcome)


if __name__ == "__main__":
    app.main.Deliverer = Boastful  # type: ignore[attr-defined]
    serve_children()
