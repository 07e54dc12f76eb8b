"""Port forwarding as kubectl speaks it: two SPDY streams a connection, one for its bytes, one for what failed."""

from __future__ import annotations

from k8s_tutor.embedded.core import PortForward
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.portconnection import PortConnection
from k8s_tutor.embedded.http.spdy.streams import Stream

__all__ = ["PortStreams"]


class PortStreams:
    """Pairs the streams of one SPDY connection and joins each pair to a port."""

    def __init__(self, forward: PortForward, door: Door) -> None:
        self._forward = forward
        self._door = door
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
            with self._door.hold():
                inside = self._forward.connect(port)
        except ConnectionRefusedError as refused:
            error.write(str(refused).encode())
            end()
            return
        connection = PortConnection(inside, self._door, data.write, end)
        data.on_data = connection.receive
        data.on_end = lambda: connection.receive(b"")
        data.on_reset = connection.close


def _request_of(kind: str, stream: Stream) -> str:
    """Clients before 1.1 named no request: the error stream came first, the data stream right after it."""
    return str(stream.number if kind == "error" else stream.number - 2)
