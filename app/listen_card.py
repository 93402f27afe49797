"""How a received webhook looks on a terminal. Whatever came over the network is only ever text."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

FEATURES = 5
WIDEST = 120


class Shown(Protocol):
    """What a card needs of a received webhook."""

    @property
    def at(self) -> datetime: ...
    @property
    def id(self) -> str: ...
    @property
    def arrival(self) -> int: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def status(self) -> int: ...
    @property
    def event(self) -> Mapping[str, Any]: ...


def plain(value: object) -> str:
    """Return a text that moves no cursor and colours nothing, cut to a line's length."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def card(received: Shown) -> RenderableType:
    """Return a received webhook for the console: a head line, and rows below it."""
    rows = Table.grid(padding=(0, 2))
    rows.add_row(_head(received))
    body = Table.grid(padding=(0, 2))
    for name, value in _rows(received):
        body.add_row(Text(name, style="dim"), value)
    rows.add_row(Padding(body, (0, 0, 1, 10)))
    return rows


def _head(received: Shown) -> Text:
    time = received.at.strftime("%H:%M:%S  ")
    if received.problem is not None:
        return Text.assemble((time, "dim"), ("REFUSED  ", "bold red"), (received.problem, "red"))
    kind = str(received.event.get("type", "event"))
    word, style = "EVENT", "bold cyan"
    if ".firing." in kind:
        word, style = "FIRING", "bold red"
    elif ".resolved." in kind:
        word, style = "RESOLVED", "bold green"
    elif ".retraining." in kind:
        word, style = "RETRAIN", "bold yellow"
    subject = plain(received.event.get("subject", ""))
    return Text.assemble((time, "dim"), (f"{word}  ", style), (subject, "bold"))


def _rows(received: Shown) -> Iterator[tuple[str, Text]]:
    yield "id", Text(plain(received.id)) + _again(received.arrival)
    if received.problem is None:
        yield "signature", Text("good", style="green")
        yield "type", Text(plain(received.event.get("type", "")))
        yield from _data_rows(_mapping(received.event.get("data")))
    if received.status == 503:
        yield "answered", Text("503, on purpose: the sender will try again", style="yellow")
    else:
        yield "answered", Text(str(received.status))


def _again(arrival: int) -> Text:
    return Text(f"  seen before, try {arrival}", style="yellow") if arrival > 1 else Text("")


def _data_rows(data: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    if "model" in data:
        version = plain(data.get("version", ""))
        yield "model", Text(f"{plain(data['model'])}  version {version}")
    if "cause" in data:
        yield "because", Text(plain(data.get("reason", "")))
    window = _mapping(data.get("window"))
    if window:
        yield "window", Text(_window(window))
    features = data.get("features")
    if isinstance(features, list) and features:
        named = ", ".join(_feature(f) for f in features[:FEATURES])
        left_out = data.get("features_left_out")
        more = len(features[FEATURES:]) + (left_out if isinstance(left_out, int) else 0)
        yield "worst", Text(named + (f" and {more} more" if more > 0 else ""))


def _window(window: Mapping[str, Any]) -> str:
    """Return what is known of a window; who tells that an alert is over names its start only."""
    said = plain(window.get("start", "?"))
    if "end" in window:
        said += f" to {plain(window['end'])}"
    return said + (f", {plain(window['rows'])} rows" if "rows" in window else "")


def _feature(told: object) -> str:
    """Return a feature with its PSI; who asks for a retraining names it only."""
    if isinstance(told, str):
        return plain(told)
    feature = _mapping(told)
    name = plain(feature.get("feature", "?"))
    value = _mapping(_mapping(feature.get("statistics")).get("psi")).get("value")
    return f"{name} (PSI {value:.2f})" if isinstance(value, int | float) else name


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def instructions(url: str, secret: str | None) -> Text:
    """Return what to do so that webhooks come here; ``secret`` is shown if it was made here."""
    address = urlsplit(url).netloc
    text = Text.assemble("Listening for webhooks on ", (url, "bold cyan"), ". Ctrl-C ends it.\n")
    if secret is not None:
        text.append("\nStart the service with\n\n")
        text.append(f"  export LEEWAY_ALLOW={address} LEEWAY_WEBHOOK_SECRET={secret}\n")
        text.append("  leeway serve\n\nand declare this as a target:\n\n")
        text.append("  curl -X PUT http://127.0.0.1:8000/v1/targets/listen \\\n")
        text.append("    -H 'Content-Type: application/json' \\\n    -d '")
        text.append(f'{{"kind":"webhook","url":"{url}","secret":"env:LEEWAY_WEBHOOK_SECRET"}}')
        text.append("'\n")
    return text
