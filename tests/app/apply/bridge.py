"""The whole service on a loop of its own, for clients that do not know of loops."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.app.api.service import running


class Bridge(httpx.BaseTransport):
    """Carries requests to an application that lives on another thread's loop."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._carry(request), self._loop).result(60)

    async def _carry(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self._inner.handle_async_request(sent)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


@contextmanager
def bridged(folder: Path, **settings: Any) -> Iterator[httpx.Client]:
    """A client of a service that runs as long as the client is open."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    service = running(folder, **settings)
    try:
        app = asyncio.run_coroutine_threadsafe(service.__aenter__(), loop).result(60)
        with httpx.Client(transport=Bridge(app, loop), base_url="http://localhost") as client:
            yield client
        asyncio.run_coroutine_threadsafe(service.__aexit__(None, None, None), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
