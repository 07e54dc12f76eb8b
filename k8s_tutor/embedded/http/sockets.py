"""Exec and attach over WebSocket: one channel byte before each message.

Protocols `v4.channel.k8s.io` and `v5.channel.k8s.io` (which adds the closing of one channel), as kubectl and the
Python clients speak them; see k8s.io/apimachinery/pkg/util/remotecommand.
"""

from __future__ import annotations

import asyncio
import json
from enum import IntEnum

from aiohttp import WSMsgType, web

from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.embedded.nodeservices import ExecSession
from k8s_tutor.objects.types import Obj

__all__ = ["serve_session"]

_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


class _Channel(IntEnum):
    STDIN = 0
    STDOUT = 1
    STDERR = 2
    ERROR = 3
    RESIZE = 4
    CLOSE = 255


async def serve_session(http: web.BaseRequest, session: ExecSession, door: Door) -> web.WebSocketResponse:
    """Joins a WebSocket and a session until the command ends or the client goes away."""
    socket = web.WebSocketResponse(protocols=_PROTOCOLS, compress=False, max_msg_size=0)
    outbox: Mailbox[bytes] = Mailbox()
    with door.outsider():
        try:
            await socket.prepare(http)
            with door.hold():
                _attach(session, outbox)
            writer = asyncio.create_task(_write(socket, outbox))
            try:
                await _read(socket, session, door)
            finally:
                writer.cancel()
        finally:
            with door.hold():
                session.close()
    return socket


def _attach(session: ExecSession, outbox: Mailbox[bytes]) -> None:
    def done(status: Obj) -> None:
        outbox.push(bytes([_Channel.ERROR]) + json.dumps(status).encode())
        outbox.end()

    session.attach(
        lambda data: outbox.push(bytes([_Channel.STDOUT]) + data),
        lambda data: outbox.push(bytes([_Channel.STDERR]) + data),
        done,
    )


async def _write(socket: web.WebSocketResponse, outbox: Mailbox[bytes]) -> None:
    async for messages in outbox:
        for message in messages:
            await socket.send_bytes(message)
    await socket.close()  # the command has ended; ends `_read`, too


async def _read(socket: web.WebSocketResponse, session: ExecSession, door: Door) -> None:
    async for message in socket:
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            continue
        data = message.data.encode() if isinstance(message.data, str) else message.data
        if data:
            with door.hold():
                _take(data[0], data[1:], session)


def _take(channel: int, data: bytes, session: ExecSession) -> None:
    if channel == _Channel.STDIN and data:
        session.write(data)
    elif channel == _Channel.RESIZE:
        size = json.loads(data)
        session.resize(int(size.get("Width", 0)), int(size.get("Height", 0)))
    elif channel == _Channel.CLOSE and data == bytes([_Channel.STDIN]):
        session.close_stdin()
