"""What the scorecard found: frozen values, which the table and the picture are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.scorecard.rates import Rate


@dataclass(frozen=True, slots=True)
class NullRow:
    """False alarms of p-values at 5 %, without drift.

    `expected` is the least number of rows that a bin expects in either sample.
    """

    stream: str
    n: int
    m: int
    expected: float
    rates: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class TailRow:
    """False alarms of p-values at small levels, without drift: by piece, then by level."""

    stream: str
    n: int
    m: int
    rates: Mapping[str, Mapping[float, Rate]]


@dataclass(frozen=True, slots=True)
class Gap:
    """How much more often our evidence found a change than a rival did, on the same windows.

    `error` is twice its standard error, that of the rival's simulated threshold included.
    """

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class PowerRow:
    """How often a change is found in one window, at 5 % and at 0.1 %.

    `ours` by piece, at its nominal level; `rivals` with thresholds that their own simulated null
    gave them; `gaps` between our evidence and each rival.
    """

    stream: str
    change: str
    n: int
    m: int
    ours: Mapping[str, tuple[Rate, Rate]]
    rivals: Mapping[str, tuple[Rate, Rate]]
    gaps: Mapping[str, tuple[Gap, Gap]]


@dataclass(frozen=True, slots=True)
class WindowRow:
    """How often rules call a window of twenty columns drifted."""

    change: str
    n: int
    m: int
    rates: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class PublicRow:
    """How often the public face says drift of raw values, without drift."""

    stream: str
    n: int
    m: int
    p_value: Rate
    verdict: Rate


@dataclass(frozen=True, slots=True)
class Pages:
    """What a rule did in simulated quarters.

    Attributes
    ----------
    within
        Quarters with at most as many false pages as are allowed.
    pages
        False pages a quarter, on average.
    hours
        Share of the hours in alarm; of those before the change where there is one.
    found
        Quarters in which the change was found.
    soon
        Quarters in which it was found within a day.
    delay
        Hours to the first page after the change, median of the quarters in which it was found.
    """

    within: Rate
    pages: float
    hours: float
    found: Rate | None = None
    soon: Rate | None = None
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """What rules did with one kind of traffic and one change."""

    traffic: str
    change: str
    n: int
    m: int
    rules: Mapping[str, Pages]


@dataclass(frozen=True, slots=True)
class RealRow:
    """Windows of real data that rules called drifted, before and after a known change."""

    data: str
    before: Mapping[str, Rate]
    after: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything that one run of the scorecard found."""

    nulls: tuple[NullRow, ...] = ()
    tails: tuple[TailRow, ...] = ()
    power: tuple[PowerRow, ...] = ()
    windows: tuple[WindowRow, ...] = ()
    public: tuple[PublicRow, ...] = ()
    quarters: tuple[QuarterRow, ...] = ()
    real: tuple[RealRow, ...] = ()
    seconds: float = field(default=0.0, compare=False)
