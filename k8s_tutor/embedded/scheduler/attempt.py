"""One attempt to place one pod: the pod, the cluster, and what is counted once for all nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from k8s_tutor.embedded.scheduler import spread
from k8s_tutor.embedded.scheduler.cluster import ClusterState, NodeState
from k8s_tutor.embedded.scheduler.spread import Spread
from k8s_tutor.embedded.scheduler.volumes import PodVolumes
from k8s_tutor.objects import metadata, quantity, selectors
from k8s_tutor.objects.quantity import Amounts
from k8s_tutor.objects.selectors import Selector
from k8s_tutor.objects.types import Obj

__all__ = ["Attempt", "Neighbours", "terms"]


# ---- Pods that want to be near or far from other pods
#
# See kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node (Inter-pod affinity and anti-affinity).

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True, slots=True)
class Term:
    """One affinity term, ready to be asked about pods.

    Attributes:
        topology: The node label that says what "together" means.
        weight: 1 to 100 for preferred terms, 0 for required ones.
    """

    topology: str
    selector: Selector
    namespaces: tuple[str, ...]
    namespace_selector: Selector
    weight: int = 0

    def matches(self, pod: Obj, cluster: ClusterState) -> bool:
        """Whether the term speaks of this pod: by its namespace, or its namespace's labels, and by its own labels."""
        namespace = metadata.namespace(pod)
        if namespace not in self.namespaces and not self.namespace_selector.matches(
            cluster.namespace_labels(namespace)
        ):
            return False
        return self.selector.matches(metadata.labels(pod))


def terms(pod: Obj, side: str, strength: str) -> list[Term]:
    """The pod's terms: side `podAffinity` or `podAntiAffinity`, strength required or preferred."""
    affinity = (pod["spec"].get("affinity") or {}).get(side) or {}
    if strength == REQUIRED:
        return [_term(pod, row, 0) for row in affinity.get(REQUIRED) or ()]
    return [_term(pod, row["podAffinityTerm"], int(row["weight"])) for row in affinity.get(PREFERRED) or ()]


def _term(pod: Obj, row: Obj, weight: int) -> Term:
    namespaces = tuple(row.get("namespaces") or ())
    by_labels = selectors.of(row.get("namespaceSelector"))
    if not namespaces and row.get("namespaceSelector") is None:
        namespaces = (metadata.namespace(pod),)
    selector = row.get("labelSelector")
    labels = metadata.labels(pod)
    extra = [
        {"key": key, "operator": "In" if field_ == "matchLabelKeys" else "NotIn", "values": [labels[key]]}
        for field_ in ("matchLabelKeys", "mismatchLabelKeys")
        for key in row.get(field_) or ()
        if key in labels
    ]
    if selector is not None and extra:
        selector = {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), *extra]}
    return Term(row["topologyKey"], selectors.of(selector), namespaces, by_labels, weight)


@dataclass
class Neighbours:
    """What the pods already placed mean for a new one.

    Attributes:
        near: Per required affinity term, how many matching pods each topology value holds.
        far: Likewise for required anti-affinity.
        unwelcome: Topology values (`label`, value) where a pod lives that does not want the new one.
    """

    pod: Obj
    cluster: ClusterState
    near: list[tuple[Term, dict[str, int]]] = field(default_factory=list)
    far: list[tuple[Term, dict[str, int]]] = field(default_factory=list)
    unwelcome: dict[tuple[str, str], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Most pods want nothing of each other: only these are asked, once for each new pod.
        self._picky = [(state, other) for state, other in self.cluster.pods() if "affinity" in other["spec"]]
        self._others = list(self.cluster.pods()) if "affinity" in self.pod["spec"] else self._picky
        self.near = [(term, self._count(term)) for term in terms(self.pod, "podAffinity", REQUIRED)]
        self.far = [(term, self._count(term)) for term in terms(self.pod, "podAntiAffinity", REQUIRED)]
        for state, other in self._picky:
            for term in terms(other, "podAntiAffinity", REQUIRED):
                value = _value(state, term)
                if value is not None and term.matches(self.pod, self.cluster):
                    self.unwelcome[(term.topology, value)] = None

    def finds_friends(self, state: NodeState) -> bool:
        """Whether each required affinity is met on this node, or the pod is the first of its own kind."""
        if any(_value(state, term) is None for term, _ in self.near):
            return False
        if all(counts.get(_value(state, term) or "", 0) > 0 for term, counts in self.near):
            return True
        alone = not any(counts for _, counts in self.near)
        return alone and all(term.matches(self.pod, self.cluster) for term, _ in self.near)

    def avoids_others(self, state: NodeState) -> bool:
        """Whether the pod's own anti-affinity allows this node."""
        return not any(counts.get(_value(state, term) or "", 0) > 0 for term, counts in self.far)

    def is_welcome(self, state: NodeState) -> bool:
        """Whether no pod already there keeps the new one away."""
        labels = metadata.labels(state.object)
        return not any(labels.get(key) == value for key, value in self.unwelcome)

    def score(self, state: NodeState) -> int:
        """Preferences of the new pod and of those placed, for and against this node."""
        total = 0
        for other_state, other in self._others:
            total += sum(sign * term.weight for sign, term in self._between(other, state, other_state))
        return total

    def _between(self, other: Obj, state: NodeState, there: NodeState) -> Iterable[tuple[int, Term]]:
        for sign, side in ((1, "podAffinity"), (-1, "podAntiAffinity")):
            for term in terms(self.pod, side, PREFERRED):
                if _together(term, state, there) and term.matches(other, self.cluster):
                    yield sign, term
            for term in terms(other, side, PREFERRED):
                if _together(term, state, there) and term.matches(self.pod, self.cluster):
                    yield sign, term
        for term in terms(other, "podAffinity", REQUIRED):
            if _together(term, state, there) and term.matches(self.pod, self.cluster):
                yield 1, replace(term, weight=1)

    def _count(self, term: Term) -> dict[str, int]:
        counts: dict[str, int] = {}
        for state, other in self.cluster.pods():
            value = _value(state, term)
            if value is not None and term.matches(other, self.cluster):
                counts[value] = counts.get(value, 0) + 1
        return counts


def _value(state: NodeState, term: Term) -> str | None:
    return metadata.labels(state.object).get(term.topology)


def _together(term: Term, one: NodeState, two: NodeState) -> bool:
    value = _value(one, term)
    return value is not None and value == _value(two, term)


# ---- One attempt to place one pod: the pod, the cluster, and what is counted once for all nodes


def _protects(budget: Obj, pod: Obj) -> bool:
    selector, labels = budget["spec"].get("selector"), metadata.labels(pod)
    if not selector or not labels or metadata.namespace(budget) != metadata.namespace(pod):
        return False
    gone = (budget.get("status") or {}).get("disruptedPods") or {}
    return metadata.name(pod) not in gone and selectors.of(selector).matches(labels)


@dataclass
class Attempt:
    """A pod to place in a cluster.

    Attributes:
        pod: Without a node yet.
        cluster: As it stands.
        kin: Selects the pods of the Services and the controller this pod belongs to; None for a pod alone.
        volumes: Its claims; None for a pod without any.
        budgets: PodDisruptionBudgets, for whoever would have to leave.
    """

    pod: Obj
    cluster: ClusterState
    kin: Selector | None = None
    volumes: PodVolumes | None = None
    budgets: Sequence[Obj] = ()

    def protected(self, pods: Iterable[Obj]) -> set[str]:
        """The uids of those whose leaving, one after the other, would break a budget.

        As `filterPodsWithPDBViolation` counts: a pod that a budget has let go already takes nothing more from it, and a
        budget that selects everything protects nobody.
        """
        left = [int((budget.get("status") or {}).get("disruptionsAllowed", 0)) for budget in self.budgets]
        found: set[str] = set()
        for pod in pods:
            for number, budget in enumerate(self.budgets):
                if _protects(budget, pod):
                    left[number] -= 1
                    if left[number] < 0:
                        found.add(metadata.uid(pod))
        return found

    @cached_property
    def requests(self) -> Amounts:
        """What the pod asks for."""
        return quantity.requests(self.pod)

    @cached_property
    def scored(self) -> Amounts:
        """The same, with a little for containers that ask for nothing."""
        return quantity.for_scoring(self.pod)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Affinities between this pod and those placed."""
        return Neighbours(self.pod, self.cluster)

    @cached_property
    def hard_spread(self) -> Spread:
        """Constraints that must hold."""
        return Spread(self.pod, self.cluster, [row for row in spread.constraints(self.pod) if row.hard])

    @cached_property
    def soft_spread(self) -> Spread:
        """Constraints that should hold; the defaults where the pod has none of its own."""
        own = spread.constraints(self.pod)
        if own:
            return Spread(self.pod, self.cluster, [row for row in own if not row.hard])
        rows = spread.default_constraints(self.kin) if self.kin is not None else []
        return Spread(self.pod, self.cluster, rows, system_default=True)
