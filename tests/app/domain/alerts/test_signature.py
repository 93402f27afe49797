"""Signatures, judged by the independent library of Standard Webhooks."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.domain.alerts.signature import read_secret, refusal, sign, signed_headers, write_secret

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY, OTHER = b"k" * 24, b"o" * 64


@given(st.binary(min_size=24, max_size=64), st.text(max_size=200))
def test_the_same_signature_as_the_library(key: bytes, body: str) -> None:
    data = body.encode(errors="replace")
    theirs = Webhook(write_secret(key)).sign("evt_1", NOW, data.decode())
    assert sign(key, "evt_1", str(int(NOW.timestamp())), data) == theirs


@given(st.binary(min_size=24, max_size=64))
def test_secrets_survive_writing_and_reading(key: bytes) -> None:
    assert read_secret(write_secret(key)) == key
    assert read_secret(write_secret(key).rstrip("=") + "\n") == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "canary",
        "whsec_canary!!",
        base64.b64encode(KEY).decode(),
        write_secret(b"k" * 23),
        write_secret(b"k" * 65),
        "whsec_é",
    ],
)
def test_bad_secrets_are_refused_without_repeating_them(secret: str) -> None:
    with pytest.raises(ValueError, match="the secret") as raised:
        read_secret(secret)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("verifying", [KEY, OTHER])
def test_both_keys_fit_during_rotation(verifying: bytes) -> None:
    now = datetime.now(UTC)
    headers = signed_headers([KEY, OTHER], "evt_1", now, b'{"a":1}')
    assert Webhook(write_secret(verifying)).verify(b'{"a":1}', headers) == {"a": 1}
    assert refusal([verifying], headers, b'{"a":1}', now) is None


def test_we_verify_what_the_library_signs() -> None:
    theirs = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1a,xx v1,wrong "
        + Webhook(write_secret(KEY)).sign("msg_1", NOW, "{}"),
    }
    assert refusal([KEY], theirs, b"{}", NOW) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"webhook-id": "evt_2"}, "no signature fits"),
        ({"webhook-id": ""}, "a webhook header is missing"),
        ({"webhook-signature": ""}, "a webhook header is missing"),
        ({"webhook-signature": "v1,"}, "no signature fits"),
        ({"webhook-signature": "v1,é"}, "no signature fits"),
        ({"webhook-timestamp": "soon"}, "the timestamp is not a number of seconds"),
        ({"webhook-timestamp": "²"}, "the timestamp is not a number of seconds"),
        ({"webhook-timestamp": "9" * 400}, "the timestamp is not a number of seconds"),
        ({"webhook-timestamp": "1"}, "the timestamp is too old"),
        ({"webhook-timestamp": "99999999999"}, "the timestamp is in the future"),
    ],
)
def test_refusals(change: dict[str, str], reason: str) -> None:
    headers = signed_headers([KEY], "evt_1", NOW, b"{}") | change
    assert refusal([KEY], headers, b"{}", NOW) == reason


def test_tampering_and_other_keys() -> None:
    headers = signed_headers([KEY], "evt_1", NOW, b"{}")
    assert refusal([KEY], headers, b"{ }", NOW) == "no signature fits"
    assert refusal([OTHER], headers, b"{}", NOW) == "no signature fits"
    assert refusal([], headers, b"{}", NOW) == "no signature fits"


@pytest.mark.parametrize(
    ("seconds", "good"), [(-301, False), (-300, True), (300, True), (301, False)]
)
def test_tolerance(seconds: int, good: bool) -> None:
    headers = signed_headers([KEY], "evt_1", NOW, b"{}")
    assert (refusal([KEY], headers, b"{}", NOW + timedelta(seconds=seconds)) is None) is good
