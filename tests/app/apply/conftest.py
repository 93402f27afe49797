"""One service for a module, and files applied to it as the command does."""

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from app.apply.document import read
from app.apply.export import export
from app.apply.order import Order, Reach, Stop
from app.apply.run import carry_out
from tests.app.apply.bridge import bridged

NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Hand:
    """Applies texts to the service."""

    http: httpx.Client

    def apply(
        self, text: str, *, yes: bool = True, answer: bool = True, **options: bool
    ) -> tuple[int, str]:
        """Return the exit status and what was printed."""
        order = Order(
            Path("leeway.yaml"), Reach("http://localhost", patience=5), yes=yes, **options
        )
        out = Console(file=io.StringIO(), width=200)
        try:
            root = read(text.encode(), "leeway.yaml")
            status = carry_out(order, root, self.http, out, lambda _: answer)
        except Stop as stop:
            out.print(str(stop), soft_wrap=True, markup=False)
            status = stop.status
        assert isinstance(out.file, io.StringIO)
        return status, out.file.getvalue()

    def export(self) -> str:
        return export(self.http, 5, "leeway.schema.json")


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    with bridged(tmp_path_factory.mktemp("apply")) as client:
        yield Hand(client)


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"thing-{next(NUMBERS)}"
