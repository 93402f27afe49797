"""The service over HTTP: pages read whole, declarations put, refusals with their places."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.apply.order import AWAY, Reach, Stop

PROBLEM = "application/problem+json"
DOCUMENT = "/openapi.json"
BUSY = frozenset({408, 429, 500, 502, 503, 504})
PAUSE, LONGEST_PAUSE = 0.25, 5.0
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
KEY_WANTED = "the service wants an API key: give --api-key, or set LEEWAY_API_KEY"


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that the service found wrong in a body."""

    pointer: str
    field: str | None
    detail: str


class Refused(Exception):
    """The service refuses one declaration."""

    def __init__(self, status: int, detail: str, places: tuple[Place, ...]) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.places = places


def client(reach: Reach) -> httpx.Client:
    """Return a client of the service; close it.

    Raises
    ------
    Stop
        The address is none of a service.
    """
    try:
        url = httpx.URL(reach.url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise Stop("--url is not the address of a service; write it as http://127.0.0.1:8000")
    headers = {} if reach.key is None else {"Authorization": f"Bearer {reach.key}"}
    return httpx.Client(base_url=reach.url, headers=headers, timeout=TIMEOUT)


@dataclass(frozen=True, slots=True)
class Service:
    """Asks the service; a busy one, or one that is away, is asked again for a while."""

    http: httpx.Client
    patience: float
    sleep: Callable[[float], None] = time.sleep

    def document(self) -> dict[str, Any]:
        """Return its OpenAPI document.

        Raises
        ------
        Stop
            What answers there is no Leeway, or wants a key.
        """
        answer = self._asked("GET", DOCUMENT)
        found = _json(answer) if answer.status_code == 200 else None
        if not isinstance(found, dict) or not {"paths", "components"} <= found.keys():
            raise Stop(f"no Leeway answers at {self.name} ({answer.status_code})")
        return found

    @property
    def name(self) -> str:
        """Its address, without a user or a password."""
        url = self.http.base_url
        return f"{url.scheme}://{url.netloc.decode('ascii')}"

    def one(self, path: str) -> Mapping[str, Any] | None:
        """Return what is declared at a path; None where nothing is."""
        answer = self._asked("GET", path)
        if answer.status_code == 404:
            return None
        found: Mapping[str, Any] = self._good(answer).json()
        return found

    def items(self, path: str) -> Iterator[Mapping[str, Any]]:
        """Yield all items of a list, page after page."""
        cursor: str | None = None
        while True:
            query = {} if cursor is None else {"cursor": cursor}
            page = self._good(self._asked("GET", path, query)).json()
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Declare; the same declaration again changes nothing, so that it may be repeated."""
        self._good(self._asked("PUT", path, body=body))

    def delete(self, path: str) -> None:
        """Delete; what is gone already is as good."""
        answer = self._asked("DELETE", path)
        if answer.status_code != 404:
            self._good(answer)

    def _good(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        problem = _problem(answer)
        places = tuple(
            Place(str(one.get("pointer") or ""), one.get("field"), str(one.get("detail", "")))
            for one in problem.get("errors", ())
        )
        raise Refused(answer.status_code, str(problem.get("detail", answer.reason_phrase)), places)

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        end = time.monotonic() + self.patience
        pause = PAUSE
        while True:
            try:
                answer = self.http.request(method, path, params=query, json=body)
                said, wait = f"{answer.status_code} {_detail(answer)}", _retry_after(answer)
            except httpx.TransportError as error:
                answer, wait = None, 0.0
                said = f"{self.name} cannot be reached ({type(error).__name__})"
            if answer is not None and answer.status_code == 401:
                raise Stop(KEY_WANTED)
            if answer is not None and answer.status_code not in BUSY:
                return answer
            if time.monotonic() + max(wait, pause) > end:
                raise Stop(f"gave up after {self.patience:g} s: {said.strip()}", AWAY)
            self.sleep(max(wait, pause))
            pause = min(LONGEST_PAUSE, pause * 2)


def _json(answer: httpx.Response) -> Any:  # noqa: ANN401  whatever it is
    try:
        return answer.json()
    except ValueError:
        return None


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    said = answer.headers.get("content-type", "").startswith(PROBLEM)
    found = _json(answer) if said else None
    return found if isinstance(found, dict) else {}


def _detail(answer: httpx.Response) -> str:
    return str(_problem(answer).get("detail", ""))


def _retry_after(answer: httpx.Response) -> float:
    try:
        return min(LONGEST_PAUSE, max(0.0, float(answer.headers.get("retry-after", "0"))))
    except ValueError:
        return 0.0
