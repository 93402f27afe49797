"""What was asked on the command line, and what it means to the rules."""

from dataclasses import dataclass
from pathlib import Path

from app.domain.model import Kind
from app.domain.telling.comparing import Wanted
from app.domain.telling.comparison import FailOn
from drift_core import Policy


class Refused(Exception):
    """The question cannot be answered; the message names what is wrong and the way out."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The options as they were given."""

    reference: Path
    current: Path
    columns: str = ""
    ignore: str = ""
    kinds: tuple[str, ...] = ()
    min_psi: float = 0.2
    level: float = 0.05
    fail_on: str = FailOn.INSUFFICIENT.value
    json: Path | None = None
    html: Path | None = None
    quiet: bool = False

    @property
    def wanted(self) -> Wanted:
        return Wanted(_names(self.columns), _names(self.ignore), parse_kinds(self.kinds))

    @property
    def policy(self) -> Policy:
        """The default policy with another PSI and level; half that PSI is worth a warning."""
        found = Policy().thresholds
        return Policy(
            level=self.level, thresholds={**found, "psi": (self.min_psi / 2, self.min_psi)}
        )


def parse_kinds(given: tuple[str, ...]) -> dict[str, Kind]:
    """Read ``column=kind`` pairs.

    Raises
    ------
    Refused
        One has another form, or names no kind.
    """
    kinds: dict[str, Kind] = {}
    for pair in given:
        name, _, kind = pair.rpartition("=")
        if not name or kind not in (Kind.NUMERIC, Kind.CATEGORICAL):
            raise Refused(f"--kind {pair}: write COLUMN=numeric or COLUMN=categorical")
        kinds[name] = Kind(kind)
    return kinds


def _names(given: str) -> frozenset[str]:
    return frozenset(name.strip() for name in given.split(",") if name.strip())
