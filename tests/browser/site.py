"""A served place with all that pages show: calm, drift, an alert, a retraining, odd names."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from app.address import listen_on, url_of
from app.main import make_server
from app.settings import Settings

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOWS = 12
ROWS = 400
PATIENCE = 120.0
SECRET = "whsec_" + "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="

CALM, DRIFTING, HOSTILE, EMPTY, WAITING = "calm", "drifting", "hostile", "empty", "waiting"
MARKUP = "<script>alert('x')</script><img src=x onerror=alert(1)>"
TURNED = "\u202eexe.tfel\u202c \u0627\u0644\u0639\u0631\u0628\u064a\u0629"
LONG = "long " * 200
EMOJI = "🚀💥 speed/of\N{ZERO WIDTH JOINER}light %"
ODD_NAMES = (MARKUP, TURNED, LONG, EMOJI)
LONG_LEVEL = "l" * 8_192
Columns = Mapping[str, Callable[[int], Any]]

USUAL: Columns = {
    "speed": lambda i: float(i * 37 % 100),
    "load": lambda i: float(i * 53 % 71) / 7,
    "colour": lambda i: ("red", "green", "blue", "white")[i * 7 % 4],
    "score": lambda i: round((i * 29 % 97) / 97, 3),
}
MOVED: Columns = {
    **USUAL,
    "speed": lambda i: float(i * 37 % 100) + 60,
    "colour": lambda i: ("red", "violet", None, "white")[i * 7 % 4],
    "score": lambda i: round((i * 29 % 97) / 97, 3) ** 3,
}
ODD: Columns = dict.fromkeys(ODD_NAMES, USUAL["speed"]) | {
    "level": lambda i: (MARKUP, TURNED, LONG_LEVEL, EMOJI)[i * 7 % 4]
}
ODD_MOVED: Columns = dict.fromkeys(ODD_NAMES, MOVED["speed"]) | {"level": ODD["level"]}


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is served, and a client that speaks to its API."""

    url: str
    api: httpx.Client
    folder: Path
    """Its data, and what it may read."""

    def page(self, path: str) -> str:
        return self.url + path


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[Site]:
    """Serve an empty place on a free port, in a thread of its own."""
    known = Settings(
        host="127.0.0.1", port=0, data_dir=folder, allow=f"127.0.0.1,{folder}", **settings
    )
    listener = listen_on(known)
    server = make_server(known, {"HOOK": SECRET})
    serving = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    serving.start()
    try:
        _until(lambda: server.started)
        with httpx.Client(base_url=url_of(listener), timeout=30, trust_env=False) as client:
            yield Site(url_of(listener), client, folder)
    finally:
        server.should_exit = True
        serving.join(30)


def populate(site: Site) -> None:
    """Send what is shown, and wait until all of it was judged."""
    api = site.api
    _ok(api.put("/v1/targets/trainer", json=_webhook("http://127.0.0.1:9/retrain")))
    _ok(api.put(f"/v1/models/{EMPTY}", json={}))
    _reference(api, WAITING, USUAL)
    for model, usual, moved in ((CALM, USUAL, USUAL), (DRIFTING, USUAL, MOVED)):
        _reference(api, model, usual)
        _ok(api.put(f"/v1/models/{model}/retraining", json={"target": "trainer"}))
        _send(api, model, [usual] * (WINDOWS - 4) + [moved] * 4)
    _reference(api, HOSTILE, ODD)
    _send(api, HOSTILE, [ODD] * 2 + [ODD_MOVED] * 2)
    _until(lambda: _judged(api, DRIFTING) >= WINDOWS and _judged(api, CALM) >= WINDOWS)
    _until(lambda: _judged(api, HOSTILE) >= 4)
    _until(lambda: bool(_items(api, "/v1/retrainings")))
    run = _items(api, "/v1/retrainings")[0]["id"]
    _ok(api.post(f"/v1/retrainings/{run}/events", json={"state": "running"}))


def rows(count: int, start: datetime, columns: Columns) -> list[dict[str, Any]]:
    """Return rows spread over an hour."""
    return [
        {"timestamp": (start + HOUR * i / count).isoformat()}
        | {name: value(i) for name, value in columns.items()}
        for i in range(count)
    ]


def _webhook(url: str) -> dict[str, str]:
    return {"kind": "webhook", "url": url, "secret": "env:HOOK"}


def _reference(api: httpx.Client, model: str, columns: Columns) -> None:
    _ok(api.put(f"/v1/models/{model}", json={"window": "1h"}))
    sent = rows(4_000, START - 30 * HOUR, columns)
    _ok(api.post(f"/v1/models/{model}/baselines", json=sent))


def _send(api: httpx.Client, model: str, windows: Sequence[Columns]) -> None:
    for number, columns in enumerate(windows):
        batch = rows(ROWS, START + number * HOUR, columns)
        _ok(api.post(f"/v1/models/{model}/batches", json=batch))
    last = rows(1, START + (len(windows) + 2) * HOUR, windows[-1])
    _ok(api.post(f"/v1/models/{model}/batches", json=last))


def _judged(api: httpx.Client, model: str) -> int:
    windows = _items(api, f"/v1/models/{model}/windows")
    return sum(window["verdict"] is not None for window in windows)


def _items(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = _ok(api.get(path)).json()["items"]
    return items


def _ok(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, (answer.status_code, answer.text[:500])
    return answer


def _until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.05)
