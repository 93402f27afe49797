"""Names from strangers' files, made harmless and short enough to show."""

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
JOINERS = "\u200c\u200d"
"""Format characters that words and emoji are written with."""


def shown(name: str, most: int = 80) -> str:
    """Return a name without controls, line ends or turns of direction, cut to `most` characters.

    A terminal would obey the first, and the last would reorder what stands beside the name.
    """
    cut = name if len(name) <= most else name[: most - 1] + "…"
    return "".join(REPLACEMENT if _acts(mark) else mark for mark in cut)


def _acts(mark: str) -> bool:
    category = unicodedata.category(mark)
    return category in {"Cc", "Cs", "Zl", "Zp"} or (category == "Cf" and mark not in JOINERS)
