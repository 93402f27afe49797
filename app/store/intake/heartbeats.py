"""Heartbeats: what sources said they have sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, select

from app.domain.model import WHOLE
from app.domain.sources.heartbeat import Heartbeat, overlap
from app.domain.verdicts.judgement import WindowKey
from app.store import tables as t
from app.store.transactions.removal import delete_some
from app.store.transactions.session import Session

B, W = t.heartbeat.c, t.window.c


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """One row per source and span; spans of one source never overlap, so they add up."""

    session: Session

    async def put(self, model_id: int, heartbeat: Heartbeat) -> None:
        """Write it down in the place of those that lie within its span.

        Raises
        ------
        Conflict
            Its source spoke of a span that overlaps it and reaches beyond it.
        """
        # one at a time for each model, and never in the way of batches, which refer to it
        alone = select(t.model.c.id).where(t.model.c.id == model_id).with_for_update(key_share=True)
        await self.session.connection.execute(alone)
        mine = (
            (B.model_id == model_id)
            & (B.version == heartbeat.version)
            & (B.source == heartbeat.source)
            & (B.start_at < heartbeat.end)
            & (B.end_at > heartbeat.start)
        )
        said = (
            await self.session.connection.execute(select(B.start_at, B.end_at).where(mine))
        ).all()
        for row in said:
            if row.start_at < heartbeat.start or row.end_at > heartbeat.end:
                raise overlap(heartbeat, row.start_at, row.end_at)
        if said:
            await self.session.connection.execute(delete(t.heartbeat).where(mine))
        values: dict[str, Any] = {
            "model_id": model_id,
            "version": heartbeat.version,
            "source": heartbeat.source,
            "start_at": heartbeat.start,
            "end_at": heartbeat.end,
            "rows": heartbeat.rows,
            "said_at": self.session.now,
        }
        await self.session.connection.execute(self.session.insert(t.heartbeat).values(values))

    async def expected(self, key: WindowKey, end: datetime) -> int | None:
        """Rows that sources said happened in a window; None where none spoke."""
        query = select(func.sum(B.rows)).where(
            B.model_id == key.model_id,
            B.version == key.version,
            B.start_at >= key.start,
            B.start_at < end,
        )
        found = (await self.session.connection.execute(query)).scalar_one()
        return None if found is None or key.segment != WHOLE else int(found)

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` of those that were said longer ago."""
        return await delete_some(
            self.session, t.heartbeat, B.said_at < self.session.now - kept_for, limit
        )


def expected_of_window() -> ScalarSelect[int]:
    """Return the rows that were said to belong to the window of the query around it."""
    inside: ColumnElement[bool] = (B.start_at >= W.start_at) & (B.start_at < W.end_at)
    same = (B.model_id == W.model_id) & (B.version == W.version) & (W.segment == WHOLE)
    return select(func.sum(B.rows)).where(same, inside).correlate(t.window).scalar_subquery()
