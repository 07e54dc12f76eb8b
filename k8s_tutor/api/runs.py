"""What controllers did and schedulers decided, run by run: data only, whoever recorded or recomputed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from k8s_tutor.objects.metadata import Key

__all__ = ["Act", "Decision", "Fact", "NodeVerdict", "Refusal", "Run", "Score", "merged"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was observed: `wanted`, `3`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done, and why it did not work; `""` where it did."""

    words: str
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a controller.

    Attributes:
        number: Counts the runs from 1.
        cause: What woke the controller: `Pod db-1 deleted`; `""` where it did not say.
        observed: What it saw.
        sources: Where it looked: `spec.size · Pods app=db`.
        analysis: What follows from it, a finding each.
        because: Why it decided so.
        acts: What it did, in order; empty when there was nothing to do.
        error: Why the run broke off; `""` when it did not.
        times: How many runs in a row saw and found the same, and did nothing.
    """

    number: int
    cause: str = ""
    observed: tuple[Fact, ...] = ()
    sources: str = ""
    analysis: tuple[str, ...] = ()
    because: str = ""
    acts: tuple[Act, ...] = ()
    error: str = ""
    times: int = 1

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not self.acts and not self.error


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The runs, with idle ones in a row that saw the same told once: many controllers look each second."""
    told: list[Run] = []
    for run in runs:
        if told and run.idle and replace(told[-1], number=0, cause="", times=1) == replace(run, number=0, cause=""):
            told[-1] = replace(told[-1], times=told[-1].times + 1)
        else:
            told.append(run)
    return tuple(told)


# ---- A scheduler's decisions, node by node: data only, whoever recorded or recomputed it


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
        shares: What the value was worked out from, where that is two numbers: of `NodeResourcesFit` how many per cent
            of CPU and of memory would be left; of `NodeResourcesBalancedAllocation` how many would be requested.
    """

    plugin: str
    value: int
    weight: int
    shares: tuple[int, ...] = ()


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
        time: Seconds since the Unix epoch, of the cluster's clock.
        attempt: Counts the attempts for this pod from 1.
        verdicts: Every node, by name; empty when the pod could not be considered at all.
        filters: Names of the filters, in the order in which they are asked; the first refusal ends it for a node.
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
    filters: tuple[str, ...] = ()
    node: str = ""
    message: str = ""
    reason: str = "Unschedulable"
    nominated: str = ""
    victims: tuple[Key, ...] = field(default=())

    def refused_by(self) -> frozenset[str]:
        """The filters that said no somewhere."""
        return frozenset(verdict.refusal.plugin for verdict in self.verdicts if verdict.refusal)
