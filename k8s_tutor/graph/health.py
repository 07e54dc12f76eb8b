"""How pods, their containers and custom resources are: state, word and cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from k8s_tutor.graph.model import UNSAID, Health, Part, State
from k8s_tutor.language import Message, Wording, msg, msg_n, msg_template
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.pods import STAND_IN_GLYPH, is_ready, is_stand_in, pod_word
from k8s_tutor.objects.types import Obj

__all__ = [
    "CANNOT_PULL",
    "container_health",
    "containers",
    "custom_facts",
    "custom_health",
    "has_readiness_probe",
    "pod_health",
    "restarts",
]


# ---- How a pod and its containers are: the words of `kubectl get pods`, with state and cause

_ON_THE_WAY = ("Pending", "ContainerCreating", "PodInitializing", "SchedulingGated")
_RUNNING = ("Running", "NotReady")
_DONE = ("Completed", "Succeeded")
_PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
CANNOT_PULL = msg_template("cannot pull {image}")
"""Why there is no image: its name stands at the end."""
_INIT = msg("Init container")
_ROLES = {
    "initContainers": _INIT,
    "containers": msg("Container"),
    "ephemeralContainers": msg("Ephemeral container"),
}
_PROBES: Mapping[str, Mapping[str, Message]] = {
    "Readiness": {
        "code": msg_template("readiness probe {code}"),
        "refused": msg("readiness probe: connection refused"),
        "late": msg("readiness probe: no answer in time"),
        "says": msg_template("readiness probe: {answer}"),
        "failed": msg("readiness probe failed"),
    },
    "Startup": {
        "code": msg_template("startup probe {code}"),
        "refused": msg("startup probe: connection refused"),
        "late": msg("startup probe: no answer in time"),
        "says": msg_template("startup probe: {answer}"),
        "failed": msg("startup probe failed"),
    },
    "Liveness": {
        "code": msg_template("liveness probe {code}"),
        "refused": msg("liveness probe: connection refused"),
        "late": msg("liveness probe: no answer in time"),
        "says": msg_template("liveness probe: {answer}"),
        "failed": msg("liveness probe failed"),
    },
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
        return Health(State.LEAVING, "Terminating")
    word = pod_word(pod)
    if word in _RUNNING:
        return _running(pod, events)
    if word in _DONE:
        return Health(State.DONE, word)
    if word not in _ON_THE_WAY and not _INIT_COUNT.match(word):
        return Health(State.FAILING, word, _killed(events) or _failure(pod))
    if conditions.reason(pod, "PodScheduled") == "Unschedulable":
        return Health(State.UNREADY, word, _unschedulable(pod))
    return Health(State.WAITING, word)


def _running(pod: Obj, events: Sequence[Obj]) -> Health:
    if is_ready(pod):
        return Health(State.GOOD, msg("Ready") if has_readiness_probe(pod) else "Running")
    return Health(State.UNREADY, msg("Not ready"), _unready_cause(pod, events))


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
            return Health(State.GOOD, msg("Running, ready") if "readinessProbe" in spec else "Running")
        return Health(State.UNREADY, msg("Running, not ready"))
    if ended := state.get("terminated"):
        word = str(ended.get("reason") or "Terminated")
        if ended.get("exitCode") == 0:
            return Health(State.DONE, word)
        return Health(State.FAILING, word, _exit(ended))
    reason = str((state.get("waiting") or {}).get("reason") or "Waiting")
    if reason in (*_ON_THE_WAY, "Waiting"):
        return Health(State.WAITING, reason)
    return Health(State.FAILING, reason, _waiting_cause(spec, status or {}))


def containers(pod: Obj) -> tuple[Part, ...]:
    """A pod's containers as parts of its card: init containers first, then the others, then ephemeral ones."""
    return tuple(
        Part(
            id=f"{metadata.uid(pod)}/{spec.get('name', '')}",
            kind=role,
            name=str(spec.get("name", "")),
            health=container_health(spec, status, init=role == _INIT),
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


def _containers(pod: Obj) -> Iterator[tuple[Message, Obj, Obj | None]]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for field, role in _ROLES.items():
        singular = field.removesuffix("s")
        statuses = {row.get("name"): row for row in status.get(f"{singular}Statuses") or ()}
        for row in spec.get(field) or ():
            sidecar = field == "initContainers" and row.get("restartPolicy") == "Always"
            yield msg("Sidecar") if sidecar else role, row, statuses.get(row.get("name"))


def _container_facts(spec: Obj, status: Obj) -> tuple[Wording, ...]:
    facts: list[Wording] = [str(spec.get("image", ""))]
    if is_stand_in(status):
        facts.append(msg("{glyph} stand-in, not the image itself", glyph=STAND_IN_GLYPH))
    if count := int(status.get("restartCount", 0)):
        facts.append(msg_n("{n} restart", "{n} restarts", n=count))
    return tuple(facts)


def _unready_cause(pod: Obj, events: Sequence[Obj]) -> Wording | None:
    waiting = [(spec, status or {}) for _role, spec, status in _containers(pod) if not (status or {}).get("ready")]
    for spec, status in waiting:
        health = container_health(spec, status)
        if health.cause is not None:
            return health.cause
    for event in reversed(events):
        if event.get("reason") == "Unhealthy" and (cause := _probe(str(event.get("message", "")))):
            return cause
    if any("startupProbe" in spec and not status.get("started") for spec, status in waiting):
        return msg("startup probe has not passed yet")
    if any("readinessProbe" in spec for spec, _status in waiting):
        return msg("readiness probe has not passed yet")
    message = conditions.message(pod, "Ready")
    return message or None


def _killed(events: Sequence[Obj]) -> Wording | None:
    """The liveness probe's last answer, where the kubelet's last word on this pod's containers is that it failed."""
    for event in reversed(events):
        message = str(event.get("message", ""))
        if event.get("reason") == "Unhealthy" and message.startswith("Liveness probe failed"):
            return _probe(message)
        if event.get("reason") in ("Failed", "Pulling"):
            return None
    return None


def _probe(message: str) -> Wording | None:
    kind, _, answer = message.partition(" probe failed: ")
    probe = _PROBES.get(kind)
    if probe is None:
        return None
    if code := _STATUS_CODE.search(answer):
        return probe["code"].fill(code=code.group(1))
    if "connection refused" in answer:
        return probe["refused"]
    if "context deadline exceeded" in answer or "timed out" in answer:
        return probe["late"]
    first = answer.strip().partition("\n")[0]
    return probe["says"].fill(answer=first) if first else probe["failed"]


def _unschedulable(pod: Obj) -> Wording:
    message = conditions.message(pod, "PodScheduled").partition(". preemption:")[0]
    _, _, reasons = message.partition(" nodes are available: ")
    clauses = sorted((reasons or message).rstrip(".").split(", "), key=lambda clause: "Insufficient" not in clause)
    return msg(
        "no node fits: {reasons}", reasons=", ".join(clauses)
    )  # what is short first: a card has room for one line


def _failure(pod: Obj) -> Wording | None:
    for _role, spec, status in _containers(pod):
        if status is not None and (cause := _waiting_cause(spec, status)):
            return cause
    message = str((pod.get("status") or {}).get("message") or "")
    return message or None


def _waiting_cause(spec: Obj, status: Obj) -> Wording | None:
    state: Obj = status.get("state") or {}
    waiting = state.get("waiting") or {}
    reason = str(waiting.get("reason") or "")
    if reason in _PULLING:
        return CANNOT_PULL.fill(image=str(spec.get("image", "")))
    if reason == "CrashLoopBackOff":
        return _exit((status.get("lastState") or {}).get("terminated") or {})
    if reason and reason not in _ON_THE_WAY:
        return str(waiting.get("message") or reason)
    ended = state.get("terminated")
    return _exit(ended) if ended and ended.get("exitCode") else None


def _exit(ended: Obj) -> Wording | None:
    if ended.get("reason") == "OOMKilled":
        return msg("out of memory, exit code {code}", code=int(ended.get("exitCode", 137)))
    if "exitCode" in ended:
        return msg("exit code {code}", code=int(ended["exitCode"]))
    return None


# ---- How a custom resource is, as far as its own fields tell: by the habits of those who write operators
#
# The API conventions ask for conditions (`Ready`, `Available`); many give a `phase`, and counts beside what was
# wanted.

_CONDITIONS = ("Ready", "Available", "Healthy", "Established", "Synced")
_WANTED = ("replicas", "size", "members", "instances", "nodes")
_READY = ("readyReplicas", "readyMembers", "readyInstances", "readyNodes", "ready", "available", "availableReplicas")
_PRESENT = ("replicas", "size", "members", "instances", "nodes")
_PHASES = ("phase", "state", "status", "health")
_STATES = {
    State.GOOD: ("active", "available", "bound", "healthy", "ready", "running", "synced", "up", "ok"),
    State.DONE: ("complete", "completed", "done", "finished", "succeeded"),
    State.FAILING: ("broken", "crashed", "error", "failed", "failing", "invalid", "lost"),
    State.UNREADY: ("degraded", "notready", "unavailable", "unhealthy", "warning"),
}
_LONGEST, _MOST = 24, 3  # characters of a value that make a fact; facts on a card


def custom_health(obj: Obj) -> Health:
    """State, word and cause: of counts, else of the phase, else of a condition; a false condition is the cause."""
    said = _condition(obj)
    name = _phase(obj)
    counted = _counted(obj)
    if counted is not None:
        health = counted
        known = _state(name) if name else State.GOOD
        if health.state is State.GOOD and known in (State.FAILING, State.UNREADY):
            health = Health(known, health.word, name)
    elif name:
        message = str((obj.get("status") or {}).get("message") or "")
        health = Health(_state(name), name, message if message and _troubled(name) else None)
    else:
        return said or UNSAID
    if said is not None and said.state is not State.GOOD:
        state = health.state if health.state is State.FAILING else State.UNREADY
        return Health(state, health.word, said.cause or health.cause)
    return health


def custom_facts(obj: Obj) -> tuple[Wording, ...]:
    """The short values of its spec, `version 3.7.0`, and its phase where the card's word is a count."""
    facts: list[Wording] = [name] if _counted(obj) is not None and (name := _phase(obj)) else []
    for key, value in (obj.get("spec") or {}).items():
        plain = isinstance(value, (int, str)) and not isinstance(value, bool)
        if plain and key not in _WANTED and 0 < len(str(value)) <= _LONGEST:
            facts.append(f"{key} {value}")
    return tuple(facts[:_MOST])


def _condition(obj: Obj) -> Health | None:
    for kind in _CONDITIONS:
        status = conditions.status(obj, kind)
        if status == "True":
            return Health(State.GOOD, kind)
        if status:
            message = conditions.message(obj, kind)
            return Health(State.UNREADY, msg("not {condition}", condition=kind), message or None)
    return None


def _counted(obj: Obj) -> Health | None:
    """So many of so many, where the resource says how many it wants."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    wanted = next(_numbers(spec, _WANTED), None)
    if wanted is None:
        return None
    ready, there = next(_numbers(status, _READY), None), next(_numbers(status, _PRESENT), None)
    count = ready if ready is not None else there
    if count is None:
        return None
    state = State.GOOD if count == wanted else State.UNREADY if count else State.WAITING
    if ready is not None:
        return Health(state, msg("{ready} of {wanted} ready", ready=ready, wanted=wanted))
    return Health(state, msg("{there} of {wanted} there", there=there, wanted=wanted))


def _numbers(fields: Obj, names: tuple[str, ...]) -> Iterator[int]:
    """The values of these fields as counts: numbers, or how long a list is."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            yield value
        elif isinstance(value, list):
            yield len(value)


def _phase(obj: Obj) -> str:
    status = obj.get("status") or {}
    return next((status[name] for name in _PHASES if isinstance(status.get(name), str) and status[name]), "")


def _state(word: str) -> State:
    """The state a phase's name stands for; a name nobody knows is on its way to somewhere."""
    plain = word.lower().replace(" ", "").replace("-", "")
    return next((state for state, words in _STATES.items() if plain in words), State.WAITING)


def _troubled(word: str) -> bool:
    return _state(word) in (State.FAILING, State.UNREADY)
