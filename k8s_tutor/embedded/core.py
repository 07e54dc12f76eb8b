"""What every part of the embedded cluster is given: the loop, the store, the API server, the seeded randomness.

Parts read from the store and write through the API server, as on a real cluster; none of them knows another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Protocol, TypeAlias

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.nodeservices import ExecSession, Feed, PodPort
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:  # the store knows nothing of this module; only its name is needed here
    from k8s_tutor.embedded.store import Store

__all__ = ["ADMIN", "APISERVER", "Answer", "ApiHandler", "Core", "PortForward", "Streaming", "Upgrade", "User"]


@dataclass(frozen=True, slots=True)
class User:
    """Who sends a request, after authentication.

    Attributes:
        name: `kubernetes-admin`, `system:serviceaccount:default:default`, …
        groups: In the order in which the server learned them.
        uid: `""` where the user has none.
        extra: What else is known, by key: how the user proved who it is, the pod it speaks from, …
    """

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def info(self) -> Obj:
        """As reviews and webhooks are told: `authentication.k8s.io/v1` UserInfo."""
        info: Obj = {"username": self.name}
        if self.uid:
            info["uid"] = self.uid
        if self.groups:
            info["groups"] = list(self.groups)
        if self.extra:
            info["extra"] = {key: list(values) for key, values in sorted(self.extra)}
        return info


ADMIN = User("kubernetes-admin", ("kubeadm:cluster-admins", "system:authenticated"))
APISERVER = User("system:apiserver", ("system:authenticated", "system:masters"))


@dataclass(frozen=True, slots=True)
class Streaming:
    """An answer that goes on: a watch (dicts, one JSON line each) or followed logs (bytes)."""

    feed: Feed[Obj] | Feed[bytes]
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An answer that becomes a two-way stream (exec, attach).

    Attributes:
        session: What runs at the other end.
        stdin: Whether the client asked to send input; `stdout`, `stderr`: to get those.
        tty: Whether a terminal is between.
    """

    session: ExecSession
    stdin: bool = False
    stdout: bool = True
    stderr: bool = True
    tty: bool = False


@dataclass(frozen=True, slots=True)
class PortForward:
    """An answer that becomes connections to a pod's ports.

    Simulated containers speak HTTP and nothing below it.

    Attributes:
        connect: Opens a connection; ConnectionRefusedError, in the container runtime's words, where nothing listens.
    """

    connect: Callable[[int], PodPort]


Answer: TypeAlias = Response | Streaming | Upgrade | PortForward


class ApiHandler(Protocol):
    """The API server as its in-process callers see it."""

    @property
    def kinds(self) -> KindTable:
        """All kinds served now, custom ones included."""
        ...

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token this is; None for nobody's."""
        ...

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> Answer:
        """Answers one request, now, in the loop's current instant. Errors come back as a `Response` with a `Status`.

        Args:
            request: What is asked.
            user: Who asks.
            acting_as: Whom the user wants to be for this request, if it may.
        """
        ...


@dataclass(frozen=True)
class Core:
    """The shared ground of all parts."""

    loop: Loop
    store: Store
    api: ApiHandler
    random: Random
