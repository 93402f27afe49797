"""The command line: what it says, and the statuses it exits with."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from typer.testing import CliRunner

from app.cli import app
from app.store import SqlStore, sqlite_url
from app.store.connections.engine import parse, sqlite_engine
from app.store.connections.migrate import SCRIPTS
from tests.e2e.server import free_port

ROOT = Path(__file__).parents[2]
VERBS = ("serve", "demo", "check", "listen", "migrate", "doctor", "settings", "openapi")
BEFORE = "0021"
"""The schema before the one that names it."""
KEY = "a-canary-key-of-some-length"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    for name in [name for name in os.environ if name.startswith("LEEWAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEEWAY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LEEWAY_PORT", "0")  # another program may have the usual one
    monkeypatch.setenv("COLUMNS", "120")
    return CliRunner()


def test_help_names_every_verb(runner: CliRunner) -> None:
    said = runner.invoke(app, ["--help"]).output
    assert all(verb in said for verb in VERBS)
    for verb in VERBS:
        assert runner.invoke(app, [verb, "--help"]).exit_code == 0


def test_the_version_is_told(runner: CliRunner) -> None:
    found = runner.invoke(app, ["--version"])
    assert (found.exit_code, found.output.split()[0]) == (0, "leeway")


def test_a_public_address_without_a_key_is_refused(runner: CliRunner) -> None:
    found = runner.invoke(app, ["serve", "--host", "0.0.0.0"])  # noqa: S104
    assert found.exit_code == 2
    assert "LEEWAY_API_KEYS" in found.output


@pytest.mark.parametrize("to", ["127.0.0.1:8011", "localhost:8011", "ftp://a:1", "http://", ""])
def test_an_address_without_scheme_or_host_is_refused_at_once(
    runner: CliRunner, tmp_path: Path, to: str
) -> None:
    (tmp_path / "rows.csv").write_text("a\n1\n")
    found = runner.invoke(
        app, ["send", str(tmp_path / "rows.csv"), "--model", "m", "--patience", "1", "--to", to]
    )
    assert found.exit_code == 2
    assert "write http://" in found.output


@pytest.mark.parametrize(
    ("name", "value"),
    [("LEEWAY_PORT", "canary"), ("LEEWAY_API_KEYS", "canary"), ("LEEWAY_LOG_LEVEL", "canary")],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    runner: CliRunner, name: str, value: str
) -> None:
    found = runner.invoke(app, ["doctor"], env={name: value})
    assert found.exit_code == 2
    assert name in found.output
    assert "canary" not in found.output


def test_doctor_says_what_is_missing_and_migrate_mends_it(runner: CliRunner) -> None:
    before = runner.invoke(app, ["doctor"])
    assert before.exit_code == 1
    assert "leeway migrate" in before.output
    first, again = (runner.invoke(app, ["migrate"]) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "was empty and now has the present schema" in first.output
    assert "is up to date: there was nothing to do" in again.output
    after = runner.invoke(app, ["doctor"])
    assert (after.exit_code, after.output.count(" ok")) == (0, 5)


async def migrated(url: str, schema: str) -> None:
    """Make a database of some time ago."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, schema)

    engine = sqlite_engine(parse(url))
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


def test_migrate_says_from_where_to_where(runner: CliRunner, tmp_path: Path) -> None:
    asyncio.run(migrated(sqlite_url(tmp_path), BEFORE))
    found = runner.invoke(app, ["migrate"])
    assert found.exit_code == 0
    assert f"now has the present schema: from {BEFORE} to " in found.output


def test_doctor_advises_to_say_where_people_reach_the_service(runner: CliRunner) -> None:
    runner.invoke(app, ["migrate"])
    without = runner.invoke(app, ["doctor"])
    assert without.exit_code == 0
    assert "LEEWAY_PUBLIC_URL is not set" in without.output
    known = runner.invoke(app, ["doctor"], env={"LEEWAY_PUBLIC_URL": "https://leeway.internal"})
    assert "https://leeway.internal" in known.output
    assert "is not set" not in known.output


def test_doctor_says_that_another_program_has_the_port(runner: CliRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        # nobody accepts here, so that whoever asks waits for as long as the doctor does
        found = runner.invoke(app, ["doctor"], env={"LEEWAY_PORT": str(port)})
    assert found.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in found.output
    assert "Choose another port" in found.output


def test_doctor_says_that_another_process_has_the_database(
    runner: CliRunner, tmp_path: Path
) -> None:
    SqlStore(sqlite_url(tmp_path))
    found = runner.invoke(app, ["doctor"])
    assert found.exit_code == 1
    assert "another process" in found.output


def test_migrate_leaves_a_file_alone_that_a_service_has_open(
    runner: CliRunner, tmp_path: Path
) -> None:
    """Tables must not change under a process that reads and writes them."""
    SqlStore(sqlite_url(tmp_path))
    found = runner.invoke(app, ["migrate"])
    assert found.exit_code == 2
    assert "another process" in " ".join(found.output.split())
    assert not (tmp_path / "leeway.db").exists()


def test_settings_are_listed(runner: CliRunner) -> None:
    said = runner.invoke(app, ["settings"], env={"COLUMNS": "80"}).output
    assert "LEEWAY_DATABASE_URL" in said
    assert "LEEWAY_ALLOW" in said
    assert "LEEWAY_PORT=8000\n    Port to listen on" in said
    assert "…" not in said
    assert max(map(len, said.splitlines())) <= 80


def test_a_misspelt_setting_is_warned_of(runner: CliRunner) -> None:
    found = runner.invoke(app, ["serve", "--host", "::"], env={"LEEWAY_PROT": "canary"})
    assert found.exit_code == 2
    assert "LEEWAY_PROT is not a setting; was LEEWAY_PORT meant?" in found.output
    assert "canary" not in found.output


def test_the_openapi_file_is_the_apps(runner: CliRunner, tmp_path: Path) -> None:
    assert runner.invoke(app, ["openapi", "--check", str(ROOT / "openapi.yaml")]).exit_code == 0
    other = tmp_path / "other.yaml"
    other.write_text("openapi: 3.1.0\n")
    found = runner.invoke(app, ["openapi", "--check", str(other)])
    assert (found.exit_code, "make openapi" in found.output) == (1, True)


def test_a_taken_port_is_said_and_not_a_traceback(tmp_path: Path) -> None:
    with socket.socket() as taken:
        port = free_port()
        taken.bind(("127.0.0.1", port))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
            env={**os.environ, "LEEWAY_DATA_DIR": str(tmp_path), "LEEWAY_LOG_FORMAT": "json"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert "address already in use" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


REACHED = (
    (["--url", "{url}", "--api-key", KEY], {}),
    (["--to", "{url}", "--key", KEY], {}),
    ([], {"LEEWAY_URL": "{url}", "LEEWAY_API_KEY": KEY}),
    ([], {"LEEWAY_URL": "{url}", "LEEWAY_KEY": KEY}),
    (["--url", "{url}"], {"LEEWAY_URL": "http://127.0.0.1:9", "LEEWAY_API_KEY": KEY}),
)


@pytest.mark.parametrize(("options", "variables"), REACHED)
@pytest.mark.parametrize("verb", ["send", "sources", "apply", "export"])
def test_a_service_is_named_alike_by_every_verb(
    runner: CliRunner, tmp_path: Path, verb: str, options: list[str], variables: dict[str, str]
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("a\n1\n")
    (tmp_path / "leeway.yaml").write_text("targets: {}\n")
    own = {
        "send": [str(rows), "--model", "m", "--patience", "1"],
        "apply": ["--file", str(tmp_path / "leeway.yaml")],
    }
    with asked() as (url, keys):
        filled = [one.format(url=url) for one in options]
        env = {name: one.format(url=url) for name, one in variables.items()}
        runner.invoke(app, [verb, *own.get(verb, []), *filled], env=env)
    assert keys
    assert set(keys) == {f"Bearer {KEY}"}


@contextmanager
def asked() -> Iterator[tuple[str, list[str | None]]]:
    """A server that knows nothing; yields its address, and the keys that it is asked with."""
    keys: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers["Authorization"])
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        yield f"http://127.0.0.1:{server.server_port}", keys
        server.shutdown()


def test_what_computes_nothing_imports_no_core() -> None:
    """Each command would take a second longer to say even its version."""
    look = "import sys, app.cli, app.processes.serve; print(*sys.modules)"
    said = subprocess.check_output([sys.executable, "-c", look], cwd=ROOT, text=True)
    assert not {"numpy", "numba", "pyarrow", "sqlalchemy", "fastapi"} & set(said.split())
