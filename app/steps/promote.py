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


DECIDED = frozenset({VersionRole.CHAMPION, VersionRole.RETIRED})
"""Roles that a run gives nothing before it was promoted or rejected: someone else gave them."""


async def check_undecided(unit: Unit, run: Retraining) -> None:
    """Refuse a version, named for the first time, on which someone else decided meanwhile.

    Raises
    ------
    Invalid
        It is champion or retired by another's word.
    """
    if run.challenger is None or run.challenger == run.version:
        return
    known = await _own(unit, run, run.challenger)
    if known is not None and known.role in DECIDED:
        detail = f"version {run.challenger!r} is {known.role.value} already, by another's word"
        raise _wrong(f"{detail}: name the one that this retraining made", "/version")


async def enlist(unit: Unit, run: Retraining, said: Said) -> None:
    """Register the version that a run made; who is champion stays so.

    Raises
    ------
    Invalid
        The run cannot have made it.
    """
    if said.version is None:
        return
    known = await _own(unit, run, said.version)
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
        No version was ever named, or the run cannot have made it, or there is no such baseline.
    """
    model = await unit.models.by_id(run.model_id)
    if model is None:
        raise NotFound("the model was removed meanwhile")
    if run.challenger is None:
        raise _wrong("no version was named for this retraining yet: name it", "/version")
    known = await _own(unit, run, run.challenger)
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


async def _own(unit: Unit, run: Retraining, name: str) -> Version | None:
    """Return a version that a run names, if it is there; refuse those that it cannot have made.

    Whoever holds a run's token must not decide over other versions. The one that it is to replace
    may be trained anew under its name.
    """
    known = await _version(unit, run.model_id, name)
    if await unit.retrainings.claimed(run, name):
        raise _wrong(f"version {name!r} was made by another retraining", "/version")
    if known is None or name == run.version:
        return known
    if known.created_at is not None and known.created_at < run.requested_at:
        detail = f"version {name!r} was there before this retraining was asked for"
        raise _wrong(f"{detail}: name the one that it made", "/version")
    return known


async def _version(unit: Unit, model_id: int, name: str) -> Version | None:
    versions = await unit.models.versions(model_id)
    return next((one for one in versions if one.name == name), None)


def _lineage(run: Retraining, said: Said, known: Version | None) -> dict[str, Any]:
    before = known.lineage if known else {}
    given = before if said.lineage is None else said.lineage
    return {**given, LINEAGE_KEY: run.id}


def _wrong(detail: str, pointer: str) -> Invalid:
    return Invalid("what is said of the retraining is wrong", (Fault(detail, pointer),))
