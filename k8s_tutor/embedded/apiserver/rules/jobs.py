"""What is wrong with a Job's policies: which failures count, which successes are enough."""

from __future__ import annotations

from collections.abc import Iterable

from k8s_tutor.embedded.apiserver.fielderrors import (
    OMITTED,
    FieldError,
    duplicate,
    invalid,
    required,
    too_long,
    too_many,
    unsupported,
)
from k8s_tutor.embedded.apiserver.rules.checks import immutable, nonnegative, validate_label_selector
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_template
from k8s_tutor.objects import cron, selectors
from k8s_tutor.objects.metadata import dns1123_label, dns1123_subdomain, qualified_name
from k8s_tutor.objects.types import Obj

__all__ = [
    "as_go_shows",
    "generated_labels",
    "update_job",
    "validate_failure_policy",
    "validate_job",
    "validate_job_spec",
    "validate_success_policy",
]


# ---- What is wrong with a Job's policies: which failures count, which successes are enough

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MOST_RULES, _MOST_CODES, _MOST_PATTERNS = 20, 255, 20


def validate_failure_policy(spec: Obj, path: str) -> list[FieldError]:
    """`podFailurePolicy`."""
    rules = spec["podFailurePolicy"].get("rules") or []
    found = _at_most(rules, f"{path}.rules", _MOST_RULES)
    template = spec["template"]["spec"]
    containers = [one["name"] for group in ("containers", "initContainers") for one in template.get(group) or ()]
    for number, rule in enumerate(rules):
        found += _validate_rule(spec, rule, f"{path}.rules[{number}]", containers)
    return found


def validate_success_policy(spec: Obj, path: str) -> list[FieldError]:
    """`successPolicy`."""
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        return [invalid(path, as_go_shows("successPolicy", policy), "requires indexed completion mode")]
    rules = policy.get("rules") or []
    found: list[FieldError] = []
    if not rules:
        words = "at least one rules must be specified when the successPolicy is specified"
        found.append(required(f"{path}.rules", words))
    found += _at_most(rules, f"{path}.rules", _MOST_RULES)
    for number, rule in enumerate(rules):
        found += _validate_success(rule, spec.get("completions") or 0, f"{path}.rules[{number}]")
    return found


def as_go_shows(key: str, policy: Obj | None) -> Obj | None:
    """A policy (or another field of a Job) by the names that its own fields have inside the real server."""
    if policy is None or key not in ("podFailurePolicy", "successPolicy"):
        return policy
    show = _success_rule if key == "successPolicy" else _failure_rule
    return {"Rules": [show(rule) for rule in policy.get("rules") or ()]}


def _success_rule(rule: Obj) -> Obj:
    return {"SucceededIndexes": rule.get("succeededIndexes"), "SucceededCount": rule.get("succeededCount")}


def _failure_rule(rule: Obj) -> Obj:
    codes, patterns = rule.get("onExitCodes"), rule.get("onPodConditions")
    return {
        "Action": rule.get("action", ""),
        "OnExitCodes": codes
        and {
            "ContainerName": codes.get("containerName"),
            "Operator": codes.get("operator", ""),
            "Values": codes.get("values"),
        },
        "OnPodConditions": patterns and [{"Type": row["type"], "Status": row["status"]} for row in patterns],
    }


def _validate_rule(spec: Obj, rule: Obj, path: str, containers: Iterable[str]) -> list[FieldError]:
    action, codes, patterns = rule.get("action"), rule.get("onExitCodes"), rule.get("onPodConditions") or []
    found = _one_of(action, _ACTIONS, f"{path}.action")
    if action == "FailIndex" and "backoffLimitPerIndex" not in spec:
        found.append(invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set"))
    if codes is not None:
        found += _validate_codes(codes, f"{path}.onExitCodes", containers)
    found += _at_most(patterns, f"{path}.onPodConditions", _MOST_PATTERNS)
    for number, pattern in enumerate(patterns):
        field_path = f"{path}.onPodConditions[{number}]"
        type_ = pattern.get("type", "")
        found += [invalid(f"{field_path}.type", type_, problem) for problem in qualified_name(type_)]
        found += _one_of(pattern.get("status"), _STATUSES, f"{field_path}.status")
    if codes is not None and patterns:
        found.append(invalid(path, OMITTED, "specifying both OnExitCodes and OnPodConditions is not supported"))
    if codes is None and not patterns:
        found.append(invalid(path, OMITTED, "specifying one of OnExitCodes and OnPodConditions is required"))
    return found


def _validate_codes(codes: Obj, path: str, containers: Iterable[str]) -> list[FieldError]:
    operator, values, container = codes.get("operator"), codes.get("values") or [], codes.get("containerName")
    found = _one_of(operator, _OPERATORS, f"{path}.operator")
    if container is not None and container not in containers:
        words = "must be one of the container or initContainer names in the pod template"
        found.append(invalid(f"{path}.containerName", container, words))
    if not values:
        found.append(invalid(f"{path}.values", values, "at least one value is required"))
    found += _at_most(values, f"{path}.values", _MOST_CODES)
    for number, value in enumerate(values):
        if operator == "In" and value == 0:
            found.append(invalid(f"{path}.values[{number}]", value, "must not be 0 for the In operator"))
        if value in values[:number]:
            found.append(duplicate(f"{path}.values[{number}]", value))
    if values != sorted(values):
        found.append(invalid(f"{path}.values", values, "must be ordered"))
    return found


def _validate_success(rule: Obj, completions: int, path: str) -> list[FieldError]:
    count, text = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and text is None:
        return [required(path, "at least one of succeededCount or succeededIndexes must be specified")]
    found: list[FieldError] = []
    total = 0
    if text is not None:
        try:
            total = len(cron.checked(text, completions))
        except cron.IndexesError as error:
            found.append(invalid(f"{path}.succeededIndexes", text, f"error parsing succeededIndexes: {error}"))
    if count is None:
        return found
    field_path, limit = f"{path}.succeededCount", "must be less than or equal to"
    found += nonnegative(count, field_path)
    if count > completions:
        found.append(invalid(field_path, count, f"{limit} {completions} (the number of specified completions)"))
    if text is not None and count > total:
        words = f"{limit} {total} (the number of indexes in the specified succeededIndexes field)"
        found.append(invalid(field_path, count, words))
    return found


def _one_of(value: str | None, known: tuple[str, ...], path: str) -> list[FieldError]:
    if not value:
        words = " ".join(f'"{word}"' for word in known)
        return [required(path, f"valid values: [{words}]")]
    return [] if value in known else [unsupported(path, value, known)]


def _at_most(items: list[object], path: str, limit: int) -> list[FieldError]:
    return [too_many(path, len(items), limit)] if len(items) > limit else []


# ---- What is wrong with a Job, or with a change of one
#
# Source of rules and words: pkg/apis/batch/validation of k8s.io/kubernetes, 1.37, checked against a real server.

_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MANY = (
    100_000  # pods at once, or failed indexes, of an Indexed Job; more completions than these have rules of their own
)
_MANY_AT_ONCE, _MANY_FAILED = 10_000, 10_000
_FIXED = ("selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
_MODES = ("NonIndexed", "Indexed")
_RESTARTS = ("OnFailure", "Never")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_SCHEDULING = ("affinity", "nodeSelector", "tolerations", "schedulingGates")
_LONGEST_MANAGER = 63


def generated_labels(name: str, uid: str) -> dict[str, str]:
    """What a Job's pods are told apart by, in the order in which they are looked for."""
    return {
        "controller-uid": uid,
        "job-name": name,
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
    }


def validate_job(obj: Obj) -> list[FieldError]:
    """A new Job."""
    spec, name = obj["spec"], obj["metadata"].get("name", "")
    found = _validate_generated(obj) + validate_job_spec(spec, "spec") + _validate_selector(spec)
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == "Indexed" and completions > 0:
        last = f"{name}-{completions - 1}"
        if dns1123_label(last):
            words = f"will not able to create pod with invalid DNS label: {last}"
            found.append(invalid("metadata.name", name, words))
    return found


def update_job(new: Obj, old: Obj) -> list[FieldError]:
    """A change of a Job."""
    after, before = new["spec"], old["spec"]
    found = validate_job_spec(after, "spec") + _validate_selector(after)
    if after.get("completionMode") != "Indexed":
        found += immutable(after.get("completions"), before.get("completions"), "spec.completions")
    elif after.get("completions") not in (None, before.get("completions"), after.get("parallelism")):
        words = "can only be modified in tandem with spec.parallelism"
        found.append(invalid("spec.completions", after["completions"], words))
    template = before["template"]
    if before.get("suspend") and not (old.get("status") or {}).get("startTime"):
        template = _with_directives(template, after["template"])
    found += immutable(after["template"], template, "spec.template")
    for key in _FIXED:
        is_now, was = (as_go_shows(key, spec.get(key)) for spec in (after, before))
        found += immutable(is_now, was, f"spec.{key}")
    return found


def validate_job_spec(spec: Obj, path: str) -> list[FieldError]:
    """What a Job asks for, without its selector."""
    found: list[FieldError] = []
    for key in _COUNTS:
        found += nonnegative(spec.get(key), f"{path}.{key}")
    if "maxFailedIndexes" in spec and "backoffLimitPerIndex" not in spec:
        found.append(required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    found += _validate_manager(spec.get("managedBy"), f"{path}.managedBy")
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        found.append(unsupported(f"{path}.completionMode", mode, _MODES, sort=False))
    if mode == "Indexed":
        found += _validate_indexed(spec, path)
    elif mode in (None, "NonIndexed"):
        keys = ("backoffLimitPerIndex", "maxFailedIndexes")
        words = "requires indexed completion mode"
        found += [invalid(f"{path}.{key}", spec[key], words) for key in keys if key in spec]
    if "podFailurePolicy" in spec:
        found += validate_failure_policy(spec, f"{path}.podFailurePolicy")
    if "successPolicy" in spec:
        found += validate_success_policy(spec, f"{path}.successPolicy")
    found += _validate_replacement(spec, f"{path}.podReplacementPolicy")
    found += validate_template(spec["template"], f"{path}.template")
    return found + _validate_restarts(spec, f"{path}.template.spec.restartPolicy")


def _validate_generated(obj: Obj) -> list[FieldError]:
    """Labels and selector that a Job is given are not to be overridden."""
    spec = obj["spec"]
    if spec.get("manualSelector") or not spec.get("selector"):
        return []
    found: list[FieldError] = []
    labels = spec["template"]["metadata"].get("labels") or {}
    expected = generated_labels(obj["metadata"].get("name", ""), obj["metadata"]["uid"])
    for key, value in expected.items():
        field_path, words = f"spec.template.metadata.labels[{key}]", f"must be '{value}'"
        if key not in labels:
            found.append(required(field_path, words))
        elif labels[key] != value:
            found.append(invalid(field_path, labels, words))
    if not selectors.matches(spec["selector"], expected):
        found.append(invalid("spec.selector", spec["selector"], "`selector` not auto-generated"))
    return found


def _validate_selector(spec: Obj) -> list[FieldError]:
    selector, labels = spec.get("selector"), spec["template"]["metadata"].get("labels")
    found = [required("spec.selector")] if selector is None else validate_label_selector(selector, "spec.selector")
    if selector is None or (not found and not selectors.matches(selector, labels)):
        words = "`selector` does not match template `labels`"
        found.append(invalid("spec.template.metadata.labels", labels or None, words))
    return found


def _validate_indexed(spec: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    completions, parallelism, most = (spec.get(key) for key in ("completions", "parallelism", "maxFailedIndexes"))
    if completions is None:
        found.append(required(f"{path}.completions", "when completion mode is Indexed"))
    if parallelism is not None and parallelism > _MANY:
        words = f"must be less than or equal to {_MANY} when completion mode is Indexed"
        found.append(invalid(f"{path}.parallelism", parallelism, words))
    if most is not None:
        if completions is not None and most > completions:
            found.append(invalid(f"{path}.maxFailedIndexes", most, "must be less than or equal to completions"))
        if most > _MANY:
            found.append(invalid(f"{path}.maxFailedIndexes", most, f"must be less than or equal to {_MANY}"))
    if completions is not None and completions > _MANY and "backoffLimitPerIndex" in spec:
        context = f"when completions are above {_MANY} and used with backoff limit per index"
        if most is None:
            words = f"must be specified when completions is above {_MANY}"
            found.append(required(f"{path}.maxFailedIndexes", words))
        for key, limit in (("parallelism", _MANY_AT_ONCE), ("maxFailedIndexes", _MANY_FAILED)):
            if spec.get(key) is not None and spec[key] > limit:
                found.append(invalid(f"{path}.{key}", spec[key], f"must be less than or equal to {limit} {context}"))
    return found


def _validate_manager(manager: str | None, path: str) -> list[FieldError]:
    """A path with a domain before it: `example.com/jobs`."""
    if manager is None:
        return []
    domain, slash, rest = manager.partition("/")
    if not manager:
        return [required(path)]
    if not slash or not domain or not rest:
        return [invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    found = [invalid(path, domain, problem) for problem in dns1123_subdomain(domain)]
    return [*found, too_long(path, _LONGEST_MANAGER)] if len(manager) > _LONGEST_MANAGER else found


def _validate_replacement(spec: Obj, path: str) -> list[FieldError]:
    policy = spec.get("podReplacementPolicy")
    known = ("Failed",) if "podFailurePolicy" in spec else _REPLACEMENTS
    return [] if policy is None or policy in known else [unsupported(path, policy, known)]


def _validate_restarts(spec: Obj, path: str) -> list[FieldError]:
    policy = spec["template"]["spec"].get("restartPolicy")
    if policy in (None, "", "Always"):
        return [required(path, 'valid values: "OnFailure", "Never"')]
    if policy not in _RESTARTS:
        return [unsupported(path, policy, _RESTARTS, sort=False)]
    if "podFailurePolicy" in spec and policy != "Never":
        return [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    return []


def _with_directives(template: Obj, new: Obj) -> Obj:
    """The template with what may change while no pod of it is there: where pods run, and what they need."""
    spec = {key: value for key, value in template["spec"].items() if key not in _SCHEDULING}
    spec |= {key: new["spec"][key] for key in _SCHEDULING if key in new["spec"]}
    for group in ("initContainers", "containers"):
        before, after = spec.get(group) or [], new["spec"].get(group) or []
        if len(before) == len(after):
            spec |= {group: [_with_resources(*pair) for pair in zip(before, after, strict=True)]} if before else {}
    metadata = {key: value for key, value in template["metadata"].items() if key not in ("labels", "annotations")}
    metadata |= {key: new["metadata"][key] for key in ("labels", "annotations") if key in new["metadata"]}
    return {**template, "metadata": metadata, "spec": spec}


def _with_resources(container: Obj, new: Obj) -> Obj:
    return {**container, "resources": new["resources"]} if "resources" in new else container
