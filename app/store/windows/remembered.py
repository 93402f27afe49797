"""Verdicts for people who look at them again and again: each is read once by a process."""

import sys
from collections.abc import Mapping, Sequence

from sqlalchemy import and_, func, select

from app.domain.telling.overview import Cell
from app.domain.telling.reports import StoredVerdict
from app.store import tables as t
from app.store.transactions.said import CellsOf
from app.store.transactions.session import Session
from app.store.windows import judged_rows

V, E = t.verdict.c, t.estimate.c
CHUNK = 500


async def verdicts(
    session: Session, judgements: Sequence[int], feature: str | None = None
) -> Mapping[int, Sequence[StoredVerdict]]:
    """Return the features of judgements (or one of them), by judgement and then name."""
    kept = session.said.features
    known = {one: kept.get((one, feature)) for one in judgements}
    missing = [one for one, found in known.items() if found is None]
    read = await judged_rows.verdicts(session, missing, feature)
    found = {one: said for one, said in known.items() if said is not None}
    for one in missing:
        found[one] = tuple(read.get(one, ()))
        kept.keep((one, feature), found[one], 1 + len(found[one]))
    return found


async def cells(
    session: Session, judgements: Sequence[int], features: Sequence[str], statistic: str | None
) -> Mapping[int, Mapping[str, Cell | None]]:
    """Return what judgements say of features, by both; perhaps of others, too.

    Without a statistic with the largest effect of all.
    """
    kept = session.said.cells
    known: dict[int, CellsOf] = {one: kept.get((one, statistic)) or {} for one in judgements}
    asked = set(features)
    missing = {one: lacking for one in judgements if (lacking := asked - known[one].keys())}
    if not missing:
        return known
    for one, lacking in missing.items():
        known[one] = known[one] | dict.fromkeys(lacking)
    names = sorted(set().union(*missing.values()))
    for cell in await _cells(session, list(missing), names, statistic):
        known[cell.verdict][cell.feature] = cell
    for one in missing:
        kept.keep((one, statistic), known[one], 1 + len(known[one]))
    return known


async def _cells(
    session: Session, judgements: Sequence[int], features: Sequence[str], statistic: str | None
) -> Sequence[Cell]:
    said = V.judgement_id, V.feature, V.state, V.warning
    mine = and_(E.judgement_id == V.judgement_id, E.feature == V.feature)
    cell = select(*said, func.max(E.effect)).group_by(*said)
    if statistic is not None:
        mine = and_(mine, E.statistic == statistic)
        cell = select(*said, E.effect)
    found: list[Cell] = []
    for start in range(0, len(judgements), CHUNK):
        query = (
            cell.select_from(t.verdict)
            .outerjoin(t.estimate, mine)
            .where(V.judgement_id.in_(judgements[start : start + CHUNK]))
            .where(V.feature.in_(features))
        )
        rows = (await session.connection.execute(query)).all()
        # of one string for all windows, instead of one for each
        found += [Cell(id_, sys.intern(name), *rest) for id_, name, *rest in rows]
    return found
