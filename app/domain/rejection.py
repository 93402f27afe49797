"""A batch that was refused: what is kept of it so that it can be found. No values of its rows."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.errors import Conflict, Fault, Invalid, KeyReused, LeewayError

FAULTS_KEPT = 10
LONGEST_TEXT = 200
PER_MINUTE = 20
"""Entries of one model and reason in a minute; what comes beyond is added to the last of them."""
KEPT = 2_000
"""Entries of one model."""
KEPT_FOR = timedelta(days=30)


class Reason(StrEnum):
    """Why a batch was refused: a closed set, since it labels a metric."""

    MALFORMED = "malformed"
    """The bytes are no rows."""
    INVALID = "invalid"
    """A row, a time or an id is wrong."""
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported-media-type"
    KEY_REUSED = "key-reused"
    NO_BASELINE = "no-baseline"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose batch it was, as its request says."""

    model: str
    version: str | None
    source: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused batch."""

    model: str
    version: str | None
    """None: the champion."""
    source: str
    key: str | None
    reason: Reason
    detail: str
    faults: tuple[Fault, ...]
    """The first of them."""
    left_out: int
    """How many faults there were besides."""
    rows: int
    """Rows that were read of it; none where it could not be read at all."""


@dataclass(frozen=True, slots=True)
class StoredRejection:
    """An entry of the list of rejections."""

    id: int
    at: datetime
    batches: int
    """How many refused batches it stands for: the first is the one that is described."""
    rejection: Rejection
    """``rows`` are those of all that it stands for."""


@dataclass(frozen=True, slots=True)
class RejectionQuery:
    """Which rejections of a model are asked for."""

    model_id: int
    reason: Reason | None = None
    source: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RejectedSum:
    """How many batches of a model were ever refused for one reason."""

    model: str
    reason: Reason
    batches: int


def rejection_of(error: LeewayError, sender: Sender, rows: int) -> Rejection | None:
    """Return what is kept of a batch that was refused with ``error``.

    None where the same request may yet succeed, or was given up by us: that is no rejection.
    """
    reason = _reason(error)
    return None if reason is None else described(error, reason, sender, rows)


def described(error: LeewayError, reason: Reason, sender: Sender, rows: int) -> Rejection:
    """Return what is kept of rows that were refused for this reason, of a batch or an object."""
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    kept = tuple(_bounded(fault) for fault in faults[:FAULTS_KEPT])
    left_out: int = getattr(error, "left_out", 0)
    return Rejection(
        sender.model,
        sender.version,
        sender.source,
        sender.key,
        reason,
        _text(error.detail),
        kept,
        left_out + len(faults) - len(kept),
        rows,
    )


def _reason(error: LeewayError) -> Reason | None:
    if isinstance(error, Conflict) and error.code != Reason.NO_BASELINE:
        return None
    return reason_of(error.code) if isinstance(error, Invalid | KeyReused | Conflict) else None


def reason_of(code: str) -> Reason:
    """Return the reason that an error's code stands for; every code but a few says "invalid"."""
    try:
        return Reason(code)
    except ValueError:
        return Reason.INVALID


def _bounded(fault: Fault) -> Fault:
    return replace(
        fault,
        detail=_text(fault.detail),
        pointer=_text(fault.pointer),
        field=None if fault.field is None else _text(fault.field),
    )


def _text(text: str) -> str:
    """Return text of bounded length that every database takes."""
    plain = text[:LONGEST_TEXT].encode("utf-8", "replace").decode()
    return plain.replace("\0", "\N{SYMBOL FOR NULL}")
