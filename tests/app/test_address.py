"""The address that is taken before anything else is begun."""

import socket

import pytest

from app.address import listen_on, url_of
from app.domain.errors import Conflict
from app.settings import Settings


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with (
        listen_on(Settings(port=0)) as listener,
        socket.create_connection(listener.getsockname()[:2]),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_an_address_that_is_taken_is_refused_with_its_name() -> None:
    with listen_on(Settings(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Conflict, match=f"127.0.0.1:{port}"):
            listen_on(Settings(port=port))


def test_a_listener_on_any_port_tells_its_url() -> None:
    with listen_on(Settings(port=0)) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
