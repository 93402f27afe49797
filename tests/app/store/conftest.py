"""A model for tests of the store; the stores themselves come from the folder above."""

import pytest

from app.domain.model import Model
from app.store import SqlStore
from tests.app.store.made import declared


@pytest.fixture
async def model(store: SqlStore) -> Model:
    """A model with an active baseline, hourly windows and two features."""
    return await declared(store)
