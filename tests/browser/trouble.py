"""What people who run a service look for: refused rows, dead letters, gaps, a broken object."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from tests.browser.site import CALM, HOSTILE, MARKUP, TURNED, Site

HOURLY = "2024-01-01T{:02}:00:00Z"
PATIENCE = 120.0
REFUSED = "no-such-time"


class Receiver(BaseHTTPRequestHandler):
    """Takes what comes to ``/ok``, and is gone for good anywhere else."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204 if self.path == "/ok" else 410)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[str]:
    """Serve a receiver of webhooks; where it is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def make_trouble(site: Site, receiver: str) -> None:
    """Have a delivery taken and one dead, rows refused, an object quarantined, a heartbeat."""
    api = site.api
    for name, path in (("oncall", "ok"), ("gone", "gone")):
        _webhook(api, name, f"{receiver}/{path}")
        assert api.post(f"/v1/targets/{name}/test").is_success
    for row in ({"timestamp": REFUSED, MARKUP: 1.0}, {"timestamp": REFUSED, TURNED: 2.0}):
        refused = api.post(f"/v1/models/{HOSTILE}/batches", json=[row])
        assert refused.status_code == 422, refused.text
    spoilt = api.post(
        f"/v1/models/{HOSTILE}/batches", content=b"[{", headers={"content-type": "application/json"}
    )
    assert spoilt.status_code == 400, spoilt.text
    said = {"source": "gateway-1", "from": HOURLY.format(0), "to": HOURLY.format(1), "rows": 400}
    assert api.post(f"/v1/models/{CALM}/heartbeats", json=said).is_success
    _objects(api, site.folder / "objects")


def _webhook(api: httpx.Client, name: str, url: str) -> None:
    declared = {"kind": "webhook", "url": url, "secret": "env:HOOK", "takes": ["retrainings"]}
    answer = api.put(f"/v1/targets/{name}", json=declared)
    assert answer.is_success, answer.text


def _objects(api: httpx.Client, folder: Path) -> None:
    """Let a source find an object under an odd name that cannot be read."""
    folder.mkdir()
    (folder / "<b>bad & \u202egnp.ndjson").write_text("{")
    declared = {"url": folder.as_uri() + "/", "poll": "1s"}
    answer = api.put(f"/v1/models/{CALM}/sources/files", json=declared)
    assert answer.is_success, answer.text


def until_settled(site: Site) -> None:
    """Wait until the letter is dead and the object quarantined."""
    dead = "/v1/deliveries?state=dead"
    refused = f"/v1/models/{CALM}/sources/files/objects?state=quarantined"
    until(lambda: all(site.api.get(path).json()["items"] for path in (dead, refused)))


def until(come_to_pass: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not come_to_pass():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.05)
