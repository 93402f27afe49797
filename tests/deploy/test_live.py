"""Every expression, asked of a Prometheus that scrapes a Leeway which tells the demo's story."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.deploy.expressions import Expression, expressions
from tests.deploy.tools import DEPLOY, program
from tests.e2e.server import COMMAND
from tests.integration.places import free_port, served

ROOT = DEPLOY.parent
PATIENCE = 240.0
EMPTY = {
    "operations: Errors A": "nothing goes wrong in the demo",
    "operations: Objects of sources A": "the demo has no source",
    "operations: Rows by what became of them B": "no batch is refused",
    "operations: Batches refused in 5 minutes A": "nor for what reason",
    "model: Rows B": "no source says how many rows it sent",
    "model: Coverage A": "nor which part of them is there",
}
"""Panels that have no data when all is well, and why."""
HOLDS = {
    "LeewayDrift": "the weather of spring drifts",
    "LeewayQualityVerdict": "some values lie beyond the winter's",
    "LeewayDown": "Prometheus is there before the service",
    "LeewayLag": "weeks pass within a second, so judging is behind for a moment",
}
"""Rules whose expression holds at some moment of the demo; the others never do."""


class Prometheus:
    """What the tests ask of it."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v1"

    def ask(self, path: str, **query: str) -> Any:
        answer = httpx.get(self._url + path, params=query, trust_env=False, timeout=30).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def over_time(self, text: str) -> list[Any]:
        """Return what an expression found while the story was told."""
        now = time.time()
        told = {"start": str(now - 600), "end": str(now), "step": "2"}
        return list(self.ask("/query_range", query=text, **told)["result"])


def configuration(folder: Path, port: int) -> Path:
    """Return our configuration, but for where Leeway is, how often it is asked, and its key."""
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    said["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    said["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in said["rule_files"]]
    del said["alerting"], said["scrape_configs"][0]["authorization"]
    said["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{port}"]
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(said))
    return file


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has scraped the whole demo."""
    started = program("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    port, asked = free_port(), free_port()
    url = f"http://127.0.0.1:{asked}"
    scraping = [
        started,
        f"--config.file={configuration(folder, port)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{asked}",
        "--enable-feature=exemplar-storage",
    ]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "HOME": os.environ["HOME"]}
    log = folder / "demo.log"
    telling = [*COMMAND[:-1], "demo", "--port", str(port)]
    with (
        served(scraping, {}, folder / "log", f"{url}/-/ready", 30),
        served(telling, environment, log, f"http://127.0.0.1:{port}/readyz", PATIENCE),
    ):
        _wait_until_told(log)
        time.sleep(3)  # three more scrapes of how it ended
        yield Prometheus(url)


def _wait_until_told(log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while "stays up" not in log.read_text():
        assert time.monotonic() < until, log.read_text()[-4_000:]
        time.sleep(0.5)


@pytest.mark.slow
@pytest.mark.parametrize("expression", expressions(), ids=str)
def test_every_expression_is_answered(prometheus: Prometheus, expression: Expression) -> None:
    found = prometheus.over_time(expression.text)
    expected = expression.where in HOLDS if expression.rule else expression.where not in EMPTY
    assert bool(found) == expected, found


@pytest.mark.slow
def test_verdicts_have_exemplars(prometheus: Prometheus) -> None:
    now = time.time()
    query = {"start": str(now - 600), "end": str(now), "query": "leeway_verdicts_total"}
    found = prometheus.ask("/query_exemplars", **query)
    named = {one["labels"]["verdict_id"] for series in found for one in series["exemplars"]}
    assert named


@pytest.mark.slow
def test_no_rule_fails_and_no_scrape_was_refused(prometheus: Prometheus) -> None:
    groups = prometheus.ask("/rules")["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}
    (target,) = prometheus.ask("/targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
