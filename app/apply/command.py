"""The options of ``leeway apply``, ``export`` and ``schema``; what they take is loaded when run."""
# ruff: noqa: PLC0415  each verb loads what it needs, so that --help is quick

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.text import Text

from app.apply.order import FAILED, INTERRUPTED, Order, Reach, Stop
from app.reaching import HERE, Address, ApiKey

Patience: TypeAlias = Annotated[
    float, typer.Option(min=0, help="Seconds to wait for a service that is away or busy.")
]
err = Console(stderr=True)


def apply(
    file: Annotated[
        Path, typer.Option("--file", "-f", help="YAML or JSON: what is to be declared.")
    ] = Path("leeway.yaml"),
    url: Address = HERE,
    api_key: ApiKey = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "--plan", help="Show what would be done, and do nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before applying.")] = False,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Delete what stands beside what the file declares, in sections that it holds: "
            "never models and versions, with which counted rows would go.",
        ),
    ] = False,
    patience: Patience = 30,
) -> None:
    """Bring a running service to what a file declares: models with all of theirs, and targets.

    Shows every difference and asks before anything is done. The same file again changes nothing.
    Exits with 0 where all is as declared, 1 if file or service refuse, 2 where a dry run found
    something to do, 3 where the service was away too long.
    """
    from app.apply.run import apply as run

    order = Order(file, _reach(url, api_key, patience), dry_run, yes, prune)
    raise typer.Exit(run(order, Console(), err, _ask))


def export(
    url: Address = HERE,
    api_key: ApiKey = None,
    schema: Annotated[
        str, typer.Option(help="Path or URL of the file's JSON schema, for editors.")
    ] = "leeway.schema.json",
    patience: Patience = 30,
) -> None:
    """Write what a running service has declared, as a file for [bold]leeway apply[/bold]."""
    from app.apply.export import export as run
    from app.apply.service import client

    try:
        with client(_reach(url, api_key, patience)) as http:
            sys.stdout.write(run(http, patience, schema))
    except Stop as stop:
        err.print(Text(str(stop), style="red"), soft_wrap=True)
        raise typer.Exit(stop.status) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def schema(
    check: Annotated[
        Path | None, typer.Option("--check", help="Fail if this file differs from the schema.")
    ] = None,
) -> None:
    """Print the JSON schema of the file that [bold]leeway apply[/bold] reads, for editors."""
    from importlib.metadata import version

    from app.api.application import http_app
    from app.apply.schema import text_of

    text = text_of(http_app(version("leeway")).openapi())
    if check is None:
        sys.stdout.write(text)
    elif not check.is_file() or check.read_text() != text:
        err.print(Text(f"{check} is not current: run 'make openapi'", style="red"))
        raise typer.Exit(FAILED)


def _reach(url: str, api_key: str | None, patience: float) -> Reach:
    return Reach(url.rstrip("/"), api_key, patience)


def _ask(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Stop("nobody is there to say yes: give --yes, or look first with --dry-run")
    return typer.confirm(question)
