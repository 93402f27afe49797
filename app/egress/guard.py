"""The connector: resolves, refuses, and connects to the very address that was checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from app.egress.addresses import Address
from app.egress.allow import Allow, classify

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Turns a host and a port into addresses; raises `OSError` where there are none."""

CONNECT_SECONDS = 5.0
"""For one address, so that a dead first one leaves time for the next."""

MAX_ADDRESSES = 4

# Names are looked up on threads of their own: a name server that hangs must not take the threads
# on which windows are judged.
_LOOKUPS = ThreadPoolExecutor(8, thread_name_prefix="resolve")

Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Refused(Exception):
    """A connection to a forbidden address was asked for; none was made."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"the address of {host} is not allowed ({reason}); "
            "private addresses are opened with LEEWAY_ALLOW"
        )
        self.reason = reason


class Unreachable(httpcore.ConnectError):
    """No connection, in our own words: the message is fit to be stored and shown."""


async def system_resolve(host: str, port: int) -> Sequence[Address]:
    """Return the addresses that the system's resolver gives, in its order."""

    def look_up() -> list[Address]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:
            raise OSError("not a host name") from None
        return list(dict.fromkeys(ip_address(item[4][0]) for item in found))

    return await asyncio.get_running_loop().run_in_executor(_LOOKUPS, look_up)


async def checked(host: str, port: int, allow: Allow, resolve: Resolve) -> Sequence[Address]:
    """Return the addresses of a host, all of them allowed.

    One forbidden address among public ones refuses the host: a name that answers both is either
    broken or an attempt to be connected to the second.
    """
    addresses = await resolve(host, port)
    if not addresses:
        raise OSError("the name has no address")
    for address in addresses:
        reason = classify(address, allow, host=host, port=port)
        if reason is not None:
            raise Refused(host, reason)
    return addresses[:MAX_ADDRESSES]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that passed `checked`, without asking for the name again."""

    def __init__(self, allow: Allow, resolve: Resolve = system_resolve) -> None:
        self._allow = allow
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Option] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await checked(host, port, self._allow, self._resolve)
        except OSError:
            raise Unreachable("the host name could not be resolved") from None
        wait = CONNECT_SECONDS if timeout is None else min(timeout, CONNECT_SECONDS)
        last: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, wait, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or Unreachable("the host has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        socket_options: Iterable[Option] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del path, timeout, socket_options
        raise Refused("a local socket", "local")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
