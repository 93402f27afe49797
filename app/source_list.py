"""``leeway sources``: a client of the service that shows how far its sources have come."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

EVERY = 1.0
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """A source of a model as the service tells of it."""

    model: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.model}/{self.told['name']}"

    @property
    def progress(self) -> dict[str, Any]:
        found: dict[str, Any] = self.told["progress"]
        return found

    @property
    def done(self) -> int:
        return int(self.progress["counted"] + self.progress["quarantined"])

    @property
    def total(self) -> int:
        return self.done + int(self.progress["found"])

    @property
    def finished(self) -> bool:
        """Whether a whole listing has been made, and all that it showed is done."""
        listed = self.told["looked_at"] is not None and not self.told["looking"]
        off = not self.told["enabled"] or self.told["error"] is not None
        return (listed and not self.progress["found"]) or off


async def show(url: str, key: str | None, model: str | None, watch: bool, out: Console) -> int:
    """Print the sources of a model, or of all; with ``watch`` until all their objects are done.

    Returns
    -------
    The exit status: 0, or 2 where the service refused or cannot be reached.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE) as http:
            if watch:
                await _watch(http, model, out)
            out.print(table(await lines(http, model)))
    except httpx.HTTPStatusError as error:
        out.print(Text(f"{url} answers {error.response.status_code}", "red"))
        return 2
    except (httpx.HTTPError, httpx.InvalidURL):
        out.print(Text(f"{url} cannot be reached", "red"))
        return 2
    return 0


async def lines(http: httpx.AsyncClient, model: str | None) -> list[Line]:
    """Return the sources of a model, or of all."""
    models = [model] if model else [one["name"] async for one in _items(http, "/v1/models")]
    found = []
    for name in models:
        path = f"/v1/models/{quote(name, safe='')}/sources"
        found += [Line(name, one) async for one in _items(http, path)]
    return found


def table(found: Sequence[Line]) -> Table:
    """Return one line for each source."""
    names = ("source", "url", "found", "counted", "quarantined", "rows", "bytes", "last look", "")
    made = Table(*names, box=None, pad_edge=False)
    for column in made.columns[2:7]:
        column.justify = "right"
    for line in found:
        told, progress = line.told, line.progress
        counts = [f"{progress[name]:,}" for name in ("found", "counted", "quarantined", "rows")]
        looked = (told["looked_at"] or "never")[:19]
        state = Text(told["error"], "red") if told["error"] else Text("")
        if not told["enabled"]:
            state = Text("off", "yellow")
        made.add_row(
            Text(line.name), Text(told["url"]), *counts, size(progress["bytes"]), looked, state
        )
    return made


def size(amount: float) -> str:
    """Return bytes as people read them."""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1_000:
            return f"{amount:.3g} {unit}"
        amount /= 1_000
    return f"{amount:.3g} TB"


async def _watch(http: httpx.AsyncClient, model: str | None, out: Console) -> None:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} objects"),
        TextColumn("{task.fields[rows]:,} rows"),
    )
    with Progress(*columns, console=out) as bars:
        known: dict[str, TaskID] = {}
        while True:
            found = await lines(http, model)
            for line in found:
                if line.name not in known:
                    known[line.name] = bars.add_task(line.name, total=None, rows=0)
                rows = line.progress["rows"]
                bars.update(known[line.name], total=line.total, completed=line.done, rows=rows)
            if all(line.finished for line in found):
                return
            await asyncio.sleep(EVERY)


async def _items(http: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        query = {"limit": "500"} | ({"cursor": cursor} if cursor else {})
        page = (await http.get(path, params=query)).raise_for_status().json()
        for item in page["items"]:
            yield item
        cursor = page["next_cursor"]
        if cursor is None:
            return
