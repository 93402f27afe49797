"""Debian's Prometheus: it scrapes one Leeway, evaluates rules, and tells one Alertmanager."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.server import ROOT
from tests.integration.debian import extracted
from tests.integration.places import Running, free_port, served

EVERY = "1s"
RULES = ROOT / "deploy" / "prometheus" / "leeway.rules.yml"
KEPT = "keep_firing_for: 5m"


@dataclass(frozen=True)
class Watched:
    """Whom it scrapes, with which key, by which rules, and whom it tells."""

    leeway: str
    key: str
    rules: Path
    alertmanager: str


def shipped_rules(home: Path) -> Path:
    """The rules as they are shipped, but that an alert is over as soon as its reason is."""
    text = RULES.read_text()
    assert KEPT in text
    (home / "leeway.rules.yml").write_text(text.replace(KEPT, "keep_firing_for: 0s"))
    return home / "leeway.rules.yml"


@contextmanager
def running(cache: Path, home: Path, watched: Watched) -> Iterator[Running]:
    programs = extracted(cache, "prometheus") / "usr" / "bin"
    (home / "prometheus.yml").write_text(json.dumps(configuration(watched)))  # which is YAML, too
    _check(programs / "promtool", home / "prometheus.yml")
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        str(programs / "prometheus"),
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
    ]
    with served(command, {}, home / "log", f"{url}/-/ready", 30):
        yield Running(url)


def configuration(watched: Watched) -> dict[str, object]:
    def only(url: str) -> list[dict[str, list[str]]]:
        return [{"targets": [url.removeprefix("http://")]}]

    job = {
        "job_name": "leeway",
        "authorization": {"credentials": watched.key},
        "static_configs": only(watched.leeway),
    }
    return {
        "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
        "rule_files": [str(watched.rules)],
        "scrape_configs": [job],
        "alerting": {"alertmanagers": [{"static_configs": only(watched.alertmanager)}]},
    }


def _check(promtool: Path, configuration: Path) -> None:
    """What promtool finds wrong would be found by nobody later: a rule that never fires."""
    asked = [str(promtool), "check", "config", str(configuration)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
