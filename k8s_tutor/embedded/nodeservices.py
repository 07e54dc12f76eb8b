"""What the API server asks of the nodes: logs, exec, HTTP to a pod.

The kubelets implement it, the API server only forwards: as on a real cluster, where the kubelet answers
`kubectl logs` and `exec` through the API server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from k8s_tutor.objects.types import Obj

Item_co = TypeVar("Item_co", covariant=True)

__all__ = ["ExecSession", "Feed", "HttpAnswer", "HttpRequest", "LogQuery", "NodeServices", "PodPort", "Usage"]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Parameters of `GET …/pods/NAME/log`; see PodLogOptions.

    Attributes:
        container: Name, never empty (the API server has chosen one).
        since: Only lines at or after this moment, seconds since the epoch; None for all.
        tail: Only the last so many lines; None for all.
        limit_bytes: Cut after so many bytes; None for all.
    """

    container: str
    previous: bool = False
    timestamps: bool = False
    since: float | None = None
    tail: int | None = None
    limit_bytes: int | None = None


class Feed(Protocol[Item_co]):
    """Something that goes on arriving: watch events (`{"type", "object"}` dicts) or log text (bytes)."""

    def attach(self, push: Callable[[Item_co], None], done: Callable[[], None]) -> None:
        """Delivers what is there already, then each new item as it comes; `done` once, at the end."""
        ...

    def close(self) -> None:
        """Stops delivering. Safe to call twice."""
        ...


class ExecSession(Protocol):
    """A running `exec` or `attach`."""

    def attach(
        self,
        stdout: Callable[[bytes], None],
        stderr: Callable[[bytes], None],
        done: Callable[[Obj], None],
    ) -> None:
        """Starts it; `done` gets the v1 `Status` that ends the error channel (Success, or NonZeroExitCode)."""
        ...

    def write(self, data: bytes) -> None:
        """Bytes for the command's standard input."""
        ...

    def close_stdin(self) -> None:
        """End of input."""
        ...

    def resize(self, width: int, height: int) -> None:
        """The terminal's new size, in characters."""
        ...

    def close(self) -> None:
        """The client went away: the command gets a hangup."""
        ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request inside the simulated network."""

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a simulated container answered."""

    code: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class PodPort(Protocol):
    """A connection to a port inside a pod, for those who forward ports."""

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | None], None]) -> None:
        """Sends a request; `done` gets the answer when its time has come, None where the program just hung up."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What something used over the latest window of measurement.

    Attributes:
        cpu: In cores.
        memory: In bytes, at the end of the window.
    """

    cpu: float
    memory: int


class NodeServices(Protocol):
    """The kubelets' side of the pod subresources. Errors are `StatusError`s in the kubelet's own words."""

    def logs(self, pod: Obj, query: LogQuery) -> bytes:
        """The log as it stands."""
        ...

    def follow_logs(self, pod: Obj, query: LogQuery) -> Feed[bytes]:
        """The log and all that is to come."""
        ...

    def exec(self, pod: Obj, container: str, command: Sequence[str], *, stdin: bool, tty: bool) -> ExecSession:
        """Runs a command in a container."""
        ...

    def attach(self, pod: Obj, container: str, *, stdin: bool, tty: bool) -> ExecSession:
        """The streams of a container's own process."""
        ...

    def pod_usage(self, pod: Obj) -> Mapping[str, Usage]:
        """What each running container used; empty until all of them have been measured."""
        ...

    def node_usage(self, name: str) -> Usage | None:
        """What a node used, its system included; None for one that is not there."""
        ...

    def ports(self, pod: Obj) -> Callable[[int], PodPort]:
        """Connects to the pod's ports from inside; the result raises ConnectionRefusedError in the runtime's words."""
        ...

    def http(self, pod: Obj, port: int, request: HttpRequest) -> HttpAnswer:
        """An HTTP request to a pod's own address; ConnectionRefusedError where nothing listens."""
        ...
