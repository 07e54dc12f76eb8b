"""Requests at random: bytes, JSON, and objects that look valid, made from the schemas, at every endpoint and verb.

The same seed makes the same requests. They may do anything that an administrator's mistake or a broken client does,
except what would end a real cluster as well: no node, no rule of access and no admission webhook is really deleted
or made, and nothing is multiplied by a million.
"""

from __future__ import annotations

import copy
import json
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import yaml

from k8s_tutor.api.protocol import Request
from k8s_tutor.objects.kinds import Kind, KindTable
from k8s_tutor.objects.schema import schema_facts

__all__ = ["Fuzzer"]

_SPECIMENS = Path(__file__).parent / "testdata" / "specimens.yaml"
SPECIMENS: dict[str, dict[str, Any]] = {
    row["kind"]: row for row in yaml.safe_load_all(_SPECIMENS.read_text(encoding="utf-8"))
}
NAMES = ("a", "b", "web", "boats", "boats.example.com", "db-0", "x" * 64, "Not A Name", "..", "k8s-tutor-worker")
NAMESPACES = (*(["default"] * 8), "team", "team", "kube-system", "nowhere")
LABELS = ({"app": "web"}, {"app": "db"}, {"app": ""}, {"a/b": "c"}, {"": "x"}, {"app": "not valid!"})
SELECTORS = ("app=web", "app in (web,db)", "app", "!app", "app notin (", "=", "a=b,c!=d", "x gt 1", "metadata.name=a")
TEXTS = (
    *("", "a", "web", "default", "nginx", "busybox", "no/such:image", "100m", "1Gi", "-1", "50%", "http", "TCP"),
    *("2026-01-01T00:00:00Z", "not a time", "*/5 * * * *", "kubernetes.io/hostname", "None", "a.b/c"),
    *("\x00", "é😀", "y" * 300, "/"),
)
NUMBERS = (0, 1, 2, 3, 80, 8080, 30000, -1, 65536, 2**31 - 1, 2**31, 2**63, -(2**63), 1.5, 1e300)
QUERY: dict[str, Sequence[str]] = {
    "limit": ("0", "1", "2", "-1", "x", "99999999999999999999"),
    "continue": ("x", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIvYSJ9", "e30", "%00"),
    "resourceVersion": ("0", "1", "5", "999999", "-1", "x", ""),
    "resourceVersionMatch": ("Exact", "NotOlderThan", "x", ""),
    "sendInitialEvents": ("true", "false", "x"),
    "allowWatchBookmarks": ("true", "1", "x"),
    "timeoutSeconds": ("1", "0", "-1", "x"),
    "watch": ("true", "1", "0", "x", ""),
    "labelSelector": SELECTORS,
    "fieldSelector": (*SELECTORS, "metadata.namespace=default", "status.phase=Running", "spec.x=1"),
    "dryRun": ("All", "None", ""),
    "force": ("true", "false", "x"),
    "fieldManager": ("me", "m" * 129, "\n"),
    "fieldValidation": ("Strict", "Warn", "Ignore", "x"),
    "propagationPolicy": ("Orphan", "Foreground", "Background", "x"),
    "gracePeriodSeconds": ("0", "1", "-1", "x"),
    "orphanDependents": ("true", "false", "x"),
    "includeObject": ("Object", "None", "Metadata", "x"),
    "pretty": ("true",),
    "container": ("c", "x", ""),
    "command": ("ls", "sh"),
    "tailLines": ("1", "-1", "x"),
    "sinceTime": ("x", "2026-01-01T00:00:00Z"),
    "sinceSeconds": ("1", "x", "-5"),
    "follow": ("true", "x"),
    "previous": ("true",),
}
ACCEPTS = (
    *(["application/json"] * 20),
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io",
    "application/vnd.kubernetes.protobuf",
    "text/html",
    ";;=,",
    "",
)
PATCHES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
MEDIA = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "text/plain", "", "x;;")
PATHS = ("/", "/api", "/apis", "/api/v1", "/apis/apps", "/version", "/openapi/v2", "/openapi/v3", "/healthz", "/livez")
KEYS = ("metadata", "spec", "status", "name", "labels", "selector", "app", "containers", "$patch", "", "matchLabels")
MULTIPLIERS = ("replicas", "parallelism", "completions", "minReplicas", "maxReplicas", "value")
# A real cluster would not survive the loss of these either.
FRAGILE = ("nodes", "clusterroles", "clusterrolebindings", "roles", "rolebindings", "namespaces", "leases")
NEVER_MADE = ("webhookconfigurations", "admissionpolicies", "admissionpolicybindings", "apiservices")


class Fuzzer:
    """Makes requests.

    Args:
        seed: The same seed makes the same requests.
        kinds: What is served at the moment.
    """

    def __init__(self, seed: int, kinds: Callable[[], KindTable]) -> None:
        self._random = Random(seed)
        self._kinds = kinds

    def request(self) -> Request:
        """The next one."""
        pick = self._random.random()
        if pick < 0.03:
            return self._anywhere()
        if pick < 0.4:
            return self._creation()
        kind = self._kind()
        method = self._method(kind)
        named = self._random.random() < {"POST": 0.05, "GET": 0.6, "DELETE": 0.9}.get(method, 0.99)
        namespace = self._choose(*NAMESPACES) if kind.namespaced and self._random.random() < 0.98 else ""
        name = self._name() if named and (namespace or not kind.namespaced) else ""
        subresource = self._subresource(kind) if name else ""
        body, media = self._body(method, kind, name, namespace)
        return self._sent(method, kind, (namespace, name, subresource), body, media)

    def seconds(self) -> float:
        """How long until the next request comes."""
        return self._choose(0.0, 0.0, 0.0, 0.0, 0.01, 0.5, 3.0) if self._random.random() < 0.98 else 40.0

    def leaves(self, close: Callable[[], None]) -> None:
        """A client that watches mostly goes; some stay to the end."""
        if self._random.random() < 0.9:
            close()

    # --- where

    def _anywhere(self) -> Request:
        path = self._choose(*PATHS)
        if self._random.random() < 0.5:
            path += "".join(self._random.choices(string.printable[:94], k=self._random.randrange(12)))
        return Request(self._choose("GET", "POST", "DELETE"), path, self._query(), accept=self._choose(*ACCEPTS))

    def _kind(self) -> Kind:
        kinds = self._kinds()
        if self._random.random() < 0.6:  # what controllers look after
            known = [kind for kind in kinds if kind.kind in SPECIMENS or kind.group == "example.com"]
            return self._choose(*known)
        return self._choose(*kinds)

    def _method(self, kind: Kind) -> str:
        methods = {"get": "GET", "list": "GET", "create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE"}
        if self._random.random() < 0.07:
            return str(self._choose(*methods.values(), "HEAD", "OPTIONS"))
        return str(self._choose(*(methods[verb] for verb in kind.verbs if verb in methods)))

    def _subresource(self, kind: Kind) -> str:
        names = [subresource.name for subresource in kind.subresources]
        if self._random.random() < 0.3 and names:
            return str(self._choose(*names, *names, "x") + self._choose("", "", "", "/x"))
        return ""

    def _sent(self, method: Any, kind: Kind, place: tuple[str, str, str], body: Any, media: str) -> Request:
        query = self._query()
        made = any(word in kind.plural for word in NEVER_MADE) and method != "DELETE"
        lost = method == "DELETE" and kind.plural in FRAGILE
        ours = kind.plural == "nodes" and place[1] == "k8s-tutor-worker" and method != "GET"
        if made or lost or ours:
            query = (*(pair for pair in query if pair[0] != "dryRun"), ("dryRun", "All"))
            body = None if method == "DELETE" else body  # its options would count instead of the query's
        if media == PATCHES["apply"] and self._random.random() < 0.9:
            query = (*query, ("fieldManager", self._choose("one", "two", "fuzz")))
        path = kind.path(*place)
        if self._random.random() < 0.02:
            path = path.replace("/v1", "/v2", 1)
        return Request(method, path, query, body, media, self._choose(*ACCEPTS), "fuzz/1")

    def _query(self) -> tuple[tuple[str, str], ...]:
        count = self._choose(0, 0, 0, 0, 0, 0, 1, 1, 2, 3)
        keys = [self._choose(*QUERY) for _ in range(count)]
        return tuple((key, self._choose(*QUERY[key])) for key in keys)

    # --- what

    def _creation(self) -> Request:
        """Something valid, or a mistake or two away from it."""
        obj: dict[str, Any] = copy.deepcopy(SPECIMENS[self._choose(*SPECIMENS)])
        kind = self._kinds().of(obj["apiVersion"], obj["kind"]) or self._kind()
        namespace = self._choose("default", "default", "team") if kind.namespaced else ""
        name = obj["metadata"].setdefault("name", self._choose("a", "b", "web"))
        obj["metadata"].setdefault("labels", dict(self._choose(*LABELS[:3])))
        self._twist(obj, self._choose(0, 0, 0, 1, 2))
        obj = self._tamed(obj)
        if self._random.random() < 0.3:
            query = (("fieldManager", self._choose("one", "two")), ("force", self._choose("true", "false")))
            return Request("PATCH", kind.path(namespace, name), query, obj, PATCHES["apply"])
        return Request("POST", kind.path(namespace), (), obj)

    def _body(self, method: str, kind: Kind, name: str, namespace: str) -> tuple[Any, str]:
        if method in ("GET", "HEAD", "OPTIONS"):
            return None, "application/json"
        if method == "DELETE":
            return (
                (self._of_type("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"), "application/json")
                if (self._random.random() < 0.3)
                else (None, "application/json")
            )
        value = self._value(kind, name, namespace)
        media = self._choose(*PATCHES.values()) if method == "PATCH" else "application/json"
        if method == "PATCH" and media == PATCHES["json"]:
            value = self._operations()
        if self._random.random() < 0.05:
            media = self._choose(*MEDIA)
        return self._encoded(value, media), media

    def _tamed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._tamed(item) for item in value]
        if not isinstance(value, dict):
            return value
        large = {key for key in MULTIPLIERS if isinstance(value.get(key), int | float) and value[key] > 9}
        return {key: 9 if key in large else self._tamed(item) for key, item in value.items()}

    def _encoded(self, value: Any, media: str) -> Any:
        """In process as it is, or as bytes, some of them broken."""
        value = self._tamed(value)
        pick = self._random.random()
        if pick < 0.7:
            return value
        text = yaml.safe_dump(value) if "yaml" in media and pick < 0.9 else json.dumps(value)
        data = text.replace("nginx", "\\ud800").encode() if pick > 0.93 else text.encode()
        if pick > 0.98:
            return self._random.randbytes(self._random.randrange(60))
        if pick > 0.95:
            data = data[: self._random.randrange(len(data) + 1)]
        return b"k8s\x00" + data if "protobuf" in media and pick < 0.9 else data

    def _value(self, kind: Kind, name: str, namespace: str) -> Any:
        pick = self._random.random()
        if pick < 0.15:
            return self._junk(3)
        if pick < 0.5 and kind.kind in SPECIMENS:
            obj = copy.deepcopy(SPECIMENS[kind.kind])
        else:
            type_ = schema_facts()["kinds"].get(f"{kind.api_version}/{kind.kind}", "")
            obj = self._of_type(type_, 6) if type_ else self._boat()
        if not isinstance(obj, dict):
            return obj
        obj |= {"apiVersion": kind.api_version, "kind": kind.kind}
        metadata = obj["metadata"] if isinstance(obj.get("metadata"), dict) else {}
        kept = {key: metadata[key] for key in metadata if self._random.random() < 0.3}
        obj["metadata"] = kept | {"name": name or self._choose(*NAMES), "labels": dict(self._choose(*LABELS))}
        if namespace and self._random.random() < 0.5:
            obj["metadata"]["namespace"] = namespace
        if self._random.random() < 0.1:
            obj["metadata"]["finalizers"] = [self._choose("example.com/hold", "foregroundDeletion", "bad")]
        if self._random.random() < 0.1:
            obj["metadata"]["generateName"] = self._choose("g-", "G-", "")
        self._twist(obj, self._choose(0, 0, 0, 1, 3))
        return obj

    def _boat(self) -> dict[str, Any]:
        return {"spec": {"size": self._choose(1, 2, "x", None), "crew": self._choose([], ["a"], [{"x": 1}], "y")}}

    def _operations(self) -> Any:
        paths = ("/metadata/labels/app", "/spec/replicas", "/spec/template/spec/containers/0/image", "/data", "", "/x")
        return [
            {
                "op": self._choose("add", "replace", "remove", "test", "copy", "move", "x"),
                "path": self._choose(*paths),
                "from": self._choose(*paths),
                "value": self._junk(1),
            }
            for _ in range(self._choose(1, 1, 2, 3))
        ]

    def _twist(self, value: Any, times: int) -> None:
        """Puts something else at random places of an object."""
        for _ in range(times):
            inner = value
            while isinstance(inner, dict | list) and inner:
                key = self._choose(*inner) if isinstance(inner, dict) else self._random.randrange(len(inner))
                if not isinstance(inner[key], dict | list) or not inner[key] or self._random.random() < 0.3:
                    inner[key] = self._junk(2)
                    break
                inner = inner[key]

    def _junk(self, depth: int) -> Any:
        pick = self._random.randrange(9 if depth else 5)
        if pick == 0:
            return None
        if pick == 1:
            return self._random.random() < 0.5
        if pick == 2:
            return self._choose(*NUMBERS)
        if pick < 5:
            return self._choose(*TEXTS)
        if pick == 5:
            return [self._junk(depth - 1) for _ in range(self._random.randrange(3))]
        return {self._choose(*KEYS): self._junk(depth - 1) for _ in range(self._random.randrange(4))}

    def _of_type(self, name: str, depth: int = 5) -> Any:
        row = schema_facts()["types"].get(name)
        if not isinstance(row, dict):
            return self._choose(*TEXTS) if row == "string" else self._junk(2)
        required = row.get("required", ())
        found: dict[str, Any] = {}
        for key, spec in row["fields"].items():
            if key in required or self._random.random() < (0.3 if depth > 2 else 0.1):
                found[key] = self._of_spec(spec, depth - 1)
        return found

    def _of_spec(self, spec: Any, depth: int) -> Any:
        text = spec if isinstance(spec, str) else spec["type"]
        if self._random.random() < 0.02:
            return self._junk(1)
        if isinstance(spec, dict) and "enum" in spec and self._random.random() < 0.9:
            return self._choose(*spec["enum"])
        if text.startswith("[]"):
            return [self._of_spec(text[2:], depth) for _ in range(self._choose(0, 1, 1, 2) if depth > 0 else 0)]
        if text.startswith("{}"):
            return {self._choose("app", "cpu", "a/b", ""): self._of_spec(text[2:], depth)} if depth > 0 else {}
        if text.startswith("&"):
            return self._of_type(text[1:], depth) if depth > 0 else {}
        return self._scalar(text)

    def _scalar(self, text: str) -> Any:
        if text == "boolean":
            return self._random.random() < 0.5
        if text.startswith(("integer", "number")):
            return self._choose(*NUMBERS[:10]) if self._random.random() < 0.9 else self._choose(*NUMBERS)
        if text == "string:byte":
            return self._choose("", "YQ==", "not base64")
        return self._choose(*TEXTS)

    def _name(self) -> str:
        return self._choose(*NAMES[:6]) if self._random.random() < 0.9 else self._choose(*NAMES)

    def _choose(self, *options: Any) -> Any:
        return options[self._random.randrange(len(options))]
