"""The JSON document keeps to its schema, and says what the comparison says."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from app.domain.telling.comparison import Comparison
from app.report.document import document
from tests.app.report import comparisons

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "check.schema.json").read_text())


def written(comparison: Comparison) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document(comparison, 1, "0"), allow_nan=False))
    return found


@pytest.mark.parametrize("made", [comparisons.ordinary, comparisons.hostile, comparisons.calm])
def test_it_keeps_to_its_schema(made: Any) -> None:
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(written(made()))


def test_the_schema_refuses_what_is_not_so() -> None:
    check = jsonschema_rs.Draft202012Validator(SCHEMA)
    good = written(comparisons.calm())
    assert not check.is_valid(good | {"format": "leeway.comparison/2"})
    assert not check.is_valid(good | {"state": "fine"})
    assert not check.is_valid(good | {"surprise": 1})
    assert not check.is_valid({k: v for k, v in good.items() if k != "features"})


def test_it_says_what_was_found() -> None:
    found = written(comparisons.ordinary())
    assert (found["state"], found["exit_status"]) == ("drift", 1)
    assert found["drifted"] == [f["name"] for f in found["features"] if f["state"] == "drift"]
    assert found["only_in_current"] == ["extra"]
    size = next(f for f in found["features"] if f["name"] == "size")
    parts = [one["contribution"] for one in size["bins"] if one["contribution"] is not None]
    assert sum(parts) == pytest.approx(size["estimates"]["psi"]["value"])
    assert sum(one["current"] for one in size["bins"]) == found["current"]["rows"]


def test_what_has_no_value_is_null_with_its_reason() -> None:
    old = written(comparisons.ordinary())["features"][0]
    assert old["name"] == "old"
    assert old["estimates"]["ks"]["value"] is None
    assert old["estimates"]["ks"]["reason"] == "no_current_rows"


def test_names_are_kept_whole() -> None:
    names = {f["name"] for f in written(comparisons.hostile())["features"]}
    assert set(comparisons.HOSTILE) <= names
