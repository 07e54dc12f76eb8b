"""What was decided about a pod, node by node, and how Kubernetes says that nothing fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from k8s_tutor.objects.metadata import Key

__all__ = ["Decision", "NodeVerdict", "Refusal", "Score", "unavailable"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a node cannot run a pod.

    Attributes:
        plugin: The filter that said no, e.g. `NodeResourcesFit`.
        reasons: In Kubernetes' words; usually one.
        final: Whether no removal of other pods could change it.
    """

    plugin: str
    reasons: tuple[str, ...]
    final: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """What one plugin thinks of a node.

    Attributes:
        value: 0 to 100, compared with the other nodes.
        weight: How much it counts.
    """

    plugin: str
    value: int
    weight: int


@dataclass(frozen=True, slots=True)
class NodeVerdict:
    """One node in a decision: refused, or scored."""

    node: str
    refusal: Refusal | None = None
    scores: tuple[Score, ...] = ()

    @property
    def total(self) -> int:
        """The weighted sum of its scores."""
        return sum(score.value * score.weight for score in self.scores)


@dataclass(frozen=True, slots=True)
class Decision:
    """One attempt to place a pod.

    Attributes:
        pod: Namespace and name.
        uid: The pod's.
        time: Virtual seconds since the Unix epoch.
        attempt: Counts the attempts for this pod from 1.
        verdicts: Every node, by name; empty when the pod could not be considered at all.
        node: The chosen node, `""` for none.
        message: Why none was chosen, as in the event.
        reason: The same in one word, as in the pod's condition.
        nominated: The node whose pods were asked to leave for this one, `""` for none.
        victims: Those pods.
    """

    pod: Key
    uid: str
    time: float
    attempt: int
    verdicts: tuple[NodeVerdict, ...] = ()
    node: str = ""
    message: str = ""
    reason: str = "Unschedulable"
    nominated: str = ""
    victims: tuple[Key, ...] = field(default=())

    def refused_by(self) -> frozenset[str]:
        """The filters that said no somewhere."""
        return frozenset(verdict.refusal.plugin for verdict in self.verdicts if verdict.refusal)


def unavailable(nodes: int, reasons: Iterable[str]) -> str:
    """`0/3 nodes are available: 1 node(s) …, 2 Insufficient cpu.`: reasons counted, sorted as text."""
    counted: Mapping[str, int] = Counter(reasons)
    rows: Sequence[str] = sorted(f"{count} {reason}" for reason, count in counted.items())
    return f"0/{nodes} nodes are available: {', '.join(rows)}."
