"""The paths of a kind with their operations, as far as clients read them: who, what, and which parameters.

kubectl looks here whether a server validates fields (`fieldValidation`) and knows dry runs (`dryRun`).
"""

from __future__ import annotations

from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["kind_paths"]

_LIST = (
    "allowWatchBookmarks",
    "continue",
    "fieldSelector",
    "labelSelector",
    "limit",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "timeoutSeconds",
    "watch",
)
_WRITE = ("dryRun", "fieldManager", "fieldValidation")
_DELETE = ("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy")
_ON_OBJECT = {
    "get": ("get", ()),
    "update": ("put", _WRITE),
    "patch": ("patch", (*_WRITE, "force")),
    "delete": ("delete", _DELETE),
}
_ON_COLLECTION = {"list": ("get", _LIST), "create": ("post", _WRITE), "deletecollection": ("delete", _DELETE)}
_TYPES = {
    "limit": "integer",
    "timeoutSeconds": "integer",
    "gracePeriodSeconds": "integer",
    "watch": "boolean",
    "allowWatchBookmarks": "boolean",
    "sendInitialEvents": "boolean",
    "orphanDependents": "boolean",
    "force": "boolean",
}
_STRATEGIC = "application/strategic-merge-patch+json"
_PATCHES = ("application/json-patch+json", "application/merge-patch+json", _STRATEGIC, "application/apply-patch+yaml")


def kind_paths(kind: Kind, *, v3: bool, custom: bool = False) -> Obj:
    """The paths of a kind's collection and objects; custom kinds know no strategic patches."""
    patches = [media for media in _PATCHES if not (custom and media == _STRATEGIC)]
    place = f"{kind.root}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{kind.root}/{kind.plural}"
    variables = ["namespace"] if kind.namespaced else []
    found: Obj = {}
    for path, verbs, names in (
        (place, _ON_COLLECTION, variables),
        (f"{place}/{{name}}", _ON_OBJECT, ["name", *variables]),
    ):
        operations: Obj = {
            method: _operation(kind, verb, parameters, patches if method == "patch" else [], v3=v3)
            for verb, (method, parameters) in verbs.items()
            if verb in kind.verbs
        }
        if operations:
            found[path] = operations | {"parameters": [_parameter(name, "path", v3=v3) for name in names]}
    return found


def _operation(kind: Kind, verb: str, parameters: tuple[str, ...], patches: list[str], *, v3: bool) -> Obj:
    operation: Obj = {
        "operationId": f"{verb}{kind.group.partition('.')[0].title()}{kind.version.title()}{kind.kind}",
        "tags": [f"{kind.group.partition('.')[0] or 'core'}_{kind.version}"],
        "parameters": [_parameter(name, "query", v3=v3) for name in parameters],
        "responses": {"200": {"description": "OK"}, "401": {"description": "Unauthorized"}},
        "x-kubernetes-action": "post" if verb == "create" else "put" if verb == "update" else verb,
        "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
    }
    if patches and v3:
        operation["requestBody"] = {"content": {media: {} for media in patches}, "required": True}
    elif patches:
        operation["consumes"] = patches
    return operation


def _parameter(name: str, place: str, *, v3: bool) -> Obj:
    schema: Obj = {"type": _TYPES.get(name, "string"), "uniqueItems": True}
    parameter: Obj = {"name": name, "in": place} | ({"schema": schema} if v3 else schema)
    return parameter | {"required": True} if place == "path" else parameter
