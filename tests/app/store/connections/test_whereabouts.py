"""A database that cannot answer: the log says which and why, and never the password."""

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from app.domain.errors import Unavailable
from app.store import SqlStore
from app.store.connections.whereabouts import Whereabouts

WORD = "canary-word"
AWAY = f"postgresql://someone:{WORD}@127.0.0.1:9/rows"


async def test_the_log_names_host_port_database_and_cause_and_the_answer_none() -> None:
    store = SqlStore(AWAY)
    with capture_logs() as lines, pytest.raises(Unavailable) as caught:
        async with store.read():
            pass
    await store.close()
    (line,) = [one for one in lines if one["event"] == "database_cannot_answer"]
    assert (line["host"], line["port"], line["database"]) == ("127.0.0.1", 9, "rows")
    assert line["cause"].startswith("OperationalError")
    assert "refused" in line["cause"]
    assert WORD not in str(line)
    assert caught.value.detail == "the database cannot answer now"


def test_a_password_that_a_driver_repeats_is_struck_out() -> None:
    where = Whereabouts.of(make_url(AWAY))
    said = where.cause(psycopg.OperationalError(f"no way in with {WORD}\nand more"))
    assert said == "OperationalError: no way in with ***"
    assert WORD not in repr(where)


def test_neither_a_statement_nor_its_values_are_told() -> None:
    inner = psycopg.errors.QueryCanceled("canceling statement due to statement timeout")
    error = OperationalError("insert into t values (:a)", {"a": "canary"}, inner)
    said = Whereabouts.of(make_url("sqlite:////data/leeway.db")).cause(error)
    assert said == "QueryCanceled 57014: canceling statement due to statement timeout"
