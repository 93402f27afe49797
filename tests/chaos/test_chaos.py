"""The short form of the rig, and faults of our own making that it must see."""

from dataclasses import replace

import pytest

from tests.chaos.drive import drive
from tests.chaos.faults import SQLITE_WEIGHTS
from tests.chaos.rig import Floors, Run

SHORT = Run(
    seed=20,
    seconds=20.0,
    longest=240.0,
    models=3,
    levels=16,
    workers=12,
    faults=1.2,
    megabytes=400,
    look_every=8.0,
    objects=0.08,
    floors=Floors(
        kills=5,
        restarts=1,
        strikes=5,
        acknowledged=250,
        retries=20,
        duplicates=5,
        deliveries=3,
        retrainings=1,
    ),
)
SQLITE = replace(
    SHORT,
    seed=21,
    seconds=8.0,
    longest=240.0,
    sqlite=True,
    objects=0.0,
    weights=SQLITE_WEIGHTS,
    floors=Floors(kills=2, acknowledged=100, retries=10, duplicates=2, deliveries=1),
)
CONTROL = replace(
    SHORT,
    seconds=5.0,
    longest=240.0,
    models=2,
    levels=8,
    objects=0.0,
    floors=Floors(acknowledged=100),
)


async def test_everything_acknowledged_is_counted_judged_and_told_through_every_fault() -> None:
    result = await drive(SHORT)
    assert result.findings == [], f"seed {SHORT.seed}"
    assert result.shortfalls() == []


async def test_the_same_holds_for_one_process_on_sqlite_and_a_full_disk() -> None:
    result = await drive(SQLITE)
    assert result.findings == [], f"seed {SQLITE.seed}"
    assert result.shortfalls() == []


@pytest.mark.parametrize(
    ("spoilt", "weights", "kills", "seen"),
    [
        ("hasty", {"kill replica": 3, "restart database": 1}, 3, {"lost"}),
        ("forgetful", {"spoil link": 1}, 0, {"doubled", "asked twice"}),
        ("boastful", {"silence hook": 1}, 0, {"never heard"}),
    ],
    ids=[
        "answers before the commit",
        "makes nothing unique",
        "marks before it sends",
    ],
)
async def test_the_rig_sees_a_service_that(
    spoilt: str, weights: dict[str, float], kills: int, seen: set[str]
) -> None:
    floors = replace(CONTROL.floors, kills=kills)
    result = await drive(replace(CONTROL, spoilt=spoilt, weights=weights, floors=floors))
    assert seen <= {finding.partition(":")[0] for finding in result.findings}, result
