"""Facts read off a Pod object: its containers, what they wait for, how they ended.

Field names are those of kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1.
"""

from __future__ import annotations

from k8s_tutor.objects.types import Obj

__all__ = [
    "BROKEN",
    "container",
    "container_names",
    "last_exit",
    "phase",
    "reasons",
    "summary",
    "waiting",
]

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
    """Pending, Running, Succeeded, Failed or Unknown."""
    return str(pod.get("status", {}).get("phase", "Pending"))


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


def reasons(pod: Obj) -> list[str]:
    """Every reason the pod's status names: its own, of conditions that are not met, of its containers' states."""
    status = pod.get("status", {})
    found = [status.get("reason", "")]
    found += [item.get("reason", "") for item in status.get("conditions", []) if item.get("status") != "True"]
    for item in _statuses(pod):
        found += [state.get("reason", "") for state in item.get("state", {}).values()]
    return [str(reason) for reason in found if reason]


def summary(pod: Obj) -> str:
    """The pod's state in a few words: `pod/web is Running, 1 of 1 containers ready`."""
    name = pod["metadata"]["name"]
    statuses = pod.get("status", {}).get("containerStatuses", [])
    ready = sum(bool(item.get("ready")) for item in statuses)
    total = len(pod["spec"].get("containers", []))
    word, _ = waiting(pod)
    text = f"pod/{name} is {phase(pod)}"
    if word:
        text += f" ({word})"
    if phase(pod) in ("Succeeded", "Failed"):
        code = last_exit(pod)
        return text if code is None else f"{text}, exit code {code}"
    return f"{text}, {ready} of {total} container{'s' if total != 1 else ''} ready"
