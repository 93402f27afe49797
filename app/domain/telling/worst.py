"""What stands for a model: the worst that its monitors say, of the version people ask about."""

from collections.abc import Iterable, Mapping

from app.domain.monitors.monitor import DEFAULT_MONITOR
from app.domain.telling.overview import Judged
from drift_core import State

WORST_FIRST = (
    (State.DRIFT, False),
    (State.ERROR, False),
    (State.OK, True),
    (State.INSUFFICIENT_DATA, False),
    (State.OK, False),
    (None, False),
)
"""States, and whether with a warning; a monitor that said nothing yet stands behind all others."""


def worst(said: Iterable[Judged], shown: str | None = None) -> Judged | None:
    """Return the worst of what monitors say.

    Of equals that of the monitor ``shown``, else the gravest, and the usual one of these.
    """

    def need(one: Judged) -> tuple[int, bool, str, bool, str]:
        apart = one.monitor != shown and shown is not None
        return rank(one), apart, one.severity.value, one.monitor != DEFAULT_MONITOR, one.monitor

    return min(said, key=need, default=None)


def worst_of_version(
    said: Mapping[str, Iterable[Judged]], champion: str | None
) -> tuple[str | None, Judged | None]:
    """Return the version that people ask about, and the worst that is said of it.

    That is the champion, once it was judged; before, the version of the latest window.
    """
    found = {version: one for version, some in said.items() if (one := worst(some)) is not None}
    if champion in found or not found:
        return champion, found.get(champion or "")
    latest = max(found, key=lambda version: (found[version].start, version))
    return latest, found[latest]


def rank(one: Judged) -> int:
    """Return how far a state is from the worst one."""
    state = None if one.state is None else State(one.state)
    return WORST_FIRST.index((state, one.warning and state is State.OK))
