"""What is asked of the store about history that is old."""

from collections.abc import Mapping
from typing import Protocol

from app.domain.model import Model
from app.domain.retention import Due, Rung


class Ageing(Protocol):
    """What retention is about to do; nothing is changed."""

    async def due(self, model: Model) -> Mapping[Rung, Due]:
        """What each rung has to do of a model now, and when it has more."""
