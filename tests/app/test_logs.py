"""Logs: libraries stay silent below a warning, since they would say what they were given."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
import structlog

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
