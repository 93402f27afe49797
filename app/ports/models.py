"""Models, their versions, grid sets and baselines, as the steps ask for them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.model import (
    Baseline,
    BaselineHead,
    Ground,
    Model,
    Schema,
    Settings,
    StoredGridSet,
    Version,
    VersionRole,
)
from app.domain.segments.segment import Plan
from drift_core import GridSet


class Models(Protocol):
    """Models, their versions, grid sets and baselines. Deleted models are not found."""

    async def find(self, name: str) -> Model | None: ...
    async def by_id(self, model_id: int) -> Model | None: ...
    async def ground(self, name: str) -> Ground | None:
        """A model with its active grid set and champion; every batch asks for it."""

    async def page(self, after: str | None, limit: int) -> Sequence[Model]:
        """Models by name, those after ``after``."""

    async def declare(
        self, name: str, settings: Settings, schema: Schema | None
    ) -> tuple[Model, bool]:
        """Create or update; True where it was created. ``schema`` None keeps the present one."""

    async def hold(self, model_id: int) -> None:
        """Keep intake, closing and other changes of a model waiting until this transaction ends.

        Comes first in a transaction that decides by what these may change.
        """

    async def set_schema(self, model_id: int, schema: Schema) -> None: ...
    async def hide(self, model_id: int) -> None:
        """Free the name at once; ``purge`` removes the rest in steps."""

    async def purge(self) -> bool:
        """Remove one bounded portion of a hidden model; False where nothing is left to remove."""

    async def versions(self, model_id: int) -> Sequence[Version]: ...
    async def champion(self, model_id: int) -> Version | None: ...
    async def ensure_version(self, model_id: int, name: str) -> Version:
        """Return it; create it where unknown: a model's first is champion, others shadow."""

    async def put_version(
        self, model_id: int, name: str, role: VersionRole, lineage: Mapping[str, object]
    ) -> tuple[Version, bool]:
        """Set role and lineage; a new champion turns the old one into a challenger."""

    async def active_grid_set(self, model_id: int) -> StoredGridSet | None: ...
    async def grid_set(self, model_id: int, number: int) -> StoredGridSet: ...
    async def add_grid_set(
        self, model_id: int, grids: GridSet, segments: Plan | None = None
    ) -> StoredGridSet: ...
    async def baseline(self, model_id: int, number: int) -> Baseline | None: ...
    async def baselines(self, model_id: int) -> Sequence[Baseline]:
        """Newest first."""

    async def baseline_heads(self, model_id: int) -> Sequence[BaselineHead]:
        """The same without their counts."""

    async def baseline_by_fingerprint(self, model_id: int, fingerprint: str) -> Baseline | None: ...
    async def add_baseline(self, model_id: int, baseline: Baseline) -> Baseline:
        """Store it under the next number of the model (``baseline.number`` is not read)."""

    async def activate(self, model_id: int, number: int) -> None:
        """Make it the active baseline, and its grid set active for rows committed from now on."""
