"""Heartbeats: what sources said they have sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from app.domain.model import WHOLE
from app.domain.sources.heartbeat import Heartbeat
from app.domain.verdicts.judgement import WindowKey
from app.store import tables as t
from app.store.transactions.removal import delete_some
from app.store.transactions.session import Session

B, W = t.heartbeat.c, t.window.c


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """One row per source and span; the last word counts."""

    session: Session

    async def put(self, model_id: int, heartbeat: Heartbeat) -> None:
        """Write it down; another word on a span that begins at the same time takes its place."""
        values: dict[str, Any] = {
            "end_at": heartbeat.end,
            "rows": heartbeat.rows,
            "said_at": self.session.now,
        }
        await self.session.connection.execute(
            self.session.insert(t.heartbeat)
            .values(
                model_id=model_id,
                version=heartbeat.version,
                source=heartbeat.source,
                start_at=heartbeat.start,
                **values,
            )
            .on_conflict_do_update(
                index_elements=[B.model_id, B.version, B.start_at, B.source], set_=values
            )
        )

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
