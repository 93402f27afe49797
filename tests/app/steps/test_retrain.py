"""Drift asks an orchestrator once; what it says changes state, champion, baseline and alert."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.domain.alerts.delivery import DeliveryState, Target
from app.domain.alerts.event import FIRING, RESOLVED, RETRAINING
from app.domain.errors import Conflict, Invalid, KeyReused, NotFound
from app.domain.model import VersionRole
from app.domain.retrainings.retraining import MOST_IDLE_WORDS, Origin, Reason, Signal, State
from app.domain.retrainings.run import Phase, RunState
from app.steps.ask_retraining import Asked, Retrainer, digest
from app.steps.declare import remove_model
from app.steps.declare_retraining import declare_retraining, remove_retraining
from app.steps.redeliver import redeliver
from app.steps.register import register
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.orchestra import OTHER, SOURCE, TARGET, Loop, loop
from tests.app.steps.world import HOUR, MODEL, START, rows

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def made(store: SqlStore, place: Place) -> AsyncIterator[Loop]:
    async with loop(store, place.clock) as built:
        yield built


async def by_hand(made: Loop, key: str | None = None, reason: str = "new labels") -> str:
    run, _ = await Retrainer(SOURCE).by_hand(made.store, MODEL, reason, key)
    return run.id


async def test_drift_asks_the_policys_target_and_no_other(made: Loop) -> None:
    await made.drift()
    (run,) = await made.runs()
    assert (run.state, run.cause, run.version, run.reason) == (
        State.REQUESTED,
        "drift",
        "default",
        Reason.ASKED,
    )
    await made.deliver()
    told = sorted((target, kind) for target, kind, _ in made.orchestrator.got)
    assert told == sorted([(TARGET, FIRING), (OTHER, FIRING), (TARGET, RETRAINING)])
    (data,) = made.orchestrator.requests
    assert (data["id"], data["model"], data["cause"]) == (run.id, MODEL, "drift")
    assert (data["monitor"], data["alert"]["severity"]) == ("default", "P2")
    assert data["features"] == ["x"]
    assert data["baseline"]["id"] == 1
    assert data["window"]["start"] == "2026-03-02T03:00:00Z"
    assert data["callback"]["path"] == f"/v1/retrainings/{run.id}/events"
    async with made.store.read() as unit:
        assert await unit.retrainings.token_digest(run.id) == digest(data["callback"]["token"])
        history = await unit.retrainings.history(run)
    assert [(e.origin, e.signal) for e in history] == [
        (Origin.ALERT, "asked"),
        (Origin.DELIVERY, "accepted"),
    ]
    assert (await made.runs())[0].state is State.ACCEPTED


async def test_the_loop_closes(made: Loop) -> None:
    """Drift, request, run, challenger, its own reference, promotion: the alert is over."""
    await made.drift()
    await made.deliver()
    assert (await made.say(Signal.RUNNING)).move.state is State.RUNNING
    await made.say(Signal.SUCCEEDED, version="v2", lineage={"commit": "3f1"}, metrics={"auc": 0.8})
    async with made.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        versions = {v.name: v for v in await unit.models.versions(model.id)}
    assert versions["v2"].role is VersionRole.CHALLENGER
    (run,) = await made.runs()
    assert versions["v2"].lineage == {"commit": "3f1", "retraining": run.id}
    own = await register(made.store, made.w.pool, MODEL, rows(START, 4_000, 3.0, 9), "v2")
    promoted = await made.say(Signal.PROMOTED)
    assert (promoted.retraining.challenger, promoted.retraining.baseline) == (
        "v2",
        own.baseline.number,
    )
    async with made.store.read() as unit:
        champion = await unit.models.champion(model.id)
        model = await unit.models.find(MODEL)
    assert champion is not None
    assert model is not None
    assert (champion.name, model.active_baseline) == ("v2", own.baseline.number)
    assert await made.alerts() == {"default": ("resolved", "not_champion")}
    (run,) = await made.runs()
    assert (run.state, run.metrics) == (State.PROMOTED, {"auc": 0.8})
    await made.deliver()
    assert [kind for target, kind, _ in made.orchestrator.got if target == OTHER] == [
        FIRING,
        RESOLVED,
    ]


async def test_a_version_trained_anew_under_its_old_name_stays_champion(made: Loop) -> None:
    await made.drift()
    await made.say(Signal.SUCCEEDED, version="default")
    async with made.store.read() as unit:
        champion = await unit.models.champion((await made.runs())[0].model_id)
    assert champion is not None
    assert champion.name == "default"
    await register(made.store, made.w.pool, MODEL, rows(START, 4_000, 3.0, 9), "default")
    await made.say(Signal.PROMOTED)
    assert await made.alerts() == {"default": ("resolved", "retrained")}


async def test_a_promotion_needs_a_version_and_a_baseline_that_is_there(made: Loop) -> None:
    await made.drift()
    with pytest.raises(Invalid) as nameless:
        await made.say(Signal.PROMOTED)
    assert nameless.value.faults[0].pointer == "/version"
    with pytest.raises(Invalid) as baseless:
        await made.say(Signal.PROMOTED, version="v2", baseline=77)
    assert baseless.value.faults[0].pointer == "/baseline"
    assert (await made.runs())[0].state is State.REQUESTED
    async with made.store.read() as unit:
        assert {v.name for v in await unit.models.versions(1)} == {"default"}
    # the word that it succeeded was lost: the promotion says all that is needed
    heard = await made.say(Signal.PROMOTED, version="v2")
    assert (heard.move.state, heard.retraining.baseline) == (State.PROMOTED, None)


async def test_words_that_do_not_fit_are_kept_and_answered(made: Loop) -> None:
    await made.drift()
    await made.say(Signal.SUCCEEDED, version="v2")
    late = await made.say(Signal.RUNNING, detail="begun")
    again = await made.say(Signal.SUCCEEDED, version="v2")
    failed = await made.say(Signal.FAILED)
    reasons = [heard.move.reason for heard in (late, again, failed)]
    assert reasons == [Reason.OVERTAKEN, Reason.REPEATED, Reason.OVERTAKEN]
    assert not any(heard.move.changed for heard in (late, again, failed))
    async with made.store.read() as unit:
        history = await unit.retrainings.history((await made.runs())[0])
    assert [e.signal for e in history] == ["asked", "succeeded", "running", "succeeded", "failed"]
    assert history[2].said.detail == "begun"
    with pytest.raises(NotFound):
        await made.say(Signal.RUNNING, "rtr_" + "0" * 32)


async def test_a_flood_of_words_is_cut_off(made: Loop) -> None:
    await made.drift()
    for _ in range(MOST_IDLE_WORDS + 10):
        await made.say(Signal.RUNNING)
    await made.say(Signal.SUCCEEDED)
    async with made.store.read() as unit:
        history = await unit.retrainings.history((await made.runs())[0])
    assert len(history) == MOST_IDLE_WORDS + 1
    assert history[-1].signal == "succeeded"


async def test_silence_past_the_deadline_is_told_as_p4_until_one_succeeds(made: Loop) -> None:
    await made.declare(deadline=HOUR)
    await made.drift()
    await made.deliver()
    assert await made.look(59 * MINUTE) == []
    (timed_out,) = await made.look(2 * MINUTE)
    assert not isinstance(timed_out, Asked)
    assert timed_out.move.reason is Reason.DEADLINE_PASSED
    assert (await made.alerts())["retraining"] == ("firing", "retraining_timed_out")
    assert await made.look() == []
    await made.deliver()
    (told,) = [d for t, k, d in made.orchestrator.got if t == OTHER and d["monitor"] != "default"]
    assert (told["severity"], told["version"], told["retraining"]["state"]) == (
        "P4",
        "*",
        "timed_out",
    )
    second = await by_hand(made)
    await made.say(Signal.FAILED, second)
    assert (await made.alerts())["retraining"][0] == "firing"
    third = await by_hand(made)
    # the first run comes to its end after all, but it is not the one that was asked for last
    first = (await made.runs())[-1].id
    assert (await made.say(Signal.SUCCEEDED, first, version="v2")).move.changed
    assert (await made.alerts())["retraining"][0] == "firing"
    await made.say(Signal.SUCCEEDED, third, version="v3")
    assert (await made.alerts())["retraining"] == ("resolved", "retrained")


async def test_an_old_run_that_is_promoted_late_pushes_nobody_aside(made: Loop) -> None:
    await made.drift()
    await made.say(Signal.SUCCEEDED, version="v2")
    first = (await made.runs())[0].id
    second = await by_hand(made)
    await made.say(Signal.PROMOTED, second, version="v3")
    late = await made.say(Signal.PROMOTED, first)
    assert late.move.reason is Reason.NEWER_PROMOTED
    async with made.store.read() as unit:
        champion = await unit.models.champion(1)
    assert champion is not None
    assert champion.name == "v3"


async def test_a_request_that_is_given_up_has_failed(made: Loop) -> None:
    made.orchestrator.status, made.orchestrator.final = 404, True
    await made.drift()
    await made.deliver()
    (run,) = await made.runs()
    assert (run.state, run.reason) == (State.FAILED, Reason.NOT_DELIVERED)
    assert (await made.alerts())["retraining"] == ("firing", "retraining_failed")


@pytest.mark.parametrize("gone", ["deleted", "disabled"])
async def test_a_request_to_a_target_that_is_gone_has_failed(made: Loop, gone: str) -> None:
    await made.drift()
    async with made.store.write() as unit:
        if gone == "deleted":
            await unit.targets.delete(TARGET)
        else:
            await unit.targets.disable(TARGET, "by hand")
    (failed,) = await made.look()
    assert not isinstance(failed, Asked)
    assert failed.move.reason is Reason.NOT_DELIVERED
    assert await made.look() == []


async def test_what_timed_out_before_it_was_delivered_is_not_delivered_any_more(
    made: Loop,
) -> None:
    made.orchestrator.status = 503
    await made.declare(deadline=HOUR)
    await made.drift()
    await made.deliver()
    await made.look(HOUR)
    made.orchestrator.status = 202
    made.clock.forward(3 * HOUR)
    before = len(made.orchestrator.requests)
    await made.deliver()
    assert len(made.orchestrator.requests) == before
    async with made.store.read() as unit:
        deliveries = await unit.views.deliveries(TARGET, None, None, 10)
    assert DeliveryState.SUPERSEDED in [d.state for d in deliveries if d.event_type == RETRAINING]


async def test_an_orchestrator_that_can_be_asked_is_asked(made: Loop) -> None:
    made.orchestrator.names_runs = True
    await made.drift()
    await made.deliver()
    (run,) = await made.runs()
    assert run.run == f"run-of-{run.id}"
    assert await made.look() == []
    assert made.orchestrator.polls == 0, "not before its first turn"
    assert await made.look(MINUTE) == []
    made.orchestrator.states[run.run] = RunState(Phase.RUNNING)
    assert await made.look() == []
    await made.look(MINUTE)
    assert (await made.runs())[0].state is State.RUNNING
    made.orchestrator.states[run.run] = RunState(Phase.SUCCEEDED)
    await asyncio.gather(made.look(MINUTE), made.look())
    assert (await made.runs())[0].state is State.SUCCEEDED
    assert made.orchestrator.polls == 3
    named = await made.say(Signal.SUCCEEDED, version="v2")
    assert named.move.reason is Reason.VERSION_NAMED
    async with made.store.read() as unit:
        assert "v2" in {v.name for v in await unit.models.versions(1)}
        history = await unit.retrainings.history(run)
    assert [e.origin for e in history if e.signal == "succeeded"] == [Origin.POLL, Origin.CALLBACK]


async def test_a_cooldown_holds_back_an_alert_and_not_a_person(made: Loop) -> None:
    await made.declare(cooldown=DAY)
    await by_hand(made)
    await made.say(Signal.FAILED)
    await made.drift()
    assert len(await made.runs()) == 1
    assert await made.look(23 * HOUR) == []
    assert await made.look(2 * HOUR) == [Asked((await made.runs())[0].id)]
    (waited, _) = await made.runs()
    assert (waited.cause, waited.about["features"]) == ("drift", ["x"])
    assert await made.look(DAY) != [], "its deadline passed"
    assert await made.look(10 * DAY) == [], "an episode is asked for once"


async def test_a_wish_ends_with_its_alert(made: Loop) -> None:
    await by_hand(made)
    await made.say(Signal.FAILED)
    await made.drift(0)
    for hour in (1, 2, 3):
        await made.drift(hour, shift=0.0)
    assert (await made.alerts())["default"][0] == "resolved"
    assert await made.look(2 * DAY) == []
    assert len(await made.runs()) == 1


async def test_a_champion_grows_too_old(made: Loop) -> None:
    await made.declare(maximum_age=30 * DAY, on=frozenset())
    assert await made.look(29 * DAY) == []
    (asked,) = await made.look(DAY)
    (run,) = await made.runs()
    assert asked == Asked(run.id)
    assert (run.cause, run.detail) == ("staleness", "the champion is 30 days old")
    await made.say(Signal.PROMOTED, version="default")
    assert await made.look(29 * DAY) == [], "what was trained anew is young again"
    assert len(await made.look(DAY)) == 1


async def test_a_person_asks_once_by_a_key(made: Loop) -> None:
    first = await by_hand(made, "key-1")
    assert await by_hand(made, "key-1") == first
    with pytest.raises(KeyReused):
        await by_hand(made, "key-1", "other words")
    with pytest.raises(Conflict) as busy:
        await by_hand(made, "key-2")
    assert busy.value.code == "retraining-in-flight"
    await remove_retraining(made.store, SOURCE, MODEL)
    with pytest.raises(Conflict) as nobody:
        await by_hand(made)
    assert nobody.value.code == "no-retraining-policy"
    with pytest.raises(NotFound):
        await remove_retraining(made.store, SOURCE, MODEL)


async def test_a_policy_names_a_target_that_is_there(made: Loop) -> None:
    with pytest.raises(Invalid) as wrong:
        await made.declare(target="nowhere")
    assert wrong.value.faults[0].pointer == "/target"
    async with made.store.write() as unit:
        await unit.targets.put(Target("pager", "webhook", {}, takes=frozenset()))
    with pytest.raises(Invalid):
        await made.declare(target="pager")


async def test_a_policy_that_is_removed_takes_its_alert_and_wishes_along(made: Loop) -> None:
    await by_hand(made)
    await made.say(Signal.FAILED)
    await made.drift()
    await remove_retraining(made.store, SOURCE, MODEL)
    assert (await made.alerts())["retraining"][0] == "resolved"
    await made.declare()
    assert await made.look(2 * DAY) == []


async def test_a_model_that_is_deleted_starts_no_run(made: Loop) -> None:
    await made.drift()
    id_ = (await made.runs())[0].id
    await remove_model(made.store, SOURCE, MODEL)
    await made.deliver()
    assert made.orchestrator.requests == []
    with pytest.raises(NotFound):
        await made.say(Signal.RUNNING, id_)
    assert await made.look(DAY) == []
    with pytest.raises(NotFound):
        await declare_retraining(made.store, MODEL, None)  # type: ignore[arg-type]


async def test_a_request_is_not_sent_again_for_a_run_that_was_accepted_or_is_over(
    made: Loop,
) -> None:
    await made.drift()
    async with made.store.read() as unit:
        (asked,) = [
            one
            for one in await unit.views.deliveries(TARGET, None, None, 9)
            if one.event_type == RETRAINING
        ]
    await redeliver(made.store, asked.id)  # nobody has accepted it yet
    await made.deliver()
    for word in (None, Signal.FAILED):
        if word is not None:
            await made.say(word)
        with pytest.raises(Conflict) as refused:
            await redeliver(made.store, asked.id)
        assert refused.value.code == "retraining-over"
    await made.deliver()
    assert len(made.orchestrator.requests) == 1
