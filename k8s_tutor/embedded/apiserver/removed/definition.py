"""CustomResourceDefinitions as they were until 1.21: `apiextensions.k8s.io/v1beta1`."""

from __future__ import annotations

from dataclasses import fields, replace

from k8s_tutor.embedded.apiserver.builtintypes import Types, schema_facts, wire_facts
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.removed.definitionconversion import NEW, OLD, as_new, as_old
from k8s_tutor.embedded.apiserver.removed.definitionrules import RULES
from k8s_tutor.embedded.apiserver.removed.definitiontypes import NAME, ROWS, WIRE
from k8s_tutor.embedded.apiserver.removed.nonstructural import NonStructural
from k8s_tutor.embedded.apiserver.versions import RemovedKind
from k8s_tutor.embedded.core import ApiHandler
from k8s_tutor.objects.kinds import Kind, KindTable, builtin_kinds
from k8s_tutor.objects.schema import Schema

__all__ = ["serve"]

_DEPRECATED = (
    f"{OLD} CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+; use {NEW} CustomResourceDefinition"
)


def serve(ground: Ground, api: ApiHandler) -> None:
    """Serves them, after the version that stayed; definitions say what they could not say in that one."""
    kind = _kind()
    kinds: list[Kind] = []
    for served in ground.kinds:
        kinds += [served, kind] if served.api_version == NEW else [served]
    ground.kinds = KindTable(kinds)
    NonStructural(ground, api)


def _kind() -> RemovedKind:
    stays = builtin_kinds().of(NEW, "CustomResourceDefinition")
    assert stays is not None
    version = OLD.rpartition("/")[2]
    alike = {field.name: getattr(stays, field.name) for field in fields(Kind)}
    alike |= {"version": version, "subresources": tuple(replace(part, version=version) for part in stays.subresources)}
    rows = {**schema_facts()["types"], **ROWS}
    type_ = Schema({"kinds": {f"{OLD}/{stays.kind}": NAME}, "types": rows}).kind(OLD, stays.kind)
    assert type_ is not None
    return RemovedKind(
        **alike,
        seen=lambda obj, _: as_old(obj),
        stored=as_new,
        deprecated=_DEPRECATED,
        rules=RULES,
        shape=Types(rows, {**wire_facts(), **WIRE}).named(NAME),
        type=type_,
        rows=rows,
    )
