"""What `kubectl get pods` says of a pod: the word under STATUS, how many containers are ready, how often restarted.

The word is not a field of the pod: it is worked out from the phase, the containers' states and the deletion.
Rules: the API server's table printer, checked against a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "BROKEN",
    "DEFAULT_SCHEDULER",
    "EVERYWHERE",
    "STAND_IN",
    "STAND_IN_GLYPH",
    "HostPort",
    "PodStatus",
    "address_of",
    "container",
    "container_names",
    "ended_with",
    "host_ports",
    "host_ports_clash",
    "is_behind",
    "is_ready",
    "is_stand_in",
    "is_terminal",
    "last_exit",
    "of_containers",
    "phase",
    "pod_status",
    "pod_word",
    "reasons",
    "waiting",
]


EVERYWHERE = "0.0.0.0"


# ---- What `kubectl get pods` says of a pod: the word under STATUS, how many containers are ready, how often restarted
#
# The word is not a field of the pod: it is worked out from the phase, the containers' states and the deletion.
# Rules: the API server's table printer, checked against a real one.


class PodStatus(NamedTuple):
    """A pod in a line.

    Attributes:
        word: `Running`, `ContainerCreating`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`, …
        ready: Containers that are ready.
        total: Containers that ought to be, sidecars included.
        restarts: Restarts of the containers that count at this stage of its life.
        last_restart: When the latest of them ended, seconds since the epoch; None if never.
    """

    word: str
    ready: int
    total: int
    restarts: int
    last_restart: float | None


def pod_word(pod: Obj) -> str:
    """The word under STATUS."""
    return pod_status(pod).word


def pod_status(pod: Obj) -> PodStatus:
    """The pod in a line."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    before = spec.get("initContainers") or ()
    sidecars = [row["name"] for row in before if row.get("restartPolicy") == "Always"] if before else []
    tally = _Tally(_first_word(pod, status))
    initializing = bool(before) and _count_init(tally, status, sidecars, len(before))
    if not initializing or conditions.is_true(pod, "Initialized"):
        _count_containers(tally, pod, status, sidecars)
    total = len(spec.get("containers") or ()) + len(sidecars)
    return PodStatus(_last_word(tally.word, pod, status), tally.ready, total, tally.restarts, tally.last_restart)


class _Tally:
    """What has been counted so far."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.ready = 0
        self.restarts = 0
        self.last_restart: float | None = None

    def add_restarts(self, container: Obj) -> None:
        self.restarts += int(container.get("restartCount", 0))
        ended = ((container.get("lastState") or {}).get("terminated") or {}).get("finishedAt")
        if ended:
            self.last_restart = max(self.last_restart or 0.0, from_rfc3339(ended))

    def forget_restarts(self) -> None:
        self.restarts, self.last_restart = 0, None


def _first_word(pod: Obj, status: Obj) -> str:
    if conditions.reason(pod, "PodScheduled") == "SchedulingGated":
        return "SchedulingGated"
    return str(status.get("reason") or status.get("phase", ""))


def _last_word(word: str, pod: Obj, status: Obj) -> str:
    if not metadata.is_deleting(pod):
        return word
    if status.get("reason") == "NodeLost":
        return "Unknown"
    return word if is_terminal(pod) else "Terminating"


def _count_init(tally: _Tally, status: Obj, sidecars: list[str], count: int) -> bool:
    """Walks the init containers up to the one that holds the pod back; False when none does."""
    for index, container in enumerate(status.get("initContainerStatuses") or ()):
        tally.add_restarts(container)
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), (state.get("waiting") or {}).get("reason", "")
        if ended is not None and ended.get("exitCode", 0) == 0:
            continue
        if container.get("name") in sidecars and container.get("started"):
            tally.ready += bool(container.get("ready"))
            continue
        if ended is not None:
            tally.word = "Init:" + _ending(ended)
        elif waiting and waiting != "PodInitializing":
            tally.word = f"Init:{waiting}"
        else:
            tally.word = f"Init:{index}/{count}"
        return True
    return False


def _count_containers(tally: _Tally, pod: Obj, status: Obj, sidecars: list[str]) -> None:
    tally.forget_restarts()
    for container in _statuses_of(status, sidecars):
        tally.add_restarts(container)
    running = False
    for container in reversed(status.get("containerStatuses") or ()):
        tally.add_restarts(container)
        state = container.get("state") or {}
        waiting = (state.get("waiting") or {}).get("reason", "")
        if waiting:
            tally.word = waiting
        elif state.get("terminated") is not None:
            tally.word = _ending(state["terminated"])
        elif container.get("ready") and state.get("running") is not None:
            running = True
            tally.ready += 1
    if tally.word == "Completed" and running:  # some have finished, others go on
        tally.word = "Running" if is_ready(pod) else "NotReady"


def _statuses_of(status: Obj, names: list[str]) -> Iterator[Obj]:
    return (row for row in status.get("initContainerStatuses") or () if row.get("name") in names)


def _ending(ended: Obj) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


# ---- What the containers of a pod need together
#
# See kubernetes.io/docs/concepts/workloads/pods/sidecar-containers (Resource sharing within containers).

Amounts = TypeVar("Amounts")


def of_containers(
    spec: Obj,
    none: Amounts,
    of: Callable[[Obj], Amounts],
    add: Callable[[Amounts, Amounts], Amounts],
    larger: Callable[[Amounts, Amounts], Amounts],
) -> Amounts:
    """The sum over what runs side by side, or more where starting up needs more.

    Sidecars (init containers that restart always) count with both.

    Args:
        spec: The pod's.
        none: No amounts at all.
        of: What one container needs.
        add: Of two amounts the sum.
        larger: Of two amounts the larger, resource by resource.
    """
    total = sidecars = peak = none
    for container in spec.get("containers") or ():
        total = add(total, of(container))
    for container in spec.get("initContainers") or ():
        asked = of(container)
        if container.get("restartPolicy") == "Always":
            sidecars = asked = add(sidecars, asked)
        else:
            asked = add(asked, sidecars)
        peak = larger(peak, asked)
    return larger(add(total, sidecars), peak)


# ---- Facts read off a Pod object: its containers, what they wait for, how they ended
#
# Field names are those of kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1.

DEFAULT_SCHEDULER = "default-scheduler"
"""Who places pods that name nobody."""

BROKEN = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "CrashLoopBackOff",
    "RunContainerError",
    "CreateContainerError",
    "CreateContainerConfigError",
)
"""Waiting reasons that do not go away by waiting alone."""


def phase(pod: Obj) -> str:
    """Pending, Running, Succeeded, Failed or Unknown; `""` of an object that no server has seen."""
    return str((pod.get("status") or {}).get("phase", ""))


def is_terminal(pod: Obj) -> bool:
    """Whether it has ended for good: its phase is Succeeded or Failed."""
    return phase(pod) in ("Succeeded", "Failed")


def is_ready(pod: Obj) -> bool:
    """Whether its condition Ready is True."""
    return conditions.is_true(pod, "Ready")


_CATCHING_UP = 5.0
"""Seconds that a kubelet may take to say what has come of a change: it starts containers at once, looks each second."""


def is_behind(pod: Obj, now: float) -> bool:
    """Whether its spec was changed a moment ago, so that what the status says of its containers may be from before.

    `observedGeneration` alone does not tell: a kubelet that has seen the change repeats why a container waited until
    it has tried the new one.

    Args:
        pod: As the API has it, with its managed fields.
        now: The cluster's time, seconds since the epoch.
    """
    generation = pod["metadata"].get("generation", 1)
    if generation > (pod.get("status") or {}).get("observedGeneration", generation):
        return True
    entries = pod["metadata"].get("managedFields") or ()
    changed = [from_rfc3339(one["time"]) for one in entries if one.get("time") and not one.get("subresource")]
    return generation > 1 and any(0 <= now - time < _CATCHING_UP for time in changed)


def address_of(pod: Obj) -> str:
    """Its address; `""` while it has none."""
    return str((pod.get("status") or {}).get("podIP") or "")


def container_names(pod: Obj) -> list[str]:
    """The names of the ordinary containers, in order."""
    return [str(item.get("name", "")) for item in pod["spec"].get("containers", [])]


def container(pod: Obj, name: str = "") -> Obj | None:
    """A container of the spec by name; the first one without a name."""
    containers: list[Obj] = pod["spec"].get("containers", [])
    return next((item for item in containers if not name or item.get("name") == name), None)


def _statuses(pod: Obj) -> list[Obj]:
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def waiting(pod: Obj, name: str = "") -> tuple[str, str]:
    """Reason and message of the first container that waits for something out of the ordinary (or of the named one)."""
    for status in _statuses(pod):
        state = status.get("state", {}).get("waiting")
        if state and (not name or status["name"] == name) and (name or state.get("reason") in BROKEN):
            return str(state.get("reason", "")), str(state.get("message", ""))
    return "", ""


def last_exit(pod: Obj, name: str = "") -> int | None:
    """The exit code of a container's latest end, or None while it has not ended yet."""
    for status in _statuses(pod):
        if name and status["name"] != name:
            continue
        for state in (status.get("state", {}), status.get("lastState", {})):
            if "terminated" in state:
                return int(state["terminated"].get("exitCode", 0))
    return None


def ended_with(pod: Obj) -> list[int]:
    """The exit codes of its ordinary containers that have ended, and are not started again, or not yet."""
    rows = (pod.get("status") or {}).get("containerStatuses") or ()
    ends = [(row.get("state") or {}).get("terminated") for row in rows]
    return [int(end.get("exitCode", 0)) for end in ends if end]


def reasons(pod: Obj) -> list[str]:
    """Every reason the pod's status names: its own, of conditions that are not met, of its containers' states."""
    status = pod.get("status", {})
    found = [status.get("reason", "")]
    found += [item.get("reason", "") for item in status.get("conditions", []) if item.get("status") != "True"]
    for item in _statuses(pod):
        found += [state.get("reason", "") for state in item.get("state", {}).values()]
    return [str(reason) for reason in found if reason]


# ---- Stand-ins: images that there are and that the embedded cluster does not simulate

STAND_IN = "k8s-tutor.dev/stand-in"
"""What the `imageID` of a container begins with that runs something else in its image's place."""

STAND_IN_GLYPH = "◫"
"""Its mark in pictures and lists."""


def is_stand_in(status: Obj | None) -> bool:
    """Whether a container, by its status, runs a stand-in."""
    return str((status or {}).get("imageID", "")).startswith(f"{STAND_IN}/")


# ---- Ports of the node that a pod takes for itself


class HostPort(NamedTuple):
    """One of them.

    Attributes:
        address: The node's address it is taken at; `0.0.0.0` for all.
        container_port: Where it leads.
    """

    protocol: str
    port: int
    address: str
    container_port: int


def host_ports(pod: Obj) -> Iterator[HostPort]:
    """The node's ports that a pod asks for."""
    for container_ in pod["spec"]["containers"]:
        for row in container_.get("ports") or ():
            if row.get("hostPort"):
                address = row.get("hostIP") or EVERYWHERE
                yield HostPort(row.get("protocol", "TCP"), int(row["hostPort"]), address, int(row["containerPort"]))


def host_ports_clash(pod: Obj, others: Iterable[Obj]) -> bool:
    """Whether one of the others has a port of the node that the pod asks for."""
    wanted = list(host_ports(pod))
    taken = [row for other in others for row in host_ports(other)] if wanted else []
    return any(_clash(one, two) for one in wanted for two in taken)


def _clash(one: HostPort, two: HostPort) -> bool:
    same = (one.protocol, one.port) == (two.protocol, two.port)
    return same and (one.address == two.address or EVERYWHERE in (one.address, two.address))
