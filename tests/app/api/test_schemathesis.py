"""Generated requests against the OpenAPI document: no 5xx, and nothing that it does not say."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.api.application import http_app
from app.main import CODE_VERSION, create_app
from app.settings import Settings
from app.sources.formats import FORMATS
from tests.app.api.service import KEY, rows, with_baseline

# Declaring a target looks its host up: generated ones would ask the network's resolver.
REFUSED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429]
"""Statuses that refuse what breaks the schema: one of them is that there is too much of it."""
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": [str(one) for one in REFUSED]}}}
)
SCHEMA = schemathesis.openapi.from_dict(http_app(CODE_VERSION).openapi(), config=CONFIG).exclude(
    operation_id="declare_target"
)
HEADERS = {"Authorization": f"Bearer {KEY}"}
PATIENCE = 30
LINES = [kind for kind, form in FORMATS.items() if form.name == "ndjson"]
BINARY = [kind for kind, form in FORMATS.items() if form.columnar]
schemathesis.serializer.alias(BINARY, "application/octet-stream")
schemathesis.serializer.alias(LINES, "text/plain")


class Server(uvicorn.Server):
    """Runs in a thread of this process, and says when it listens."""

    def __init__(self, folder: Path) -> None:
        app = create_app(Settings(data_dir=folder, api_keys=(KEY,)), variables={})
        super().__init__(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = Server(tmp_path_factory.mktemp("served"))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        assert running.listening.wait(PATIENCE)
        asyncio.run(seeded(running.url))
        yield running.url
    finally:
        running.should_exit = True
        thread.join(PATIENCE)


async def seeded(url: str) -> None:
    """Declare what the document's examples name, so that generated requests get far."""
    async with httpx.AsyncClient(base_url=url, headers=HEADERS) as client:
        await with_baseline(client, "flights")
        await client.post("/v1/models/flights/batches", json=rows(50))


@SCHEMA.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_does_what_the_document_says(case: Case, server: str) -> None:
    # A schema cannot say all that makes a request right: cursors, multiples of 15m, columns' names.
    case.call_and_validate(
        base_url=server, headers=HEADERS, excluded_checks=[positive_data_acceptance]
    )
