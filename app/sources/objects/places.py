"""What may be declared as a source, and where a URL leads: checked when declared and when used."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import Fault, Invalid
from app.domain.sources.source import AUTO, PLACES, SHORTEST_POLL, Source
from app.egress import Allow, Resolve, check_target, system_resolve
from app.sources.objects.shapes import FORMATS

MAX_URL = 2_048
SCHEMES = ("s3", "gs", "az", "file")
BUCKETS = {
    "s3": re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "gs": re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"),
    "az": re.compile(r"[a-z0-9$][a-z0-9-]{2,62}"),
}
REGION = re.compile(r"[a-z0-9-]{1,40}")
CREDENTIALS: Mapping[str, frozenset[str]] = {
    "s3": frozenset({"access_key_id", "secret_access_key", "session_token"}),
    "gs": frozenset({"service_account_key"}),
    "az": frozenset({"account_name", "account_key", "sas_key"}),
    "file": frozenset(),
}
REFERENCE = re.compile(r"env:(?!LEEWAY_)[A-Za-z_][A-Za-z0-9_]{0,127}")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket (or a folder) and the prefix in it."""

    scheme: str
    bucket: str
    prefix: str


def place_of(url: str) -> Place:
    """Return where a URL leads.

    Raises
    ------
    Invalid
        It is none that is read here; the URL is not repeated.
    """
    scheme, _, rest = url.partition("://")
    if len(url) > MAX_URL or not url.isprintable() or scheme not in SCHEMES:
        raise _invalid("the URL must begin with s3://, gs://, az:// or file:///", "/url")
    if scheme == "file":
        if not rest.startswith("/") or "/.." in rest:
            raise _invalid("a folder is written as file:///absolute/path", "/url")
        return Place(scheme, rest.rstrip("/") or "/", "")
    bucket, _, prefix = rest.partition("/")
    if not BUCKETS[scheme].fullmatch(bucket):
        raise _invalid("the URL does not name a bucket as the store allows it", "/url")
    if "?" in prefix or "#" in prefix or "//" in prefix:
        raise _invalid("the prefix must not hold '?', '#' or empty parts", "/url")
    return Place(scheme, bucket, prefix.strip("/"))


@dataclass(frozen=True, slots=True)
class Kinds:
    """Refuses sources that could not be read, or that lead where nothing may be read."""

    allow: Allow
    resolve: Resolve = system_resolve

    async def check(self, source: Source) -> None:
        """Refuse what cannot be read.

        Raises
        ------
        Invalid
            URL, options or format are wrong, or lead to what is not allowed.
        """
        place = place_of(source.url)
        faults = [fault for rule in RULES for fault in rule(source, place)]
        if faults:
            raise Invalid("the source is wrong", tuple(faults))
        await self.reachable(source)

    async def reachable(self, source: Source) -> None:
        """Refuse an endpoint or folder that is not allowed; asked again before each use."""
        place = place_of(source.url)
        if place.scheme == "file" and not self.allow.permits_folder(Path(place.bucket)):
            detail = "the folder is not open; folders are opened with LEEWAY_ALLOW"
            raise Invalid(detail, (Fault(detail, "/url"),), code="address-refused")
        if source.options.endpoint:
            await check_target(source.options.endpoint, self.allow, self.resolve, "/endpoint")


def _options(source: Source, place: Place) -> list[Fault]:
    options, faults = source.options, []
    if options.region is not None and not (
        place.scheme == "s3" and REGION.fullmatch(options.region)
    ):
        faults.append(Fault("this is not a region of S3", "/region"))
    if options.endpoint is not None and place.scheme == "file":
        faults.append(Fault("a folder has no endpoint", "/endpoint"))
    if options.endpoint and place.scheme != "s3" and not (options.anonymous or options.credentials):
        # these send a token, and whoever answers there would have it
        detail = "name the credentials for an endpoint of your own; those of the host stay here"
        faults.append(Fault(detail, "/endpoint"))
    if options.anonymous and options.credentials:
        faults.append(Fault("anonymous access takes no credentials", "/credentials"))
    return faults


def _credentials(source: Source, place: Place) -> list[Fault]:
    known = CREDENTIALS[place.scheme]
    faults = []
    for name, reference in source.options.credentials.items():
        pointer = f"/credentials/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            faults.append(Fault(f"there is no such credential here; known: {there}", pointer))
        elif not REFERENCE.fullmatch(reference):
            # most likely somebody wrote the secret itself, so it is not repeated
            detail = "this must be a reference, env:NAME (not LEEWAY_...), not the secret itself"
            faults.append(Fault(detail, pointer))
    return faults


def _format(source: Source, _: Place) -> list[Fault]:
    if source.format == AUTO or source.format in FORMATS:
        return []
    known = ", ".join((AUTO, *sorted(FORMATS)))
    return [Fault(f"there is no such format; known are: {known}", "/format")]


def _dates(source: Source, place: Place) -> list[Fault]:
    dated = any(mark in place.prefix for mark in PLACES)
    if dated and source.days is None:
        return [Fault("say how many days back a prefix with a date is listed", "/days")]
    if source.days is not None and not dated:
        there = ", ".join(PLACES)
        return [Fault(f"days need a place for a date in the prefix: {there}", "/days")]
    return []


def _poll(source: Source, _: Place) -> list[Fault]:
    if source.poll >= SHORTEST_POLL:
        return []
    return [Fault(f"the shortest is {SHORTEST_POLL.seconds}s", "/poll")]


RULES: tuple[Callable[[Source, Place], list[Fault]], ...] = (
    _options,
    _credentials,
    _format,
    _dates,
    _poll,
)


def _invalid(detail: str, pointer: str) -> Invalid:
    return Invalid(detail, (Fault(detail, pointer),))
