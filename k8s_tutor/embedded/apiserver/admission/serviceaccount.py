"""ServiceAccount: every pod runs as somebody, and can prove it to the API server.

Source: plugin/pkg/admission/serviceaccount of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.identity import suffix
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["admit"]

_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_PATIENCE = 1.0  # seconds the real server waits for the account of a fresh namespace
_MIRROR = "kubernetes.io/config.mirror"


def admit(call: Call, pod: Obj, kind: Kind) -> None:
    """Names the account, checks that it is there, mounts its token.

    Raises:
        StatusError: 403.
    """
    if _MIRROR in pod["metadata"].get("annotations", {}):
        return
    spec = pod["spec"]
    name = spec.get("serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = _account(call, pod, kind, name)
    if _mounts_token(spec, account):
        _mount_token(spec, call)
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [dict(secret) for secret in account["imagePullSecrets"]]


def _account(call: Call, pod: Obj, kind: Kind, name: str) -> Obj:
    namespace = pod["metadata"]["namespace"]
    account = call.ground.store.get("serviceaccounts", namespace, name)
    if account is not None:
        return account
    if name == "default" and _is_fresh(call, namespace):
        return {}  # it is about to be made: the real server waits for it, this one cannot
    why = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
    metadata = pod["metadata"]  # its name may be still to come
    raise errors.forbidden(kind, metadata.get("name") or metadata.get("generateName") or "Unknown", why)


def _is_fresh(call: Call, namespace: str) -> bool:
    found = call.ground.store.get("namespaces", "", namespace)
    return (
        found is not None and call.ground.now() - from_rfc3339(found["metadata"]["creationTimestamp"]) < _PATIENCE + 1
    )


def _mounts_token(spec: Obj, account: Obj) -> bool:
    for wish in (spec.get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if wish is not None:
            return bool(wish)
    return True


def _mount_token(spec: Obj, call: Call) -> None:
    needy = [
        container
        for container in (*spec.get("initContainers", ()), *spec.get("containers", ()))
        if all(mount.get("mountPath") != _MOUNT_PATH for mount in container.get("volumeMounts", ()))
    ]
    if not needy:
        return
    volume = f"kube-api-access-{suffix(call.ground.random)}"
    for container in needy:
        mount = {"name": volume, "readOnly": True, "mountPath": _MOUNT_PATH}
        container["volumeMounts"] = [*container.get("volumeMounts", ()), mount]
    spec["volumes"] = [*spec.get("volumes", ()), _token_volume(volume)]


def _token_volume(name: str) -> Obj:
    certificate = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": certificate},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 0o644}}
