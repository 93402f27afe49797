"""A PostgreSQL that syncs as a real one does: these tests are about crashes."""

from collections.abc import Iterator

import pytest

from tests import postgres


@pytest.fixture(scope="session")
def durable_server() -> Iterator[postgres.Server]:
    with postgres.running(fsync=True) as server:
        yield server


@pytest.fixture
def durable_postgres(durable_server: postgres.Server) -> Iterator[str]:
    url = durable_server.create()
    yield url
    durable_server.drop(url)
