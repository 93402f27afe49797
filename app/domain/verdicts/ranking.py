"""Which features come first wherever people read of several: those that moved by most. Pure."""

from collections.abc import Mapping

PSI = "psi"


def moved(effects: Mapping[str, float | None]) -> float:
    """Return by how much a feature moved: its PSI, or the largest effect of what else was asked.

    Examples
    --------
    >>> moved({"ks": 0.3, "psi": 0.1}), moved({"missing": 0.2, "unseen": None}), moved({})
    (0.1, 0.2, 0.0)
    """
    psi = effects.get(PSI)
    if psi is not None:
        return psi
    return max((effect for effect in effects.values() if effect is not None), default=0.0)
