"""A NUL character, which PostgreSQL takes in no text, is told to whoever sent it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI

from tests.app.api.service import calling, judged, post, problem, rows, running, with_baseline
from tests.app.conftest import Place

MODEL, NUL = "nul", "a%00b"
USUAL = {"model": MODEL, "start": "2024-01-01T00:00:00Z", "feature": "x", "monitor": "default"}


@pytest.fixture
async def app(place: Place, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    folder = tmp_path_factory.mktemp("nul")
    async with running(folder, database_url=place.url) as served:
        yield served


def addresses(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Yield all of the API, a NUL in one parameter of a path or query after the other."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods.keys() & {"get", "put", "post", "patch", "delete"}:
            said = methods[method].get("parameters", ())
            names = [one["name"] for one in said if one["in"] == "path"]
            usual = {name: USUAL.get(name, "1") for name in names}
            for name in names:
                yield method, path.format(**usual | {name: NUL})
            for name in (one["name"] for one in said if one["in"] == "query"):
                yield method, f"{path.format(**usual)}?{name}={NUL}"


async def test_no_address_fails(app: FastAPI) -> None:
    async with calling(app) as client:
        await with_baseline(client, MODEL)
        await post(client, MODEL, rows(300))
        await judged(client, app, MODEL)
        asked = list(addresses(app))
        assert len(asked) > 100
        for method, path in asked:
            body = {"json": {}} if method in ("put", "post", "patch") else {}
            answer = await client.request(method, path, **body)
            assert answer.status_code in (404, 422), (method, path, answer.text)
            problem(answer, answer.status_code)
    async with calling(app, headers={"Accept": "text/html"}) as client:
        for path in ("/models/a%00b", "/ingest/a%00b", "/retrainings/a%00b", "/assets/a%00b"):
            answer = await client.get(path)
            assert (answer.status_code, "<h1" in answer.text) == (404, True), path
        for path in ("/ingest?model=a%00b", "/alerts?model=a%00b", "/deliveries?about=a%00b"):
            assert (await client.get(path)).status_code == 422, path
