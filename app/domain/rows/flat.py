"""Columns that are counted where they lie; polars' are made of them only where somebody asks."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Self, TypeAlias

import polars as pl

from app.domain.batch import RawColumn
from app.domain.model import Feature, Kind, Precision, TimeUnit
from app.domain.rows.times import LATEST, Micros, to_micros
from app.domain.rows.values import Countable, Numbers, Words, narrowed
from drift_core import Texts, TextViews

END = to_micros(LATEST)


class Bodies:
    """Bodies end to end, for all columns that point into the same ones."""

    def __init__(self) -> None:
        self._joined: dict[tuple[int, ...], bytes] = {}

    def join(self, bodies: Sequence[bytes]) -> bytes:
        """Return them as one; the caller keeps each of them alive meanwhile."""
        places = tuple(map(id, bodies))
        if places not in self._joined:
            self._joined[places] = b"".join(bodies)
        return self._joined[places]


class Flat(ABC):
    """A column that may be counted as it is; each way says None where it is not the one.

    What it says is what is read from its series, which is always a way.
    """

    __slots__ = ()

    @abstractmethod
    def series(self) -> pl.Series:
        """Return it as the slower ways read it."""

    @abstractmethod
    def likeness(self) -> Hashable:
        """Return what columns share that `joined` puts end to end."""

    @abstractmethod
    def joined(self, others: Sequence[Self], bodies: Bodies) -> Self:
        """Return this column and others of its likeness, end to end."""

    def numbers(self) -> Numbers | None:
        """Return its numbers as floats."""
        return None

    def texts(self) -> Texts | TextViews | None:
        """Return its texts, spelled as levels are or by the core."""
        return None

    def micros(self, unit: TimeUnit | None) -> Micros | None:  # noqa: ARG002  others need it
        """Return its event times, if every row has one that can be used."""
        return None


Column: TypeAlias = RawColumn | Flat


class Columns(Mapping[str, RawColumn]):
    """Columns by name; a flat one becomes polars' anew each time that it is asked for."""

    __slots__ = ("flat", "raw")

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.raw = columns
        self.flat = {name: found for name, found in columns.items() if isinstance(found, Flat)}
        """Those that need not become polars'."""

    def __getitem__(self, name: str) -> RawColumn:
        column = self.raw[name]
        return column.series().alias(name) if isinstance(column, Flat) else column

    def __contains__(self, name: object) -> bool:
        return name in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


def flat_of(columns: Mapping[str, RawColumn]) -> Mapping[str, Flat]:
    """Return the columns that are counted where they lie."""
    return columns.flat if isinstance(columns, Columns) else {}


def raw_of(columns: Mapping[str, RawColumn]) -> Mapping[str, Column]:
    """Return columns with flat ones as they are."""
    return columns.raw if isinstance(columns, Columns) else columns


def countable_of(flat: Flat, feature: Feature) -> Countable | None:
    """Return a counted feature's values, None where the series has to be looked at."""
    if feature.kind is Kind.CATEGORICAL:
        texts = flat.texts()
        return None if texts is None else Words(texts)
    numbers = flat.numbers()
    if numbers is not None and feature.precision is Precision.FLOAT32:
        return Numbers(narrowed(numbers.values), numbers.invalid)
    return numbers


def in_range(micros: Micros) -> bool:
    """Whether all event times can be used."""
    return bool(micros.size) and bool(micros.min() >= 0) and bool(micros.max() < END)
