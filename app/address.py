"""The address on which the service listens."""

import os
import socket

from app.domain.errors import Conflict
from app.settings import Settings


def listen_on(settings: Settings) -> socket.socket:
    """Take the address before anything else is begun, so that a refusal is said in one line.

    Raises
    ------
    Conflict
        Another program listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number).lower() if number > 0 else "no such address"
        raise Conflict(
            f"cannot listen on {settings.host}:{settings.port}: {why}. "
            "Choose another port with --port; 0 takes a free one",
            code="address-refused",
        ) from None
    # asyncio sets it only on sockets that it made itself; without it an answer that is written in
    # two parts waits 40 ms for the client's acknowledgement of the first
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return where a listener is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
