"""The states that a pod went through, in order, from a recording of its changes.

A watch shows what the kubelet found time to report: on a busy machine a container may start and be ready before anybody
hears of it. The pod's own timestamps tell the rest (when it was scheduled, when each run of a container began and
ended), so that the same life is told on every cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from k8s_tutor.graph.health import container_health, containers, has_readiness_probe, pod_health
from k8s_tutor.graph.model import Health, State
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.recording import RecordedChange, parse_moment, read_deletion_start, read_moment

__all__ = ["Period", "Timeline", "timeline_of"]


@dataclass(frozen=True, slots=True)
class Period:
    """A pod and its containers between two changes.

    Attributes:
        time: When it began, seconds since the epoch.
        pod: How the pod was.
        containers: How each container was, by name.
    """

    time: float
    pod: Health
    containers: Mapping[str, Health] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A pod's life so far: steps of which no two neighbours are the same. Empty when it was never seen."""

    name: str
    steps: tuple[Period, ...] = ()


def timeline_of(changes: Iterable[RecordedChange], name: str) -> Timeline:
    """The life of the last pod of that name.

    Args:
        changes: Changes of pods in the cluster's order (`Recording.about("Pod", name)`).
        name: The pod's name.
    """
    own = [change for change in changes if metadata.name(change.object) == name]
    if not own:
        return Timeline(name)
    uid = metadata.uid(own[-1].object)
    teller = _Teller()
    for change in own:
        if metadata.uid(change.object) == uid:
            teller.hear(change)
    return Timeline(name, tuple(teller.steps))


class _Teller:
    """Turns changes into steps; keeps what has been told, so that nothing is told twice."""

    def __init__(self) -> None:
        self.steps: list[Period] = []
        self._scheduled = False
        self._told: set[str] = set()

    def hear(self, change: RecordedChange) -> None:
        pod = change.object
        if not self.steps:
            self._tell(parse_moment(pod["metadata"].get("creationTimestamp")), _pending(pod), _waiting(pod, "Waiting"))
        if not self._scheduled and (pod.get("spec") or {}).get("nodeName"):
            self._scheduled = True
            when = parse_moment((conditions.get(pod, "PodScheduled") or {}).get("lastTransitionTime"))
            self._tell(when, _creating(pod), _waiting(pod, "ContainerCreating"))
        for when, health in self._runs(pod):
            self._tell(when, health, {_only(pod): health} if _only(pod) else {})
        if change.type == "DELETED":
            if self.steps[-1].pod.state is not State.LEAVING:
                self._tell(read_deletion_start(pod), _leaving(), _containers(pod))
            self._tell(read_moment(pod), Health(State.ABSENT, msg("Deleted")), {})
        else:
            self._tell(_since(pod), _health(pod), _containers(pod))

    def _runs(self, pod: Obj) -> Iterator[tuple[float | None, Health]]:
        """Begins and ends of runs of the pod's only container that have not been told yet."""
        name = _only(pod)
        status = next((row for row in (pod.get("status") or {}).get("containerStatuses") or ()), None)
        if not name or status is None or metadata.is_deleting(pod):
            return
        ended = (status.get("lastState") or {}).get("terminated"), (status.get("state") or {}).get("terminated")
        for run in (*ended, (status.get("state") or {}).get("running")):
            if run and self._new("start", run.get("startedAt")):
                yield parse_moment(run.get("startedAt")), _started(pod)
            if run and self._new("end", run.get("finishedAt")):
                yield parse_moment(run.get("finishedAt")), container_health({}, {"state": {"terminated": run}})

    def _new(self, what: str, when: object) -> bool:
        key = f"{what} {when}"
        if not when or key in self._told:
            return False
        self._told.add(key)
        return True

    def _tell(self, when: float | None, pod: Health, containers: Mapping[str, Health]) -> None:
        last = self.steps[-1] if self.steps else None
        time = max(when or 0.0, last.time if last else 0.0)
        step = Period(time, _bare(pod), {name: _bare(health) for name, health in containers.items()})
        if last is not None and last.containers == step.containers and last.pod.word == step.pod.word:
            self.steps[-1] = Period(
                last.time, step.pod, step.containers
            )  # the same to the eye: the later one knows more
        else:
            self.steps.append(step)


def _bare(health: Health) -> Health:
    """Without the cause: it is told where the object is drawn, and would make two steps of one."""
    return Health(health.state, health.word)


def _health(pod: Obj) -> Health:
    health = pod_health(pod)
    if health.state is State.UNREADY and health.word == msg("Not ready"):
        return Health(State.UNREADY, msg("Running (not ready)"))
    if health.word == "Pending" and (pod.get("spec") or {}).get("nodeName"):
        return _creating(pod)
    return health


def _started(pod: Obj) -> Health:
    if has_readiness_probe(pod):
        return Health(State.UNREADY, msg("Running (not ready)"))
    return Health(State.GOOD, "Running")


def _since(pod: Obj) -> float | None:
    """When the pod came to be as it is: for a ready one since it is ready, else its latest news."""
    if metadata.is_deleting(pod):
        return read_deletion_start(pod)
    if conditions.is_true(pod, "Ready"):
        return parse_moment((conditions.get(pod, "Ready") or {}).get("lastTransitionTime"))
    return read_moment(pod)


def _pending(pod: Obj) -> Health:
    if conditions.reason(pod, "PodScheduled") == "Unschedulable":
        return pod_health(pod)
    return Health(State.WAITING, "Pending")


def _creating(pod: Obj) -> Health:
    """A scheduled pod that the kubelet has not reported on yet: it is being prepared."""
    first = (pod.get("spec") or {}).get("initContainers") or ()
    return Health(State.WAITING, f"Init:0/{len(first)}" if first else "ContainerCreating")


def _leaving() -> Health:
    return Health(State.LEAVING, "Terminating")


def _waiting(pod: Obj, word: str) -> dict[str, Health]:
    return {spec["name"]: Health(State.WAITING, word) for spec in _specs(pod)}


def _containers(pod: Obj) -> dict[str, Health]:
    if (pod.get("spec") or {}).get("nodeName") and not (pod.get("status") or {}).get("containerStatuses"):
        return _waiting(pod, "ContainerCreating")
    return {part.name: part.health for part in containers(pod)}


def _specs(pod: Obj) -> Sequence[Obj]:
    spec = pod.get("spec") or {}
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def _only(pod: Obj) -> str:
    """The name of the only container, `""` where there are several: then the pod's word is not one container's."""
    specs = _specs(pod)
    return str(specs[0].get("name", "")) if len(specs) == 1 else ""
