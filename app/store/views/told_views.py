"""Alerts and deliveries as they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select

from app.domain.alerts.alert import AlertState
from app.domain.monitors.monitor import Severity, severity_of
from app.domain.telling.overview import Firing
from app.domain.telling.reports import AlertStep, AlertSummary, DeliverySummary, StoredAttempt
from app.store import tables as t
from app.store.declared import documents
from app.store.transactions.session import AnyRow, Session

A, D, M = t.alert.c, t.delivery.c, t.monitor.c


@dataclass(frozen=True)
class ToldViews:
    """Queries about what the world was told."""

    session: Session

    async def alerts(
        self,
        model_id: int | None,
        state: str | None,
        after: int,
        limit: int,
        *,
        version: str | None = None,
        monitor: str | None = None,
    ) -> Sequence[AlertSummary]:
        """By id, those after ``after``."""
        query = alerts_select().where(A.id > after).order_by(A.id).limit(limit)
        if version is not None:
            query = query.where(A.version == version)
        if monitor is not None:
            query = query.where(A.monitor == monitor)
        if model_id is not None:
            query = query.where(A.model_id == model_id)
        if state is not None:
            query = query.where(A.state == state)
        return [alert_in(row) for row in await self.session.connection.execute(query)]

    async def alert(self, alert_id: int) -> tuple[AlertSummary, Sequence[AlertStep]] | None:
        found = await self.session.connection.execute(alerts_select().where(A.id == alert_id))
        row = found.one_or_none()
        if row is None:
            return None
        c = t.alert_step.c
        query = select(t.alert_step).where(c.alert_id == alert_id).order_by(c.window_start)
        rows = await self.session.connection.execute(query)
        return alert_in(row), [step_in(step) for step in rows]

    async def deliveries(
        self, target: str | None, state: str | None, before: int | None, limit: int
    ) -> Sequence[DeliverySummary]:
        """Newest first, those with ids below ``before``."""
        query = deliveries_select().order_by(D.id.desc()).limit(limit)
        if before is not None:
            query = query.where(D.id < before)
        if target is not None:
            query = query.where(D.target == target)
        if state is not None:
            query = query.where(D.state == state)
        return [delivery_in(row) for row in await self.session.connection.execute(query)]

    async def delivery(
        self, delivery_id: int
    ) -> tuple[DeliverySummary, Sequence[StoredAttempt]] | None:
        found = await self.session.connection.execute(
            deliveries_select().where(D.id == delivery_id)
        )
        row = found.one_or_none()
        if row is None:
            return None
        c = t.attempt.c
        query = select(t.attempt).where(c.delivery_id == delivery_id).order_by(c.id)
        rows = await self.session.connection.execute(query)
        return delivery_in(row), [_attempt(tried) for tried in rows]


def alerts_select() -> Select[Any]:
    """Return alerts, with what was declared last of their monitors."""
    return (
        select(t.alert, t.model.c.name.label("model"), M.declaration, t.model.c.severities)
        .select_from(t.alert)
        .join(t.model, t.model.c.id == A.model_id)
        .outerjoin(t.monitor, _newest_of(t.alert))
        .where(t.model.c.hidden_at.is_(None))
    )


def firing_select() -> Select[Any]:
    """Return one row for each monitor of a model with alerts that fire, with its declaration."""
    fires = (
        select(A.model_id, A.monitor, func.min(A.segment).label("segment"))
        .add_columns(func.count().label("alerts"))
        .where(A.state == AlertState.FIRING.value)
        .group_by(A.model_id, A.monitor)
        .subquery("fires")
    )
    return (
        select(fires, t.model.c.name.label("model"), M.declaration, t.model.c.severities)
        .select_from(fires)
        .join(t.model, t.model.c.id == fires.c.model_id)
        .outerjoin(t.monitor, _newest_of(fires))
        .where(t.model.c.hidden_at.is_(None))
    )


def _newest_of(told: FromClause) -> ColumnElement[bool]:
    """Return what joins the newest version of the monitor that a row names."""
    every = t.monitor.alias("every").c
    newest = (
        select(func.max(every.version))
        .where(every.model_id == told.c.model_id, every.name == told.c.monitor)
        .correlate(told)
        .scalar_subquery()
    )
    return and_(M.model_id == told.c.model_id, M.name == told.c.monitor, M.version == newest)


def deliveries_select() -> Select[Any]:
    return select(t.delivery, t.event.c.type, t.event.c.subject).join(
        t.event, t.event.c.id == D.event_id
    )


def alert_in(row: AnyRow) -> AlertSummary:
    return AlertSummary(
        id=row.id,
        model=row.model,
        version=row.version,
        segment=row.segment,
        monitor=row.monitor,
        state=row.state,
        reason=row.reason,
        since=row.since,
        window=row.window_start,
        worst=tuple(row.worst),
        changed_at=row.changed_at,
        severity=_severity(row),
    )


def firing_in(row: AnyRow) -> Firing:
    return Firing(row.model, row.monitor, _severity(row), row.segment, int(row.alerts))


def _severity(row: AnyRow) -> Severity:
    own = row.declaration and row.declaration["severity"]
    said = documents.severities_of(row.severities)
    return severity_of(row.monitor, said, Severity(own) if own else None)


def step_in(row: AnyRow) -> AlertStep:
    return AlertStep(row.window_start, row.revision, row.state, row.reason, row.since)


def delivery_in(row: AnyRow) -> DeliverySummary:
    return DeliverySummary(
        id=row.id,
        event_id=row.event_id,
        event_type=row.type,
        subject=row.subject,
        target=row.target,
        state=row.state,
        tries=row.tries,
        due_at=row.due_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def _attempt(row: AnyRow) -> StoredAttempt:
    return StoredAttempt(row.at, row.status, row.error, row.took, row.retry_after, row.run)
