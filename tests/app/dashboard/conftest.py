"""The whole service, as a browser without a screen sees it."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.app.api.service import calling, running

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    async with running(tmp_path_factory.mktemp("pages")) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, headers=HTML) as made:
        yield made
