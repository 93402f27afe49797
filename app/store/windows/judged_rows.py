"""Rows of verdicts and estimates to the values that are shown."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, tuple_

from app.domain.telling.reports import StoredEstimate, StoredRevision, StoredVerdict
from app.store import tables as t
from app.store.transactions.session import AnyRow, Session

V, E = t.verdict.c, t.estimate.c
CHUNK = 100
"""Judgements of one query: making values of its rows holds up the event loop."""
PAIRS = 500


async def verdicts(
    session: Session, judgement_ids: Sequence[int], feature: str | None = None
) -> dict[int, list[StoredVerdict]]:
    """Return the features of judgements (or one of them), by judgement and then name."""
    found: dict[int, list[StoredVerdict]] = defaultdict(list)
    for start in range(0, len(judgement_ids), CHUNK):
        ids = judgement_ids[start : start + CHUNK]
        estimates = await _estimates(session, ids, feature)
        query = select(t.verdict).where(V.judgement_id.in_(ids)).order_by(V.judgement_id, V.feature)
        if feature is not None:
            query = query.where(V.feature == feature)
        for row in await session.connection.execute(query):
            mine = tuple(estimates[row.judgement_id, row.feature])
            found[row.judgement_id].append(_verdict(row, mine))
    return found


async def outlines(
    session: Session, judgement_ids: Sequence[int]
) -> dict[int, list[StoredVerdict]]:
    """Return the features of judgements without their estimates."""
    found: dict[int, list[StoredVerdict]] = defaultdict(list)
    for start in range(0, len(judgement_ids), CHUNK):
        ids = judgement_ids[start : start + CHUNK]
        for row in await session.connection.execute(
            select(t.verdict).where(V.judgement_id.in_(ids))
        ):
            found[row.judgement_id].append(_verdict(row, ()))
    return found


async def estimates(
    session: Session, features: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], list[StoredEstimate]]:
    """Return the estimates of features, by judgement and name."""
    found: dict[tuple[int, str], list[StoredEstimate]] = defaultdict(list)
    for start in range(0, len(features), PAIRS):
        pairs = tuple_(E.judgement_id, E.feature).in_(features[start : start + PAIRS])
        query = select(t.estimate).where(pairs).order_by(E.statistic)
        for row in await session.connection.execute(query):
            found[row.judgement_id, row.feature].append(_estimate(row))
    return found


async def _estimates(
    session: Session, judgement_ids: Sequence[int], feature: str | None
) -> dict[tuple[int, str], list[StoredEstimate]]:
    query = (
        select(t.estimate)
        .where(E.judgement_id.in_(judgement_ids))
        .order_by(E.judgement_id, E.feature, E.statistic)
    )
    if feature is not None:
        query = query.where(E.feature == feature)
    found: dict[tuple[int, str], list[StoredEstimate]] = defaultdict(list)
    for row in await session.connection.execute(query):
        found[row.judgement_id, row.feature].append(_estimate(row))
    return found


def revision_in(row: AnyRow) -> StoredRevision:
    return StoredRevision(
        number=row.number,
        judged_at=row.judged_at,
        cause=row.cause,
        rows=row.rows,
        state=row.state,
        warning=row.warning,
        page=row.page,
        reason=row.reason,
        baseline=row.baseline,
        grid_set=row.grid_set,
        digest=row.digest,
        monitor_version=row.monitor_version,
        code_version=row.code_version,
        verdict=row.judgement_id,
    )


def _verdict(row: AnyRow, estimates: tuple[StoredEstimate, ...]) -> StoredVerdict:
    return StoredVerdict(
        feature=row.feature,
        state=row.state,
        warning=row.warning,
        page=row.page,
        reason=row.reason,
        p_value=row.p_value,
        p_adjusted=row.p_adjusted,
        rules=tuple(row.rules),
        estimates=estimates,
    )


def _estimate(row: AnyRow) -> StoredEstimate:
    return StoredEstimate(
        statistic=row.statistic,
        value=row.value,
        lower=row.lower,
        upper=row.upper,
        null_mean=row.null_mean,
        effect=row.effect,
        p_value=row.p_value,
        threshold=row.threshold,
        n_ref=row.n_ref,
        n_cur=row.n_cur,
        reason=row.reason,
    )
