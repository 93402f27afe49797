"""Revisions of windows: values in plain columns, and the counts they were judged on."""

from collections.abc import Mapping
from typing import Any

from app.domain.verdicts.judgement import Judgement, Revision
from app.domain.verdicts.verdict import digest_of
from app.store import tables as t
from app.store.counts import encoding
from app.store.declared.monitor_documents import monitor_document
from app.store.transactions.bulk import insert_all
from app.store.transactions.session import Session
from app.store.windows import counterparts
from drift_core import Estimate, FeatureVerdict


async def write(session: Session, window_id: int, revision: Revision) -> None:
    """Insert a revision with its judgements; a number is only taken once."""
    added = await session.connection.execute(
        t.revision.insert().values(_values(window_id, revision)).returning(t.revision.c.id)
    )
    revision_id = added.scalar_one()
    traffic = await counterparts.write(session, revision_id, revision)
    for judgement in revision.judgements:
        owners = {"revision_id": revision_id, "counterpart_id": traffic.get(id(judgement.traffic))}
        await _judgement(session, owners, revision, judgement)


async def _judgement(
    session: Session, owners: Mapping[str, int | None], revision: Revision, judgement: Judgement
) -> None:
    values = {**_said(revision, judgement), **owners}
    added = await session.connection.execute(
        t.judgement.insert().values(values).returning(t.judgement.c.id)
    )
    key = added.scalar_one()
    features = judgement.verdict.features
    await insert_all(
        session, t.verdict, [_verdict(key, name, found) for name, found in features.items()]
    )
    criteria = judgement.monitor.criteria
    estimates = [
        _estimate(key, name, estimate, criteria.threshold(name, estimate.statistic))
        for name, found in features.items()
        for estimate in found.estimates.values()
    ]
    await insert_all(session, t.estimate, estimates)


def _values(window_id: int, revision: Revision) -> dict[str, Any]:
    gathered = revision.gathered
    vector = gathered.vector
    return {
        "window_id": window_id,
        "number": revision.number,
        "cause": revision.cause.value,
        "judged_at": revision.judged_at,
        "grid_set": gathered.grid_set,
        "rows": gathered.rows,
        "counts": None if vector is None else encoding.pack(vector),
        "digest": None if vector is None else encoding.digest(vector),
        "sightings": [[one.column, one.kind] for one in gathered.sightings],
    }


def _said(revision: Revision, judgement: Judgement) -> dict[str, Any]:
    verdict = judgement.verdict
    return {
        "monitor": judgement.monitor.name,
        "monitor_version": judgement.monitor.version,
        "comparison": judgement.comparison,
        "baseline": judgement.baseline,
        "state": verdict.state.value,
        "warning": verdict.warning,
        "page": verdict.page,
        "page_level": judgement.monitor.page_level,
        "reason": verdict.reason,
        "judged_at": revision.judged_at,
        "code_version": revision.code_version,
        "declaration": digest_of(monitor_document(judgement.monitor)),
        "level": judgement.monitor.criteria.level,
    }


def _verdict(judgement_id: int, feature: str, found: FeatureVerdict) -> dict[str, Any]:
    return {
        "judgement_id": judgement_id,
        "feature": feature,
        "state": found.state.value,
        "warning": found.warning,
        "page": found.page,
        "reason": found.reason,
        "p_value": found.p_value,
        "p_adjusted": found.p_adjusted,
        "rules": list(found.rules),
    }


def _estimate(
    judgement_id: int, feature: str, found: Estimate, threshold: float | None
) -> dict[str, Any]:
    return {
        "judgement_id": judgement_id,
        "feature": feature,
        "statistic": found.statistic,
        "value": found.value,
        "lower": found.lower,
        "upper": found.upper,
        "null_mean": found.null_mean,
        "effect": found.effect,
        "p_value": found.p_value,
        "threshold": threshold,
        "n_ref": found.n_ref,
        "n_cur": found.n_cur,
        "reason": found.reason,
    }
