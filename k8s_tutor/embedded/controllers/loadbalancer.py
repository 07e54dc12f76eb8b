"""LoadBalancer: what a cloud's controller does for a Service that asks for an address outside the cluster.

Kubernetes itself has none: on a bare kind cluster such a Service stays `<pending>`, and so it does here until the
ConfigMap `kube-system/simulated-cloud` is there. Then this controller plays a small cloud that hands out the addresses
which that ConfigMap names. When it goes, all addresses are given back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network
from typing import ClassVar

from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import LOAD_BALANCERS_OFF, describe_load_balancers
from k8s_tutor.api.follow import Selection, wait_until
from k8s_tutor.clock import Clock, from_rfc3339
from k8s_tutor.embedded.actions import Action, EmitEvent, Patch, Requeue, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["FINALIZER", "POOL", "PROVISIONING_SECONDS", "SWITCH", "LoadBalancerController", "SimulatedCloud", "switch"]

POOL = IPv4Network("203.0.113.0/24")  # the documentation's own network (RFC 5737)
PROVISIONING_SECONDS = 3.0
FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
SWITCH = Key("kube-system", "simulated-cloud")


def switch() -> Obj:
    """The ConfigMap that switches this controller on."""
    meta = {"namespace": SWITCH.namespace, "name": SWITCH.name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"addresses": str(POOL)}}


class LoadBalancerController:
    """Gives each Service of type LoadBalancer an address, and takes it back when the Service no longer wants one."""

    name: ClassVar[str] = "service-controller"
    watches: ClassVar[tuple[str, ...]] = ("services", "configmaps")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Service itself; when an address comes free, those that wait for one; with the switch, all."""
        if change.resource == "configmaps":
            return _concerned(view) if metadata.key(change.obj) == SWITCH else ()
        waiting = []
        if change.previous is not None and _addresses(change.previous) and not _addresses(change.obj):
            waiting = [metadata.key(service) for service in view.list("services") if _wants(service)]
        return dict.fromkeys([*own_key(change), *waiting])

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Asks for an address, waits for the cloud, writes it down; or gives it back."""
        service = view.get("services", key.namespace, key.name)
        if service is None:
            return NOTHING_TO_DO
        pool = _pool(view)
        if not _wants(service) or pool is None:
            return _release(service)
        if _addresses(service):
            return Reconciled(analysis=(msg("It has its address."),))
        if FINALIZER not in (service["metadata"].get("finalizers") or ()):
            return _begin(service)
        ready = _asked_at(view, service, now) + PROVISIONING_SECONDS
        if ready > now:
            return Reconciled([Requeue(ready - now)], (msg("The cloud is preparing a load balancer."),))
        return _assign(view, service, pool)


def _pool(view: View) -> IPv4Network | None:
    """The addresses there are to give; None while the switch is off or names no network."""
    switched = view.get("configmaps", SWITCH.namespace, SWITCH.name)
    if switched is None:
        return None
    try:
        return IPv4Network((switched.get("data") or {}).get("addresses", ""))
    except ValueError:
        return None


def _concerned(view: View) -> list[Key]:
    """The Services that want a load balancer or have one."""
    return [
        metadata.key(service)
        for service in view.list("services")
        if _wants(service) or FINALIZER in (service["metadata"].get("finalizers") or ())
    ]


def _wants(service: Obj) -> bool:
    """Whether it is a LoadBalancer of the default class, not being deleted."""
    spec = service["spec"]
    mine = spec.get("type") == "LoadBalancer" and not spec.get("loadBalancerClass")
    return mine and not metadata.is_deleting(service)


def _addresses(service: Obj) -> list[str]:
    rows = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return [row["ip"] for row in rows if "ip" in row]


def _begin(service: Obj) -> Reconciled:
    finalizers = [*(service["metadata"].get("finalizers") or ()), FINALIZER]
    event = EmitEvent(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer")
    patch = Patch(service, {"metadata": {"finalizers": finalizers}}, "status")
    return Reconciled([event, patch], (msg("It wants an address from outside: ask the cloud."),))


def _asked_at(view: View, service: Obj, now: float) -> float:
    """When the cloud was asked, as the event says; long ago where the event has been forgotten."""
    uid = metadata.uid(service)
    times = [
        from_rfc3339(event["lastTimestamp"])
        for event in view.list("events", metadata.namespace(service))
        if event.get("reason") == "EnsuringLoadBalancer" and event["involvedObject"].get("uid") == uid
    ]
    return max(times, default=now - PROVISIONING_SECONDS)


def _assign(view: View, service: Obj, pool: IPv4Network) -> Reconciled:
    taken = {address for other in view.list("services") for address in _addresses(other)}
    wished = service["spec"].get("loadBalancerIP", "")
    free = (text for address in pool.hosts() if (text := str(address)) not in taken and wished in ("", text))
    address = next(free, "")
    if not address:
        why = f"no free address in {pool}" if not wished else f"the address {wished} is not free in {pool}"
        message = f"Error syncing load balancer: failed to ensure load balancer: {why}"
        event = EmitEvent(service, "Warning", "SyncLoadBalancerFailed", message)
        return Reconciled([event], (why,), failure=why)
    status = {**(service.get("status") or {}), "loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}
    event = EmitEvent(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer")
    return Reconciled(
        [UpdateStatus({**service, "status": status}), event], (msg("The cloud gave {address}.", address=address),)
    )


def _release(service: Obj) -> Reconciled:
    finalizers = service["metadata"].get("finalizers") or []
    if FINALIZER not in finalizers:
        return Reconciled(analysis=(msg("It asks for no load balancer, or there is no cloud to give one."),))
    left = [name for name in finalizers if name != FINALIZER]
    actions: list[Action] = [
        EmitEvent(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer"),
        *([Patch(service, {"status": {"loadBalancer": None}}, "status")] if _addresses(service) else []),
        EmitEvent(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer"),
        Patch(service, {"metadata": {"finalizers": left or None}}, "status"),
    ]
    return Reconciled(actions, (msg("It no longer wants its load balancer, or the cloud has gone: give it back."),))


# ---- Who switches it on and off, from outside: by its ConfigMap

_RELEASED_WITHIN = 10.0  # seconds of the cluster's time; the controller needs a few milliseconds

Expose = Callable[[Obj, int], int]
"""Makes a port of a Service's address reachable; returns the port on 127.0.0.1 that leads there."""


class SimulatedCloud:
    """Load balancers with addresses of the simulated network, each reachable at a port of 127.0.0.1."""

    def __init__(self, client: Client, clock: Clock, expose: Expose) -> None:
        self._client = client
        self._clock = clock
        self._expose = expose

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`."""
        return self._on() if on else self._off()

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`."""
        return f"http://127.0.0.1:{self._expose(service, port)}"

    def _on(self) -> str:
        if self._client.find("configmap", SWITCH.name, SWITCH.namespace) is None:
            self._client.create(switch(), SWITCH.namespace)
        return describe_load_balancers(str(POOL), msg("a simulated cloud"))

    def _off(self) -> str:
        if self._client.find("configmap", SWITCH.name, SWITCH.namespace) is not None:
            self._client.delete("configmap", SWITCH.name, SWITCH.namespace)
        deadline = self._clock.now() + _RELEASED_WITHIN
        if not wait_until(self._client, self._clock, Selection("services"), _none_held, deadline):
            raise ClusterUnavailable(
                msg("the simulated cloud has not taken its addresses back yet"),
                why=msg("its controller has had no time to: the cluster's clock stands still"),
                next_step=msg("let the time of the cluster go on"),
            )
        return str(LOAD_BALANCERS_OFF)


def _none_held(services: Sequence[Obj]) -> bool:
    return not any(FINALIZER in (service["metadata"].get("finalizers") or ()) for service in services)
