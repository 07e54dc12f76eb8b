"""CustomResourceDefinitions from `apiextensions.k8s.io/v1beta1` to v1 and back.

v1beta1 says once, on top, what all versions have alike; v1 says it for each version. Source: the conversions of
k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1 (1.21).
"""

from __future__ import annotations

from k8s_tutor.objects.types import Obj

__all__ = ["NEW", "OLD", "PARTS", "as_new", "as_old"]

OLD, NEW = "apiextensions.k8s.io/v1beta1", "apiextensions.k8s.io/v1"

PARTS = {
    "validation": "schema",
    "subresources": "subresources",
    "additionalPrinterColumns": "additionalPrinterColumns",
    "selectableFields": "selectableFields",
}
"""What may be said on top, and what it is called in a version."""


def as_new(obj: Obj) -> Obj:
    """A definition in v1; itself where it is. Its defaults must be filled in."""
    if obj["apiVersion"] == NEW:
        return obj
    spec = obj["spec"]
    made = {key: value for key, value in spec.items() if key not in (*PARTS, "version")}
    shared = {below: spec[top] for top, below in PARTS.items() if top in spec}
    made["versions"] = [_with_columns({**row, **shared}, "JSONPath", "jsonPath") for row in spec.get("versions") or ()]
    if not made.get("preserveUnknownFields"):
        made.pop("preserveUnknownFields", None)
    if "conversion" in spec:
        made["conversion"] = _conversion_as_new(spec["conversion"])
    return {**obj, "apiVersion": NEW, "spec": made}


def as_old(obj: Obj) -> Obj:
    """A definition in v1beta1; itself where it is."""
    if obj["apiVersion"] == OLD:
        return obj
    spec = obj["spec"]
    made = {key: value for key, value in spec.items() if key != "versions"}
    versions = [_with_columns(row, "jsonPath", "JSONPath") for row in spec.get("versions") or ()]
    if versions:
        made["version"] = versions[0]["name"]
        made |= _shared(versions)
        alike = {PARTS[top] for top in _alike(versions)}
        made["versions"] = [{key: value for key, value in row.items() if key not in alike} for row in versions]
    made["preserveUnknownFields"] = bool(spec.get("preserveUnknownFields"))
    if "conversion" in spec:
        made["conversion"] = _conversion_as_old(spec["conversion"])
    return {**obj, "apiVersion": OLD, "spec": made}


def _shared(versions: list[Obj]) -> Obj:
    return {top: versions[0][PARTS[top]] for top in _alike(versions) if PARTS[top] in versions[0]}


def _alike(versions: list[Obj]) -> list[str]:
    """What all versions have alike. Fields can only be selected by what a schema knows, and stay with it."""
    found = [top for top, key in PARTS.items() if all(row.get(key) == versions[0].get(key) for row in versions)]
    return found if "validation" in found else [top for top in found if top != "selectableFields"]


def _with_columns(version: Obj, before: str, after: str) -> Obj:
    """A version with its columns' paths under another name."""
    if "additionalPrinterColumns" not in version:
        return version
    columns = [
        {after if key == before else key: value for key, value in column.items()}
        for column in version["additionalPrinterColumns"]
    ]
    return {**version, "additionalPrinterColumns": columns}


def _conversion_as_new(conversion: Obj) -> Obj:
    made: Obj = {"strategy": conversion["strategy"]}
    config, reviews = (conversion.get(key) for key in ("webhookClientConfig", "conversionReviewVersions"))
    if config is not None or reviews is not None:
        made["webhook"] = {"conversionReviewVersions": reviews or []}
        if config is not None:
            made["webhook"]["clientConfig"] = config
    return made


def _conversion_as_old(conversion: Obj) -> Obj:
    hook = conversion.get("webhook") or {}
    parts = {
        "webhookClientConfig": hook.get("clientConfig"),
        "conversionReviewVersions": hook.get("conversionReviewVersions"),
    }
    return {"strategy": conversion["strategy"], **{key: value for key, value in parts.items() if value}}
