"""The options of ``leeway send``; what it takes to run it is loaded when it runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.domain.sources.sequence import Numbered
from app.reaching import HERE, Address, ApiKey
from app.send.order import Order, Stop, numbers_from

FILES = "Files of rows, in any format; no folders and no standard input."
SENT = Path(typer.get_app_dir("leeway")) / "sent"


def send(  # noqa: PLR0913, PLR0917  each option is an argument
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help=FILES)],
    model: Annotated[str, typer.Option(help="The model whose rows they are.")],
    url: Address = HERE,
    api_key: ApiKey = None,
    version: Annotated[
        str | None, typer.Option(help="Version that predicted; else the champion.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the rows come from, in a word.")] = "send",
    rows: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Rows of one batch. Keep it to resume.")
    ] = 10_000,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Batches on their way.")] = 2,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds to wait for a service that is away.")
    ] = 600,
    skip_rejected: Annotated[
        bool, typer.Option("--skip-rejected", help="Go on after a batch that is rejected.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send a file that has grown since it was sent.")
    ] = False,
    journal: Annotated[
        Path,
        typer.Option(
            show_default=False,
            help="Folder that remembers what was acknowledged; else ~/.config/leeway/sent.",
        ),
    ] = SENT,
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Remember nothing; ask the service for all.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no table.")] = False,
    sequence: Annotated[
        str | None,
        typer.Option(help="Run and number of the first batch, to close a gap; none: no numbers."),
    ] = None,
) -> None:
    """Send files to a running service: CSV, JSON, NDJSON, Parquet or Arrow, also packed.

    Every batch has a key of its own that goes by the file's content, so a file may be sent again,
    after a crash or by somebody else, and its rows count once. Exits with 0 where all was counted,
    1 where rows were rejected, 2 if a file or the service refuses, 3 where the service was away too
    long, and 130 after Ctrl-C; what was left is sent by sending again. Batches are numbered, so
    that windows are incomplete while one between others of its file has not come.
    """
    folder = None if no_journal else journal
    order = Order(
        tuple(files),
        url.rstrip("/"),
        model,
        api_key,
        version,
        source,
        rows,
        parallel,
        patience,
        skip_rejected,
        again,
        folder,
        quiet,
        *_numbers(sequence, files),
    )
    run: Callable[[Order], None] = ctx.obj["send"]
    run(order)


def _numbers(sequence: str | None, files: list[Path]) -> tuple[bool, Numbered | None]:
    """Return whether batches are numbered, and where the numbers go on."""
    if sequence is None or sequence == "none":
        return sequence is None, None
    try:
        return True, numbers_from(sequence, len(files))
    except Stop as error:
        raise typer.BadParameter(str(error)) from None
