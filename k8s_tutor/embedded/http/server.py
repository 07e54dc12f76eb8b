"""The HTTP server: a socket bound at once, a thread that loads aiohttp and serves when somebody knocks.

The first connection waits in the socket's backlog meanwhile, so that whoever opens a cluster and never leaves its
process pays neither the time nor the memory. The thread is a daemon and the port the system's choice: a killed
process leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import logging
import select
import socket
import threading
from contextlib import suppress
from typing import Any

from k8s_tutor.embedded.http.acceptor import Acceptor
from k8s_tutor.embedded.http.credentials import Credentials
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.fronts import Fronts
from k8s_tutor.embedded.http.guard import Guard

__all__ = ["HttpServer"]

_LOG = logging.getLogger(__name__)
_GRACE = 0.2  # seconds that open streams get when the server closes


class HttpServer:
    """Serves `door` on a loopback port.

    Attributes:
        port: Where; chosen by the operating system.
        fronts: Further ports, which lead to addresses of the simulated network.
    """

    def __init__(self, door: Door, credentials: Credentials) -> None:
        self._door = door
        self._credentials = credentials
        self._guard = Guard(credentials.token, door.authenticate)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._closing = threading.Event()
        self._bell, self._ear = socket.socketpair()
        self._news: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self.fronts = Fronts(self._ring)
        self._thread = threading.Thread(target=self._run, name="k8s-tutor-http", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """`https://127.0.0.1:PORT`."""
        return f"https://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stops serving; open streams are cut. Safe to call twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._ring()
        self._thread.join(timeout=5)
        self.fronts.close()
        for each in (self._socket, self._bell, self._ear):
            each.close()

    def _ring(self) -> None:
        """Tells the thread that there is news: fronts have changed, or it is to end."""
        if self._news is None:
            self._bell.send(b"!")
            return
        loop, news = self._news
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(news.set)

    def _run(self) -> None:
        if not self._somebody_knocks():
            return
        try:
            asyncio.run(self._serve())
        except Exception:
            if threading.main_thread().is_alive():  # else the process is ending, and what is not yet loaded stays so
                _LOG.exception("the embedded cluster's HTTP server stopped")

    def _somebody_knocks(self) -> bool:
        """Waits for the first connection; False when there will be none."""
        ready: list[socket.socket] = []
        while not ready:
            ready, _, _ = select.select([self._socket, *self.fronts.sockets(), self._ear], [], [])
            if self._closing.is_set():
                return False
            if self._ear in ready:
                self._ear.recv(64)
                ready.remove(self._ear)
        return True

    async def _serve(self) -> None:
        from aiohttp import web  # noqa: PLC0415  # 0.4 s to import

        from k8s_tutor.embedded.http.adapter import Adapter  # noqa: PLC0415  # imports aiohttp

        loop, news = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(_quietly)
        self._news = (loop, news)
        adapter = Adapter(self._door, self._guard)
        server = web.Server(
            adapter,
            handler_cancellation=True,
            access_log=None,
            logger=_LOG,
            auto_decompress=False,  # bodies are read as they come, as the real server does
        )
        acceptor = Acceptor(self._socket, server, self._credentials.server_context())
        while not self._closing.is_set():
            await self.fronts.serve()
            await news.wait()
            news.clear()
        await self.fronts.end()
        adapter.end_streams()
        await acceptor.end(_GRACE)


def _quietly(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that hangs up during a handshake is no event worth a learner's screen."""
    _LOG.debug("%s", context.get("message"), exc_info=context.get("exception"))
