"""What `kubectl get pods` says of a pod: the word under STATUS, how many containers are ready, how often restarted.

The word is not a field of the pod: it is worked out from the phase, the containers' states and the deletion.
Rules: the API server's table printer, checked against a real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj

__all__ = ["PodStatus", "pod_status", "pod_word"]


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
    return word if status.get("phase") in ("Succeeded", "Failed") else "Terminating"


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
        tally.word = "Running" if conditions.is_true(pod, "Ready") else "NotReady"


def _statuses_of(status: Obj, names: list[str]) -> Iterator[Obj]:
    return (row for row in status.get("initContainerStatuses") or () if row.get("name") in names)


def _ending(ended: Obj) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"
