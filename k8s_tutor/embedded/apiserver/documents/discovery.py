"""Which kinds are served: `/api`, `/apis`, each group, each version, and all at once (aggregated discovery)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib import resources

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE
from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.embedded.apiserver.metrics import metric_kinds
from k8s_tutor.embedded.apiserver.versions import storage_kind
from k8s_tutor.objects.kinds import Kind, KindTable, Subresource, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["CHECKS", "PATHS", "answer", "answer_about", "answer_openid", "builtin_group", "list_paths", "version"]

# Versions in which a real server stores kinds that it serves in another.
_STORED_IN = {
    "customresourcedefinitions.apiextensions.k8s.io": "v1beta1",
    "clustertrustbundles.certificates.k8s.io": "v1beta1",
    "podcertificaterequests.certificates.k8s.io": "v1beta1",
    "devicetaintrules.resource.k8s.io": "v1beta2",
    "storageversionmigrations.storagemigration.k8s.io": "v1beta1",
}
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def answer(context: ServerContext, path: str, request: Request) -> Response | None:
    """The discovery document at a path; None when there is none."""
    parts = path.strip("/").split("/")
    aggregated = "as=APIGroupDiscoveryList" in request.accept and "v=v2;" in f"{request.accept.replace(' ', '')};"
    if aggregated and parts in (["api"], ["apis"]):
        return Response(200, _aggregated(context.kinds, core=parts == ["api"]), AGGREGATED)
    document = _document(context.kinds, parts)
    return None if document is None else Response(200, document)


def _document(kinds: KindTable, parts: list[str]) -> Obj | None:
    groups = _groups(kinds)
    document: Obj | None = None
    match parts:
        case ["api"]:
            document = _core_versions()
        case ["api", "v1"]:
            document = _resources(kinds, "", "v1")
        case ["apis"]:
            named = [_group(name, versions) for name, versions in groups.items() if name]
            document = {"kind": "APIGroupList", "apiVersion": "v1", "groups": named}
        case ["apis", group] if group in groups:
            document = {"kind": "APIGroup", "apiVersion": "v1", **_group(group, groups[group])}
        case ["apis", group, version] if version in groups.get(group, ()):
            document = _resources(kinds, group, version)
    return document


def builtin_group(path: str) -> str:
    """The group of built-in kinds that a path lies in, `""` for none: custom ones have a server that says less."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "apis" and parts[1] in _groups(metric_kinds()) else ""


def list_paths(context: ServerContext) -> list[str]:
    """The paths of all groups and versions."""
    found = ["/api/v1"]
    for group, versions in _groups(context.kinds).items():
        if group:
            found += [f"/apis/{group}", *(f"/apis/{group}/{version}" for version in versions)]
    return found


def _groups(kinds: KindTable) -> dict[str, list[str]]:
    """Groups and their versions, each in the order of preference."""
    found: dict[str, list[str]] = {}
    for kind in kinds:
        versions = found.setdefault(kind.group, [])
        if kind.version not in versions:
            versions.append(kind.version)
    return found


def _core_versions() -> Obj:
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}],
    }


def _group(name: str, versions: list[str]) -> Obj:
    rows = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": rows, "preferredVersion": rows[0]}


def _resources(kinds: KindTable, group: str, version: str) -> Obj:
    rows: list[Obj] = []
    for kind in kinds:
        if (kind.group, kind.version) == (group, version):
            rows.append(_resource(kind))
            rows += [_subresource(kind, subresource) for subresource in kind.subresources]
    group_version = f"{group}/{version}" if group else version
    head: Obj = {"kind": "APIResourceList", "groupVersion": group_version, "resources": rows}
    return head if not group else {"apiVersion": "v1", **head}


def _resource(kind: Kind) -> Obj:
    row: Obj = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    if kind.short_names:
        row["shortNames"] = list(kind.short_names)
    if kind.categories:
        row["categories"] = list(kind.categories)
    if "list" in kind.verbs and kind.plural != "componentstatuses":
        row["storageVersionHash"] = _storage_hash(kind)
    return row


def _storage_hash(kind: Kind) -> str:
    """What tells clients whether a kind's storage version has changed."""
    stored = storage_kind(kind)
    version = _STORED_IN.get(stored.group_resource, stored.version)
    name = "/".join((stored.group, version, stored.kind))
    return base64.b64encode(hashlib.sha256(name.encode()).digest()[:8]).decode()


def _subresource(kind: Kind, subresource: Subresource) -> Obj:
    row: Obj = {
        "name": f"{kind.plural}/{subresource.name}",
        "singularName": "",
        "namespaced": kind.namespaced,
    }
    if (subresource.group, subresource.version) != (kind.group, kind.version):
        row |= {"group": subresource.group, "version": subresource.version}
    return row | {"kind": subresource.kind, "verbs": list(subresource.verbs)}


def _aggregated(kinds: KindTable, *, core: bool) -> Obj:
    items = []
    for group, versions in _groups(kinds).items():
        if (group == "") is not core:
            continue
        rows = [
            {
                "version": version,
                "resources": [_discovered(k) for k in _of(kinds, group, version)],
                "freshness": "Current",
            }
            for version in versions
        ]
        items.append({"metadata": {"name": group} if group else {}, "versions": rows})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _of(kinds: KindTable, group: str, version: str) -> Iterable[Kind]:
    return (kind for kind in kinds if (kind.group, kind.version) == (group, version))


def _discovered(kind: Kind) -> Obj:
    row: Obj = {
        "resource": kind.plural,
        "responseKind": _response_kind(kind, kind),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    if kind.short_names:
        row["shortNames"] = list(kind.short_names)
    if kind.categories:
        row["categories"] = list(kind.categories)
    if kind.subresources:
        row["subresources"] = [
            {
                "subresource": subresource.name,
                "responseKind": _response_kind(kind, subresource),
                "verbs": list(subresource.verbs),
            }
            for subresource in kind.subresources
        ]
    return row


def _response_kind(kind: Kind, answers: Kind | Subresource) -> Obj:
    """The real server leaves out of Kubernetes' own kinds what is said around them already."""
    same = (answers.group, answers.version) == (kind.group, kind.version)
    own = builtin_kinds().resource(kind.group, kind.version, kind.plural) is not None
    if same and own:
        return {"group": "", "version": "", "kind": answers.kind}
    return {"group": answers.group, "version": answers.version, "kind": answers.kind}


# ---- Health and version: the small documents

# ---- `/healthz`, `/livez`, `/readyz`: an API server that answers is well

CHECKS = ("/healthz", "/livez", "/readyz")
_PARTS = ("ping", "log", "etcd")
_TEXT = "text/plain; charset=utf-8"


def answer_about(path: str, request: Request) -> Response | None:
    """The answer to a health check; None when the path is none."""
    check, _, part = path[1:].partition("/")
    if f"/{check}" not in CHECKS:
        return None
    if part:
        return Response(200, "ok", _TEXT) if part in _PARTS else None
    if not any(key == "verbose" for key, _ in request.query):
        return Response(200, "ok", _TEXT)
    lines = "".join(f"[+]{name} ok\n" for name in _PARTS if name not in request.params("exclude"))
    return Response(200, f"{lines}{check} check passed\n", _TEXT)


# ---- Which Kubernetes this is


@cache
def version() -> Obj:
    """The `/version` document: the release whose API is served."""
    text = resources.files("k8s_tutor.objects").joinpath("facts/discovery.json").read_text(encoding="utf-8")
    facts = json.loads(text)["version"]
    return {
        "major": facts["major"],
        "minor": facts["minor"],
        "emulationMajor": facts["major"],
        "emulationMinor": facts["minor"],
        "minCompatibilityMajor": facts["major"],
        "minCompatibilityMinor": str(int(facts["minor"]) - 1),
        "gitVersion": facts["gitVersion"],
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "k8s-tutor",
        "platform": "python/any",
    }


# ---- By what others can check ServiceAccounts' tokens: the issuer's documents, as OpenID Connect has them

PATHS = ("/.well-known/openid-configuration", "/openid/v1/jwks")
_KEYS = "https://172.18.0.2:6443/openid/v1/jwks"  # as it is seen from inside the cluster


def answer_openid(context: ServerContext, path: str) -> Response | None:
    """The document at a path; None when there is none."""
    if path == PATHS[0]:
        found = {
            "issuer": AUDIENCE,
            "jwks_uri": _KEYS,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        return Response(200, found)
    if path == PATHS[1]:
        key = context.tokens.key
        keys = json.dumps({"keys": [key.public()] if key else []}, separators=(",", ":"))
        return Response(200, keys, "application/jwk-set+json")
    return None
