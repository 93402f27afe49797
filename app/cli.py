"""The ``leeway`` command."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from app.apply.command import apply, export, schema
from app.backfill.command import backfill
from app.backfill.order import Order
from app.loading import loading
from app.logs import configure
from app.reaching import HERE, Address, ApiKey
from app.send.command import send
from app.send.order import Order as SendOrder
from app.settings import Settings, describe, environment, misspelt, refusal
from app.verify.command import verify
from app.verify.order import Order as VerifyOrder

if TYPE_CHECKING:
    from app.doctor import Checked

app = typer.Typer(
    name="leeway",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Watch machine-learning models for drift, with alarms that can be trusted.\n\n"
    "Start with [bold]leeway demo[/bold] to see it work on a year of real flights, then "
    "[bold]leeway serve[/bold] and send your own prediction logs.",
)
out = Console()
err = Console(stderr=True)


def main() -> None:
    """Run the command line."""
    app()


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"leeway {installed('leeway')}", highlight=False)
        raise typer.Exit


@app.callback()
def common(
    ctx: typer.Context,
    version: Annotated[  # noqa: ARG001  its callback has answered
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """What every verb shares."""
    ctx.obj = {"backfill": _backfill, "send": _send, "verify": _verify}


def _settings(**given: Any) -> Settings:  # noqa: ANN401  each setting has its own type
    """Read the settings; what is wrong is said in one line each, without the values."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in fault["loc"][:1])
            err.print(f"[red]LEEWAY_{name.upper()}[/red]: {fault['msg']}")
        raise typer.Exit(2) from None


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on, else LEEWAY_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on, else LEEWAY_PORT; 0 takes a free one.")
    ] = None,
    root_path: Annotated[str | None, typer.Option(help="Prefix set by a proxy.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that serve, else LEEWAY_WORKERS; several need PostgreSQL."),
    ] = None,
) -> None:
    """Start the service. Everything else is set by environment: see [bold]leeway settings[/bold].

    Without a database URL it keeps its data in ./leeway-data and needs nothing else.
    """
    for name, meant in misspelt(environment()):
        err.print(f"[yellow]{name} is not a setting[/yellow]; was {meant} meant?", soft_wrap=True)
    settings = _settings(host=host, port=port, root_path=root_path, workers=workers)
    if reason := refusal(settings):
        err.print(f"[red]{reason}[/red]")
        raise typer.Exit(2)
    configure(settings.log_format, settings.log_level)
    if settings.workers > 1:
        from app.processes.serve import serve_together as run
    else:
        from app.main import serve as run
    raise typer.Exit(run(settings))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    once: Annotated[
        bool, typer.Option("--once", help="Stop after the table instead of staying up.")
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Also write the final table as an SVG picture.")
    ] = None,
) -> None:
    """Watch a winter model meet spring: a year of real New York flights, sent as a client would.

    Uses a throw-away database; nothing leaves this machine. Ctrl-C ends it.
    """
    with loading(err):
        from app.showcase import show

    configure("json", "error")
    raise typer.Exit(_run(show(port, stay=not once, svg=svg, console=out)))


@app.command()
def check(  # noqa: PLR0913, PLR0917  each option is an argument
    reference: Annotated[Path, typer.Argument(help="Rows that the model was made for.")],
    current: Annotated[Path, typer.Argument(help="Rows to hold against them.")],
    columns: Annotated[
        str, typer.Option(help="Compare these columns only, separated by commas.")
    ] = "",
    ignore: Annotated[str, typer.Option(help="Leave these columns out.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=KIND", help="Take a column for numeric or categorical."),
    ] = None,
    min_psi: Annotated[
        float, typer.Option(min=0.01, help="PSI from which on a change matters by itself.")
    ] = 0.2,
    level: Annotated[
        float, typer.Option(min=1e-9, max=0.5, help="False discoveries among features.")
    ] = 0.05,
    fail_on: Annotated[
        Literal["drift", "insufficient", "never"],
        typer.Option(help="Fail on drift, on insufficient data as well, or never."),
    ] = "insufficient",
    json: Annotated[
        Path | None, typer.Option(help="Also write a JSON document; - prints it instead.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page for browsers.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no report.")] = False,
) -> None:
    """Hold one file of rows against another: CSV, JSON, NDJSON, Parquet or Arrow, also packed.

    Exits with 0 where nothing drifted, 1 on drift, 2 if a file cannot be read or an option is
    wrong, and 3 where there is too little data to tell.
    """
    with loading(err):
        from app.check import Ask, answer

    ask = Ask(
        reference,
        current,
        columns,
        ignore,
        tuple(kind or ()),
        min_psi,
        level,
        fail_on,
        json,
        html,
        quiet,
    )
    raise typer.Exit(answer(ask, out, err))


def _send(order: SendOrder) -> None:
    from app.send.run import send_files as run

    raise typer.Exit(run(order, out, err))


def _backfill(order: Order) -> None:
    from app.backfill.run import backfill as run

    settings = _settings()
    configure(settings.log_format, "error")
    raise typer.Exit(run(order, settings, out, err))


def _verify(order: VerifyOrder) -> None:
    from app.verify.run import verify as run

    settings = _settings()
    configure(settings.log_format, "error")
    given = order if order.url else replace(order, url=settings.url)
    raise typer.Exit(run(given, installed("leeway"), out, err))


for verb in (send, backfill, apply, export, schema, verify):
    app.command()(verb)


@app.command()
def listen(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 9000,
    secret: Annotated[
        str | None,
        typer.Option(envvar="LEEWAY_LISTEN_SECRET", help="The secret (whsec_...) to verify with."),
    ] = None,
    fail: Annotated[
        int, typer.Option(help="Answer so many webhooks with 503 first, to see retries.")
    ] = 0,
) -> None:
    """Receive webhooks on loopback, verify their signatures, and show them as they arrive."""
    from app.listen import listen_forever

    raise typer.Exit(_run(listen_forever(port, secret, fail, out)))


@app.command()
def sources(
    model: Annotated[
        str | None, typer.Argument(help="Of this model; of all when not given.")
    ] = None,
    url: Address = HERE,
    api_key: ApiKey = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show bars until all objects are done.")
    ] = False,
) -> None:
    """Show the sources of a running service: what was found, counted and quarantined."""
    from app.source_list import show

    raise typer.Exit(_run(show(url, api_key, model, watch, out)))


@app.command()
def migrate() -> None:
    """Bring the database to the present schema. [bold]leeway serve[/bold] does it at start, too.

    Exits with 2 where that cannot be done: a SQLite file that a running service has open, too.
    """
    with loading(err):
        from app.domain.errors import LeewayError
        from app.main import prepare

    settings = _settings()
    configure(settings.log_format, settings.log_level)
    try:
        changed = _run(prepare(settings))
    except LeewayError as error:
        err.print(f"[red]{error.detail}[/red]")
        raise typer.Exit(2) from None
    if changed is None:
        said = "is up to date: there was nothing to do"
    elif changed.before is None:
        said = f"was empty and now has the present schema, {changed.after}"
    else:
        said = f"now has the present schema: from {changed.before} to {changed.after}"
    out.print(f"The database {said}.", highlight=False)


@app.command()
def doctor() -> None:
    """Check settings, port, database, schema and kernels without serving; say what is wrong."""
    with loading(err):
        from app.doctor import inspect

    settings = _settings()
    configure(settings.log_format, "error")
    raise typer.Exit(_run(_told(inspect(settings))))


async def _told(checks: AsyncIterator["Checked"]) -> int:
    """Print one line for each check; return 1 where one of them found a fault."""
    status = 0
    async for one in checks:
        status = status or int(one.fault is not None)
        said = ("ok", "green") if one.fault is None else (one.fault, "red")
        if one.fault is None and one.advice is not None:
            said = (one.advice, "yellow")
        note = f"  {one.note}" if one.note else ""
        out.print(Text.assemble(f"{one.name:<12} ", said, (note, "dim")), soft_wrap=True)
    return status


@app.command(name="settings")
def list_settings() -> None:
    """List every environment variable that Leeway reads, with its default and meaning."""
    for name, default, meaning in describe():
        out.print(Text(name, "bold") + Text(f"={default}" if default else "", "dim"))
        out.print(Padding(Text(meaning), (0, 0, 0, 4)))


@app.command()
def openapi(
    check_file: Annotated[
        Path | None, typer.Option("--check", help="Fail if this file differs from the app.")
    ] = None,
) -> None:
    """Print the OpenAPI document as YAML, or compare it with a file."""
    from app.api.yaml_text import yaml_text
    from app.main import create_app

    text = yaml_text(create_app(_settings()).openapi())
    if check_file is None:
        sys.stdout.write(text)
    elif check_file.read_text() != text:
        err.print(f"[red]{check_file} differs from the app: run 'make openapi'[/red]")
        raise typer.Exit(1)


def _run(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  whatever the coroutine returns
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    main()
