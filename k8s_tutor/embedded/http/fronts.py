"""Ports of 127.0.0.1 that lead to addresses of the simulated network: plain HTTP, for browsers and curl.

Opened and shut from any thread; their sockets belong to the HTTP server's thread, which alone listens and closes.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from k8s_tutor.embedded.http.acceptor import Acceptor
from k8s_tutor.embedded.http.guard import is_local
from k8s_tutor.embedded.network.faults import Fault, TimedOut
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

if TYPE_CHECKING:  # brought in when somebody knocks
    from aiohttp import web

__all__ = ["Deliver", "Fronts"]

Deliver = Callable[[HttpRequest], tuple[HttpAnswer, float]]
"""Sends a request into the simulated network; gives the answer and the real seconds it is to take. Raises `Fault`."""

_OURS = frozenset({"connection", "content-length", "date", "keep-alive", "transfer-encoding"})
"""Headers of a connection, not of an answer: each server writes its own."""


class Fronts:
    """All such ports.

    Args:
        changed: Told, in the thread that opens or shuts, that the server's thread has something to do.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._wanted: dict[int, Deliver] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._served: dict[int, Acceptor] = {}

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

    async def serve(self) -> None:
        """Serves exactly the wanted ports."""
        from aiohttp import web  # noqa: PLC0415  # 0.4 s to import

        wanted = dict(self._wanted)
        for port in [port for port in self._served if port not in wanted]:
            await self._served.pop(port).end()
        self.sockets()
        for port in [port for port in wanted if port not in self._served]:
            server = web.Server(partial(_answer, wanted[port]), access_log=None)
            self._served[port] = Acceptor(self._sockets[port], server)

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
