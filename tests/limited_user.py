"""A user with rights on one namespace and no other, as a school or a company gives them: a RoleBinding to `admin`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.objects.types import Obj

__all__ = ["ACCOUNT", "CONTEXT", "grant", "limited_kubeconfig"]

CONTEXT = "limited"
ACCOUNT = "somebody"


def limited_kubeconfig(cluster: Cluster, namespace: str, path: Path) -> Path:
    """Makes a namespace and an account that may do in it what the role `admin` says; returns its kubeconfig."""
    client = Client(cluster.api)
    grant(client, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    grant(client, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _in(namespace, ACCOUNT)})
    grant(
        client,
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": _in(namespace, "admin"),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
            "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}],
        },
    )
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}
    answer = client.raw("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{ACCOUNT}/token", body).body
    assert isinstance(answer, dict)
    [admin] = kubeconfig.contexts([cluster.kubeconfig]).values()
    entry = kubeconfig.KubeconfigEntry(CONTEXT, admin.cluster, {"token": answer["status"]["token"]}, namespace)
    kubeconfig.write(path, entry)
    return path


def grant(client: Client, obj: Obj) -> None:
    """Makes an object, if it is not there from an earlier try."""
    with suppress(StatusError):
        client.create(obj)


def _in(namespace: str, name: str) -> Obj:
    return {"name": name, "namespace": namespace}
