"""From the thread that holds the core to the HTTP thread: items put in there, taken out here."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

__all__ = ["Mailbox"]

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Made in the HTTP thread; `push` and `end` may be called from any thread, and never wait.

    Iterating gives everything that has arrived, as one list, until `end`.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._items: deque[Item] = deque()
        self._ended = False

    def push(self, item: Item) -> None:
        """Adds an item."""
        self._items.append(item)
        if len(self._items) == 1:  # more than one: the reader has been woken already
            self._ring()

    def end(self) -> None:
        """Says that nothing more comes."""
        self._ended = True
        self._ring()

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
        return items

    def _ring(self) -> None:
        if _running_loop() is self._loop:  # a request in the HTTP thread caused it: no thread to be woken
            self._arrived.set()
            return
        with suppress(RuntimeError):  # the loop is closed: nobody reads any more
            self._loop.call_soon_threadsafe(self._arrived.set)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
