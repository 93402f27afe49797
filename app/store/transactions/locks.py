"""Advisory locks by which intake, closing and activation keep out of each other's way.

Intake holds its series and their models shared; closing holds one series exclusively and its model
shared; activation and removal hold the model exclusively. All take them in one order and before
anything else is locked. SQLite needs none: whoever writes there is alone.
"""

import zlib
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.store.connections.faults import LOCK_NOT_AVAILABLE, sqlstate
from app.store.transactions.session import Ledger, Session

CLOSER_PATIENCE = "250ms"
"""A closer that waits holds up intake behind it, so it gives up soon and comes again."""
WHOLE_MODEL = ""

SHARE = text(
    "select pg_advisory_xact_lock_shared(m, v)"
    " from unnest(cast(:models as int[]), cast(:versions as int[])) as u(m, v)"
)
EXCLUDE = text("select pg_advisory_xact_lock(:model, :version)")


def share(ledger: Ledger, series: Iterable[tuple[int, str]]) -> None:
    """Keep closers of these (model, version) and activation of these models waiting."""
    if ledger.postgres:
        ledger.connection.execute(SHARE, shared(series))


def shared(series: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """Return the parameters of ``SHARE``, in the order that all take them in."""
    wanted = {(model, _number(version)) for model, version in series}
    wanted |= {(model, _number(WHOLE_MODEL)) for model, _ in wanted}
    ordered = sorted(wanted)
    return {"models": [m for m, _ in ordered], "versions": [v for _, v in ordered]}


async def exclude(session: Session, model_id: int, version: str = WHOLE_MODEL) -> None:
    """Wait until nobody holds a model (or one version of it), and keep it so."""
    if session.postgres:
        await session.connection.execute(EXCLUDE, {"model": model_id, "version": _number(version)})


async def try_exclude(session: Session, model_id: int, version: str) -> bool:
    """The same, without patience; False where somebody holds on to the series."""
    if not session.postgres:
        return True
    await session.connection.execute(
        text("select set_config('lock_timeout', :patience, true)"), {"patience": CLOSER_PATIENCE}
    )
    try:
        async with session.connection.begin_nested():
            await session.connection.execute(
                SHARE, {"models": [model_id], "versions": [_number(WHOLE_MODEL)]}
            )
            await exclude(session, model_id, version)
    except OperationalError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            return False
        raise
    await session.connection.execute(text("select set_config('lock_timeout', '2s', true)"))
    return True


def _number(version: str) -> int:
    """Return a signed 32-bit number for a version; two with one number only wait needlessly."""
    return zlib.crc32(version.encode()) - (1 << 31)
