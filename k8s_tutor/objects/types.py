"""Names for the shapes that flow everywhere. Objects stay plain dicts, as the API sends them."""

from __future__ import annotations

from typing import Any, TypeAlias, TypedDict

__all__ = ["Json", "Metadata", "Obj", "OwnerReference"]

# JSON as Python has it. `Any` is deliberate: a recursive alias forces a cast at every field access and catches nothing
# that the schema (objects.schema) does not catch better.
Json: TypeAlias = Any

Obj: TypeAlias = dict[str, Any]
"""A Kubernetes object: `{"apiVersion", "kind", "metadata", ...}`."""


class OwnerReference(TypedDict, total=False):
    """metadata.ownerReferences[], see kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents."""

    apiVersion: str
    kind: str
    name: str
    uid: str
    controller: bool
    blockOwnerDeletion: bool


class Metadata(TypedDict, total=False):
    """metadata, the fields this project reads."""

    name: str
    generateName: str
    namespace: str
    uid: str
    resourceVersion: str
    generation: int
    creationTimestamp: str
    deletionTimestamp: str
    deletionGracePeriodSeconds: int
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: list[str]
    ownerReferences: list[OwnerReference]
    managedFields: list[dict[str, Any]]
