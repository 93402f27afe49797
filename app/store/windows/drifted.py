"""The names of features that drifted, in the one order in which people read them anywhere."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ScalarSelect, and_, func, select

from app.domain.monitors.criteria import USUAL_RULE, Rule
from app.domain.verdicts.ranking import PSI
from app.store import tables as t
from app.store.declared.monitor_documents import rule_of
from app.store.transactions.session import Session
from drift_core import State

W, R, J, V, E = t.window.c, t.revision.c, t.judgement.c, t.verdict.c, t.estimate.c
M = t.monitor.c


async def drifted(session: Session, judgements: Sequence[int]) -> dict[int, list[str]]:
    """Return the features that drifted by each judgement, those that moved by most first.

    By as much as the monitor's rule weighs them, like the message of an alert.
    """
    kept = session.said.drifted
    known = {one: kept.get(one) for one in judgements}
    missing = [one for one, names in known.items() if names is None]
    read = await _drifted(session, missing) if missing else {}
    for one in missing:
        known[one] = names = tuple(read.get(one, ()))
        kept.keep(one, names, 1 + len(names))
    return {one: list(names) for one, names in known.items() if names}


async def _drifted(session: Session, judgements: Sequence[int]) -> dict[int, list[str]]:
    mine = and_(E.judgement_id == V.judgement_id, E.feature == V.feature)
    query = (
        select(V.judgement_id, V.feature, func.coalesce(E.effect, _largest(), 0.0))
        .select_from(t.verdict)
        .outerjoin(t.estimate, and_(mine, E.statistic == PSI))
        .where(V.judgement_id.in_(judgements), V.state == State.DRIFT.value)
    )
    found: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for judgement, feature, effect in await session.connection.execute(query):
        found[judgement].append((feature, effect))
    rules = await _rules(session, [one for one, features in found.items() if len(features) > 1])
    return {one: _ranked(some, rules.get(one, USUAL_RULE)) for one, some in found.items()}


def _ranked(features: list[tuple[str, float]], rule: Rule) -> list[str]:
    features.sort(key=lambda one: (-rule.weight(one[0]) * one[1], one[0]))
    return [name for name, _ in features]


def _largest() -> ScalarSelect[Any]:
    """Return the largest effect of all statistics, which is asked for where there is no PSI."""
    c = t.estimate.alias("any").c
    mine = and_(c.judgement_id == V.judgement_id, c.feature == V.feature)
    return select(func.max(c.effect)).where(mine).correlate(t.verdict).scalar_subquery()


async def _rules(session: Session, judgements: Sequence[int]) -> Mapping[int, Rule]:
    """Return the rules by which judgements were made, of those that weigh features."""
    rule = M.declaration["rule"]
    asked = and_(M.model_id == W.model_id, M.name == J.monitor, M.version == J.monitor_version)
    query = (
        select(J.id, rule)
        .select_from(t.judgement)
        .join(t.revision, R.id == J.revision_id)
        .join(t.window, W.id == R.window_id)
        .join(t.monitor, asked)
        .where(J.id.in_(judgements), M.declaration["rule", "weights", 0].as_string().is_not(None))
    )
    rows = await session.connection.execute(query) if judgements else ()
    return {judgement: rule_of(document) for judgement, document in rows}
