"""What of a model may be declared, and declared anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.declaration import (
    check_schema,
    check_schema_change,
    check_settings,
    check_window_change,
)
from app.domain.errors import Conflict, Invalid
from app.domain.model import Feature, Kind, Model, Precision, Role, Schema, Settings, TimeUnit

AMOUNT = Feature("amount", Kind.NUMERIC)
MODEL = Model(1, "m", Settings(), Schema((AMOUNT,)), 1, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        (Settings(window=timedelta(minutes=20)), "/window"),
        (Settings(window=timedelta(0)), "/window"),
        (Settings(window=timedelta(days=367)), "/window"),
        (Settings(lateness=timedelta(seconds=-1)), "/lateness"),
        (Settings(final_after=timedelta(days=4_000)), "/final_after"),
    ],
)
def test_times_that_panes_cannot_make_up_are_refused(settings: Settings, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_settings(settings)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


@pytest.mark.parametrize("hours", [0.25, 1, 7, 24, 24 * 7])
def test_whole_panes_make_a_window(hours: float) -> None:
    check_settings(Settings(window=timedelta(hours=hours)))


@pytest.mark.parametrize(
    "features",
    [
        (AMOUNT, AMOUNT),
        (Feature("a", Kind.IGNORED, Role.ID), Feature("b", Kind.IGNORED, Role.ID)),
        (Feature("s", Kind.CATEGORICAL, Role.SCORE),),
        (Feature("a", Kind.NUMERIC, time_unit=TimeUnit.SECONDS),),
    ],
)
def test_contradictions_name_the_column(features: tuple[Feature, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        check_schema(Schema(features))
    assert {fault.field for fault in caught.value.faults} <= {f.name for f in features}


def test_too_many_counted_columns_are_refused_and_ignored_ones_are_free() -> None:
    check_schema(Schema((AMOUNT, Feature("b", Kind.IGNORED))), limit=1)
    with pytest.raises(Invalid):
        check_schema(Schema((AMOUNT, Feature("b", Kind.NUMERIC))), limit=1)


@pytest.mark.parametrize(
    "changed",
    [
        (),
        (replace(AMOUNT, kind=Kind.CATEGORICAL),),
        (replace(AMOUNT, precision=Precision.FLOAT32),),
        (replace(AMOUNT, role=Role.PREDICTION),),
    ],
)
def test_a_counted_column_stays_as_it_is(changed: tuple[Feature, ...]) -> None:
    with pytest.raises(Conflict):
        check_schema_change(MODEL, Schema(changed))


def test_columns_may_join_and_become_sensitive() -> None:
    more = Schema((replace(AMOUNT, sensitive=True), Feature("age", Kind.NUMERIC)))
    check_schema_change(MODEL, more)
    check_schema_change(MODEL, None)
    check_schema_change(replace(MODEL, active_baseline=None), Schema(()))


def test_the_window_is_fixed_by_the_first_batch() -> None:
    wider = Settings(window=timedelta(days=1))
    check_window_change(MODEL, wider, has_windows=False)
    check_window_change(MODEL, Settings(lateness=timedelta(0)), has_windows=True)
    with pytest.raises(Conflict):
        check_window_change(MODEL, wider, has_windows=True)


def test_a_name_that_no_database_indexes_is_refused() -> None:
    check_schema(Schema((Feature("\u00e9" * 512, Kind.NUMERIC),)))
    with pytest.raises(Invalid) as caught:
        check_schema(Schema((AMOUNT, Feature("\u00e9" * 513, Kind.NUMERIC))))
    assert [fault.pointer for fault in caught.value.faults] == ["/schema/features/1"]
