"""What a fresh cluster holds before anybody asks: namespaces, the `kubernetes` Service, priority classes."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import ApiHandler, User
from k8s_tutor.objects.types import Obj

__all__ = ["bootstrap"]

_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
_SELF = User("system:apiserver", ("system:authenticated", "system:masters"))


def bootstrap(api: ApiHandler) -> None:
    """Creates what the API server itself creates, and what kind adds to it."""
    local = Local(api, _SELF, "kube-apiserver")
    for name in _NAMESPACES:
        local.create(_object("v1", "Namespace", name))
    for name, value in (("system-cluster-critical", 2000000000), ("system-node-critical", 2000001000)):
        local.create(_object("scheduling.k8s.io/v1", "PriorityClass", name) | {"value": value})
    Local(api, User("kubernetes-admin"), "kubectl").create(_object("v1", "Namespace", "local-path-storage"))


def _object(api_version: str, kind: str, name: str) -> Obj:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
