"""What a retraining made becomes a challenger, and then the champion with a baseline of its own."""

from dataclasses import replace
from typing import Any

from app.domain.errors import Fault, Invalid, NotFound
from app.domain.model import Model, Version, VersionRole
from app.domain.retrainings.retraining import Retraining, Said
from app.ports import Unit
from app.steps.declare import crown, resolve_uncounted
from app.steps.settle import resolve_all

LINEAGE_KEY = "retraining"
"""Under which a version's lineage names the run that it came from."""


async def enlist(unit: Unit, run: Retraining, said: Said) -> None:
    """Register the version that a run made; who is champion stays so."""
    if said.version is None:
        return
    known = await _version(unit, run.model_id, said.version)
    champion = known is not None and known.role is VersionRole.CHAMPION
    role = VersionRole.CHAMPION if champion else VersionRole.CHALLENGER
    lineage = _lineage(run, said, known)
    await unit.models.put_version(run.model_id, said.version, role, lineage)


async def promote(unit: Unit, source: str, run: Retraining, said: Said) -> Retraining:
    """Make a run's version champion and its baseline the active one; alerts of the old resolve.

    Without a baseline of that version the active one stays. Returns the run with the baseline.

    Raises
    ------
    Invalid
        No version was ever named, or there is no such baseline.
    """
    model = await unit.models.by_id(run.model_id)
    if model is None:
        raise NotFound("the model was removed meanwhile")
    if run.challenger is None:
        raise _wrong("no version was named for this retraining yet: name it", "/version")
    known = await _version(unit, model.id, run.challenger)
    lineage = _lineage(run, said, known)
    await unit.models.put_version(model.id, run.challenger, VersionRole.CHAMPION, lineage)
    baseline = await _baseline(unit, model, run.challenger, said.baseline)
    if baseline is not None and baseline != model.active_baseline:
        await unit.models.activate(model.id, baseline)
        await resolve_uncounted(unit, source, model)
    await crown(unit, source, model, None)
    # a version that was trained anew under its old name
    anew = run.challenger
    await resolve_all(unit, source, model, lambda key: key.version == anew, "retrained")
    return replace(run, baseline=baseline)


async def _baseline(unit: Unit, model: Model, version: str, named: int | None) -> int | None:
    if named is not None:
        if await unit.models.baseline(model.id, named) is None:
            raise _wrong(f"the model has no baseline {named}", "/baseline")
        return named
    for one in await unit.models.baselines(model.id):
        if one.version == version:
            return one.number
    return None


async def _version(unit: Unit, model_id: int, name: str) -> Version | None:
    versions = await unit.models.versions(model_id)
    return next((one for one in versions if one.name == name), None)


def _lineage(run: Retraining, said: Said, known: Version | None) -> dict[str, Any]:
    before = known.lineage if known else {}
    given = before if said.lineage is None else said.lineage
    return {**given, LINEAGE_KEY: run.id}


def _wrong(detail: str, pointer: str) -> Invalid:
    return Invalid("what is said of the retraining is wrong", (Fault(detail, pointer),))
