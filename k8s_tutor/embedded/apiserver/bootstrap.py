"""What a fresh cluster holds before anybody asks: namespaces, the `kubernetes` Service, priority classes."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.allocation import SERVICE_RANGE
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.rules.classes import SYSTEM_PRIORITIES
from k8s_tutor.embedded.core import ADMIN, APISERVER, ApiHandler
from k8s_tutor.objects.types import Obj

__all__ = ["bootstrap"]

_PRIORITIES = {
    "system-cluster-critical": "run in the cluster, but can be moved to another node if necessary.",
    "system-node-critical": "not be moved from their current node.",
}
_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
_CONTROL_PLANE = "172.18.0.2"  # the first node of a kind network


def bootstrap(api: ApiHandler) -> None:
    """Creates what the API server itself creates, and what kind adds to it."""
    local = Local(api, APISERVER, "kube-apiserver")
    for name in _NAMESPACES:
        local.create(_object("v1", "Namespace", name))
    for name, words in _PRIORITIES.items():
        described = {
            "value": SYSTEM_PRIORITIES[name],
            "description": f"Used for system critical pods that must {words}",
        }
        local.create(_object("scheduling.k8s.io/v1", "PriorityClass", name) | described)
    local.create(_kubernetes_service())
    local.create(_kubernetes_endpoints())
    admin = Local(api, ADMIN, "kubectl-client-side-apply")
    admin.create(_object("v1", "Namespace", "local-path-storage"))
    admin.create(_standard_storage_class())


def _kubernetes_service() -> Obj:
    """The API server's own Service, at the first address of the range."""
    service = _object("v1", "Service", "kubernetes")
    service["metadata"] |= {
        "namespace": "default",
        "labels": {"component": "apiserver", "provider": "kubernetes"},
    }
    ports = [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]
    return service | {"spec": {"clusterIP": str(SERVICE_RANGE[1]), "ports": ports}}


def _kubernetes_endpoints() -> Obj:
    """Where the API server is behind its Service: on the control plane's node."""
    piece = _object("discovery.k8s.io/v1", "EndpointSlice", "kubernetes")
    piece["metadata"] |= {"namespace": "default", "labels": {"kubernetes.io/service-name": "kubernetes"}}
    return piece | {
        "addressType": "IPv4",
        "endpoints": [{"addresses": [_CONTROL_PLANE], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
    }


def _standard_storage_class() -> Obj:
    """The StorageClass kind brings along."""
    storage = _object("storage.k8s.io/v1", "StorageClass", "standard")
    storage["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return storage | {"provisioner": "rancher.io/local-path", "volumeBindingMode": "WaitForFirstConsumer"}


def _object(api_version: str, kind: str, name: str) -> Obj:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
