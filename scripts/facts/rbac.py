"""Reads the roles and bindings of a fresh kind cluster off its API server and writes `rbac.json`.

    kubectl proxy --port=8001 &
    python -m scripts.facts.rbac http://127.0.0.1:8001

Facts only: those that Kubernetes, kubeadm and kind bring along (by label or name), whatever else is on the cluster.
A row: `{"by": who wrote it, "labels": …, "rules" | "aggregationRule" | "roleRef" | "subjects": …}`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from scripts.facts import SERVER
from scripts.facts.kinds import JSON, Read, reader

GROUP = "/apis/rbac.authorization.k8s.io/v1"
RESOURCES = ("clusterroles", "clusterrolebindings", "roles", "rolebindings")
_BOOTSTRAPPING = "kubernetes.io/bootstrapping"
_OTHERS = ("kubeadm:", "kube-proxy", "kindnet", "local-path-provisioner")
_KEPT = ("rules", "aggregationRule", "subjects", "roleRef")
_AGGREGATOR = "clusterrole-aggregation-controller"


def rbac(read: Read) -> dict[str, dict[str, Any]]:
    """Rows by resource and by name (`namespace/name` where there are namespaces)."""
    return {
        resource: {
            _key(item): _row(item)
            for item in sorted(read(f"{GROUP}/{resource}", JSON)["items"], key=_key)
            if _belongs(item["metadata"])
        }
        for resource in RESOURCES
    }


def _belongs(metadata: dict[str, Any]) -> bool:
    return _BOOTSTRAPPING in metadata.get("labels", {}) or metadata["name"].startswith(_OTHERS)


def _key(item: dict[str, Any]) -> str:
    metadata = item["metadata"]
    return "/".join(part for part in (metadata.get("namespace", ""), metadata["name"]) if part)


def _row(item: dict[str, Any]) -> dict[str, Any]:
    metadata = item["metadata"]
    writers = [entry["manager"] for entry in metadata["managedFields"] if entry["manager"] != _AGGREGATOR]
    row = {"by": writers[-1], "labels": metadata.get("labels", {})}
    return {key: value for key, value in {**row, **{key: item.get(key) for key in _KEPT}}.items() if value}


def main() -> None:
    """Writes the facts of the server named on the command line."""
    sections = []
    for resource, rows in rbac(reader(sys.argv[1].rstrip("/"))).items():
        lines = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in rows.items()
        )
        sections.append(f"{json.dumps(resource)}: {{\n{lines}\n}}")
    text = "{\n" + ",\n".join(sections) + "\n}\n"
    (SERVER / "rbac.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
