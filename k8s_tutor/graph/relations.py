"""Which objects belong together, and what says so: a table of relations. Adding one is adding a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from k8s_tutor.graph.cards import ghost, load_balancers, node_ports
from k8s_tutor.graph.endpoints import backends, selector_text, slices
from k8s_tutor.graph.model import Edge, EdgeState, Node
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["RELATIONS", "Link", "Relation"]


@dataclass(frozen=True, slots=True)
class Link:
    """An edge, and the card that it brings along when one of its ends is no object of the snapshot."""

    edge: Edge
    brings: Node | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of the table.

    Attributes:
        id: Unique; edges carry it.
        type: `owns`, `selects`, `endpoint`, `runs-on`, `routes` or `uses`: how pictures draw it.
        find: All its links in a snapshot.
    """

    id: str
    type: str
    find: Callable[[Snapshot], Iterable[Link]]


def _owner(snapshot: Snapshot) -> Iterator[Link]:
    for obj in snapshot.objects:
        for index, owner in enumerate(metadata.owners(obj)):
            uid = owner.get("uid", "")
            if uid in snapshot.by_uid and owner.get("kind") != "Node":  # a static pod's mirror "belongs" to its node
                yield Link(Edge(uid, metadata.uid(obj), "owner", f"metadata.ownerReferences[{index}]"))


def _endpoint(snapshot: Snapshot) -> Iterator[Link]:
    for service in snapshot.of("Service"):
        source = metadata.uid(service)
        for backend in backends(service, snapshot):
            brings = None
            if backend.pod is None:
                brings = Node(f"address:{source}/{backend.address}", "Address", backend.address)
            target = brings.id if brings else metadata.uid(backend.pod or {})
            edge = Edge(source, target, "endpoint", backend.field, backend.state, backend.cause)
            yield Link(edge, brings)


def _nothing_selected(snapshot: Snapshot) -> Iterator[Link]:
    for service in snapshot.of("Service"):
        selector = selector_text(service)
        if selector and not backends(service, snapshot):
            nobody = ghost(f"{metadata.uid(service)}/pods", "Pod", msg("no Pod has {labels}", labels=selector))
            cause = msg("no Pod has {labels}", labels=selector)
            yield Link(
                Edge(metadata.uid(service), nobody.id, "no-endpoint", "spec.selector", EdgeState.BROKEN, cause), nobody
            )


def _load_balancer(snapshot: Snapshot) -> Iterator[Link]:
    for service in snapshot.of("Service"):
        for balancer in load_balancers(service, snapshot):
            state = EdgeState.SOLID if balancer.name else EdgeState.WAITING
            edge = Edge(balancer.id, metadata.uid(service), "load-balancer", "status.loadBalancer.ingress", state)
            yield Link(edge, balancer)


def _node_port(snapshot: Snapshot) -> Iterator[Link]:
    for service in snapshot.of("Service"):
        for port in node_ports(service):
            yield Link(Edge(port.id, metadata.uid(service), "node-port", "spec.ports[].nodePort"), port)


def _slice(snapshot: Snapshot) -> Iterator[Link]:
    for service in snapshot.of("Service"):
        for piece in slices(service, snapshot):
            field = "metadata.labels[kubernetes.io/service-name]"
            yield Link(Edge(metadata.uid(service), metadata.uid(piece), "slice", field))


def _slice_endpoint(snapshot: Snapshot) -> Iterator[Link]:
    for service in snapshot.of("Service"):
        pieces = {metadata.name(piece): metadata.uid(piece) for piece in slices(service, snapshot)}
        for backend in backends(service, snapshot):
            name = backend.field.partition(":")[0].removeprefix("EndpointSlice ")
            if backend.pod is not None and name in pieces:
                target = metadata.uid(backend.pod)
                edge = Edge(pieces[name], target, "slice-endpoint", backend.field, backend.state, backend.cause)
                yield Link(edge)


def _ingress(snapshot: Snapshot) -> Iterator[Link]:
    for ingress in snapshot.of("Ingress"):
        for field, backend in _ingress_backends(ingress.get("spec") or {}):
            name = str((backend.get("service") or {}).get("name", ""))
            if name:
                yield _named(ingress, "Service", name, "ingress", field, snapshot)


def _ingress_backends(spec: Obj) -> Iterator[tuple[str, Obj]]:
    if default := spec.get("defaultBackend"):
        yield "spec.defaultBackend", default
    for rule_at, rule in enumerate(spec.get("rules") or ()):
        for path_at, path in enumerate((rule.get("http") or {}).get("paths") or ()):
            yield f"spec.rules[{rule_at}].http.paths[{path_at}].backend", path.get("backend") or {}


def _pod_node(snapshot: Snapshot) -> Iterator[Link]:
    nodes = {metadata.name(node): metadata.uid(node) for node in snapshot.of("Node")}
    for pod in snapshot.of("Pod"):
        uid = nodes.get(str((pod.get("spec") or {}).get("nodeName") or ""))
        if uid is not None:
            yield Link(Edge(metadata.uid(pod), uid, "node", "spec.nodeName"))


def _references(snapshot: Snapshot) -> Iterator[Link]:
    for pod in snapshot.of("Pod"):
        said: set[tuple[str, str]] = set()
        for field, kind, name in _pod_references(pod.get("spec") or {}):
            if name and (kind, name) not in said:
                said.add((kind, name))
                yield _named(pod, kind, name, "reference", field, snapshot)


def _volumes(snapshot: Snapshot) -> Iterator[Link]:
    for claim in snapshot.of("PersistentVolumeClaim"):
        name = str((claim.get("spec") or {}).get("volumeName") or "")
        if name:
            yield _named(claim, "PersistentVolume", name, "volume", "spec.volumeName", snapshot)


def _kept_claims(snapshot: Snapshot) -> Iterator[Link]:
    """Claims that a StatefulSet keeps for pods that are not there now: they bear its name, and no owner."""
    there = {(metadata.namespace(pod), metadata.name(pod)) for pod in snapshot.of("Pod")}
    for workload in snapshot.of("StatefulSet"):
        for at, template in enumerate((workload.get("spec") or {}).get("volumeClaimTemplates") or ()):
            prefix = f"{metadata.name(template)}-"
            for claim in snapshot.of("PersistentVolumeClaim"):
                pod = metadata.name(claim).removeprefix(prefix)
                place = metadata.namespace(claim)
                ours = pod.rpartition("-")[0] == metadata.name(workload) and pod.rpartition("-")[2].isdigit()
                if ours and place == metadata.namespace(workload) and (place, pod) not in there:
                    field = f"spec.volumeClaimTemplates[{at}]"
                    yield Link(Edge(metadata.uid(workload), metadata.uid(claim), "kept-claim", field))


def _pod_references(spec: Obj) -> Iterator[tuple[str, str, str]]:
    for at, volume in enumerate(spec.get("volumes") or ()):
        here = f"spec.volumes[{at}]"
        yield f"{here}.configMap", "ConfigMap", str((volume.get("configMap") or {}).get("name", ""))
        yield f"{here}.secret", "Secret", str((volume.get("secret") or {}).get("secretName", ""))
        claim = volume.get("persistentVolumeClaim") or {}
        yield f"{here}.persistentVolumeClaim", "PersistentVolumeClaim", str(claim.get("claimName", ""))
    for container_at, container in enumerate(spec.get("containers") or ()):
        here = f"spec.containers[{container_at}]"
        variables = [row.get("valueFrom") or {} for row in container.get("env") or ()]
        sources = [*(container.get("envFrom") or ()), *variables]
        for source in sources:
            config = source.get("configMapRef") or source.get("configMapKeyRef") or {}
            secret = source.get("secretRef") or source.get("secretKeyRef") or {}
            yield f"{here}.env", "ConfigMap", str(config.get("name", ""))
            yield f"{here}.env", "Secret", str(secret.get("name", ""))


_UNREAD = ("Secret", "PersistentVolume")


def _named(source: Obj, kind: str, name: str, relation: str, field: str, snapshot: Snapshot) -> Link:
    namespace = "" if kind == "PersistentVolume" else metadata.namespace(source)
    for candidate in snapshot.of(kind):
        if metadata.name(candidate) == name and metadata.namespace(candidate) == namespace:
            return Link(Edge(metadata.uid(source), metadata.uid(candidate), relation, field))
    if kind in _UNREAD or kind in {snapshot.kind_of(word) for word in snapshot.missing}:
        # Not read (see observe.take.KINDS): that one is named is all we can say.
        card = Node(f"named:{kind}/{namespace}/{name}", kind, name, namespace=namespace)
        return Link(Edge(metadata.uid(source), card.id, relation, field), card)
    missing = ghost(f"{kind}/{namespace}/{name}", kind, msg("{thing} does not exist", thing=f"{kind} {name}"), name)
    cause = msg("{thing} does not exist", thing=f"{kind} {name}")
    return Link(Edge(metadata.uid(source), missing.id, relation, field, EdgeState.BROKEN, cause), missing)


RELATIONS: tuple[Relation, ...] = (
    Relation("owner", "owns", _owner),
    Relation("load-balancer", "routes", _load_balancer),
    Relation("node-port", "routes", _node_port),
    Relation("ingress", "routes", _ingress),
    Relation("endpoint", "endpoint", _endpoint),
    Relation("no-endpoint", "selects", _nothing_selected),
    Relation("slice", "routes", _slice),
    Relation("slice-endpoint", "endpoint", _slice_endpoint),
    Relation("node", "runs-on", _pod_node),
    Relation("reference", "uses", _references),
    Relation("volume", "uses", _volumes),
    Relation("kept-claim", "uses", _kept_claims),
)
"""Every relation that pictures know. Order is the order of edges."""
