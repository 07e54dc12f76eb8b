"""CustomResourceDefinitions themselves: defaults, validity, what they say of their state.

Source: k8s.io/apiextensions-apiserver 1.37 (defaults, strategy, validation), checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import immutable, name_problems
from k8s_tutor.embedded.apiserver.rules.plain import keep_all_but_status, keep_status
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CLEANUP", "DEFINITION"]

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_NOT_SIMULATED = "the embedded cluster does not simulate"


def _default(obj: Obj) -> None:
    spec = obj["spec"]
    own = spec["names"]
    if own.get("kind"):
        own.setdefault("singular", own["kind"].lower())
        own.setdefault("listKind", f"{own['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})


def _prepare_create(obj: Obj) -> None:
    """A new definition is served at once: its names are accepted when nothing of that name is served already."""
    when = obj["metadata"]["creationTimestamp"]
    stored = [version["name"] for version in obj["spec"].get("versions", ()) if version.get("storage")]
    obj["status"] = {
        "conditions": [
            {
                "type": "NamesAccepted",
                "status": "True",
                "lastTransitionTime": when,
                "reason": "NoConflicts",
                "message": "no conflicts found",
            },
            {
                "type": "Established",
                "status": "True",
                "lastTransitionTime": when,
                "reason": "InitialNamesAccepted",
                "message": "the initial names have been accepted",
            },
        ],
        "acceptedNames": obj["spec"]["names"],
        "storedVersions": stored,
    }


def _prepare_update(new: Obj, old: Obj) -> None:
    keep_status(new, old)
    stored = list(new["status"].get("storedVersions", []))
    stored += [
        row["name"] for row in new["spec"].get("versions", ()) if row.get("storage") and row["name"] not in stored
    ]
    new["status"] = {**new["status"], "storedVersions": stored, "acceptedNames": new["spec"]["names"]}


def _validate(obj: Obj) -> list[FieldError]:
    spec, own = obj["spec"], obj["spec"]["names"]
    found: list[FieldError] = []
    wanted = f"{own['plural']}.{spec['group']}"
    if obj["metadata"].get("name") != wanted:
        words = 'must be spec.names.plural+"."+spec.group'
        found.append(invalid("metadata.name", obj["metadata"].get("name", ""), words))
    if not spec["group"]:
        found.append(required("spec.group"))
    else:
        found += name_problems(spec["group"], "spec.group", names.dns1123_subdomain(spec["group"]))
        if "." not in spec["group"]:
            found.append(invalid("spec.group", spec["group"], "should be a domain with at least one dot"))
    if spec["scope"] not in ("Cluster", "Namespaced"):
        known = ("Cluster", "Namespaced")
        found.append(unsupported("spec.scope", spec["scope"], known) if spec["scope"] else required("spec.scope"))
    found += _validate_versions(spec.get("versions", []))
    return found + _validate_names(own)


def _validate_versions(versions: list[Obj]) -> list[FieldError]:
    found: list[FieldError] = []
    if not versions:
        found.append(required("spec.versions", "must have at least one version"))
    stored = [row for row in versions if row.get("storage")]
    if len(stored) != 1:
        words = "must have exactly one version marked as storage version"
        found.append(invalid("spec.versions", [row["name"] for row in versions], words))
    seen: list[str] = []
    for index, row in enumerate(versions):
        path = f"spec.versions[{index}]"
        found += name_problems(row["name"], f"{path}.name", names.dns1035_label(row["name"]))
        if row["name"] in seen:
            found.append(duplicate(f"{path}.name", row["name"]))
        seen.append(row["name"])
        schema = (row.get("schema") or {}).get("openAPIV3Schema")
        if schema is None:
            found.append(required(f"{path}.schema.openAPIV3Schema", "schemas are required"))
        else:
            found += _validate_schema(schema, f"{path}.schema.openAPIV3Schema", top=True)
    return found


def _validate_schema(schema: Json, path: str, *, top: bool = False) -> list[FieldError]:
    """What makes a schema structural: every field has a type."""
    found: list[FieldError] = []
    kind = schema.get("type", "")
    if top and kind != "object":
        found.append(
            invalid(f"{path}.type", kind, "must be object at the root")
            if kind
            else required(f"{path}.type", "must not be empty at the root")
        )
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if not top and not kind and not free:
        found.append(required(f"{path}.type", "must not be empty for specified object fields"))
    if kind == "array" and "items" not in schema:
        found.append(required(f"{path}.items", "must be specified"))
    if "properties" in schema and schema.get("additionalProperties") not in (None, False):
        words = "additionalProperties and properties are mutual exclusive"
        found.append(forbidden(f"{path}.additionalProperties", words))
    for key, inner in schema.get("properties", {}).items():
        found += _validate_schema(inner, f"{path}.properties[{key}]")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found += _validate_schema(schema[key], f"{path}.{key}")
    return found


def _validate_names(own: Obj) -> list[FieldError]:
    found: list[FieldError] = []
    for key in ("plural", "singular", "kind", "listKind"):
        value = own.get(key, "")
        if not value:
            found.append(required(f"spec.names.{key}"))
            continue
        found += name_problems(value, f"spec.names.{key}", names.dns1035_label(value.lower()))
    if own.get("kind") and own.get("kind") == own.get("listKind"):
        words = "kind and listKind may not be the same"
        found.append(invalid("spec.names.listKind", own["listKind"], words))
    return found


def _validate_update(new: Obj, old: Obj) -> list[FieldError]:
    now, before = new["spec"], old["spec"]
    found = _validate(new)
    found += immutable(now["group"], before["group"], "spec.group")
    found += immutable(now["scope"], before["scope"], "spec.scope")
    found += immutable(now["names"]["kind"], before["names"]["kind"], "spec.names.kind")
    return found + immutable(now["names"]["plural"], before["names"]["plural"], "spec.names.plural")


def _warn(obj: Obj) -> list[str]:
    found: list[str] = []
    if any(_has_rules(row.get("schema") or {}) for row in obj["spec"].get("versions", ())):
        found.append(f"{_NOT_SIMULATED} CEL rules yet: x-kubernetes-validations are stored and not checked")
    if obj["spec"]["conversion"]["strategy"] == "Webhook":
        found.append(f"{_NOT_SIMULATED} conversion webhooks yet: versions differ in their apiVersion only")
    return found


def _has_rules(schema: Json) -> bool:
    if isinstance(schema, dict):
        return "x-kubernetes-validations" in schema or any(_has_rules(inner) for inner in schema.values())
    return isinstance(schema, list) and any(_has_rules(inner) for inner in schema)


def _terminating(obj: Obj) -> Obj:
    metadata, status = obj["metadata"], obj["status"]
    condition = {
        "type": "Terminating",
        "status": "True",
        "lastTransitionTime": metadata["deletionTimestamp"],
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }
    finalizers = [*metadata.get("finalizers", ()), *(() if CLEANUP in metadata.get("finalizers", ()) else (CLEANUP,))]
    return {
        **obj,
        "metadata": {**metadata, "finalizers": finalizers},
        "status": {**status, "conditions": [*status.get("conditions", ()), condition]},
    }


def _held(obj: Obj) -> bool:
    """Every definition waits for its instances to be cleaned up."""
    return "deletionTimestamp" not in obj["metadata"]


DEFINITION = Rules(
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    prepare_status=keep_all_but_status,
    validate=_validate,
    validate_update=_validate_update,
    warn=_warn,
    generation=True,
    held=_held,
    terminating=_terminating,
    returns_deleted=True,
)
