"""Exec and attach over WebSocket: one channel byte before each message.

Protocols `v4.channel.k8s.io` and `v5.channel.k8s.io` (which adds the closing of one channel), as kubectl and the
Python clients speak them; see k8s.io/apimachinery/pkg/util/remotecommand.
"""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from k8s_tutor.embedded.core import Upgrade
from k8s_tutor.embedded.http.commandchannels import Channel, attach, take
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.mailbox import Mailbox

__all__ = ["PROTOCOLS", "serve_socket"]

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


async def serve_socket(http: web.BaseRequest, upgrade: Upgrade, door: Door) -> web.WebSocketResponse:
    """Joins a WebSocket and a session until the command ends or the client goes away."""
    socket = web.WebSocketResponse(protocols=PROTOCOLS, compress=False, max_msg_size=0)
    outbox: Mailbox[tuple[Channel, bytes]] = Mailbox()
    await socket.prepare(http)
    with door.hold():
        attach(upgrade, outbox)
    writer = asyncio.create_task(_write(socket, outbox))
    try:
        await _read(socket, upgrade, door)
    finally:
        writer.cancel()
    return socket


async def _write(socket: web.WebSocketResponse, outbox: Mailbox[tuple[Channel, bytes]]) -> None:
    async for messages in outbox:
        for channel, data in messages:
            await socket.send_bytes(bytes([channel]) + data)
    await socket.close()  # the command has ended; ends `_read`, too


async def _read(socket: web.WebSocketResponse, upgrade: Upgrade, door: Door) -> None:
    async for message in socket:
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            continue
        data = message.data.encode() if isinstance(message.data, str) else message.data
        if not data:
            continue
        with door.hold():
            if data[0] != Channel.CLOSE:
                take(upgrade, data[0], data[1:])
            elif data[1:] == bytes([Channel.STDIN]):
                upgrade.session.close_stdin()
