"""OpenAPI v2: everything in one document."""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.apiserver.builtintypes import schema_facts
from k8s_tutor.embedded.apiserver.documents.openapi.custom import custom_schemas
from k8s_tutor.embedded.apiserver.documents.openapi.operations import kind_paths
from k8s_tutor.embedded.apiserver.documents.openapi.removed import removed_schemas
from k8s_tutor.embedded.apiserver.documents.openapi.schemas import definition, kind_types
from k8s_tutor.embedded.apiserver.documents.version import version
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.versions import RemovedKind
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["swagger"]

_PREFIX = "#/definitions/"


def swagger(ground: Ground) -> Obj:
    """The document of all kinds, custom ones and those of removed versions included."""
    document = _builtin()
    custom = [kind for kind in ground.kinds if ground.custom.has(kind)]
    removed = [kind for kind in ground.kinds if isinstance(kind, RemovedKind)]
    if not custom and not removed:
        return document
    paths, definitions = dict(document["paths"]), dict(document["definitions"])
    for kind in custom:
        paths |= kind_paths(kind, v3=False, custom=True)
        definitions |= custom_schemas(ground, kind, _PREFIX)
    for old in removed:
        paths |= kind_paths(old, v3=False)
        definitions |= removed_schemas(old, _PREFIX)
    return {**document, "paths": paths, "definitions": definitions}


@cache
def _builtin() -> Obj:
    definitions = {name: definition(name, _PREFIX, either=False) for name in schema_facts()["types"]}
    for key, name in kind_types().items():
        api_version, _, word = key.rpartition("/")
        group, _, served = api_version.rpartition("/")
        rows = definitions[name].setdefault("x-kubernetes-group-version-kind", [])
        rows.append({"group": group, "version": served, "kind": word})
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
