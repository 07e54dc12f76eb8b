"""Pods without a node: each reason of the scheduler, with the fields that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.api.runs import Decision, NodeVerdict, Refusal
from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, condition, field_of, seen
from k8s_tutor.explain.nodes import (
    Told,
    far_from_friends,
    kept_away,
    labelled_otherwise,
    near_to_foes,
    no_nodes,
    port_taken,
    refuses_cordoned,
    spread,
    tainted,
    too_little,
    too_many,
)
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg, msg_n
from k8s_tutor.objects import metadata, nodeselectors, pods, quantity
from k8s_tutor.objects.nodeselectors import Clause, Refusals, refusals
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = [
    "RECOMPUTED",
    "claim_names",
    "gated",
    "left_out",
    "none_to_bind",
    "out_of_reach",
    "recompute",
    "taken",
    "unbound",
    "unnoticed",
    "unschedulable",
    "volume_gone",
    "without_claim",
]

# ---- Why the scheduler cannot place a Pod for its volumes: the claim, its volume, and who else uses it


def claim_names(pod: Obj) -> Iterator[Field]:
    """Where a Pod names its claims."""
    for volume in field_of(pod, "spec.volumes").items():
        if name := volume.at("persistentVolumeClaim.claimName"):
            yield name


def without_claim(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A claim that is not there, or going."""
    for name, claim in _claims(case, pod):
        if claim is None:
            near = case.near("PersistentVolumeClaim", name.text, metadata.namespace(pod))
            words = msg("There is no claim of this name.")
            if near:
                words = msg("There is no claim of this name; there is {near}.", near=near)
            cause = msg("the claim {name} that it mounts is not there", name=name.text)
            return cause, [seen(name, words)], case.kubectl("get pvc", pod)
        if metadata.is_deleting(claim):
            step = seen(field_of(claim, "metadata.deletionTimestamp"), msg("The claim is being deleted."))
            cause = msg("the claim {name} that it mounts is being deleted", name=name.text)
            return cause, [_names(name), step], case.kubectl(f"describe pvc {name.text}", pod)
    return None


def unbound(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A claim that ought to have a volume by now."""
    return _through_claim(case, pod, msg("a claim that it mounts has no volume"))


def none_to_bind(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A claim that waits for its Pod, and finds no volume on any node."""
    return _through_claim(case, pod, msg("no volume fits the claim that it mounts"))


def _through_claim(case: Case, pod: Obj, cause: Message) -> Told | None:
    for name, claim in _claims(case, pod):
        if claim is None or field_of(claim, "status.phase").value == "Bound":
            continue
        found = case.finding(claim)
        if found is None:
            step = seen(field_of(claim, "status.phase"), msg("The claim has no volume yet."))
            return cause, [_names(name), step], case.kubectl(f"describe pvc {name.text}", pod)
        whole = msg("the claim {name} has no volume: {why}", name=name.text, why=found.cause)
        return whole, [_names(name), *found.steps], found.next_command
    return None


def out_of_reach(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A volume that only some nodes reach."""
    steps: list[Evidence] = []
    for name, claim in _claims(case, pod):
        volume = _volume(case, claim)
        if volume is not None and field_of(volume, "spec.nodeAffinity.required"):
            place = field_of(volume, "spec.nodeAffinity.required")
            steps += [_names(name), seen(place, msg("Only these nodes reach the volume."))]
    if not steps:
        return None
    return (
        msg_n("{n} node does not reach its volume", "{n} nodes do not reach its volume", n=clause.nodes),
        steps,
        "kubectl get pv",
    )


def taken(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A claim that one Pod alone may use."""
    for name, claim in _claims(case, pod):
        modes = field_of(claim or {}, "spec.accessModes")
        if "ReadWriteOncePod" not in (modes.value or ()):
            continue
        steps = [_names(name), seen(modes, msg("Only one Pod at a time may use the claim."))]
        for other in case.of("Pod", metadata.namespace(pod)):
            if other is not pod and field_of(other, "spec.nodeName"):
                steps += [seen(used, msg("This Pod does.")) for used in claim_names(other) if used.text == name.text]
        cause = msg("another Pod uses the claim {name}, which is for one at a time", name=name.text)
        return cause, steps, case.kubectl(f"describe pvc {name.text}", pod)
    return None


def volume_gone(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A claim bound to a volume that is not there any more."""
    for name, claim in _claims(case, pod):
        if claim is not None and _volume(case, claim) is None:
            place = field_of(claim, "spec.volumeName")
            steps = [_names(name), seen(place, msg("The claim is bound to this volume, and it is gone."))]
            return msg("the volume of its claim {name} is gone", name=name.text), steps, "kubectl get pv"
    return None


def _names(name: Field) -> Evidence:
    return seen(name, msg("The Pod mounts this claim."))


def _claims(case: Case, pod: Obj) -> Iterator[tuple[Field, Obj | None]]:
    for name in claim_names(pod):
        yield name, case.find("PersistentVolumeClaim", name.text, metadata.namespace(pod))


def _volume(case: Case, claim: Obj | None) -> Obj | None:
    name = field_of(claim or {}, "spec.volumeName").text
    return case.find("PersistentVolume", name) if name else None


# ---- Pods without a node: each reason of the scheduler, with the fields that it comes from

_MOST = 4  # reasons told in full; the message holds them all


def gated(case: Case, pod: Obj) -> Finding | None:
    """Gates hold the scheduler off."""
    gates = list(field_of(pod, "spec.schedulingGates").items())
    if not gates or field_of(pod, "spec.nodeName"):
        return None
    names = ", ".join(gate.key("name").text for gate in gates)
    step = seen(gates[0].key("name"), msg("The scheduler leaves the Pod alone until this gate is taken away."))
    command = case.kubectl(f"get pod {metadata.name(pod)} -o yaml", pod)
    return Finding(msg("scheduling gates hold it back: {names}", names=names), (step,), command, State.WAITING)


def unnoticed(case: Case, pod: Obj) -> Finding | None:
    """No scheduler has looked at it: nobody goes by the name that it asks for."""
    named = field_of(pod, "spec.schedulerName")
    if field_of(pod, "spec.nodeName") or condition(pod, "PodScheduled") or metadata.is_deleting(pod):
        return None
    if named.text in ("", "default-scheduler") or case.event(pod, "FailedScheduling"):
        return None
    steps = (
        seen(field_of(pod, "status.phase"), msg("The Pod has no node, and no scheduler has said why.")),
        seen(named, msg("It asks for this scheduler; only one that goes by this name will look at it.")),
    )
    cause = msg("no scheduler called {name} has looked at it", name=named.text)
    return Finding(cause, steps, "kubectl get pods -A -l component=kube-scheduler", State.WAITING)


def unschedulable(case: Case, pod: Obj) -> Finding | None:
    """The scheduler has looked and found no node."""
    placed = condition(pod, "PodScheduled")
    if field_of(pod, "spec.nodeName") or placed.key("status").value != "False":
        return None
    said = placed.key("message")
    parts = refusals(said.text)
    steps = [seen(said, _first_sentence(parts))]
    told = sorted(parts.clauses, key=_weight)[:_MOST]
    causes: list[Message] = []
    command = ""
    for clause in told:
        cause, evidence, next_command = _told(case, pod, clause)
        causes.append(cause)
        steps += evidence
        command = command or next_command
    steps += _room_being_made(case, pod)
    whole = causes[0] if causes else msg("the scheduler found no node for it")
    for cause in causes[1:]:
        whole = msg("{one}; {other}", one=whole, other=cause)
    return Finding(whole, tuple(steps), command or _describe(case, pod), State.WAITING)


def _first_sentence(parts: Refusals) -> Message:
    if parts.nodes:
        return msg_n(
            "The scheduler looked at {n} node, and it will not do.",
            "The scheduler looked at {n} nodes, and none will do.",
            n=parts.nodes,
        )
    return msg("The scheduler says why it has not chosen a node.")


def _room_being_made(case: Case, pod: Obj) -> list[Evidence]:
    """Others are asked to leave for it."""
    nominated = field_of(pod, "status.nominatedNodeName")
    if not nominated.text:
        return []
    return [seen(nominated, msg("Pods of lower priority are asked to leave this node for it."))]


def _describe(case: Case, pod: Obj) -> str:
    return case.kubectl(f"describe pod {metadata.name(pod)}", pod)


def _weight(clause: Clause) -> int:
    """What can be changed in the Pod or in the cluster first; a control plane's taint is usually meant."""
    return 1 if clause.reason.startswith("node(s) had untolerated taint") else 0


def _told(case: Case, pod: Obj, clause: Clause) -> tuple[Message, list[Evidence], str]:
    """Cause, evidence and next command of one clause."""
    for words, tell in _REASONS:
        if words in clause.reason and (found := tell(case, pod, clause)) is not None:
            return found
    return msg("{reason}", reason=clause.reason), [], _describe(case, pod)


Telling = Callable[[Case, Obj, Clause], tuple[Message, list[Evidence], str] | None]

_REASONS: tuple[tuple[str, Telling], ...] = (
    ("Insufficient ", too_little),
    ("Too many pods", too_many),
    ("were unschedulable", refuses_cordoned),
    ("untolerated taint", tainted),
    ("node affinity/selector", labelled_otherwise),
    ("PersistentVolume's node affinity", out_of_reach),
    ("ReadWriteOncePod", taken),
    ("persistent volumes to bind", none_to_bind),
    ("persistentvolumeclaim", without_claim),
    ("PersistentVolumeClaims", unbound),
    ("non-existent pv", volume_gone),
    ("pod affinity rules", far_from_friends),
    ("existing pods anti-affinity", kept_away),
    ("pod anti-affinity rules", near_to_foes),
    ("free ports", port_taken),
    ("topology spread", spread),
    ("no nodes available", no_nodes),
)
"""Words of the scheduler's plugins (kubernetes.io/docs/reference/scheduling/config), and who tells of them."""


# ---- Which nodes could run a Pod, as far as the API shows: the scheduler's filters, recomputed from a snapshot
#
# A scheduler keeps what it weighed to itself. Its filters follow from objects that everybody can read; its scores
# depend
# on what it had in mind at that moment, and are not guessed here. Names and words are those of the scheduler's
# plugins.

_CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A node, and the other Pods that are on it."""

    node: Obj
    pods: Sequence[Obj]


Filter: TypeAlias = Callable[[Obj, _Place], Iterator[str]]


def _unschedulable(pod: Obj, place: _Place) -> Iterator[str]:
    if (place.node.get("spec") or {}).get("unschedulable") and nodeselectors.untolerated(pod, [_CORDON]):
        yield "node(s) were unschedulable"


def _tainted(pod: Obj, place: _Place) -> Iterator[str]:
    if nodeselectors.untolerated(pod, nodeselectors.taints_of(place.node, ("NoSchedule", "NoExecute"))):
        yield "node(s) had untolerated taint(s)"


def _labelled(pod: Obj, place: _Place) -> Iterator[str]:
    if not nodeselectors.matches_required(pod, place.node):
        yield "node(s) didn't match Pod's node affinity/selector"


def _roomy(pod: Obj, place: _Place) -> Iterator[str]:
    have = quantity.allocatable(place.node)
    if len(place.pods) + 1 > have.get("pods", 0):
        yield "Too many pods"
    taken: quantity.Amounts = {}
    for other in place.pods:
        taken = quantity.add(taken, quantity.requests(other))
    for name, amount in quantity.requests(pod).items():
        if 0 < amount > have.get(name, 0) - taken.get(name, 0):
            yield f"Insufficient {name}"


_FILTERS: Mapping[str, Filter] = {
    "NodeUnschedulable": _unschedulable,
    "TaintToleration": _tainted,
    "NodeAffinity": _labelled,
    "NodeResourcesFit": _roomy,
}
RECOMPUTED = tuple(_FILTERS)
"""The filters that are recomputed, in the order in which a scheduler asks them."""


def recompute(snapshot: Snapshot, pod: Obj) -> Decision:
    """Each node's verdict about a Pod as things stand in a snapshot, without the Pod itself.

    Args:
        snapshot: Nodes, and the Pods of all namespaces.
        pod: One of its Pods, on a node or on none.
    """
    others: dict[str, list[Obj]] = {metadata.name(node): [] for node in snapshot.of("Node")}
    for other in snapshot.of("Pod"):
        if metadata.uid(other) != metadata.uid(pod) and not pods.is_terminal(other):
            others.get(str((other.get("spec") or {}).get("nodeName") or ""), []).append(other)
    nodes = sorted(snapshot.of("Node"), key=metadata.name)
    verdicts = tuple(_judge(pod, _Place(node, others[metadata.name(node)])) for node in nodes)
    chosen = str((pod.get("spec") or {}).get("nodeName") or "")
    return Decision(metadata.key(pod), metadata.uid(pod), snapshot.time, 0, verdicts, RECOMPUTED, chosen)


def left_out(pod: Obj) -> tuple[str, ...]:
    """Filters that have something to say about this Pod, and are not recomputed."""
    spec = pod.get("spec") or {}
    affinity = spec.get("affinity") or {}
    claims = any("persistentVolumeClaim" in row or "ephemeral" in row for row in spec.get("volumes") or ())
    ports = any(port.get("hostPort") for row in spec.get("containers") or () for port in row.get("ports") or ())
    found = {
        "NodePorts": ports,
        "VolumeBinding": claims,
        "PodTopologySpread": bool(spec.get("topologySpreadConstraints")),
        "InterPodAffinity": bool(affinity.get("podAffinity") or affinity.get("podAntiAffinity")),
    }
    return tuple(name for name, there in found.items() if there)


def _judge(pod: Obj, place: _Place) -> NodeVerdict:
    name = metadata.name(place.node)
    for plugin, filter_ in _FILTERS.items():
        if reasons := tuple(filter_(pod, place)):
            return NodeVerdict(name, Refusal(plugin, reasons))
    return NodeVerdict(name)
