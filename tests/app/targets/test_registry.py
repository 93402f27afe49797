"""Kinds of targets: found by being there, documented, checked when they are declared."""

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

import app
from app.domain.alerts.delivery import Target, Topic
from app.domain.errors import Invalid
from app.egress import Address, Allow, parse_allow
from app.targets import TARGETS, TargetKinds

DROPPED_IN = '''
"""A kind that logs nowhere."""
from dataclasses import dataclass
from app.targets._kind import Answer, Kind


@dataclass(frozen=True, slots=True)
class Options:
    word: str


async def send(options, outgoing, reach):
    return Answer(200, None)


KIND = Kind("echo", "Says it again.", Options, lambda options: Options(**options), send)
'''


def test_the_kinds_there_are() -> None:
    assert list(TARGETS) == [
        "airflow",
        "alertmanager",
        "argo-events",
        "github",
        "kubeflow",
        "pagerduty",
        "slack",
        "webhook",
        "zenml",
    ]


def test_a_kind_is_one_file(tmp_path: Path) -> None:
    """In a copy of the package, a dropped-in file is found, and nothing else was edited."""
    source = Path(app.__file__).parent
    for part in ("__init__.py", "domain", "egress", "targets"):
        copy = shutil.copytree if (source / part).is_dir() else shutil.copy
        (tmp_path / "app").mkdir(exist_ok=True)
        copy(source / part, tmp_path / "app" / part)
    (tmp_path / "app" / "targets" / "echo.py").write_text(DROPPED_IN)
    seen = subprocess.run(
        [sys.executable, "-c", "from app.targets import TARGETS; print(*TARGETS)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(seen.stdout.split()) == sorted([*TARGETS, "echo"])


@pytest.mark.parametrize("name", TARGETS)
def test_every_kind_says_what_its_options_are(name: str) -> None:
    kind = TARGETS[name]
    assert kind.name == name
    assert kind.summary.endswith(".")
    assert dataclasses.is_dataclass(kind.options)
    for field in dataclasses.fields(kind.options):
        assert field.metadata["description"].endswith(".")
        assert field.metadata["examples"]


async def resolve(host: str, _: int) -> Sequence[Address]:
    return [ip_address("10.0.0.7" if host.endswith(".internal") else "8.8.8.8")]


GOOD: dict[str, object] = {"url": "https://example.com/", "secret": "env:A"}
INSIDE: dict[str, object] = {"url": "http://airflow.internal:8080/", "secret": "env:A"}


async def test_a_declared_target_has_all_options() -> None:
    registry = TargetKinds(TARGETS, Allow(), resolve)
    defaults: dict[str, object] = {
        "previous_secret": None,
        "signature": "standard",
        "signature_header": "x-hub-signature-256",
        "delivery_header": None,
        "event_header": None,
    }
    assert await registry.check("hook", "webhook", GOOD) == Target(
        "hook", "webhook", GOOD | defaults
    )


async def test_a_declared_target_takes_what_its_kind_takes() -> None:
    registry = TargetKinds(TARGETS, Allow(), resolve)
    options = {"base_url": "https://example.com", "dag_id": "d", "token": "env:A"}
    made = await registry.check("dag", "airflow", options)
    assert made.takes == {Topic.RETRAININGS}


async def test_a_receiver_whose_name_has_no_address_yet_may_be_declared() -> None:
    async def nowhere(host: str, _: int) -> Sequence[Address]:
        raise OSError(host)

    registry = TargetKinds(TARGETS, Allow(), nowhere)
    assert (await registry.check("hook", "webhook", GOOD)).name == "hook"


@pytest.mark.parametrize(
    ("kind", "options", "code", "pointer"),
    [
        ("pigeon", GOOD, "invalid", "/kind"),
        ("webhook", {**GOOD, "secret": "x"}, "invalid", "/secret"),
        ("webhook", INSIDE, "address-refused", "/url"),
        ("webhook", {**GOOD, "url": "http://127.1/"}, "address-refused", "/url"),
    ],
)
async def test_refusals(kind: str, options: dict[str, object], code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        await TargetKinds(TARGETS, Allow(), resolve).check("hook", kind, options)
    assert (raised.value.code, raised.value.faults[0].pointer) == (code, pointer)


async def test_a_private_receiver_is_opened_by_name() -> None:
    registry = TargetKinds(TARGETS, parse_allow("airflow.internal:8080"), resolve)
    assert (await registry.check("hook", "webhook", INSIDE)).name == "hook"
