"""Kinds that CustomResourceDefinitions add while the cluster runs: those served now, one entry a kind and version.

Not as on a real cluster: a definition's names are given and it is served at once, not some milliseconds later; costs of
CEL rules are not estimated; a conversion webhook is asked for each object by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from k8s_tutor.embedded.apiserver.custom_conversion import Conversion, schema_in
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.shapes import Shape
from k8s_tutor.embedded.apiserver.structural_pruning import StructuralShape, fill_defaults
from k8s_tutor.embedded.apiserver.structural_rules import ABSENT, BLOCKING, RuleTree, broken_rules, has_rules, rule_tree
from k8s_tutor.embedded.apiserver.structural_validation import validate_value
from k8s_tutor.embedded.apiserver.versions import VersionedKind, converted_outside
from k8s_tutor.objects.kinds import Kind, Subresource
from k8s_tutor.objects.schema import Type, from_openapi
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CustomKind", "CustomKinds", "ScalePaths", "custom_rules", "kinds_of"]


# ---- The rules every custom kind follows, made from its schema

_TOP = ("apiVersion", "kind", "metadata")
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)


def custom_rules(schema: Obj, *, status: bool, scale: Obj | None) -> Rules:
    """A custom kind's rules.

    Args:
        schema: Its OpenAPI schema.
        status: Whether it has the status subresource.
        scale: The paths of its scale subresource, None without one.
    """
    check = _Check(schema, scale)
    return Rules(
        default=partial(_default, schema),
        prepare_create=_drop_status if status else _nothing,
        prepare_update=partial(_prepare_update, status),
        prepare_status=_prepare_status,
        validate=check.problems,
        validate_update=check.problems,
        validate_status=check.problems,
        generation=True,
    )


def _nothing(_: Obj) -> None:
    return None


def _default(schema: Obj, obj: Obj) -> None:
    fill_defaults(obj, {key: value for key, value in schema.items() if key != "default"})


def _drop_status(obj: Obj) -> None:
    obj.pop("status", None)


def _prepare_update(status: bool, new: Obj, old: Obj) -> None:
    if status:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]
    before = _counted(old, status=status)
    if _counted(new, status=status) != before:
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _counted(obj: Obj, *, status: bool) -> Obj:
    """What a change of counts in metadata.generation."""
    return {key: value for key, value in obj.items() if key not in _TOP and not (status and key == "status")}


def _prepare_status(new: Obj, old: Obj) -> None:
    status = new.get("status")
    kept = {key: value for key, value in old.items() if key not in ("metadata", "status")}
    version, managed = new["metadata"].get("resourceVersion"), new["metadata"].get("managedFields")
    metadata = {**old["metadata"], "resourceVersion": version}
    if managed:
        metadata["managedFields"] = managed
    new.clear()
    new.update(kept)
    new["metadata"] = metadata
    if status is not None:
        new["status"] = status


class _Check:
    """Judges whole objects: first by the schema, then, where that leaves them sound, by the rules in it."""

    def __init__(self, schema: Obj, scale: Obj | None) -> None:
        self._schema = schema
        self._scale = scale

    @cached_property
    def _tree(self) -> RuleTree | None:
        return rule_tree(self._schema, root=True) if has_rules(self._schema) else None

    def problems(self, obj: Obj, old: Obj | None = None) -> list[FieldError]:
        """What is wrong with an object, or with the change of one."""
        found = list(self._by_schema(obj, old))
        if self._scale:
            found += _validate_replicas(_body(obj), self._scale["specReplicasPath"])
        if self._tree is None:
            return found
        if any(problem.reason in BLOCKING for problem in found):
            return [*found, FieldError("<nil>", "FieldValueInvalid", f"Invalid value: null: {_UNCHECKED}")]
        return [*found, *broken_rules(self._tree, obj, "", ABSENT if old is None else old)]

    def _by_schema(self, obj: Obj, old: Obj | None) -> Iterator[FieldError]:
        wanted = {**self._schema, "required": [key for key in self._schema.get("required", ()) if key not in _TOP]}
        before: Any = ABSENT if old is None else _body(old)
        properties = self._schema.get("properties") or {}
        if name := properties.get("metadata"):
            metadata = {key: value for key, value in obj["metadata"].items() if key in ("name", "generateName")}
            yield from validate_value(metadata, name, "metadata")
        yield from validate_value(_body(obj), wanted, "", before)


def _body(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in _TOP}


def _validate_replicas(body: Json, path: str) -> list[FieldError]:
    """The scale subresource must find a number where it looks."""
    value = body
    for key in path.strip(".").split("."):
        if value is None:
            return []
        if not isinstance(value, dict):
            words = (
                f"{path} accessor error: {value} is of the type {_go_type(value)}, expected map[string]interface{{}}"
            )
            return [invalid(path, 0, words)]
        value = value.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return [invalid(path, value, "should be a non-negative integer")] if value is not None and value < 0 else []
    return [invalid(path, 0, f"{path} accessor error: {value} is of the type {_go_type(value)}, expected int64")]


def _go_type(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    kinds = {str: "string", int: "int64", float: "float64", list: "[]interface {}"}
    return kinds.get(type(value), "map[string]interface {}")


# ---- The custom kinds served now, one entry a kind and version

# ---- Where a kind keeps its number of replicas


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Paths as tuples of field names; the built-in kinds' unless told otherwise."""

    wanted: tuple[str, ...] = ("spec", "replicas")
    observed: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")


# ---- The custom kinds served now, one entry a kind and version

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
        self._entries = {(entry.kind.api_version, entry.kind.kind): entry for entry in _by_preference(list(entries))}
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
    if words := version.get("deprecationWarning"):
        return str(words)
    group, kind = spec["group"], spec["names"]["kind"]
    staying = [row for row in spec["versions"] if row["served"] and not row.get("deprecated")]
    better = sorted((row for row in staying if _maturity(row) < _maturity(version)), key=_maturity)
    instead = f"; use {group}/{better[0]['name']} {kind}" if better else ""
    return f"{group}/{version['name']} {kind} is deprecated{instead}"


def _by_preference(entries: list[CustomKind]) -> list[CustomKind]:
    """Groups as they come; in each the most mature version first, whichever of its definitions brings it."""
    groups = list(dict.fromkeys(entry.kind.group for entry in entries))
    return sorted(entries, key=lambda entry: (groups.index(entry.kind.group), _maturity(entry.version)))


def _maturity(version: Obj) -> tuple[int, int, int, str]:
    """Kubernetes' order of versions: v2 before v1 before v1beta1 before v1alpha1 before all other names."""
    name = version["name"]
    number, level, rest = _split_version(name)
    if number is None:
        return (1, 0, 0, name)
    rank = {"": 0, "beta": 1, "alpha": 2}[level]
    return (0, rank * 1_000_000 - number, -rest, name)


def _split_version(name: str) -> tuple[int | None, str, int]:
    match = _VERSION.fullmatch(name)
    if match is None:
        return None, "", 0
    return int(match[1]), match[2] or "", int(match[3] or 0)


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(".") if part)
