"""The whole service in this process: real store, real loops, requests through ASGI."""

import itertools
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.app.api.service import add_up, calling, running

NUMBERS = itertools.count(1)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """A service without keys, shared by a module: every test names models of its own."""
    async with running(tmp_path_factory.mktemp("open")) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app) as made:
        yield made


@pytest.fixture
def served(request: pytest.FixtureRequest) -> FastAPI | None:
    """The shared service, for tests that ask for it."""
    return request.getfixturevalue("app") if "app" in request.fixturenames else None


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def conservation_of_app(served: FastAPI | None) -> AsyncIterator[None]:
    yield
    if served is not None:
        await add_up(served)


@pytest.fixture
def name() -> str:
    """A model's name that no other test uses."""
    return f"model-{next(NUMBERS)}"
