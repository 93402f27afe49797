"""What the steps ask of receivers beside taking an event."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.alerts.delivery import Target, Topic
from app.domain.retrainings.run import RunState, Trouble


class Asker(Protocol):
    """Asks receivers. Never raises for what the network or the receiver does."""

    def takes(self, target: Target, topic: Topic) -> bool:
        """Whether events on a topic may go there."""

    async def poll(self, target: Target, run: str) -> RunState:
        """How a run stands that a delivery started; ``run`` is the receiver's own name of it.

        Unknown, with a detail, where the receiver does not answer or its kind cannot be asked.
        """

    async def check(self, target: Target) -> Sequence[Trouble]:
        """What will keep the target's events from having an effect, as far as can be seen."""
