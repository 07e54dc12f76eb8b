"""MetalLB as the `LoadBalancers` of a kind cluster.

Everything it brings carries our label, and nothing else is deleted.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence

from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import LOAD_BALANCERS_OFF, describe_load_balancers
from k8s_tutor.api.follow import Selection, wait_until
from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster import metallb_manifest as manifest
from k8s_tutor.cluster.engine import Engine
from k8s_tutor.cluster.kind_cli import MADE_BY
from k8s_tutor.cluster.metallb_manifest import IMAGES, NAMESPACE, AddressRange, choose_addresses, find_kind_network
from k8s_tutor.cluster.progress import ProgressReport
from k8s_tutor.errors import Cancelled, ClusterUnavailable, UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.services import address_of, ready, slices_of
from k8s_tutor.objects.types import Obj

__all__ = ["Installation", "MetalLB", "is_brought_by_others"]


# ---- MetalLB's objects on a cluster: brought until they work, removed until nothing is left

_READY_WITHIN = 240.0  # seconds: its images may have to be pulled
_GONE_WITHIN = 120.0
_NAP = 0.5  # seconds between knocks at a webhook that is starting: nothing there can be watched


class Installation:
    """MetalLB on one cluster.

    Args:
        client: Talks to the cluster.
        step: Told about each step as it begins.
    """

    def __init__(self, client: Client, step: Callable[[Wording], None]) -> None:
        self._client = client
        self._step = step
        self._clock = RealClock()

    def present(self) -> bool:
        """Whether any of it is there."""
        if self._client.find("namespaces", NAMESPACE) is not None:
            return True
        return any(self._client.list(kind, labels=manifest.SELECTOR) for kind in _CLUSTER_WIDE)

    def works(self, addresses: AddressRange) -> bool:
        """Whether all of it is there, runs, and gives these addresses."""
        pool = self._client.api.send(Request("GET", manifest.POOL_PATH))
        if pool.code != 200 or not isinstance(pool.body, dict):
            return False
        same = pool.body.get("spec", {}).get("addresses") == [str(addresses)]
        return same and all(_all_run(self._client.list(kind, NAMESPACE)) for kind in _WORKLOADS)

    def bring(self, addresses: AddressRange) -> None:
        """Brings it, and waits until it gives addresses. What is there already stays.

        Raises:
            ClusterUnavailable: it does not come to work; says why.
        """
        deadline = self._clock.now() + _READY_WITHIN
        self._step(msg("Writing its objects"))
        self._outlive_removal()
        objects = manifest.load_objects()
        self._apply([obj for obj in objects if obj["kind"] != "DaemonSet"])
        self._step(msg("Starting its controller"))
        self._await(_WORKLOADS[0], deadline)
        self._step(msg("Starting a speaker on each node"))
        # not before the controller, which writes the secret that speakers would wait for in vain at first
        self._apply([obj for obj in objects if obj["kind"] == "DaemonSet"])
        self._await(_WORKLOADS[1], deadline)
        self._step(msg("Giving it addresses"))
        for obj in manifest.make_settings(addresses):
            self._configure(obj, deadline)

    def remove(self) -> None:
        """Removes all of it, and waits until it is gone.

        Raises:
            ClusterUnavailable: something holds it.
        """
        self._step(msg("Deleting its objects"))
        for obj in reversed(manifest.load_objects()):
            self._delete(obj)
        self._step(msg("Waiting until they are gone"))
        self._outlive_removal()
        self._step(msg("Taking its addresses back"))

    # ---- inside

    def _apply(self, objects: Sequence[Obj]) -> None:
        for obj in objects:
            self._client.apply(obj)

    def _await(self, kind: str, deadline: float) -> None:
        if not wait_until(self._client, self._clock, Selection(kind, NAMESPACE), _all_run, deadline):
            raise ClusterUnavailable(
                msg("MetalLB was not ready within {seconds:.0f} s", seconds=_READY_WITHIN),
                why=self._complaint(),
                next_step=msg("t.load_balancers(on=True) waits on; t.load_balancers(on=False) removes it"),
            )

    def _complaint(self) -> Wording:
        """What keeps its pods from running."""
        for pod in self._client.list("pods", NAMESPACE):
            for row in (pod.get("status") or {}).get("containerStatuses") or ():
                waiting = (row.get("state") or {}).get("waiting") or {}
                if message := waiting.get("message") or waiting.get("reason"):
                    return f"pod {metadata.name(pod)}: {message}"
        return msg("its pods have not said why")

    def _configure(self, obj: Obj, deadline: float) -> None:
        """Its webhook judges settings, and needs some seconds more than its pod until it is reached."""
        while True:
            try:
                self._client.apply(obj)
            except (StatusError, UsageError) as error:  # its kinds may not be served yet
                starting = isinstance(error, UsageError) or error.code in (404, 500, 503)
                if not starting or self._clock.now() >= deadline:
                    raise ClusterUnavailable(
                        msg("MetalLB does not accept its settings"), why=str(error.what), next_step=msg("try again")
                    ) from error
                self._clock.pause(_NAP)
            else:
                return

    def _delete(self, obj: Obj) -> None:
        kind, name, namespace = self._client.kind_of(obj), metadata.name(obj), metadata.namespace(obj)
        try:
            found = self._client.find(kind, name, namespace)
            if found is not None and MADE_BY in metadata.labels(found):
                self._client.delete(kind, name, namespace, propagation="Background")
        except StatusError as error:
            if error.code != 404:
                raise

    def _outlive_removal(self) -> None:
        """Waits until nothing of it is on its way out."""
        deadline = self._clock.now() + _GONE_WITHIN
        for kind in (*_CLUSTER_WIDE, "namespaces"):
            if not wait_until(self._client, self._clock, Selection(kind), _none_of_ours_ends, deadline):
                raise ClusterUnavailable(
                    msg("MetalLB was not gone within {seconds:.0f} s", seconds=_GONE_WITHIN),
                    why=msg("something holds its {kind}", kind=kind),
                    next_step=msg(
                        "`kubectl get {kind} -l {selector}` shows what is left", kind=kind, selector=manifest.SELECTOR
                    ),
                )


_WORKLOADS = ("deployments", "daemonsets")
_CLUSTER_WIDE = (
    "customresourcedefinitions",
    "clusterroles",
    "clusterrolebindings",
    "validatingwebhookconfigurations",
)


def is_brought_by_others(client: Client) -> bool:
    """Whether there is a MetalLB that we did not bring."""
    namespace = client.find("namespaces", NAMESPACE)
    return namespace is not None and MADE_BY not in metadata.labels(namespace)


def _all_run(workloads: Sequence[Obj]) -> bool:
    return bool(workloads) and all(_runs(workload) for workload in workloads)


def _runs(workload: Obj) -> bool:
    status = workload.get("status") or {}
    if status.get("observedGeneration", 0) < workload["metadata"].get("generation", 0):
        return False
    if workload.get("kind") == "DaemonSet" or "desiredNumberScheduled" in status:
        wanted = status.get("desiredNumberScheduled", 0)
        return bool(wanted > 0 and status.get("numberReady", 0) >= wanted)
    return conditions.is_true(workload, "Available")


def _none_of_ours_ends(objects: Sequence[Obj]) -> bool:
    return not any(metadata.is_deleting(obj) and MADE_BY in metadata.labels(obj) for obj in objects)


# ---- MetalLB as the `LoadBalancers` of a kind cluster

_INSTALL_STEPS, _REMOVE_STEPS = 5, 3
_KNOWN_WITHIN = 15.0  # seconds
_NEAR = 0.5  # seconds; what can be reached at all answers within milliseconds
_API_PORT = 6443  # of the control plane's container
_FROM_POOL = "metallb.universe.tf/ip-allocated-from-pool"


class MetalLB:
    """Load balancers with real addresses on the network of kind's containers.

    kind marks its control plane `node.kubernetes.io/exclude-from-external-load-balancers`. Nothing is to be done
    about that: this MetalLB does not look at it, and later ones find two workers here.

    Args:
        client: Talks to the cluster.
        engine: Runs the cluster's containers.
        name: The cluster's name.
        load: Copies those of these images that the engine holds onto the nodes.
        progress: Told about the steps.
    """

    def __init__(
        self,
        client: Client,
        engine: Engine,
        name: str,
        load: Callable[[tuple[str, ...]], None],
        progress: ProgressReport,
    ) -> None:
        self._client = client
        self._engine = engine
        self._name = name
        self._load = load
        self._progress = progress
        self._clock = RealClock()
        self._reachable: bool | None = None

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`."""
        if is_brought_by_others(self._client):
            return str(msg("MetalLB is on this cluster already, and k8s-tutor did not bring it: it is left as it is."))
        try:
            line = self._install() if on else self._remove()
        except BaseException as error:
            self._progress.finish(done=False)
            if isinstance(error, KeyboardInterrupt):
                raise self._cancelled(on) from None
            raise
        self._progress.finish(done=True)
        return line

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`: Docker Desktop keeps the containers' network inside its virtual machine.

        An address that was just given is made known to the network a moment later; until then there is no way to it.
        MetalLB makes none known that no ready Pod is behind: then nothing is waited for.
        """
        address = address_of(service)
        if not self.reachable():
            return ""
        deadline = self._clock.now() + _KNOWN_WITHIN
        while not _has_way(address, port) and self._has_ready_pods(service) and self._clock.now() < deadline:
            self._clock.pause(_NAP)
        return f"http://{address}:{port}"

    def _has_ready_pods(self, service: Obj) -> bool:
        return ready(slices_of(service, self._client.list("endpointslices", metadata.namespace(service)))) > 0

    def reachable(self) -> bool:
        """Whether this machine reaches the network of the containers: the control plane's door is tried, once."""
        if self._reachable is None:
            self._reachable = any(_connects(address) for address in self._control_planes())
        return self._reachable

    # ---- inside

    def _install(self) -> str:
        addresses = choose_addresses(self._name, find_kind_network(self._engine))
        installation = Installation(self._client, self._progress.step)
        if not installation.works(addresses):
            self._progress.start("MetalLB", _INSTALL_STEPS)
            self._progress.step(msg("Loading its images"))
            self._load(IMAGES)
            installation.bring(addresses)
        return describe_load_balancers(str(addresses), "MetalLB")

    def _remove(self) -> str:
        installation = Installation(self._client, self._progress.step)
        if installation.present():
            self._progress.start(msg("Removing MetalLB"), _REMOVE_STEPS)
            installation.remove()
        self._take_addresses_back()
        return str(LOAD_BALANCERS_OFF)

    def _take_addresses_back(self) -> None:
        """Nobody clears an address whose giver has gone; a Service would keep one that leads nowhere."""
        holding = [service for service in self._client.list("services") if address_of(service)]
        if not holding:
            return
        ours: AddressRange = choose_addresses(self._name, find_kind_network(self._engine))
        for service in holding:
            if address_of(service) in ours:
                name, namespace = metadata.name(service), metadata.namespace(service)
                cleared = {"status": {"loadBalancer": {"ingress": None}}}
                self._client.patch("services", name, cleared, namespace, subresource="status")
                if _FROM_POOL in (service["metadata"].get("annotations") or {}):
                    self._client.patch("services", name, {"metadata": {"annotations": {_FROM_POOL: None}}}, namespace)

    def _control_planes(self) -> list[str]:
        return [
            str(row["address"])
            for node in self._client.list("nodes", labels="node-role.kubernetes.io/control-plane")
            for row in node["status"].get("addresses", ())
            if row["type"] == "InternalIP"
        ]

    def _cancelled(self, on: bool) -> Cancelled:
        word = "on" if on else "off"
        return Cancelled(
            msg("switching load balancers {word} was interrupted", word=word),
            why=msg("you pressed Ctrl-C; MetalLB may be half there"),
            next_step=msg(
                "t.load_balancers(on={on}) goes on from there; t.load_balancers(on={other}) undoes it",
                on=on,
                other=not on,
            ),
        )


def _connects(address: str) -> bool:
    try:
        socket.create_connection((address, _API_PORT), timeout=_NEAR).close()
    except OSError:
        return False
    return True


def _has_way(address: str, port: int) -> bool:
    """Whether somebody on the network answers to an address, be it with a refusal."""
    try:
        socket.create_connection((address, port), timeout=_KNOWN_WITHIN).close()
    except OSError as error:
        return error.errno != errno.EHOSTUNREACH
    return True
