"""Several processes behind one address: one scrape tells of all, and no counter ever shrinks."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from app.domain.errors import Unavailable
from app.metrics import Exposition, Requests
from app.metrics.neighbours import Neighbours, Render
from app.store import SqlStore
from tests.app.metrics.made import samples

ROUTE = "/v1/models"
NAME = "leeway_http_requests_total"


@asynccontextmanager
async def process(
    store: SqlStore, folder: Path, number: int, answered: int, of: int = 3
) -> AsyncIterator[Render]:
    requests = Requests()
    for _ in range(answered):
        requests.observe(ROUTE, "GET", 200, 0.01)
    refused = Counter({(ROUTE, 404): number})
    exposition = Exposition(store, "0", refused, requests)
    async with Neighbours(folder, number, of).sharing(exposition) as render:
        yield render


async def counted(render: Render) -> float:
    found = samples((await render("text/plain")).body.decode())
    return sum(value for (name, _), value in found.items() if name == NAME)


async def test_whoever_is_asked_tells_of_all(store: SqlStore, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        renders = [
            await stack.enter_async_context(process(store, tmp_path, number, 10**number))
            for number in range(3)
        ]
        bodies = [(await render("text/plain")).body for render in renders]
        assert bodies[0] == bodies[1] == bodies[2]
        assert await counted(renders[1]) == 111
        found = samples(bodies[0].decode())
        refused = [value for (name, _), value in found.items() if "refused" in name]
        assert refused == [0 + 1 + 2]
        buckets = [v for (name, _), v in found.items() if name.endswith("duration_seconds_count")]
        assert buckets == [111]
        openmetrics = await renders[2]("application/openmetrics-text; version=1.0.0")
        assert openmetrics.body.endswith(b"# EOF\n")
        assert "openmetrics" in openmetrics.media_type


async def test_what_an_ended_process_counted_is_kept(store: SqlStore, tmp_path: Path) -> None:
    async with process(store, tmp_path, 0, 1, of=2) as render:
        async with process(store, tmp_path, 1, 10, of=2):
            assert await counted(render) == 11
        assert await counted(render) == 11
        async with process(store, tmp_path, 1, 100, of=2):
            assert await counted(render) == 111
            assert await counted(render) == 111


async def test_one_that_never_answered_holds_up_no_scrape(store: SqlStore, tmp_path: Path) -> None:
    async with process(store, tmp_path, 0, 5) as render:
        assert await counted(render) == 5


async def test_without_the_first_a_scrape_is_refused(store: SqlStore, tmp_path: Path) -> None:
    async with process(store, tmp_path, 1, 5) as render:
        with pytest.raises(Unavailable, match="does not answer"):
            await render("text/plain")


async def test_what_the_first_refuses_is_refused_in_its_words(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("the database does not answer", code="database-away")

    async with process(store, tmp_path, 0, 5), process(store, tmp_path, 1, 5) as render:
        monkeypatch.setattr(Exposition, "render", away)
        with pytest.raises(Unavailable) as caught:
            await render("text/plain")
    assert (caught.value.detail, caught.value.code) == (
        "the database does not answer",
        "database-away",
    )


async def test_one_that_was_killed_leaves_nothing_in_the_way(
    store: SqlStore, tmp_path: Path
) -> None:
    (tmp_path / "0.sock").write_bytes(b"")
    async with process(store, tmp_path, 0, 5) as render:
        assert await counted(render) == 5
