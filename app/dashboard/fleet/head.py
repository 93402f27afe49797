"""What stands above all models: how many drift, and what cannot be told. Pure."""

from dataclasses import dataclass

from app.dashboard.figures import plural


@dataclass(frozen=True, slots=True)
class Head:
    """How many models there are, and how many of them stand how.

    ``unknown`` were not judged in their last window or ever; ``renewed`` of those have a champion
    that is newer than what was judged.
    """

    every: int
    drifting: int
    unknown: int
    renewed: int
    firing: int

    @property
    def badge(self) -> tuple[str, str]:
        """A kind and its words."""
        if self.drifting:
            return "drift", f"{self.drifting} of {self.every} drift"
        if self.firing:
            return "warning", f"alerts fire for {self.firing} of {self.every}"
        if self.unknown and self.unknown == self.renewed:
            return "waiting", f"{plural(self.renewed, 'new champion')}, not judged yet"
        if self.unknown:
            return "waiting", f"{self.unknown} of {self.every} not judged"
        return "ok", "nothing drifts"

    @property
    def lead(self) -> str:
        """All of it in a sentence."""
        parts = [self._drift()]
        if self.renewed:
            has = "has" if self.renewed == 1 else "have"
            parts.append(f"{plural(self.renewed, 'model')} {has} a new champion")
        if 0 < (without := self.unknown - self.renewed) < self.every:
            parts.append(f"{without} not judged")
        if self.firing:
            parts.append(f"alerts fire for {self.firing}")
        return "; ".join(parts) + "."

    def _drift(self) -> str:
        if self.drifting:
            return f"{plural(self.drifting, 'model')} of {self.every} drifted in the last window"
        if self.unknown == self.every:
            what = "champion" if self.renewed == self.every else "model"
            return f"No {what} has been judged yet"
        return f"No model {'that was judged ' if self.unknown else ''}drifted in its last window"
