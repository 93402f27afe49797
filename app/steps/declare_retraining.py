"""A model's retraining policy is declared and removed."""

from collections.abc import AsyncIterator

from app.domain.alerts.delivery import Topic
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.model import Feature, Kind, Model, Role, Schema
from app.domain.monitors.monitor import (
    ALL_VERSIONS,
    RETRAINING_MONITOR,
    TRAFFIC_MONITOR,
    usual_monitors,
)
from app.domain.retrainings.policy import Policy
from app.ports import Store, Unit
from app.steps.declare import find
from app.steps.settle import resolve_all

NEVER_ASK = frozenset({TRAFFIC_MONITOR, RETRAINING_MONITOR})
"""A new model is no remedy for rows that do not come, or for a run that failed."""
UNKNOWN_YET = Schema((Feature("prediction", Kind.NUMERIC, Role.PREDICTION),))
"""In place of a schema that the first baseline is still to tell: it may have outputs."""


async def declare_retraining(store: Store, name: str, policy: Policy) -> bool:
    """Create or replace a policy; True where it was created.

    Raises
    ------
    NotFound
        There is no such model.
    Invalid
        Its target is not there, or starts no runs; or it names monitors that cannot ask.
    """
    async with store.write() as unit:
        model = await find(unit, name)
        await unit.models.hold(model.id)  # nobody deletes a monitor meanwhile
        model = await find(unit, name)
        faults = [one async for one in _target_faults(unit, policy)]
        faults += [one async for one in _monitor_faults(unit, model, policy)]
        if faults:
            raise Invalid("the retraining policy is wrong", tuple(faults))
        return await unit.retrainings.put_policy(model.id, policy)


async def remove_retraining(store: Store, event_source: str, name: str) -> None:
    """Ask no more; runs in flight go on. The alert on failed ones resolves: nobody will mend it.

    Raises
    ------
    NotFound
        There is no such model, or it has no policy.
    """
    async with store.write() as unit:
        model = await find(unit, name)
        if not await unit.retrainings.drop_policy(model.id):
            raise NotFound(f"model {name!r} has no retraining policy")
        mine = lambda key: key.monitor == RETRAINING_MONITOR and key.version == ALL_VERSIONS  # noqa: E731
        await resolve_all(unit, event_source, model, mine, "policy_removed")


async def _target_faults(unit: Unit, policy: Policy) -> AsyncIterator[Fault]:
    await unit.targets.hold([policy.target])  # nobody deletes it meanwhile
    target = await unit.targets.get(policy.target)
    if target is None:
        yield Fault(f"there is no target {policy.target!r}: declare it first", "/target")
    elif Topic.RETRAININGS not in target.takes:
        yield Fault(f"targets of kind {target.kind!r} take no retrainings", "/target")


async def _monitor_faults(unit: Unit, model: Model, policy: Policy) -> AsyncIterator[Fault]:
    for index, name in enumerate(policy.monitors or ()):
        at = f"/monitors/{index}"
        if name in NEVER_ASK:
            yield Fault(f"alerts of {name!r} ask for no retraining: leave it out", at)
        elif not await _there(unit, model, name):
            yield Fault(f"there is no monitor {name!r}: declare it first", at)


async def _there(unit: Unit, model: Model, name: str) -> bool:
    """Whether a model has a monitor, or will have it with its first baseline."""
    if await unit.monitors.get(model.id, name) is not None:
        return True
    if model.active_baseline is not None:
        return False
    usual = {one.name for one in usual_monitors(model.schema or UNKNOWN_YET)}
    # one that was deleted does not come back
    return name in usual and await unit.monitors.known(model.id, name) is None
