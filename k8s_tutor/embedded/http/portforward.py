"""Port forwarding in its two forms.

The Python clients' is channels of a WebSocket (`v4.channel.k8s.io`, also where no name is asked for; or in base64):
two for each port of the query, in order, data and errors, each opened with the port's number in two bytes. kubectl's is
pairs of SPDY streams, one pair a connection, inside a WebSocket. See
k8s.io/kubelet/pkg/cri/streaming/portforward.
"""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus

import h11
from aiohttp import WSMsgType, web

from k8s_tutor.api.protocol import Response, failure
from k8s_tutor.embedded.core import PortForward
from k8s_tutor.embedded.http import spdy_streams
from k8s_tutor.embedded.http.auth import CoreAccess
from k8s_tutor.embedded.http.commands import list_protocols, refuse_without_websocket
from k8s_tutor.embedded.http.mailbox import LARGEST_MESSAGE, Mailbox, hang_up
from k8s_tutor.embedded.http.spdy_streams import Stream
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest, PodPort

__all__ = ["PortConnection", "PortStreams", "find_refusal", "serve_ports"]


# ---- The bytes of one forwarded connection, understood as HTTP/1.1: simulated containers speak nothing below it

_BODILESS = (204, 304)


class PortConnection:
    """One connection; lives in the HTTP server's thread.

    Args:
        port: Answers its requests, in the thread that holds the core.
        core: To hold the core.
        send: Gets the answer's bytes.
        end: Called once, when the server closes the connection.
    """

    def __init__(
        self, port: PodPort, core: CoreAccess, send: Callable[[bytes], None], end: Callable[[], None] = lambda: None
    ) -> None:
        self._port = port
        self._core = core
        self._send = send
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""
        self._asked = False
        self._over = False

    def receive(self, data: bytes) -> None:
        """Takes the client's bytes; none are the end of them."""
        if self._over:
            return
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            self._refuse(error)
        else:
            self._read_on()

    def close(self) -> None:
        """The client is gone: nobody waits for answers."""
        self._over = True

    def _read_on(self) -> None:
        try:
            self._read()
        except h11.RemoteProtocolError as error:
            self._refuse(error)

    def _read(self) -> None:
        while not self._over:
            event = self._http.next_event()
            match event:
                case h11.Request():
                    self._request, self._body = event, b""
                    if self._http.they_are_waiting_for_100_continue:
                        self._say(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
                case h11.Data():
                    self._body += bytes(event.data)
                    if len(self._body) > LARGEST_MESSAGE:
                        self._say_answer(HttpAnswer(413, b"", {"Connection": "close"}), empty=False)
                        self._finish()
                case h11.EndOfMessage():
                    self._ask()
                case h11.ConnectionClosed():
                    if not self._asked:
                        self._finish()
                    return
                case _:  # the answer or more bytes are waited for
                    return

    def _ask(self) -> None:
        request = self._request
        assert request is not None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        asked = HttpRequest(request.method.decode("ascii"), request.target.decode("latin-1"), headers, self._body)
        self._asked = True
        with self._core.hold():
            self._port.request(asked, self._come)

    def _come(self, answer: HttpAnswer | None) -> None:
        """The answer, in the thread that holds the core."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._answer, answer)

    def _answer(self, answer: HttpAnswer | None) -> None:
        self._asked = False
        if self._over:
            return
        if answer is None:  # the program closed the connection without a word
            self._finish()
            return
        assert self._request is not None
        self._say_answer(answer, empty=self._request.method == b"HEAD" or answer.code in _BODILESS)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._read_on()
        else:
            self._finish()

    def _say_answer(self, answer: HttpAnswer, *, empty: bool) -> None:
        fields = [(name, value) for name, value in answer.headers.items() if name.lower() != "content-length"]
        if answer.code not in _BODILESS:
            fields.append(("Content-Length", str(len(answer.body))))
        parts: list[h11.Event] = [h11.Response(status_code=answer.code, headers=fields, reason=_reason(answer.code))]
        if answer.body and not empty:
            parts.append(h11.Data(data=answer.body))
        self._say(*parts, h11.EndOfMessage())

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        """What is no HTTP is answered as web servers answer it, with the reason."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = f"the embedded cluster's containers speak HTTP/1.1 only: {error}\n".encode()
            headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
            self._say_answer(HttpAnswer(400, body, headers), empty=False)
        self._finish()

    def _say(self, *events: h11.Event) -> None:
        self._send(b"".join(self._http.send(event) or b"" for event in events))

    def _finish(self) -> None:
        self._over = True
        self._end()


def _reason(code: int) -> bytes:
    try:
        return HTTPStatus(code).phrase.encode()
    except ValueError:
        return b""


# ---- Port forwarding as kubectl speaks it: two SPDY streams a connection, one for its bytes, one for what failed


class PortStreams:
    """Pairs the streams of one SPDY connection and joins each pair to a port."""

    def __init__(self, forward: PortForward, core: CoreAccess) -> None:
        self._forward = forward
        self._core = core
        self._waiting: dict[str, dict[str, Stream]] = {}

    def opened(self, stream: Stream) -> bool:
        """Takes a new stream; False for one that is not to be understood."""
        kind, port = stream.headers.get("streamtype", ""), stream.headers.get("port", "")
        if kind not in ("error", "data") or not port.isdigit() or not 0 < int(port) < 1 << 16:
            return False
        request = stream.headers.get("requestid") or _request_of(kind, stream)
        pair = self._waiting.setdefault(request, {})
        if kind in pair:
            return False
        pair[kind] = stream
        if len(pair) > 1:
            del self._waiting[request]
            self._join(pair["data"], pair["error"], int(port))
        return True

    def _join(self, data: Stream, error: Stream, port: int) -> None:
        def end() -> None:
            error.end()
            data.end()

        try:
            with self._core.hold():
                inside = self._forward.connect(port)
        except ConnectionRefusedError as refused:
            error.write(str(refused).encode())
            end()
            return
        connection = PortConnection(inside, self._core, data.write, end)
        data.on_data = connection.receive
        data.on_end = lambda: connection.receive(b"")
        data.on_reset = connection.close


def _request_of(kind: str, stream: Stream) -> str:
    """Clients before 1.1 named no request: the error stream came first, the data stream right after it."""
    return str(stream.number if kind == "error" else stream.number - 2)


# ---- Port forwarding in its two forms

_STREAMS = "portforward.k8s.io"
_TUNNELLED = f"{spdy_streams.SPDY}+{_STREAMS}"
_CHANNELS = "v4.channel.k8s.io"
_BASE64 = "v4.base64.channel.k8s.io"
_FRAME = 32 << 10  # bytes in one message, as the kubelet copies them; clients set limits to what they take at once


def find_refusal(http: web.BaseRequest) -> Response | None:
    """Why this request cannot become a port forward, or None."""
    if refused := refuse_without_websocket(http):
        return refused
    protocols = list_protocols(http)
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


async def serve_ports(http: web.BaseRequest, forward: PortForward, core: CoreAccess) -> web.StreamResponse:
    """Joins a request and a pod's ports until the client goes away."""
    with core.outsider():
        if _TUNNELLED in list_protocols(http):
            return await spdy_streams.serve_in_websocket(http, _TUNNELLED, PortStreams(forward, core).opened)
        return await _serve_channels(http, forward, core)


async def _serve_channels(http: web.BaseRequest, forward: PortForward, core: CoreAccess) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=(_CHANNELS, _BASE64), compress=False, max_msg_size=LARGEST_MESSAGE)
    await socket.prepare(http)
    outbox: Mailbox[bytes] = Mailbox(partial(hang_up, http), len)
    channels = _Channels([int(port) for port in _ports(http)], forward, core, outbox)
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

    def __init__(self, ports: list[int], forward: PortForward, core: CoreAccess, outbox: Mailbox[bytes]) -> None:
        self.outbox = outbox
        self._connections: dict[int, PortConnection] = {}
        for number, port in enumerate(ports):
            for channel in (2 * number, 2 * number + 1):
                self.outbox.push(bytes([channel]) + struct.pack("<H", port))
            self._connect(2 * number, port, forward, core)
        self._end_if_idle()

    def receive(self, channel: int, data: bytes) -> None:
        """Bytes for a port."""
        if channel in self._connections and data:
            self._connections[channel].receive(data)

    def close(self) -> None:
        """The client is gone."""
        for connection in self._connections.values():
            connection.close()

    def _connect(self, channel: int, port: int, forward: PortForward, core: CoreAccess) -> None:
        def send(data: bytes) -> None:
            for start in range(0, len(data), _FRAME):
                self.outbox.push(bytes([channel]) + data[start : start + _FRAME])

        def end() -> None:
            del self._connections[channel]
            self._end_if_idle()

        try:
            with core.hold():
                inside = forward.connect(port)
        except ConnectionRefusedError as refused:
            self.outbox.push(bytes([channel + 1]) + str(refused).encode())
        else:
            self._connections[channel] = PortConnection(inside, core, send, end)

    def _end_if_idle(self) -> None:
        if not self._connections:
            self.outbox.end()


def _ports(http: web.BaseRequest) -> list[str]:
    return [port for listed in http.query.getall("ports", []) for port in listed.split(",")]
