"""Revisions of windows: values in plain columns, and the counts they were judged on."""

import hashlib
from typing import Any

from app.domain.batch import CountVector
from app.domain.judgement import Revision
from app.store import encoding
from app.store import tables as t
from app.store.bulk import insert_all
from app.store.session import Session
from drift_core import Estimate, FeatureVerdict, Policy

POLICY = Policy()
"""Until monitors can be declared, all judge by the default thresholds."""


async def write(session: Session, window_id: int, revision: Revision) -> None:
    """Insert a revision with its verdicts and estimates; a number is only taken once."""
    added = await session.connection.execute(
        t.revision.insert().values(_values(window_id, revision)).returning(t.revision.c.id)
    )
    key = added.scalar_one()
    features = revision.verdict.features
    await insert_all(
        session, t.verdict, [_verdict(key, name, found) for name, found in features.items()]
    )
    estimates = [
        _estimate(key, name, estimate)
        for name, found in features.items()
        for estimate in found.estimates.values()
    ]
    await insert_all(session, t.estimate, estimates)


def digest(vector: CountVector) -> str:
    """Return SHA-256 over the cells as little-endian 64-bit integers, in hexadecimal."""
    return hashlib.sha256(vector.astype("<i8").tobytes()).hexdigest()


def _values(window_id: int, revision: Revision) -> dict[str, Any]:
    gathered, verdict = revision.gathered, revision.verdict
    vector = gathered.vector
    return {
        "window_id": window_id,
        "number": revision.number,
        "cause": revision.cause.value,
        "judged_at": revision.judged_at,
        "baseline": revision.baseline,
        "grid_set": gathered.grid_set,
        "rows": gathered.rows,
        "counts": None if vector is None else encoding.pack(vector),
        "digest": None if vector is None else digest(vector),
        "state": verdict.state.value,
        "warning": verdict.warning,
        "page": verdict.page,
        "reason": verdict.reason,
        "monitor_version": revision.monitor_version,
        "code_version": revision.code_version,
    }


def _verdict(revision_id: int, feature: str, found: FeatureVerdict) -> dict[str, Any]:
    return {
        "revision_id": revision_id,
        "feature": feature,
        "state": found.state.value,
        "warning": found.warning,
        "page": found.page,
        "reason": found.reason,
        "p_value": found.p_value,
        "p_adjusted": found.p_adjusted,
        "rules": list(found.rules),
    }


def _estimate(revision_id: int, feature: str, found: Estimate) -> dict[str, Any]:
    return {
        "revision_id": revision_id,
        "feature": feature,
        "statistic": found.statistic,
        "value": found.value,
        "lower": found.lower,
        "upper": found.upper,
        "null_mean": found.null_mean,
        "effect": found.effect,
        "p_value": found.p_value,
        "threshold": POLICY.thresholds_of(found.statistic).drift,
        "n_ref": found.n_ref,
        "n_cur": found.n_cur,
        "reason": found.reason,
    }
