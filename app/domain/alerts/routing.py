"""Which targets hear of an alert: pure, over what they and its monitor declare."""

from collections.abc import Collection, Sequence

from app.domain.alerts.delivery import Target, Topic
from app.domain.monitors.monitor import Severity


def receivers(
    targets: Sequence[Target],
    severity: Severity,
    named: Collection[str] | None = None,
    told: Collection[str] = (),
) -> list[str]:
    """Return the names of targets for an alert of a severity.

    Parameters
    ----------
    named
        Those that its monitor names; None: all.
    told
        Those that heard that it fires, and so hear of its end whatever was declared since; one
        that is disabled hears of it when it is enabled again.
    """
    return [
        target.name
        for target in targets
        if Topic.ALERTS in target.takes
        and (target.name in told or (target.enabled and _wanted(target, severity, named)))
    ]


def gone(targets: Sequence[Target], named: Collection[str] | None) -> list[str]:
    """Return the names that a monitor gives its targets, and that none has (any more)."""
    there = {target.name for target in targets}
    return [name for name in named or () if name not in there]


def _wanted(target: Target, severity: Severity, named: Collection[str] | None) -> bool:
    takes = target.severities is None or severity in target.severities
    return takes and (named is None or target.name in named)
