"""MetalLB's objects on a cluster: brought until they work, removed until nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster.metallb import manifest
from k8s_tutor.cluster.metallb.addresses import AddressRange
from k8s_tutor.cluster.metallb.manifest import NAMESPACE
from k8s_tutor.cluster.readiness import MADE_BY
from k8s_tutor.cluster.settling import settle
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Installation", "theirs"]

_READY_WITHIN = 240.0  # seconds: its images may have to be pulled
_GONE_WITHIN = 120.0
_NAP = 0.5  # seconds between knocks at a webhook that is starting: nothing there can be watched


class Installation:
    """MetalLB on one cluster.

    Args:
        client: Talks to the cluster.
        step: Told about each step as it begins.
    """

    def __init__(self, client: Client, step: Callable[[str], None]) -> None:
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
        self._step("Writing its objects")
        self._outlive_removal()
        objects = manifest.objects()
        self._apply([obj for obj in objects if obj["kind"] != "DaemonSet"])
        self._step("Starting its controller")
        self._await(_WORKLOADS[0], deadline)
        self._step("Starting a speaker on each node")
        # not before the controller, which writes the secret that speakers would wait for in vain at first
        self._apply([obj for obj in objects if obj["kind"] == "DaemonSet"])
        self._await(_WORKLOADS[1], deadline)
        self._step("Giving it addresses")
        for obj in manifest.settings(addresses):
            self._configure(obj, deadline)

    def remove(self) -> None:
        """Removes all of it, and waits until it is gone.

        Raises:
            ClusterUnavailable: something holds it.
        """
        self._step("Deleting its objects")
        for obj in reversed(manifest.objects()):
            self._delete(obj)
        self._step("Waiting until they are gone")
        self._outlive_removal()
        self._step("Taking its addresses back")

    # ---- inside

    def _apply(self, objects: Sequence[Obj]) -> None:
        for obj in objects:
            self._client.apply(obj)

    def _await(self, kind: str, deadline: float) -> None:
        if not settle(self._client, self._clock, kind, _all_run, deadline, NAMESPACE):
            raise ClusterUnavailable(
                f"MetalLB was not ready within {_READY_WITHIN:.0f} s",
                why=self._complaint(),
                next_step="t.load_balancers(on=True) waits on; t.load_balancers(on=False) removes it",
            )

    def _complaint(self) -> str:
        """What keeps its pods from running."""
        for pod in self._client.list("pods", NAMESPACE):
            for row in (pod.get("status") or {}).get("containerStatuses") or ():
                waiting = (row.get("state") or {}).get("waiting") or {}
                if message := waiting.get("message") or waiting.get("reason"):
                    return f"pod {metadata.name(pod)}: {message}"
        return "its pods have not said why"

    def _configure(self, obj: Obj, deadline: float) -> None:
        """Its webhook judges settings, and needs some seconds more than its pod until it is reached."""
        while True:
            try:
                self._client.apply(obj)
            except (StatusError, UsageError) as error:  # its kinds may not be served yet
                starting = isinstance(error, UsageError) or error.code in (404, 500, 503)
                if not starting or self._clock.now() >= deadline:
                    raise ClusterUnavailable(
                        "MetalLB does not accept its settings", why=str(error.what), next_step="try again"
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
            if not settle(self._client, self._clock, kind, _none_of_ours_ends, deadline):
                raise ClusterUnavailable(
                    f"MetalLB was not gone within {_GONE_WITHIN:.0f} s",
                    why=f"something holds its {kind}",
                    next_step=f"`kubectl get {kind} -l {manifest.SELECTOR}` shows what is left",
                )


_WORKLOADS = ("deployments", "daemonsets")
_CLUSTER_WIDE = (
    "customresourcedefinitions",
    "clusterroles",
    "clusterrolebindings",
    "validatingwebhookconfigurations",
)


def theirs(client: Client) -> bool:
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
