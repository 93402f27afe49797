"""Whatever the service takes: applied twice it is as once, and exported it declares itself."""

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.apply.document import read
from app.apply.order import DONE
from app.apply.writing import text_of
from tests.app.apply.conftest import Hand

NUMBERS = itertools.count(1)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | NAMES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings with any of these members."""
    return st.fixed_dictionaries({}, optional=members)


ROLES = st.sampled_from(["feature", "segment"])
FEATURES = st.lists(
    st.tuples(NAMES, st.sampled_from(["numeric", "categorical", "ignored"]), ROLES, st.booleans()),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[0],
).map(
    lambda all_: {
        "features": [
            {"name": name, "kind": kind, "role": role, "sensitive": hidden}
            for name, kind, role, hidden in all_
        ]
    }
)
VERSIONS = st.dictionaries(
    st.sampled_from(["1", "2013-03", "on", "v2"]),
    st.fixed_dictionaries(
        {"role": st.sampled_from(["challenger", "shadow", "retired"])},
        optional={"lineage": st.dictionaries(NAMES, JSON, max_size=3)},
    ),
    max_size=3,
)
SOURCES = st.dictionaries(
    st.sampled_from(["logs", "null", "0x1"]),
    st.fixed_dictionaries(
        {"url": st.sampled_from(["s3://rows/a", "s3://rows/b/"]), "enabled": st.just(value=False)},
        optional={
            "columns": st.dictionaries(NAMES, NAMES, max_size=2),
            "inputs": st.lists(NAMES, max_size=2),
            "poll": st.sampled_from(["60s", "1h", "90s"]),
            "remember": st.sampled_from(["2w", "30d"]),
            "credentials": st.just({"access_key_id": "env:ID"}),
        },
    ),
    max_size=2,
)
MODELS = some(
    schema=FEATURES | st.none(),
    window=st.sampled_from(["15m", "60m", "1h", "7d", "1w"]),
    lateness=st.sampled_from(["0s", "0d", "900s"]),
    strict=st.booleans(),
    maximum_silence=st.none() | st.just("24h"),
    severities=st.none()
    | some(traffic=st.sampled_from(["P1", "P3"]), retraining=st.sampled_from(["P2", "P4"])),
    retention=st.none() | some(panes_days=st.integers(1, 20), days_days=st.integers(90, 730)),
    versions=VERSIONS,
    sources=SOURCES,
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(model=MODELS, champion=st.none() | st.sampled_from(["1", "2013-03"]))
def test_what_was_applied_is_there_and_what_is_exported_changes_nothing(
    hand: Hand, model: dict[str, Any], champion: str | None
) -> None:
    name = f"any-{next(NUMBERS)}"
    if champion in model.get("versions", {}):
        model["versions"][champion]["role"] = "champion"
    text = text_of({"models": {name: model}})
    status, said = hand.apply(text)
    assert status == DONE, said
    assert "0 to create, 0 to change, 0 to delete" in hand.apply(text)[1]
    exported = hand.export()
    assert "0 to create, 0 to change, 0 to delete" in hand.apply(exported)[1]
    assert read(exported.encode(), "f").plain()["models"][name].keys() <= model.keys()
    hand.http.delete(f"/v1/models/{name}").raise_for_status()
