"""`exec` from start to end: over a WebSocket to a real cluster, directly to the embedded one.

Protocol: kubernetes.io/docs/reference/using-api/api-concepts, subprotocol `v5.channel.k8s.io`: the first byte of each
frame names the channel (0 input, 1 output, 2 errors, 3 the closing Status, 255 closes a channel).
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_tutor.api.command import CommandResult
from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.clock import RealClock
from k8s_tutor.errors import ClusterUnavailable, WaitTimeout
from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:
    from k8s_tutor.cluster.pace import Pace
    from k8s_tutor.embedded.nodeservices import ExecSession

__all__ = ["run_in_process", "run_over_websocket"]

_SUBPROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
_STDIN, _STDOUT, _STDERR, _STATUS, _CLOSE = 0, 1, 2, 3, 255
_SUCCESS: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class _Outcome:
    """Collects what arrives on the channels."""

    def __init__(self) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.status: Obj | None = None

    def result(self) -> CommandResult:
        return CommandResult(
            self.stdout.decode("utf-8", "replace"), self.stderr.decode("utf-8", "replace"), self.status or _SUCCESS
        )


def run_in_process(session: ExecSession, pace: Pace, stdin: bytes, timeout: float) -> CommandResult:
    """Runs an opened exec of the embedded cluster to its end; waiting moves virtual time in awaited pace.

    Raises:
        WaitTimeout: it did not end within `timeout` seconds of the cluster's time.
    """
    outcome = _Outcome()
    changed = pace.condition()

    def done(status: Obj) -> None:
        outcome.status = status
        changed.notify_all()

    with pace.hold():
        session.attach(outcome.stdout.extend, outcome.stderr.extend, done)
        if stdin:
            session.write(stdin)
        session.close_stdin()
    if not pace.wait(lambda: outcome.status is not None, timeout, changed):
        with pace.hold():
            session.close()
        raise _too_long(timeout)
    return outcome.result()


def run_over_websocket(
    url: str,
    headers: Mapping[str, str],
    context: ssl.SSLContext | None,
    stdin: bytes,
    timeout: float,
) -> CommandResult:
    """Runs an exec on a real cluster to its end.

    Args:
        url: `https://…/exec?command=…`.
        headers: Authorization.
        context: TLS with the cluster's authority and the client's certificate; None for plain HTTP.
        stdin: The command's input; empty for none.
        timeout: Seconds.

    Raises:
        StatusError: the API server refused (no such pod, no such container).
        WaitTimeout: it did not end in time.
        ClusterUnavailable: no answer.
    """
    import websocket  # noqa: PLC0415  only an exec needs it

    clock = RealClock()
    deadline = clock.monotonic() + timeout
    outcome = _Outcome()
    with contextlib.closing(_connected(url, headers, context, timeout)) as socket:
        try:
            if stdin:
                socket.send_binary(bytes([_STDIN]) + stdin)
            if socket.getsubprotocol() == _SUBPROTOCOLS[0]:
                socket.send_binary(bytes([_CLOSE, _STDIN]))
            while _take(outcome, socket.recv_data()):
                socket.settimeout(max(deadline - clock.monotonic(), 0.001))
        except websocket.WebSocketTimeoutException as error:
            raise _too_long(timeout) from error
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            pass  # the server closes once it has said everything
    return outcome.result()


def _connected(url: str, headers: Mapping[str, str], context: ssl.SSLContext | None, timeout: float) -> Any:
    import websocket  # noqa: PLC0415  only an exec needs it

    try:
        return websocket.create_connection(
            "ws" + url.removeprefix("http"),
            timeout=timeout,
            header=[f"{name}: {value}" for name, value in headers.items()],
            subprotocols=_SUBPROTOCOLS,
            sslopt={"context": context} if context else {},
            suppress_origin=True,
        )
    except websocket.WebSocketBadStatusException as error:
        raise _refused(error) from error
    except (websocket.WebSocketException, OSError) as error:
        raise ClusterUnavailable("The command could not be started.", why=str(error)) from error


def _take(outcome: _Outcome, frame: tuple[int, bytes]) -> bool:
    """Puts one frame where it belongs; False when it was the last."""
    opcode, data = frame
    if opcode == 0x8:  # close
        return False
    if not data:
        return True
    channel, payload = data[0], data[1:]
    if channel == _STDOUT:
        outcome.stdout += payload
    elif channel == _STDERR:
        outcome.stderr += payload
    elif channel == _STATUS and payload:
        outcome.status = json.loads(payload)
        return False
    return True


def _refused(error: Any) -> StatusError:
    """The handshake's HTTP answer as the `Status` it carries."""
    body: object = error.resp_body or b""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    with contextlib.suppress(ValueError):
        return StatusError.of(Response(error.status_code, json.loads(text)))
    return StatusError(failure(error.status_code, "BadRequest", text.strip() or str(error)))


def _too_long(timeout: float) -> WaitTimeout:
    return WaitTimeout(
        f"The command did not end within {timeout:.0f} s.",
        why="It was left to itself.",
        next_step="Give it more time with timeout=…, or a command that ends.",
    )
