"""A target is removed, once nobody sends to it by its name."""

from app.domain.errors import Conflict, NotFound
from app.ports import Store

IN_USE = "target-in-use"


async def remove_target(store: Store, name: str) -> None:
    """Delete a target; what was still to be delivered to it is given up.

    Raises
    ------
    NotFound
        There is no such target.
    Conflict
        A monitor or a retraining policy names it: its pages would go nowhere, in silence.
    """
    async with store.write() as unit:
        # whoever declares something that names it comes before this, or finds it gone
        if not await unit.targets.hold([name], alone=True):
            raise NotFound(f"there is no target {name!r}")
        if use := await unit.targets.used(name):
            raise Conflict(use.keeps(name), code=IN_USE)
        await unit.targets.delete(name)
