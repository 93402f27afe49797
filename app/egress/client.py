"""The guarded HTTP client: one total deadline, bounded answers, no redirects, no proxies."""

import asyncio
import logging
import ssl

import httpcore
import httpx

from app.egress.allow import Allow
from app.egress.guard import GuardedBackend, Resolve, Unreachable, system_resolve

DEADLINE_SECONDS = 15.0
"""For everything: name, connection, handshake, request and answer."""

MAX_ANSWER = 16_384
"""Bytes of an answer that are read; the rest is left unread and the connection closed.

A request of ours whose answer we need may say another number, as its extension ``max_answer``."""

CONNECTIONS = 200

# The first three describe the bytes on the wire, while what is handed on was cut and is not
# decoded; the others are nothing that a receiver may make us do.
_DROPPED = frozenset(
    {b"content-encoding", b"content-length", b"transfer-encoding", b"set-cookie", b"location"}
)

# Both log whole URLs, and httpcore every header: a URL may hold a token, and a header a signature.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def guarded_client(
    allow: Allow,
    *,
    user_agent: str,
    resolve: Resolve = system_resolve,
    deadline: float = DEADLINE_SECONDS,
    tls: ssl.SSLContext | None = None,
) -> httpx.AsyncClient:
    """Return a client that reaches public addresses and what ``allow`` opens, nothing else.

    It raises `Refused` for a forbidden address and `httpx.TransportError` for all that the
    network or the receiver does; the messages hold neither URL nor content.
    """
    return httpx.AsyncClient(
        transport=GuardedTransport(GuardedBackend(allow, resolve), deadline, tls),
        headers={"user-agent": user_agent, "accept-encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )


class GuardedTransport(httpx.AsyncBaseTransport):
    """Makes one request per connection, and reads the answer itself to bound it."""

    def __init__(
        self, backend: httpcore.AsyncNetworkBackend, deadline: float, tls: ssl.SSLContext | None
    ) -> None:
        self._deadline = deadline
        # A kept connection may be closed by the other side just as it is used again, and it was
        # checked when it was made: for a webhook now and then a fresh one is worth more.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=0,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._exchange(request)
        except (TimeoutError, httpcore.TimeoutException):
            message = f"no complete answer within {self._deadline:g} s"
            raise httpx.ReadTimeout(message, request=request) from None
        except httpcore.ConnectError as error:
            raise httpx.ConnectError(_why(error), request=request) from None
        except httpcore.NetworkError:
            raise httpx.ReadError("the connection broke", request=request) from None
        except httpcore.ProtocolError:
            message = "the answer was not valid HTTP"
            raise httpx.RemoteProtocolError(message, request=request) from None

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        try:
            most: int = request.extensions.get("max_answer", MAX_ANSWER)
            content = await _head(response, most)
        finally:
            await response.aclose()
        headers = [(k, v) for k, v in response.headers if k.lower() not in _DROPPED]
        return httpx.Response(response.status, headers=headers, content=content)

    async def aclose(self) -> None:
        await self._pool.aclose()


async def _head(response: httpcore.Response, most: int) -> bytes:
    """Return the first bytes of an answer, at most so many."""
    read = bytearray()
    async for chunk in response.aiter_stream():
        read += chunk
        if len(read) >= most:
            break
    return bytes(read[:most])


def _why(error: httpcore.ConnectError) -> str:
    """Return what kept us from connecting, in words that never quote the URL or the other side."""
    if isinstance(error, Unreachable):
        return str(error)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS certificate refused: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "TLS handshake failed"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        cause = cause.__cause__ or cause.__context__
    return "could not connect"
