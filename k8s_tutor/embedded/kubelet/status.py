"""A pod's status from what runs: container statuses, phase, conditions. Pure, and word for word the kubelet's.

Source of the rules: k8s.io/kubernetes 1.37 pkg/kubelet (getPhase, convertToAPIContainerStatuses, status/generate.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.kubelet.container import Container, Runtime, is_sidecar
from k8s_tutor.embedded.kubelet.resources import allocated, total_resources
from k8s_tutor.embedded.kubelet.restarts import should_restart
from k8s_tutor.objects.quantity import qos_class
from k8s_tutor.objects.types import Obj

__all__ = ["Situation", "phase_of", "pod_status", "with_lost"]


# ---- Pending, Running, Succeeded, Failed: the whole life of a pod in one word, from its containers' states


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


# ---- A pod's status from what runs: container statuses, phase, conditions. Pure, and word for word the kubelet's

_OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a status depends on.

    Attributes:
        pod: As it stands in the store, its old status included.
        terminal: The pod is being taken down: nothing will be restarted.
        failure: Reason and message of a verdict over the whole pod (`DeadlineExceeded`), or None.
    """

    pod: Obj
    runtime: Runtime
    host_ip: str
    now: float
    terminal: bool = False
    failure: tuple[str, str] | None = None


def pod_status(about: Situation) -> Obj:
    """The status to write."""
    pod = about.pod
    old: Obj = pod.get("status", {})
    spec = pod["spec"]
    init = [_container_status(about, one, init=True) for one in spec.get("initContainers", [])]
    regular = sorted((_container_status(about, one) for one in spec["containers"]), key=lambda one: str(one["name"]))
    ephemeral = [_container_status(about, one) for one in spec.get("ephemeralContainers", [])]
    phase = phase_of(pod, [*init, *regular], terminal=about.terminal)
    if old.get("phase") in ("Failed", "Succeeded"):
        phase = old["phase"]
    status: Obj = {
        "observedGeneration": pod["metadata"].get("generation", 1),
        "phase": phase,
        "qosClass": qos_class(spec),
        "hostIP": about.host_ip,
        "hostIPs": [{"ip": about.host_ip}],
        "startTime": old.get("startTime") or rfc3339(about.now),
        "containerStatuses": regular,
    }
    if about.failure is not None:
        status |= {"phase": "Failed", "reason": about.failure[0], "message": about.failure[1]}
    elif old.get("reason") and phase == old.get("phase"):
        status |= {key: old[key] for key in ("reason", "message") if old.get(key)}
    if init:
        status["initContainerStatuses"] = init
    if ephemeral:
        status["ephemeralContainerStatuses"] = ephemeral
    status |= _addresses(about)
    status |= total_resources(spec)
    status["conditions"] = _conditions(about, status, [*init, *regular])
    return status


def with_lost(status: Obj, names: Sequence[str]) -> Obj:
    """The status of a pod that ends while these containers never ran: they are told as lost, and it as failed."""
    ended = {
        "exitCode": 137,
        "reason": "ContainerStatusUnknown",
        "message": "The container could not be located when the pod was terminated",
        "startedAt": None,
        "finishedAt": None,
    }
    fields: Obj = {
        field: [{**one, "state": {"terminated": ended}} if one["name"] in names else one for one in status[field]]
        for field in ("initContainerStatuses", "containerStatuses")
        if field in status
    }
    return {**status, "phase": "Failed", **fields}


def _addresses(about: Situation) -> Obj:
    net = about.runtime.net
    address = about.host_ip if about.pod["spec"].get("hostNetwork") else (net.address if net else "")
    if not address:
        kept = about.pod.get("status", {})
        return {key: kept[key] for key in ("podIP", "podIPs") if key in kept}
    return {"podIP": address, "podIPs": [{"ip": address}]}


# --- containers -------------------------------------------------------------------------------------------------------


def _container_status(about: Situation, spec: Obj, *, init: bool = False) -> Obj:
    name = spec["name"]
    attempts = about.runtime.attempts.get(name, [])
    last = attempts[0] if attempts else None
    waits_for_init = bool(about.pod["spec"].get("initContainers"))
    status: Obj = {
        "name": name,
        "image": last.image if last else spec["image"],
        "imageID": last.image_id if last else "",
        "restartCount": last.attempt if last else 0,
        "ready": False,
        "started": False,
        "state": {"waiting": {"reason": "PodInitializing" if waits_for_init else "ContainerCreating"}},
        "lastState": {},
    }
    if last is not None:
        status["containerID"] = last.id
        status["state"] = _state(last)
        status["resources"] = spec.get("resources") or {}
        status |= allocated(spec)
    if len(attempts) > 1:
        status["lastState"] = _state(attempts[1])
    _tell_why(about, spec, status, last)
    if last is not None and last.state == "running":
        status["started"] = last.started
        status["ready"] = last.started and _is_ready(spec, last, init=init)
    elif init and not is_sidecar(spec):
        status["ready"] = status["state"].get("terminated", {}).get("exitCode") == 0
    if spec.get("volumeMounts"):
        status["volumeMounts"] = [_mount(mount) for mount in spec["volumeMounts"]]
    return status


def _is_ready(spec: Obj, container: Container, *, init: bool) -> bool:
    if init and not is_sidecar(spec):
        return False
    return container.ready is True if spec.get("readinessProbe") else True


def _mount(mount: Obj) -> Obj:
    row = {"name": mount["name"], "mountPath": mount["mountPath"]}
    return {**row, "readOnly": True, "recursiveReadOnly": "Disabled"} if mount.get("readOnly") else row


def _state(container: Container) -> Obj:
    if container.state == "created":
        return {"waiting": {}}
    if container.state == "running":
        return {"running": {"startedAt": rfc3339(container.started_at)}}
    ended: Obj = {
        "exitCode": container.exit_code,
        "reason": container.reason,
        "startedAt": rfc3339(container.started_at),
        "finishedAt": rfc3339(container.finished_at),
        "containerID": container.id,
    }
    return {"terminated": {**ended, "message": container.message} if container.message else ended}


def _tell_why(about: Situation, spec: Obj, status: Obj, last: Container | None) -> None:
    """A container that is to be started, and could not be, waits; the reason is that of the last try."""
    why = about.runtime.why.get(spec["name"])
    if about.terminal or why is None or "deletionTimestamp" in about.pod["metadata"]:
        return
    if last is not None and (
        last.state == "running" or (last.state == "exited" and not _starts_again(about, spec, last))
    ):
        return
    if "terminated" in status["state"]:
        status["lastState"] = status["state"]
    reason, message = why
    status["state"] = {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def _starts_again(about: Situation, spec: Obj, last: Container) -> bool:
    return should_restart(spec, about.pod, last.exit_code)


# --- conditions -------------------------------------------------------------------------------------------------------


def _conditions(about: Situation, status: Obj, statuses: Sequence[Obj]) -> list[Obj]:
    old = {row["type"]: row for row in about.pod.get("status", {}).get("conditions", [])}
    foreign = [row for kind, row in old.items() if kind not in _OWN]
    ready = _containers_ready(about, status, statuses)
    rows = {
        "PodReadyToStartContainers": _sandbox_ready(about.runtime),
        "Initialized": _initialized(about, status, statuses),
        "Ready": _gated(about, ready, foreign),
        "ContainersReady": ready,
        "PodScheduled": ("True", "", ""),
    }
    return [*foreign, *(_row(about, kind, words, old.get(kind)) for kind, words in rows.items())]


Words = tuple[str, str, str]
"""Status, reason, message."""


def _row(about: Situation, kind: str, words: Words, old: Obj | None) -> Obj:
    status, reason, message = words
    unchanged = old is not None and old["status"] == status
    row: Obj = {
        "type": kind,
        "status": status,
        "observedGeneration": about.pod["metadata"].get("generation", 1),
        "lastProbeTime": None,
        "lastTransitionTime": old["lastTransitionTime"] if old is not None and unchanged else rfc3339(about.now),
    }
    if reason:
        row["reason"] = reason
    if message:
        row["message"] = message
    return row


def _sandbox_ready(runtime: Runtime) -> Words:
    if runtime.sandbox == "ready":
        return "True", "", ""
    why = "no pod sandbox exists" if runtime.sandbox == "none" else "pod sandbox is not ready"
    return "False", "PodSandboxNotReady", why


def _initialized(about: Situation, status: Obj, statuses: Sequence[Obj]) -> Words:
    by_name = {one["name"]: one for one in statuses}
    if status["phase"] == "Succeeded":
        return "True", "PodCompleted", ""
    incomplete = [
        spec["name"]
        for spec in about.pod["spec"].get("initContainers", [])
        if not by_name[spec["name"]]["started" if is_sidecar(spec) else "ready"]
    ]
    begun = any(_has_run(by_name[spec["name"]]) for spec in about.pod["spec"]["containers"])
    if begun or not incomplete:
        return "True", "", ""
    return "False", "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(incomplete)}]"


def _has_run(status: Obj) -> bool:
    """Whether a container has been started before: it runs, or it has ended."""
    return "running" in status["state"] or "terminated" in status["state"] or bool(status["lastState"])


def _containers_ready(about: Situation, status: Obj, statuses: Sequence[Obj]) -> Words:
    by_name = {one["name"]: one for one in statuses}
    if status["phase"] in ("Succeeded", "Failed"):
        return "False", "PodCompleted" if status["phase"] == "Succeeded" else "PodFailed", ""
    sidecars = [one for one in about.pod["spec"].get("initContainers", []) if is_sidecar(one)]
    unready = [
        one["name"] for one in [*sidecars, *about.pod["spec"]["containers"]] if not by_name[one["name"]]["ready"]
    ]
    if unready:
        return "False", "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]"
    return "True", "", ""


def _gated(about: Situation, ready: Words, foreign: Sequence[Obj]) -> Words:
    """Ready needs the readiness gates too: conditions that somebody else sets."""
    if ready[0] != "True":
        return ready
    held = {row["type"]: row["status"] for row in foreign}
    missing = []
    for gate in about.pod["spec"].get("readinessGates", []):
        kind = gate["conditionType"]
        if kind not in held:
            missing.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif held[kind] != "True":
            missing.append(f'the status of pod readiness gate "{kind}" is not "True", but {held[kind]}')
    return ("False", "ReadinessGatesNotReady", ", ".join(missing)) if missing else ready
