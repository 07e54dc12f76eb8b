"""From the thread that holds the core to the HTTP thread: items put in there, taken out here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["LARGEST_MESSAGE", "MOST_BYTES", "MOST_ITEMS", "Mailbox", "hang_up"]

Item = TypeVar("Item")
LARGEST_MESSAGE = 32 << 20  # bytes in a message of a WebSocket, as golang.org/x/net/websocket
MOST_ITEMS = 10_000  # not taken yet, beside those that were there from the beginning
MOST_BYTES = 64 << 20


class Mailbox(Generic[Item]):
    """Made in the HTTP thread; `push` and `end` may be called from any thread, and never wait.

    Iterating gives everything that has arrived, as one list, until `end`. Who does not read is dropped, as a real
    server drops watchers that keep it waiting: what they have missed would else be kept for them without end.

    Args:
        drop: Called once, in the HTTP thread, when more waits than is kept: to hang up.
        size: Bytes that an item holds by itself (not shared with the store).
    """

    def __init__(self, drop: Callable[[], None] = lambda: None, size: Callable[[Item], int] = lambda _: 0) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._items: deque[Item] = deque()
        self._drop = drop
        self._size = size
        self._bytes = 0
        self._most = MOST_ITEMS
        self._ended = False

    def push(self, item: Item) -> None:
        """Adds an item."""
        if self._ended:
            return
        self._items.append(item)
        self._bytes += self._size(item)
        if len(self._items) > self._most or self._bytes > MOST_BYTES:
            self._overflow()
        elif len(self._items) == 1:  # more than one: the reader has been woken already
            self._ring(self._arrived.set)

    def settle(self) -> None:
        """What is there now was there from the beginning, and counts no more."""
        self._most = len(self._items) + MOST_ITEMS
        self._bytes = 0

    def end(self) -> None:
        """Says that nothing more comes."""
        self._ended = True
        self._ring(self._arrived.set)

    def __aiter__(self) -> Mailbox[Item]:
        return self

    async def __anext__(self) -> list[Item]:
        while not self._items:
            if self._ended:
                raise StopAsyncIteration
            await self._arrived.wait()
            self._arrived.clear()
        items = []
        while self._items:
            items.append(self._items.popleft())
        self._bytes = 0
        return items

    def _overflow(self) -> None:
        self._ended = True
        self._items.clear()
        self._ring(self._hang_up)

    def _hang_up(self) -> None:
        self._arrived.set()
        self._drop()

    def _ring(self, call: Callable[[], None]) -> None:
        if _running_loop() is self._loop:  # a request in the HTTP thread caused it: no thread to be woken
            call()
            return
        with suppress(RuntimeError):  # the loop is closed: nobody reads any more
            self._loop.call_soon_threadsafe(call)


def hang_up(http: web.BaseRequest) -> None:
    """Breaks off the connection of a client that does not read."""
    if http.transport is not None:
        http.transport.abort()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
