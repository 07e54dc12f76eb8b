"""Accepting connections; and ports of 127.0.0.1 that lead to addresses of the simulated network."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from k8s_tutor.embedded.http.auth import is_local
from k8s_tutor.embedded.network import Fault, TimedOut
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

if TYPE_CHECKING:  # brought in when somebody knocks
    from aiohttp import web

__all__ = ["Acceptor", "Deliver", "LocalPorts"]

_LOG = logging.getLogger(__name__)
_HANDSHAKE = 32.0  # seconds, as those for the first request
_RETRY = 1.0  # seconds, as asyncio's own server


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
        self._short = False  # of file descriptors
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
            except OSError as error:  # no file descriptors left (EMFILE), nor memory: until somebody closes some
                if self._ending:
                    return
                await self._rest(error)
                continue
            self._short = False
            if self._ending:
                connection.close()
                return
            greeting = asyncio.create_task(self._greet(connection))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)

    async def _greet(self, connection: socket.socket) -> None:
        """By itself: a client that is slow to shake hands keeps nobody waiting."""
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._server, connection, ssl=self._tls, ssl_handshake_timeout=_HANDSHAKE if self._tls else None
            )
        except OSError:  # one that hangs up meanwhile
            connection.close()

    async def _rest(self, error: OSError) -> None:
        """Waits before it tries again; says so once, as whoever knocks meanwhile waits, too."""
        if not self._short:
            self._short = True
            _LOG.warning(
                "the embedded cluster cannot take new connections: %s; it tries again every second. "
                "Close files or connections, or allow more: ulimit -n 1024",
                error.strerror,
            )
        await asyncio.sleep(_RETRY)

    async def end(self, grace: float = 0) -> None:
        """Accepts no more, and hangs up on everybody.

        Args:
            grace: Seconds for requests that are being answered.
        """
        self._ending = True
        await self._stop_accepting()
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

    async def _stop_accepting(self) -> None:
        if self._short:  # nothing can be accepted, and nothing be lost
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
            return
        with socket.socket() as knock:  # wakes it; cancelled, it could lose a connection that came just then
            knock.setblocking(False)
            knock.connect_ex(self._listener.getsockname())
            await self._accepting


# ---- Ports of 127.0.0.1 that lead to addresses of the simulated network: plain HTTP, for browsers and curl
#
# Opened and shut from any thread; their sockets belong to the HTTP server's thread, which alone listens and
# closes.

Deliver = Callable[[HttpRequest], tuple[HttpAnswer, float]]
"""Sends a request into the simulated network; gives the answer and the real seconds it is to take. Raises `Fault`."""

_OURS = frozenset({"connection", "content-length", "date", "keep-alive", "transfer-encoding"})
"""Headers of a connection, not of an answer: each server writes its own."""


class LocalPorts:
    """All such ports.

    Args:
        changed: Told, in the thread that opens or shuts, that the server's thread has something to do.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._wanted: dict[int, Deliver] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._acceptors: dict[int, Acceptor] = {}

    def open(self, deliver: Deliver) -> int:
        """Opens a port, the operating system's choice, and returns it. Requests wait until the server is up."""
        listener = socket.create_server(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        self._sockets[port], self._wanted[port] = listener, deliver
        self._changed()
        return port

    def shut(self, port: int) -> None:
        """Shuts a port. Safe to call twice."""
        if self._wanted.pop(port, None) is not None:
            self._changed()

    # ---- in the server's thread

    def sockets(self) -> list[socket.socket]:
        """Those to listen on now; those no longer wanted are closed."""
        for port in list(self._sockets):
            if port not in self._wanted:
                self._sockets.pop(port).close()
        return list(self._sockets.values())

    def listeners(self) -> list[socket.socket]:
        """All that are open."""
        return list(self._sockets.values())

    async def serve(self) -> None:
        """Serves exactly the wanted ports."""
        from k8s_tutor.embedded.http.adapter import WireServer  # noqa: PLC0415  # 0.4 s to import

        wanted = dict(self._wanted)
        for port in [port for port in self._acceptors if port not in wanted]:
            await self._acceptors.pop(port).end()
        self.sockets()
        for port in [port for port in wanted if port not in self._acceptors]:
            server = WireServer(partial(_answer, wanted[port]))
            self._acceptors[port] = Acceptor(self._sockets[port], server)

    async def end(self) -> None:
        """Serves none any more."""
        self._wanted.clear()
        await self.serve()

    def close(self) -> None:
        """Closes what is left, once the thread has ended."""
        self._wanted.clear()
        self.sockets()


async def _answer(deliver: Deliver, http: web.BaseRequest) -> web.StreamResponse:
    from aiohttp import web  # noqa: PLC0415

    if not is_local(host := http.headers.get("Host", "")):  # a page elsewhere that rebinds its name to 127.0.0.1
        return web.Response(status=403, text=f'host "{host}" does not lead here: 127.0.0.1 and localhost do\n')
    request = HttpRequest(http.method, http.path_qs, dict(http.headers), await http.read())
    try:
        answer, seconds = deliver(request)
    except Fault as fault:
        status = 504 if isinstance(fault, TimedOut) else 502
        return web.Response(status=status, text=f"simulated network: {fault}\n")
    await asyncio.sleep(seconds)
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OURS}
    return web.Response(status=answer.code, body=answer.body, headers=headers)
