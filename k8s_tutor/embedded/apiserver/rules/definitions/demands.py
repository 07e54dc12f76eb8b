"""How much is asked of a definition: all of it today; less of one that was there when less was asked.

Definitions that ask for less come from `apiextensions.k8s.io/v1beta1`, where that is switched on. Source:
k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation (1.21 and 1.37).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from k8s_tutor.embedded.apiserver.rules.definitions.structure import check_structure
from k8s_tutor.objects.types import Json, Obj

__all__ = ["EVERYTHING", "TYPES", "Demands", "has_defaults", "left_of", "schema_of", "within"]

TYPES = ("array", "boolean", "integer", "number", "object", "string")
"""The types a schema can name."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a definition must do, or may.

    Attributes:
        schemas: Each version has a schema.
        structural: Schemas are structural.
        types: Schemas name types that there are.
        defaults: Schemas may have defaults.
        pruning: Fields that no schema knows are dropped.
        approval: Groups of Kubernetes' own are approved of.
    """

    schemas: bool = True
    structural: bool = True
    types: bool = True
    defaults: bool = True
    pruning: bool = True
    approval: bool = True

    def of(self, spec: Obj) -> Demands:
        """What is asked in any case of a definition that wants something for which a structural schema is needed."""
        schemas = [schema for row in spec.get("versions") or () if (schema := schema_of(row)) is not None]
        wants = not spec.get("preserveUnknownFields") or any(
            key.startswith("x-kubernetes-") or (self.defaults and key == "default")
            for schema in schemas
            for inner in within(schema)
            for key in inner
        )
        return replace(self, structural=True) if wants else self


EVERYTHING = Demands()


def left_of(demands: Demands, old: Obj) -> Demands:
    """What is still asked of the change of a definition: nothing that the old one did not do already."""
    spec = old["spec"]
    versions: list[Obj] = spec.get("versions") or []
    schemas = [schema for row in versions if (schema := schema_of(row)) is not None]
    return Demands(
        schemas=demands.schemas and len(schemas) == len(versions),
        structural=demands.structural and not any(_problem(schema) for schema in schemas),
        types=demands.types and all(inner.get("type", "") in ("", *TYPES) for one in schemas for inner in within(one)),
        defaults=demands.defaults or any(map(has_defaults, schemas)),
        pruning=demands.pruning and not spec.get("preserveUnknownFields"),
        approval=demands.approval,
    )


def _problem(schema: Obj) -> bool:
    return next(check_structure(schema, ""), None) is not None


def has_defaults(schema: Obj) -> bool:
    """Whether a schema fills in anything."""
    return any("default" in inner for inner in within(schema))


def schema_of(version: Obj) -> Obj | None:
    """A version's schema; None where it has none."""
    found: Obj | None = (version.get("schema") or {}).get("openAPIV3Schema")
    return found


def within(schema: Json) -> Iterator[Obj]:
    """A schema and all that it is made of."""
    if isinstance(schema, list):
        for inner in schema:
            yield from within(inner)
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "patternProperties", "definitions"):
        for inner in (schema.get(key) or {}).values():
            yield from within(inner)
    for key in ("items", "additionalItems", "additionalProperties", "allOf", "anyOf", "oneOf", "not"):
        yield from within(schema.get(key))
