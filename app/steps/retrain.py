"""A word about a retraining is heard: its state, its version, the champion and the alert follow."""

from dataclasses import dataclass, replace

from app.domain.alerts import alert
from app.domain.alerts.alert import AlertKey, AlertState, Step
from app.domain.alerts.delivery import DeliveryState
from app.domain.alerts.event import RETRAINING
from app.domain.errors import NotFound
from app.domain.model import WHOLE
from app.domain.monitors.monitor import ALL_VERSIONS, RETRAINING_MONITOR, severity_of
from app.domain.retrainings import event as retraining_event
from app.domain.retrainings.retraining import (
    BROKEN,
    IN_FLIGHT,
    NOTHING,
    WELL,
    Entry,
    Move,
    Origin,
    Retraining,
    Said,
    Signal,
    State,
    move,
)
from app.ports import Store, Unit
from app.steps.announce import announce
from app.steps.deliver import Delivered
from app.steps.promote import check_undecided, enlist, promote

ABOUT_VERSIONS = frozenset({Signal.SUCCEEDED, Signal.PROMOTED})
IDLE_WORDS_OF = frozenset({Origin.CALLBACK, Origin.PERSON, Origin.DELIVERY})
"""Whose words are kept although they change nothing; our own loops would repeat themselves."""


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of a run, and by whom."""

    signal: Signal
    origin: Origin
    said: Said = NOTHING


@dataclass(frozen=True, slots=True)
class Heard:
    """The run afterwards, and what the word did."""

    retraining: Retraining
    move: Move


async def hear(store: Store, event_source: str, id: str, word: Word) -> Heard:  # noqa: A002
    """Hear a word in a transaction of its own; see `heard`."""
    async with store.write() as unit:
        return await heard(unit, event_source, id, word)


async def heard(unit: Unit, event_source: str, id: str, word: Word) -> Heard:  # noqa: A002
    """Let a word do what it does; what does not fit is written down and answered.

    Raises
    ------
    NotFound
        There is no such run.
    Invalid
        It promotes what was never named, or names a baseline that is not there.
    """
    if word.signal in ABOUT_VERSIONS:
        # before any row is locked, as everybody who changes a model does
        await unit.models.hold((await _run(unit, id)).model_id)
    run = await unit.retrainings.hold(id)
    if run is None:
        raise NotFound(f"there is no retraining {id!r}")
    promotes = word.signal is Signal.PROMOTED
    moved = move(
        run.state,
        word.signal,
        names_version=word.said.version is not None and run.challenger is None,
        newer_promoted=promotes and await unit.retrainings.newer_promoted(run),
    )
    entry = Entry(unit.now, word.origin, word.signal.value, moved, word.said)
    if not moved.changed:
        return Heard(await _idle(unit, run, word, entry), moved)
    after = _after(unit, run, moved, word.said)
    if word.signal in ABOUT_VERSIONS and after.challenger != run.challenger:
        await check_undecided(unit, after)
    if word.signal is Signal.SUCCEEDED:
        await enlist(unit, after, word.said)
    if promotes:
        after = await promote(unit, event_source, after, word.said)
    if run.state in IN_FLIGHT and after.state not in IN_FLIGHT:
        await unit.retrainings.recall(run)
    await unit.retrainings.save(after, entry)
    await _tell(unit, event_source, after)
    return Heard(after, moved)


async def hear_delivery(event_source: str, unit: Unit, done: Delivered) -> None:
    """Hear what a try to deliver a request came to, in the transaction that records it."""
    claimed, attempt, outcome = done
    if claimed.event_type != RETRAINING:
        return
    if attempt.succeeded:
        word = Word(Signal.ACCEPTED, Origin.DELIVERY, Said(run=attempt.run))
    elif outcome.state is DeliveryState.DEAD:
        word = Word(Signal.UNDELIVERABLE, Origin.DELIVERY, Said(detail=attempt.error))
    else:
        return
    id_ = claimed.event_id.removeprefix(retraining_event.EVENT_PREFIX)
    if await unit.retrainings.get(id_) is not None:  # the model may be gone
        await heard(unit, event_source, id_, word)


async def _run(unit: Unit, id_: str) -> Retraining:
    run = await unit.retrainings.get(id_)
    if run is None:
        raise NotFound(f"there is no retraining {id_!r}")
    return run


def _after(unit: Unit, run: Retraining, moved: Move, said: Said) -> Retraining:
    return replace(
        run,
        state=moved.state,
        reason=moved.reason,
        run=run.run or said.run,
        challenger=said.version or run.challenger,
        metrics=run.metrics if said.metrics is None else said.metrics,
        changed_at=unit.now,
    )


async def _idle(unit: Unit, run: Retraining, word: Word, entry: Entry) -> Retraining:
    """Keep a word that changed no state; but the orchestrator's name of the run is learned."""
    if word.said.run is not None and run.run is None:
        run = replace(run, run=word.said.run)
        await unit.retrainings.save(run, entry)
    elif word.origin in IDLE_WORDS_OF:
        await unit.retrainings.note(run, entry)
    return run


async def _tell(unit: Unit, event_source: str, run: Retraining) -> None:
    """Fire or resolve the alert on retrainings; of several runs the one asked for last speaks."""
    fires = run.state in BROKEN
    if not fires and run.state not in WELL:
        return
    if await unit.retrainings.latest(run.model_id) != run.number:
        return
    key = AlertKey(run.model_id, ALL_VERSIONS, WHOLE, RETRAINING_MONITOR, unit.now)
    present = await unit.alerts.present(key)
    if fires is (present is not None and present.state is AlertState.FIRING):
        return
    if not fires and present is None:
        return
    change = alert.Change.FIRING if fires else alert.Change.RESOLVED
    why = alert.Reason.RETRAINED
    if fires:
        timed_out = run.state is State.TIMED_OUT
        why = alert.Reason.RETRAINING_TIMED_OUT if timed_out else alert.Reason.RETRAINING_FAILED
    step = Step(unit.now, 0, AlertState(change.value), why, 0, unit.now)
    await unit.alerts.replace(key, [step], ())
    model = await unit.models.by_id(run.model_id)
    severity = severity_of(RETRAINING_MONITOR, model.settings.severities if model else None)
    data = retraining_event.failure_data(run, severity, change, step)
    await announce(unit, event_source, run.model, key, (change, data))
