"""The cluster as the scheduler sees it: nodes, the pods on them, what is asked for and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from k8s_tutor.embedded.scheduler import resources
from k8s_tutor.embedded.scheduler.resources import Amounts
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["ClusterState", "NodeState"]


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
        self.requested = resources.add(self.requested, resources.requests(pod))
        self.scored = resources.add(self.scored, resources.for_scoring(pod))

    def remove(self, uid: str) -> None:
        """Removes a pod, if it is here."""
        pod = self.pods.pop(uid, None)
        if pod is not None:
            self.requested = resources.subtract(self.requested, resources.requests(pod))
            self.scored = resources.subtract(self.scored, resources.for_scoring(pod))

    def without(self, uids: Iterable[str]) -> NodeState:
        """A copy that lacks some pods: what would be if they were gone."""
        copy = NodeState(
            self.name, self.node, self.allocatable, dict(self.pods), dict(self.requested), dict(self.scored)
        )
        for uid in uids:
            copy.remove(uid)
        return copy


class ClusterState:
    """All nodes by name, kept current by the changes of the store."""

    def __init__(
        self, states: Iterable[NodeState] = (), namespaces: dict[str, Mapping[str, str]] | None = None
    ) -> None:
        self._states = {state.name: state for state in states}
        self._namespaces: dict[str, Mapping[str, str]] = {} if namespaces is None else namespaces

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
            state.allocatable = {} if state.node is None else resources.allocatable(state.node)
        elif change.resource == "pods":
            self._follow_pod(change)

    def assume(self, pod: Obj, node: str) -> None:
        """Counts a pod as placed that is not bound yet."""
        self._state(node).put({**pod, "spec": {**pod["spec"], "nodeName": node}})

    def forget(self, pod: Obj, node: str) -> None:
        """Takes back what was assumed."""
        self._state(node).remove(metadata.uid(pod))

    def replaced(self, state: NodeState) -> ClusterState:
        """This cluster with one node as it might be."""
        return ClusterState({**self._states, state.name: state}.values(), self._namespaces)

    def _follow_pod(self, change: Change) -> None:
        node = change.obj["spec"].get("nodeName")
        if not node:
            return
        state = self._state(node)
        ended = (change.obj.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if change.type == "DELETED" or ended:
            state.remove(metadata.uid(change.obj))
        elif change.previous is None or _weighs_differently(change.previous, change.obj):
            state.put(change.obj)
        else:
            state.pods[metadata.uid(change.obj)] = change.obj

    def _state(self, name: str) -> NodeState:
        return self._states.setdefault(name, NodeState(name))


def _weighs_differently(before: Obj, after: Obj) -> bool:
    return bool(before["spec"] is not after["spec"] and before["spec"] != after["spec"])
