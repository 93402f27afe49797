"""What retention is about to do, told without doing it: the conditions are those of its work.

What windows by rows hold back is not due: nobody knows when it will be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from app.domain.model import Model
from app.domain.monitors.monitor import BASE_FRAME
from app.domain.retention import Due, Grain, Retention, Rung, Stage, cutoffs, until
from app.domain.window import floor
from app.store import tables as t
from app.store.counts import unmerged
from app.store.transactions.session import Session

W, D, S = t.window.c, t.delta.c, t.series.c
DONE: Mapping[Rung, Stage] = {
    Rung.HOURS: Stage.COARSE,
    Rung.DISTRIBUTIONS: Stage.BARE,
}
"""The stage of windows for which a rung has nothing left to do."""
GRAINS: Mapping[Rung, tuple[Grain, ...]] = {
    Rung.DAYS: (Grain.HOUR,),
    Rung.COUNTS: (Grain.HOUR, Grain.DAY),
}
"""Sums that a rung takes; hours that are old enough to go become days on their way."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """Looks at the age of a model's history."""

    session: Session

    async def due(self, model: Model) -> Mapping[Rung, Due]:
        """What each rung has to do now, and when it has more."""
        retention = model.settings.retention or Retention()
        moments = cutoffs(retention, model.settings.final_after, self.session.now)
        return {
            rung: await (self._sums if rung in GRAINS else self._windows)(
                model.id, rung, until(rung, moments)
            )
            for rung in Rung
        }

    async def _windows(self, model_id: int, rung: Rung, moment: datetime) -> Due:
        # of two times the later counts: old rows that were brought lately are not old history
        age = case((W.closed_at > W.end_at, W.closed_at), else_=W.end_at)
        pending = exists().where(t.restatement.c.window_id == W.id)
        left = [W.model_id == model_id, W.closed_at.is_not(None)]
        if rung in DONE:
            left.append(W.stage < DONE[rung])
        # a sealed one goes on whatever was declared since
        old = or_(and_(W.stage == Stage.LIVE, age <= moment, ~pending), _sealed(rung, age, moment))
        query = select(func.count(), func.min(W.start_at), func.max(W.end_at)).where(*left, old)
        if await unmerged.has_borders(self.session, model_id):
            waits = and_(W.frame == BASE_FRAME, W.stage < Stage.COARSE)
            query = query.where(~and_(waits, unmerged.window_is_cut(self.session)))
        things, start, end = (await self.session.connection.execute(query)).one()
        later = select(func.min(age)).where(*left, age > moment)
        following = (await self.session.connection.execute(later)).scalar_one()
        at = None if following is None else following + (self.session.now - moment)
        return Due(moment, things, start, end, at)

    async def _sums(self, model_id: int, rung: Rung, moment: datetime) -> Due:
        left = [S.model_id == model_id, D.minutes.in_([int(one) for one in GRAINS[rung]])]
        day = floor(moment, Grain.DAY.width) if rung is Rung.DAYS else moment
        old = and_(D.pane < day, D.kept_from <= moment)
        query = select(func.count(), func.min(D.pane), func.max(D.pane), func.max(D.minutes))
        joined = query.join_from(t.delta, t.series, S.id == D.series_id)
        joined = joined.where(*left, old)
        if rung is Rung.DAYS and await unmerged.has_borders(self.session, model_id):
            joined = joined.where(~unmerged.day_is_cut(self.session))
        found = (await self.session.connection.execute(joined)).one()
        things, start, last, minutes = found
        end = None if last is None else last + Grain(minutes).width
        following = select(func.min(D.pane), func.min(D.kept_from)).join_from(
            t.delta, t.series, S.id == D.series_id
        )
        pane, kept = (await self.session.connection.execute(following.where(*left, ~old))).one()
        if pane is None:
            return Due(moment, things, start, end, None)
        whole = floor(pane, Grain.DAY.width) + Grain.DAY.width
        return Due(moment, things, start, end, max(whole, kept) + (self.session.now - moment))


def _sealed(rung: Rung, age: ColumnElement[datetime], moment: datetime) -> ColumnElement[bool]:
    further = W.stage > Stage.LIVE
    return further if rung is Rung.HOURS else and_(further, age <= moment)
