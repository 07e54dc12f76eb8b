"""The door to a cluster behind a socket: TLS, connection pool, watches and logs with deadlines."""

from __future__ import annotations

import codecs
import contextlib
import json
import logging
import queue
import re
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import urllib3

from k8s_tutor.api.protocol import (
    CommandOutput,
    CommandResult,
    Request,
    Response,
    StatusError,
    WatchClosed,
    WatchEvent,
    failure,
    sendable,
    took_too_long,
)
from k8s_tutor.clock import RealClock, ServerClock
from k8s_tutor.cluster.login import Login
from k8s_tutor.cluster.tls import FindSilence, explain_silence, make_tls_context
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.kubeconfig import KubeconfigEntry
from k8s_tutor.language import msg
from k8s_tutor.objects.types import Json
from k8s_tutor.version import __version__

__all__ = ["HttpAPI", "run_over_websocket"]


# ---- `exec` on a real cluster from start to end, over a WebSocket
#
# Protocol: kubernetes.io/docs/reference/using-api/api-concepts, subprotocol `v5.channel.k8s.io`: the first byte of each
# frame names the channel (0 input, 1 output, 2 errors, 3 the closing Status, 255 closes a channel).

_SUBPROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
_STDIN, _STDOUT, _STDERR, _STATUS, _CLOSE = 0, 1, 2, 3, 255


def run_over_websocket(
    url: str, headers: Mapping[str, str], context: ssl.SSLContext | None, stdin: bytes, timeout: float
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
    outcome = CommandOutput()
    with contextlib.closing(_connected(url, headers, context, timeout)) as socket:
        try:
            if stdin:
                socket.send_binary(bytes([_STDIN]) + stdin)
            if socket.getsubprotocol() == _SUBPROTOCOLS[0]:
                socket.send_binary(bytes([_CLOSE, _STDIN]))
            while _take(outcome, socket.recv_data()):
                socket.settimeout(max(deadline - clock.monotonic(), 0.001))
        except websocket.WebSocketTimeoutException as error:
            raise took_too_long(timeout) from error
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
        raise ClusterUnavailable(msg("The command could not be started."), why=str(error)) from error


def _take(outcome: CommandOutput, frame: tuple[int, bytes]) -> bool:
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


# ---- The door to a cluster behind a socket: TLS, connection pool, watches and logs with deadlines

_LOG = logging.getLogger(__name__)
_CONNECT = 5.0  # seconds, with TLS
_SLOW_CONNECT = 20.0  # seconds for it at the last try: a machine may be that busy
_ANSWER = 60.0  # seconds; the API server's own limit for ordinary requests
_SILENCE = 10.0  # seconds of it after which one asks whether anybody knows why, and then once more for the answer
_BUSY = 10  # times, and as many seconds at most, since servers that are busy ask for one
_TRIES = 3  # of requests that change nothing, or that never reached the server
_NAP = 0.2  # seconds; a longer wait on a lock cannot be interrupted on Windows
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class HttpAPI:
    """A `KubeAPI` over HTTPS. Safe to use from several threads.

    Attributes:
        clock: The server's, as far as its answers tell.
    """

    def __init__(self, entry: KubeconfigEntry, login: Login, *, find_silence: FindSilence = lambda: None) -> None:
        """Connects to nobody yet.

        Args:
            entry: Which cluster.
            login: Who we are there.
            find_silence: Asked where no answer came.
        """
        self._entry = entry
        self._login = login
        self._find_silence = find_silence
        self.clock = ServerClock()
        self._server = str(entry.cluster.get("server", "")).rstrip("/")
        secure = self._server.startswith("https:")
        options: dict[str, Json] = {}
        self._tls = make_tls_context(entry.cluster, login.certificate) if secure else None
        if secure:
            options["ssl_context"] = self._tls
            options["server_hostname"] = entry.cluster.get("tls-server-name") or None
            if entry.cluster.get("insecure-skip-tls-verify"):
                options |= {"cert_reqs": "CERT_NONE", "assert_hostname": False}
        options = {key: value for key, value in options.items() if value is not None}
        timeout = urllib3.Timeout(connect=_CONNECT, read=_ANSWER)
        if proxy := entry.cluster.get("proxy-url"):
            self._pool: urllib3.PoolManager = urllib3.ProxyManager(proxy, timeout=timeout, maxsize=16, **options)
        else:
            self._pool = urllib3.PoolManager(timeout=timeout, maxsize=16, **options)

    def send(self, request: Request) -> Response:
        """See `KubeAPI.send`."""
        answer = self._open(request, stream=False)
        return _response(answer, answer.data)

    def watch(self, request: Request, *, passive: bool = False) -> HttpWatch:
        """See `KubeAPI.watch`; waiting never moves a real cluster's time, so that `passive` changes nothing."""
        return HttpWatch(self._stream(replace(request, query=(*request.query, ("watch", "true")))))

    def follow(self, request: Request, *, passive: bool = False) -> HttpText:
        """See `KubeAPI.follow`."""
        return HttpText(self._stream(request))

    def run(self, request: Request, *, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """See `KubeAPI.run`."""
        return run_over_websocket(self._server + request.target, self._login.headers(), self._tls, stdin, timeout)

    def close(self) -> None:
        """Closes idle connections."""
        self._pool.clear()

    def _stream(self, request: Request) -> _Stream:
        answer = self._open(request, stream=True)
        if answer.status >= 400:
            with contextlib.closing(answer):
                raise StatusError.of(_response(answer, answer.read()))
        return _Stream(answer)

    def _open(self, request: Request, *, stream: bool) -> urllib3.BaseHTTPResponse:
        body, headers = _body(request)
        headers |= {"Accept": request.accept, "User-Agent": f"k8s-tutor/{__version__}"} | self._login.headers()
        seconds = min(request.timeout or _ANSWER, _ANSWER)
        asked = RealClock().now()
        try:
            answer = self._ask(request, body, headers, stream, RealClock().monotonic() + seconds)
        except urllib3.exceptions.HTTPError as error:
            raise explain_silence(self._entry, error, seconds, self._find_silence) from error
        self.clock.hear(answer.headers.get("Date", ""), asked, RealClock().now())
        return answer

    def _ask(
        self, request: Request, body: bytes | None, headers: dict[str, str], stream: bool, deadline: float
    ) -> urllib3.BaseHTTPResponse:
        """The answer. What changes nothing is asked twice: soon somebody is asked why it is silent, who may know."""
        repeatable = request.method in ("GET", "HEAD")
        patience = (_SILENCE, _ANSWER) if repeatable else (_ANSWER,)
        for seconds in patience:
            left = max(deadline - RealClock().monotonic(), 0.1)
            connect = _SLOW_CONNECT if seconds == patience[-1] else _CONNECT
            try:
                return self._pool.request(
                    request.method,
                    self._server + request.target,
                    body=body,
                    headers=headers,
                    timeout=urllib3.Timeout(connect=min(connect, left), total=min(seconds, left)),
                    retries=_Retries.within(left, repeatable=repeatable),
                    preload_content=not stream,
                    redirect=False,
                )
            except urllib3.exceptions.TimeoutError:
                if seconds == patience[-1] or seconds >= left or self._find_silence() is not None:
                    raise
        raise AssertionError("the last try returns or raises")


class _Retries(urllib3.Retry):
    """Tries again where a connection broke or was refused, not where the time is over: all tries share one deadline.

    Who is told to come back in a second does (429 and 503 with `Retry-After`), whatever was asked: none of it was done.
    As client-go does, ten times at most; after that the answer is what the server says.
    """

    @classmethod
    def within(cls, seconds: float, *, repeatable: bool) -> _Retries:
        """What may be tried again in so many seconds; what changes something only where it was not begun."""
        read, status = _TRIES if repeatable else 0, min(_BUSY, int(seconds))
        more: dict[str, Any] = {"connect": _TRIES, "read": read, "status": status, "redirect": False, "other": 0}
        return cls(_TRIES + _BUSY, allowed_methods=None, raise_on_status=False, **more)

    def increment(self, *args: Any, **kwargs: Any) -> _Retries:
        """See `urllib3.Retry.increment`."""
        error = kwargs.get("error")
        if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(
            error, urllib3.exceptions.NewConnectionError
        ):
            raise error
        return super().increment(*args, **kwargs)


class HttpWatch:
    """A `Watch` on an open connection."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque()
        self._rest = b""

    def next(self, timeout: float) -> WatchEvent | None:
        """See `Watch.next`."""
        while not self._lines:
            chunk = self._stream.read(timeout)
            if chunk is None:
                return None
            if not chunk:
                raise WatchClosed
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            self._lines.extend(line for line in lines if line)
        event = json.loads(self._lines.popleft())
        return WatchEvent(event["type"], event["object"])

    def close(self) -> None:
        """Ends the watch. Safe to call twice, and from another thread."""
        self._lines.clear()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class HttpText:
    """A `TextStream` on an open connection."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def next(self, timeout: float) -> str | None:
        """See `TextStream.next`."""
        while (chunk := self._stream.read(timeout)) is not None:
            text = self._decoder.decode(chunk, final=not chunk)
            if text or not chunk:
                return text
        return None

    def close(self) -> None:
        """Ends the stream. Safe to call twice, and from another thread."""
        self._stream.close()


class _Stream:
    """Chunks of an open response, read by a thread: a socket's own time-out would break a response half read."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer
        self._clock = RealClock()
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._ended = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="k8s-tutor-stream", daemon=True)
        self._thread.start()

    def read(self, timeout: float) -> bytes | None:
        """The next chunk; None at the deadline, `b""` at the end."""
        deadline = self._clock.monotonic() + timeout
        while not self._ended:
            left = max(deadline - self._clock.monotonic(), 0.0)
            try:
                chunk = self._chunks.get(timeout=min(left, _NAP)) if left else self._chunks.get_nowait()
            except queue.Empty:
                if not left:
                    return None
                continue
            if chunk:
                return chunk
            self._ended = True
        return b""

    def close(self) -> None:
        """Ends the stream: the connection is closed, as what was not read cannot be given back."""
        if self._closed:
            return
        self._closed = self._ended = True
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self._answer.shutdown()  # wakes the thread out of its read
        self._chunks.put(b"")

    def _run(self) -> None:
        try:
            for chunk in self._answer.stream(2**16):
                self._chunks.put(chunk)
        except (urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError) as error:
            # cut off by the server, or closed by us while reading (then in any of these ways)
            _LOG.debug("stream ended: %s", error)
        finally:
            self._chunks.put(b"")
            with contextlib.suppress(OSError, ValueError):
                self._answer.close()


def _body(request: Request) -> tuple[bytes | None, dict[str, str]]:
    if request.body is None:
        return None, {}
    body = sendable(request.body)
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode(), {
        "Content-Type": request.content_type
    }


def _response(answer: urllib3.BaseHTTPResponse, data: bytes) -> Response:
    kind = answer.headers.get("Content-Type", "")
    warnings = _WARNING.findall(answer.headers.get("Warning", ""))
    body: Json = data
    if "json" in kind:
        with contextlib.suppress(ValueError):
            body = json.loads(data)
    elif kind.startswith("text/") or not kind:
        body = data.decode("utf-8", "replace")
    return Response(answer.status, body, kind, tuple(re.sub(r"\\(.)", r"\1", text) for text in warnings))
