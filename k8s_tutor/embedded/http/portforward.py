"""Port forwarding over WebSocket, as the Python clients speak it (`v4.channel.k8s.io`).

Two channels for each port of the query, in order: data and errors; each opens with the port's number in two bytes. See
k8s.io/kubelet/pkg/cri/streaming/portforward. kubectl's own form, SPDY inside a WebSocket, is not spoken.
"""

from __future__ import annotations

import struct

import h11
from aiohttp import WSMsgType, web

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.core import PortForward
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["PROTOCOL", "refusal", "serve_ports"]

PROTOCOL = "v4.channel.k8s.io"


def refusal(http: web.BaseRequest) -> Response | None:
    """Why this request cannot become a port forward, or None."""
    upgrade = http.headers.get("Upgrade", "").lower()
    if upgrade.startswith("spdy"):  # what kubectl falls back to
        message = f"kubectl port-forward is not simulated: the embedded cluster forwards ports over {PROTOCOL} only"
        return Response(501, failure(501, "NotImplemented", message))
    if upgrade != "websocket":
        return Response(400, failure(400, "BadRequest", "Upgrade request required"))
    offered = [each.strip() for each in http.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    if PROTOCOL not in offered:
        message = f"the embedded cluster forwards ports over {PROTOCOL} only, not over {', '.join(offered)}"
        return Response(501, failure(501, "NotImplemented", message))
    ports = _ports(http)
    if not ports:
        return Response(400, failure(400, "BadRequest", 'query parameter "port" is required'))
    wrong = next((port for port in ports if not (port.isdigit() and 0 < int(port) < 65536)), "")
    return Response(400, failure(400, "BadRequest", f'unable to parse "{wrong}" as a port')) if wrong else None


async def serve_ports(http: web.BaseRequest, forward: PortForward, door: Door) -> web.WebSocketResponse:
    """Joins a WebSocket and a pod's ports until the client goes away."""
    ports = [int(port) for port in _ports(http)]
    socket = web.WebSocketResponse(protocols=(PROTOCOL,), compress=False, max_msg_size=0)
    connections = [Connection(port, forward, door) for port in ports]
    with door.outsider():
        await socket.prepare(http)
        for number, port in enumerate(ports):
            for channel in (2 * number, 2 * number + 1):
                await socket.send_bytes(bytes([channel]) + struct.pack("<H", port))
        async for message in socket:
            if message.type is not WSMsgType.BINARY or not message.data:
                continue
            channel, data = message.data[0], message.data[1:]
            if channel % 2 or channel // 2 >= len(connections):
                continue
            answer, problem = connections[channel // 2].receive(data)
            if answer:
                await socket.send_bytes(bytes([channel]) + answer)
            if problem:
                await socket.send_bytes(bytes([channel + 1]) + problem.encode())
    return socket


def _ports(http: web.BaseRequest) -> list[str]:
    return [port for listed in http.query.getall("ports", []) for port in listed.split(",")]


class Connection:
    """Bytes to one port, understood as HTTP/1.1."""

    def __init__(self, port: int, forward: PortForward, door: Door) -> None:
        self._port = port
        self._forward = forward
        self._door = door
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""

    def receive(self, data: bytes) -> tuple[bytes, str]:
        """Takes bytes; returns those of the answer so far, and what went wrong (`""`: nothing)."""
        sent = b""
        try:
            self._http.receive_data(data)
            while True:
                event = self._http.next_event()
                if not isinstance(event, h11.Event) or isinstance(event, h11.ConnectionClosed):
                    return sent, ""
                sent += self._take(event)
        except h11.ProtocolError as error:
            return sent, f"the embedded cluster forwards HTTP only: {error}"
        except ConnectionRefusedError:
            message = f"failed to connect to localhost:{self._port} inside namespace"
            return sent, f"{message}: dial tcp4 127.0.0.1:{self._port}: connect: connection refused"

    def _take(self, event: h11.Event) -> bytes:
        if isinstance(event, h11.Request):
            self._request, self._body = event, b""
        elif isinstance(event, h11.Data):
            self._body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage) and self._request is not None:
            return self._answer(self._request)
        return b""

    def _answer(self, request: h11.Request) -> bytes:
        method = request.method.decode("ascii")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        asked = HttpRequest(method, request.target.decode("latin-1"), headers, self._body)
        with self._door.hold():
            answer = self._forward.request(self._port, asked)
        sent = self._send(answer, empty=method == "HEAD")
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return sent

    def _send(self, answer: HttpAnswer, *, empty: bool) -> bytes:
        fields = [(name, value) for name, value in answer.headers.items() if name.lower() != "content-length"]
        head = h11.Response(
            status_code=answer.code, headers=[*fields, ("Content-Length", str(len(answer.body)))], reason=b""
        )
        parts = [self._http.send(head)]
        if answer.body and not empty:
            parts.append(self._http.send(h11.Data(data=answer.body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)
