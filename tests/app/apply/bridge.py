"""The whole service on a loop of its own, for clients that do not know of loops."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
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
    begun: Future[tuple[FastAPI, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(begun, folder, settings)))
    thread.start()
    app, loop, end = begun.result(60)
    try:
        with httpx.Client(transport=Bridge(app, loop), base_url="http://localhost") as client:
            yield client
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(60)


async def _serve(
    begun: "Future[tuple[FastAPI, asyncio.AbstractEventLoop, asyncio.Event]]",
    folder: Path,
    settings: dict[str, Any],
) -> None:
    end = asyncio.Event()
    try:
        async with running(folder, **settings) as app:
            begun.set_result((app, asyncio.get_running_loop(), end))
            await end.wait()
    except BaseException as error:
        if begun.done():
            raise
        begun.set_exception(error)
    # connections that are being given back end after the service
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(left, timeout=5)
