"""Accepting connections, and ending that without losing one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # brought in when somebody knocks
    from aiohttp import web

__all__ = ["Acceptor"]


class Acceptor:
    """Hands the connections of a listening socket to a server of aiohttp, from its creation to its end.

    asyncio's own server, when it closes, loses a connection that it accepted a turn before: the socket stays open
    until it is collected as garbage.

    Args:
        listener: Who knocks here is accepted.
        server: Whose connections they become.
        tls: How to speak TLS with them; None for plain HTTP.
    """

    def __init__(self, listener: socket.socket, server: web.Server, tls: ssl.SSLContext | None = None) -> None:
        self._listener = listener
        self._server = server
        self._tls = tls
        self._ending = False
        self._greetings: set[asyncio.Task[None]] = set()
        listener.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listener)
            except ConnectionError:  # who knocked has gone again
                continue
            if self._ending:
                connection.close()
                return
            greeting = asyncio.create_task(self._greet(connection))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)

    async def _greet(self, connection: socket.socket) -> None:
        """By itself: a client that is slow to shake hands keeps nobody waiting."""
        with suppress(OSError):  # one that hangs up meanwhile
            await asyncio.get_running_loop().connect_accepted_socket(self._server, connection, ssl=self._tls)

    async def end(self, grace: float = 0) -> None:
        """Accepts no more, and hangs up on everybody.

        Args:
            grace: Seconds for requests that are being answered.
        """
        self._ending = True
        with socket.socket() as knock:  # wakes it; cancelled, it could lose a connection that came just then
            knock.setblocking(False)
            knock.connect_ex(self._listener.getsockname())
            await self._accepting
        await asyncio.sleep(0)  # in which every greeting has begun, and can be cancelled
        if self._greetings:
            for greeting in self._greetings:
                greeting.cancel()
            await asyncio.wait(self._greetings)
        transports = [connection.transport for connection in self._server.connections]
        self._server.pre_shutdown()
        await self._server.shutdown(grace)
        for transport in transports:  # TLS says goodbye politely, for up to 30 s: not to clients that hold on
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)  # in which the event loop closes their sockets
