"""Names that are probably misspelt, and what was meant by them. Pure."""

from collections.abc import Sequence
from difflib import get_close_matches

CLOSE = 0.7
MOST_NAMES, MOST_KNOWN = 8, 64
"""So many are compared with each other: names are the sender's, and comparing takes time."""
LONGEST = 64
TOLD = 5


def alike(names: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return for names that are close to a known one which that is.

    Examples
    --------
    >>> alike(["ammount", "debug"], ["amount", "tenure"])
    {'ammount': 'amount'}
    """
    some = [one for one in known[:MOST_KNOWN] if len(one) <= LONGEST]
    found = {}
    for name in names[:MOST_NAMES]:
        if len(name) <= LONGEST and (close := get_close_matches(name, some, 1, CLOSE)):
            found[name] = close[0]
    return found


def way_out(name: str, known: Sequence[str]) -> str:
    """Return what may have been meant by a name that is not known, as the end of a sentence.

    Examples
    --------
    >>> way_out("ammount", ["amount", "tenure"]), way_out("x", ["amount", "tenure"])
    ("; was 'amount' meant?", "; there are 'amount' and 'tenure'")
    """
    if meant := alike([name], known):
        return f"; was {meant[name]!r} meant?"
    told = [repr(one[:LONGEST]) for one in known[:TOLD]]
    if not told:
        return ""
    more = len(known) - len(told)
    last = f"{more} more" if more else told.pop()
    return f"; there are {', '.join(told)} and {last}" if told else f"; there is {last}"
