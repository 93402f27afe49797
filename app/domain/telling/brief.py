"""Numbers for people: three or four digits, and powers of ten only where they are needed."""

import math


def brief(number: float, digits: int = 3) -> str:
    """Return a number with so many significant digits; whole thousands keep all of theirs."""
    if math.isfinite(number) and 10 ** (digits - 1) <= abs(number) < 10_000_000:
        return f"{number:,.0f}"
    return f"{number:.{digits}g}"
