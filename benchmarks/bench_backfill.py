"""How fast a folder of Parquet becomes counts: ``leeway backfill`` beside ``leeway send``.

Run ``python benchmarks/bench_backfill.py [files] [rounds]``. A service on PostgreSQL (every write
synced) runs throughout; each round every way takes the same files for a fresh model, one after the
other, from the start of the command to its end. The files have 200,000 rows of 20 features each.
Processor seconds are those of the command, its processes and the service; the database's are not.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

from benchmarks.intake.servers import Server, service
from benchmarks.intake.traffic import make
from benchmarks.turns import ROOT
from tests import postgres
from tests.e2e.server import environment

ROWS = 200_000
MODELS = count()
FEATURES = [
    {"name": "id", "kind": "ignored", "role": "id"},
    {"name": "timestamp", "kind": "ignored", "role": "timestamp"},
]


def written(folder: Path, files: int) -> Path:
    """Files that differ in a few values, so that none is taken for another."""
    frame = make(ROWS, 1)
    for number in range(files):
        cut = frame[-1 - number :].vstack(frame[: -1 - number])
        cut.write_parquet(folder / f"{number:03}.parquet")
    return folder


def fresh(server: Server) -> str:
    """A model of its own, with a reference."""
    name = f"m{next(MODELS)}"
    reference = make(5_000, 2)
    kinds = {True: "numeric", False: "categorical"}
    columns = [c for c in reference.columns if c not in ("id", "timestamp")]
    features = [{"name": c, "kind": kinds[reference[c].dtype.is_numeric()]} for c in columns]
    with httpx.Client(base_url=server.url, timeout=60) as http:
        declared = {"schema": {"features": FEATURES + features}, "window": "1h"}
        http.put(f"/v1/models/{name}", json=declared).raise_for_status()
        body = reference.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ").encode()
        sent = {"content": body, "headers": {"Content-Type": "text/csv"}}
        http.post(f"/v1/models/{name}/baselines", **sent).raise_for_status()  # type: ignore[arg-type]
    return name


def ways(server: Server, folder: Path) -> Iterator[tuple[str, list[str]]]:
    files = [str(path) for path in sorted(folder.iterdir())]
    yield "send", ["send", *files, "--to", server.url, "--no-journal", "-q"]
    for workers in ("1", "2"):
        yield f"backfill, {workers}", ["backfill", str(folder), "--workers", workers, "-q"]


def spent(server: Server) -> float:
    """Processor seconds of the service, and of all commands so far."""
    service = psutil.Process(server.process.pid).cpu_times()
    mine = os.times()
    return service.user + service.system + mine.children_user + mine.children_system


def seconds(words: list[str], model: str, database: str, folder: Path) -> float:
    """Time a command that must count everything."""
    env = environment(0, folder, {"LEEWAY_DATABASE_URL": database, "PYTHONPATH": str(ROOT)})
    command = [sys.executable, "-m", "app.cli", *words, "--model", model]
    begun = time.perf_counter()
    subprocess.run(command, env=env, cwd=ROOT, check=True)
    return time.perf_counter() - begun


def main(files: int, rounds: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="leeway-backfill-") as made,
        postgres.running(fsync=True) as server,
    ):
        database, place = server.create(), Path(made)
        (place / "files").mkdir()
        folder = written(place / "files", files)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{files} files, {files * ROWS:,} rows, {size / 1e6:,.0f} MB")
        with service(place / "service", database) as running:
            for number in range(rounds):
                for name, words in ways(running, folder):
                    model, before = fresh(running), spent(running)
                    took = seconds(words, model, database, place)
                    work, rate = spent(running) - before, files * ROWS / took
                    line = f"{took:6.1f} s {rate:>9,.0f} rows/s {work:6.1f} processor s"
                    print(f"round {number + 1}  {name:<12} {line}", flush=True)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [12, 2][len(given) :]))
