"""The options of ``leeway verify``; what it takes to run it is loaded when it runs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.domain.verdicts.selection import Selection
from app.verify.order import Order

Run = Callable[[Order], None]
MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]


def verify(  # noqa: PLR0913, PLR0917  each option is an argument
    ctx: typer.Context,
    ids: Annotated[
        list[int] | None, typer.Argument(min=1, help="Verdicts, by the ids that answers give.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="All verdicts of this model.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=MOMENTS, help="Of windows that start then or later (UTC)."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=MOMENTS, help="Of windows that start before (UTC)."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All verdicts of all models.")] = False,
    database: Annotated[
        str | None, typer.Option(help="URL of the database, else LEEWAY_DATABASE_URL.")
    ] = None,
    allow_other_code: Annotated[
        bool,
        typer.Option(
            "--allow-other-code",
            help="Do not fail on differences of verdicts that another version gave, where all that "
            "they were made from is as it was.",
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print differences only.")] = False,
) -> None:
    """Make verdicts again from the stored counts, and compare them with what was said.

    Counts and digests agree to the bit, statistics to 1e-12, states and rules exactly. Reads the
    database and writes nothing; the service may run or not. Exits with 0 where nothing differs, 1
    on any difference, 2 where the question is wrong, and 3 where the counts of all are removed.
    """
    some = (model, since, until)
    if bool(ids) + any(one is not None for one in some) + everything != 1:
        raise typer.BadParameter("say which: ids, or --model, --from and --to, or --all")
    chosen = Selection(model, _utc(since), _utc(until))
    run: Run = ctx.obj["verify"]
    run(Order(tuple(ids or ()), chosen, database or "", allow_other_code, quiet))


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
