"""Which source a backfill counts with, and what it may reach."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.backfill.order import Order, Stop
from app.backfill.place import allowed, own_source, url_of
from app.domain.model import Feature, Kind, Model, Role, Schema, Settings
from app.domain.sources.source import Source

MODEL = Model(3, "m", Settings(), None, 1, datetime(2026, 1, 1, tzinfo=UTC))
URL = "s3://bucket/logs"
ORDER = Order(URL, "m", format="csv", columns={"ts": "timestamp"})


def test_a_plain_path_is_a_folder_without_its_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    real = (tmp_path / "real").resolve()
    assert url_of(str(tmp_path / "link")) == f"file://{real}"
    assert url_of(f"file://{tmp_path}/link/") == f"file://{real}"
    assert url_of(URL) == URL
    with pytest.raises(Stop, match="leeway send"):
        url_of(str(tmp_path / "none"))


def test_a_new_one_is_switched_off_and_remembers_long() -> None:
    made = own_source(ORDER, MODEL, [])
    assert (made.name, made.url, made.enabled, made.model_id) == ("backfill", URL, False, 3)
    assert (made.format, made.columns) == ("csv", {"ts": "timestamp"})
    assert made.remember.days >= 3_650


def test_an_earlier_one_is_gone_on_with_as_it_was_declared() -> None:
    earlier = replace(own_source(ORDER, MODEL, []), id=8)
    assert own_source(Order(URL, "m"), MODEL, [earlier]) == earlier
    assert own_source(Order(URL, "m", format="ndjson"), MODEL, [earlier]).format == "ndjson"


def test_an_earlier_one_keeps_its_endpoint_however_that_is_spelled_now() -> None:
    earlier = replace(own_source(replace(ORDER, endpoint="http://h:1"), MODEL, []), id=8)
    for spelled in ("http://h:1/", "http://H:1"):
        again = own_source(replace(ORDER, endpoint=spelled), MODEL, [earlier])
        assert again.options.endpoint == "http://h:1", "objects are known by it"
    moved = own_source(replace(ORDER, endpoint="http://h:2"), MODEL, [earlier])
    assert moved.options.endpoint == "http://h:2"


@pytest.mark.parametrize(
    "other", [{"url": "s3://bucket/other"}, {"enabled": True}], ids=["elsewhere", "at work"]
)
def test_what_is_another_source_is_left_alone(other: dict[str, object]) -> None:
    earlier = replace(Source(3, "m", "backfill", URL, enabled=False), **other)  # type: ignore[arg-type]
    assert own_source(ORDER, MODEL, [earlier]).name == "backfill-2"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"at": "when"}, "the name in the objects comes first: write --column when=at"),
        ({"ts": "att"}, "has no column 'att'; was ts=at meant?"),
        ({"ts": "zzz"}, "--column ts=zzz: model 'm' has no column 'zzz'"),
    ],
)
def test_a_column_that_the_model_does_not_have_is_refused(
    columns: dict[str, str], said: str
) -> None:
    schema = Schema((Feature("at", Kind.IGNORED, Role.TIMESTAMP),))
    model = replace(MODEL, schema=schema)
    with pytest.raises(Stop) as caught:
        own_source(replace(ORDER, columns=columns), model, [])
    assert said in str(caught.value)
    assert own_source(replace(ORDER, columns={"ts": "at"}), model, []).columns == {"ts": "at"}


def test_a_name_that_no_path_can_hold_is_refused() -> None:
    with pytest.raises(Stop, match="--source"):
        own_source(replace(ORDER, source="a/b"), MODEL, [])


def test_what_the_command_line_names_is_open_beside_what_the_settings_open(tmp_path: Path) -> None:
    opened = allowed(Order(str(tmp_path), "m"), "/elsewhere")
    assert opened.permits_folder(tmp_path / "a.csv")
    assert opened.permits_folder(Path("/elsewhere/a.csv"))
    assert not opened.permits_folder(tmp_path.parent)
    named = allowed(Order(URL, "m", endpoint="http://user@10.1.2.3:9000"), "")
    assert [(str(r.network), r.port) for r in named.networks] == [("10.1.2.3/32", 9000)]
    with pytest.raises(Stop, match="allow-list"):
        allowed(Order(URL, "m", endpoint="http://10.1.2.3.4:9000"), "")
