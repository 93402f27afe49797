"""What a scrape costs: many models, each judged by two monitors; SQLite, one process, no HTTP.

python benchmarks/bench_scrape.py --models 1000 --features 20
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine

from app.metrics import Exposition, Requests
from app.settings import Settings
from app.store import SqlStore, migrate, sqlite_url
from app.store import tables as t
from benchmarks.markdown import table

AT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=510)
"""Late enough that housekeeping finds nothing to do."""
HOUR = timedelta(hours=1)
MONITORS = ("default", "quality")
STATISTICS = ("psi", "ks", "ad")
CALLS = 200_000

Row = dict[str, Any]


def rows(models: int, features: int) -> Iterator[tuple[Table, list[Row]]]:
    """Yield what a service holds whose models were judged once."""
    every = range(1, models + 1)
    span = {"window": HOUR, "lateness": HOUR, "final_after": HOUR, "strict": False}
    made = {"created_at": AT, "changed_at": AT}
    yield t.model, [{"id": m, "name": f"model-{m:05}", **span, **made} for m in every]
    role = {"name": "v1", "role": "champion", "lineage": {}}
    yield t.version, [{"model_id": m, **role, **made} for m in every]
    says = {"kind": "data_drift", "severity": "P2", "enabled": True}
    asks = {"version": 1, "frame": "default", "declaration": says, "created_at": AT}
    yield t.monitor, [{"model_id": m, "name": name, **asks} for m in every for name in MONITORS]
    yield t.window, [_window(m) for m in every]
    yield t.revision, [_revision(m) for m in every]
    yield t.tally, [_tally(m) for m in every]
    yield t.alert, [_alert(m, name) for m in every for name in MONITORS]
    yield from judgements(1, models, features)


def judgements(first: int, models: int, features: int) -> Iterator[tuple[Table, list[Row]]]:
    """Yield what both monitors say of each model's window; ids count on from ``first``."""
    ids = range(first, first + models * len(MONITORS))
    names = [f"feature-{number:03}" for number in range(features)]
    yield t.judgement, [_judgement(id_, (id_ - first) // len(MONITORS) + 1) for id_ in ids]
    yield t.verdict, [_verdict(id_, name) for id_ in ids for name in names]
    for statistic in STATISTICS:
        yield t.estimate, [_estimate(id_, name, statistic) for id_ in ids for name in names]


def _window(model: int) -> Row:
    when = {"start_at": AT, "end_at": AT + HOUR, "opened_at": AT, "closed_at": AT + 2 * HOUR}
    named = {"id": model, "model_id": model, "version": "v1", "segment": "", "frame": "default"}
    return named | when | {"revision": 1}


def _revision(model: int) -> Row:
    said = {"number": 1, "cause": "closed", "judged_at": AT + 2 * HOUR, "rows": 1_000}
    return {"id": model, "window_id": model, **said}


def _tally(model: int) -> Row:
    zero = dict.fromkeys(("duplicate", "late", "rejected", "unchecked"), 0)
    who = {"model_id": model, "version": "v1", "source": "http"}
    when = {"latest_event": AT, "last_commit": AT}
    return who | zero | when | {"received": 1_000, "counted": 1_000, "batches": 1}


def _alert(model: int, monitor: str) -> Row:
    who = {"model_id": model, "version": "v1", "segment": "", "monitor": monitor}
    said = {"state": "ok", "reason": "calm", "worst": []}
    return who | said | {"since": AT, "window_start": AT, "changed_at": AT}


def _judgement(id_: int, revision: int) -> Row:
    asked = {"monitor": MONITORS[id_ % 2], "monitor_version": 1, "comparison": "reference"}
    said = {"state": "ok", "warning": False, "page": False, "code_version": "0"}
    return {"id": id_, "revision_id": revision, "judged_at": AT + 2 * HOUR} | asked | said


def _verdict(id_: int, feature: str) -> Row:
    said = {"state": "ok", "warning": False, "page": False, "rules": []}
    return {"judgement_id": id_, "feature": feature, "p_value": 0.5, "p_adjusted": 0.5} | said


def _estimate(id_: int, feature: str, statistic: str) -> Row:
    said = {"value": 0.0123456789, "effect": 0.01, "p_value": 0.5, "threshold": 0.2}
    counted = {"n_ref": 40_000, "n_cur": 1_000}
    return {"judgement_id": id_, "feature": feature, "statistic": statistic} | said | counted


def insert(url: str, made: Iterator[tuple[Table, list[Row]]]) -> None:
    """Write past the store, whose verdicts would take the judging of a million features."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for into, these in made:
            connection.execute(into.insert(), these)
    engine.dispose()


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = await work()
    return 1_000 * (time.perf_counter() - began), found


async def measure(models: int, features: int, shown: int) -> list[list[str]]:
    """Return the lines of the table: what was asked, milliseconds, bytes and samples."""
    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="leeway-bench-") as folder:
        url = sqlite_url(Path(folder))
        await migrate(url)
        store = SqlStore(url)
        insert(url, rows(models, features))
        exposition = Exposition(store, "0", features=shown)

        async def scrape(what: str) -> None:
            took, page = await timed(lambda: exposition.render(""))
            body: bytes = page.body
            samples = sum(not line.startswith(b"#") for line in body.splitlines())
            lines.append([what, f"{took:,.0f} ms", f"{len(body) / 1e6:.1f} MB", f"{samples:,}"])

        await scrape("the first")
        await scrape("nothing changed")
        insert(url, iter([(t.tally, [_tally(1)])]))
        await scrape("a batch came")
        insert(url, _one_more(models, features))
        await scrape("a window was judged")
        await store.close()
    return lines


def _one_more(models: int, features: int) -> Iterator[tuple[Table, list[Row]]]:
    """Yield the next window of the first model, and what is said of it."""
    new = models + 1
    later = {"id": new, "start_at": AT + HOUR, "end_at": AT + 2 * HOUR}
    yield t.window, [_window(1) | later]
    yield t.revision, [_revision(new)]
    for into, these in judgements(models * len(MONITORS) + 1, 1, features):
        of = {"revision_id": new} if into is t.judgement else {}
        yield into, [one | of for one in these]


def per_request() -> float:
    """Return the microseconds that counting one request takes."""
    requests = Requests()
    began = time.perf_counter()
    for _ in range(CALLS):
        requests.observe("/v1/models/{model}/batches", "POST", 200, 0.003)
    return 1e6 * (time.perf_counter() - began) / CALLS


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--models", type=int, default=1_000)
    options.add_argument("--features", type=int, default=20)
    shown: int = Settings.model_fields["metrics_features"].default
    options.add_argument("--shown", type=int, default=shown)
    given = options.parse_args()
    lines = asyncio.run(measure(given.models, given.features, given.shown))
    print(table(["scrape", "took", "size", "samples"], lines))
    print(f"\ncounting one request: {per_request():.2f} microseconds")


if __name__ == "__main__":
    main()
