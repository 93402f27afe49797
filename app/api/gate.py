"""Who may do heavy work now, such as turning bytes into columns: by weight, models in turn."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.domain.errors import Unavailable
from app.sources.formats import Format

PATIENCE = 5.0
SWELL = {"json": 12, "ndjson": 12, "csv": 4}
"""Times that a body grows when it becomes columns, as measured with short rows."""
SWELL_OF_OTHERS = 4


def weight(form: Format, size: int) -> int:
    """Return about how many bytes the columns of a body of ``size`` plain bytes take."""
    return size * SWELL.get(form.name, SWELL_OF_OTHERS)


@dataclass(slots=True)
class _Waiting:
    weight: int
    turn: "asyncio.Future[None]"


class Gate:
    """Admits work while it fits beside what is under way; other work waits, whose by turns.

    Who sends much waits for itself, and not before others. What is heavier than the whole limit
    is admitted alone.
    """

    def __init__(
        self,
        limit: int,
        patience: float = PATIENCE,
        refusal: str = "too many bodies wait to be read",
        retry_after: float = 1.0,
    ) -> None:
        self._limit = limit
        self._patience = patience
        self._refusal = refusal
        self._retry_after = retry_after
        self._taken = 0
        self._waiting: OrderedDict[str, deque[_Waiting]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def admitted(self, whose: str, weight: int) -> AsyncIterator[None]:
        """Wait for a turn, and hold ``weight`` until the context is left.

        Raises
        ------
        Unavailable
            There was no turn in time.
        """
        held = min(weight, self._limit)
        await self._turn(whose, held)
        try:
            yield
        finally:
            self._taken -= held
            self._admit()

    async def _turn(self, whose: str, held: int) -> None:
        if not self._waiting and self._fits(held):
            self._taken += held
            return
        mine = _Waiting(held, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(whose, deque()).append(mine)
        try:
            async with asyncio.timeout(self._patience):
                await mine.turn
        except BaseException as error:
            self._give_up(whose, mine)
            if isinstance(error, TimeoutError):
                raise Unavailable(
                    self._refusal, code="overloaded", retry_after=self._retry_after
                ) from None
            raise

    def _give_up(self, whose: str, mine: _Waiting) -> None:
        if mine.turn.done() and not mine.turn.cancelled():
            self._taken -= mine.weight  # admitted in the very moment
        else:
            self._waiting[whose].remove(mine)
            if not self._waiting[whose]:
                del self._waiting[whose]
        self._admit()

    def _fits(self, held: int) -> bool:
        return self._taken + held <= self._limit

    def _admit(self) -> None:
        """Let in whoever is next, as long as there is room for them."""
        while self._waiting:
            whose, queue = next(iter(self._waiting.items()))
            if not self._fits(queue[0].weight):
                return
            first = queue.popleft()
            self._taken += first.weight
            first.turn.set_result(None)
            del self._waiting[whose]
            if queue:
                self._waiting[whose] = queue  # behind the others
