"""A SPDY/3.1 connection as its server sees it: streams that the client opens, bytes both ways, each half closed alone.

Windows are not kept: SPDY in Kubernetes is that of moby/spdystream, which neither counts bytes nor says WINDOW_UPDATE;
a server that waited for it would wait forever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

from aiohttp import WSMsgType, web

from k8s_tutor.embedded.http.mailbox import LARGEST_MESSAGE, Mailbox, hang_up
from k8s_tutor.embedded.http.spdy_frames import (
    INVALID_STREAM,
    LONGEST,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    Data,
    Decoder,
    Encoder,
    Frame,
    FrameFault,
    GoAway,
    Ping,
    Reset,
    SynReply,
    SynStream,
)

__all__ = ["SPDY", "Connection", "Stream", "serve_in_websocket"]

_MOST_STREAMS = 1000  # open at once; kubectl needs two a connection


class Stream:
    """One stream. Its owner sets what is to happen with what comes.

    Attributes:
        number: Odd, as all of the client's.
        headers: What it was opened with, names in lower case.
        on_data: Gets the client's bytes.
        on_end: The client sends nothing more.
        on_reset: The client has no more interest in either direction.
    """

    def __init__(self, number: int, headers: Mapping[str, str], send: Callable[[Frame], None]) -> None:
        self.number = number
        self.headers = headers
        self.on_data: Callable[[bytes], None] = lambda _: None
        self.on_end: Callable[[], None] = lambda: None
        self.on_reset: Callable[[], None] = lambda: None
        self._send = send
        self._ended = False
        self._their_end = False

    @property
    def over(self) -> bool:
        """Both sides have ended it."""
        return self._ended and self._their_end

    def write(self, data: bytes) -> None:
        """Sends bytes; after the end of the stream they are nobody's."""
        if self._ended:
            return
        for start in range(0, len(data), LONGEST):
            self._send(Data(self.number, data[start : start + LONGEST]))

    def end(self) -> None:
        """Sends nothing more. Safe to call twice."""
        if not self._ended:
            self._ended = True
            self._send(Data(self.number, fin=True))

    def take_end(self) -> None:
        """The client has ended its half."""
        self._their_end = True
        self.on_end()

    def drop(self) -> None:
        """The client has reset it."""
        self._ended = self._their_end = True
        self.on_reset()


class Connection:
    """All streams of one connection.

    Attributes:
        gone: Nothing more will come: the client said so, or sent what is no SPDY.

    Args:
        opened: Told of each new stream, before anything of it comes; returns False to have none of it.
        send: Gets the bytes to send.
    """

    def __init__(self, opened: Callable[[Stream], bool], send: Callable[[bytes], None]) -> None:
        self.gone = False
        self._opened = opened
        self._encoder = Encoder()
        self._decoder = Decoder()
        self._send = send
        self._streams: dict[int, Stream] = {}
        self._latest = 0

    def receive(self, data: bytes) -> None:
        """Takes the client's bytes."""
        if self.gone:
            return
        try:
            for frame in self._decoder.feed(data):
                self._take(frame)
        except FrameFault:
            self._say(GoAway(self._latest, PROTOCOL_ERROR))
            self.close()

    def close(self) -> None:
        """The client is gone. Safe to call twice."""
        self.gone = True
        for stream in list(self._streams.values()):
            stream.drop()
        self._streams.clear()

    def _say(self, frame: Frame) -> None:
        self._send(self._encoder.encode(frame))

    def _take(self, frame: Frame) -> None:
        match frame:
            case SynStream():
                self._open(frame)
            case Data(stream, data, fin):
                self._data(stream, data, fin=fin)
            case Reset(stream):
                if (found := self._streams.pop(stream, None)) is not None:
                    found.drop()
            case Ping(number) if number % 2:
                self._say(frame)
            case GoAway():
                self.close()
            case _:
                pass  # settings, windows and further headers change nothing here

    def _open(self, frame: SynStream) -> None:
        if frame.stream % 2 == 0 or frame.stream <= self._latest:
            self._say(Reset(frame.stream, PROTOCOL_ERROR))
            return
        self._latest = frame.stream
        self._streams = {number: stream for number, stream in self._streams.items() if not stream.over}
        stream = self._streams[frame.stream] = Stream(frame.stream, frame.headers, self._say)
        self._say(SynReply(frame.stream))
        if len(self._streams) > _MOST_STREAMS or not self._opened(stream):
            del self._streams[frame.stream]
            self._say(Reset(frame.stream, REFUSED_STREAM))
        elif frame.fin:
            stream.take_end()

    def _data(self, number: int, data: bytes, *, fin: bool) -> None:
        stream = self._streams.get(number)
        if stream is None:
            if number > self._latest:
                self._say(Reset(number, INVALID_STREAM))
            return
        if data:
            stream.on_data(data)
        if fin:
            stream.take_end()


# ---- SPDY's bytes on their way: inside a WebSocket, as kubectl 1.31 and newer send them

SPDY = "SPDY/3.1"

Opened = Callable[[Stream], bool]


async def serve_in_websocket(http: web.BaseRequest, protocol: str, opened: Opened) -> web.StreamResponse:
    """Serves SPDY streams inside a WebSocket's binary messages until the client goes away."""
    socket = web.WebSocketResponse(protocols=(protocol,), compress=False, max_msg_size=LARGEST_MESSAGE)
    await socket.prepare(http)
    await _serve(http, _SocketPipe(socket), opened)
    return socket


async def _serve(http: web.BaseRequest, pipe: _SocketPipe, opened: Opened) -> None:
    outbox: Mailbox[bytes] = Mailbox(partial(hang_up, http), len)
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


async def _write(pipe: _SocketPipe, outbox: Mailbox[bytes]) -> None:
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
