"""Whom a retraining could be asked of: a target that is declared, never one that may not be."""

from app.domain.alerts.delivery import Topic
from app.ports import Unit
from app.steps.announce import every_target


async def whom(unit: Unit) -> str | None:
    """Return the first target that starts runs; None where none is declared."""
    able = (
        one.name
        for one in await every_target(unit)
        if one.enabled and Topic.RETRAININGS in one.takes
    )
    return next(able, None)
