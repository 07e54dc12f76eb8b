"""Reads what a server says it serves: aggregated discovery (`APIGroupDiscoveryList`) into `Kind`s."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.objects.kinds import Kind, Subresource
from k8s_tutor.objects.types import Obj

__all__ = ["AGGREGATED_DISCOVERY", "kinds_of"]

AGGREGATED_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""The Accept header that asks `/api` or `/apis` for every resource of every group in one answer."""


def kinds_of(discovery: Obj) -> Iterator[Kind]:
    """The kinds in an `APIGroupDiscoveryList`, in the server's order: preferred versions first."""
    for group in discovery.get("items", ()):
        name = str(group["metadata"].get("name", ""))
        for version in group.get("versions", ()):
            for resource in version.get("resources", ()):
                if "responseKind" in resource:
                    yield _kind(name, version["version"], resource)


def _kind(group: str, version: str, resource: Obj) -> Kind:
    return Kind(
        group=group,
        version=version,
        kind=resource["responseKind"]["kind"],
        plural=resource["resource"],
        singular=resource.get("singularResource", ""),
        namespaced=resource["scope"] == "Namespaced",
        short_names=tuple(resource.get("shortNames", ())),
        categories=tuple(resource.get("categories", ())),
        verbs=tuple(resource.get("verbs", ())),
        subresources=tuple(
            Subresource(
                sub["subresource"],
                sub["responseKind"]["group"] or ("" if sub["responseKind"]["version"] else group),
                sub["responseKind"]["version"] or version,
                sub["responseKind"]["kind"],
                tuple(sub["verbs"]),
            )
            for sub in resource.get("subresources", ())
        ),
    )
