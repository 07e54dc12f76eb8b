"""Requests, responses and watches, the same for a socket and for the in-process API server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Literal, Protocol, Self
from urllib.parse import urlencode

from k8s_tutor.clock import RealClock
from k8s_tutor.errors import TutorError, UsageError, WaitTimeout
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.nesting import NotJson, json_of, sound_text
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "LAST_LOOK",
    "CommandOutput",
    "CommandResult",
    "Hurried",
    "KubeAPI",
    "Method",
    "Request",
    "Response",
    "StatusError",
    "TextStream",
    "Watch",
    "WatchEvent",
    "exec_request",
    "failure",
    "sendable",
    "took_too_long",
]

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request to an API server.

    Attributes:
        method: HTTP method.
        path: Absolute path without query, e.g. `/api/v1/namespaces/default/pods`.
        query: Pairs in order; a key may repeat (`command=ls&command=-l`).
        body: A JSON value, or the raw bytes as they came over a socket, or None.
        content_type: Media type of the body; for PATCH it chooses the kind of patch.
        accept: The Accept header; `as=Table` asks for a Table.
        user_agent: Names the writer in managedFields where no `fieldManager` is given (up to its first `/`).
        headers: All of them, for a request that only passes through (`proxy`); else left out.
        timeout: Seconds within which somebody needs the answer; 0 where it may take what an answer may take. A cluster
            in this process answers at once.
    """

    method: Method
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Json | bytes | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    user_agent: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 0

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def params(self, name: str) -> list[str]:
        """All values of a query parameter, in order."""
        return [value for key, value in self.query if key == name]

    @property
    def target(self) -> str:
        """Path and query as they stand in a request line."""
        path = sound_text(self.path)
        return f"{path}?{urlencode([(k, sound_text(v)) for k, v in self.query])}" if self.query else path


@dataclass(frozen=True, slots=True)
class Response:
    """One answer: a JSON value or text/bytes, with the API server's warnings.

    `code` >= 400 carries a `Status` as body (see `StatusError`).
    `headers` are those of an answer that only passed through.
    """

    code: int
    body: Json | str | bytes
    content_type: str = "application/json"
    warnings: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One line of a watch: type ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and its object (or `Status`)."""

    type: str
    object: Obj


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command left behind.

    Attributes:
        stdout: Its standard output.
        stderr: Its standard error.
        status: The `Status` that closed the exec: Success, or a failure with the exit code among its causes.
    """

    stdout: str
    stderr: str
    status: Obj

    @property
    def code(self) -> int:
        """The exit code, 0 for success; -1 where the command could not be started."""
        if self.status.get("status") == "Success":
            return 0
        for cause in (self.status.get("details") or {}).get("causes") or ():
            if cause.get("reason") == "ExitCode":
                return int(cause.get("message", 1))
        return -1


class Watch(Protocol):
    """A running watch. Close it, or use it as a context manager."""

    def next(self, timeout: float) -> WatchEvent | None:
        """The next event, or None when `timeout` seconds of the cluster's time pass without one.

        On the embedded cluster in awaited pace, waiting here is what makes virtual time move (unless passive).

        Raises:
            StopIteration: never; a watch ended by the server returns an ERROR event or raises `WatchClosed`.
        """
        ...

    def close(self) -> None:
        """Ends the watch. Safe to call twice."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class WatchClosed(Exception):
    """The server ended the watch (its timeout, a restart); watch again from the last resourceVersion."""


class TextStream(Protocol):
    """A running text stream such as `log?follow=true`."""

    def next(self, timeout: float) -> str | None:
        """The next chunk of text, None at the deadline; `""` once the stream has ended."""
        ...

    def close(self) -> None:
        """Ends the stream. Safe to call twice."""
        ...


class KubeAPI(Protocol):
    """How everything in this project talks to a cluster."""

    def send(self, request: Request) -> Response:
        """Sends one request. HTTP errors come back as a `Response`; only a broken transport raises.

        Raises:
            ClusterUnavailable: no answer from the server.
        """
        ...

    def watch(self, request: Request, *, passive: bool = False) -> Watch:
        """Opens a watch (`request` is the GET of the collection, without `watch=true`).

        Args:
            request: The list request to watch; `resourceVersion` in its query says from where.
            passive: The watcher only looks on: its waiting must not move virtual time.

        Raises:
            StatusError: the server refused.
        """
        ...

    def follow(self, request: Request, *, passive: bool = False) -> TextStream:
        """Opens a text stream (`log?follow=true`)."""
        ...

    def run(self, request: Request, *, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """Runs a command in a container from start to end (`request` is the exec, see `exec_request`).

        Raises:
            StatusError: the server refused.
            WaitTimeout: it did not end within `timeout` seconds of the cluster's time.
        """
        ...


LAST_LOOK = 3.0
"""Seconds that a request has at least, however little is left of the time of who waits."""


class Hurried:
    """A `KubeAPI` whose requests share one deadline, in real seconds: a cluster in this process needs none."""

    def __init__(self, api: KubeAPI, seconds: float) -> None:
        self._api, self._clock = api, RealClock()
        self._deadline = self._clock.monotonic() + seconds

    def send(self, request: Request) -> Response:
        """See `KubeAPI.send`."""
        return self._api.send(self._hurry(request))

    def watch(self, request: Request, *, passive: bool = False) -> Watch:
        """See `KubeAPI.watch`."""
        return self._api.watch(self._hurry(request), passive=passive)

    def follow(self, request: Request, *, passive: bool = False) -> TextStream:
        """See `KubeAPI.follow`."""
        return self._api.follow(self._hurry(request), passive=passive)

    def run(self, request: Request, *, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """See `KubeAPI.run`."""
        return self._api.run(request, stdin=stdin, timeout=timeout)

    def _hurry(self, request: Request) -> Request:
        left = max(self._deadline - self._clock.monotonic(), LAST_LOOK)
        return replace(request, timeout=min(left, request.timeout or left))


def query(**values: str | int | bool | None) -> tuple[tuple[str, str], ...]:
    """Query pairs from keywords: None is left out, booleans become `true`/`false`, order is kept."""
    return query_of(values)


def query_of(values: Mapping[str, str | int | bool | None]) -> tuple[tuple[str, str], ...]:
    """Query pairs from a mapping, by the same rules as `query`."""
    return tuple(
        (key, str(value).lower() if isinstance(value, bool) else str(value))
        for key, value in values.items()
        if value is not None
    )


# ---- What a Python program sends to a cluster: the same for a socket and for the in-process API server


def sendable(body: object) -> Json | bytes:
    """A body as it is sent: bytes as they are, anything else as JSON that is the cluster's own from here on.

    Raises:
        UsageError: there is something in it that JSON has no word for.
    """
    if isinstance(body, bytes):
        return body
    try:
        return json_of(body)
    except NotJson as error:
        said = msg("this cannot be sent to a cluster: in its place there is {what}", what=error.what)
        if error.path:
            said = msg(
                "this cannot be sent to a cluster: at {where} there is {what}", where=error.place, what=error.what
            )
        raise UsageError(
            said,
            why=msg("the API speaks JSON: texts, numbers, true, false, null, lists, and groups whose names are texts"),
            next_step=msg("write {instead} instead", instead=error.instead) if error.instead else "",
        ) from None


# ---- `Status`: how Kubernetes says no. One constructor per reason, one exception to carry it
#
# Source of codes and reasons: kubernetes.io/docs/reference/kubernetes-api/common-definitions/status.


class StatusError(TutorError):
    """An API server refused a request. Same class on every cluster.

    Attributes:
        status: The `Status` object as the server sent it.
        code: HTTP status code.
        reason: Machine-readable reason, e.g. `NotFound`, `AlreadyExists`, `Invalid`, `Conflict`.
    """

    def __init__(self, status: Obj, next_step: str = "") -> None:
        said: Wording = msg("the API server refused the request")
        if "message" in status:
            said = str(status["message"])
        super().__init__(said, next_step=next_step)
        self.status = status
        self.code = int(status.get("code", 500))
        self.reason = str(status.get("reason", "Unknown"))

    @classmethod
    def of(cls, response: Response) -> StatusError:
        """The error in a response with code >= 400, also where its body is no `Status`."""
        body = response.body
        if isinstance(body, dict) and body.get("kind") == "Status":
            return cls(body)
        return cls(failure(response.code, "Unknown", str(body)))


def failure(code: int, reason: str, message: str, details: Obj | None = None) -> Obj:
    """A `Status` of status Failure."""
    status: Obj = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
    }
    if reason:
        status["reason"] = reason
    if details:
        status["details"] = details
    status["code"] = code
    return status


# ---- Running a command in a container (`pods/NAME/exec`) from start to end, on any cluster

_SUCCESS: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class CommandOutput:
    """Collects what a command says on its channels."""

    def __init__(self) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.status: Obj | None = None

    def result(self) -> CommandResult:
        """All of it, once it has ended."""
        return CommandResult(
            self.stdout.decode("utf-8", "replace"), self.stderr.decode("utf-8", "replace"), self.status or _SUCCESS
        )


def exec_request(path: str, command: list[str], container: str = "", *, stdin: bool = False) -> Request:
    """The request that opens an exec.

    Args:
        path: Of the pod's `exec` subresource.
        command: Program and arguments; no shell in between.
        container: Empty for the pod's default one.
        stdin: Whether the command gets input.
    """
    pairs: list[tuple[str, str]] = [("command", word) for word in command]
    if container:
        pairs.append(("container", container))
    if stdin:
        pairs.append(("stdin", "true"))
    return Request("GET", path, (*pairs, ("stdout", "true"), ("stderr", "true")))


def took_too_long(timeout: float) -> WaitTimeout:
    """The error for a command that did not end within so many seconds."""
    return WaitTimeout(
        msg("The command did not end within {timeout:.0f} s.", timeout=timeout),
        why=msg("It was left to itself."),
        next_step=msg("Give it more time with timeout=…, or a command that ends."),
    )
