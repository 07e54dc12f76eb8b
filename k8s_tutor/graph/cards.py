"""From an object to its card: name, health, the one fact that matters most, and what is inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from k8s_tutor.graph.custom import custom_facts
from k8s_tutor.graph.endpoints import selector_text
from k8s_tutor.graph.health import health_of
from k8s_tutor.graph.model import Health, Node, Phrase, State, phrase, verbatim
from k8s_tutor.graph.podhealth import containers, restarts
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["card", "ghost", "load_balancers", "node_ports"]


def card(obj: Obj, snapshot: Snapshot, *, inside: bool = False) -> Node:
    """The card of an object.

    Args:
        obj: An object of the snapshot.
        snapshot: What stands around it.
        inside: Whether to show what is inside (a pod's containers) and all facts.
    """
    kind = str(obj.get("kind", ""))
    facts = _FACTS.get(kind, _facts_of_others)(obj)
    if inside and kind == "Pod":
        facts = _pod_inside(obj)
    return Node(
        id=metadata.uid(obj),
        kind=kind,
        name=metadata.name(obj),
        health=health_of(obj, snapshot),
        where=str((obj.get("spec") or {}).get("nodeName") or "") if kind == "Pod" else "",
        facts=facts,
        parts=containers(obj) if inside and kind == "Pod" else (),
        namespace=metadata.namespace(obj),
        owner=(metadata.controller_of(obj) or {}).get("uid", ""),
    )


def ghost(key: str, kind: str, title: Phrase, name: str = "") -> Node:
    """A card for something that is not there, but that something else points at."""
    return Node(id=f"ghost:{key}", kind=kind, name=name, title=title, health=Health(State.ABSENT, phrase("absent")))


def load_balancers(service: Obj, snapshot: Snapshot) -> tuple[Node, ...]:
    """The addresses in front of a Service of type LoadBalancer: a card each, or one that still waits for an address."""
    spec, status = service.get("spec") or {}, service.get("status") or {}
    if spec.get("type") != "LoadBalancer":
        return ()
    uid = metadata.uid(service)
    facts = tuple(_ports(spec, node=True))
    entries = (status.get("loadBalancer") or {}).get("ingress") or ()
    if not entries:
        waiting = Health(State.WAITING, phrase("pending"), _why_pending(snapshot.events_about(uid)))
        return (Node(f"lb:{uid}", "LoadBalancer", "", waiting, facts=facts, title=phrase("no-address-yet")),)
    return tuple(
        Node(
            f"lb:{uid}" if index == 0 else f"lb:{uid}/{index}",
            "LoadBalancer",
            str(entry.get("ip") or entry.get("hostname") or ""),
            Health(State.GOOD, phrase("has-address")),
            facts=facts,
        )
        for index, entry in enumerate(entries)
    )


def _why_pending(events: Sequence[Obj]) -> Phrase:
    """What is known of the address to come: Kubernetes gives none itself, a controller has to."""
    if not events:
        return phrase("nobody-gives-address")
    last = events[-1]
    if last.get("type") == "Warning":
        return verbatim(str(last.get("message", "")))
    return phrase("address-on-its-way")


def node_ports(service: Obj) -> tuple[Node, ...]:
    """The ports of every node that lead to a Service of type NodePort."""
    spec = service.get("spec") or {}
    if spec.get("type") != "NodePort":
        return ()
    return tuple(
        Node(
            f"nodeport:{metadata.uid(service)}/{port['nodePort']}",
            "NodePort",
            str(port["nodePort"]),
            facts=(phrase("on-every-node"),),
        )
        for port in spec.get("ports") or ()
        if port.get("nodePort")
    )


def _facts_of_others(obj: Obj) -> tuple[Phrase, ...]:
    return () if builtin_kinds().of(str(obj.get("apiVersion", "")), str(obj.get("kind", ""))) else custom_facts(obj)


def _pod(pod: Obj) -> tuple[Phrase, ...]:
    facts = []
    if count := restarts(pod):
        facts.append(phrase("restarts", count) if count > 1 else phrase("one-restart"))
    inside = containers(pod)
    if len(inside) > 1 and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
        running = sum(part.health.state is State.GOOD for part in inside)
        facts.append(phrase("containers-running", running, len(inside)))
    address = str((pod.get("status") or {}).get("podIP") or "")
    facts.append(verbatim(address) if address else phrase("no-address-yet"))
    return tuple(facts)


def _pod_inside(pod: Obj) -> tuple[Phrase, ...]:
    status, spec = pod.get("status") or {}, pod.get("spec") or {}
    address = str(status.get("podIP") or "")
    shared = len(spec.get("containers") or ()) > 1
    facts = [phrase("address-shared" if shared else "address", address) if address else phrase("no-address-yet")]
    if labels := metadata.labels(pod):
        facts.append(phrase("labels", ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))))
    return tuple(facts)


def _service(service: Obj) -> tuple[Phrase, ...]:
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return (verbatim(str(spec.get("externalName", ""))),)
    selector = selector_text(service)
    facts = [verbatim(selector) if selector else phrase("no-selector"), *_ports(spec)]
    address = str(spec.get("clusterIP") or "")
    facts.append(phrase("headless") if address == "None" else verbatim(address))
    return tuple(facts)


def _ports(spec: Obj, *, node: bool = False) -> Iterable[Phrase]:
    for port in spec.get("ports") or ():
        number, target = port.get("port", ""), port.get("targetPort") or port.get("port", "")
        if node and port.get("nodePort"):
            yield phrase("port-to-node", number, port["nodePort"])
        else:
            yield phrase("port", number) if number == target else phrase("port-to", number, target)


def _images(obj: Obj) -> tuple[Phrase, ...]:
    template = ((obj.get("spec") or {}).get("template") or {}).get("spec") or {}
    return tuple(verbatim(str(row.get("image", "")).rpartition("/")[2]) for row in template.get("containers") or ())


def _node(node: Obj) -> tuple[Phrase, ...]:
    roles = [key.partition("/")[2] for key in metadata.labels(node) if key.startswith("node-role.kubernetes.io/")]
    if roles:
        return (verbatim(", ".join(sorted(roles))),)
    room = (node.get("status") or {}).get("allocatable") or {}
    return (phrase("cpus", str(room["cpu"])),) if "cpu" in room else ()


def _keys(obj: Obj) -> tuple[Phrase, ...]:
    keys = sorted([*(obj.get("data") or {}), *(obj.get("binaryData") or {})])
    return (verbatim(", ".join(keys)),) if keys else ()


def _schedule(obj: Obj) -> tuple[Phrase, ...]:
    spec = obj.get("spec") or {}
    return (verbatim(" ".join(filter(None, (spec.get("schedule"), spec.get("timeZone"))))),)


def _claim(obj: Obj) -> tuple[Phrase, ...]:
    wanted = (((obj.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage")
    return (verbatim(str(wanted)),) if wanted else ()


def _hosts(obj: Obj) -> tuple[Phrase, ...]:
    hosts = [str(rule.get("host") or "*") for rule in (obj.get("spec") or {}).get("rules") or ()]
    return (verbatim(", ".join(hosts)),) if hosts else ()


_FACTS: Mapping[str, Callable[[Obj], tuple[Phrase, ...]]] = {
    "Pod": _pod,
    "Service": _service,
    "Deployment": _images,
    "ReplicaSet": _images,
    "StatefulSet": _images,
    "DaemonSet": _images,
    "Job": _images,
    "CronJob": _schedule,
    "Node": _node,
    "ConfigMap": _keys,
    "PersistentVolumeClaim": _claim,
    "Ingress": _hosts,
}
