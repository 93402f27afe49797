"""All pages of a large place against their budgets: ``python -m benchmarks pages``.

Sizes and requests are the same on every machine. Times are not: the machine's load before the run
stands with them, and above ``QUIET`` they are too long.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.store import migrate, sqlite_url
from benchmarks import machine, progress
from benchmarks.bench_scrape import AT
from benchmarks.findings import Found
from benchmarks.intake import servers
from benchmarks.markdown import table
from benchmarks.pages import browser, place, serving

QUIET = 0.5
PATHS: Mapping[str, str] = {
    "fleet of 200": "/",
    "model, 20 x 50": f"/models/{place.USUAL}",
    "model, 200 x 500": f"/models/{place.WIDE}",
    "window of 200": f"/models/{place.WIDE}/windows/{AT:%Y-%m-%dT%H:%M:%SZ}",
    "alerts": "/alerts",
    "an alert": "/alerts/1",
    "retrainings": "/retrainings",
    "deliveries": "/deliveries",
    "dead deliveries": "/deliveries?state=dead",
    "a delivery": "/deliveries/100",
    "ingest": "/ingest",
    "a model's ingest": f"/ingest/{place.WIDE}",
    "rejections": f"/ingest/{place.WIDE}/rejections",
    "the API": "/docs",
}
BUDGETS = {"kB": 60.0, "requests": 8.0, "first paint ms": 600.0, "p95 ms": 100.0}


def measure() -> Found:
    on = machine.describe(browser.ROUNDS)
    with tempfile.TemporaryDirectory(prefix="leeway-bench-") as name:
        folder = Path(name)
        kept = folder / "service"
        kept.mkdir()
        progress.say("pages: a large place")
        asyncio.run(migrate(sqlite_url(kept)))
        place.populate(kept)
        with servers.service(kept) as server:
            place.declare(server.url)
        place.judge(kept)
        with servers.service(kept) as server:
            progress.say("pages: in a browser")
            figures = browser.costs(server.url, PATHS)
            progress.say("pages: by the service")
            figures |= serving.times(server, PATHS, folder)
    quiet = float(on["load"]) <= QUIET
    notes = () if quiet else (f"The machine was busy (load {on['load']}): its times are too long.",)
    return Found(on, (), figures, notes)


def worst(found: Found, what: str) -> float | None:
    """Return the most that a page costs; None where it was not measured."""
    return max((n for name, n in found.figures.items() if name.endswith(f", {what}")), default=None)


def show(found: Found) -> str:
    """Return the table of the documents, with budgets in the head."""
    titles = {
        "kB": f"kB, gzipped (<= {BUDGETS['kB']:g})",
        "requests": f"requests (<= {BUDGETS['requests']:g})",
        "first paint ms": f"first paint, ms (<= {BUDGETS['first paint ms']:g})",
        "at rest, p50 ms": "server at rest, median ms",
        "p50 ms": "during intake, median ms",
        "p95 ms": f"p95 ms (<= {BUDGETS['p95 ms']:g})",
    }
    rows = [
        (page, *(_cell(found.figures.get(f"{page}, {what}")) for what in titles)) for page in PATHS
    ]
    return "\n\n".join([table(("page", *titles.values()), rows), *found.notes])


def _cell(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:,.0f}" if figure >= 10 else f"{figure:.1f}"
