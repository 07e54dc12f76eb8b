"""Reads the facts of a Kubernetes release off a running API server and writes them into `k8s_tutor/objects/facts`.

    kubectl proxy --port=8001 &
    python -m scripts.facts.kinds http://127.0.0.1:8001

Facts only (names, types, keys, verbs, columns), none of the prose. Each writer takes what the server answered and
returns what is stored, so that the test for staleness can compare without writing.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable
from typing import Any, TypeAlias

from scripts.facts import OBJECTS

JSON = "application/json"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


Read: TypeAlias = Callable[[str, str], Any]
"""GETs one document from a server: its path, and what to accept."""


def reader(server: str) -> Read:
    """Reads from the server at a URL."""

    def read(path: str, accept: str) -> Any:
        request = urllib.request.Request(server + path, headers={"Accept": accept})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    return read


def discovery(read: Read) -> dict[str, Any]:
    """Groups in the server's order and one row a kind and version."""
    groups = read("/api", DISCOVERY)["items"] + read("/apis", DISCOVERY)["items"]
    kinds = [
        row
        for group in groups
        for version in group["versions"]
        for resource in version["resources"]
        if (row := _kind_row(group["metadata"].get("name", ""), version["version"], resource))
    ]
    info = read("/version", JSON)
    return {
        "version": {"major": info["major"], "minor": info["minor"], "gitVersion": info["gitVersion"]},
        "groups": [
            {"name": group["metadata"].get("name", ""), "versions": [v["version"] for v in group["versions"]]}
            for group in groups
        ],
        "kinds": kinds,
    }


def _kind_row(group: str, version: str, resource: dict[str, Any]) -> dict[str, Any]:
    kind = resource["responseKind"]
    row: dict[str, Any] = {
        "group": group,
        "version": version,
        "kind": kind["kind"],
        "plural": resource["resource"],
        "singular": resource.get("singularResource", ""),
        "namespaced": resource["scope"] == "Namespaced",
        "verbs": resource["verbs"],
    }
    if resource.get("shortNames"):
        row["shortNames"] = resource["shortNames"]
    if resource.get("categories"):
        row["categories"] = resource["categories"]
    if resource.get("subresources"):
        row["subresources"] = [_subresource_row(group, version, sub) for sub in resource["subresources"]]
    return row


def _subresource_row(group: str, version: str, sub: dict[str, Any]) -> dict[str, Any]:
    kind = sub["responseKind"]
    return {
        "name": sub["subresource"],
        "group": kind["group"] or ("" if kind["version"] else group),
        "version": kind["version"] or version,
        "kind": kind["kind"],
        "verbs": sub["verbs"],
    }


def schema(read: Read) -> dict[str, Any]:
    """Types by their OpenAPI name, and the type behind every kind."""
    definitions = read("/openapi/v2", JSON)["definitions"]
    defaults = _defaults(read)
    kinds: dict[str, str] = {}
    types: dict[str, Any] = {}
    for name, definition in definitions.items():
        types[name] = _type_row(definition, defaults.get(name, {}))
        for gvk in definition.get("x-kubernetes-group-version-kind", []):
            if name.startswith(_META) and gvk["group"]:
                continue  # DeleteOptions and its like are registered again in every group
            version = f"{gvk['group']}/{gvk['version']}" if gvk["group"] else gvk["version"]
            if name.endswith("." + gvk["kind"]):
                kinds.setdefault(f"{version}/{gvk['kind']}", name)
    return {"kinds": dict(sorted(kinds.items())), "types": dict(sorted(types.items()))}


_META = "io.k8s.apimachinery.pkg.apis.meta.v1."


def _defaults(read: Read) -> dict[str, dict[str, Any]]:
    """The default of each field by type name: OpenAPI v3 has them, v2 has not.

    An empty default (`""`, `0`, `false`, `{}`) marks a field that the server always writes.
    """
    found: dict[str, dict[str, Any]] = {}
    for document in read("/openapi/v3", JSON)["paths"].values():
        schemas = read(document["serverRelativeURL"], JSON).get("components", {}).get("schemas", {})
        for name, definition in schemas.items():
            rows = {f: spec["default"] for f, spec in definition.get("properties", {}).items() if "default" in spec}
            found.setdefault(name, rows)
    return found


def _type_row(definition: dict[str, Any], defaults: dict[str, Any]) -> Any:
    if "properties" not in definition:
        return _spec(definition)
    properties = definition["properties"].items()
    row: dict[str, Any] = {"fields": {name: _field(spec, defaults.get(name)) for name, spec in properties}}
    if definition.get("required"):
        row["required"] = definition["required"]
    if definition.get("x-kubernetes-map-type"):
        row["mapType"] = definition["x-kubernetes-map-type"]
    return row


_EXTENSIONS = {
    "x-kubernetes-list-type": "listType",
    "x-kubernetes-list-map-keys": "listMapKeys",
    "x-kubernetes-map-type": "mapType",
    "x-kubernetes-patch-merge-key": "mergeKey",
    "x-kubernetes-patch-strategy": "patchStrategy",
    "enum": "enum",
}


def _field(spec: dict[str, Any], default: Any) -> Any:
    """A field is its type as a string, or `{"type": …}` with what else is known of it."""
    extra = {short: spec[long] for long, short in _EXTENSIONS.items() if spec.get(long)}
    if default is not None:
        extra["default"] = default
    return {"type": _spec(spec), **extra} if extra else _spec(spec)


def _spec(spec: dict[str, Any]) -> str:
    """`string`, `integer:int32`, `[]T`, `{}T`, `&name.of.another.type`, or `any`."""
    if "$ref" in spec:
        return "&" + str(spec["$ref"]).removeprefix("#/definitions/")
    kind = spec.get("type", "any")
    if kind == "array":
        return "[]" + _spec(spec["items"])
    if kind == "object":
        return "{}" + _spec(spec["additionalProperties"]) if "additionalProperties" in spec else "any-object"
    return f"{kind}:{spec['format']}" if "format" in spec else str(kind)


def columns(read: Read) -> dict[str, Any]:
    """The columns of each kind's Table: name, type, format, priority."""
    found: dict[str, Any] = {}
    for kind in discovery(read)["kinds"]:
        if "list" not in kind["verbs"]:
            continue
        root = f"/apis/{kind['group']}/{kind['version']}" if kind["group"] else f"/api/{kind['version']}"
        table = read(f"{root}/{kind['plural']}?limit=1", TABLE)
        resource = f"{kind['plural']}.{kind['group']}" if kind["group"] else kind["plural"]
        found.setdefault(resource, _rows(table))
    some = read("/apis/apps/v1/deployments?limit=1", "application/json")["items"][0]["metadata"]
    scale = read(f"/apis/apps/v1/namespaces/{some['namespace']}/deployments/{some['name']}/scale", TABLE)
    found["scales.autoscaling"] = _rows(scale)
    return {"columns": dict(sorted(found.items()))}


def _rows(table: Any) -> list[list[Any]]:
    return [[row[key] for key in ("name", "type", "format", "priority")] for row in table["columnDefinitions"]]


def write(name: str, facts: dict[str, Any]) -> None:
    """Writes one file of facts: compact, one line a row, so that a diff can be read."""
    lines = []
    for key, rows in facts.items():
        if isinstance(rows, dict):
            body = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in rows.items())
            lines.append(f"{json.dumps(key)}: {{\n{body}\n}}")
        else:
            body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
            lines.append(f"{json.dumps(key)}: [\n{body}\n]")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (OBJECTS / name).write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Writes every file of facts from the server named on the command line."""
    read = reader(sys.argv[1].rstrip("/"))
    write("discovery.json", discovery(read))
    write("schema.json", schema(read))
    write("columns.json", columns(read))


if __name__ == "__main__":
    main()
