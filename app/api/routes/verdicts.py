"""Verdicts by their ids, with all that they were made from."""

from app.api.parameters import RowId
from app.api.router import new_router
from app.api.schemas.verdicts import GivenCountsAnswer, ReproducibleVerdict
from app.api.state import ApiDep
from app.domain.errors import NotFound
from app.domain.model import Schema
from app.domain.verdicts.given_counts import given_counts
from app.domain.verdicts.verdict import GivenVerdict
from app.ports import Unit

router = new_router("windows")


@router.get("/v1/verdicts/{verdict}", summary="Read a verdict with all it was made from")
async def get_verdict(api: ApiDep, verdict: RowId) -> ReproducibleVerdict:
    """Return what one monitor said of one revision of a window, and by which declaration.

    What is answered under one id never changes; ``leeway verify`` makes it again from the counts.
    """
    async with api.store.read() as unit:
        given, schema = await _given(unit, verdict)
    return ReproducibleVerdict.of(given, schema)


@router.get("/v1/verdicts/{verdict}/counts", summary="Read the counts behind a verdict")
async def get_verdict_counts(api: ApiDep, verdict: RowId) -> GivenCountsAnswer:
    """Return the cells of window and reference; what sensitive cells stand for is kept back."""
    async with api.store.read() as unit:
        given, schema = await _given(unit, verdict)
        evidence = await unit.verdicts.evidence(verdict)
    assert evidence is not None  # noqa: S101  the verdict is there, in this snapshot
    return GivenCountsAnswer.of(given, given_counts(evidence, schema))


async def _given(unit: Unit, verdict: int) -> tuple[GivenVerdict, Schema | None]:
    given = await unit.verdicts.get(verdict)
    if given is None:
        raise NotFound(f"there is no verdict {verdict}; retention removes them with their windows")
    model = await unit.models.by_id(given.window.model_id)
    return given, model.schema if model else None
