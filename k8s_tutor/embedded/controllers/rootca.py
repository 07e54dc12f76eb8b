"""kube-root-ca.crt: in each namespace, the certificate by which pods know the API server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Create, Update
from k8s_tutor.embedded.controllers.controller import Reconciled
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["RootCAPublisher"]

CONFIG_MAP = "kube-root-ca.crt"
DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)
NO_CERTIFICATE = (
    "# Nothing is encrypted inside this simulated cluster: pods need no certificate to reach the API server.\n"
)


class RootCAPublisher:
    """Writes the same ConfigMap into each namespace, and puts it right when somebody changes it.

    Args:
        certificate: PEM; `""` where the cluster has none.
    """

    name: ClassVar[str] = "root-ca-cert-publisher"
    watches: ClassVar[tuple[str, ...]] = ("namespaces", "configmaps")

    def __init__(self, certificate: str = "") -> None:
        self._data = {"ca.crt": certificate or NO_CERTIFICATE}

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The namespace; a ConfigMap only if it is this one."""
        if change.resource == "namespaces":
            return () if change.type == "DELETED" else (Key("", metadata.name(change.obj)),)
        return (Key("", metadata.namespace(change.obj)),) if metadata.name(change.obj) == CONFIG_MAP else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Creates or mends the ConfigMap."""
        namespace = view.get("namespaces", "", key.name)
        if namespace is None or metadata.is_deleting(namespace):
            return Reconciled(analysis=("The namespace ends.",))
        existing = view.get("configmaps", key.name, CONFIG_MAP)
        if existing is None:
            meta: Obj = {"name": CONFIG_MAP, "namespace": key.name}
            meta["annotations"] = {"kubernetes.io/description": DESCRIPTION}
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": self._data}
            return Reconciled([Create(body)], ("The certificate is not published here: create it.",))
        if existing.get("data") != self._data:
            return Reconciled([Update({**existing, "data": self._data})], ("Somebody changed it: put it right.",))
        return Reconciled(analysis=("It is published.",))
