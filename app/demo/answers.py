"""What the demo reads out of the service's answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch's rows."""

    received: int
    counted: int
    duplicate: int
    late: int
    rejected: int

    @classmethod
    def read(cls, document: Document) -> Self:
        return cls(*(document[name] for name in cls.__slots__))

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


NOTHING = Receipt(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One feature in one week; ``psi`` None: it could not be computed."""

    feature: str
    state: str
    warning: bool
    psi: float | None

    @classmethod
    def read(cls, document: Document) -> Self:
        psi = document["statistics"].get("psi", {}).get("value")
        return cls(document["feature"], document["state"], document["warning"], psi)


@dataclass(frozen=True, slots=True)
class Week:
    """One judged window."""

    start: datetime
    rows: int
    findings: Mapping[str, Finding]
    version: str

    @classmethod
    def read(cls, document: Document) -> Self:
        findings = [Finding.read(item) for item in document["features"]]
        by_feature = {finding.feature: finding for finding in findings}
        start = datetime.fromisoformat(document["start"])
        return cls(start, document["rows"], by_feature, document["version"])


@dataclass(frozen=True, slots=True)
class Alert:
    """The present state of one question, since the window in which it began."""

    monitor: str
    state: str
    since: datetime
    worst: tuple[str, ...]

    @classmethod
    def read(cls, document: Document) -> Self:
        since = datetime.fromisoformat(document["since"])
        return cls(document["monitor"], document["state"], since, tuple(document["worst"]))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to the webhook."""

    event_type: str
    state: str
    tries: int

    @classmethod
    def read(cls, document: Document) -> Self:
        return cls(document["event_type"], document["state"], document["tries"])
