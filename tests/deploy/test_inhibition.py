"""What a real Alertmanager keeps back by our configuration, and what it never does."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.deploy.tools import DEPLOY, program
from tests.integration.alertmanager_server import TEMPLATES
from tests.integration.places import free_port, served

CONFIGURATION = DEPLOY / "alertmanager" / "alertmanager.yml"
PATIENCE = 20.0
MODEL = {"model": "m", "version": "v1", "segment": ""}
DRIFT = {"alertname": "LeewayDrift", "monitor": "default", "severity": "P2", **MODEL}
QUALITY = {"alertname": "LeewayDataQuality", "monitor": "quality", "severity": "P3", **MODEL}
VERDICT = {"alertname": "LeewayQualityVerdict", "monitor": "quality", "severity": "P3"} | MODEL
OTHER_P3 = QUALITY | {"monitor": "sensitive"}
STOPPED = {"alertname": "LeewayTrafficStopped", "monitor": "traffic", "severity": "P1", **MODEL}
DOWN = {"alertname": "LeewayDown", "severity": "P1", "job": "leeway"}

Labels = dict[str, str]


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    """Run one without any alert; where it answers."""
    started = Path(program("prometheus-alertmanager"))
    templates = started.parents[2] / TEMPLATES.relative_to("/")
    if templates.exists() and not TEMPLATES.exists():
        shutil.copytree(templates, TEMPLATES)
    folder.mkdir()
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        str(started),
        f"--config.file={CONFIGURATION}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    with served(command, {}, folder / "log", f"{url}/-/ready", PATIENCE):
        yield url


def tell(url: str, alerts: Sequence[Labels]) -> None:
    told = [{"labels": labels} for labels in alerts]
    answer = httpx.post(f"{url}/api/v2/alerts", json=told, trust_env=False, timeout=5)
    assert answer.is_success, answer.text


def until(come_to_pass: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not come_to_pass():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.05)


def kept_back(url: str) -> list[tuple[str, str]]:
    """Return what is kept back now, by name and monitor."""
    found = httpx.get(f"{url}/api/v2/alerts", trust_env=False, timeout=5).json()
    labels = [one["labels"] for one in found if one["status"]["inhibitedBy"]]
    return sorted((one["alertname"], one.get("monitor", "")) for one in labels)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([QUALITY, DRIFT], [("LeewayDrift", "default")]),
        ([DRIFT, VERDICT, OTHER_P3], []),
        ([QUALITY, DRIFT | {"model": "n"}, DRIFT | {"segment": "de"}], []),
        ([STOPPED, DRIFT, QUALITY], [("LeewayDataQuality", "quality"), ("LeewayDrift", "default")]),
        ([DOWN, STOPPED], [("LeewayTrafficStopped", "traffic")]),
    ],
    ids=["quality explains drift", "never otherwise", "of the same rows", "no rows", "no service"],
)
def test_what_explains_others_keeps_them_back(
    tmp_path: Path, sent: Sequence[Labels], expected: list[tuple[str, str]]
) -> None:
    with alertmanager(tmp_path / "pager") as url:
        tell(url, sent)
        until(lambda: kept_back(url) == expected)
        # the control: once the service is down all is kept back, so that nothing was overlooked
        tell(url, [DOWN])
        until(lambda: len(kept_back(url)) == len([one for one in sent if one != DOWN]))
