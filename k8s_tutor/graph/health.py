"""How an object is: one row a kind. What has no row is judged by what its own fields say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8s_tutor.graph.custom import custom_health
from k8s_tutor.graph.endpoints import backends
from k8s_tutor.graph.model import UNSAID, EdgeState, Health, State, phrase, verbatim
from k8s_tutor.graph.podhealth import pod_health
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["health_of"]


def health_of(obj: Obj, snapshot: Snapshot) -> Health:
    """State, word and cause of any object.

    Args:
        obj: An object of the snapshot.
        snapshot: What stands around it: Events about it, endpoints behind it.
    """
    if metadata.is_deleting(obj):
        return Health(State.LEAVING, verbatim("Terminating"))
    judge = _JUDGES.get(str(obj.get("kind", "")), _custom)
    return judge(obj, snapshot)


def _pod(obj: Obj, snapshot: Snapshot) -> Health:
    return pod_health(obj, snapshot.events_about(metadata.uid(obj)))


def _replicated(obj: Obj, _snapshot: Snapshot) -> Health:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    wanted = int(1 if spec.get("replicas") is None else spec["replicas"])
    return _counted(obj, int(status.get("readyReplicas") or 0), wanted, int(status.get("replicas") or 0))


def _daemon(obj: Obj, _snapshot: Snapshot) -> Health:
    status = obj.get("status") or {}
    wanted = int(status.get("desiredNumberScheduled") or 0)
    return _counted(obj, int(status.get("numberReady") or 0), wanted, int(status.get("currentNumberScheduled") or 0))


def _counted(obj: Obj, ready: int, wanted: int, present: int) -> Health:
    word = phrase("ready-of", ready, wanted)
    if conditions.status(obj, "Progressing") == "False":
        return Health(State.FAILING, word, verbatim(conditions.message(obj, "Progressing")))
    if conditions.is_true(obj, "ReplicaFailure"):
        return Health(State.FAILING, word, verbatim(conditions.message(obj, "ReplicaFailure")))
    if wanted == 0 and present == 0:
        return Health(State.PLAIN, phrase("no-pods-wanted"))
    status = obj.get("status") or {}
    outdated = int(status.get("updatedReplicas", wanted)) < wanted or _not_seen_yet(obj)
    if ready == wanted == present and not outdated:
        return Health(State.GOOD, word)
    return Health(State.WAITING if present != wanted or outdated else State.UNREADY, word)


def _not_seen_yet(obj: Obj) -> bool:
    generation = (obj.get("metadata") or {}).get("generation", 0)
    return bool((obj.get("status") or {}).get("observedGeneration", generation) != generation)


def _job(obj: Obj, _snapshot: Snapshot) -> Health:
    if conditions.is_true(obj, "Complete"):
        return Health(State.DONE, verbatim("Complete"))
    if conditions.is_true(obj, "Failed"):
        return Health(State.FAILING, verbatim("Failed"), verbatim(conditions.message(obj, "Failed")))
    if conditions.is_true(obj, "Suspended"):
        return Health(State.PLAIN, phrase("suspended"))
    wanted = (obj.get("spec") or {}).get("completions") or 1
    return Health(State.WAITING, phrase("done-of", int((obj.get("status") or {}).get("succeeded") or 0), int(wanted)))


def _cron_job(obj: Obj, _snapshot: Snapshot) -> Health:
    return Health(State.PLAIN, phrase("suspended")) if (obj.get("spec") or {}).get("suspend") else UNSAID


def _service(obj: Obj, snapshot: Snapshot) -> Health:
    if (obj.get("spec") or {}).get("type") == "ExternalName":
        return UNSAID
    behind = backends(obj, snapshot)
    ready = sum(backend.ready for backend in behind)
    if not behind:
        return Health(State.FAILING, phrase("no-endpoints"))
    word = phrase("ready-of", ready, len(behind))
    if ready and not any(backend.state is EdgeState.SOLID for backend in behind):
        return Health(State.FAILING, word, next(backend.cause for backend in behind if backend.ready))
    return Health(State.GOOD if ready == len(behind) else State.UNREADY if ready else State.FAILING, word)


def _node(obj: Obj, _snapshot: Snapshot) -> Health:
    if not conditions.is_true(obj, "Ready"):
        message = conditions.message(obj, "Ready")
        return Health(State.FAILING, phrase("not-ready"), verbatim(message) if message else None)
    if (obj.get("spec") or {}).get("unschedulable"):
        return Health(State.UNREADY, phrase("cordoned"))
    return Health(State.GOOD, phrase("ready"))


def _claim(obj: Obj, _snapshot: Snapshot) -> Health:
    phase = str((obj.get("status") or {}).get("phase") or "Pending")
    states = {"Bound": State.GOOD, "Pending": State.WAITING}
    return Health(states.get(phase, State.FAILING), verbatim(phase))


def _custom(obj: Obj, _snapshot: Snapshot) -> Health:
    return custom_health(obj)


_JUDGES: Mapping[str, Callable[[Obj, Snapshot], Health]] = {
    "Pod": _pod,
    "Deployment": _replicated,
    "ReplicaSet": _replicated,
    "StatefulSet": _replicated,
    "ReplicationController": _replicated,
    "DaemonSet": _daemon,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _claim,
}
