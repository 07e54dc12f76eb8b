"""The custom kinds served now, one entry a kind and version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from k8s_tutor.embedded.apiserver.custom.conversion import Conversion, schema_in
from k8s_tutor.embedded.apiserver.custom.rules import custom_rules
from k8s_tutor.embedded.apiserver.custom.scalepaths import ScalePaths
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.embedded.apiserver.shapes import Shape
from k8s_tutor.embedded.apiserver.structural.pruning import StructuralShape
from k8s_tutor.embedded.apiserver.versions import VersionedKind, converted_outside
from k8s_tutor.objects.kinds import Kind, Subresource
from k8s_tutor.objects.schema import Type, from_openapi
from k8s_tutor.objects.types import Obj

__all__ = ["CustomKind", "CustomKinds", "kinds_of"]

_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_PART_VERBS = ("get", "patch", "update")
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


@dataclass(frozen=True, slots=True)
class CustomKind:
    """One served version of a CustomResourceDefinition.

    Attributes:
        kind: As discovery shows it.
        version: The entry of `spec.versions`.
        list_kind: What lists are called.
        schema: Its OpenAPI schema.
        shape: How objects are decoded.
        type: How objects are merged.
        rules: What writes go through.
    """

    kind: Kind
    version: Obj
    list_kind: str
    schema: Obj
    shape: Shape
    type: Type
    rules: Rules


class CustomKinds:
    """All custom kinds by group, version and name.

    Attributes:
        generation: Counts changes of what is served.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._entries: dict[tuple[str, str], CustomKind] = {}

    def serve(self, entries: Iterable[CustomKind]) -> list[Kind]:
        """Replaces what is served; returns the kinds in order."""
        self.generation += 1
        self._entries = {(entry.kind.api_version, entry.kind.kind): entry for entry in entries}
        return [entry.kind for entry in self._entries.values()]

    @property
    def outside(self) -> bool:
        """Whether some kind's objects are converted by a server outside."""
        return any(converted_outside(entry.kind) for entry in self._entries.values())

    def has(self, kind: Kind) -> bool:
        """Whether a kind is a custom one."""
        return (kind.api_version, kind.kind) in self._entries

    def rules(self, kind: Kind) -> Rules | None:
        """A custom kind's rules; None for built-in kinds."""
        entry = self._entry(kind)
        return entry.rules if entry else None

    def shape(self, kind: Kind) -> Shape | None:
        """How a custom kind is decoded; None for built-in kinds."""
        entry = self._entry(kind)
        return entry.shape if entry else None

    def type(self, kind: Kind) -> Type | None:
        """A custom kind's type as patches and apply see it; None for built-in kinds."""
        entry = self._entry(kind)
        return entry.type if entry else None

    def openapi(self, kind: Kind) -> Obj:
        """A custom kind's OpenAPI schema as its definition gives it."""
        entry = self._entry(kind)
        return entry.schema if entry else {}

    def list_kind(self, kind: Kind) -> str:
        """What a custom kind's lists are called; `""` for built-in kinds."""
        entry = self._entry(kind)
        return entry.list_kind if entry else ""

    def scale_paths(self, kind: Kind) -> ScalePaths | None:
        """Where a custom kind keeps its replicas; None for built-in kinds."""
        entry = self._entry(kind)
        paths = (entry.version.get("subresources") or {}).get("scale") if entry else None
        if not paths:
            return None
        selector = _path(paths["labelSelectorPath"]) if paths.get("labelSelectorPath") else ()
        return ScalePaths(_path(paths["specReplicasPath"]), _path(paths["statusReplicasPath"]), selector)

    def printer_columns(self, kind: Kind) -> list[Obj] | None:
        """A custom kind's columns (none of its own is an empty list); None for built-in kinds."""
        entry = self._entry(kind)
        return entry.version.get("additionalPrinterColumns", []) if entry else None

    def _entry(self, kind: Kind) -> CustomKind | None:
        return self._entries.get((kind.api_version, kind.kind))


def kinds_of(definition: Obj, conversion: Conversion | None = None) -> list[CustomKind]:
    """The served versions of an established definition, the most mature first.

    Args:
        definition: The definition.
        conversion: Turns objects from the stored version into others and back.
    """
    spec = definition["spec"]
    versions = sorted((row for row in spec["versions"] if row["served"]), key=_maturity)
    return [_custom_kind(spec, version, conversion or Conversion(definition)) for version in versions]


def _custom_kind(spec: Obj, version: Obj, conversion: Conversion) -> CustomKind:
    names = spec["names"]
    subresources = version.get("subresources") or {}
    parts = []
    if "status" in subresources:
        parts.append(Subresource("status", spec["group"], version["name"], names["kind"], _PART_VERBS))
    if "scale" in subresources:
        parts.append(Subresource("scale", "autoscaling", "v1", "Scale", _PART_VERBS))
    kind = VersionedKind(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names["singular"],
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames", ())),
        categories=tuple(names.get("categories", ())),
        verbs=_VERBS,
        subresources=tuple(parts),
        seen=partial(conversion.seen, version["name"]),
        stored=conversion.stored,
        outside=conversion.outside,
        selectable=tuple(row["jsonPath"].removeprefix(".") for row in version.get("selectableFields", ())),
        deprecated=_deprecation(spec, version),
    )
    schema = schema_in(spec, version)
    rules = custom_rules(schema, status="status" in subresources, scale=subresources.get("scale"))
    list_kind = names["listKind"]
    return CustomKind(kind, version, list_kind, schema, StructuralShape(schema), from_openapi(schema), rules)


def _deprecation(spec: Obj, version: Obj) -> str:
    if not version.get("deprecated"):
        return ""
    words: str = version.get("deprecationWarning") or ""
    return words or f"{spec['group']}/{version['name']} {spec['names']['kind']} is deprecated"


def _maturity(version: Obj) -> tuple[int, int, int, str]:
    """Kubernetes' order of versions: v2 before v1 before v1beta1 before v1alpha1 before all other names."""
    name = version["name"]
    number, stage, rest = _split_version(name)
    if number is None:
        return (1, 0, 0, name)
    rank = {"": 0, "beta": 1, "alpha": 2}[stage]
    return (0, rank * 1_000_000 - number, -rest, name)


def _split_version(name: str) -> tuple[int | None, str, int]:
    match = _VERSION.fullmatch(name)
    if match is None:
        return None, "", 0
    return int(match[1]), match[2] or "", int(match[3] or 0)


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(".") if part)
