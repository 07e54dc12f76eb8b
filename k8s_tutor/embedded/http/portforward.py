"""Port forwarding in its three forms.

The Python clients' is channels of a WebSocket (`v4.channel.k8s.io`, also where no name is asked for; or in base64):
two for each port of the query, in order, data and errors, each opened with the port's number in two bytes. kubectl's is
pairs of SPDY streams, one pair a connection, inside a WebSocket or, from older ones, bare. See
k8s.io/kubelet/pkg/cri/streaming/portforward.
"""

from __future__ import annotations

import asyncio
import base64
import struct

from aiohttp import WSMsgType, web

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.core import PortForward
from k8s_tutor.embedded.http import tunnels
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.embedded.http.portconnection import PortConnection
from k8s_tutor.embedded.http.portstreams import PortStreams
from k8s_tutor.embedded.http.websockets import offered

__all__ = ["refusal", "serve_ports"]

_STREAMS = "portforward.k8s.io"
_TUNNELLED = f"{tunnels.SPDY}+{_STREAMS}"
_CHANNELS = "v4.channel.k8s.io"
_BASE64 = "v4.base64.channel.k8s.io"
_FRAME = 32 << 10  # bytes in one message, as the kubelet copies them; clients set limits to what they take at once


def refusal(http: web.BaseRequest) -> Response | None:
    """Why this request cannot become a port forward, or None."""
    if tunnels.asks_for_spdy(http):
        if tunnels.negotiated(http, (_STREAMS,)):
            return None
        return _bad(f"unable to upgrade: unable to negotiate protocol: server accepts [{_STREAMS}]", 403)
    if http.headers.get("Upgrade", "").lower() != "websocket":
        return _bad("Upgrade request required")
    protocols = offered(http)
    if _TUNNELLED in protocols:
        return None
    if protocols and not {_CHANNELS, _BASE64} & set(protocols):
        known = f"{_CHANNELS} {_TUNNELLED}"
        words = f"client supports [{' '.join(protocols)}], server accepts [{known}]"
        return _bad(f"unable to upgrade: unable to negotiate protocol: {words}", 403)
    return _wrong_ports(_ports(http))


def _bad(words: str, code: int = 400) -> Response:
    return Response(code, failure(code, {403: "Forbidden"}.get(code, "BadRequest"), words))


def _wrong_ports(ports: list[str]) -> Response | None:
    if not ports:
        return _bad('query parameter "port" is required')
    for port in ports:
        if not port.isdigit() or int(port) > 65535:  # 16 bits
            why = "value out of range" if port.isdigit() else "invalid syntax"
            return _bad(f'cannot convert to []int32: strconv.ParseUint: parsing "{port}": {why}')
        if int(port) == 0:
            return _bad('port "0" must be > 0')
    return None


async def serve_ports(http: web.BaseRequest, forward: PortForward, door: Door) -> web.StreamResponse:
    """Joins a request and a pod's ports until the client goes away."""
    with door.outsider():
        if tunnels.asks_for_spdy(http):
            return await tunnels.serve_bare(http, _STREAMS, PortStreams(forward, door).opened)
        if _TUNNELLED in offered(http):
            return await tunnels.serve_in_websocket(http, _TUNNELLED, PortStreams(forward, door).opened)
        return await _serve_channels(http, forward, door)


async def _serve_channels(http: web.BaseRequest, forward: PortForward, door: Door) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=(_CHANNELS, _BASE64), compress=False, max_msg_size=0)
    await socket.prepare(http)
    channels = _Channels([int(port) for port in _ports(http)], forward, door)
    writer = asyncio.create_task(_write(socket, channels.outbox))
    try:
        async for message in socket:
            if message.type is WSMsgType.BINARY and message.data:
                channels.receive(message.data[0], message.data[1:])
            elif message.type is WSMsgType.TEXT and message.data[:1].isdigit():
                channels.receive(int(message.data[0]), _decoded(message.data[1:]))
    finally:
        writer.cancel()
        channels.close()
    return socket


async def _write(socket: web.WebSocketResponse, outbox: Mailbox[bytes]) -> None:
    async for messages in outbox:
        for message in messages:
            if socket.ws_protocol == _BASE64:
                await socket.send_str(f"{message[0]}{base64.b64encode(message[1:]).decode()}")
            else:
                await socket.send_bytes(message)
    await socket.close()  # nothing is connected any more


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


class _Channels:
    """One connection to each port, known by the channel of its data."""

    def __init__(self, ports: list[int], forward: PortForward, door: Door) -> None:
        self.outbox: Mailbox[bytes] = Mailbox()
        self._connections: dict[int, PortConnection] = {}
        for number, port in enumerate(ports):
            for channel in (2 * number, 2 * number + 1):
                self.outbox.push(bytes([channel]) + struct.pack("<H", port))
            self._connect(2 * number, port, forward, door)
        self._end_if_idle()

    def receive(self, channel: int, data: bytes) -> None:
        """Bytes for a port."""
        if channel in self._connections and data:
            self._connections[channel].receive(data)

    def close(self) -> None:
        """The client is gone."""
        for connection in self._connections.values():
            connection.close()

    def _connect(self, channel: int, port: int, forward: PortForward, door: Door) -> None:
        def send(data: bytes) -> None:
            for start in range(0, len(data), _FRAME):
                self.outbox.push(bytes([channel]) + data[start : start + _FRAME])

        def end() -> None:
            del self._connections[channel]
            self._end_if_idle()

        try:
            with door.hold():
                inside = forward.connect(port)
        except ConnectionRefusedError as refused:
            self.outbox.push(bytes([channel + 1]) + str(refused).encode())
        else:
            self._connections[channel] = PortConnection(inside, door, send, end)

    def _end_if_idle(self) -> None:
        if not self._connections:
            self.outbox.end()


def _ports(http: web.BaseRequest) -> list[str]:
    return [port for listed in http.query.getall("ports", []) for port in listed.split(",")]
