"""Alerts, deliveries and arrivals as people who run the service look for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select

from app.domain.alerts.alert import AlertState
from app.domain.monitors.monitor import RETRAINING_MONITOR, TRAFFIC_MONITOR, Severity, severity_of
from app.domain.telling.operations import (
    AlertChoice,
    Beat,
    DeliveryChoice,
    Episode,
    episode_of,
)
from app.domain.telling.overview import Firing
from app.domain.telling.reports import AlertStep, AlertSummary, DeliverySummary
from app.store import tables as t
from app.store.transactions.session import Session
from app.store.views import told_views as told

A, S, D, B = t.alert.c, t.alert_step.c, t.delivery.c, t.heartbeat.c
URGENCY = (AlertState.FIRING, AlertState.PENDING, AlertState.RESOLVED)


@dataclass(frozen=True)
class OperationViews:
    """Queries of the pages on alerts, deliveries and ingest."""

    session: Session

    async def chosen_alerts(
        self, chosen: AlertChoice, skip: int, limit: int
    ) -> Sequence[AlertSummary]:
        """What fires first, then what gathers evidence, what is over, what never fired."""
        rank = {state.value: at for at, state in enumerate(URGENCY)}
        urgent = case(rank, value=A.state, else_=len(rank))
        query = (
            told.alerts_select()
            .where(*_chosen(chosen))
            .order_by(urgent, A.changed_at.desc(), A.id.desc())
            .offset(skip)
            .limit(limit)
        )
        return [told.alert_in(row) for row in await self.session.connection.execute(query)]

    async def episodes(self, alerts: Sequence[AlertSummary]) -> Mapping[int, Episode]:
        """When those of some alerts that are resolved fired last, by their ids."""
        over = {one.id: one for one in alerts if one.state == AlertState.RESOLVED}
        if not over:
            return {}
        rows = await self.session.connection.execute(_ends().where(A.id.in_(over)))
        return {row.id: episode_of(over[row.id], row.before, row.resolved) for row in rows}

    async def firing(self) -> Sequence[Firing]:
        """Every monitor whose alerts fire, the gravest first; of the whole before a segment."""
        rows = await self.session.connection.execute(told.firing_select())
        found = [told.firing_in(row) for row in rows]
        return sorted(found, key=lambda one: (one.severity.value, one.model, one.monitor))

    async def alert_steps(
        self, alert_id: int, before: datetime | None, limit: int
    ) -> Sequence[AlertStep]:
        """Newest first, those of windows that start before ``before``."""
        c = t.alert_step.c
        query = select(t.alert_step).where(c.alert_id == alert_id)
        if before is not None:
            query = query.where(c.window_start < before)
        query = query.order_by(c.window_start.desc()).limit(limit)
        return [told.step_in(row) for row in await self.session.connection.execute(query)]

    async def chosen_deliveries(
        self, chosen: DeliveryChoice, before: int | None, limit: int
    ) -> Sequence[DeliverySummary]:
        """Newest first, those with ids below ``before``."""
        query = told.deliveries_select().order_by(D.id.desc()).limit(limit)
        asked = (
            (D.target, chosen.target),
            (D.state, chosen.state),
            (t.event.c.subject, chosen.about),
            (D.event_id, chosen.event),
        )
        for column, value in asked:
            if value is not None:
                query = query.where(column == value)
        if before is not None:
            query = query.where(D.id < before)
        return [told.delivery_in(row) for row in await self.session.connection.execute(query)]

    async def delivery_states(self) -> Mapping[str, int]:
        """How many deliveries there are, by state."""
        query = select(D.state, func.count().label("held")).group_by(D.state)
        return {row.state: row.held for row in await self.session.connection.execute(query)}

    async def event_body(self, event_id: str) -> bytes | None:
        """What every attempt sends, to the byte, the token of a run in it."""
        query = select(t.event.c.body).where(t.event.c.id == event_id)
        found = (await self.session.connection.execute(query)).scalar_one_or_none()
        return None if found is None else bytes(found)

    async def beats(self, model_id: int, limit: int) -> Sequence[Beat]:
        """What sources said that they sent, what was said last first."""
        query = (
            select(t.heartbeat)
            .where(B.model_id == model_id)
            .order_by(B.said_at.desc(), B.start_at.desc(), B.source)
            .limit(limit)
        )
        return [
            Beat(row.version, row.source, row.start_at, row.end_at, row.rows, row.said_at)
            for row in await self.session.connection.execute(query)
        ]


def _ends() -> Select[Any]:
    """Return since when alerts fired before their present state, and when they were resolved."""
    earlier = t.alert_step.alias("earlier").c
    last = (
        select(func.max(earlier.window_start))
        .where(earlier.alert_id == A.id, earlier.window_start < A.since)
        .correlate(t.alert)
        .scalar_subquery()
    )
    before = select(S.since).where(
        S.alert_id == A.id, S.window_start == last, S.state == AlertState.FIRING.value
    )
    resolved = select(func.min(S.window_start)).where(
        S.alert_id == A.id,
        S.window_start >= A.since,
        S.state == AlertState.RESOLVED.value,
    )
    return select(
        A.id,
        before.correlate(t.alert).scalar_subquery().label("before"),
        resolved.correlate(t.alert).scalar_subquery().label("resolved"),
    )


def _chosen(chosen: AlertChoice) -> list[ColumnElement[bool]]:
    asked: tuple[tuple[Any, str | None], ...] = (
        (t.model.c.name, chosen.model),
        (A.state, chosen.state),
        (A.monitor, chosen.monitor),
        (A.version, chosen.version),
    )
    found = [column == value for column, value in asked if value is not None]
    return found if chosen.severity is None else [*found, _as_grave(chosen.severity)]


def _as_grave(severity: Severity) -> ColumnElement[bool]:
    """Whether an alert is of this severity: its monitor's, or the one that its model gives it."""
    own, said = t.monitor.c.declaration["severity"].as_string(), t.model.c.severities
    usual = {name: severity_of(name) for name in ("", TRAFFIC_MONITOR, RETRAINING_MONITOR)}
    built_in = [
        (A.monitor == name) & (func.coalesce(said[name].as_string(), other.value) == severity.value)
        for name, other in usual.items()
        if name
    ]
    others = A.monitor.not_in([name for name in usual if name]) & literal(usual[""] is severity)
    return or_(own == severity.value, own.is_(None) & or_(*built_in, others))
