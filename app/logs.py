"""Structured logs: JSON when not a terminal. Events and names of things; never raw values."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from select import PIPE_BUF
from typing import Any

import msgspec
import structlog

OWN = ("leeway", "uvicorn.error")
"""Loggers that may say more than warnings; they name things and never show values."""

ACCESS = "leeway.access"

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The request that is being answered; every line says which."""


def configure(form: str, level: str) -> None:
    """Send every log line, ours and the libraries', through one chain to standard error."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        _of_request,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(_json)
        if as_json
        # plain: a traceback with local variables would show raw values
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    final = [structlog.processors.format_exc_info, renderer] if as_json else [renderer]
    bare = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[bare, *final])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    lowest = logging.getLevelNamesMapping()[level.upper()]
    # libraries below a warning say what they were given: statements with values, headers with keys
    root.setLevel(max(lowest, logging.WARNING))
    for name in OWN:
        logging.getLogger(name).setLevel(lowest)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    chain = [*shared, *final]
    _requests.follow(chain if as_json and lowest <= logging.INFO else None)
    structlog.configure(
        processors=chain,
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        cache_logger_on_first_use=True,
    )


def _of_request(
    _logger: object, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    request = REQUEST.get()
    if request is not None:
        line.setdefault("request_id", request)
    return line


def _json(line: object, **_more: Any) -> str:  # noqa: ANN401  structlog's
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except UnicodeError:  # half a surrogate, of a file's name perhaps
        return json.dumps(line, default=repr)


def write_request(said: dict[str, object], *, quiet: bool) -> None:
    """Write the line of a request that was answered: for debugging only where it is ``quiet``."""
    if quiet or not _requests.write(said):
        log = structlog.get_logger(ACCESS)
        (log.debug if quiet else log.info)("request", **said)


class Requests:
    """Lines of requests as the chain makes them, at a tenth of what it takes for one.

    They leave together at the end of a turn of the event loop: a group of batches is answered in
    one, and each line by itself would let go of the interpreter, which a thread waits for.
    """

    def __init__(self) -> None:
        self._chain: list[structlog.typing.Processor] | None = None
        self._lines = Lines(ACCESS)
        self._waiting: list[str] = []

    def follow(self, chain: list[structlog.typing.Processor] | None) -> None:
        """Write what this chain would; nothing where there is none."""
        self._chain = chain
        self._lines = Lines(ACCESS)

    def write(self, said: dict[str, object]) -> bool:
        """Whether the line is written; not where the chain is another one by now."""
        chain = self._chain
        # whoever captures lines empties the chain in its place
        current = chain is not None and structlog.get_config()["processors"] is chain
        if chain is None or not current or chain[0] is not _of_request:
            return False
        line = said | {"event": "request"}
        if (request := REQUEST.get()) is not None:
            line["request_id"] = request
        line |= {"logger": self._lines.name, "level": "info", "time": _now()}
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append(_json(line))
        return True

    def _flush(self) -> None:
        lines, self._waiting = self._waiting, []
        for some in _in_pieces(lines):
            self._lines.msg(some)


def _in_pieces(lines: Sequence[str]) -> Iterator[str]:
    """Join lines to pieces that reach a pipe whole, whoever else writes to it.

    Only a line that is longer by itself makes a longer piece.
    """
    some, size = list[str](), 0
    for line in lines:
        more = len(line.encode()) + 1
        if some and size + more > PIPE_BUF:
            yield "\n".join(some)
            some, size = [], 0
        some.append(line)
        size += more
    yield "\n".join(some)


def _now() -> str:
    return datetime.now(UTC).isoformat()[: -len("+00:00")] + "Z"


class Lines:
    """Where our own lines go: straight to standard error, at a quarter of what `logging` takes.

    There is one for every request, so it counts. A line that cannot be written is lost, as it is
    with `logging`: a full disk must not fail what the line tells of.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._stream = sys.stderr

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


_requests = Requests()
