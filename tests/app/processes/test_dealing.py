"""Who gets the next connection, and what comes through a channel."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest

from app.processes import child as childhood
from app.processes.channel import BURST, Channel
from app.processes.child import Child
from app.processes.supervisor import takers_of


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


Made: TypeAlias = Callable[[], tuple[Child, socket.socket]]


@pytest.fixture
def made(sleeper: "subprocess.Popen[bytes]") -> Iterator[Made]:
    """Makes a child, as the one that accepts sees it, and the child's end of its channel."""
    with ExitStack() as stack:

        def make() -> tuple[Child, socket.socket]:
            ours, theirs = map(stack.enter_context, socket.socketpair())
            ours.setblocking(False)
            return Child(0, sleeper, ours), theirs

        yield make


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    one, other = socket.socketpair()
    with one, other:
        yield one


def say(theirs: socket.socket, child: Child, load: int, now: float | None = None) -> None:
    theirs.send(childhood.BEAT.pack(load))
    assert child.hear(time.monotonic() if now is None else now)


def test_the_least_busy_that_was_heard_of_lately_comes_first(made: Made) -> None:
    (busy, one), (idle, two), (quiet, three), (new, _) = [made() for _ in range(4)]
    say(one, busy, 7)
    say(two, idle, 2)
    say(three, quiet, 0, time.monotonic() - 2 * childhood.SILENT)
    now = time.monotonic()
    assert takers_of([busy, idle, quiet, new], now) == [idle, busy]
    # where all are silent it is not known who hangs: everybody may be asked
    assert takers_of([quiet, new], now) == [quiet]
    assert takers_of([new], now) == []
    assert not new.lost(now)
    assert new.lost(now + childhood.LOST)


def test_one_that_hangs_is_given_up_once(made: Made) -> None:
    child, _ = made()
    assert child.give_up()
    assert not child.give_up()
    assert child.process.wait(10) != 0


def test_connections_that_are_handed_over_count_at_once(
    made: Made, connection: socket.socket
) -> None:
    child, theirs = made()
    assert [child.take(connection) for _ in range(3)] == [True] * 3
    assert child.load == 3
    say(theirs, child, 1)
    assert child.load == 1


def test_who_takes_no_more_is_passed_over(made: Made, connection: socket.socket) -> None:
    child, theirs = made()
    taken = 0
    while child.take(connection):
        taken += 1
    assert 0 < taken == child.load
    theirs.close()
    assert not child.take(connection)
    assert not child.hear(time.monotonic())


async def test_what_was_handed_over_before_the_end_is_still_served() -> None:
    ours, theirs = socket.socketpair()
    met: list[socket.socket] = []
    orphaned = asyncio.Event()
    channel = Channel(theirs, met.append, lambda: len(met), orphaned.set)
    channel.open()
    clients = []
    for _ in range(BURST + 20):
        client, connection = socket.socketpair()
        clients.append(client)
        with connection:
            socket.send_fds(ours, [b"\0"], [connection.fileno()])
    channel.close()
    assert len(met) == BURST + 20
    for client, connection in zip(clients, met, strict=True):
        with client, connection:
            connection.send(b"x")
            assert client.recv(1) == b"x"
    ours.close()
    assert not orphaned.is_set()


async def test_an_end_of_the_channel_is_told_once() -> None:
    ours, theirs = socket.socketpair()
    heard, told = asyncio.Event(), list[None]()

    def orphaned() -> None:
        told.append(None)
        heard.set()

    channel = Channel(theirs, lambda _: None, lambda: 0, orphaned)
    channel.open()
    ours.close()
    await heard.wait()
    await asyncio.sleep(0.05)
    channel.close()
    assert len(told) == 1
