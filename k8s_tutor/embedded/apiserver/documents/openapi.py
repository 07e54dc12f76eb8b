"""The OpenAPI documents: v2 (one for everything, in JSON or protobuf) and v3 (one a group and version).

Built from the same facts that decoding uses. Version 3 has words for people, too: `kubectl explain` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.embedded.apiserver.documents.discovery import version
from k8s_tutor.embedded.apiserver.documents.openapi_schemas import closure, definition, kind_types, prose_of
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.schema import schema_facts
from k8s_tutor.objects.types import Obj

__all__ = ["MEDIA", "custom_name", "custom_schemas", "encoded", "group_document", "kind_paths", "swagger"]


# ---- The paths of a kind with their operations, as far as clients read them: who, what, and which parameters
#
# kubectl looks here whether a server validates fields (`fieldValidation`) and knows dry runs (`dryRun`).

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
_CALLED = {"get": "read", "update": "replace", "deletecollection": "delete"}  # as clients' methods begin
_ACTIONS = {"create": "post", "update": "put"}
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
    """The paths of a kind's collection and objects, of all namespaces, and of status and scale.

    Custom kinds know no strategic patches.
    """
    location = (
        f"{kind.root}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{kind.root}/{kind.plural}"
    )
    variables = ["namespace"] if kind.namespaced else []
    named = ["name", *variables]
    places: list[_Place] = [
        _Place(location, _ON_COLLECTION, kind.verbs, variables),
        _Place(f"{location}/{{name}}", _ON_OBJECT, kind.verbs, named),
    ]
    places += [
        _Place(f"{location}/{{name}}/{sub.name}", _ON_OBJECT, sub.verbs, named, sub.name.title())
        for sub in kind.subresources
        if sub.name in ("status", "scale")
    ]
    if kind.namespaced:
        listed = {"list": _ON_COLLECTION["list"]}
        places.append(_Place(f"{kind.root}/{kind.plural}", listed, kind.verbs, [], "ForAllNamespaces"))
    patches = [media for media in _PATCHES if not (custom and media == _STRATEGIC)]
    found: Obj = {}
    for place in places:
        operations: Obj = {
            method: _operation(kind, place, verb, patches if method == "patch" else [], v3=v3)
            for verb, (method, _) in place.verbs.items()
            if verb in place.served
        }
        if operations:
            found[place.path] = operations | {"parameters": [_parameter(name, "path", v3=v3) for name in place.names]}
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """One path: what can be done there, and how the names of its operations end."""

    path: str
    verbs: Mapping[str, tuple[str, tuple[str, ...]]]
    served: Sequence[str]
    names: Sequence[str]
    ending: str = ""


def _operation(kind: Kind, place: _Place, verb: str, patches: list[str], *, v3: bool) -> Obj:
    group = _friendly(kind.group)
    scope = "Namespaced" if place.names[-1:] == ["namespace"] else ""
    many = "Collection" if verb == "deletecollection" else ""
    about = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    if place.ending == "Scale":
        about = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    name = f"{group[:1].upper()}{group[1:]}{kind.version.title()}{many}{scope}{kind.kind}{place.ending}"
    operation: Obj = {
        "operationId": f"{_CALLED.get(verb, verb)}{name}",
        "tags": [f"{group}_{kind.version}"],
        "parameters": [_parameter(parameter, "query", v3=v3) for parameter in place.verbs[verb][1]],
        "responses": {"200": {"description": "OK"}, "401": {"description": "Unauthorized"}},
        "x-kubernetes-action": _ACTIONS.get(verb, verb),
        "x-kubernetes-group-version-kind": about,
    }
    if patches and v3:
        operation["requestBody"] = {"content": {media: {} for media in patches}, "required": True}
    elif patches:
        operation["consumes"] = patches
    return operation


def _friendly(group: str) -> str:
    """`core`, `apps`, `rbacAuthorization`, `exampleCom`: a group in the names of operations."""
    first, *rest = (group or "core").removesuffix(".k8s.io").split(".")
    return first + "".join(word.title() for word in rest)


def _parameter(name: str, location: str, *, v3: bool) -> Obj:
    schema: Obj = {"type": _TYPES.get(name, "string"), "uniqueItems": True}
    parameter: Obj = {"name": name, "in": location} | ({"schema": schema} if v3 else schema)
    return parameter | {"required": True} if location == "path" else parameter


# ---- Custom kinds in OpenAPI: their definition's schema with what every object has, and the type of their lists
#
# Recorded from a real server: v3 shows the schema as it is; v2 cannot say everything, and leaves out what it
# cannot.

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_KEEPS, _EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
_EITHER = "x-kubernetes-int-or-string"
_TOO_RICH = ("allOf", "anyOf", "oneOf", "not", "default", "nullable")  # v2 has no such words


def custom_name(kind: Kind) -> str:
    """Reversed as the real server names them: `com.example.v1.Widget`."""
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def custom_schemas(context: ServerContext, kind: Kind, prefix: str) -> dict[str, Obj]:
    """The schemas of a kind and of its lists, by name.

    Args:
        context: The API server.
        kind: The custom kind.
        prefix: Of references: `#/definitions/` (v2) or `#/components/schemas/` (v3).
    """
    name, version2 = custom_name(kind), prefix == "#/definitions/"
    schema = context.custom.openapi(kind)
    visible = _plain(schema) if version2 else _with_embedded(schema, prefix)
    properties = {**visible.get("properties", {}), **_header("ObjectMeta", prefix)}
    list_kind = context.custom.list_kind(kind)
    items = {
        "description": f"List of {kind.plural}. More info: {_CONVENTIONS}",
        "type": "array",
        "items": {"$ref": f"{prefix}{name}"},
    }
    return {
        name: {**visible, "type": "object", "properties": properties, **_named(kind, kind.kind)},
        f"{name.rpartition('.')[0]}.{list_kind}": {
            "description": f"{list_kind} is a list of {kind.kind}",
            "type": "object",
            "required": ["items"],
            "properties": {**_header("ListMeta", prefix), "items": items},
            **_named(kind, list_kind),
        },
    }


_CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"


def _named(kind: Kind, word: str) -> Obj:
    return {"x-kubernetes-group-version-kind": [{"group": kind.group, "version": kind.version, "kind": word}]}


def _header(metadata: str, prefix: str) -> dict[str, Obj]:
    """apiVersion, kind and metadata, in the words that all kinds have for them."""
    words = prose_of("io.k8s.api.core.v1.ConfigMap" + ("List" if metadata == "ListMeta" else "")).fields
    reference = {"$ref": f"{prefix}{_META}{metadata}"}
    rows: dict[str, Obj] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": reference if prefix == "#/definitions/" else {"allOf": [reference]},
    }
    return {key: _described(row, words.get(key, "")) for key, row in rows.items()}


def _described(row: Obj, words: str) -> Obj:
    return {"description": words, **row} if words else row


def _with_embedded(schema: Obj, prefix: str) -> Obj:
    """A schema for v3: objects inside objects have apiVersion, kind and metadata, too."""
    found = _mapped(schema, lambda inner: _with_embedded(inner, prefix))
    if not found.get(_EMBEDDED):
        return found
    properties = {**(found.get("properties") or {}), **_header("ObjectMeta", prefix)}
    return {**found, "properties": properties, "required": [*found.get("required", ()), "kind", "apiVersion"]}


def _plain(schema: Obj) -> Obj:
    """A schema for v2: what may be null, either of two or anything has no type there."""
    found = _mapped({key: value for key, value in schema.items() if key not in _TOO_RICH}, _plain)
    if schema.get("nullable") or schema.get(_KEEPS) or schema.get(_EITHER):
        return {key: value for key, value in found.items() if key not in ("type", "items", "properties", "required")}
    return found


def _mapped(schema: Obj, change: Callable[[Obj], Obj]) -> Obj:
    found = dict(schema)
    if isinstance(inner := schema.get("properties"), Mapping):
        found["properties"] = {key: change(row) for key, row in inner.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found[key] = change(schema[key])
    return found


# ---- The OpenAPI documents: v2 (one for everything, in JSON or protobuf) and v3 (one a group and version)

# ---- OpenAPI v2: everything in one document

_PREFIX = "#/definitions/"


def swagger(context: ServerContext) -> Obj:
    """The document of all kinds, custom ones included."""
    document = _builtin()
    custom = [kind for kind in context.kinds if context.custom.has(kind)]
    if not custom:
        return document
    paths, definitions = dict(document["paths"]), dict(document["definitions"])
    for kind in custom:
        paths |= kind_paths(kind, v3=False, custom=True)
        definitions |= custom_schemas(context, kind, _PREFIX)
    return {**document, "paths": paths, "definitions": definitions}


@cache
def _builtin() -> Obj:
    definitions = {name: definition(name, _PREFIX, either=False) for name in schema_facts()["types"]}
    for key, name in kind_types().items():
        api_version, _, word = key.rpartition("/")
        group, _, version_name = api_version.rpartition("/")
        rows = definitions[name].setdefault("x-kubernetes-group-version-kind", [])
        rows.append({"group": group, "version": version_name, "kind": word})
    paths: Obj = {}
    for kind in builtin_kinds():
        paths |= kind_paths(kind, v3=False)
    release = version()
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": f"{release['major']}.{release['minor']}"},
        "paths": paths,
        "definitions": definitions,
    }


# ---- OpenAPI v2 in protobuf, the only form in which kubectl asks for it: when version 3 does not know a kind
#
# It then looks whether patches of any kind take a query parameter, so that is what there is: paths with their patches.
# The messages are gnostic's `openapi.v2`; their field numbers are as in a real server's answer.

MEDIA = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_GVK = "x-kubernetes-group-version-kind"


def encoded(document: Obj) -> bytes:
    """The bytes of `Document`.

    Args:
        document: As in JSON.
    """
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    paths = b"".join(
        _part(2, _text(1, path) + _part(2, _part(8, _patch(item["patch"]))))
        for path, item in document["paths"].items()
        if "patch" in item
    )
    return _text(1, document["swagger"]) + _part(2, info) + _part(8, paths)


def _patch(operation: Obj) -> bytes:
    """The bytes of `Operation`."""
    media = b"".join(_text(7, name) for name in operation["consumes"])
    parameters = b"".join(_part(8, _part(1, _part(2, _part(3, _query(row))))) for row in operation["parameters"])
    kind = operation[_GVK]
    yaml = f'group: "{kind["group"]}"\nkind: {kind["kind"]}\nversion: {kind["version"]}\n'
    extension = _text(1, _GVK) + _part(2, _text(2, yaml))
    return _text(5, operation["operationId"]) + media + parameters + _part(13, extension)


def _query(parameter: Obj) -> bytes:
    """The bytes of `QueryParameterSubSchema`."""
    return _text(2, parameter["in"]) + _text(4, parameter["name"])


def _text(number: int, text: str) -> bytes:
    return _part(number, text.encode())


def _part(number: int, data: bytes) -> bytes:
    """A field that holds text or another message."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


# ---- OpenAPI v3: one document a group and version

_V3_PREFIX = "#/components/schemas/"


def group_document(context: ServerContext, root: str) -> Obj:
    """The document of the group and version at a path such as `/apis/apps/v1`."""
    kinds = [kind for kind in context.kinds if kind.root == root]
    custom = [kind for kind in kinds if context.custom.has(kind)]
    if not custom:
        return _builtin_document(root)
    schemas = {name: row for kind in custom for name, row in custom_schemas(context, kind, _V3_PREFIX).items()}
    roots = [f"{_META}{name}" for name in ("ObjectMeta", "ListMeta", "DeleteOptions", "Status")]
    if any(part.name == "scale" for kind in custom for part in kind.subresources):
        roots.append("io.k8s.api.autoscaling.v1.Scale")
    schemas |= {name: definition(name, _V3_PREFIX, either=True) for name in closure(roots)}
    return _document(custom, schemas, custom=True)


@cache
def _builtin_document(root: str) -> Obj:
    kinds = [kind for kind in builtin_kinds() if kind.root == root]
    types = kind_types()
    roots: list[str] = [f"{_META}DeleteOptions", f"{_META}Status"]
    rows: dict[str, list[Obj]] = {}
    for key, name in types.items():
        api_version, _, word = key.rpartition("/")
        group, _, version_name = api_version.rpartition("/")
        if any(kind.api_version == api_version for kind in kinds):
            roots.append(name)
            rows.setdefault(name, []).append({"group": group, "version": version_name, "kind": word})
    schemas = {name: definition(name, _V3_PREFIX, either=True) for name in closure(roots)}
    for name, row in rows.items():
        schemas[name] |= {"x-kubernetes-group-version-kind": row}
    return _document(kinds, schemas)


def _document(kinds: list[Kind], schemas: dict[str, Obj], *, custom: bool = False) -> Obj:
    paths: Obj = {}
    for kind in kinds:
        paths |= kind_paths(kind, v3=True, custom=custom)
    release = version()
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"{release['major']}.{release['minor']}"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
