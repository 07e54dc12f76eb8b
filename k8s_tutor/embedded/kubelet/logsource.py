"""Which container's log is meant, read off the pod's status as the kubelet reads it."""

from __future__ import annotations

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.objects.types import Obj

__all__ = ["shown_container"]

_FIELDS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def shown_container(pod: Obj, name: str, *, previous: bool) -> str:
    """The id of the container whose log to show.

    Raises:
        StatusError: 400, in the kubelet's words: there is none yet, or no earlier one.
    """
    who = f'container "{name}" in pod "{pod["metadata"]["name"]}"'
    status = _status_of(pod, name)
    if status is None:
        raise _refused(f"{who} is not available")
    last = (status.get("lastState") or {}).get("terminated") or {}
    state = status.get("state") or {}
    if previous:
        if not last.get("containerID"):
            raise _refused(f"previous terminated {who} not found")
        return str(last["containerID"])
    if "running" in state:
        return str(status["containerID"])
    ended = state.get("terminated")
    if ended is not None or last:
        found = (ended or {}).get("containerID") or last.get("containerID")
        if not found:
            raise _refused(f"{who} is terminated")
        return str(found)
    raise _refused(f"{who} is {_waiting(state)}")


def _waiting(state: Obj) -> str:
    if "waiting" not in state:
        return "waiting to start - no logs yet"
    reason = state["waiting"].get("reason", "")
    words = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}
    return f"waiting to start: {words.get(reason, reason)}"


def _status_of(pod: Obj, name: str) -> Obj | None:
    for field in _FIELDS:
        for status in pod.get("status", {}).get(field) or []:
            if status["name"] == name:
                found: Obj = status
                return found
    return None


def _refused(words: str) -> StatusError:
    return StatusError(failure(400, "BadRequest", words))
