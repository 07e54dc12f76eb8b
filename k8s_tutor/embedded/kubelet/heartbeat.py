"""A node's sign of life: a Lease renewed, and the Node's conditions refreshed now and then.

Coarser than on a real node (10 s and 5 min there): a simulated kubelet does not die on its own, and an idle cluster
should have little history. The Lease says so with its duration.
"""

from __future__ import annotations

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.kubelet.logs import stamp
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.registration import node_conditions
from k8s_tutor.objects.types import Obj

__all__ = ["Heartbeat"]

LEASE_SECONDS = 160
RENEW_SECONDS = 60.0
REFRESH_SECONDS = 300.0


class Heartbeat:
    """Keeps one node alive in the API server's eyes.

    Args:
        node: Which node.
        registered: Its Node object, as created.
    """

    def __init__(self, node: Node, registered: Obj) -> None:
        self._node = node
        self._registered = registered
        self._since = node.now()
        self._refreshed = node.now()

    def start(self) -> None:
        """Begins."""
        self._renew()

    def _renew(self) -> None:
        self._write_lease()
        if self._node.now() - self._refreshed >= REFRESH_SECONDS:
            self._refresh()
        self._node.loop.call_later(RENEW_SECONDS, self._renew, "lease")

    def _write_lease(self) -> None:
        name = self._node.name
        lease = self._node.store.get("leases.coordination.k8s.io", "kube-node-lease", name)
        renewed = stamp(self._node.now()).decode()[:26] + "Z"
        try:
            if lease is not None:
                self._node.api.patch(lease, {"spec": {"renewTime": renewed}})
            else:
                self._node.api.create(self._lease(renewed))
        except StatusError:
            return  # no namespace for it (yet): the next beat tries again

    def _lease(self, renewed: str) -> Obj:
        name = self._node.name
        owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": self._registered["metadata"]["uid"]}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": [owner]},
            "spec": {"holderIdentity": name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": renewed},
        }

    def _refresh(self) -> None:
        now = self._node.now()
        self._refreshed = now
        known = self._node.store.get("nodes", "", self._node.name)
        if known is None:
            return
        try:
            self._node.api.patch(known, {"status": {"conditions": node_conditions(now, self._since)}}, "status")
        except StatusError:
            return
