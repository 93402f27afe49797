"""A small service that answers as Leeway does, and remembers what it was asked."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx


def problem(status: int, detail: str, *faults: str, retry_after: str = "") -> httpx.Response:
    document = {"detail": detail, "errors": [{"detail": fault} for fault in faults]}
    headers = {"Content-Type": "application/problem+json", "Retry-After": retry_after}
    return httpx.Response(status, headers=headers, content=json.dumps(document))


def window(start: str, state: str) -> dict[str, Any]:
    return {"start": start, "verdict": {"state": state}}


@dataclass
class FakeService:
    """Windows in pages of two; the first ``busy`` batches are answered 503."""

    windows: list[dict[str, Any]] = field(default_factory=list)
    busy: int = 0
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "PUT":
            return httpx.Response(201, json={})
        if request.url.path.endswith("/baselines"):
            return problem(422, "cannot be read", "column x is nested")
        if request.url.path.endswith("/batches"):
            return self.batch(request)
        return self.page(int(request.url.params.get("cursor", "0")))

    def batch(self, request: httpx.Request) -> httpx.Response:
        if self.busy > 0:
            self.busy -= 1
            return problem(503, "busy", retry_after="0")
        rows = len(json.loads(request.content))
        receipt = {"received": rows, "counted": rows, "duplicate": 0, "late": 0, "rejected": 0}
        return httpx.Response(200, json=receipt)

    def page(self, first: int) -> httpx.Response:
        following = str(first + 2) if first + 2 < len(self.windows) else None
        items = self.windows[first : first + 2]
        return httpx.Response(200, json={"items": items, "next_cursor": following})

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url="http://leeway", transport=httpx.MockTransport(self))
