"""When models are retrained: policies, champions that grow old, wishes that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, delete, exists, func, select, update

from app.domain.alerts.alert import AlertState
from app.domain.alerts.group import GroupKey
from app.domain.model import VersionRole
from app.domain.retrainings.policy import Cause, Episode, Policy, Standing, Wish
from app.domain.retrainings.retraining import IN_FLIGHT, State
from app.ports.retrainings import Aging, ChampionSince
from app.store import tables as t
from app.store.transactions.session import AnyRow, Session

P, R, W, V = t.retraining_policy.c, t.retraining.c, t.retraining_wish.c, t.version.c
E = t.retraining_episode.c
FLYING = R.state.in_(sorted(IN_FLIGHT))


@dataclass(frozen=True)
class RetrainingPolicies:
    """The part of the retrainings' store that says when one is asked for."""

    session: Session

    async def put_policy(self, model_id: int, policy: Policy) -> bool:
        """Create or replace; True where it was created."""
        created = await self.policy(model_id) is None
        values = _columns(policy) | {"changed_at": self.session.now}
        await self.session.connection.execute(
            self.session.insert(t.retraining_policy)
            .values(model_id=model_id, **values)
            .on_conflict_do_update(index_elements=[P.model_id], set_=values)
        )
        return created

    async def policy(self, model_id: int) -> Policy | None:
        query = select(t.retraining_policy).where(P.model_id == model_id)
        row = (await self.session.connection.execute(query)).one_or_none()
        return _policy(row) if row else None

    async def drop_policy(self, model_id: int) -> bool:
        """Remove it, with what still waited to be asked."""
        mine = select(t.alert.c.id).where(t.alert.c.model_id == model_id)
        await self.session.connection.execute(delete(t.retraining_wish).where(W.alert_id.in_(mine)))
        gone = await self.session.connection.execute(
            delete(t.retraining_policy).where(P.model_id == model_id)
        )
        return gone.rowcount > 0

    async def standing(self, model_id: int, id: str) -> Standing:  # noqa: A002
        """How a model's retraining stands, seen from the episode whose run has this id."""
        champion = select(V.name).where(
            V.model_id == model_id, V.role == VersionRole.CHAMPION.value
        )
        mine = R.model_id == model_id
        query = select(
            champion.scalar_subquery().label("champion"),
            select(R.name).where(mine, R.name == id).scalar_subquery().label("asked"),
            select(R.name).where(mine, FLYING).limit(1).scalar_subquery().label("in_flight"),
            select(func.max(R.requested_at)).where(mine).scalar_subquery().label("last"),
        )
        row = (await self.session.connection.execute(query)).one()
        return Standing(
            policy=await self.policy(model_id),
            champion=row.champion,
            asked=row.asked is not None,
            in_flight=row.in_flight,
            last_asked_at=row.last,
        )

    async def aging(self) -> Sequence[Aging]:
        """Champions that may not grow older than their policy says."""
        query = (
            select(t.retraining_policy, V.name, V.created_at, _promoted_at().label("promoted_at"))
            .join(t.model, t.model.c.id == P.model_id)
            .join(t.version, (V.model_id == P.model_id) & (V.role == VersionRole.CHAMPION.value))
            .where(t.model.c.hidden_at.is_(None), P.enabled, P.maximum_age.is_not(None))
            .order_by(P.model_id)
        )
        rows = await self.session.connection.execute(query)
        return [
            Aging(row.model_id, row.name, row.promoted_at or row.created_at, _policy(row))
            for row in rows
        ]

    async def champions(self) -> Sequence[ChampionSince]:
        query = (
            select(
                t.model.c.name.label("model"),
                V.name,
                V.created_at,
                _promoted_at().label("promoted_at"),
            )
            .join(t.model, t.model.c.id == V.model_id)
            .where(t.model.c.hidden_at.is_(None), V.role == VersionRole.CHAMPION.value)
            .order_by(t.model.c.name)
        )
        rows = await self.session.connection.execute(query)
        return [ChampionSince(r.model, r.name, r.promoted_at or r.created_at) for r in rows]

    async def episodes(self, model_id: int, version: str) -> Sequence[Episode]:
        """Those that the monitors of a version asked in last."""
        query = select(E.name, E.until).where(E.model_id == model_id, E.version == version)
        rows = await self.session.connection.execute(query)
        return [Episode(row.name, row.until) for row in rows]

    async def join(self, key: GroupKey, episode: str) -> None:
        """Have a monitor's alerts belong to an episode as long as they fire."""
        values = {"name": episode, "until": None}
        await self.session.connection.execute(
            self.session.insert(t.retraining_episode)
            .values(**key._asdict(), **values)
            .on_conflict_do_update(index_elements=[E.model_id, E.version, E.monitor], set_=values)
        )

    async def leave(self, key: GroupKey) -> None:
        """None of a monitor's alerts fires any more."""
        a = t.alert.c
        last = select(func.max(a.window_start)).where(
            *(a[name] == value for name, value in key._asdict().items())
        )
        await self.session.connection.execute(
            update(t.retraining_episode)
            .where(*(E[name] == value for name, value in key._asdict().items()))
            .where(E.until.is_(None))
            .values(until=last.scalar_subquery())
        )

    async def forget(self, model_id: int) -> None:
        """End all episodes of a model, also for windows that are judged anew."""
        await self.session.connection.execute(
            delete(t.retraining_episode).where(E.model_id == model_id)
        )

    async def wait(self, alert_id: int, wish: Wish | None) -> None:
        """Keep what a firing alert asks for until it can be asked; None: nothing (any more).

        The alerts of one version have one wish together, the latest.
        """
        mine, other = t.alert.alias("mine").c, t.alert.alias("other").c
        same = (mine.model_id == other.model_id) & (mine.version == other.version)
        every = select(other.id).where(mine.id == alert_id, same)
        await self.session.connection.execute(
            delete(t.retraining_wish).where(W.alert_id.in_(every))
        )
        if wish is None:
            return
        values = {"wish": _document(wish), "changed_at": self.session.now}
        await self.session.connection.execute(
            self.session.insert(t.retraining_wish)
            .values(alert_id=alert_id, **values)
            .on_conflict_do_update(index_elements=[W.alert_id], set_=values)
        )

    async def waits(self, alert_id: int) -> Wish | None:
        """What an alert asks for still; whoever resolves it waits for this transaction.

        None as well where somebody changes it at this moment: look again later.
        """
        query = _waiting().where(W.alert_id == alert_id)
        query = query.with_for_update(of=t.alert, skip_locked=True)
        row = (await self.session.connection.execute(query)).one_or_none()
        return None if row is None else _wish(row.wish)

    async def waiting(self) -> Sequence[tuple[int, int, Wish]]:
        """(model, alert, wish) of episodes of which an alert fires still."""
        query = _waiting().order_by(W.alert_id)
        rows = await self.session.connection.execute(query)
        return [(row.model_id, row.id, _wish(row.wish)) for row in rows]


def _waiting() -> Select[Any]:
    mine, other = t.alert.c, t.alert.alias("other").c
    joined = and_(*(E[name] == other[name] for name in ("model_id", "version", "monitor")))
    fires = (
        exists()
        .where(other.model_id == mine.model_id, other.version == mine.version)
        .where(other.state == AlertState.FIRING.value)
        .where(joined, E.name == W.wish["episode"].as_string())
    )
    return (
        select(mine.model_id, mine.id, W.wish)
        .join(t.alert, mine.id == W.alert_id)
        .join(t.model, t.model.c.id == mine.model_id)
        .where(t.model.c.hidden_at.is_(None), fires)
    )


def _promoted_at() -> ScalarSelect[datetime]:
    """Return when a version was promoted after a retraining, which makes it young again."""
    return (
        select(func.max(R.changed_at))
        .where(R.model_id == V.model_id, R.challenger == V.name)
        .where(R.state == State.PROMOTED.value)
        .correlate(t.version)
        .scalar_subquery()
    )


def _columns(policy: Policy) -> dict[str, Any]:
    return {
        "target": policy.target,
        "causes": sorted(cause.value for cause in policy.on),
        "monitors": None if policy.monitors is None else list(policy.monitors),
        "cooldown": policy.cooldown,
        "maximum_age": policy.maximum_age,
        "deadline": policy.deadline,
        "poll_every": policy.poll_every,
        "enabled": policy.enabled,
    }


def _policy(row: AnyRow) -> Policy:
    return Policy(
        target=row.target,
        on=frozenset(Cause(cause) for cause in row.causes),
        monitors=None if row.monitors is None else tuple(row.monitors),
        cooldown=row.cooldown,
        maximum_age=row.maximum_age,
        deadline=row.deadline,
        poll_every=row.poll_every,
        enabled=row.enabled,
    )


def _document(wish: Wish) -> dict[str, Any]:
    return {
        "cause": wish.cause.value,
        "episode": wish.episode,
        "detail": wish.detail,
        "monitor": wish.monitor,
        "about": dict(wish.about),
    }


def _wish(stored: dict[str, Any]) -> Wish:
    return Wish(
        Cause(stored["cause"]),
        stored["episode"],
        stored["detail"],
        stored["monitor"],
        stored["about"],
    )
