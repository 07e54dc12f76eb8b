"""A custom object read by its structural schema: unknown fields pruned, defaults filled in.

Source: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions, checked against a real
server. Wrong types are left for validation, which names them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass

from k8s_tutor.embedded.apiserver.builtintypes import type_named
from k8s_tutor.embedded.apiserver.shapes import At, Mistyped, Report, Shape, free_form, spell
from k8s_tutor.objects.types import Json, Obj

__all__ = ["StructuralShape", "fill_defaults", "prune_value"]

_TOP = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True, slots=True)
class StructuralShape:
    """A custom kind's type: its OpenAPI schema around ordinary metadata."""

    schema: Obj

    def read(self, value: Json, at: At, report: Report) -> Obj:
        """See `Shape`."""
        metadata = value.get("metadata")
        out: Obj = {"metadata": _read_metadata({} if metadata is None else metadata, report)}
        body = {key: item for key, item in value.items() if key not in _TOP}
        inner = Report()
        inner.doubled(None, value)
        pruned = _prune(body, self.schema, None, inner)
        assert isinstance(pruned, dict)
        found = report.complaints + inner.complaints
        doubles = [text for text in found if text.startswith("duplicate ")]  # the parser's, before all others
        unknown = sorted(text for text in inner.complaints if text not in doubles)  # by path: `PruneWithOptions`
        report.complaints = [*doubles, *(text for text in report.complaints if text not in doubles), *unknown]
        return out | pruned


def fill_defaults(value: Json, schema: Obj) -> None:
    """Fills in the defaults of what is missing, in place."""
    if isinstance(value, dict):
        for key, inner in schema.get("properties", {}).items():
            if "default" in inner and (key not in value or (value[key] is None and not inner.get("nullable"))):
                value[key] = deepcopy(inner["default"])
            if key in value:
                fill_defaults(value[key], inner)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for key, item in value.items():
                if key not in schema.get("properties", {}):
                    fill_defaults(item, extra)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            fill_defaults(item, schema["items"])


def _read_metadata(metadata: Json, report: Report) -> Obj:
    shape: Shape = type_named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    if not isinstance(metadata, dict):
        raise Mistyped("json: cannot unmarshal value into Go value of type v1.ObjectMeta")
    inner = Report()
    try:
        read: Obj = shape.read(metadata, None, inner)
    except Mistyped as error:
        raise Mistyped(str(error).replace("ObjectMeta.metadata.", "ObjectMeta.")) from None
    report.complaints += [complaint.replace('field "', 'field "metadata.', 1) for complaint in inner.complaints]
    return read


def _embedded(value: Obj, at: At, report: Report) -> Obj:
    """An object in an object: its type and its metadata are read as those of any object."""
    path = spell(at)
    for key in ("apiVersion", "kind"):
        if key in value and not isinstance(value[key], str):
            raise Mistyped(f"{path}.{key}: Invalid value: {_compact(value[key])}: must be a string")
    metadata = value.get("metadata")
    if metadata is None:
        return value
    inner = Report()
    try:
        read = _read_metadata(metadata, inner)
    except Mistyped as error:
        raise Mistyped(f"{path}.metadata: Invalid value: {_compact(metadata)}: {error}") from None
    report.complaints += [text.replace('field "metadata.', f'field "{path}.metadata.', 1) for text in inner.complaints]
    return {**value, "metadata": {key: item for key, item in read.items() if key in metadata}}


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def prune_value(value: Json, schema: Obj) -> Json:
    """A value without what its schema does not know."""
    return _prune(value, schema, None, Report())


def _prune(value: Json, schema: Obj, at: At, report: Report) -> Json:
    if isinstance(value, dict):
        return _prune_object(value, schema, at, report)
    if isinstance(value, list):
        items = schema.get("items")
        inner = items if isinstance(items, dict) else {"x-kubernetes-preserve-unknown-fields": True}
        return [_prune(item, inner, (at, index), report) for index, item in enumerate(value)]
    return free_form(value)


def _prune_object(value: Obj, schema: Obj, at: At, report: Report) -> Obj:
    if at is not None:
        report.doubled(at, value)
        if schema.get("x-kubernetes-embedded-resource"):
            value = _embedded(value, at, report)
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") or extra is True
    embedded = schema.get("x-kubernetes-embedded-resource")
    out: Obj = {}
    for key, item in value.items():
        inner = properties.get(key)
        if inner is None and isinstance(extra, dict):
            inner = extra
        if inner is None and (keeps or (embedded and key in _TOP)):
            out[key] = free_form(item)
        elif inner is None:
            report.unknown((at, key))
        elif item is None and not inner.get("nullable"):
            continue  # null where it means nothing is nothing
        else:
            out[key] = _prune(item, inner, (at, key), report)
    return out
