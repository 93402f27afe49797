"""Every target hears, however many there are, and whoever heard of a firing hears of its end."""

from datetime import UTC, datetime

from structlog.testing import capture_logs

from app.domain.alerts.alert import AlertKey, Change
from app.domain.alerts.delivery import Target
from app.domain.monitors.monitor import Severity
from app.steps.announce import A_PAGE, announce
from app.store import SqlStore
from tests.app.store.made import declared

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def told(store: SqlStore, change: Change, only: tuple[str, ...] | None = None) -> int:
    async with store.write() as unit:
        key = AlertKey(1, "v", "", "default", NINE)
        return await announce(unit, "/test", "m", key, (change, {"severity": "P2"}), only)


async def test_targets_beyond_a_page_are_told(store: SqlStore) -> None:
    await declared(store)
    async with store.write() as unit:
        for number in range(A_PAGE + 2):
            await unit.targets.put(Target(f"t{number:05}", "webhook", {}))
    assert await told(store, Change.FIRING) == A_PAGE + 2


async def test_who_heard_at_first_hears_the_end_although_others_were_told_since(
    store: SqlStore,
) -> None:
    await declared(store)
    first, second = Target("first", "webhook", {}), Target("second", "webhook", {})
    only_p1 = frozenset({Severity.P1})
    for target in (first, second):
        async with store.write() as unit:
            await unit.targets.put(target)
            other = second if target is first else first
            await unit.targets.put(Target(other.name, "webhook", {}, severities=only_p1))
        assert await told(store, Change.FIRING) == 1
    assert await told(store, Change.RESOLVED) == 2
    assert await told(store, Change.RESOLVED) == 1, "the first has heard of the end"


async def test_a_page_that_reaches_nobody_is_no_secret(store: SqlStore) -> None:
    await declared(store)
    async with store.write() as unit:
        await unit.targets.put(Target("there", "webhook", {}))
    with capture_logs() as logged:
        assert await told(store, Change.FIRING, ("gone", "there")) == 1
        assert await told(store, Change.FIRING, ("gone",)) == 0
        assert await told(store, Change.FIRING, ("there",)) == 1
    lost = [one for one in logged if one["event"] == "alert_targets_gone"]
    assert [(one["model"], one["monitor"], one["targets"]) for one in lost] == [
        ("m", "default", ["gone"])
    ] * 2
