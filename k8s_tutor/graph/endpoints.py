"""Who stands behind a Service: its EndpointSlices, read together with the pods its selector names."""

from __future__ import annotations

from dataclasses import dataclass, replace

from k8s_tutor.graph.health import pod_health
from k8s_tutor.graph.model import EdgeState, State
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata, pods, selectors, services
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["Backend", "backends", "selector_text", "slices", "target_port"]


@dataclass(frozen=True, slots=True)
class Backend:
    """One pod (or bare address) behind a Service.

    Attributes:
        pod: The pod, None for an address without one.
        address: Its first address, `""` for a pod that has none yet.
        ready: Whether the Service sends requests there.
        state: Solid when ready, waiting while the pod is on its way, else broken.
        cause: Why it is not ready.
        field: The field that says so.
    """

    pod: Obj | None
    address: str
    ready: bool
    state: EdgeState
    cause: Wording | None
    field: str


def slices(service: Obj, snapshot: Snapshot) -> list[Obj]:
    """The EndpointSlices of a Service, IPv4 and IPv6 alike."""
    return [piece for piece in snapshot.of("EndpointSlice") if services.is_of(piece, service)]


def backends(service: Obj, snapshot: Snapshot) -> list[Backend]:
    """Everything behind a Service: its endpoints, then pods that it selects and that have no endpoint yet."""
    found: dict[str, Backend] = {}
    portless = _named_port(service)
    for piece in slices(service, snapshot):
        for index, endpoint in enumerate(piece.get("endpoints") or ()):
            backend = _endpoint(piece, index, endpoint, snapshot)
            if backend is None:
                continue
            if portless and not piece.get("ports"):
                backend = replace(backend, state=EdgeState.BROKEN, cause=msg("no port called {name}", name=portless))
            key = metadata.uid(backend.pod) if backend.pod else backend.address
            found.setdefault(key, backend)  # the same pod again in the slice of the other address family
    for pod in _selected(service, snapshot):
        uid = metadata.uid(pod)
        health = pod_health(pod, snapshot.events_about(uid))
        if uid not in found and not pods.is_terminal(pod) and health.state is not State.LEAVING:
            found[uid] = _without_endpoint(pod, health.state)
    return sorted(found.values(), key=lambda backend: _rank(backend, snapshot))


def selector_text(service: Obj) -> str:
    """A Service's selector as in `kubectl get -l`: `app=web,tier=front`."""
    return str(selectors.from_labels((service.get("spec") or {}).get("selector")))


def target_port(service: Obj, snapshot: Snapshot, port: int) -> int:
    """The port of the Pods that a Service's port leads to, as its EndpointSlices say; 0 where they say nothing."""
    ports = (service.get("spec") or {}).get("ports") or ()
    names = {row.get("name") or "" for row in ports if port in (row.get("port"), row.get("nodePort"))}
    rows = (row for piece in slices(service, snapshot) for row in piece.get("ports") or ())
    return next((int(row["port"]) for row in rows if (row.get("name") or "") in names and row.get("port")), 0)


def _named_port(service: Obj) -> str:
    """The port's name that Pods are looked up by, where the Service gives names only."""
    targets = [row.get("targetPort") for row in (service.get("spec") or {}).get("ports") or ()]
    return str(targets[0]) if targets and all(isinstance(target, str) for target in targets) else ""


def _selected(service: Obj, snapshot: Snapshot) -> list[Obj]:
    wanted = (service.get("spec") or {}).get("selector")
    if not wanted:
        return []
    selector = selectors.from_labels(wanted)
    namespace = metadata.namespace(service)
    return [
        pod
        for pod in snapshot.of("Pod")
        if metadata.namespace(pod) == namespace and selector.matches(metadata.labels(pod))
    ]


def _endpoint(piece: Obj, index: int, endpoint: Obj, snapshot: Snapshot) -> Backend | None:
    target = endpoint.get("targetRef") or {}
    pod = snapshot.by_uid.get(str(target.get("uid", ""))) if target.get("kind") == "Pod" else None
    if target.get("kind") == "Pod" and pod is None:
        return None  # the pod has just gone: its slice is about to follow
    says = endpoint.get("conditions") or {}
    ready = services.is_ready(endpoint)
    state, cause = EdgeState.SOLID, None
    if not ready:
        state, cause = _why_not(pod, says, snapshot)
    address = str(next(iter(endpoint.get("addresses") or ()), ""))
    field = f"EndpointSlice {metadata.name(piece)}: endpoints[{index}].conditions.ready"
    return Backend(pod, address, ready, state, cause, field)


def _why_not(pod: Obj | None, says: Obj, snapshot: Snapshot) -> tuple[EdgeState, Wording | None]:
    if says.get("terminating"):
        return EdgeState.BROKEN, msg("being deleted")
    if pod is None:
        return EdgeState.BROKEN, msg("Not ready")
    health = pod_health(pod, snapshot.events_about(metadata.uid(pod)))
    state = EdgeState.WAITING if health.state is State.WAITING else EdgeState.BROKEN
    return state, health.cause or health.word


def _without_endpoint(pod: Obj, state: State) -> Backend:
    cause = msg("not in an EndpointSlice yet") if pods.address_of(pod) else msg("no address yet")
    edge = EdgeState.BROKEN if state is State.FAILING else EdgeState.WAITING
    return Backend(pod, "", ready=False, state=edge, cause=cause, field="Service: spec.selector")


def _rank(backend: Backend, snapshot: Snapshot) -> tuple[int, str]:
    if backend.pod is None:
        return len(snapshot.objects), backend.address
    return snapshot.rank[metadata.uid(backend.pod)], ""
