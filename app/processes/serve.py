"""``leeway serve --workers N``: the process that accepts, and does nothing else."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import structlog

from app.address import listen_on, url_of
from app.domain.errors import LeewayError, Unavailable
from app.processes.child import Child
from app.processes.supervisor import Supervisor
from app.settings import Settings, environment

LONGEST: Final = 90
"""Bytes; with the names in it a socket's address may have about a hundred."""

log = structlog.get_logger("leeway")


def serve_together(settings: Settings) -> int:
    """Serve with several processes; return the exit status, 0 for an end that was asked for."""
    try:
        listener, place = listen_on(settings), meeting_place()
    except LeewayError as error:
        log.error("cannot_start", detail=error.detail)  # noqa: TRY400  not where, but what
        return 1
    # what the command line said reaches them as what the environment says
    given = {
        **environment(),
        "LEEWAY_HOST": settings.host,
        "LEEWAY_PORT": str(settings.port),
        "LEEWAY_ROOT_PATH": settings.root_path,
    }
    with place as folder, listener:

        def start(number: int) -> Child:
            return Child.start(number, settings.workers, Path(folder), given)

        async def run() -> int:
            return await Supervisor(listener, settings.workers, start, url_of(listener)).run()

        return asyncio.run(run())


def meeting_place() -> "tempfile.TemporaryDirectory[str]":
    """Make the folder in which the processes ask each other.

    Raises
    ------
    Unavailable
        There can be none, or addresses in it would be too long.
    """
    out = "set TMPDIR to a folder with a short name that can be written, or serve with one process"
    try:
        folder = tempfile.TemporaryDirectory(prefix="leeway-")
    except OSError as error:
        raise Unavailable(f"there is no place for temporary files: {out}") from error
    if len(folder.name.encode()) > LONGEST:
        folder.cleanup()
        raise Unavailable(f"the name of the folder for temporary files is too long: {out}")
    return folder
