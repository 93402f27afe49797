"""What a process knows of models and windows from the groups before; a hope, never a fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.retention import Stage
from app.store.placing import Admitted, Known, Slot

MOST = 20_000


@dataclass(slots=True)
class Memory:
    """Models as they were declared, and windows that were open, when they were read last."""

    _models: dict[int, Admitted] = field(default_factory=dict)
    _open: dict[Slot, Known] = field(default_factory=dict)

    def note(self, models: Mapping[int, Admitted], windows: Mapping[Slot, Known]) -> None:
        """Remember what was read in a transaction that is committed by now."""
        if len(self._models) + len(models) > MOST:
            self._models.clear()
        if len(self._open) + len(windows) > MOST:
            self._open.clear()
        self._models.update(models)
        for slot, window in windows.items():
            if window.closed_at is None and window.stage == Stage.LIVE:
                self._open[slot] = window
            else:
                self._open.pop(slot, None)

    def forget(self) -> None:
        self._models.clear()
        self._open.clear()

    def model(self, model_id: int) -> Admitted | None:
        return self._models.get(model_id)

    @property
    def windows(self) -> Mapping[Slot, Known]:
        """Windows that were open."""
        return self._open
