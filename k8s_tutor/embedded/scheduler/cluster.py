"""What the scheduler keeps in mind: the cluster, and the pods that wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from k8s_tutor.embedded.core import Loop, Timer
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.pods import is_terminal
from k8s_tutor.objects.quantity import Amounts
from k8s_tutor.objects.types import Obj

__all__ = ["ClusterState", "NodeState", "SchedulingQueue", "Waiting", "nominated_node", "priority"]


def priority(pod: Obj) -> int:
    """`spec.priority`."""
    return int(pod["spec"].get("priority") or 0)


def nominated_node(pod: Obj) -> str:
    """Where pods leave for this one, `""` for nowhere."""
    return str((pod.get("status") or {}).get("nominatedNodeName") or "")


@dataclass(slots=True)
class NodeState:
    """A node, its pods (by uid), and the sums of what they ask for.

    Attributes:
        node: The object; None for a node that pods name but that is not there.
        scored: Like `requested`, with a little for containers that ask for nothing.
    """

    name: str
    node: Obj | None = None
    allocatable: Amounts = field(default_factory=dict)
    pods: dict[str, Obj] = field(default_factory=dict)
    requested: Amounts = field(default_factory=dict)
    scored: Amounts = field(default_factory=dict)

    @property
    def object(self) -> Obj:
        """The node, for those that only look at nodes that are there."""
        assert self.node is not None
        return self.node

    def put(self, pod: Obj) -> None:
        """Adds a pod, or its new version."""
        self.remove(metadata.uid(pod))
        self.pods[metadata.uid(pod)] = pod
        self.requested = quantity.add(self.requested, quantity.requests(pod))
        self.scored = quantity.add(self.scored, quantity.for_scoring(pod))

    def remove(self, uid: str) -> None:
        """Removes a pod, if it is here."""
        pod = self.pods.pop(uid, None)
        if pod is not None:
            self.requested = quantity.subtract(self.requested, quantity.requests(pod))
            self.scored = quantity.subtract(self.scored, quantity.for_scoring(pod))

    def without(self, uids: Iterable[str]) -> NodeState:
        """A copy that lacks some pods: what would be if they were gone."""
        copy = self._copy()
        for uid in uids:
            copy.remove(uid)
        return copy

    def including(self, pods: Iterable[Obj]) -> NodeState:
        """A copy that has some pods more: what would be if they were here."""
        copy = self._copy()
        for pod in pods:
            copy.put(pod)
        return copy

    def _copy(self) -> NodeState:
        return NodeState(
            self.name, self.node, self.allocatable, dict(self.pods), dict(self.requested), dict(self.scored)
        )


class ClusterState:
    """All nodes by name, kept current by the changes of the store."""

    def __init__(
        self,
        states: Iterable[NodeState] = (),
        namespaces: dict[str, Mapping[str, str]] | None = None,
        nominated: dict[str, Obj] | None = None,
    ) -> None:
        self._states = {state.name: state for state in states}
        self._namespaces: dict[str, Mapping[str, str]] = {} if namespaces is None else namespaces
        self._nominated: dict[str, Obj] = {} if nominated is None else nominated

    @property
    def nodes(self) -> list[NodeState]:
        """The nodes that are there, by name."""
        return [self._states[name] for name in sorted(self._states) if self._states[name].node is not None]

    def pods(self) -> Iterable[tuple[NodeState, Obj]]:
        """Every assigned pod that has not ended, with its node."""
        for state in self.nodes:
            for pod in state.pods.values():
                yield state, pod

    def namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """The labels of a namespace, for affinity terms that select namespaces by them."""
        return self._namespaces.get(namespace, {})

    def follow(self, change: Change) -> None:
        """Keeps up with one commit."""
        if change.resource == "namespaces":
            self._namespaces[metadata.name(change.obj)] = metadata.labels(change.obj)
        elif change.resource == "nodes":
            state = self._state(metadata.name(change.obj))
            state.node = None if change.type == "DELETED" else change.obj
            state.allocatable = {} if state.node is None else quantity.allocatable(state.node)
        elif change.resource == "pods":
            self._follow_pod(change)

    def assume(self, pod: Obj, node: str) -> None:
        """Counts a pod as placed that is not bound yet."""
        self._state(node).put({**pod, "spec": {**pod["spec"], "nodeName": node}})

    def forget(self, pod: Obj, node: str) -> None:
        """Takes back what was assumed."""
        self._state(node).remove(metadata.uid(pod))

    def nominated(self, state: NodeState) -> list[Obj]:
        """The pods for which others leave this node, and that are not there yet."""
        rows = self._nominated.values()
        return [pod for pod in rows if nominated_node(pod) == state.name and metadata.uid(pod) not in state.pods]

    def replaced(self, state: NodeState) -> ClusterState:
        """This cluster with one node as it might be."""
        return ClusterState({**self._states, state.name: state}.values(), self._namespaces, self._nominated)

    def _follow_pod(self, change: Change) -> None:
        node = change.obj["spec"].get("nodeName")
        if not node and change.type != "DELETED" and nominated_node(change.obj) and not is_terminal(change.obj):
            self._nominated[metadata.uid(change.obj)] = change.obj
        else:
            self._nominated.pop(metadata.uid(change.obj), None)
        if not node:
            return
        state = self._state(node)
        if change.type == "DELETED" or is_terminal(change.obj):
            state.remove(metadata.uid(change.obj))
        elif change.previous is None or _weighs_differently(change.previous, change.obj):
            state.put(change.obj)
        else:
            state.pods[metadata.uid(change.obj)] = change.obj

    def _state(self, name: str) -> NodeState:
        return self._states.setdefault(name, NodeState(name))


def _weighs_differently(before: Obj, after: Obj) -> bool:
    return bool(before["spec"] is not after["spec"] and before["spec"] != after["spec"])


# ---- Pods that wait for a node: by priority, then by time; those that found none wait for a reason to try again
#
# A failed pod waits at least 1 s, then 2 s … up to 10 s, and until something happens that may change the mind of
# a
# filter that refused it; after five minutes it is tried again in any case.
# See kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework.

NOTICE, PACE = 0.003, 0.001
FIRST_BACKOFF, LAST_BACKOFF = 1.0, 10.0
PATIENCE = 300.0


@dataclass(slots=True)
class Waiting:
    """A pod that waits.

    Attributes:
        attempts: Failed attempts so far.
        refused_by: The filters that refused it last.
        tried: When, in seconds since the epoch.
        awaited: When to try again although nothing happened; None while it is queued.
    """

    key: Key
    priority: int
    since: float
    attempts: int = 0
    refused_by: frozenset[str] = frozenset()
    tried: float = 0.0
    awaited: Timer | None = field(default=None, repr=False)

    def backoff_ends(self) -> float:
        """The earliest moment of the next attempt."""
        if self.attempts == 0:
            return 0.0
        return self.tried + float(min(FIRST_BACKOFF * 2.0 ** min(self.attempts - 1, 10), LAST_BACKOFF))


class SchedulingQueue:
    """Calls `schedule(waiting)` for one pod after the other."""

    def __init__(self, loop: Loop, schedule: Callable[[Waiting], None]) -> None:
        self._loop = loop
        self._schedule = schedule
        self._active: dict[Key, Waiting] = {}
        self._parked: dict[Key, Waiting] = {}
        self._worker: Timer | None = None

    def add(self, key: Key, priority: int) -> None:
        """A pod to place."""
        if key not in self._active and key not in self._parked:
            self._activate(Waiting(key, priority, self._loop.now()))

    def park(self, waiting: Waiting, refused_by: Iterable[str]) -> None:
        """A pod that found no node."""
        waiting.refused_by = frozenset(refused_by)
        waiting.tried = self._loop.now()
        self._parked[waiting.key] = waiting
        waiting.awaited = self._loop.call_later(PATIENCE, lambda: self.wake(waiting.key), f"scheduler {waiting.key}")

    def remove(self, key: Key) -> None:
        """A pod that needs no node any more."""
        self._active.pop(key, None)
        waiting = self._parked.pop(key, None)
        if waiting is not None and waiting.awaited is not None:
            waiting.awaited.cancel()

    def parked(self) -> list[Waiting]:
        """The pods that found no node."""
        return list(self._parked.values())

    def wake(self, key: Key) -> None:
        """There is a reason to try a parked pod again: soon, but not before its back-off has passed."""
        waiting = self._parked.get(key)
        if waiting is None:
            return
        if waiting.awaited is not None:
            waiting.awaited.cancel()
        ready = waiting.backoff_ends()
        if ready > self._loop.now():
            waiting.awaited = self._loop.call_at(ready, lambda: self.wake(key), f"scheduler {key}")
            waiting.refused_by = frozenset()  # Nothing can hasten or delay it any more.
            return
        del self._parked[key]
        waiting.awaited = None
        self._activate(waiting)

    def _activate(self, waiting: Waiting) -> None:
        self._active[waiting.key] = waiting
        self._run_later(NOTICE)

    def _run_later(self, seconds: float) -> None:
        if self._worker is None and self._active:
            self._worker = self._loop.call_later(seconds, self._next, "scheduler")

    def _next(self) -> None:
        self._worker = None
        if not self._active:
            return
        key = min(self._active, key=lambda key: (-self._active[key].priority, self._active[key].since))
        waiting = self._active.pop(key)
        try:
            self._schedule(waiting)
        finally:
            self._run_later(PACE)
