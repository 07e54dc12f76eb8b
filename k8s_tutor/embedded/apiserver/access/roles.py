"""The roles and bindings that every cluster begins with: those of Kubernetes, kubeadm and kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.identity import new_uid
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["rules", "stock"]

_VERSION = "rbac.authorization.k8s.io/v1"
_KINDS = {
    "clusterroles": "ClusterRole",
    "clusterrolebindings": "ClusterRoleBinding",
    "roles": "Role",
    "rolebindings": "RoleBinding",
}
_AUTOUPDATE = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_APISERVER = "kube-apiserver"
_AGGREGATOR = "clusterrole-aggregation-controller"


def rules(name: str) -> list[Obj]:
    """The rules of a ClusterRole as Kubernetes brings it along."""
    found: list[Obj] = _facts()["clusterroles"][name]["rules"]
    return found


def stock(store: Store, seed: int, now: float) -> None:
    """Puts them into an empty store, whose beginning they are: they take no revision.

    Args:
        store: The store.
        seed: Their uids follow from it.
        now: When the cluster begins, seconds since the Unix epoch.
    """
    random = Random(seed)
    for plural, rows in _facts().items():
        store.begin(f"{plural}.rbac.authorization.k8s.io", list(_objects(plural, rows, random, rfc3339(now))))


@cache
def _facts() -> dict[str, dict[str, Any]]:
    text = resources.files("k8s_tutor.embedded.apiserver.facts").joinpath("rbac.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def _objects(plural: str, rows: dict[str, Any], random: Random, when: str) -> Iterator[Obj]:
    for key, row in rows.items():
        namespace, _, name = key.rpartition("/")
        metadata: Obj = {"name": name}
        if namespace:
            metadata["namespace"] = namespace
        metadata |= {"uid": new_uid(random), "resourceVersion": "", "creationTimestamp": when}
        if labels := row.get("labels"):
            metadata["labels"] = labels
        if row["by"] == _APISERVER:
            metadata["annotations"] = _AUTOUPDATE
        body = {"rules": None} if plural.endswith("roles") else {}
        body |= {field: value for field, value in row.items() if field not in ("by", "labels")}
        metadata["managedFields"] = _owners(row["by"], metadata, body, when)
        yield {"apiVersion": _VERSION, "kind": _KINDS[plural], "metadata": metadata, **body}


def _owners(by: str, metadata: Obj, body: Obj, when: str) -> list[Obj]:
    """managedFields as the writes of these objects leave them."""
    fields: Obj = {
        f"f:{part}": {".": {}, **{f"f:{key}": {} for key in metadata[part]}}
        for part in ("annotations", "labels")
        if part in metadata
    }
    owned: Obj = {"f:metadata": fields} if fields else {}
    for part, value in body.items():
        if part == "aggregationRule":
            owned["f:aggregationRule"] = {".": {}, "f:clusterRoleSelectors": {}}
        elif value is not None and not (part == "rules" and "aggregationRule" in body):
            owned[f"f:{part}"] = {}
    entries = [_entry(by, "Update", owned, when)]
    if "aggregationRule" in body:
        entries.insert(0, _entry(_AGGREGATOR, "Apply", {"f:rules": {}}, when))
    return entries


def _entry(manager: str, operation: str, fields: Obj, when: str) -> Obj:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": _VERSION,
        "time": when,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
