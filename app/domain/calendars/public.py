"""Public holidays of a country, as the installed list of them knows them."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=1_024)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the days of a year.

    Raises
    ------
    NotImplementedError
        There is no such country or part of it in the list.
    """
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


def subdivisions(country: str) -> tuple[str, ...]:
    """Return the parts of a country that can be named."""
    return tuple(holidays.country_holidays(country).subdivisions)
