"""Public holidays of a country, as the installed list of them knows them."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=1_024)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the days of a year; of a country and a part of it that are in the list."""
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(1)
def countries() -> frozenset[str]:
    """Return the countries of the list, by the two letters of ISO 3166."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def subdivisions(country: str) -> tuple[str, ...]:
    """Return the parts of a country that can be named."""
    return tuple(holidays.country_holidays(country).subdivisions)
