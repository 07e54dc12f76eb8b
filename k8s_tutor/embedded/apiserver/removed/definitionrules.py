"""The rules of CustomResourceDefinitions in `apiextensions.k8s.io/v1beta1`: more is filled in, and less is asked.

Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions (1.21), v1beta1/defaults.go and validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid
from k8s_tutor.embedded.apiserver.removed.definitionconversion import PARTS, as_new
from k8s_tutor.embedded.apiserver.rules.definitions import DEFINITION, HTTPS, Demands, check_change, check_definition
from k8s_tutor.objects.types import Obj

__all__ = ["RULES"]

_DEMANDS = Demands(schemas=False, structural=False, types=False, defaults=False, pruning=False, approval=False)
_WORDS = {"validation": "schemas"}  # as errors call a part in the plural, where it is called otherwise


def _default(obj: Obj) -> None:
    spec = obj["spec"]
    spec["scope"] = spec.get("scope") or "Namespaced"
    if not spec.get("versions") and spec.get("version"):
        spec["versions"] = [{"name": spec["version"], "served": True, "storage": True}]
    if not spec.get("version") and spec.get("versions"):
        spec["version"] = spec["versions"][0]["name"]
    DEFINITION.default(obj)
    conversion = spec["conversion"]
    if conversion.get("strategy") == "Webhook" and not conversion.get("conversionReviewVersions"):
        conversion["conversionReviewVersions"] = ["v1beta1"]
    if service := (conversion.get("webhookClientConfig") or {}).get("service"):
        service.setdefault("port", HTTPS)
    spec.setdefault("preserveUnknownFields", True)


def _validate(obj: Obj) -> list[FieldError]:
    return [*_check_own(obj["spec"]), *check_definition(as_new(obj), _DEMANDS)]


def _validate_update(new: Obj, old: Obj) -> list[FieldError]:
    return [*_check_own(new["spec"]), *check_change(as_new(new), as_new(old), _DEMANDS)]


def _check_own(spec: Obj) -> Iterator[FieldError]:
    """What is wrong with the form of v1beta1: some things can be said in two places, and are to be said in one."""
    versions: list[Obj] = spec.get("versions") or []
    for top, below in PARTS.items():
        if spec.get(top) is not None and any(row.get(below) is not None for row in versions):
            words = f"top-level and per-version {_WORDS.get(top, top)} are mutually exclusive"
            yield forbidden(f"spec.{top}", words)
    for top, below in PARTS.items():
        if versions and all(row.get(below) and row[below] == versions[0][below] for row in versions):
            yield invalid(
                "spec.versions",
                versions,
                f"per-version {_WORDS.get(top, top)} may not all be set to identical values "
                f"(top-level {top} should be used instead)",
            )
    if versions and spec.get("version") and spec["version"] != versions[0]["name"]:
        yield invalid("spec.version", spec["version"], "must match the first version in spec.versions")


RULES = replace(
    DEFINITION,
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    warn=lambda obj: DEFINITION.warn(as_new(obj)),
)
