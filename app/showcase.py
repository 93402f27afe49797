"""The demo on one machine: a service, a webhook receiver and a client, together in one process."""

import asyncio
import tempfile
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from app.address import listen_on
from app.demo.client import RefusedError
from app.demo.model import DemoExtraMissingError
from app.demo.run import DemoTimeoutError, run_demo
from app.demo.trainer import Trainer
from app.domain.errors import LeewayError
from app.listen import Listener, Received, new_secret
from app.listen_card import card
from app.main import Server, make_server
from app.settings import Settings, environment

SECRET = "LEEWAY_DEMO_SECRET"  # noqa: S105  the name of a variable
START_SECONDS = 60.0


async def show(port: int, *, stay: bool, svg: Path | None, console: Console) -> int:
    """Run the demo; with ``stay``, keep the service up until Ctrl-C. Return an exit status."""
    with tempfile.TemporaryDirectory(prefix="leeway-demo-") as folder:
        settings = Settings(
            host="127.0.0.1",
            port=port,
            data_dir=Path(folder),
            database_url=SecretStr(""),
            api_keys=(),
            allow="127.0.0.1",
        )
        try:
            listening = listen_on(settings)
        except LeewayError as error:
            console.print(f"[red]{error}[/red]")
            return 1
        secret = new_secret()
        trainer = Trainer()

        def tell(received: Received) -> None:
            console.print(card(received))
            trainer.take(received.event)

        listener = Listener(secret, on_event=tell)
        target = await listener.start()
        server = make_server(settings, {**environment(), SECRET: secret})
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await _started(server, serving)
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            console.print(f"Leeway listens on [bold]{url}[/bold], data in a throw-away folder.\n")
            secret_at = f"env:{SECRET}"
            await run_demo(
                url,
                console=console,
                target_url=target,
                target_secret=secret_at,
                trainer=trainer,
                svg=svg,
            )
            if stay and not serving.done():
                console.print(f"\nLeeway stays up on [bold]{url}[/bold] until Ctrl-C.")
                await serving
        except (DemoExtraMissingError, DemoTimeoutError, RefusedError, StartError) as error:
            console.print(f"[red]{error}[/red]")
            return 1
        finally:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            await listener.stop()
    return 0


class StartError(Exception):
    """The service did not start; the message says why, as far as it is known."""


async def _started(server: Server, serving: "asyncio.Task[None]") -> None:
    """Return once the service answers."""
    async with asyncio.timeout(START_SECONDS):
        while not server.started:
            if serving.done():
                raise StartError("the service did not start")
            await asyncio.sleep(0.02)
