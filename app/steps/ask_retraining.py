"""A retraining is asked for: the run and the event that tells its target, in one transaction."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.alerts.group import GroupKey
from app.domain.errors import Conflict, KeyReused, no_model
from app.domain.model import Model
from app.domain.monitors.monitor import Monitor
from app.domain.retrainings import event as retraining_event
from app.domain.retrainings.policy import (
    Cause,
    Held,
    Policy,
    Wish,
    asks_for,
    episode_by_hand,
    episode_of,
    held,
    retraining_id,
)
from app.domain.retrainings.retraining import Entry, Move, Origin, Reason, Retraining, State
from app.ports import Store, Unit

TOKEN_PREFIX = "rtt_"  # noqa: S105  what a token begins with
WAITS_FOR = frozenset({Held.IN_FLIGHT, Held.COOLDOWN})
"""What passes: then the wish of an alert that fires still is granted."""
REFUSALS = {
    Held.NO_POLICY: (
        "the model has no retraining policy: PUT one to .../retraining first",
        "no-retraining-policy",
    ),
    Held.NO_CHAMPION: ("the model has no champion yet", "no-champion"),
    Held.IN_FLIGHT: (
        "a retraining of this model is in flight: wait for it, or say that it failed",
        "retraining-in-flight",
    ),
}
"""What a person is told, and its code."""


def new_token() -> str:
    """Return the secret by which one run's orchestrator answers."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Return what is kept of a token beside the event that carries it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A run was asked for now."""

    id: str


@dataclass(frozen=True, slots=True)
class Retrainer:
    """Asks for retrainings, with what it needs to know about this installation."""

    event_source: str
    draw: Callable[[], str] = new_token

    async def ask(self, unit: Unit, model: Model, wish: Wish, origin: Origin) -> Asked | Held:
        """Ask unless something is in the way; the run, or what it is.

        Two that ask at once are told apart by the database: one run a episode, one in flight.
        """
        id_ = retraining_id(model.name, model.created_at, wish.episode)
        standing = await unit.retrainings.standing(model.id, id_)
        kept = held(wish, standing, unit.now)
        if kept is not None:
            return kept
        assert standing.policy is not None and standing.champion is not None  # noqa: PT018, S101
        made = _made(unit, model, wish, (id_, standing.champion), standing.policy)
        token = self.draw()
        entry = Entry(unit.now, origin, "asked", Move(made.state, made.reason, changed=True))
        if not await unit.retrainings.add(made, digest(token), entry):
            again = await unit.retrainings.standing(model.id, id_)
            return Held.EPISODE_ASKED if again.asked else Held.IN_FLIGHT
        event = retraining_event.request_event(made, self.event_source, token)
        await unit.outbox.add(event, [made.target])
        return Asked(id_)

    async def held(self, unit: Unit, model: Model, wish: Wish) -> Held | None:
        """Return what is in the way of a wish, without asking."""
        id_ = retraining_id(model.name, model.created_at, wish.episode)
        return held(wish, await unit.retrainings.standing(model.id, id_), unit.now)

    async def on_firing(
        self, unit: Unit, model: Model, monitor: Monitor, alert_id: int, data: Mapping[str, Any]
    ) -> int:
        """Ask for what an alert that fires now is a reason for; how many deliveries that makes.

        Called as it is announced, by one at a time for each version. What a run in flight or a
        cooldown holds back waits as long as an alert of its episode fires.
        """
        policy = await unit.retrainings.policy(model.id)
        cause = asks_for(policy, monitor) if policy else None
        if cause is None:
            return 0
        key = GroupKey(model.id, data["version"], monitor.name)
        known = await unit.retrainings.episodes(model.id, key.version)
        episode = episode_of(known, alert_id, retraining_event.fires_since(data))
        await unit.retrainings.join(key, episode)
        wish = _of_alert((cause, episode), data, alert_id)
        found = await self.ask(unit, model, wish, Origin.ALERT)
        await unit.retrainings.wait(alert_id, wish if found in WAITS_FOR else None)
        return int(isinstance(found, Asked))

    async def by_hand(
        self, store: Store, name: str, detail: str, key: str | None
    ) -> tuple[Retraining, bool]:
        """Ask for a person, whom no cooldown holds back; True where it was asked for now.

        Raises
        ------
        NotFound, Conflict, KeyReused
            There is no such model, or nothing to ask for, or a run is in flight; or the key was
            used with other words.
        """
        episode = episode_by_hand(key if key is not None else secrets.token_hex(16))
        async with store.write() as unit:
            model = await unit.models.find(name)
            if model is None:
                raise no_model(name)
            found = await self.ask(unit, model, Wish(Cause.MANUAL, episode, detail), Origin.PERSON)
            if isinstance(found, Held) and found in REFUSALS:
                raise _refusal(found)
            made = await unit.retrainings.get(retraining_id(model.name, model.created_at, episode))
        assert made is not None  # noqa: S101  it was asked for now or before
        if made.detail != detail:
            raise KeyReused("this key asked for a retraining before, in other words")
        return made, found is not Held.EPISODE_ASKED


def _refusal(why: Held) -> Conflict:
    detail, code = REFUSALS[why]
    return Conflict(detail, code=code)


def _made(
    unit: Unit, model: Model, wish: Wish, names: tuple[str, str], policy: Policy
) -> Retraining:
    id_, champion = names
    return Retraining(
        number=0,
        id=id_,
        model_id=model.id,
        model=model.name,
        version=champion,
        cause=wish.cause.value,
        episode=wish.episode,
        detail=wish.detail,
        state=State.REQUESTED,
        reason=Reason.ASKED,
        target=policy.target,
        requested_at=unit.now,
        deadline_at=unit.now + policy.deadline,
        poll_every=policy.poll_every,
        about=wish.about,
        changed_at=unit.now,
        words=1,
    )


def _of_alert(asked: tuple[Cause, str], data: Mapping[str, Any], alert_id: int) -> Wish:
    about = retraining_event.alert_about(data, alert_id)
    worst = ", ".join(about["features"][:3])
    detail = f"monitor {data['monitor']} fired" + (f"; worst: {worst}" if worst else "")
    return Wish(*asked, detail, data["monitor"], about)
