"""A model's retraining policy is declared and removed."""

from app.domain.alerts.delivery import Topic
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.monitors.monitor import ALL_VERSIONS, RETRAINING_MONITOR
from app.domain.retrainings.policy import Policy
from app.ports import Store
from app.steps.declare import find
from app.steps.settle import resolve_all


async def declare_retraining(store: Store, name: str, policy: Policy) -> bool:
    """Create or replace a policy; True where it was created.

    Raises
    ------
    NotFound
        There is no such model.
    Invalid
        Its target is not there, or starts no runs.
    """
    async with store.write() as unit:
        model = await find(unit, name)
        await unit.targets.hold([policy.target])  # nobody deletes it meanwhile
        target = await unit.targets.get(policy.target)
        if target is None:
            raise _wrong(f"there is no target {policy.target!r}: declare it first")
        if Topic.RETRAININGS not in target.takes:
            raise _wrong(f"targets of kind {target.kind!r} take no retrainings")
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


def _wrong(detail: str) -> Invalid:
    return Invalid("the retraining policy is wrong", (Fault(detail, "/target"),))
