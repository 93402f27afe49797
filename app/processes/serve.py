"""``leeway serve --workers N``: the process that accepts, and does nothing else."""

import asyncio
import tempfile
from pathlib import Path

import structlog

from app.address import listen_on, url_of
from app.domain.errors import LeewayError
from app.processes.child import Child
from app.processes.supervisor import Supervisor
from app.settings import Settings, environment

log = structlog.get_logger("leeway")


def serve_together(settings: Settings) -> int:
    """Serve with several processes; return the exit status, 0 for an end that was asked for."""
    try:
        listener = listen_on(settings)
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
    with tempfile.TemporaryDirectory(prefix="leeway-") as folder, listener:

        def start(number: int) -> Child:
            return Child.start(number, settings.workers, Path(folder), given)

        async def run() -> int:
            return await Supervisor(listener, settings.workers, start, url_of(listener)).run()

        return asyncio.run(run())
