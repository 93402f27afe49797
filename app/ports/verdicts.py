"""What is asked of the store about verdicts that were given."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.verdicts.judgement import WindowKey
from app.domain.verdicts.selection import Selection
from app.domain.verdicts.verdict import Evidence, GivenVerdict


class Verdicts(Protocol):
    """Verdicts by their ids, with what they were made from."""

    async def id_of(self, window: WindowKey, revision: int, monitor: str) -> int | None:
        """The id of what a monitor said of a revision; None where it said nothing."""

    async def get(self, verdict: int) -> GivenVerdict | None: ...
    async def evidence(self, verdict: int) -> Evidence | None:
        """What it was made from, as far as it is still stored."""

    async def count(self, chosen: Selection) -> int:
        """How many verdicts are chosen."""

    async def ids(self, chosen: Selection, after: int, limit: int) -> Sequence[int]:
        """The chosen ones, by id, those after ``after``."""
