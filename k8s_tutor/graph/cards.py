"""From an object to its card: name, health, the one fact that matters most, and what is inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from k8s_tutor.graph.endpoints import backends, selector_text
from k8s_tutor.graph.health import containers, custom_facts, custom_health, pod_health, restarts
from k8s_tutor.graph.model import UNSAID, EdgeState, Health, Node, State
from k8s_tutor.language import Wording, msg, msg_n
from k8s_tutor.objects import conditions, metadata, pods
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["card", "ghost", "health_of", "load_balancers", "node_ports"]


# ---- How an object is: one row a kind. What has no row is judged by what its own fields say


def health_of(obj: Obj, snapshot: Snapshot) -> Health:
    """State, word and cause of any object.

    Args:
        obj: An object of the snapshot.
        snapshot: What stands around it: Events about it, endpoints behind it.
    """
    if metadata.is_deleting(obj):
        return Health(State.LEAVING, "Terminating")
    judge = _JUDGES.get(str(obj.get("kind", "")), _custom)
    return judge(obj, snapshot)


def _pod(obj: Obj, snapshot: Snapshot) -> Health:
    return pod_health(obj, snapshot.events_about(metadata.uid(obj)))


def _replicated(obj: Obj, _snapshot: Snapshot) -> Health:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    wanted = int(1 if spec.get("replicas") is None else spec["replicas"])
    return _counted(obj, int(status.get("readyReplicas") or 0), wanted, int(status.get("replicas") or 0))


def _daemon(obj: Obj, _snapshot: Snapshot) -> Health:
    status = obj.get("status") or {}
    wanted = int(status.get("desiredNumberScheduled") or 0)
    return _counted(obj, int(status.get("numberReady") or 0), wanted, int(status.get("currentNumberScheduled") or 0))


def _counted(obj: Obj, ready: int, wanted: int, present: int) -> Health:
    word = msg("{ready} of {wanted} ready", ready=ready, wanted=wanted)
    if conditions.status(obj, "Progressing") == "False":
        return Health(State.FAILING, word, conditions.message(obj, "Progressing"))
    if conditions.is_true(obj, "ReplicaFailure"):
        return Health(State.FAILING, word, conditions.message(obj, "ReplicaFailure"))
    if wanted == 0 and present == 0:
        return Health(State.PLAIN, msg("0 Pods wanted"))
    status = obj.get("status") or {}
    outdated = int(status.get("updatedReplicas", wanted)) < wanted or _not_seen_yet(obj)
    if ready == wanted == present and not outdated:
        return Health(State.GOOD, word)
    return Health(State.WAITING if present != wanted or outdated else State.UNREADY, word)


def _not_seen_yet(obj: Obj) -> bool:
    generation = (obj.get("metadata") or {}).get("generation", 0)
    return bool((obj.get("status") or {}).get("observedGeneration", generation) != generation)


def _job(obj: Obj, _snapshot: Snapshot) -> Health:
    if conditions.is_true(obj, "Complete"):
        return Health(State.DONE, "Complete")
    if conditions.is_true(obj, "Failed"):
        return Health(State.FAILING, "Failed", conditions.message(obj, "Failed"))
    if conditions.is_true(obj, "Suspended"):
        return Health(State.PLAIN, msg("suspended"))
    wanted = (obj.get("spec") or {}).get("completions") or 1
    return Health(
        State.WAITING,
        msg("{done} of {wanted} done", done=int((obj.get("status") or {}).get("succeeded") or 0), wanted=int(wanted)),
    )


def _cron_job(obj: Obj, _snapshot: Snapshot) -> Health:
    return Health(State.PLAIN, msg("suspended")) if (obj.get("spec") or {}).get("suspend") else UNSAID


def _service(obj: Obj, snapshot: Snapshot) -> Health:
    if (obj.get("spec") or {}).get("type") == "ExternalName":
        return UNSAID
    behind = backends(obj, snapshot)
    ready = sum(backend.ready for backend in behind)
    if not behind:
        return Health(State.FAILING, msg("no endpoints"))
    word = msg("{ready} of {wanted} ready", ready=ready, wanted=len(behind))
    if ready and not any(backend.state is EdgeState.SOLID for backend in behind):
        return Health(State.FAILING, word, next(backend.cause for backend in behind if backend.ready))
    return Health(State.GOOD if ready == len(behind) else State.UNREADY if ready else State.FAILING, word)


def _node(obj: Obj, _snapshot: Snapshot) -> Health:
    if not conditions.is_true(obj, "Ready"):
        message = conditions.message(obj, "Ready")
        return Health(State.FAILING, msg("Not ready"), message or None)
    if (obj.get("spec") or {}).get("unschedulable"):
        return Health(State.UNREADY, msg("Ready, cordoned"))
    return Health(State.GOOD, msg("Ready"))


def _claim(obj: Obj, _snapshot: Snapshot) -> Health:
    phase = str((obj.get("status") or {}).get("phase") or "Pending")
    states = {"Bound": State.GOOD, "Pending": State.WAITING}
    return Health(states.get(phase, State.FAILING), phase)


def _custom(obj: Obj, _snapshot: Snapshot) -> Health:
    return custom_health(obj)


_JUDGES: Mapping[str, Callable[[Obj, Snapshot], Health]] = {
    "Pod": _pod,
    "Deployment": _replicated,
    "ReplicaSet": _replicated,
    "StatefulSet": _replicated,
    "ReplicationController": _replicated,
    "DaemonSet": _daemon,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _claim,
}


# ---- From an object to its card: name, health, the one fact that matters most, and what is inside


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


def ghost(key: str, kind: str, title: Wording, name: str = "") -> Node:
    """A card for something that is not there, but that something else points at."""
    return Node(id=f"ghost:{key}", kind=kind, name=name, title=title, health=Health(State.ABSENT, msg("not there")))


def load_balancers(service: Obj, snapshot: Snapshot) -> tuple[Node, ...]:
    """The addresses in front of a Service of type LoadBalancer: a card each, or one that still waits for an address."""
    spec, status = service.get("spec") or {}, service.get("status") or {}
    if spec.get("type") != "LoadBalancer":
        return ()
    uid = metadata.uid(service)
    facts = tuple(_ports(spec, node=True))
    entries = (status.get("loadBalancer") or {}).get("ingress") or ()
    if not entries:
        waiting = Health(State.WAITING, msg("pending"), _why_pending(snapshot.events_about(uid)))
        return (Node(f"lb:{uid}", "LoadBalancer", "", waiting, facts=facts, title=msg("no address yet")),)
    return tuple(
        Node(
            f"lb:{uid}" if index == 0 else f"lb:{uid}/{index}",
            "LoadBalancer",
            str(entry.get("ip") or entry.get("hostname") or ""),
            Health(State.GOOD, msg("assigned")),
            facts=facts,
        )
        for index, entry in enumerate(entries)
    )


def _why_pending(events: Sequence[Obj]) -> Wording:
    """What is known of the address to come: Kubernetes gives none itself, a controller has to."""
    if not events:
        return msg("nobody has given it an address")
    last = events[-1]
    if last.get("type") == "Warning":
        return str(last.get("message", ""))
    return msg("an address is on its way")


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
            facts=(msg("on every node"),),
        )
        for port in spec.get("ports") or ()
        if port.get("nodePort")
    )


def _facts_of_others(obj: Obj) -> tuple[Wording, ...]:
    return () if builtin_kinds().of(str(obj.get("apiVersion", "")), str(obj.get("kind", ""))) else custom_facts(obj)


def _pod_card(pod: Obj) -> tuple[Wording, ...]:
    facts: list[Wording] = []
    if count := restarts(pod):
        facts.append(msg_n("{n} restart", "{n} restarts", n=count))
    inside = containers(pod)
    if len(inside) > 1 and not pods.is_terminal(pod):
        running = sum(part.health.state is State.GOOD for part in inside)
        facts.append(msg("{running} of {count} containers running", running=running, count=len(inside)))
    rows = (pod.get("status") or {}).get("containerStatuses") or ()
    if any(map(pods.is_stand_in, rows)):
        facts.append(msg("{glyph} stand-in", glyph=pods.STAND_IN_GLYPH))
    address = pods.address_of(pod)
    facts.append(address or msg("no address yet"))
    return tuple(facts)


def _pod_inside(pod: Obj) -> tuple[Wording, ...]:
    spec, address = pod.get("spec") or {}, pods.address_of(pod)
    shared = len(spec.get("containers") or ()) > 1
    facts: list[Wording] = [msg("address {address}", address=address)]
    if not address:
        facts = [msg("no address yet")]
    elif shared:
        facts = [msg("address {address}, shared by its containers", address=address)]
    if labels := metadata.labels(pod):
        facts.append(
            msg("labels {labels}", labels=", ".join(f"{key}={value}" for key, value in sorted(labels.items())))
        )
    return tuple(facts)


def _service_card(service: Obj) -> tuple[Wording, ...]:
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return (str(spec.get("externalName", "")),)
    selector = selector_text(service)
    facts: list[Wording] = [selector or msg("no selector"), *_ports(spec)]
    address = str(spec.get("clusterIP") or "")
    facts.append(msg("headless") if address == "None" else address)
    return tuple(facts)


def _ports(spec: Obj, *, node: bool = False) -> Iterable[Wording]:
    for port in spec.get("ports") or ():
        number, target = port.get("port", ""), port.get("targetPort") or port.get("port", "")
        if node and port.get("nodePort"):
            yield msg("port {port} → node port {target}", port=number, target=port["nodePort"])
        else:
            yield (
                msg("port {port}", port=number)
                if number == target
                else msg("port {port} → {target}", port=number, target=target)
            )


def _images(obj: Obj) -> tuple[Wording, ...]:
    template = ((obj.get("spec") or {}).get("template") or {}).get("spec") or {}
    return tuple(str(row.get("image", "")).rpartition("/")[2] for row in template.get("containers") or ())


def _node_card(node: Obj) -> tuple[Wording, ...]:
    roles = [key.partition("/")[2] for key in metadata.labels(node) if key.startswith("node-role.kubernetes.io/")]
    if roles:
        return (", ".join(sorted(roles)),)
    room = (node.get("status") or {}).get("allocatable") or {}
    return (msg("{count} CPUs", count=str(room["cpu"])),) if "cpu" in room else ()


def _keys(obj: Obj) -> tuple[Wording, ...]:
    keys = sorted([*(obj.get("data") or {}), *(obj.get("binaryData") or {})])
    return (", ".join(keys),) if keys else ()


def _schedule(obj: Obj) -> tuple[Wording, ...]:
    spec = obj.get("spec") or {}
    return (" ".join(filter(None, (spec.get("schedule"), spec.get("timeZone")))),)


def _claim_card(obj: Obj) -> tuple[Wording, ...]:
    wanted = (((obj.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage")
    return (str(wanted),) if wanted else ()


def _hosts(obj: Obj) -> tuple[Wording, ...]:
    hosts = [str(rule.get("host") or "*") for rule in (obj.get("spec") or {}).get("rules") or ()]
    return (", ".join(hosts),) if hosts else ()


_FACTS: Mapping[str, Callable[[Obj], tuple[Wording, ...]]] = {
    "Pod": _pod_card,
    "Service": _service_card,
    "Deployment": _images,
    "ReplicaSet": _images,
    "StatefulSet": _images,
    "DaemonSet": _images,
    "Job": _images,
    "CronJob": _schedule,
    "Node": _node_card,
    "ConfigMap": _keys,
    "PersistentVolumeClaim": _claim_card,
    "Ingress": _hosts,
}
