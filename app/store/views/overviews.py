"""Many windows at once, each in little: what overviews show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from app.domain.telling.overview import Beside, Cell, Judged, ModelLine
from app.domain.verdicts.judgement import WindowKey
from app.store import tables as t
from app.store.transactions.session import Session
from app.store.views.standings import standings, strips
from app.store.windows import remembered
from app.store.windows.drifted import drifted

W, R, J = t.window.c, t.revision.c, t.judgement.c


@dataclass(frozen=True)
class Overviews:
    """Bounded queries over many models, or over many windows of one."""

    session: Session

    async def fleet(self) -> Sequence[ModelLine]:
        """Every model by name, with the worst that is said of its last judged windows."""
        return await standings(self.session)

    async def standing(self, model_id: int) -> ModelLine | None:
        """The same of one model."""
        return next(iter(await standings(self.session, model_id)), None)

    async def strips(self, lines: Sequence[ModelLine], last: int) -> Mapping[int, Sequence[Judged]]:
        """The last windows of the monitor that each line shows, oldest first, by id of the model.

        Of each window that which the worst of the model's monitors says.
        """
        return await strips(self.session, lines, last)

    async def drifted(self, verdicts: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Features that drifted by each verdict, those that moved by most first."""
        return await drifted(self.session, verdicts)

    async def cells(
        self, verdicts: Sequence[int], features: Sequence[str], statistic: str | None
    ) -> Mapping[int, Mapping[str, Cell | None]]:
        """What verdicts say of features; without a statistic, the largest effect of all."""
        return await remembered.cells(self.session, verdicts, features, statistic)

    async def beside(
        self, window: WindowKey, versions: Sequence[str], segments: Sequence[str]
    ) -> Sequence[Beside]:
        """What is said of the same time and frame, by all monitors, in these series."""
        query = (
            select(W.version, W.segment, J.monitor, J.comparison, R.rows)
            .add_columns(J.state, J.warning, J.reason, J.id.label("verdict"))
            .select_from(t.window)
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .join(t.judgement, J.revision_id == R.id)
            .where(W.model_id == window.model_id, W.version.in_(versions))
            .where(W.segment.in_(segments), W.frame == window.frame, W.start_at == window.start)
            .order_by(W.version, W.segment, J.monitor, J.comparison)
        )
        rows = (await self.session.connection.execute(query)).all()
        return [Beside(*row) for row in rows]
