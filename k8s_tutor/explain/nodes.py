"""Nodes: which take no Pods or do not answer, and why they refuse a Pod: what it asks for beside what each has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, condition, field_of, says, seen
from k8s_tutor.explain.pods_waiting import containers
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg, msg_n
from k8s_tutor.objects import metadata, nodeselectors, pods, selectors
from k8s_tutor.objects.nodeselectors import Clause
from k8s_tutor.objects.quantity import ZERO, Quantity, parse
from k8s_tutor.objects.types import Obj

__all__ = [
    "Told",
    "cordoned",
    "far_from_friends",
    "kept_away",
    "labelled_otherwise",
    "near_to_foes",
    "no_nodes",
    "not_ready",
    "port_taken",
    "refuses_cordoned",
    "spread",
    "tainted",
    "too_little",
    "too_many",
    "under_pressure",
]

_PRESSURE = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


def not_ready(case: Case, node: Obj) -> Finding | None:
    """It says that it is not ready, or says nothing any more."""
    ready = condition(node, "Ready")
    if not ready or says(node, "Ready", "True"):
        return None
    steps = [
        seen(
            ready.key("status"),
            msg("The node is not ready: no new Pods come, and after a while its own are replaced elsewhere."),
        )
    ]
    if ready.key("message"):
        steps.append(seen(ready.key("message"), msg("So it is said of it.")))
    unheard = ready.key("status").text == "Unknown"
    cause = (
        msg("nothing has been heard from it for a while") if unheard else msg("its kubelet says that it is not ready")
    )
    return Finding(cause, tuple(steps), f"kubectl describe node {metadata.name(node)}")


def under_pressure(case: Case, node: Obj) -> Finding | None:
    """It runs short of something."""
    for kind in _PRESSURE:
        if says(node, kind, "True"):
            steps = (
                seen(condition(node, kind).key("status"), msg("The node says that this is so: {kind}.", kind=kind)),
                seen(condition(node, kind).key("message"), msg("So it says.")),
            )
            return Finding(
                msg("it is under pressure ({kind})", kind=kind), steps, f"kubectl describe node {metadata.name(node)}"
            )
    return None


def cordoned(case: Case, node: Obj) -> Finding | None:
    """Somebody has closed it for new Pods."""
    place = field_of(node, "spec.unschedulable")
    if place.value is not True:
        return None
    step = seen(place, msg("It takes no new Pods; those that are there stay."))
    return Finding(msg("it is cordoned"), (step,), f"kubectl uncordon {metadata.name(node)}", State.UNREADY)


# ---- Why nodes refuse a Pod: what it asks for beside what each node has

Told: TypeAlias = tuple[Message, list[Evidence], str]
"""Cause, evidence and next command."""

_MOST = 3  # nodes told of one by one
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def too_little(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Requests that no node has left."""
    resource = clause.reason.removeprefix("Insufficient ")
    wanted = _wanted(pod, resource)
    steps = [
        seen(
            container.spec.at("resources.requests").key(resource),
            msg("The Pod asks for that much {resource}.", resource=resource),
        )
        for container in containers(pod)
        if container.spec.at("resources.requests").key(resource)
    ]
    if whole := field_of(pod, "spec.resources.requests").key(resource):
        steps = [seen(whole, msg("The Pod asks for that much {resource}.", resource=resource))]
    for node in _candidates(case, pod)[:_MOST]:
        has = field_of(node, "status.allocatable").key(resource)
        taken = _taken(case, node, resource)
        words = msg(
            "It has that much {resource} for Pods; those on it ask for {taken}, the new one for {wanted}.",
            resource=resource, taken=taken, wanted=wanted,
        ) if has else msg("It has no {resource} at all.", resource=resource)  # fmt: skip
        steps.append(seen(has, words))
    cause = msg_n(
        "{n} node has not enough {resource} left for what it asks for",
        "{n} nodes have not enough {resource} left for what it asks for",
        n=clause.nodes,
        resource=resource,
    )
    return cause, steps, "kubectl describe nodes"


def too_many(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Nodes that are full by number."""
    steps = []
    for node in _candidates(case, pod)[:_MOST]:
        there = len(_on(case, node))
        limit = field_of(node, "status.allocatable.pods")
        steps.append(seen(limit, msg("It takes so many Pods, and has {count}.", count=there)))
    return (
        msg_n("{n} node has as many Pods as they take", "{n} nodes have as many Pods as they take", n=clause.nodes),
        steps,
        "kubectl get pods -A -o wide",
    )


def refuses_cordoned(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Nodes that take no new Pods."""
    nodes = [node for node in case.snapshot.of("Node") if field_of(node, "spec.unschedulable").value is True]
    steps = [
        seen(field_of(node, "spec.unschedulable"), msg("The node is cordoned: it takes no new Pods."))
        for node in nodes[:_MOST]
    ]
    command = f"kubectl uncordon {metadata.name(nodes[0])}" if nodes else "kubectl get nodes"
    return msg_n("{n} node is cordoned", "{n} nodes are cordoned", n=clause.nodes), steps, command


def tainted(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Taints that the Pod does not tolerate."""
    steps = []
    names = []
    for node in case.snapshot.of("Node"):
        rows = nodeselectors.untolerated(pod, nodeselectors.taints_of(node, ("NoSchedule", "NoExecute")))
        place = next((row for row in field_of(node, "spec.taints").items() if row.value in rows), None)
        if place is not None:
            names.append(place.key("key").text)
            steps.append(
                seen(
                    place.key("key"),
                    msg(
                        "The node is tainted ({effect}), and the Pod does not tolerate it.",
                        effect=place.key("effect").text,
                    ),
                )
            )
    cause = msg_n(
        "{n} node has a taint that it does not tolerate",
        "{n} nodes have a taint that it does not tolerate",
        n=clause.nodes,
    )
    if names and len(set(names)) == 1:
        cause = msg_n(
            "{n} node has the taint {taint}, which it does not tolerate",
            "{n} nodes have the taint {taint}, which it does not tolerate",
            n=clause.nodes,
            taint=names[0],
        )
    return cause, steps[:_MOST], "kubectl describe nodes"


def labelled_otherwise(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Nodes without the labels that the Pod asks for."""
    steps = []
    nodes = [node for node in case.snapshot.of("Node") if not nodeselectors.matches_required(pod, node)]
    for key, wanted in field_of(pod, "spec.nodeSelector").entries():
        has = {metadata.labels(node).get(key) for node in nodes}
        if has <= {wanted.text}:
            continue
        steps.append(seen(wanted, msg("It wants a node with the label {key}={value}.", key=key, value=wanted.text)))
        steps += [_label_of(node, key) for node in nodes[:_MOST] if metadata.labels(node).get(key) != wanted.text]
    required = field_of(pod, f"spec.affinity.nodeAffinity.{_REQUIRED}")
    for term in required.at("nodeSelectorTerms").items():
        for row in (*term.key("matchExpressions").items(), *term.key("matchFields").items()):
            values = ", ".join(str(value) for value in row.key("values").value or ())
            words = msg(
                "It wants a node with {key} {relation} {values}.",
                key=row.key("key").text,
                relation=row.key("operator").text,
                values=values,
            )
            steps.append(seen(row.key("key"), words))
            steps += [_label_of(node, row.key("key").text) for node in nodes[:_MOST]]
    cause = msg_n(
        "{n} node lacks the labels that it asks for", "{n} nodes lack the labels that it asks for", n=clause.nodes
    )
    return cause, steps, "kubectl get nodes --show-labels"


def _label_of(node: Obj, key: str) -> Evidence:
    label = field_of(node, "metadata.labels").key(key)
    words = msg("This node has another value.") if label else msg("This node has no label {key}.", key=key)
    return seen(label, words)


def far_from_friends(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Pods that it wants to be near to, and that are nowhere."""
    return _terms(
        case,
        pod,
        "podAffinity",
        msg_n(
            "{n} node has no Pod that it wants to be together with",
            "{n} nodes have no Pod that it wants to be together with",
            n=clause.nodes,
        ),
    )


def near_to_foes(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Pods that it wants to be far from, and that are everywhere."""
    return _terms(
        case,
        pod,
        "podAntiAffinity",
        msg_n(
            "{n} node has a Pod that it wants to be apart from",
            "{n} nodes have a Pod that it wants to be apart from",
            n=clause.nodes,
        ),
    )


def _terms(case: Case, pod: Obj, side: str, cause: Message) -> Told | None:
    steps = []
    for term in field_of(pod, f"spec.affinity.{side}.{_REQUIRED}").items():
        wanted = term.key("labelSelector")
        words = (
            msg("It wants a Pod with these labels on the same {topology}.", topology=term.key("topologyKey").text)
            if side == "podAffinity"
            else msg("It wants no Pod with these labels on the same {topology}.", topology=term.key("topologyKey").text)
        )
        steps.append(seen(wanted, words))
        chosen = _selected(case, pod, wanted)
        steps += [_where(other, msg("This Pod has them, on this node.")) for other in chosen[:_MOST]]
        if not chosen:
            steps.append(seen(wanted, msg("No Pod with these labels is on any node.")))
    command = case.kubectl("get pods --show-labels -o wide", pod)
    return cause, steps, command


def kept_away(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Pods already there that want it to stay away."""
    steps = []
    for other in case.snapshot.of("Pod"):
        for term in field_of(other, f"spec.affinity.podAntiAffinity.{_REQUIRED}").items():
            wanted = term.key("labelSelector")
            if field_of(other, "spec.nodeName") and _matches(wanted, pod):
                steps.append(seen(wanted, msg("This Pod wants nobody with these labels near it.")))
                steps.append(_where(other, msg("And it is on this node.")))
    cause = msg_n(
        "{n} node has a Pod that wants to be apart from it",
        "{n} nodes have a Pod that wants to be apart from it",
        n=clause.nodes,
    )
    return cause, steps[: 2 * _MOST], case.kubectl("get pods --show-labels -o wide", pod)


def _where(pod: Obj, words: Message) -> Evidence:
    return seen(field_of(pod, "spec.nodeName"), words)


def _selected(case: Case, pod: Obj, wanted: Field) -> list[Obj]:
    return [
        other
        for other in case.of("Pod", metadata.namespace(pod))
        if field_of(other, "spec.nodeName") and _matches(wanted, other)
    ]


def _matches(selector: Field, pod: Obj) -> bool:
    try:
        return selectors.matches(selector.value, metadata.labels(pod))
    except selectors.SelectorError:
        return False


def port_taken(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Host ports that others hold."""
    wanted = {(port.text): port for port in _host_ports(pod)}
    steps = [seen(port, msg("It wants this port of the node itself.")) for port in wanted.values()]
    for other in case.snapshot.of("Pod"):
        if other is pod or not field_of(other, "spec.nodeName"):
            continue
        for port in _host_ports(other):
            if port.text in wanted:
                node = field_of(other, "spec.nodeName").text
                steps.append(seen(port, msg("This Pod has it, on node {node}.", node=node)))
    cause = msg_n("{n} node has no free host port for it", "{n} nodes have no free host port for it", n=clause.nodes)
    return cause, steps[: 2 * _MOST], case.kubectl("get pods -o wide", pod)


def _host_ports(pod: Obj) -> Iterator[Field]:
    for container in containers(pod):
        for port in container.spec.key("ports").items():
            if port.key("hostPort").number:
                yield port.key("hostPort")


def spread(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """Constraints on how evenly Pods are spread."""
    steps = []
    for row in field_of(pod, "spec.topologySpreadConstraints").items():
        if row.key("whenUnsatisfiable").text == "ScheduleAnyway":
            continue
        topology = row.key("topologyKey")
        skew = row.key("maxSkew").text
        words = msg("Nodes are grouped by this label; the groups may differ by {skew} Pods.", skew=skew)
        steps.append(seen(topology, words))
        without = [node for node in case.snapshot.of("Node") if topology.text not in metadata.labels(node)]
        if "missing required label" in clause.reason:
            steps += [_label_of(node, topology.text) for node in without[:_MOST]]
        else:
            steps += [
                _where(other, msg("This Pod counts."))
                for other in _selected(case, pod, row.key("labelSelector"))[:_MOST]
            ]
    cause = (
        msg_n(
            "{n} node lacks the label by which it is to be spread",
            "{n} nodes lack the label by which it is to be spread",
            n=clause.nodes,
        )
        if "missing required label" in clause.reason
        else msg_n(
            "on {n} node it would spread the Pods too unevenly",
            "on {n} nodes it would spread the Pods too unevenly",
            n=clause.nodes,
        )
    )
    return cause, steps, "kubectl get nodes --show-labels"


def no_nodes(case: Case, pod: Obj, clause: Clause) -> Told | None:
    """A cluster without nodes."""
    return msg("the cluster has no node"), [], "kubectl get nodes"


# ---- What is on a node


def _candidates(case: Case, pod: Obj) -> list[Obj]:
    """Nodes that nothing but their room speaks against."""
    return [
        node
        for node in case.snapshot.of("Node")
        if not nodeselectors.untolerated(pod, nodeselectors.taints_of(node, ("NoSchedule", "NoExecute")))
        and field_of(node, "spec.unschedulable").value is not True
        and nodeselectors.matches_required(pod, node)
    ]


def _on(case: Case, node: Obj) -> list[Obj]:
    name = metadata.name(node)
    return [
        pod
        for pod in case.snapshot.of("Pod")
        if field_of(pod, "spec.nodeName").value == name
        and field_of(pod, "status.phase").value not in ("Succeeded", "Failed")
    ]


def _taken(case: Case, node: Obj, resource: str) -> Quantity:
    return sum((_wanted(pod, resource) for pod in _on(case, node)), ZERO)


def _wanted(pod: Obj, resource: str) -> Quantity:
    """What a Pod asks for: as a whole, or else its containers together."""
    spec = pod.get("spec") or {}
    if resource in ((spec.get("resources") or {}).get("requests") or {}):
        return _requested(spec, resource)
    return pods.of_containers(spec, ZERO, lambda row: _requested(row, resource), lambda a, b: a + b, max)


def _requested(container: Obj, resource: str) -> Quantity:
    amounts = (container.get("resources") or {}).get("requests") or {}
    return parse(amounts.get(resource, 0))
