"""Exec and attach: which of their forms a request asks for, and joining it to the session."""

from __future__ import annotations

import asyncio
import json
from enum import IntEnum
from functools import partial

from aiohttp import WSMsgType, web

from k8s_tutor.api.protocol import Response, failure
from k8s_tutor.embedded.core import Upgrade
from k8s_tutor.embedded.http.auth import CoreAccess
from k8s_tutor.embedded.http.mailbox import LARGEST_MESSAGE, Mailbox, hang_up
from k8s_tutor.objects.types import Obj

__all__ = [
    "PROTOCOLS",
    "Channel",
    "attach",
    "find_refusal",
    "list_protocols",
    "refuse_without_websocket",
    "serve_command",
    "serve_socket",
    "take",
]


# ---- What exec and attach carry, whatever carries it: input, output, errors, the end, the terminal's size


class Channel(IntEnum):
    """As they are numbered on WebSockets."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    ERROR = 3
    RESIZE = 4
    CLOSE = 255


def attach(upgrade: Upgrade, outbox: Mailbox[tuple[Channel, bytes]]) -> None:
    """Starts the session; what it says goes into `outbox`, which ends with it. To be called with the core held."""

    def done(status: Obj) -> None:
        outbox.push((Channel.ERROR, json.dumps(status).encode()))
        outbox.end()

    upgrade.session.attach(
        lambda data: outbox.push((Channel.STDOUT, data)) if upgrade.stdout else None,
        lambda data: outbox.push((Channel.STDERR, data)) if upgrade.stderr else None,
        done,
    )


def take(upgrade: Upgrade, channel: int, data: bytes) -> None:
    """What the client sent on a channel. To be called with the core held."""
    if channel == Channel.STDIN and data:
        upgrade.session.write(data)
    elif channel == Channel.RESIZE:
        try:
            size = json.loads(data)
            upgrade.session.resize(int(size.get("Width", 0)), int(size.get("Height", 0)))
        except (ValueError, AttributeError, TypeError):
            return  # no size: the terminal stays as it is


# ---- Exec and attach over WebSocket: one channel byte before each message
#
# Protocols `v4.channel.k8s.io` and `v5.channel.k8s.io` (which adds the closing of one channel), as kubectl and the
# Python clients speak them; see k8s.io/apimachinery/pkg/util/remotecommand.

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


async def serve_socket(http: web.BaseRequest, upgrade: Upgrade, core: CoreAccess) -> web.WebSocketResponse:
    """Joins a WebSocket and a session until the command ends or the client goes away."""
    socket = web.WebSocketResponse(protocols=PROTOCOLS, compress=False, max_msg_size=LARGEST_MESSAGE)
    outbox: Mailbox[tuple[Channel, bytes]] = Mailbox(partial(hang_up, http), lambda item: len(item[1]))
    await socket.prepare(http)
    with core.hold():
        attach(upgrade, outbox)
    writer = asyncio.create_task(_write(socket, outbox))
    try:
        await _read(socket, upgrade, core)
    finally:
        writer.cancel()
    return socket


async def _write(socket: web.WebSocketResponse, outbox: Mailbox[tuple[Channel, bytes]]) -> None:
    async for messages in outbox:
        for channel, data in messages:
            await socket.send_bytes(bytes([channel]) + data)
    await socket.close()  # the command has ended; ends `_read`, too


async def _read(socket: web.WebSocketResponse, upgrade: Upgrade, core: CoreAccess) -> None:
    async for message in socket:
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            continue
        data = message.data.encode() if isinstance(message.data, str) else message.data
        if not data:
            continue
        with core.hold():
            if data[0] != Channel.CLOSE:
                take(upgrade, data[0], data[1:])
            elif data[1:] == bytes([Channel.STDIN]):
                upgrade.session.close_stdin()


# ---- What the WebSockets of the API server have in common: who asks for one, and which sub-protocols are offered

_SPDY = (
    "Upgrade request required: bare SPDY is not served by the embedded cluster; kubectl 1.31 and newer, and the "
    "clients of today, speak WebSocket"
)


def refuse_without_websocket(http: web.BaseRequest) -> Response | None:
    """The refusal of a request that asks for no WebSocket, or None."""
    upgrade = http.headers.get("Upgrade", "").lower()
    if upgrade == "websocket":
        return None
    words = _SPDY if upgrade.startswith("spdy/") else "Upgrade request required"
    return Response(400, failure(400, "BadRequest", words))


def list_protocols(http: web.BaseRequest) -> list[str]:
    """The sub-protocols a client offers, in its order."""
    listed = http.headers.getall("Sec-WebSocket-Protocol", [])
    return [name.strip() for each in listed for name in each.split(",") if name.strip()]


# ---- Exec and attach: which of their forms a request asks for, and joining it to the session


def find_refusal(http: web.BaseRequest) -> Response | None:
    """Why this request cannot become an exec or attach, or None."""
    if refused := refuse_without_websocket(http):
        return refused
    protocols = list_protocols(http)
    if protocols and not set(protocols) & set(PROTOCOLS):
        return _not_spoken(protocols, PROTOCOLS)
    return None


def _not_spoken(offers: list[str], known: tuple[str, ...]) -> Response:
    words = f"client supports [{' '.join(offers)}], server accepts [{' '.join(known)}]"
    return Response(403, failure(403, "Forbidden", f"unable to upgrade: unable to negotiate protocol: {words}"))


async def serve_command(http: web.BaseRequest, upgrade: Upgrade, core: CoreAccess) -> web.StreamResponse:
    """Joins a request and a session until the command ends or the client goes away."""
    with core.outsider():
        try:
            return await serve_socket(http, upgrade, core)
        finally:
            with core.hold():
                upgrade.session.close()
