"""The source in whose name a backfill counts what no other source reaches: its URL and its name."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from app.backfill.order import Order, Stop
from app.domain.model import Model
from app.domain.sources.prefix import plain_endpoint
from app.domain.sources.source import AUTO, Options, Source
from app.egress import Allow, parse_allow

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
REMEMBER = timedelta(days=3_650)
"""Its objects are old already, and must not be forgotten while the rest is being counted."""


def url_of(text: str) -> str:
    """Return the URL of a prefix; a plain path is a folder.

    Raises
    ------
    Stop
        There is no such folder.
    """
    scheme, found, rest = text.partition("://")
    if found and scheme != "file":
        return text
    folder = Path(rest if found else text).expanduser()
    if not folder.is_dir():
        raise Stop(f"{folder} is not a folder. Single files are sent with 'leeway send'")
    return f"file://{folder.resolve()}"


def own_source(order: Order, model: Model, known: Sequence[Source]) -> Source:
    """Return the source to count with: that of an earlier run on the same URL, or a new one.

    It is switched off, so that no replica reads it by itself.

    Raises
    ------
    Stop
        The name cannot be a source's, a column leads to none of the model's, or there is no such
        folder.
    """
    _check_columns(order, model)
    if not NAME.fullmatch(order.source):
        raise Stop("--source takes up to 120 letters, digits, dots, underscores and hyphens")
    url = url_of(order.url)
    by_name = {source.name: source for source in known}
    for name in _names(order.source):
        earlier = by_name.get(name)
        if earlier is None:
            fresh = Source(model.id, model.name, name, url, remember=REMEMBER, enabled=False)
            return _told(fresh, order)
        if earlier.url == url and not earlier.enabled:
            return _told(earlier, order)
    raise AssertionError("there is always another name")


def allowed(order: Order, allow: str) -> Allow:
    """Return what may be reached: what the settings open, and what the command line names.

    Raises
    ------
    Stop
        One of them is neither a network, an address, a name nor a folder.
    """
    try:
        opened = parse_allow(allow)
        host = urlsplit(order.endpoint or "").netloc.rpartition("@")[2]
        named = parse_allow(host)
    except ValueError as error:
        raise Stop(str(error)) from None
    url = url_of(order.url)
    if url.startswith("file://"):
        opened = replace(opened, folders=(*opened.folders, Path(url.removeprefix("file://"))))
    if order.endpoint:
        opened = replace(
            opened,
            networks=(*opened.networks, *named.networks),
            names=(*opened.names, *named.names),
        )
    return opened


def widened(allow: Allow, others: Sequence[Source]) -> Allow:
    """Open the folders of sources in whose names some of ours is read."""
    urls = (source.url for source in others)
    found = (Path(url.removeprefix("file://")) for url in urls if url.startswith("file://"))
    return replace(allow, folders=(*allow.folders, *found))


def _check_columns(order: Order, model: Model) -> None:
    """Refuse names on the model's side that it does not have: most likely the sides are turned."""
    if model.schema is None:
        return
    known = model.schema.by_name()
    for objects, ours in order.columns.items():
        if ours in known:
            continue
        said = f"--column {objects}={ours}: model {model.name!r} has no column {ours!r}"
        if objects in known:
            raise Stop(
                f"{said}, but one named {objects!r}; the name in the objects comes first: "
                f"write --column {ours}={objects}"
            )
        close = difflib.get_close_matches(ours, known, 1)
        hint = f"was {objects}={close[0]} meant?" if close else "its columns are in its schema"
        raise Stop(f"{said}; {hint}")


def _names(first: str) -> Iterator[str]:
    yield first
    yield from (f"{first}-{number}" for number in count(2))


def _told(source: Source, order: Order) -> Source:
    """Return the source with what was said of it now; the rest stays as it was said before."""
    options, endpoint = source.options, order.endpoint
    if not endpoint or plain_endpoint(endpoint) == plain_endpoint(options.endpoint):
        # objects are known by it, as it was spelled
        endpoint = options.endpoint
    return replace(
        source,
        format=order.format or source.format or AUTO,
        columns=order.columns or source.columns,
        version=order.version or source.version,
        days=order.days or source.days,
        options=Options(
            endpoint=endpoint,
            region=order.region or options.region,
            anonymous=order.anonymous or options.anonymous,
            credentials=options.credentials,
        ),
    )
