"""Sources of a model: where its objects lie, which of them are known, and what became of each."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.domain.batch import CountedBatch
from app.domain.errors import Fault, LeewayError
from app.domain.rejection import Reason, Rejection, Sender, described

AUTO = "auto"
POLL = timedelta(minutes=1)
SHORTEST_POLL = timedelta(seconds=1)
REMEMBER = timedelta(days=90)
SOONEST = timedelta(seconds=5)
"""Between two looks at one source, however many notifications hasten the next."""
WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=1),
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
"""The wait after each failed try: ten tries over some eight hours."""
JITTER = 0.2
GONE = frozenset({"gone", "replaced"})
"""Reasons of objects whose content is not there any more: nobody can count it."""
MOST_CLAIMS = 20
"""Claims of an object that no process lived to answer; whoever takes it may well die of it."""
PLACES = ("{date}", "{year}", "{month}", "{day}")


class ObjectState(StrEnum):
    """What became of an object; the last two are for good, unless somebody asks for a retry."""

    FOUND = "found"
    CLAIMED = "claimed"
    STAGED = "staged"
    COUNTED = "counted"
    QUARANTINED = "quarantined"


class Trouble(LeewayError):
    """An object or a listing could not be read. ``passing``: another try may succeed."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        passing: bool = False,
        faults: tuple[Fault, ...] = (),
        rows: int = 0,
    ) -> None:
        super().__init__(detail, code=code)
        self.passing = passing
        self.faults = faults
        self.rows = rows
        """Rows that were read before the fault was found; they count as rejected."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a bucket is reached. Credentials are references (``env:NAME``), never values."""

    endpoint: str | None = None
    region: str | None = None
    anonymous: bool = False
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A prefix whose objects are rows of a model, as declared."""

    model_id: int
    model: str
    name: str
    url: str
    options: Options = Options()
    format: str = AUTO
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the model calls a column, by the name that it has in the objects."""
    inputs: tuple[str, ...] = ()
    """Names of inputs that a log of another tool knows by position only."""
    outputs: tuple[str, ...] = ()
    """The same of outputs."""
    version: str | None = None
    poll: timedelta = POLL
    days: int | None = None
    """Days back from today whose prefixes are listed, where the URL has a place for a date."""
    remember: timedelta = REMEMBER
    enabled: bool = True
    id: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing showed it."""

    key: str
    size: int
    modified: datetime
    etag: str | None = None
    version: str | None = None

    @property
    def identity(self) -> str:
        """What tells this content from another under the same key."""
        if self.version:
            return f"v:{self.version}"
        mark = self.etag or self.modified.isoformat()
        return f"e:{mark}:{self.size}"


@dataclass(frozen=True, slots=True)
class Claim:
    """An object leased for one try; ``tries`` counts this one."""

    id: int
    source: Source
    listed: Listed
    tries: int
    staged: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """The objects of a source whose keys begin with ``prefix``."""

    source: int
    prefix: str


@dataclass(frozen=True, slots=True)
class Look:
    """The right to list a source, until its lease ends."""

    source: Source
    holder: str


@dataclass(frozen=True, slots=True)
class Staged:
    """What the first ``parts`` parts of an object came to, kept until the whole is counted."""

    parts: int
    batch: CountedBatch


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an object after a try that did not count it."""

    state: ObjectState
    wait: timedelta | None
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()


def digest_of(source: Source, listed: Listed) -> bytes:
    """Return what names one content of one object of a source for good."""
    root = (source.name, root_of(source), listed.key, listed.identity)
    made = hashlib.sha256()
    for part in root:
        raw = part.encode("utf-8", "surrogatepass")
        made.update(len(raw).to_bytes(8, "big") + raw)
    return made.digest()


def batch_key(digest: bytes) -> str:
    """Return the idempotency key under which an object is counted."""
    return f"object:{digest.hex()}"


def root_of(source: Source) -> str:
    """Return the bucket of a source, or its folder: what the keys are in."""
    scheme, _, rest = source.url.partition("://")
    if scheme == "file":
        return source.url
    return f"{scheme}://{rest.partition('/')[0]}@{source.options.endpoint or ''}"


def bucket_of(url: str) -> tuple[str, str]:
    """Return the bucket of a URL, and its prefix up to the first place for a date."""
    bucket, _, prefix = url.partition("://")[2].partition("/")
    fixed = min([prefix.find(place) for place in PLACES if place in prefix], default=len(prefix))
    return bucket, prefix[:fixed].lstrip("/")


def prefixes(template: str, days: int | None, today: date) -> tuple[str, ...]:
    """Return what to list: the prefix, or one for each day where it has a place for a date.

    Tomorrow is one of them: somewhere it has begun already.
    """
    if not any(place in template for place in PLACES):
        return (template,)
    span = range(1, -(days or 1), -1)
    dates = [today + timedelta(days=offset) for offset in span]
    return tuple(dict.fromkeys(_filled(template, day) for day in dates))


def _filled(template: str, day: date) -> str:
    values = (day.isoformat(), f"{day:%Y}", f"{day:%m}", f"{day:%d}")
    for place, value in zip(PLACES, values, strict=True):
        template = template.replace(place, value)
    return template


def after_trouble(trouble: Trouble, tries: int, jitter: float) -> Verdict:
    """Return what becomes of an object after its ``tries``-th try (this one counted).

    What is wrong with the content will be wrong again, so that only troubles of the way there
    are tried again. ``jitter`` is drawn by the caller from [0, 1).
    """
    if trouble.passing and tries <= len(WAITS):
        wait = WAITS[tries - 1] * (1 + JITTER * jitter)
        return Verdict(ObjectState.FOUND, wait, trouble.code, trouble.detail)
    return Verdict(ObjectState.QUARANTINED, None, trouble.code, trouble.detail, trouble.faults)


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "unreadable": Reason.MALFORMED,
        "unreadable-compression": Reason.MALFORMED,
        "unknown-format": Reason.UNSUPPORTED,
        "too-large": Reason.TOO_LARGE,
        "wrong-rows": Reason.INVALID,
    }
)
"""Troubles of the content, as they stand among the refused batches."""


def rejection(claim: Claim, trouble: Trouble) -> Rejection | None:
    """Return what is kept of an object that was refused for its content; else None."""
    reason = REASONS.get(trouble.code)
    if reason is None:
        return None
    source = claim.source
    sender = Sender(source.model, source.version, source.name, claim.listed.key)
    return described(trouble, reason, sender, trouble.rows)
