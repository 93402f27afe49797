"""What was odd in a window's rows though they counted: wrong types, absent, unknown columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.batch import CountVector
from app.domain.verdicts.judgement import Sighting
from drift_core import GridSet

MESSAGES = {
    "absent": "batches of this window came without this column; its values count as missing",
    "unknown": "batches of this window had this column, which the schema does not know",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One data-quality finding; rows and share where they are known."""

    code: str
    feature: str
    message: str
    rows: int | None = None
    share: float | None = None


def findings(
    sightings: Sequence[Sighting], grids: GridSet | None, vector: CountVector | None
) -> tuple[Finding, ...]:
    """Return the findings of a window, those that count rows first."""
    found: list[Finding] = []
    if grids is not None and vector is not None:
        for name, counts in grids.split(vector).items():
            if counts.invalid:
                share = counts.invalid / counts.rows
                message = "values of the wrong type"
                found.append(Finding("invalid", name, message, counts.invalid, share))
    found.sort(key=lambda finding: (-(finding.rows or 0), finding.feature))
    seen = [Finding(s.kind, s.column, MESSAGES.get(s.kind, s.kind)) for s in sightings]
    return (*found, *sorted(seen, key=lambda finding: (finding.code, finding.feature)))
