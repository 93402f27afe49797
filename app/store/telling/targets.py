"""Targets: where events go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, delete, exists, select, update

from app.domain.alerts.delivery import EVERY_TOPIC, DeliveryState, Target, Topic
from app.domain.alerts.target_use import TargetUse
from app.domain.monitors.monitor import Severity
from app.store import tables as t
from app.store.transactions.session import AnyRow, Session

T, D, M, P = t.target.c, t.delivery.c, t.monitor.c, t.retraining_policy.c
SEEN = t.model.c.hidden_at.is_(None)


@dataclass(frozen=True, slots=True)
class Targets:
    """Where events go."""

    session: Session

    async def put(self, target: Target) -> bool:
        """Create or replace; True where it was created. A replaced one is as enabled as given."""
        query = select(~exists().where(T.name == target.name))
        created = bool((await self.session.connection.execute(query)).scalar_one())
        values: dict[str, Any] = {
            "kind": target.kind,
            "options": dict(target.options),
            "enabled": target.enabled,
            "disabled_reason": target.disabled_reason,
            "takes": sorted(target.takes),
            "severities": None if target.severities is None else sorted(target.severities),
            "changed_at": self.session.now,
        }
        await self.session.connection.execute(
            self.session.insert(t.target)
            .values(name=target.name, **values)
            .on_conflict_do_update(index_elements=[T.name], set_=values)
        )
        return created

    async def get(self, name: str) -> Target | None:
        query = select(t.target).where(T.name == name)
        row = (await self.session.connection.execute(query)).one_or_none()
        return target_in(row) if row else None

    async def page(self, after: str | None, limit: int) -> Sequence[Target]:
        query = select(t.target).order_by(T.name).limit(limit)
        if after is not None:
            query = query.where(T.name > after)
        return [target_in(row) for row in await self.session.connection.execute(query)]

    async def hold(self, names: Collection[str], *, alone: bool = False) -> Collection[str]:
        """Return those that there are, which stay until this transaction ends.

        ``alone`` waits for everybody else who holds one of them.
        """
        query = select(T.name).where(T.name.in_(names)).order_by(T.name)
        query = query.with_for_update(read=not alone, key_share=not alone)
        return set((await self.session.connection.execute(query)).scalars())

    async def used(self, name: str) -> TargetUse:
        """Return which present monitors and retraining policies name a target."""
        return TargetUse(await self._monitors(name), await self._policies(name))

    async def _monitors(self, name: str) -> tuple[str, ...]:
        query = (
            select(t.model.c.name.label("model"), M.name, M.declaration)
            .join(t.model, t.model.c.id == M.model_id)
            .where(M.retired_at.is_(None), SEEN)
            # few documents hold the name at all; what it means there is read from each
            .where(cast(M.declaration, Text).contains(f'"{name}"', autoescape=True))
            .order_by(t.model.c.name, M.name)
        )
        rows = await self.session.connection.execute(query)
        return tuple(
            f"{row.model}/{row.name}" for row in rows if name in (row.declaration["targets"] or ())
        )

    async def _policies(self, name: str) -> tuple[str, ...]:
        query = (
            select(t.model.c.name)
            .join(t.retraining_policy, t.model.c.id == P.model_id)
            .where(P.target == name, SEEN)
            .order_by(t.model.c.name)
        )
        return tuple((await self.session.connection.execute(query)).scalars())

    async def delete(self, name: str) -> bool:
        """Remove it; what was still to be delivered to it is given up."""
        gone = await self.session.connection.execute(delete(t.target).where(T.name == name))
        await self.session.connection.execute(
            update(t.delivery)
            .where(D.target == name, D.state == DeliveryState.PENDING.value)
            .values(state=DeliveryState.DEAD.value, changed_at=self.session.now)
        )
        return gone.rowcount > 0

    async def disable(self, name: str, reason: str) -> None:
        await self.session.connection.execute(
            update(t.target)
            .where(T.name == name)
            .values(enabled=False, disabled_reason=reason, changed_at=self.session.now)
        )


def topics(document: Sequence[str] | None) -> frozenset[Topic]:
    """Return what a target takes; all of it where it was declared before there were topics."""
    return EVERY_TOPIC if document is None else frozenset(map(Topic, document))


def target_in(row: AnyRow) -> Target:
    takes = topics(row.takes)
    some = None if row.severities is None else frozenset(map(Severity, row.severities))
    return Target(row.name, row.kind, row.options, row.enabled, row.disabled_reason, takes, some)
