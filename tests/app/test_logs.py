"""Logs: libraries stay silent below a warning, since they would say what they were given."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import datetime, timedelta
from select import PIPE_BUF

import pytest
import structlog

from app import logs
from app.logs import OWN, REQUEST, configure


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def events(capsys: pytest.CaptureFixture[str]) -> list[object]:
    return [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("library", ["aiosqlite", "sqlalchemy.engine", "httpcore", "psycopg", "x"])
def test_no_library_says_what_it_was_given(
    capsys: pytest.CaptureFixture[str], library: str
) -> None:
    configure("json", "debug")
    logging.getLogger(library).debug("executing %s", ("insert", "canary"))
    logging.getLogger(library).info("executing %s", ("insert", "canary"))
    logging.getLogger(library).warning("something is wrong")
    logging.getLogger("leeway.part").debug("ours")
    logging.getLogger("uvicorn.error").info("started")
    assert events(capsys) == ["something is wrong", "ours", "started"]


def test_the_level_holds_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "error")
    for name in ("leeway.part", "uvicorn.error", "aiosqlite"):
        logging.getLogger(name).warning("quiet")
        logging.getLogger(name).error("loud")
    assert events(capsys) == ["loud"] * 3


def test_our_lines_are_json_and_keep_what_was_bound(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    log = structlog.get_logger("leeway.part")
    bound = REQUEST.set("r1")
    log.info("request", status=200)
    log.debug("hidden")
    REQUEST.reset(bound)
    try:
        int("why")
    except ValueError:
        log.exception("failed")
    first, second = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert first.pop("time").endswith("Z")
    assert first == {
        "event": "request",
        "level": "info",
        "logger": "leeway.part",
        "request_id": "r1",
        "status": 200,
    }
    assert second["level"] == "error"
    assert second["exception"].endswith("with base 10: 'why'")


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_fails_nothing() -> None:
    with redirect_stderr(Full()) as full:
        configure("json", "info")
        structlog.get_logger("leeway.part").info("request")
    assert full.getvalue() == ""


SAID = {"method": "POST", "route": "/v1/é", "status": 200, "ms": 0.35}


async def test_a_request_has_the_line_that_the_chain_would_write(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("json", "info")
    bound = REQUEST.set("r1")
    structlog.get_logger("leeway.access").info("request", **SAID)
    logs.write_request(SAID, quiet=False)
    logs.write_request(SAID, quiet=True)
    REQUEST.reset(bound)
    await asyncio.sleep(0)
    by_chain, by_hand = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert list(by_hand) == list(by_chain)
    times = [datetime.fromisoformat(line.pop("time")) for line in (by_chain, by_hand)]
    assert timedelta(0) <= times[1] - times[0] < timedelta(minutes=1)
    assert by_hand == by_chain == SAID | {
        "event": "request", "request_id": "r1", "logger": "leeway.access", "level": "info",
    }  # fmt: skip


async def test_lines_of_one_turn_are_written_together() -> None:
    class Stream(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            return super().write(text)

    with redirect_stderr(Stream()) as stream:
        configure("json", "info")
        for status in (200, 201):
            logs.write_request(SAID | {"status": status}, quiet=False)
        await asyncio.sleep(0)
        logs.write_request(SAID, quiet=False)
        await asyncio.sleep(0)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["status"] for line in lines] == [200, 201, 200]
    assert stream.writes == 2


async def test_no_write_is_longer_than_a_pipe_keeps_apart_from_those_of_others() -> None:
    class Stream(io.StringIO):
        longest = writes = 0

        def write(self, text: str) -> int:
            self.writes, self.longest = self.writes + 1, max(self.longest, len(text.encode()))
            return super().write(text)

    with redirect_stderr(Stream()) as stream:
        configure("json", "info")
        for status in range(256):
            logs.write_request(SAID | {"status": status}, quiet=False)
        await asyncio.sleep(0)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["status"] for line in lines] == list(range(256))
    assert stream.longest <= PIPE_BUF
    assert stream.writes < 2 * len(stream.getvalue()) / PIPE_BUF


@pytest.mark.parametrize("level", ["warning", "error"])
async def test_a_request_has_no_line_where_the_level_is_higher(
    capsys: pytest.CaptureFixture[str], level: str
) -> None:
    configure("json", level)
    logs.write_request(SAID, quiet=False)
    await asyncio.sleep(0)
    assert capsys.readouterr().err == ""


async def test_who_captures_lines_gets_those_of_requests() -> None:
    configure("json", "info")
    with structlog.testing.capture_logs() as lines:
        logs.write_request(SAID, quiet=False)
    assert [line["status"] for line in lines] == [200]
