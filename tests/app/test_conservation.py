"""The law itself, and that a breach of it is seen wherever it is: by tests that end with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.domain.conservation import Balance
from app.domain.model import Model
from app.store import SqlStore
from tests import conserved
from tests.app.api.service import START, add_up, calling, post, rows, running, with_baseline
from tests.app.store.made import active, batch, declared, rejection

WHOLE = Balance("m", 20, 10, 5, 3, 2, receipts=10, unbalanced=0, held=10)


def test_what_adds_up_has_no_faults() -> None:
    assert WHOLE.faults(all_receipts=True) == ()
    assert replace(WHOLE, receipts=4).faults() == ()
    assert replace(WHOLE, held=4, removed=6).faults() == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("received", 21),
        ("duplicate", 4),
        ("counted", 11),
        ("held", 9),
        ("removed", 1),
        ("receipts", 11),
        ("receipts", 9),
        ("unbalanced", 1),
    ],
)
def test_each_number_that_is_wrong_is_a_fault(name: str, value: int) -> None:
    found = replace(WHOLE, **{name: value}).faults(all_receipts=True)
    assert found
    assert all(fault.startswith("m: ") for fault in found)


async def filled(store: SqlStore) -> Model:
    model = await declared(store)
    grid_set = await active(store, model)
    sent = [batch(model, grid_set, key) for key in "kl"]
    await store.commit(sent)
    await store.commit(sent[:1])
    async with store.write() as unit:
        await unit.rejections.add([rejection(model.name, source="http", rows=7)])
    return model


async def test_a_store_adds_up_through_all_that_befalls_rows(store: SqlStore) -> None:
    await filled(store)
    found = await conserved.balances(store)
    assert found == {"flights": Balance("flights", 37, 20, 10, 0, 7, 20, 0, 20)}
    await conserved.check(store)


SPOILT: Sequence[str] = (
    "update tally set counted = counted + 1 where id = (select min(id) from tally)",
    "update tally set received = received - 1 where id = (select min(id) from tally)",
    "update receipt set duplicate = duplicate + 1 where key = 'k'",
    "update receipt set counted = counted + 1, received = received + 1 where key = 'k'",
    "delete from receipt where key = 'k'",
    "update delta set rows = rows + 1",
    "delete from delta",
)


@pytest.mark.usefixtures("spoils")
@pytest.mark.parametrize("damage", SPOILT)
async def test_damage_is_seen(store: SqlStore, damage: str) -> None:
    await filled(store)
    async with store.write() as unit:
        await unit.session.connection.execute(text(damage))
    with pytest.raises(AssertionError, match="flights"):
        await conserved.check(store)


async def test_metrics_that_say_otherwise_are_seen(tmp_path: Path) -> None:
    async with running(tmp_path) as app, calling(app) as client:
        await with_baseline(client, "m")
        await post(client, "m", rows(30, START))
        await add_up(app)
        found = await conserved.balances(app.state.api.store)
        told = (await client.get("/metrics")).text
        conserved.check_metrics(told, found)
        with pytest.raises(AssertionError):
            conserved.check_metrics(told.replace("} 30.0", "} 31.0"), found)
        with pytest.raises(AssertionError):
            conserved.check_metrics(told, {"m": replace(found["m"], counted=29, duplicate=1)})
