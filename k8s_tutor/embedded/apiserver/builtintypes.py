"""The built-in types, made from facts.

`objects/facts/schema.json` says what they are, `facts/wire.json` how Go treats their empty values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from k8s_tutor.embedded.apiserver.shapes import (
    Anything,
    Bytes,
    Field,
    Inlined,
    Integer,
    IntOrString,
    List,
    Map,
    Quantity,
    Scalar,
    Shape,
    Struct,
    Time,
)
from k8s_tutor.objects.schema import schema_facts
from k8s_tutor.objects.types import Json

__all__ = ["Types", "shape_of", "type_named", "wire_facts"]


def shape_of(api_version: str, kind: str) -> Struct | None:
    """The type behind a built-in kind."""
    name = schema_facts()["kinds"].get(f"{api_version}/{kind}")
    shape = type_named(name) if name else None
    return shape if isinstance(shape, Struct) else None


_NAMED: dict[str, Shape] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": Quantity(),
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": IntOrString(),
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": Time(),
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": Time(micro=True),
}

_SPELLED: dict[str, Shape] = {
    "string": Scalar(str),
    "boolean": Scalar(bool),
    "integer:int32": Integer(bits=32),
    "integer:int64": Integer(),
    "number:double": Scalar(float),
    "string:byte": Bytes(),
}


_ZEROS: dict[str, str | int] = {"string": "", "boolean": False, "integer:int32": 0, "integer:int64": 0}


@cache
def wire_facts() -> Any:
    """How Go writes the built-in types, see `scripts/facts/wire.py`."""
    package = resources.files("k8s_tutor.embedded.apiserver").joinpath("facts")
    return json.loads(package.joinpath("wire.json").read_text(encoding="utf-8"))


@cache
def type_named(name: str) -> Shape:
    """The shape of a type by its OpenAPI name, with all that hangs on it."""
    return _builtin().named(name)


class Types:
    """Shapes by their OpenAPI names, made from facts.

    Args:
        rows: What each type is, see `schema_facts`.
        wire: How Go writes it, see `wire_facts`.
    """

    def __init__(self, rows: Mapping[str, Any], wire: Mapping[str, Any]) -> None:
        self._rows = rows
        self._wire = wire
        self._structs: dict[str, Struct] = {}

    def named(self, name: str) -> Shape:
        """The shape of a type, with all that hangs on it."""
        if name in _NAMED:
            return _NAMED[name]
        row = self._rows.get(name)
        if not isinstance(row, dict):
            return Anything()
        return self._structs.get(name) or self._struct(name, row)

    def _struct(self, name: str, row: Json) -> Struct:
        struct = self._structs[name] = Struct(name.rpartition(".")[2])  # some contain themselves: JSONSchemaProps
        wire = self._wire.get(name, {})
        always: list[tuple[str, Struct | str | int | None]] = []
        for key, spec in row["fields"].items():
            text = spec if isinstance(spec, str) else spec["type"]
            flag, go = wire.get(key, "o any").split(" ")
            shape = self._shape(text, go.lstrip("*"))
            pointer = go.startswith("*")
            collection = isinstance(shape, List | Map)
            keep = not collection and (pointer or isinstance(shape, Struct | Anything) or flag == "-")
            struct.fields[key] = Field(key, shape, _go_type(go.lstrip("*")), keep, _step(struct.name, key))
            if isinstance(shape, Struct) and not pointer and flag != "z":
                always.append((key, shape))
            elif isinstance(shape, Time) and not pointer and flag != "z":
                always.append((key, None))
            elif isinstance(shape, Quantity) and not pointer and flag == "o":
                always.append((key, "0"))
            elif flag == "-" and not pointer and text in _ZEROS:
                always.append((key, _ZEROS[text]))
        struct.always = tuple(always)
        return struct

    def _shape(self, text: str, go: str) -> Shape:
        if text.startswith("&"):
            return self.named(text[1:])
        if text.startswith("[]"):
            return List(self._shape(text[2:], go.removeprefix("[]")), _go_type(go))
        if text.startswith("{}"):
            return Map(self._shape(text[2:], go.partition("]")[2]), _go_type(go))
        return _SPELLED.get(text, Anything())


# What Go's structs inline (`json:",inline"`), and the fields they have themselves.
_INLINED: dict[str, tuple[str, tuple[str, ...]]] = {
    "Volume": ("VolumeSource", ("name",)),
    "PersistentVolumeSpec": (
        "PersistentVolumeSource",
        (
            "capacity",
            "accessModes",
            "claimRef",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "mountOptions",
            "volumeMode",
            "nodeAffinity",
            "volumeAttributesClassName",
        ),
    ),
    "Probe": (
        "ProbeHandler",
        (
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
            "terminationGracePeriodSeconds",
        ),
    ),
    "EphemeralContainer": ("EphemeralContainerCommon", ("targetContainerName",)),
    "ConfigMapKeySelector": ("LocalObjectReference", ("key", "optional")),
    "SecretKeySelector": ("LocalObjectReference", ("key", "optional")),
    "ConfigMapEnvSource": ("LocalObjectReference", ("optional",)),
    "SecretEnvSource": ("LocalObjectReference", ("optional",)),
    "ConfigMapVolumeSource": ("LocalObjectReference", ("items", "defaultMode", "optional")),
    "ConfigMapProjection": ("LocalObjectReference", ("items", "optional")),
    "SecretProjection": ("LocalObjectReference", ("items", "optional")),
}


def _step(struct: str, key: str) -> str:
    """A field's name as part of a path; one that is inlined knows from where."""
    inlined, own = _INLINED.get(struct, ("", ()))
    return Inlined(key, inlined) if inlined and key not in own else key


@cache
def _builtin() -> Types:
    return Types(schema_facts()["types"], wire_facts())


def _go_type(go: str) -> str:
    """As Go's decoder names it: types of the package get its name."""
    head, _, last = go.rpartition("]")
    head += "]" if head or go.startswith("[]") else ""
    package, dot, word = last.rpartition(".")
    if dot:
        return head + ("v1." if package.endswith("v1") else f"{package}.") + word
    return head + (f"v1.{word}" if word[:1].isupper() else word)
