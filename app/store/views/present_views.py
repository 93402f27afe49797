"""What the service does at present, in few numbers; metrics are rendered from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, exists, func, select

from app.domain.alerts.alert import AlertState
from app.domain.alerts.delivery import DeliveryState
from app.domain.model import WHOLE, VersionRole
from app.domain.monitors.monitor import BASE_FRAME, Severity, severity_of
from app.domain.telling.reports import (
    AlertSummary,
    FeatureClass,
    GivenVerdict,
    MonitorInfo,
    OpenWindows,
    RetrainingNow,
    StoredEstimate,
    StoredVerdict,
    TargetInfo,
    VersionInfo,
)
from app.domain.verdicts.judgement import REFERENCE
from app.store import tables as t
from app.store.declared.documents import severities_of
from app.store.transactions.session import AnyRow, Session
from app.store.views import told_views as told
from app.store.windows import judged_rows

CHUNK = 500
M, V, W, J, D = t.model.c, t.version.c, t.window.c, t.judgement.c, t.delivery.c


@dataclass(frozen=True)
class PresentViews:
    """Queries over all models and targets."""

    session: Session

    async def versions(self) -> Sequence[VersionInfo]:
        """All versions with their roles, the retired ones too."""
        query = (
            select(M.name.label("model"), V.name.label("version"), V.role)
            .join(t.model, M.id == V.model_id)
            .where(M.hidden_at.is_(None))
            .order_by(M.name, V.name)
        )
        rows = await self.session.connection.execute(query)
        return [VersionInfo(row.model, row.version, VersionRole(row.role)) for row in rows]

    async def declared_monitors(self) -> Sequence[MonitorInfo]:
        """Present monitors of all models."""
        mine = t.monitor.c
        query = (
            select(M.name.label("model"), M.severities, mine.name, mine.declaration)
            .join(t.model, M.id == mine.model_id)
            .where(M.hidden_at.is_(None), mine.retired_at.is_(None))
            .order_by(M.name, mine.name)
        )
        return [_monitor(row) for row in await self.session.connection.execute(query)]

    async def open_windows(self) -> Sequence[OpenWindows]:
        """Windows of models' own frames that are not closed, by version."""
        query = (
            select(
                M.name.label("model"),
                W.version,
                func.count().label("count"),
                func.min(W.end_at).label("oldest_end"),
                M.lateness,
            )
            .join(t.model, M.id == W.model_id)
            .where(W.closed_at.is_(None), W.segment == WHOLE, W.frame == BASE_FRAME)
            .where(M.hidden_at.is_(None))
            .group_by(M.name, W.version, M.lateness)
            .order_by(M.name, W.version)
        )
        rows = await self.session.connection.execute(query)
        return [OpenWindows(*row) for row in rows]

    async def targets(self) -> Sequence[TargetInfo]:
        """Every target, with its deliveries."""
        counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
        # apart, because an index alone holds what all are counted by, but not when they were made
        by_state = select(D.target, D.state, func.count().label("number"))
        grouped = by_state.group_by(D.state, D.target)
        for row in await self.session.connection.execute(grouped):
            counted[row.target][row.state] = row.number
        oldest = select(D.target, func.min(D.created_at).label("since")).group_by(D.target)
        pending = oldest.where(D.state == DeliveryState.PENDING.value)
        rows = await self.session.connection.execute(pending)
        waiting = {row.target: row.since for row in rows}
        mine = t.target.c
        gone = ~mine.enabled & mine.disabled_reason.is_not(None)
        query = select(mine.name, mine.enabled, gone.label("gone")).order_by(mine.name)
        return [
            TargetInfo(row.name, row.enabled, counted[row.name], waiting.get(row.name), row.gone)
            for row in await self.session.connection.execute(query)
        ]

    async def present_alerts(self, limit: int) -> tuple[Sequence[AlertSummary], int]:
        """Alerts of versions that are not retired, what fires first; and how many are left out."""
        c = t.alert.c
        retired = exists().where(
            V.model_id == c.model_id, V.name == c.version, V.role == VersionRole.RETIRED.value
        )
        query = told.alerts_select().where(~retired)
        urgent = case((c.state == AlertState.FIRING.value, 0), else_=1)
        rows = await self.session.connection.execute(query.order_by(urgent, c.id).limit(limit))
        found = [told.alert_in(row) for row in rows]
        if len(found) < limit:
            return found, 0
        every = select(func.count()).select_from(query.with_only_columns(c.id).subquery())
        held = await self.session.connection.execute(every)
        return found, int(held.scalar_one()) - len(found)

    async def retrainings_now(self) -> Sequence[RetrainingNow]:
        """The last retraining of each model that had one, or that declares a maximum age."""
        run, policy = t.retraining.alias("run").c, t.retraining_policy.c
        newest = select(func.max(run.id)).where(run.model_id == M.id).scalar_subquery()
        query = (
            select(
                M.name,
                t.retraining.c.state,
                t.retraining.c.changed_at,
                policy.maximum_age,
            )
            .select_from(t.model)
            .outerjoin(t.retraining, t.retraining.c.id == newest)
            .outerjoin(t.retraining_policy, policy.model_id == M.id)
            .where(M.hidden_at.is_(None))
            .where(t.retraining.c.id.is_not(None) | policy.maximum_age.is_not(None))
            .order_by(M.name)
        )
        rows = await self.session.connection.execute(query)
        return [RetrainingNow(*row) for row in rows]

    async def feature_classes(
        self, judgements: Sequence[int]
    ) -> Mapping[int, Mapping[FeatureClass, int]]:
        """How many features of judgements are in a state, warn and page."""
        found: defaultdict[int, dict[FeatureClass, int]] = defaultdict(dict)
        c = t.verdict.c
        group = (c.judgement_id, c.state, c.warning, c.page)
        for start in range(0, len(judgements), CHUNK):
            ids = judgements[start : start + CHUNK]
            query = select(*group, func.count().label("number"))
            query = query.where(c.judgement_id.in_(ids)).group_by(*group)
            for row in await self.session.connection.execute(query):
                found[row.judgement_id][row.state, row.warning, row.page] = row.number
        return found

    async def outlines(self, judgements: Sequence[int]) -> Mapping[int, Sequence[StoredVerdict]]:
        """What judgements say of their features, without estimates."""
        return await judged_rows.outlines(self.session, judgements)

    async def estimates(
        self, features: Sequence[tuple[int, str]]
    ) -> Mapping[tuple[int, str], Sequence[StoredEstimate]]:
        """Estimates of features, by judgement and name."""
        return await judged_rows.estimates(self.session, features)

    async def newest_verdict(self) -> int:
        """The highest id of a verdict; 0 where there is none."""
        found = await self.session.connection.execute(select(func.max(J.id)))
        return int(found.scalar_one() or 0)

    async def verdicts_after(self, judgement: int, limit: int) -> Sequence[GivenVerdict]:
        """Verdicts against references with higher ids, of all rows and not of segments."""
        query = _given().where(J.id > judgement).order_by(J.id).limit(limit)
        return [GivenVerdict(*row) for row in await self.session.connection.execute(query)]


def _given() -> Select[Any]:
    return (
        select(J.id, M.name, W.version, J.monitor, J.state, J.judged_at)
        .join(t.revision, t.revision.c.id == J.revision_id)
        .join(t.window, W.id == t.revision.c.window_id)
        .join(t.model, M.id == W.model_id)
        .where(M.hidden_at.is_(None), J.comparison == REFERENCE, W.segment == WHOLE)
    )


def _monitor(row: AnyRow) -> MonitorInfo:
    said, own = row.declaration, row.declaration["severity"]
    graded = severity_of(row.name, severities_of(row.severities), Severity(own) if own else None)
    return MonitorInfo(row.model, row.name, said["kind"], graded.value, said["enabled"])
