"""Webhooks and our kind `zenml` against an open-source ZenML server."""

import hashlib
import hmac
from pathlib import Path

import httpx
import pytest

from app.domain.alerts.delivery import Target
from app.domain.retrainings.run import Phase
from tests.app.targets.exchange import SECRETS, alert, attempt, retraining, with_sender
from tests.integration import zenml_server
from tests.integration.places import Running
from tests.integration.zenml_server import Account


@pytest.fixture(scope="module")
def account(zenml: Running) -> Account:
    made = zenml_server.account(zenml)
    SECRETS["ZENML"] = made.key
    return made


def hook(url: str) -> dict[str, object]:
    return {
        "url": url,
        "secret": "env:ZENML_HOOK",
        "signature": "github",
        "signature_header": "x-zenml-signature-256",
        "delivery_header": "x-zenml-delivery",
        "event_header": "x-zenml-event",
    }


async def test_the_intake_takes_our_signature(zenml: Running, account: Account) -> None:
    _, url, secret = zenml_server.intake(zenml, account)
    SECRETS["ZENML_HOOK"] = secret
    tried = await attempt("webhook", hook(url), alert())
    assert (tried.status, tried.error) == (202, None)
    SECRETS["ZENML_HOOK"] = "another"
    assert (await attempt("webhook", hook(url), alert())).status == 401
    # without the header of the event's type it is no event for ZenML
    body = alert().body
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-zenml-signature-256": f"sha256={digest}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(url, content=body, headers=headers)).status_code == 400


async def test_a_snapshot_that_this_server_cannot_run(
    zenml: Running, account: Account, tmp_path: Path
) -> None:
    snapshot = zenml_server.snapshot(zenml, account, tmp_path)
    options: dict[str, object] = {
        "base_url": zenml.url,
        "snapshot_id": snapshot,
        "api_key": "env:ZENML",
    }
    tried = await attempt("zenml", options, retraining())
    assert tried.final
    assert "this ZenML server cannot start runs" in (tried.error or "")
    target = Target("t", "zenml", options)
    lost = await with_sender(lambda sender: sender.poll(target, snapshot))
    assert lost.phase is Phase.UNKNOWN


async def test_the_usual_mistakes_are_found(zenml: Running, account: Account) -> None:
    del account
    nowhere: dict[str, object] = {"base_url": zenml.url, "snapshot_id": "1" * 32}
    for key, code in (("env:ZENML", "unknown-snapshot"), ("env:KEY", "wrong-key")):
        target = Target("t", "zenml", nowhere | {"api_key": key})
        (found,) = await with_sender(lambda sender, where=target: sender.check(where))
        assert found.code == code
