"""What came out of a run: what happened, what was found wrong, and whether it meant anything."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.chaos.oracle.witness import Witness
from tests.chaos.plan import Kind
from tests.chaos.rig import Floors

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


@dataclass(frozen=True, slots=True)
class Result:
    """One run in numbers; ``findings`` is empty where every promise was kept."""

    day: str
    seed: int
    version: str
    database: str
    seconds: float
    kills: Mapping[str, int]
    faults: Mapping[str, int]
    strikes: Mapping[str, int]
    """Chunks, or connections, that a fault proxy struck, by what it did."""
    starts: Mapping[str, int]
    acknowledged: int
    rows: int
    sends: int
    retries: int
    duplicates: int
    recut: int
    """Batches of rows that another batch had brought."""
    refused: int
    by_form: Mapping[str, int]
    latency_ms: Mapping[str, float]
    objects: int
    quarantined: int
    windows: int
    revisions: int
    events: int
    deliveries: int
    heard: int
    retrainings: int
    settled_in: float
    looks: int
    """Snapshots of the database in the middle of the storm."""
    complaints: Mapping[str, int]
    """What the replicas logged as errors."""
    findings: Sequence[str]
    floors: Floors

    def shortfalls(self) -> list[str]:
        """Name what there was too little of for a success to mean anything."""
        had = {
            "kills": sum(self.kills.values()),
            "restarts": self.faults.get("database restart", 0),
            "strikes": sum(self.strikes.values()),
            "acknowledged": self.acknowledged,
            "retries": self.retries,
            "duplicates": self.duplicates,
            "deliveries": self.deliveries,
            "retrainings": self.retrainings,
        }
        wanted = asdict(self.floors)
        return [f"{had[name]} {name} of {n}" for name, n in wanted.items() if had[name] < n]

    def document(self) -> dict[str, Any]:
        return asdict(self)


def traffic(witness: Witness) -> dict[str, Any]:
    """Count what the client did and was told."""
    counted = witness.counted()
    acknowledged = [sent for sent in counted.values() if sent.acknowledged]
    took = sorted(answer["took"] for sent in acknowledged for answer in sent.acknowledged)
    forms: dict[str, int] = {}
    for sent in acknowledged:
        forms[sent.form] = forms.get(sent.form, 0) + 1
    every = list(witness.batches.values())
    sends = sum(sent.sends for sent in every)
    latency = {name: round(1e3 * quantile(took, share), 1) for name, share in QUANTILES.items()}
    final = sum(a["status"] not in (409, 429, 503) for sent in every for a in sent.answers)
    return {
        "acknowledged": len(acknowledged),
        "rows": sum(sent.rows for sent in acknowledged),
        "sends": sends,
        "retries": sends - final,
        "duplicates": sum(a["replayed"] for sent in acknowledged for a in sent.acknowledged),
        "recut": sum(bool(s.acknowledged) for s in every if s.kind is Kind.RECUT),
        "refused": sum(a["status"] in (400, 422) for a in witness.answers()),
        "by_form": dict(sorted(forms.items())),
        "latency_ms": latency,
    }


def quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
