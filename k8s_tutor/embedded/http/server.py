"""The HTTP server: a socket bound at once, a thread that loads aiohttp and serves when somebody knocks.

The first connection waits in the socket's backlog meanwhile, so that whoever opens a cluster and never leaves its
process pays neither the time nor the memory. The thread is a daemon and the port the system's choice: a killed
process leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import logging
import os
import selectors
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

from k8s_tutor.embedded.http.acceptor import Acceptor, LocalPorts
from k8s_tutor.embedded.http.auth import CoreAccess, Credentials, Guard

__all__ = ["HttpServer"]

_LOG = logging.getLogger(__name__)
# The one of Windows' that needs no descriptor of its own is `select`; elsewhere it is `poll`.
_SELECTOR: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)
_RETRY = 1.0  # seconds
_FEW = 8  # descriptors: an event loop takes three, modules that are loaded one at a time
_GRACE = 0.2  # seconds that open streams get when the server closes


class HttpServer:
    """Serves `core` on a loopback port.

    Args:
        core: Answers.
        credentials: By what it is known, and who may come in.
        port: Where; 0 for one that the operating system chooses.

    Attributes:
        port: Where.
        local_ports: Further ports, which lead to addresses of the simulated network.
    """

    def __init__(self, core: CoreAccess, credentials: Credentials, port: int = 0) -> None:
        self._core = core
        self._credentials = credentials
        self._guard = Guard(credentials.token, core.authenticate)
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._context: ssl.SSLContext | None = None
        self._closing = threading.Event()
        self._bell, self._ear = socket.socketpair()
        self._wake: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self.local_ports = LocalPorts(self._ring)
        self._thread = threading.Thread(target=self._run, name="k8s-tutor-http", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """`https://127.0.0.1:PORT`."""
        return f"https://127.0.0.1:{self.port}"

    def adopt(self, credentials: Credentials) -> None:
        """Is known by other certificates from the next connection on; those it knew others by are good still."""
        self._credentials = credentials
        if self._context is not None:
            credentials.install(self._context)

    def close(self) -> None:
        """Stops serving; open streams are cut. Safe to call twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._ring()
        self._thread.join(timeout=5)
        self.local_ports.close()
        for each in (self._socket, self._bell, self._ear):
            each.close()

    def leave_to_parent(self) -> None:
        """In a forked child: lets go of the sockets, which are the parent's; no thread of it is here."""
        self._closing.set()
        for each in (self._socket, self._bell, self._ear, *self.local_ports.listeners()):
            each.close()

    def _ring(self) -> None:
        """Tells the thread that there is news: local ports have changed, or it is to end."""
        if self._wake is None:
            self._bell.send(b"!")
            return
        loop, wake = self._wake
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(wake.set)

    def _run(self) -> None:
        if not self._somebody_knocks():
            return
        while not self._closing.is_set():
            try:
                _need_descriptors()
                asyncio.run(self._serve())
            except Exception as error:
                if not threading.main_thread().is_alive():  # the process is ending; what is not yet loaded stays so
                    return
                # No file descriptors left, a full disk: it is tried again, as whoever knocks waits in the backlog.
                _LOG.warning("the embedded cluster's HTTP server does not start: %s; it tries again", error)
                _LOG.debug("why", exc_info=True)
                self._news = None
                self._closing.wait(_RETRY)

    def _somebody_knocks(self) -> bool:
        """Waits for the first connection; False when there will be none."""
        while True:
            # Not `select`: it knows no descriptors from 1024 on.
            with _SELECTOR() as selector:
                for each in (self._socket, *self.local_ports.sockets(), self._ear):
                    selector.register(each, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select()]
            if self._closing.is_set():
                return False
            if ready != [self._ear]:
                return True
            self._ear.recv(64)

    async def _serve(self) -> None:
        from k8s_tutor.embedded.http.adapter import Adapter, WireServer  # noqa: PLC0415  # imports aiohttp: 0.4 s

        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(_quietly)
        self._wake = (loop, wake)
        adapter = Adapter(self._core, self._guard)
        # Bodies are read as they come, as the real server does.
        server = WireServer(adapter, handler_cancellation=True, auto_decompress=False)
        self._context = self._credentials.server_context()
        acceptor = Acceptor(self._socket, server, self._context)
        while not self._closing.is_set():
            await self.local_ports.serve()
            await wake.wait()
            wake.clear()
        await self.local_ports.end()
        adapter.end_streams()
        await acceptor.end(_GRACE)


def _need_descriptors() -> None:
    """Fails before an event loop does, whose half-made objects complain on the screen when they are collected."""
    spare: list[int] = []
    try:
        spare.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(_FEW))
    finally:
        for each in spare:
            os.close(each)


def _quietly(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that hangs up during a handshake is no event worth a learner's screen."""
    _LOG.debug("%s", context.get("message"), exc_info=context.get("exception"))
