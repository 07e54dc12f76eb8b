"""SPDY's bytes on their way: inside a WebSocket (kubectl 1.31 and newer), or bare after an upgrade (older ones)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Protocol, cast

from aiohttp import WSMsgType, web

from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.embedded.http.spdy.streams import Connection, Stream

if TYPE_CHECKING:
    from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader  # noqa: F401

__all__ = ["SPDY", "asks_for_spdy", "negotiated", "offered", "serve_bare", "serve_in_websocket"]

SPDY = "SPDY/3.1"
_PROTOCOLS = "X-Stream-Protocol-Version"

Opened = Callable[[Stream], bool]


class _Pipe(Protocol):
    """Bytes both ways."""

    def arriving(self) -> AsyncIterator[bytes]: ...
    async def send(self, data: bytes) -> None: ...
    async def close(self) -> None: ...


def asks_for_spdy(http: web.BaseRequest) -> bool:
    """Whether a request is to become a bare SPDY connection."""
    return http.headers.get("Upgrade", "").lower() == SPDY.lower()


def negotiated(http: web.BaseRequest, known: tuple[str, ...]) -> str:
    """The protocol above SPDY: the first known one that the client offers; empty for none."""
    offers = offered(http)
    return next((name for name in known if name in offers), "")


def offered(http: web.BaseRequest) -> list[str]:
    """The protocols above SPDY that a client offers."""
    return [name.strip() for each in http.headers.getall(_PROTOCOLS, []) for name in each.split(",")]


async def serve_in_websocket(http: web.BaseRequest, protocol: str, opened: Opened) -> web.StreamResponse:
    """Serves SPDY streams inside a WebSocket's binary messages until the client goes away."""
    socket = web.WebSocketResponse(protocols=(protocol,), compress=False, max_msg_size=0)
    await socket.prepare(http)
    await _serve(_SocketPipe(socket), opened)
    return socket


async def serve_bare(http: web.BaseRequest, protocol: str, opened: Opened) -> web.StreamResponse:
    """Serves SPDY streams on the request's own connection until the client goes away."""
    response = web.StreamResponse(status=101, headers={"Connection": "Upgrade", "Upgrade": SPDY, _PROTOCOLS: protocol})
    response.force_close()
    await response.prepare(http)
    await _serve(_BarePipe(http), opened)
    return response


async def _serve(pipe: _Pipe, opened: Opened) -> None:
    outbox: Mailbox[bytes] = Mailbox()
    connection = Connection(opened, outbox.push)
    writer = asyncio.create_task(_write(pipe, outbox))
    try:
        async for data in pipe.arriving():
            connection.receive(data)
            if connection.gone:
                break
    finally:
        connection.close()
        outbox.end()
        await asyncio.gather(writer, return_exceptions=True)
        await pipe.close()


async def _write(pipe: _Pipe, outbox: Mailbox[bytes]) -> None:
    async for pieces in outbox:
        await pipe.send(b"".join(pieces))


class _SocketPipe:
    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def arriving(self) -> AsyncIterator[bytes]:
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                yield message.data

    async def send(self, data: bytes) -> None:
        await self._socket.send_bytes(data)

    async def close(self) -> None:
        await self._socket.close()


class _BarePipe:
    """The connection itself, taken from aiohttp's HTTP parser the way its own WebSockets take it."""

    def __init__(self, http: web.BaseRequest) -> None:
        assert http.transport is not None
        self._transport = http.transport
        self._inbox: Mailbox[bytes] = Mailbox()
        http.protocol.set_parser(cast("WebSocketReader", self))

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Called by aiohttp with what came."""
        self._inbox.push(bytes(data))
        return False, b""

    def feed_eof(self) -> None:
        """Called by aiohttp when the client has hung up."""
        self._inbox.end()

    def set_exception(self, *_: object) -> None:
        """Called by aiohttp when the connection broke."""
        self._inbox.end()

    async def arriving(self) -> AsyncIterator[bytes]:
        async for pieces in self._inbox:
            yield b"".join(pieces)

    async def send(self, data: bytes) -> None:
        self._transport.write(data)

    async def close(self) -> None:
        """aiohttp closes it after the response."""
