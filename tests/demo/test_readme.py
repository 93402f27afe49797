"""The README's own lines work as printed, against a real service."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
WEEK = "2013-07-01T00:00:00Z"


def block(language: str) -> str:
    """Return the README's example in a language: the one that sends the quickstart's data."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return next(text for text in blocks if "quickstart" in text)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("readme")
    env = {**os.environ, "LEEWAY_PORT": str(number), "LEEWAY_DATA_DIR": str(folder)}
    log = (folder / "log").open("w")
    service = subprocess.Popen([sys.executable, "-m", "app.cli", "serve"], env=env, stderr=log)
    try:
        awaited(lambda: ready(number), "the service starts")
        yield number
    finally:
        service.terminate()
        service.wait(timeout=30)
        log.close()


def ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").is_success
    except httpx.TransportError:
        return False


def awaited(condition, what: str) -> None:
    for _ in range(240):
        if condition():
            return
        time.sleep(0.25)
    pytest.fail(f"in vain: {what}")


def run(command: list[str], port: int, text: str) -> str:
    here = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = subprocess.run(
        [*command, here], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def verdict(port: int) -> tuple[int, str] | None:
    """Return rows and state of the week of 1 July, once it has been judged."""
    windows = httpx.get(f"http://127.0.0.1:{port}/v1/models/quickstart/windows").json()["items"]
    week = next(window for window in windows if window["start"] == WEEK)
    return (week["rows"], week["verdict"]["state"]) if week["verdict"] else None


def test_the_curl_lines_end_in_a_verdict(port):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    lines = block("sh").replace("curl ", "curl --fail --silent --show-error ")
    run(["bash", "-euc"], port, lines)
    awaited(lambda: verdict(port), "the week is judged")
    assert verdict(port)[1] == "drift"


def test_the_python_lines_send_the_same_batch(port):
    """Run after the curl lines or alone, the batch counts once."""
    program = block("python")
    assert len([line for line in program.splitlines() if line.strip()]) < 10
    run([sys.executable, "-c"], port, program)
    awaited(lambda: verdict(port), "the week is judged")
    rows = (ROOT / "examples" / "batch.csv").read_text().splitlines()[1:]
    assert verdict(port) == (sum(row < "2013-07-08" for row in rows), "drift")


def test_leeway_send_adds_nothing_to_what_was_posted(port):
    """The same file by hand and by `leeway send` is one batch, in whatever order."""
    run([sys.executable, "-c"], port, block("python"))
    said = (ROOT / "README.md").read_text()
    line = next(part for part in said.split("`") if part.startswith("leeway send examples/"))
    command = [sys.executable, "-m", "app.cli", *line.split()[1:], "--no-journal", "--to"]
    run(command, port, "http://127.0.0.1:8000")
    rows = len((ROOT / "examples" / "batch.csv").read_text().splitlines()) - 1
    windows = httpx.get(f"http://127.0.0.1:{port}/v1/models/quickstart/windows").json()["items"]
    assert sum(window["rows"] for window in windows) == rows
