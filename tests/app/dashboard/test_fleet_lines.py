"""One line for each model, and the tiles of one: what fires or was not judged is never calm."""

from datetime import UTC, datetime, timedelta

from app.dashboard.fleet.lines import FIRING_TOLD, Known, fleet_row
from app.dashboard.wording import why
from app.domain.monitors.monitor import Severity
from app.domain.telling.overview import Firing, Judged, ModelLine

AT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALM = Judged(AT, AT + HOUR, 10, "ok", False, False, None, 1)
MODEL = ModelLine(1, "flights", HOUR, "v1", "v1", 1, CALM)


def fires(monitor: str = "default", segment: str = "", alerts: int = 1) -> Firing:
    return Firing("flights", monitor, Severity.P2, segment, alerts)


def test_nothing_is_wrong_only_where_nothing_fires() -> None:
    assert fleet_row(MODEL, Known()).sentence == "Nothing is wrong."
    told = fleet_row(MODEL, Known(firing=[fires(segment="origin=JFK", alerts=3)])).sentence
    assert told == "default fires in origin=JFK and 2 more (P2)."


def test_of_many_monitors_that_fire_the_last_are_a_number() -> None:
    many = [fires(f"m{n}") for n in range(FIRING_TOLD + 2)]
    told = fleet_row(MODEL, Known(firing=many)).sentence
    assert told.endswith("m2 fires (P2). 2 more monitors fire.")


def test_a_reason_that_counts_features_is_told_in_words() -> None:
    reason = "3 of 3 features; a: few_rows: 4 rows, at least 9 are needed"
    assert why(reason) == "3 of 3 features; a: too few rows (4 rows, at least 9 are needed)"
    assert why("grid; more") == "grid; more"
