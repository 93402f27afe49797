"""The service with one fault built in: it answers before the commit. The rig must see it."""

import asyncio

import app.main
from app.domain.batch import Counted, CountedBatch, Outcome, Receipt
from app.domain.counts.together import Uncounted, tally_together
from app.domain.errors import Invalid
from app.steps.ingest import Group
from tests.e2e.nursery import serve_children

MOMENT = 0.02
"""Longer than nothing, so that a kill strikes it however fast the machine writes."""


class Hasty(Group):
    """Says "counted" as soon as a batch waits, and writes it a moment later."""

    def submit(self, batch: CountedBatch | Uncounted) -> "asyncio.Future[Outcome]":
        if isinstance(batch, Uncounted):
            (found,) = tally_together([batch])
            if isinstance(found, Invalid):
                raise found
            batch = found
        task = asyncio.ensure_future(self._later(batch))
        self.tasks = [*(t for t in getattr(self, "tasks", []) if not t.done()), task]
        envelope = batch.envelope
        receipt = Receipt(
            key=envelope.key,
            version=envelope.version,
            source=envelope.source,
            received=batch.rows,
            counted=batch.rows,
            late=0,
            findings=batch.findings,
            deduplicated=True,
            first_event=batch.first_event,
            last_event=batch.last_event,
            received_at=envelope.received_at,
        )
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        answer.set_result(Counted(receipt))
        return answer

    async def _later(self, batch: CountedBatch) -> Outcome:
        await asyncio.sleep(MOMENT)
        return await super().submit(batch)


if __name__ == "__main__":
    app.main.Group = Hasty  # type: ignore[misc]
    serve_children()
