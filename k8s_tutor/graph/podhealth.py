"""How a pod and its containers are: the words of `kubectl get pods`, with state and cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from k8s_tutor.graph.model import Health, Part, Phrase, State, phrase, verbatim
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.podstatus import pod_word
from k8s_tutor.objects.types import Obj

__all__ = ["container_health", "containers", "has_readiness_probe", "pod_health", "restarts"]

_ON_THE_WAY = ("Pending", "ContainerCreating", "PodInitializing", "SchedulingGated")
_RUNNING = ("Running", "NotReady")
_DONE = ("Completed", "Succeeded")
_PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
_ROLES = {
    "initContainers": "init-container",
    "containers": "container",
    "ephemeralContainers": "ephemeral-container",
}
_INIT_COUNT = re.compile(r"Init:\d+/\d+$")
_STATUS_CODE = re.compile(r"statuscode: (\d+)")


def pod_health(pod: Obj, events: Sequence[Obj] = ()) -> Health:
    """State, word and cause of a pod.

    The word is kubectl's, but for a running pod with a readiness probe: that one is "Ready" or "Not ready".

    Args:
        pod: The pod.
        events: Events about it, the latest last: they know what a probe answered.
    """
    if metadata.is_deleting(pod):
        return Health(State.LEAVING, verbatim("Terminating"))
    word = pod_word(pod)
    if word in _RUNNING:
        return _running(pod, events)
    if word in _DONE:
        return Health(State.DONE, verbatim(word))
    if word not in _ON_THE_WAY and not _INIT_COUNT.match(word):
        return Health(State.FAILING, verbatim(word), _killed(events) or _failure(pod))
    if conditions.reason(pod, "PodScheduled") == "Unschedulable":
        return Health(State.UNREADY, verbatim(word), _unschedulable(pod))
    return Health(State.WAITING, verbatim(word))


def _running(pod: Obj, events: Sequence[Obj]) -> Health:
    if conditions.is_true(pod, "Ready"):
        return Health(State.GOOD, phrase("ready") if has_readiness_probe(pod) else verbatim("Running"))
    return Health(State.UNREADY, phrase("not-ready"), _unready_cause(pod, events))


def container_health(spec: Obj, status: Obj | None, *, init: bool = False) -> Health:
    """State, word and cause of one container.

    Args:
        spec: Its entry in the pod's spec.
        status: Its entry in `containerStatuses`, None before the kubelet has written one.
        init: It is an init container, which is never ready while it runs.
    """
    state: Obj = (status or {}).get("state") or {}
    if "running" in state:
        if init or (status or {}).get("ready"):
            return Health(State.GOOD, phrase("running-ready") if "readinessProbe" in spec else verbatim("Running"))
        return Health(State.UNREADY, phrase("running-not-ready"))
    if ended := state.get("terminated"):
        word = verbatim(str(ended.get("reason") or "Terminated"))
        if ended.get("exitCode") == 0:
            return Health(State.DONE, word)
        return Health(State.FAILING, word, _exit(ended))
    reason = str((state.get("waiting") or {}).get("reason") or "Waiting")
    if reason in (*_ON_THE_WAY, "Waiting"):
        return Health(State.WAITING, verbatim(reason))
    return Health(State.FAILING, verbatim(reason), _waiting_cause(spec, status or {}))


def containers(pod: Obj) -> tuple[Part, ...]:
    """A pod's containers as parts of its card: init containers first, then the others, then ephemeral ones."""
    return tuple(
        Part(
            id=f"{metadata.uid(pod)}/{spec.get('name', '')}",
            kind=phrase(role),
            name=str(spec.get("name", "")),
            health=container_health(spec, status, init=role == "init-container"),
            facts=_container_facts(spec, status or {}),
        )
        for role, spec, status in _containers(pod)
    )


def restarts(pod: Obj) -> int:
    """How often the pod's containers were restarted, all together."""
    return sum(int((status or {}).get("restartCount", 0)) for _role, _spec, status in _containers(pod))


def has_readiness_probe(pod: Obj) -> bool:
    """Whether anything but "it runs" decides that the pod is ready."""
    spec = pod.get("spec") or {}
    return bool(spec.get("readinessGates")) or any("readinessProbe" in row for _role, row, _status in _containers(pod))


def _containers(pod: Obj) -> Iterator[tuple[str, Obj, Obj | None]]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for field, role in _ROLES.items():
        singular = field.removesuffix("s")
        statuses = {row.get("name"): row for row in status.get(f"{singular}Statuses") or ()}
        for row in spec.get(field) or ():
            sidecar = role == "init-container" and row.get("restartPolicy") == "Always"
            yield "sidecar" if sidecar else role, row, statuses.get(row.get("name"))


def _container_facts(spec: Obj, status: Obj) -> tuple[Phrase, ...]:
    facts = [verbatim(str(spec.get("image", "")))]
    if count := int(status.get("restartCount", 0)):
        facts.append(phrase("restarts", count) if count > 1 else phrase("one-restart"))
    return tuple(facts)


def _unready_cause(pod: Obj, events: Sequence[Obj]) -> Phrase | None:
    waiting = [(spec, status or {}) for _role, spec, status in _containers(pod) if not (status or {}).get("ready")]
    for spec, status in waiting:
        health = container_health(spec, status)
        if health.cause is not None:
            return health.cause
    for event in reversed(events):
        if event.get("reason") == "Unhealthy" and (cause := _probe(str(event.get("message", "")))):
            return cause
    if any("startupProbe" in spec and not status.get("started") for spec, status in waiting):
        return phrase("startup-waiting")
    if any("readinessProbe" in spec for spec, _status in waiting):
        return phrase("readiness-waiting")
    message = conditions.message(pod, "Ready")
    return verbatim(message) if message else None


def _killed(events: Sequence[Obj]) -> Phrase | None:
    """The liveness probe's last answer, where the kubelet's last word on this pod's containers is that it failed."""
    for event in reversed(events):
        message = str(event.get("message", ""))
        if event.get("reason") == "Unhealthy" and message.startswith("Liveness probe failed"):
            return _probe(message)
        if event.get("reason") in ("Failed", "Pulling"):
            return None
    return None


def _probe(message: str) -> Phrase | None:
    kind, _, answer = message.partition(" probe failed: ")
    if kind not in ("Readiness", "Startup", "Liveness"):
        return None
    probe = kind.lower()
    if code := _STATUS_CODE.search(answer):
        return phrase(f"{probe}-code", code.group(1))
    if "connection refused" in answer:
        return phrase(f"{probe}-refused")
    if "context deadline exceeded" in answer or "timed out" in answer:
        return phrase(f"{probe}-late")
    first = answer.strip().partition("\n")[0]
    return phrase(f"{probe}-says", first) if first else phrase(f"{probe}-failed")


def _unschedulable(pod: Obj) -> Phrase:
    message = conditions.message(pod, "PodScheduled").partition(". preemption:")[0]
    _, _, reasons = message.partition(" nodes are available: ")
    clauses = sorted((reasons or message).rstrip(".").split(", "), key=lambda clause: "Insufficient" not in clause)
    return phrase("no-node", ", ".join(clauses))  # what is short first: a card has room for one line


def _failure(pod: Obj) -> Phrase | None:
    for _role, spec, status in _containers(pod):
        if status is not None and (cause := _waiting_cause(spec, status)):
            return cause
    message = str((pod.get("status") or {}).get("message") or "")
    return verbatim(message) if message else None


def _waiting_cause(spec: Obj, status: Obj) -> Phrase | None:
    state: Obj = status.get("state") or {}
    waiting = state.get("waiting") or {}
    reason = str(waiting.get("reason") or "")
    if reason in _PULLING:
        return phrase("cannot-pull", str(spec.get("image", "")))
    if reason == "CrashLoopBackOff":
        return _exit((status.get("lastState") or {}).get("terminated") or {})
    if reason and reason not in _ON_THE_WAY:
        return verbatim(str(waiting.get("message") or reason))
    ended = state.get("terminated")
    return _exit(ended) if ended and ended.get("exitCode") else None


def _exit(ended: Obj) -> Phrase | None:
    if ended.get("reason") == "OOMKilled":
        return phrase("out-of-memory", int(ended.get("exitCode", 137)))
    if "exitCode" in ended:
        return phrase("exit-code", int(ended["exitCode"]))
    return None
