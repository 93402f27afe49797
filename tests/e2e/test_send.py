"""``leeway send`` against a real service: every row once, through crashes of either side."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import polars as pl
import pytest

from tests.e2e.crash import ORIGIN, counted_rows, prepare
from tests.e2e.server import ROOT, Server, environment

ROWS = 40_000
FRAME = pl.DataFrame(
    {
        "t": [ORIGIN + row % 3_000 for row in range(ROWS)],
        "x": [float(row % 3) for row in range(ROWS)],
    }
)
DONE, REJECTED, INTERRUPTED = 0, 1, 130


def _written(folder: Path, name: str, frame: pl.DataFrame) -> Path:
    path = folder / name
    match path.suffix:
        case ".csv":
            frame.write_csv(path)
        case ".ndjson":
            frame.write_ndjson(path)
        case ".json":
            frame.write_json(path)
        case ".parquet":
            frame.write_parquet(path)
        case _:
            frame.write_ipc(path)
    return path


def _command(server: Server, files: list[Path], *options: str) -> list[str]:
    named = [sys.executable, "-m", "app.cli", "send", *map(str, files), "--model", "crash"]
    # as the row that closes the window: a window waits for every source
    return [*named, "--to", server.url, "--source", "http", *options]


def _sent(server: Server, files: list[Path], *options: str) -> subprocess.CompletedProcess[str]:
    command = _command(server, files, "--rows", "1000", *options)
    env = environment(0, files[0].parent, {"COLUMNS": "120"})
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT, env=env
    )


@pytest.fixture
def server(tmp_path: Path):
    found = Server(tmp_path, {})
    found.start()
    try:
        prepare(found, {})
        yield found
    finally:
        found.close()


def test_five_formats_sent_twice_count_once(server: Server, tmp_path: Path) -> None:
    frames = FRAME.head(5_000).iter_slices(1_000)
    names = ("a.csv", "b.ndjson", "c.json", "d.parquet", "e.arrow")
    files = [_written(tmp_path, name, frame) for name, frame in zip(names, frames, strict=True)]
    journal = ("--journal", str(tmp_path / "sent"))
    for options in (journal, journal, ("--no-journal",)):
        found = _sent(server, files, *options)
        assert found.returncode == DONE, found.stderr
    assert [line.split()[1:3] for line in found.stdout.splitlines()[1:]] == [["1,000", "0"]] * 5
    assert counted_rows(server, {}) == (5_000, 5_000)


def test_a_model_that_was_declared_again_is_sent_everything(server: Server, tmp_path: Path) -> None:
    files = [_written(tmp_path, "rows.csv", FRAME.head(3_000))]
    journal = ("--journal", str(tmp_path / "sent"))
    assert _sent(server, files, *journal).returncode == DONE
    again = _sent(server, files, *journal)
    assert f"3,000 rows skipped: the journal in {tmp_path / 'sent'} says" in again.stderr
    assert "skipped" not in _sent(server, files, "--no-journal").stderr
    httpx.delete(f"{server.url}/v1/models/crash").raise_for_status()
    prepare(server, {})
    anew = _sent(server, files, *journal)
    assert anew.returncode == DONE
    assert "skipped" not in anew.stderr
    assert counted_rows(server, {}) == (3_000, 3_000)


def test_killed_in_the_middle_and_sent_again_every_row_counts_once(
    server: Server, tmp_path: Path
) -> None:
    files = [_written(tmp_path, "rows.csv", FRAME)]
    options = ("--rows", "100", "--journal", str(tmp_path / "sent"))
    env = environment(0, tmp_path, {})
    kills = 0
    for _ in range(2):
        known = _journalled(tmp_path / "sent")
        with subprocess.Popen(_command(server, files, *options), cwd=ROOT, env=env) as sending:
            _await_journal(tmp_path / "sent", known + 20)
            sending.kill()
            kills += sending.wait() == -signal.SIGKILL
    known = _journalled(tmp_path / "sent")
    with subprocess.Popen(_command(server, files, *options), cwd=ROOT, env=env) as sending:
        # the service dies and comes back while it is being sent to
        _await_journal(tmp_path / "sent", known + 20)
        server.kill()
        server.start()
        assert sending.wait(120) == DONE
    assert kills == 2, "the file was sent before it could be killed"
    assert counted_rows(server, {}) == (ROWS, ROWS)


def test_an_interrupted_file_says_how_to_go_on(server: Server, tmp_path: Path) -> None:
    files = [_written(tmp_path, "rows.csv", FRAME)]
    options = ("--rows", "100", "--journal", str(tmp_path / "sent"))
    sending = subprocess.Popen(
        _command(server, files, *options),
        cwd=ROOT,
        env=environment(0, tmp_path, {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _await_journal(tmp_path / "sent", 5)
    os.kill(sending.pid, signal.SIGINT)
    _, said = sending.communicate(timeout=30)
    assert sending.returncode == INTERRUPTED
    assert "Send the same again to go on" in said
    assert _sent(server, files, *options).returncode == DONE
    assert counted_rows(server, {}) == (ROWS, ROWS)


def test_a_rejected_batch_is_named_by_its_rows_and_lines(server: Server, tmp_path: Path) -> None:
    path = _written(tmp_path, "rows.csv", FRAME.head(3_000))
    lines = path.read_text().splitlines()
    lines[1_501] = "no time,1.0"
    path.write_text("\n".join(lines) + "\n")
    first = _sent(server, [path], "--no-journal")
    assert first.returncode == REJECTED
    assert "rows 1,001 to 2,000 were rejected" in first.stderr
    assert "row 1501 (line 1502), column 't'" in first.stderr
    second = _sent(server, [path], "--no-journal", "--skip-rejected")
    assert second.returncode == REJECTED
    assert counted_rows(server, {}) == (2_000, 2_000)
    (said,) = re.findall(r"--sequence (file-[0-9a-f]{32}/2)", second.stderr)
    _await_missing(server, 1_000)
    mended = _written(tmp_path, "mended.csv", FRAME.slice(1_000, 1_000))
    assert _sent(server, [mended], "--no-journal", "--sequence", said).returncode == DONE
    _await_missing(server, 0)


def _await_missing(server: Server, rows: int) -> None:
    """Housekeeping finds what is missing, and that it came."""
    path = f"{server.url}/v1/models/crash/windows/2026-01-01T00:00:00Z"
    deadline = time.monotonic() + 60
    found: dict[str, object] = {}
    while time.monotonic() < deadline:
        found = httpx.get(path).json()
        if (found["missing_rows"], found["incomplete"]) == (rows, rows > 0):
            return
        time.sleep(0.2)
    raise AssertionError(f"{found.get('missing_rows')} rows are missing, and not {rows}")


def _journalled(folder: Path) -> int:
    """Return how many lines the longest journal has."""
    return max((path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl")), default=0)


def _await_journal(folder: Path, lines: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if _journalled(folder) > lines:
            return
        time.sleep(0.01)
    raise AssertionError("nothing was acknowledged in time")
