"""OpenAPI v3: one document a group and version."""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.apiserver.documents.openapi.custom import custom_schemas
from k8s_tutor.embedded.apiserver.documents.openapi.operations import kind_paths
from k8s_tutor.embedded.apiserver.documents.openapi.removed import removed_schemas
from k8s_tutor.embedded.apiserver.documents.openapi.schemas import closure, definition, kind_types
from k8s_tutor.embedded.apiserver.documents.version import version
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.versions import RemovedKind
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["group_document"]

_PREFIX = "#/components/schemas/"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."


def group_document(ground: Ground, root: str) -> Obj:
    """The document of the group and version at a path such as `/apis/apps/v1`."""
    kinds = [kind for kind in ground.kinds if kind.root == root]
    removed = [kind for kind in kinds if isinstance(kind, RemovedKind)]
    if removed:
        schemas = {name: row for kind in removed for name, row in removed_schemas(kind, _PREFIX).items()}
        return _document(kinds, schemas)
    custom = [kind for kind in kinds if ground.custom.has(kind)]
    if not custom:
        return _builtin_document(root)
    schemas = {name: row for kind in custom for name, row in custom_schemas(ground, kind, _PREFIX).items()}
    roots = [f"{_META}{name}" for name in ("ObjectMeta", "ListMeta", "DeleteOptions", "Status")]
    if any(part.name == "scale" for kind in custom for part in kind.subresources):
        roots.append("io.k8s.api.autoscaling.v1.Scale")
    schemas |= {name: definition(name, _PREFIX, either=True) for name in closure(roots)}
    return _document(custom, schemas, custom=True)


@cache
def _builtin_document(root: str) -> Obj:
    kinds = [kind for kind in builtin_kinds() if kind.root == root]
    types = kind_types()
    roots: list[str] = [f"{_META}DeleteOptions", f"{_META}Status"]
    rows: dict[str, list[Obj]] = {}
    for key, name in types.items():
        api_version, _, word = key.rpartition("/")
        group, _, served = api_version.rpartition("/")
        if any(kind.api_version == api_version for kind in kinds):
            roots.append(name)
            rows.setdefault(name, []).append({"group": group, "version": served, "kind": word})
    schemas = {name: definition(name, _PREFIX, either=True) for name in closure(roots)}
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
