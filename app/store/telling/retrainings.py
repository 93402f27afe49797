"""Retrainings: the runs that were asked for, and every word about them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, update

from app.domain.alerts.delivery import DeliveryState
from app.domain.retrainings.event import ORDERING
from app.domain.retrainings.retraining import (
    IN_FLIGHT,
    MOST_IDLE_WORDS,
    Entry,
    Move,
    Origin,
    Reason,
    Retraining,
    Said,
    State,
)
from app.ports.retrainings import Polled, RetrainingSum
from app.store import tables as t
from app.store.telling import told_pruning
from app.store.telling.retraining_policies import RetrainingPolicies
from app.store.telling.targets import target_in
from app.store.transactions.session import AnyRow

R, E, D = t.retraining.c, t.retraining_entry.c, t.delivery.c
IDLE_SAYS = ("detail", "version", "baseline", "run")
"""What is kept of a word that changed nothing."""
POLLABLE = sorted(IN_FLIGHT - {State.REQUESTED})


@dataclass(frozen=True)
class Retrainings(RetrainingPolicies):
    """Policies of models, and the runs that were asked for. Those of deleted models are gone."""

    async def add(self, retraining: Retraining, token_digest: bytes, entry: Entry) -> bool:
        """Store a run (its ``number`` is not read); False: asked before, or one is in flight."""
        added = await self.session.connection.execute(
            self.session.insert(t.retraining)
            .values(
                name=retraining.id,
                model_id=retraining.model_id,
                version=retraining.version,
                cause=retraining.cause,
                episode=retraining.episode,
                detail=retraining.detail,
                target=retraining.target,
                token_digest=token_digest,
                about=dict(retraining.about),
                requested_at=retraining.requested_at,
                deadline_at=retraining.deadline_at,
                poll_every=retraining.poll_every,
                **_moving(retraining),
            )
            .on_conflict_do_nothing()
            .returning(R.id)
        )
        number: int | None = added.scalar_one_or_none()
        if number is None:
            return False
        await self._write(number, entry)
        return True

    async def get(self, id: str) -> Retraining | None:  # noqa: A002
        return await self._one(_runs().where(R.name == id))

    async def hold(self, id: str) -> Retraining | None:  # noqa: A002
        """The same, kept from everybody else until this transaction ends."""
        return await self._one(_runs().where(R.name == id).with_for_update(of=t.retraining))

    async def token_digest(self, id: str) -> bytes | None:  # noqa: A002
        query = (
            select(R.token_digest)
            .join(t.model, t.model.c.id == R.model_id)
            .where(R.name == id, t.model.c.hidden_at.is_(None))
        )
        found = (await self.session.connection.execute(query)).scalar_one_or_none()
        return None if found is None else bytes(found)

    async def save(self, retraining: Retraining, entry: Entry) -> None:
        """Store what became of a run, and the word that did it."""
        values = _moving(retraining) | {"words": R.words + 1}
        if retraining.run is not None:
            first = self.session.now + retraining.poll_every
            values["poll_at"] = func.coalesce(R.poll_at, bindparam(None, first, R.poll_at.type))
        await self.session.connection.execute(
            update(t.retraining).where(R.id == retraining.number).values(**values)
        )
        await self._write(retraining.number, entry)

    async def note(self, retraining: Retraining, entry: Entry) -> None:
        """Store a word that changed nothing; of a flood of them the first."""
        if retraining.words >= MOST_IDLE_WORDS:
            return
        await self.session.connection.execute(
            update(t.retraining).where(R.id == retraining.number).values(words=R.words + 1)
        )
        await self._write(retraining.number, entry)

    async def recall(self, retraining: Retraining) -> None:
        """Give up what is still to be delivered of its request."""
        await self._recall(D.ordering == ORDERING + retraining.id)

    async def recall_all(self, model_id: int) -> None:
        """The same for every run of a model."""
        asked = select(ORDERING + R.name).where(R.model_id == model_id)
        await self._recall(D.ordering.in_(asked))

    async def latest(self, model_id: int) -> int | None:
        """The number of the run of a model that was asked for last."""
        query = select(func.max(R.id)).where(R.model_id == model_id)
        number: int | None = (await self.session.connection.execute(query)).scalar_one()
        return number

    async def claimed(self, retraining: Retraining, version: str) -> bool:
        """Whether another run named a version that is not the one which it was to replace."""
        query = select(func.count()).where(
            R.model_id == retraining.model_id,
            R.id != retraining.number,
            R.challenger == version,
            R.version != version,
        )
        return bool((await self.session.connection.execute(query)).scalar_one())

    async def prune(self, limit: int) -> int:
        """Delete at most ``limit`` runs that are over for as long as their model keeps windows."""
        return await told_pruning.runs(self.session, limit)

    async def newer_promoted(self, retraining: Retraining) -> bool:
        query = select(func.count()).where(
            R.model_id == retraining.model_id,
            R.id > retraining.number,
            R.state == State.PROMOTED.value,
        )
        return bool((await self.session.connection.execute(query)).scalar_one())

    async def page(
        self, model_id: int | None, state: State | None, before: int | None, limit: int
    ) -> Sequence[Retraining]:
        """Newest first, those with numbers below ``before``."""
        query = _runs().order_by(R.id.desc()).limit(limit)
        if model_id is not None:
            query = query.where(R.model_id == model_id)
        if state is not None:
            query = query.where(R.state == state.value)
        if before is not None:
            query = query.where(R.id < before)
        return [_retraining(row) for row in await self.session.connection.execute(query)]

    async def history(self, retraining: Retraining) -> Sequence[Entry]:
        query = (
            select(t.retraining_entry).where(E.retraining_id == retraining.number).order_by(E.id)
        )
        return [_entry(row) for row in await self.session.connection.execute(query)]

    async def overdue(self, limit: int) -> Sequence[str]:
        """Ids of runs in flight whose deadline has passed."""
        query = _flying().where(R.deadline_at <= self.session.now).limit(limit)
        return [row.name for row in await self.session.connection.execute(query)]

    async def undeliverable(self, limit: int) -> Sequence[str]:
        """Ids of runs whose request can reach nobody: dead, or its target gone or disabled."""
        query = (
            _flying()
            .join(t.delivery, D.ordering == ORDERING + R.name)
            .outerjoin(t.target, t.target.c.name == R.target)
            .where(R.state == State.REQUESTED.value)
            .where(
                or_(
                    D.state == DeliveryState.DEAD.value,
                    and_(
                        D.state == DeliveryState.PENDING.value,
                        or_(t.target.c.name.is_(None), ~t.target.c.enabled),
                    ),
                )
            )
            .limit(limit)
        )
        return [row.name for row in await self.session.connection.execute(query)]

    async def claim_polls(self, limit: int) -> Sequence[Polled]:
        """Runs in flight that are to be asked about now; their next turn is set."""
        query = (
            select(R.id, R.name.label("asked"), R.run, R.poll_every, *t.target.c)
            .join(t.target, t.target.c.name == R.target)
            .join(t.model, t.model.c.id == R.model_id)
            .where(t.model.c.hidden_at.is_(None), R.state.in_(POLLABLE))
            .where(R.run.is_not(None), R.poll_at <= self.session.now)
            .order_by(R.poll_at)
            .limit(limit)
            .with_for_update(of=t.retraining, skip_locked=True)
        )
        found = (await self.session.connection.execute(query)).all()
        for row in found:
            await self.session.connection.execute(
                update(t.retraining)
                .where(R.id == row.id)
                .values(poll_at=self.session.now + row.poll_every)
            )
        return [Polled(row.asked, row.run, target_in(row)) for row in found]

    async def sums(self) -> Sequence[RetrainingSum]:
        name = t.model.c.name.label("model")
        query = (
            select(name, R.state, func.count().label("runs"))
            .join(t.model, t.model.c.id == R.model_id)
            .where(t.model.c.hidden_at.is_(None))
            .group_by(name, R.state)
            .order_by(name, R.state)
        )
        rows = await self.session.connection.execute(query)
        return [RetrainingSum(row.model, State(row.state), row.runs) for row in rows]

    async def _one(self, query: Select[Any]) -> Retraining | None:
        row = (await self.session.connection.execute(query)).one_or_none()
        return _retraining(row) if row else None

    async def _recall(self, theirs: ColumnElement[bool]) -> None:
        given_up = {"state": DeliveryState.SUPERSEDED.value, "due_at": None}
        await self.session.connection.execute(
            update(t.delivery)
            .where(theirs, D.state == DeliveryState.PENDING.value)
            .values(changed_at=self.session.now, **given_up)
        )

    async def _write(self, number: int, entry: Entry) -> None:
        known = asdict(entry.said)
        kept = known if entry.move.changed else {name: known[name] for name in IDLE_SAYS}
        said = {name: value for name, value in kept.items() if value is not None}
        await self.session.connection.execute(
            t.retraining_entry.insert().values(
                retraining_id=number,
                at=entry.at,
                origin=entry.origin.value,
                signal=entry.signal,
                state=entry.move.state.value,
                reason=entry.move.reason.value,
                changed=entry.move.changed,
                said=said,
            )
        )


def _runs() -> Select[Any]:
    return (
        select(t.retraining, t.model.c.name.label("model"))
        .join(t.model, t.model.c.id == R.model_id)
        .where(t.model.c.hidden_at.is_(None))
    )


def _flying() -> Select[Any]:
    return (
        select(R.name)
        .join(t.model, t.model.c.id == R.model_id)
        .where(t.model.c.hidden_at.is_(None), R.state.in_(sorted(IN_FLIGHT)))
        .order_by(R.id)
    )


def _moving(retraining: Retraining) -> dict[str, Any]:
    """Return the columns that change in the life of a run."""
    return {
        "state": retraining.state.value,
        "reason": retraining.reason.value,
        "run": retraining.run,
        "challenger": retraining.challenger,
        "metrics": None if retraining.metrics is None else dict(retraining.metrics),
        "baseline": retraining.baseline,
        "words": retraining.words,
        "changed_at": retraining.changed_at,
    }


def _retraining(row: AnyRow) -> Retraining:
    return Retraining(
        number=row.id,
        id=row.name,
        model_id=row.model_id,
        model=row.model,
        version=row.version,
        cause=row.cause,
        episode=row.episode,
        detail=row.detail,
        state=State(row.state),
        reason=Reason(row.reason),
        target=row.target,
        requested_at=row.requested_at,
        deadline_at=row.deadline_at,
        poll_every=row.poll_every,
        about=row.about,
        changed_at=row.changed_at,
        run=row.run,
        challenger=row.challenger,
        metrics=row.metrics,
        baseline=row.baseline,
        words=row.words,
    )


def _entry(row: AnyRow) -> Entry:
    move = Move(State(row.state), Reason(row.reason), row.changed)
    return Entry(row.at, Origin(row.origin), row.signal, move, Said(**row.said))
