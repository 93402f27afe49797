"""The options of ``leeway backfill``; what it takes to run it is loaded when it runs."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

import typer

from app.backfill.order import MOST_WORKERS, Order

Columns: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OBJECTS=MODEL",
        help="A column by its name in the objects, and by the one that the model has for it: "
        "ts=timestamp.",
    ),
]
Seconds: TypeAlias = Annotated[
    float, typer.Option(min=1, help="To wait for a bucket or database that is away.")
]


def backfill(  # noqa: PLR0913, PLR0917  each option is an argument
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(help="A folder, or a prefix: s3://bucket/prefix, gs://, az://.")
    ],
    model: Annotated[str, typer.Option(help="The model whose rows they are.")],
    workers: Annotated[
        int, typer.Option(min=1, max=MOST_WORKERS, help="Processes that read and count.")
    ] = 2,
    source: Annotated[
        str, typer.Option(help="Name to count under what no declared source reaches.")
    ] = "backfill",
    version: Annotated[
        str | None, typer.Option(help="Version that predicted; else the champion.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="Of all objects; else each one's by its name."),
    ] = None,
    column: Columns = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Days back, where the URL has a {date}.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Of an S3 bucket.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Of an S3 of your own.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Ask without credentials.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Take quarantined objects again.")] = False,
    forgotten: Annotated[
        bool, typer.Option("--forgotten", help="Take what is older than its source remembers.")
    ] = False,
    patience: Seconds = 600,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no progress, no table.")
    ] = False,
) -> None:
    """Count all objects of a prefix with a pool of processes, each object once.

    Needs the database of the service (LEEWAY_DATABASE_URL), not the service; both may run at once
    on PostgreSQL. May be ended and run again at any time: what is counted stays counted. Exits with
    0 where all that is there was counted, 1 where objects are quarantined, rows came too late or a
    source was deleted meanwhile, 2 if it cannot begin, 3 where bucket or database were away too
    long, and 130 after Ctrl-C.
    """
    order = Order(
        url,
        model,
        workers,
        source,
        version,
        form,
        dict(_pair(one) for one in column or ()),
        days,
        region,
        endpoint,
        anonymous,
        retry,
        forgotten,
        patience,
        quiet,
    )
    run: Callable[[Order], None] = ctx.obj["backfill"]
    run(order)


def _pair(text: str) -> tuple[str, str]:
    name, found, meaning = text.partition("=")
    if not (name and found and meaning):
        raise typer.BadParameter(
            "write --column OBJECTS=MODEL: the name in the objects, then the model's"
        )
    return name, meaning
