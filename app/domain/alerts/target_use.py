"""Who sends to a target by its name: as long as somebody does, it stays. Pure."""

from dataclasses import dataclass

MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class TargetUse:
    """What names a target."""

    monitors: tuple[str, ...] = ()
    """Present monitors, each as ``model/monitor``."""
    policies: tuple[str, ...] = ()
    """Models whose retraining policy starts its runs there."""

    def __bool__(self) -> bool:
        return bool(self.monitors or self.policies)

    def keeps(self, target: str) -> str:
        """Return why a target cannot be deleted, and the way out.

        Examples
        --------
        >>> TargetUse(("m/default",)).keeps("pager")
        "monitor m/default names target 'pager': declare it without that target first, or switch \
the target off with `enabled: false`"
        """
        named = [f"monitor {one}" for one in self.monitors]
        named += [f"the retraining policy of {one}" for one in self.policies]
        alone = len(named) == 1
        more = len(named) - MOST_TOLD
        told = named[:MOST_TOLD] + ([f"{more} more"] if more > 0 else [])
        who = told[0] if alone else f"{', '.join(told[:-1])} and {told[-1]}"
        return (
            f"{who} {'names' if alone else 'name'} target {target!r}: declare "
            f"{'it' if alone else 'them'} without that target first, or switch the target off "
            "with `enabled: false`"
        )
