"""What a process knows of models and windows from the groups before; a hope, never a fact."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.retention import Stage
from app.store.transactions.placing import Admitted, Known, Slot

MOST = 20_000
RECENT = 20_000
WARY = 16
"""So many groups are not hoped for after keys came again: who sends one again sends more."""


@dataclass(slots=True)
class Memory:
    """Models as they were declared, and windows that were open, when they were read last."""

    _models: dict[int, Admitted] = field(default_factory=dict)
    _open: dict[Slot, Known] = field(default_factory=dict)
    _written: dict[Hashable, None] = field(default_factory=dict)
    """Keys that were written last, the oldest first."""
    _wary: int = 0

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

    def drop(self, models: Iterable[int], windows: Iterable[Slot]) -> None:
        """Forget what was hoped on in vain; of models that are left, nothing."""
        for model in models:
            self._models.pop(model, None)
        for slot in windows:
            self._open.pop(slot, None)

    def wrote(self, keys: Iterable[Hashable]) -> None:
        """Note keys that were committed."""
        self._written.update(dict.fromkeys(keys))
        while len(self._written) > RECENT:
            del self._written[next(iter(self._written))]

    def saw_again(self) -> None:
        """Note that a key came which was written before."""
        self._wary = WARY

    def expects_new(self, keys: Iterable[Hashable]) -> bool:
        """Whether these keys are likely to be new: to hope in vain is an error in the log."""
        if self._wary:
            self._wary -= 1
            return False
        return not any(key in self._written for key in keys)

    def model(self, model_id: int) -> Admitted | None:
        return self._models.get(model_id)

    @property
    def windows(self) -> Mapping[Slot, Known]:
        """Windows that were open."""
        return self._open
