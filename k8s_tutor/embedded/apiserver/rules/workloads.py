"""Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers: defaults and rules.

Source: pkg/apis/apps of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import (
    immutable,
    is_empty_selector,
    nonnegative,
    share_problems,
    validate_label_selector,
)
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.rules.plain import drop_status, keep_all_but_status, keep_status
from k8s_tutor.embedded.apiserver.rules.pods import default_pod_spec
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_template, warn_about_spec
from k8s_tutor.embedded.apiserver.rules.storage import validate_claim
from k8s_tutor.objects import selectors
from k8s_tutor.objects.types import Json, Obj

__all__ = ["DAEMONSET", "DEPLOYMENT", "REPLICASET", "REPLICATIONCONTROLLER", "STATEFULSET", "with_template"]

_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def with_template(obj: Obj) -> None:
    """Defaults of the pod template every workload has."""
    default_pod_spec(obj["spec"]["template"]["spec"])


def _default_deployment(obj: Obj) -> None:
    spec = obj["spec"]
    with_template(obj)
    spec.setdefault("replicas", 1)
    strategy = spec["strategy"]
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _default_replicaset(obj: Obj) -> None:
    with_template(obj)
    obj["spec"].setdefault("replicas", 1)


def _default_statefulset(obj: Obj) -> None:
    spec = obj["spec"]
    with_template(obj)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    strategy = spec["updateStrategy"]
    if "type" not in strategy:
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and "rollingUpdate" in strategy:
        strategy["rollingUpdate"].setdefault("partition", 0)
        strategy["rollingUpdate"].setdefault("maxUnavailable", 1)
    policy = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    policy.setdefault("whenDeleted", "Retain")
    policy.setdefault("whenScaled", "Retain")
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    for claim in spec.get("volumeClaimTemplates", ()):
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim["spec"].setdefault("volumeMode", "Filesystem")
        claim["status"].setdefault("phase", "Pending")


def _default_daemonset(obj: Obj) -> None:
    spec = obj["spec"]
    with_template(obj)
    strategy = spec["updateStrategy"]
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    obj["metadata"].setdefault("annotations", {}).setdefault(_TEMPLATE_GENERATION, "1")


def _default_replicationcontroller(obj: Obj) -> None:
    spec = obj["spec"]
    spec.setdefault("replicas", 1)
    if (template := spec.get("template")) is None:
        return
    default_pod_spec(template["spec"])
    if labels := template["metadata"].get("labels"):
        spec.setdefault("selector", dict(labels))
        obj["metadata"].setdefault("labels", dict(labels))


def _drop_status_with(status: Obj, obj: Obj) -> None:
    drop_status(obj)
    obj["status"] = dict(status)


def _validate_deployment(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found = nonnegative(spec["replicas"], "spec.replicas")
    found += _validate_selector(spec, "deployment")
    found += _validate_strategy(spec["strategy"])
    for key in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        found += nonnegative(spec.get(key), f"spec.{key}")
    deadline = spec["progressDeadlineSeconds"]
    if deadline <= spec.get("minReadySeconds", 0):
        found.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return found


def _validate_replicaset(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found = nonnegative(spec["replicas"], "spec.replicas")
    found += nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")
    return found + _validate_selector(spec, "deployment")  # the real server says so too


def _validate_statefulset(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found = _validate_selector(_with_claims(spec), "statefulset")
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        problems = validate_claim(claim)
        found += [replace(row, field=f"spec.volumeClaimTemplates[{index}].{row.field}") for row in problems]
    policy = spec["podManagementPolicy"]
    if policy not in ("OrderedReady", "Parallel"):
        words = "must be 'OrderedReady' or 'Parallel'"
        found.append(invalid("spec.podManagementPolicy", policy, words))
    found += nonnegative(spec["replicas"], "spec.replicas")
    found += _validate_statefulset_strategy(spec["updateStrategy"])
    for key, value in (spec.get("persistentVolumeClaimRetentionPolicy") or {}).items():
        if value not in ("Retain", "Delete"):
            path = f"spec.persistentVolumeClaimRetentionPolicy.{key}"
            found.append(unsupported(path, value, ("Retain", "Delete"), sort=False))
    return found + nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")


def _with_claims(spec: Obj) -> Obj:
    """The spec with a volume of its pods for each claim's template: containers mount them by that name."""
    template, claims = spec["template"], spec.get("volumeClaimTemplates") or ()
    names = [claim["metadata"].get("name", "") for claim in claims]
    kept = [row for row in template["spec"].get("volumes") or () if row["name"] not in names]
    claimed = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names]
    return {**spec, "template": {**template, "spec": {**template["spec"], "volumes": [*kept, *claimed]}}}


def _validate_statefulset_strategy(strategy: Obj) -> list[FieldError]:
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] in ("RollingUpdate", "OnDelete"):
        return []
    printed: Obj = {"Type": strategy["type"], "RollingUpdate": None}
    if rolling is not None:
        keys = {"Partition": "partition", "MaxUnavailable": "maxUnavailable"}
        printed["RollingUpdate"] = {name: rolling.get(key) for name, key in keys.items()}
    return [invalid("spec.updateStrategy", printed, "must be 'RollingUpdate' or 'OnDelete'")]


def _validate_replicationcontroller(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    template, selector = spec.get("template"), spec.get("selector")
    found = nonnegative(spec.get("replicas"), "spec.replicas")
    found += nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")
    if not selector:
        found.append(required("spec.selector"))
    if template is None:
        return [*found, required("spec.template")]
    labels = template["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (selector or {}).items()):
        words = "`selector` does not match template `labels`"
        found.append(invalid("spec.template.metadata.labels", labels or None, words))
    return found + _validate_template(template)


def _validate_daemonset(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found = _validate_selector(spec, "daemonset")
    return found + nonnegative(spec.get("minReadySeconds"), "spec.minReadySeconds")


def _validate_selector(spec: Obj, word: str) -> list[FieldError]:
    """The selector and the template it must select."""
    selector, template = spec.get("selector"), spec["template"]
    found: list[FieldError] = []
    problems = validate_label_selector(selector, "spec.selector")
    if selector is None:
        found.append(required("spec.selector"))
    else:
        found += problems
        if is_empty_selector(selector):
            found.append(invalid("spec.selector", selector, f"empty selector is invalid for {word}"))
    if problems:
        return [*found, invalid("spec.selector", selector, "invalid label selector")]
    labels = template["metadata"].get("labels")
    if not selectors.matches(selector, labels) and (selector is None or not is_empty_selector(selector)):
        words = "`selector` does not match template `labels`"
        found.append(invalid("spec.template.metadata.labels", labels or None, words))
    return found + _validate_template(template)


def _validate_template(template: Obj) -> list[FieldError]:
    found = validate_template(template, "spec.template")
    policy = template["spec"]["restartPolicy"]
    if policy != "Always":
        found.append(unsupported("spec.template.spec.restartPolicy", policy, ("Always",)))
    if "activeDeadlineSeconds" in template["spec"]:
        words = "activeDeadlineSeconds in ReplicaSet is not Supported"
        found.append(forbidden("spec.template.spec.activeDeadlineSeconds", words))
    return found


def _validate_strategy(strategy: Obj) -> list[FieldError]:
    path = "spec.strategy"
    if strategy["type"] == "Recreate":
        if "rollingUpdate" not in strategy:
            return []
        return [forbidden(f"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")]
    if strategy["type"] != "RollingUpdate":
        printed = {"Type": strategy["type"], "RollingUpdate": strategy.get("rollingUpdate")}
        return [unsupported(path, printed, ("Recreate", "RollingUpdate"), sort=False)]
    rolling = strategy["rollingUpdate"]
    unavailable, surge = rolling["maxUnavailable"], rolling["maxSurge"]
    found = share_problems(unavailable, f"{path}.rollingUpdate.maxUnavailable", whole=False)
    found += share_problems(surge, f"{path}.rollingUpdate.maxSurge", whole=False)
    if unavailable in (0, "0%") and surge in (0, "0%"):
        words = "may not be 0 when `maxSurge` is 0"
        found.append(invalid(f"{path}.rollingUpdate.maxUnavailable", unavailable, words))
    more = share_problems(unavailable, f"{path}.rollingUpdate.maxUnavailable")
    return found + [problem for problem in more if problem not in found]


def _update_selector(check: object, fixed: tuple[str, ...], new: Obj, old: Obj) -> list[FieldError]:
    assert callable(check)
    found: list[FieldError] = check(new)
    for key in fixed:
        found += immutable(new["spec"].get(key), old["spec"].get(key), f"spec.{key}")
    return found


def _update_statefulset(new: Obj, old: Obj) -> list[FieldError]:
    fixed = ("selector", "serviceName", "podManagementPolicy")
    found = _update_selector(_validate_statefulset, fixed, new, old)
    now, before = (obj["spec"].get("volumeClaimTemplates") or [] for obj in (new, old))
    return found + immutable(now, before, "spec.volumeClaimTemplates")


def _count_templates(new: Obj, old: Obj) -> None:
    """A DaemonSet counts its templates in an annotation, whatever the client sent."""
    keep_status(new, old)
    count = old["metadata"].get("annotations", {}).get(_TEMPLATE_GENERATION, "1")
    changed = any(new["spec"].get(key) != old["spec"].get(key) for key in ("template", "updateStrategy"))
    count = str(int(count) + changed)
    new["metadata"]["annotations"] = {**(new["metadata"].get("annotations") or {}), _TEMPLATE_GENERATION: count}


def _warn(obj: Obj) -> list[str]:
    return warn_about_spec(obj["spec"]["template"]["spec"], "spec.template.spec")


def _rules(**particulars: Json) -> Rules:
    common = {"prepare_update": keep_status, "prepare_status": keep_all_but_status, "warn": _warn, "generation": True}
    return Rules(**{**common, **particulars})


DEPLOYMENT = _rules(
    default=_default_deployment,
    prepare_create=drop_status,
    validate=_validate_deployment,
    validate_update=partial(_update_selector, _validate_deployment, ("selector",)),
)
REPLICASET = _rules(
    default=_default_replicaset,
    prepare_create=partial(_drop_status_with, {"replicas": 0}),
    validate=_validate_replicaset,
    validate_update=partial(_update_selector, _validate_replicaset, ("selector",)),
)
STATEFULSET = _rules(
    default=_default_statefulset,
    prepare_create=partial(_drop_status_with, {"replicas": 0, "availableReplicas": 0}),
    validate=_validate_statefulset,
    validate_update=_update_statefulset,
)
DAEMONSET = _rules(
    default=_default_daemonset,
    prepare_create=partial(
        _drop_status_with,
        {"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0},
    ),
    prepare_update=_count_templates,
    validate=_validate_daemonset,
    validate_update=partial(_update_selector, _validate_daemonset, ("selector",)),
)
REPLICATIONCONTROLLER = Rules(
    default=_default_replicationcontroller,
    prepare_create=partial(_drop_status_with, {"replicas": 0}),
    prepare_update=keep_status,
    prepare_status=keep_all_but_status,
    validate=_validate_replicationcontroller,
    validate_update=lambda new, _: _validate_replicationcontroller(new),
    generation=True,
)
