"""Alerts: one per (model, version, segment, monitor), with one step per window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from app.domain.alerts.alert import AlertKey, AlertState, Present, Reason, Step
from app.ports.alerts import Awake
from app.store import tables as t
from app.store.telling.alert_groups import AlertGroups
from app.store.transactions.bulk import insert_all
from app.store.transactions.session import AnyRow

A, S = t.alert.c, t.alert_step.c


@dataclass(frozen=True)
class Alerts(AlertGroups):
    """One alert per (model, version, segment, monitor); its steps, one per window."""

    async def present(self, key: AlertKey) -> Present | None:
        query = select(A.state, A.worst).where(_of(key))
        row = (await self.session.connection.execute(query)).one_or_none()
        return None if row is None else Present(AlertState(row.state), tuple(row.worst))

    async def before(self, key: AlertKey) -> Step | None:
        """The step of the last window before ``key.start``."""
        query = (
            select(t.alert_step)
            .join(t.alert, A.id == S.alert_id)
            .where(_of(key), S.window_start < key.start)
            .order_by(S.window_start.desc())
            .limit(1)
        )
        row = (await self.session.connection.execute(query)).one_or_none()
        return _step(row) if row else None

    async def replace(self, key: AlertKey, steps: Sequence[Step], worst: Sequence[str]) -> int:
        """Write the steps from ``key.start`` on over those that stood there; the alert's id."""
        alert_id = await self._put(key, steps[-1], worst)
        await self.session.connection.execute(
            delete(t.alert_step).where(S.alert_id == alert_id, S.window_start >= key.start)
        )
        await insert_all(self.session, t.alert_step, [_row(alert_id, step) for step in steps])
        return alert_id

    async def awake(self, model_id: int) -> Sequence[Awake]:
        """Alerts of a model that fire or are about to, and those with news to tell."""
        awake = A.state.in_((AlertState.FIRING.value, AlertState.PENDING.value))
        query = select(t.alert).where(A.model_id == model_id, awake | A.unsettled_at.is_not(None))
        rows = await self.session.connection.execute(query.order_by(A.id))
        return [Awake(row.id, _key(row), AlertState(row.state)) for row in rows]

    async def resolve(self, alert_id: int, reason: str, *, fired: bool = True) -> None:
        """Resolve an alert from outside (its model was deleted); its last step says so too.

        That began with the window that was looked at last, as if it had said so. One that did not
        fire yet becomes inactive.
        """
        state = AlertState.RESOLVED if fired else AlertState.INACTIVE
        resolved = {"state": state.value, "reason": reason}
        since = await self.session.connection.execute(
            update(t.alert)
            .where(A.id == alert_id)
            .values(changed_at=self.session.now, since=A.window_start, **resolved)
            .returning(A.window_start)
        )
        await self.session.connection.execute(
            update(t.alert_step)
            .where(S.alert_id == alert_id, S.window_start == since.scalar_one_or_none())
            .values(run=0, since=S.window_start, **resolved)
        )

    async def _put(self, key: AlertKey, last: Step, worst: Sequence[str]) -> int:
        values: dict[str, Any] = {
            "state": last.state.value,
            "reason": last.reason.value,
            "since": last.since,
            "window_start": last.start,
            "worst": list(worst),
            "changed_at": self.session.now,
        }
        put = await self.session.connection.execute(
            self.session.insert(t.alert)
            .values(
                model_id=key.model_id,
                version=key.version,
                segment=key.segment,
                monitor=key.monitor,
                **values,
            )
            .on_conflict_do_update(
                index_elements=[A.model_id, A.version, A.segment, A.monitor], set_=values
            )
            .returning(A.id)
        )
        alert_id: int = put.scalar_one()
        return alert_id


def _of(key: AlertKey) -> ColumnElement[bool]:
    return (
        (A.model_id == key.model_id)
        & (A.version == key.version)
        & (A.segment == key.segment)
        & (A.monitor == key.monitor)
    )


def _key(row: AnyRow) -> AlertKey:
    return AlertKey(row.model_id, row.version, row.segment, row.monitor, row.window_start)


def _row(alert_id: int, step: Step) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "window_start": step.start,
        "revision": step.revision,
        "state": step.state.value,
        "reason": step.reason.value,
        "run": step.run,
        "since": step.since,
    }


def _step(row: AnyRow) -> Step:
    return Step(
        row.window_start,
        row.revision,
        AlertState(row.state),
        reason_of(row.reason),
        row.run,
        row.since,
    )


def reason_of(text: str) -> Reason:
    """Return the named reason; one given from outside reads as cleared."""
    return Reason(text) if text in set(Reason) else Reason.CLEARED
