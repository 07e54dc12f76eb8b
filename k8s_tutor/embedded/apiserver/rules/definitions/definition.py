"""The rules of CustomResourceDefinitions: defaults, validity, what they say of their state."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import immutable, name_problems
from k8s_tutor.embedded.apiserver.rules.definitions.keywords import (
    EVERYTHING,
    Demands,
    has_defaults,
    left_of,
    schema_of,
)
from k8s_tutor.embedded.apiserver.rules.definitions.versions import check_versions, stored_version
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.rules.plain import keep_all_but_status, keep_status
from k8s_tutor.embedded.apiserver.structural_validation import FORMATS, NUMBER_FORMATS
from k8s_tutor.objects.metadata import dns1035_label, dns1123_subdomain
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "CLEANUP",
    "DEFINITION",
    "HTTPS",
    "check_change",
    "check_client_config",
    "check_conversion",
    "check_definition",
]


# ---- How a definition's objects turn from one version into another, and the webhook that may do it

# ---- How to reach a webhook: by the URL of a server, or by a Service in the cluster

_FORM = "desired format: https://host[/path]"


def check_client_config(config: Obj, path: str) -> Iterator[FieldError]:
    """What is wrong with a webhook's `clientConfig`."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _check_url(url, f"{path}.url")
    elif service is not None:
        yield from _check_service(service, f"{path}.service")


def _check_url(url: str, path: str) -> Iterator[FieldError]:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    if parts.scheme != "https":
        yield invalid(path, parts.scheme, f"'https' is the only allowed URL scheme; {_FORM}")
    if not host:
        yield invalid(path, host, f"host must be specified; {_FORM}")
    for value, words in (
        (user, "user information is"),
        (parts.fragment, "fragments are"),
        (parts.query, "query parameters are"),
    ):
        if value:
            yield invalid(path, value, f"{words} not permitted in the URL")


def _check_service(service: Obj, path: str) -> Iterator[FieldError]:
    for key in ("name", "namespace"):
        if not service.get(key):
            yield required(f"{path}.{key}")
    port, target = service.get("port", 443), service.get("path")
    if not 1 <= port <= 65535:
        yield invalid(f"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive")
    if target and not target.startswith("/"):
        yield invalid(f"{path}.path", target, "must start with a '/'")
    for index, step in enumerate((target or "/").split("/")[1:-1] if (target or "/").startswith("/") else [""]):
        if not step:
            yield invalid(f"{path}.path", target, f"segment[{index}] may not be empty")


# ---- How a definition's objects turn from one version into another, and the webhook that may do it

_KNOWN = ("v1", "v1beta1")
_PATH = "spec.conversion"


def check_conversion(spec: Obj) -> Iterator[FieldError]:
    """What is wrong with `spec.conversion`."""
    conversion: Obj = spec.get("conversion") or {}
    strategy, hook = conversion.get("strategy", ""), conversion.get("webhook") or {}
    config, reviews = hook.get("clientConfig"), hook.get("conversionReviewVersions") or []
    if not strategy:
        yield required(f"{_PATH}.strategy")
    elif strategy not in ("None", "Webhook"):
        yield unsupported(f"{_PATH}.strategy", strategy, ("None", "Webhook"))
    elif strategy == "None":
        words = "should not be set when strategy is not set to Webhook"
        if config is not None:
            yield forbidden(f"{_PATH}.webhookClientConfig", words)
        if reviews:
            yield forbidden(f"{_PATH}.conversionReviewVersions", words)
    else:
        if spec.get("preserveUnknownFields"):
            yield invalid(f"{_PATH}.strategy", strategy, "must be None if spec.preserveUnknownFields is true")
        if config is None:
            yield required(f"{_PATH}.webhookClientConfig", "required when strategy is set to Webhook")
        else:
            yield from check_client_config(config, f"{_PATH}.webhookClientConfig")
        yield from _check_reviews(reviews)


def _check_reviews(reviews: list[str]) -> Iterator[FieldError]:
    path = f"{_PATH}.conversionReviewVersions"
    if not reviews:
        yield required(path)
        return
    for index, name in enumerate(reviews):
        if name in reviews[:index]:
            yield invalid(f"{path}[{index}]", name, "duplicate version")
        for words in dns1035_label(name):
            yield invalid(f"{path}[{index}]", name, words)
    if not any(name in _KNOWN for name in reviews):
        yield invalid(path, reviews, f"must include at least one of {', '.join(_KNOWN)}")


# ---- The rules of CustomResourceDefinitions: defaults, validity, what they say of their state

HTTPS = 443
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_APPROVED = "api-approved.kubernetes.io"
_PROTECTED = ("k8s.io", "kubernetes.io")


def _default(obj: Obj) -> None:
    spec = obj["spec"]
    own = spec["names"]
    if own.get("kind"):
        own.setdefault("singular", own["kind"].lower())
        own.setdefault("listKind", f"{own['kind']}List")
    conversion = spec.setdefault("conversion", {"strategy": "None"})
    if service := ((conversion.get("webhook") or {}).get("clientConfig") or {}).get("service"):
        service.setdefault("port", HTTPS)


def _prepare_create(obj: Obj) -> None:
    """A new definition is served at once: its names are accepted when nothing of that name is served already."""
    when = obj["metadata"]["creationTimestamp"]
    stored = stored_version(obj["spec"].get("versions", ()))
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
        "storedVersions": [] if stored is None else [stored],
    }


def _prepare_update(new: Obj, old: Obj) -> None:
    keep_status(new, old)
    stored = list(new["status"].get("storedVersions", []))
    now = stored_version(new["spec"].get("versions", ()))
    if now is not None and now not in stored:
        stored.append(now)
    new["status"] = {**new["status"], "storedVersions": stored}


def check_definition(obj: Obj, demands: Demands = EVERYTHING) -> list[FieldError]:
    """What is wrong with a definition by what is asked of it."""
    spec, own = obj["spec"], obj["spec"]["names"]
    return [
        *_check_name(obj),
        *_check_group(obj, demands),
        *_check_scope(spec),
        *check_versions(spec, demands),
        *_check_stored(obj),
        *_check_names(own),
        *_check_preserving(spec, demands),
        *check_conversion(spec),
    ]


def _check_name(obj: Obj) -> Iterator[FieldError]:
    spec = obj["spec"]
    name = obj["metadata"].get("name", "")
    if name != f"{spec['names']['plural']}.{spec['group']}":
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')


def _check_group(obj: Obj, demands: Demands) -> Iterator[FieldError]:
    group = obj["spec"]["group"]
    if not group:
        yield required("spec.group")
        return
    yield from name_problems(group, "spec.group", dns1123_subdomain(group))
    if "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")
    protected = demands.approval and any(group == one or group.endswith(f".{one}") for one in _PROTECTED)
    if protected and not (obj["metadata"].get("annotations") or {}).get(_APPROVED):
        words = (
            f'protected groups must have approval annotation "{_APPROVED}", see '
            "https://github.com/kubernetes/enhancements/pull/1111"
        )
        yield required(f"metadata.annotations[{_APPROVED}]", words)


def _check_scope(spec: Obj) -> Iterator[FieldError]:
    scope = spec["scope"]
    if not scope:
        yield required("spec.scope")
    elif scope not in ("Cluster", "Namespaced"):
        yield unsupported("spec.scope", scope, ("Cluster", "Namespaced"))


def _check_stored(obj: Obj) -> Iterator[FieldError]:
    """Every version in which objects may lie in the store must still be known."""
    versions = obj["spec"].get("versions") or []
    stored: list[str] = obj["status"].get("storedVersions") or []
    known = [row["name"] for row in versions]
    path = "status.storedVersions"
    if not stored:
        yield FieldError(path, "FieldValueInvalid", "Invalid value: null: must have at least one stored version")
        return
    for index, name in enumerate(stored):
        if name not in known:
            words = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from {path}"
            )
            yield invalid(f"{path}[{index}]", name, words)
    for row in versions:
        if row.get("storage") and row["name"] not in stored:
            yield invalid(path, stored, f"must have the storage version {row['name']}")


def _check_preserving(spec: Obj, demands: Demands) -> Iterator[FieldError]:
    if not spec.get("preserveUnknownFields"):
        return
    schemas = [schema for row in spec.get("versions") or () if (schema := schema_of(row)) is not None]
    if demands.defaults and any(map(has_defaults, schemas)):
        yield invalid("spec.preserveUnknownFields", True, "must be false in order to use defaults in the schema")
    if demands.pruning:
        words = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        )
        yield invalid("spec.preserveUnknownFields", True, words)


def _check_names(own: Obj) -> Iterator[FieldError]:
    for key in ("plural", "singular", "kind", "listKind"):
        value = own.get(key, "")
        if not value:
            yield required(f"spec.names.{key}")
            continue
        mixed = key in ("kind", "listKind")
        for words in dns1035_label(value.lower() if mixed else value):
            may = "may have mixed case, but should otherwise match: " if mixed else ""
            yield invalid(f"spec.names.{key}", value, f"{may}{words}")
    for key in ("shortNames", "categories"):
        for index, value in enumerate(own.get(key) or ()):
            yield from name_problems(value, f"spec.names.{key}[{index}]", dns1035_label(value))
    if own.get("kind") and own["kind"] == own.get("listKind"):
        yield invalid("spec.names.listKind", own["listKind"], "kind and listKind may not be the same")


def check_change(new: Obj, old: Obj, demands: Demands = EVERYTHING) -> list[FieldError]:
    """What is wrong with the change of a definition; what the old one did not do is not asked of the new one."""
    now, before = new["spec"], old["spec"]
    found = check_definition(new, demands)
    if found and (less := left_of(demands, old)) != demands:
        found = check_definition(new, less)
    for path in ("group", "scope"):
        found += immutable(now[path], before[path], f"spec.{path}")
    for path in ("kind", "plural"):
        found += immutable(now["names"][path], before["names"][path], f"spec.names.{path}")
    return found


def _warn(obj: Obj) -> list[str]:
    found = [words for row in obj["spec"].get("versions", ()) for words in _schema_warnings(schema_of(row))]
    return list(dict.fromkeys(found))


def _schema_warnings(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        for inner in schema:
            yield from _schema_warnings(inner)
    if not isinstance(schema, dict):
        return
    form, kind = schema.get("format"), schema.get("type")
    if isinstance(form, str) and form not in (NUMBER_FORMATS if kind in ("integer", "number") else FORMATS):
        yield f'unrecognized format "{form}"'
    items = schema.get("items")
    if (
        schema.get("x-kubernetes-list-type") == "set"
        and isinstance(items, dict)
        and items.get("type") in ("object", "array")
    ):
        inner = items["type"]
        yield (
            f'x-kubernetes-list-type: set for items of type "{inner}" is not supported by server-side apply or CEL '
            "validation rules"
        )
    for inner in (schema.get("properties") or {}).values():
        yield from _schema_warnings(inner)
    for key in ("items", "additionalProperties", "allOf", "anyOf", "oneOf", "not"):
        yield from _schema_warnings(schema.get(key))


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
    validate=check_definition,
    validate_update=check_change,
    warn=_warn,
    generation=True,
    held=_held,
    terminating=_terminating,
    returns_deleted=True,
)
