"""Configurations of admission webhooks, and admission policies.

Source: pkg/apis/admissionregistration/validation of k8s.io/kubernetes 1.37, recorded from a real server.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from k8s_tutor.embedded.apiserver.expressions import condition_problems, expression_problems
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import validate_label_selector
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["validate_binding", "validate_policy", "validate_webhooks"]

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_URL_FORM = "; desired format: https://host[/path]"
_VERSIONS = ("v1", "v1beta1")


def validate_webhooks(obj: Obj) -> list[FieldError]:
    """What is wrong with a configuration of webhooks."""
    found: list[FieldError] = []
    seen: set[str] = set()
    for index, hook in enumerate(obj.get("webhooks") or ()):
        path, name = f"webhooks[{index}]", hook.get("name", "")
        found += _validate_hook(hook, path, mutating=obj["kind"].startswith("Mutating"))
        if name in seen:
            found.append(duplicate(f"{path}.name", name))
        seen.add(name)
    return found


def _validate_hook(hook: Obj, path: str, *, mutating: bool) -> list[FieldError]:
    found = _validate_name(hook.get("name", ""), f"{path}.name")
    found += _validate_versions(hook.get("admissionReviewVersions") or [], f"{path}.admissionReviewVersions")
    for number, rule in enumerate(hook.get("rules") or ()):
        found += _validate_rule(rule, f"{path}.rules[{number}]")
    found += _choice(hook, "failurePolicy", ("Fail", "Ignore"), path)
    found += _choice(hook, "matchPolicy", ("Equivalent", "Exact"), path)
    if not hook.get("sideEffects"):
        found.append(required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun"))
    else:
        found += _choice(hook, "sideEffects", ("None", "NoneOnDryRun"), path)
    seconds = hook.get("timeoutSeconds", 10)
    if not 1 <= seconds <= 30:
        words = "the timeout value must be between 1 and 30 seconds"
        found.append(invalid(f"{path}.timeoutSeconds", seconds, words))
    for key in ("namespaceSelector", "objectSelector"):
        found += validate_label_selector(hook.get(key), f"{path}.{key}")
    found += _validate_client(hook.get("clientConfig") or {}, f"{path}.clientConfig")
    found += condition_problems(hook.get("matchConditions") or (), f"{path}.matchConditions")
    return found + (_choice(hook, "reinvocationPolicy", ("IfNeeded", "Never"), path) if mutating else [])


def _choice(obj: Obj, key: str, known: Sequence[str], path: str) -> list[FieldError]:
    value = obj.get(key)
    return [] if value is None or value in known else [unsupported(f"{path}.{key}", value, known)]


def _validate_name(name: str, path: str) -> list[FieldError]:
    if not name:
        return [required(path)]
    problems = metadata.dns1123_subdomain(name)
    if not problems and name.count(".") < 2:
        problems = ["should be a domain with at least three segments separated by dots"]
    return [invalid(path, name, problem) for problem in problems]


def _validate_versions(versions: list[str], path: str) -> list[FieldError]:
    if not versions:
        return [required(path, f"must specify one of {', '.join(_VERSIONS)}")]
    found: list[FieldError] = []
    for index, version in enumerate(versions):
        if version in versions[:index]:
            found.append(invalid(f"{path}[{index}]", version, "duplicate version"))
            continue
        found += [invalid(f"{path}[{index}]", version, problem) for problem in metadata.dns1035_label(version)]
    if not any(version in _VERSIONS for version in versions):
        found.append(invalid(path, versions, f"must include at least one of {', '.join(_VERSIONS)}"))
    return found


def _validate_rule(rule: Obj, path: str) -> list[FieldError]:
    operations = rule.get("operations") or []
    found = [] if operations else [required(f"{path}.operations")]
    if len(operations) > 1 and "*" in operations:
        words = "if '*' is present, must not specify other operations"
        found.append(invalid(f"{path}.operations", operations, words))
    for index, word in enumerate(operations):
        if word not in _OPERATIONS:
            found.append(unsupported(f"{path}.operations[{index}]", word, _OPERATIONS))
    for key, words in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(key) or []
        if not values:
            found.append(required(f"{path}.{key}"))
        if len(values) > 1 and "*" in values:
            found.append(invalid(f"{path}.{key}", values, f"if '*' is present, must not specify other {words}"))
    versions = rule.get("apiVersions") or []
    found += [required(f"{path}.apiVersions[{index}]") for index, version in enumerate(versions) if not version]
    found += _validate_resources(rule.get("resources") or [], f"{path}.resources")
    return found + _choice(rule, "scope", ("*", "Cluster", "Namespaced"), path)


def _validate_resources(resources: list[str], path: str) -> list[FieldError]:
    if not resources:
        return [required(path)]
    found: list[FieldError] = []
    for index, resource in enumerate(resources):
        name, _, part = resource.partition("/")
        if not resource:
            found.append(required(f"{path}[{index}]"))
        for pattern in (f"{name}/*", f"*/{part}"):
            if part and pattern != resource and pattern in resources[:index]:
                words = f"if '{pattern}' is present, must not specify {resource}"
                found.append(invalid(f"{path}[{index}]", resource, words))
    if len(resources) > 1 and "*/*" in resources:
        words = "if '*/*' is present, must not specify other resources"
        found.append(invalid(path, resources, words))
    elif "*" in resources and any("/" not in resource for resource in resources if resource != "*"):
        words = "if '*' is present, must not specify other resources without subresources"
        found.append(invalid(path, resources, words))
    return found


def _validate_client(client: Obj, path: str) -> list[FieldError]:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        return [required(path, "exactly one of url or service is required")]
    return _validate_url(url, f"{path}.url") if url is not None else _validate_service(service or {}, path)


def _validate_url(url: str, path: str) -> list[FieldError]:
    parts = urlsplit(url)
    found: list[FieldError] = []
    if parts.scheme != "https":
        found.append(invalid(path, parts.scheme, f"'https' is the only allowed URL scheme{_URL_FORM}"))
    if not parts.netloc:
        found.append(invalid(path, "", f"host must be specified{_URL_FORM}"))
    if "@" in parts.netloc:
        person = parts.netloc.rpartition("@")[0]
        found.append(invalid(path, person, "user information is not permitted in the URL"))
    if parts.fragment:
        found.append(invalid(path, parts.fragment, "fragments are not permitted in the URL"))
    if parts.query:
        found.append(invalid(path, parts.query, "query parameters are not permitted in the URL"))
    return found


def _validate_service(service: Obj, path: str) -> list[FieldError]:
    found = [required(f"{path}.service.{key}") for key in ("name", "namespace") if not service.get(key)]
    port, target = service.get("port", 443), service.get("path")
    if not 1 <= port <= 65535:
        words = "port is not valid: must be between 1 and 65535, inclusive"
        found.append(invalid(f"{path}.service.port", port, words))
    if target is None or target == "/":
        return found
    field_path = f"{path}.service.path"
    if not target.startswith("/"):
        found.append(invalid(field_path, target, "must start with a '/'"))
    segments = target[1:].removesuffix("/").split("/")
    for index, segment in enumerate(segments):
        if not segment:
            found.append(invalid(field_path, target, f"segment[{index}] may not be empty"))
        else:
            problems = metadata.dns1123_subdomain(segment)
            found += [invalid(field_path, target, f"segment[{index}]: {problem}") for problem in problems]
    return found


def validate_policy(obj: Obj) -> list[FieldError]:
    """What is wrong with a ValidatingAdmissionPolicy."""
    spec = obj["spec"]
    found = _choice(spec, "failurePolicy", ("Fail", "Ignore"), "spec")
    constraints = spec.get("matchConstraints")
    if constraints is None:
        found.append(required("spec.matchConstraints"))
    else:
        found += _validate_constraints(constraints, "spec.matchConstraints", needed=True)
    found += condition_problems(spec.get("matchConditions") or (), "spec.matchConditions")
    for index, variable in enumerate(spec.get("variables") or ()):
        found += expression_problems(variable.get("expression", ""), f"spec.variables[{index}].expression", "")
    validations = spec.get("validations") or []
    if not validations and not spec.get("auditAnnotations"):
        words = "validations or auditAnnotations must contain at least one item"
        found.append(required("spec.validations", words))
    for index, row in enumerate(validations):
        found += _validate_validation(row, f"spec.validations[{index}]")
    return found


def _validate_validation(row: Obj, path: str) -> list[FieldError]:
    found = expression_problems(row.get("expression", ""), f"{path}.expression", "bool")
    if row.get("messageExpression"):
        found += expression_problems(row["messageExpression"], f"{path}.messageExpression", "string")
    return found + _choice(row, "reason", ("Forbidden", "Invalid", "RequestEntityTooLarge"), path)


def _validate_constraints(constraints: Obj, path: str, *, needed: bool) -> list[FieldError]:
    found: list[FieldError] = []
    if needed and not constraints.get("resourceRules"):
        found.append(required(f"{path}.resourceRules"))
    for key in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(constraints.get(key) or ()):
            found += _validate_rule(rule, f"{path}.{key}[{index}]")
    for key in ("namespaceSelector", "objectSelector"):
        found += validate_label_selector(constraints.get(key), f"{path}.{key}")
    return found + _choice(constraints, "matchPolicy", ("Equivalent", "Exact"), path)


def validate_binding(obj: Obj) -> list[FieldError]:
    """What is wrong with a ValidatingAdmissionPolicyBinding."""
    spec = obj["spec"]
    found = [] if spec.get("policyName") else [required("spec.policyName")]
    actions = spec.get("validationActions") or []
    if not actions:
        found.append(required("spec.validationActions", "at least one validation action is required"))
    for index, action in enumerate(actions):
        if action not in ("Deny", "Warn", "Audit"):
            found.append(unsupported(f"spec.validationActions[{index}]", action, ("Audit", "Deny", "Warn")))
    if "Deny" in actions and "Warn" in actions:
        words = "must not contain both Deny and Warn (repeating the same validation failure information in the API "
        words += "response and headers serves no purpose)"
        found.append(invalid("spec.validationActions", actions, words))
    return found + _validate_constraints(spec.get("matchResources") or {}, "spec.matchResources", needed=False)
