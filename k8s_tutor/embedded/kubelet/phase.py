"""Pending, Running, Succeeded, Failed: the whole life of a pod in one word, from its containers' states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s_tutor.embedded.kubelet.container import is_sidecar
from k8s_tutor.embedded.kubelet.restarts import should_restart
from k8s_tutor.objects.types import Obj

__all__ = ["phase_of"]


@dataclass(slots=True)
class _Count:
    running: int = 0
    waiting: int = 0
    stopped: int = 0
    succeeded: int = 0
    for_good: int = 0


def phase_of(pod: Obj, statuses: Sequence[Obj], *, terminal: bool) -> str:
    """The pod's phase.

    Args:
        pod: Its spec says what is restarted.
        statuses: Of init and regular containers.
        terminal: The pod is being taken down.
    """
    by_name = {status["name"]: status for status in statuses}
    init = [spec for spec in pod["spec"].get("initContainers", []) if not is_sidecar(spec)]
    sidecars = [spec for spec in pod["spec"].get("initContainers", []) if is_sidecar(spec)]
    pending, failed = _initialisation(pod, init, by_name)
    if failed:
        return "Failed"
    count = _count(pod, by_name)
    begun = count.running + count.stopped > 0
    if pending or (not begun and any(not by_name[one["name"]]["started"] for one in sidecars)) or count.waiting:
        return "Pending"
    if count.running or any("running" in by_name[one["name"]]["state"] for one in sidecars):
        return "Running"
    if terminal:
        return "Succeeded" if count.stopped == count.succeeded else "Failed"
    if count.stopped != count.for_good:
        return "Running"
    return "Succeeded" if count.stopped == count.succeeded else "Failed"


def _initialisation(pod: Obj, init: Sequence[Obj], by_name: dict[str, Obj]) -> tuple[bool, bool]:
    """Whether some init container has not finished; whether one has failed for good."""
    pending = False
    for spec in init:
        status = by_name[spec["name"]]
        ended = status["state"].get("terminated") or status["lastState"].get("terminated")
        if "running" in status["state"] or ended is None:
            pending = True
        elif ended["exitCode"] != 0:
            if not should_restart(spec, pod, ended["exitCode"]):
                return False, True
            pending = True
    return pending, False


def _count(pod: Obj, by_name: dict[str, Obj]) -> _Count:
    count = _Count()
    for spec in pod["spec"]["containers"]:
        status = by_name[spec["name"]]
        ended = status["state"].get("terminated")
        if "waiting" in status["state"]:
            before = status["lastState"].get("terminated")
            if before is None:
                count.waiting += 1
                continue
            count.stopped += 1
            count.for_good += not should_restart(spec, pod, before["exitCode"])
        elif ended is not None:
            count.stopped += 1
            count.succeeded += ended["exitCode"] == 0
            count.for_good += not should_restart(spec, pod, ended["exitCode"])
        else:
            count.running += 1
    return count
