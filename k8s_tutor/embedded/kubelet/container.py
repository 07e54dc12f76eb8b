"""Containers as the runtime knows them: every attempt, its process, its log, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.images.permissions import DIRECTORY, Attributes
from k8s_tutor.embedded.images.tree import Volume
from k8s_tutor.embedded.kubelet.logs import Log
from k8s_tutor.embedded.kubelet.process import Machine, Process
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.objects.types import Obj

__all__ = ["Container", "PodTokens", "Runtime", "container_specs", "field_path", "is_sidecar", "spec_of"]


# ---- The tokens that a kubelet puts into its pods: asked for when first needed, and again before they get old

_USED_UP = 0.8  # of its time: then a token is renewed, as pkg/kubelet/token of k8s.io/kubernetes does
_SECONDS = 3600


class PodTokens:
    """The tokens of one pod, by audience and duration."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[bytes, float]] = {}

    def get(self, api: Local, pod: Obj, projection: Obj, now: float) -> bytes:
        """A token for a `serviceAccountToken` of a projected volume.

        Raises:
            StatusError: the API server gave none.
        """
        key = (projection.get("audience", ""), projection.get("expirationSeconds", _SECONDS))
        token, renewal = self._known.get(key, (b"", 0.0))
        if now < renewal:
            return token
        metadata = pod["metadata"]
        bound = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
        spec: Obj = {"expirationSeconds": key[1], "boundObjectRef": bound}
        if key[0]:
            spec["audiences"] = [key[0]]
        answer = api.token(metadata["namespace"], pod["spec"].get("serviceAccountName") or "default", spec)
        token = str(answer["status"]["token"]).encode()
        self._known[key] = (token, now + key[1] * _USED_UP)
        return token

    def renewal(self) -> float | None:
        """When the first of them is to be renewed, in seconds since the Unix epoch; None where there are none."""
        return min((when for _, when in self._known.values()), default=None)


# ---- Containers as the runtime knows them: every attempt, its process, its log, how it ended


@dataclass(slots=True)
class Container:
    """One attempt at one container of a pod.

    Attributes:
        state: `created` from creation to start; `exited` also where the start failed.
        started: The startup probe (if any) has passed.
        ready: The readiness probe's verdict; None where no probe has spoken.
        on_end: Called once the runtime says that it has ended.
        probe_failure: The probe (`liveness`, `startup`) that condemned it.
    """

    name: str
    attempt: int
    id: str
    image: str
    image_id: str
    log: Log
    state: Literal["created", "running", "exited"] = "created"
    created_at: float = 0.0
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    started: bool = False
    ready: bool | None = None
    probe_failure: str = ""
    out_of_memory: bool = False
    on_end: list[Callable[[], None]] = field(default_factory=list)
    machine: Machine | None = None
    process: Process | None = None


@dataclass(slots=True)
class Runtime:
    """What runs of one pod.

    Attributes:
        sandbox: `none` before it was made, `ready`, `stopped`.
        net: The pod's network, once the sandbox is there.
        volumes: By name, once mounted.
        attempts: By container name, the latest first; the last two are kept.
        tokens: Those in its volumes.
        shared_memory: Its `/dev/shm`, which all its containers see.
        why: Reason and message a container could not be started with, by name; shown until it starts.
    """

    sandbox: Literal["none", "ready", "stopped"] = "none"
    net: Namespace | None = None
    volumes: dict[str, Volume] = field(default_factory=dict)
    attempts: dict[str, list[Container]] = field(default_factory=dict)
    tokens: PodTokens = field(default_factory=PodTokens)
    shared_memory: Volume = field(default_factory=lambda: Volume(about={"": Attributes(mode=DIRECTORY | 0o1777)}))
    why: dict[str, tuple[str, str]] = field(default_factory=dict)

    def latest(self, name: str) -> Container | None:
        """The latest attempt."""
        attempts = self.attempts.get(name)
        return attempts[0] if attempts else None

    def add(self, container: Container) -> None:
        """Notes a new attempt."""
        attempts = self.attempts.setdefault(container.name, [])
        attempts.insert(0, container)
        del attempts[2:]

    def running(self) -> list[Container]:
        """What runs now, in the order of first creation."""
        return [attempts[0] for attempts in self.attempts.values() if attempts[0].state == "running"]


def container_specs(pod: Obj) -> Sequence[Obj]:
    """Init containers, containers, ephemeral containers, in order."""
    spec = pod["spec"]
    return [*spec.get("initContainers", []), *spec["containers"], *spec.get("ephemeralContainers", [])]


def spec_of(pod: Obj, name: str) -> Obj | None:
    """A container's spec by name."""
    return next((spec for spec in container_specs(pod) if spec["name"] == name), None)


def is_sidecar(spec: Obj) -> bool:
    """Whether an init container stays on beside the others."""
    return bool(spec.get("restartPolicy") == "Always")


def field_path(pod: Obj, name: str) -> str:
    """Where in the pod an event's container stands: `spec.containers{web}`."""
    for section in ("containers", "initContainers", "ephemeralContainers"):
        if any(spec["name"] == name for spec in pod["spec"].get(section, [])):
            return f"spec.{section}{{{name}}}"
    return ""
