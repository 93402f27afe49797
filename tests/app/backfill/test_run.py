"""A whole backfill in processes of its own: the same cells as by POST, with one worker or two."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from app.backfill.order import AWAY, DONE, INCOMPLETE, UNUSABLE, Order
from app.backfill.run import backfill
from app.domain.batch import Table
from app.domain.model import Feature, Kind, Role, Schema
from app.domain.model import Settings as ModelSettings
from app.domain.sources.source import Source
from app.domain.telling.reports import WindowQuery
from app.settings import Settings
from app.steps.declare import declare_model
from app.steps.register import register
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.buckets import as_csv, as_ndjson, as_parquet, frame
from tests.app.steps.world import HOUR, SCHEMA, keyed, rows, world

PROGRESS = re.compile(r"[0-9]+ of [0-9,]+ objects, .* rows, ")
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
IDS = Schema((*SCHEMA.features, Feature("id", Kind.IGNORED, Role.ID)))
HORIZON = timedelta(days=7)
COUNT = 30
ROWS = 5 * COUNT + 20


def parts() -> dict[str, pl.DataFrame]:
    """Frames by the names of their files; those of the last two share their rows."""
    made = {
        name: frame(rows(START + HOUR * hour, COUNT, seed=hour)).with_columns(
            id=pl.int_range(COUNT).cast(pl.String) + f"-{hour}"
        )
        for hour, name in enumerate(("b.csv", "a.ndjson", "c/d.parquet", "c/e.csv"))
    }
    made["old.csv"] = made["b.csv"].with_columns(pl.col("at") - timedelta(days=40))
    return made | {"f.csv": made["c/e.csv"].head(20)}


def written(folder: Path) -> Path:
    write = {".csv": as_csv, ".ndjson": as_ndjson, ".parquet": as_parquet}
    for name, part in parts().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write[path.suffix](part))
    (folder / "_SUCCESS").write_bytes(b"")
    return folder


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[SqlStore]:
    store = SqlStore(place.url)
    try:
        yield store
    finally:
        await store.close()


async def prepared(place: Place, models: dict[str, tuple[ModelSettings, Schema]]) -> None:
    async with opened(place) as store:
        with ThreadPoolExecutor(1) as pool:
            for name, (settings, schema) in models.items():
                await declare_model(store, name, settings, schema)
                await register(store, pool, name, rows(START - HOUR, 2_000, seed=7), None)


async def posted(place: Place, model: str) -> None:
    async with opened(place) as store, world(store, place.clock) as made:
        for name, part in parts().items():
            table = Table(part.drop("id").to_dict(), part.height)
            await made.intake.ingest(replace(keyed(table, name), model=model))


async def cells(place: Place, model: str) -> object:
    """All of a model's counts, pane by pane."""
    found = []
    async with opened(place) as store, store.read() as unit:
        stored = await unit.models.find(model)
        assert stored is not None
        query = WindowQuery(stored.id, "default")
        for begin in (START - timedelta(days=40), START):
            for pane in range(16):
                start = begin + pane * HOUR / 4
                held = await unit.views.held(query, start, start + HOUR / 4)
                found.append(
                    (start, held.rows, () if held.vector is None else held.vector.tolist())
                )
    assert sum(height for _, height, _ in found) == ROWS
    return found


def run(place: Place, url: Path | str, model: str, **options: object) -> tuple[int, str, str]:
    """Status, table and all that was said, but for how far it was: a slow run says that, too."""
    out, err = (Console(file=io.StringIO(), width=140) for _ in range(2))
    order = Order(str(url), model, **options)  # type: ignore[arg-type]
    settings = Settings(database_url=place.url)  # type: ignore[arg-type]
    status = backfill(order, settings, out, err)
    lines = err.file.getvalue().splitlines(keepends=True)  # type: ignore[attr-defined]
    said = "".join(line for line in lines if not PROGRESS.search(line))
    return status, out.file.getvalue(), said  # type: ignore[attr-defined]


def test_one_worker_or_two_or_by_post_it_comes_to_the_same_cells(
    place: Place, tmp_path: Path
) -> None:
    plain = ModelSettings(), SCHEMA
    asyncio.run(prepared(place, dict.fromkeys(("one", "two", "by-post"), plain)))
    folder = written(tmp_path / "files")
    assert run(place, folder, "one", workers=1)[0] == DONE
    status, table, said = run(place, folder, "two")
    assert (status, said) == (DONE, "")
    assert table.split()[-6:] == ["0", "6", "0", "170", "0", "0"]
    asyncio.run(posted(place, "by-post"))
    wanted = asyncio.run(cells(place, "by-post"))
    assert asyncio.run(cells(place, "one")) == wanted
    assert asyncio.run(cells(place, "two")) == wanted


def test_rows_count_once_where_the_model_asks_for_it_and_what_is_not_counted_is_said(
    place: Place, tmp_path: Path
) -> None:
    rows_once = ModelSettings(row_horizon=HORIZON), IDS
    asyncio.run(prepared(place, {"rows": rows_once}))
    folder = written(tmp_path / "files")
    (folder / "wrong.csv").write_text("at,x,c,id\nyesterday,1,a,1\n")
    (folder / "none.csv").write_text("at,x,c,id\n")
    (folder / "empty.ndjson").write_bytes(b"")
    status, table, said = run(place, folder, "rows")
    assert status == INCOMPLETE
    assert table.split()[-5:] == ["8", "1", "120", "20", "30"]
    assert "30 rows are late" in said
    assert "wrong.csv: wrong-rows" in said
    assert "row 1, column 'at'" in said
    (folder / "wrong.csv").write_bytes(as_csv(parts()["b.csv"].head(5)))
    status, table, said = run(place, folder, "rows", quiet=True)
    assert (status, table) == (INCOMPLETE, "")
    assert "1 objects are quarantined" in said


def test_what_cannot_begin_says_why(place: Place, tmp_path: Path) -> None:
    folder = written(tmp_path / "files")
    status, _, said = run(place, folder, "none")
    assert (status, said) == (UNUSABLE, "there is no model 'none'\n")

    async def declared() -> None:
        async with opened(place) as store:
            await declare_model(store, "bare", ModelSettings(), None)

    asyncio.run(declared())
    status, _, said = run(place, folder, "bare")
    assert status == UNUSABLE
    assert "has no baseline yet" in said


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "leeway.db"
    out = Console(file=io.StringIO())
    settings = Settings(database_url=f"sqlite:///{nowhere}")  # type: ignore[arg-type]
    assert backfill(Order(str(tmp_path), "m"), settings, out, out) == UNUSABLE
    assert not nowhere.parent.exists()


def test_a_bucket_that_is_away_ends_it_after_its_patience(place: Place) -> None:
    asyncio.run(prepared(place, {"m": (ModelSettings(), SCHEMA)}))
    url, where = "s3://bucket/x", {"endpoint": "http://127.0.0.1:9", "anonymous": True}
    status, table, said = run(place, url, "m", patience=0.5, **where)
    assert (status, table) == (AWAY, "")
    assert said == "s3://bucket/x: the store failed\n"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_put_right_is_tried_again(place: Place, tmp_path: Path) -> None:
    asyncio.run(prepared(place, {"m": (ModelSettings(), SCHEMA)}))
    body = as_csv(parts()["b.csv"]).replace(b"at,", b"when,", 1)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "b.csv").write_bytes(body)
    status, _, said = run(place, tmp_path / "files", "m", workers=1)
    assert status == INCOMPLETE
    assert "b.csv: wrong-rows" in said
    right = {"columns": {"when": "at"}, "retry": True, "workers": 1}
    status, table, said = run(place, tmp_path / "files", "m", **right)
    assert (status, said) == (DONE, "")
    assert table.split()[-6:] == ["1", "1", "0", str(COUNT), "0", "0"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_not_there_any_more_is_said_and_fails_nothing(place: Place, tmp_path: Path) -> None:
    asyncio.run(prepared(place, {"m": (ModelSettings(), SCHEMA)}))
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.csv").write_bytes(as_csv(parts()["b.csv"]))
    (folder / "bad.csv").write_bytes(b"nothing\n\x00\n")
    assert run(place, folder, "m", workers=1)[0] == INCOMPLETE
    (folder / "bad.csv").unlink()
    status, _, said = run(place, folder, "m", workers=1, retry=True)
    assert (status, "1 quarantined objects are not there any more" in said) == (DONE, True)
    assert run(place, folder, "m", workers=1)[0] == DONE


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_a_declared_source_reaches_is_counted_as_it_says(place: Place, tmp_path: Path) -> None:
    asyncio.run(prepared(place, {"m": (ModelSettings(), SCHEMA)}))
    folder = written(tmp_path.resolve() / "files")
    # by way of a link, and with a part that says nothing
    (folder.parent / "link").symlink_to(folder.parent)
    url = f"file://{folder.parent}/link/./files"

    async def declared() -> None:
        async with opened(place) as store, store.write() as unit:
            model = await unit.models.find("m")
            assert model is not None
            await unit.sources.put(Source(model.id, "m", "logs", url, version="v9", enabled=False))

    async def known() -> list[tuple[str, int, int]]:
        async with opened(place) as store, store.read() as unit:
            states = await unit.sources.all()
            return [(s.source.name, s.progress.counted, s.progress.rows) for s in states]

    asyncio.run(declared())
    status, _, said = run(place, folder / "c", "m", workers=1)
    assert (status, said) == (DONE, "2 objects are of source 'logs', and read as it says\n")
    assert asyncio.run(known()) == [("logs", 2, 2 * COUNT)]
    assert run(place, folder, "m", workers=1)[0] == DONE
    assert asyncio.run(known()) == [("logs", 6, ROWS)]
