"""What is kept of a refused batch: bounded, storable, and nothing where it may yet succeed."""

import pytest

from app.domain.errors import (
    Conflict,
    Fault,
    Invalid,
    KeyReused,
    LeewayError,
    NotFound,
    TooLarge,
    Unavailable,
    Unsupported,
)
from app.domain.rejection import FAULTS_KEPT, LONGEST_TEXT, Reason, Sender, rejection_of

SENDER = Sender("m", None, "http", "k")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Invalid("x"), Reason.INVALID),
        (Invalid("x", code="malformed"), Reason.MALFORMED),
        (Invalid("x", code="of-its-own"), Reason.INVALID),
        (TooLarge("x"), Reason.TOO_LARGE),
        (Unsupported("x"), Reason.UNSUPPORTED),
        (KeyReused("x"), Reason.KEY_REUSED),
        (Conflict("x", code="no-baseline"), Reason.NO_BASELINE),
        (Conflict("x", code="in-flight"), None),
        (NotFound("x"), None),
        (Unavailable("x"), None),
    ],
)
def test_reasons_are_a_closed_set(error: LeewayError, reason: Reason | None) -> None:
    found = rejection_of(error, SENDER, 3)
    assert (found.reason if found else None) == reason


def test_what_is_kept_is_bounded_and_storable() -> None:
    hostile = "\0\ud800" + "é" * 1_000
    faults = tuple(Fault(hostile, hostile, n, hostile) for n in range(250))
    found = rejection_of(Invalid(hostile, faults), SENDER, 3)
    assert found is not None
    assert len(found.faults) == FAULTS_KEPT
    assert found.left_out == 250 - FAULTS_KEPT
    texts = [found.detail, *(t for f in found.faults for t in (f.detail, f.pointer, f.field or ""))]
    for text in texts:
        assert len(text) == LONGEST_TEXT
        assert "\0" not in text
        text.encode()
