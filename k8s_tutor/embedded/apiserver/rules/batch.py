"""Jobs and CronJobs: what they are given, and who says what is wrong with them."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.rules.cronjobs import update_cron_job, validate_cron_job
from k8s_tutor.embedded.apiserver.rules.jobvalidation import generated_labels, update_job, validate_job
from k8s_tutor.embedded.apiserver.rules.plain import drop_status, keep_all_but_status, keep_status
from k8s_tutor.embedded.apiserver.rules.podspec import default_pod_spec
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["CRONJOB", "JOB"]

_MOST = 2**31 - 1
_PODS_STAY = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)


def _default_template(spec: Obj) -> None:
    """What is filled in wherever a Job's spec stands."""
    default_pod_spec(spec["template"]["spec"])
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern["status"] = pattern.get("status") or "True"


def _default_job(obj: Obj) -> None:
    spec = obj["spec"]
    _default_template(spec)
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", _MOST if "backoffLimitPerIndex" in spec else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("podReplacementPolicy", "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed")
    spec.setdefault("manualSelector", False)


def _default_cronjob(obj: Obj) -> None:
    spec = obj["spec"]
    _default_template(spec["jobTemplate"]["spec"])
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)


def _select_own_pods(obj: Obj) -> None:
    """A Job selects its pods by its own uid, unless told otherwise."""
    drop_status(obj)
    spec, metadata = obj["spec"], obj["metadata"]
    name, template = metadata.get("name", ""), spec["template"]["metadata"]
    if not spec.get("manualSelector"):
        uid = metadata["uid"]
        template["labels"] = generated_labels(name, uid) | (template.get("labels") or {})
        selector = spec.get("selector") or {}
        chosen = {"batch.kubernetes.io/controller-uid": uid} | (selector.get("matchLabels") or {})
        spec["selector"] = {**selector, "matchLabels": dict(sorted(chosen.items()))}
    if not metadata.get("labels") and template.get("labels") and not names.label_value(name):
        metadata["labels"] = dict(template["labels"])


def _warn(obj: Obj) -> list[str]:
    """What works but is likely not meant."""
    problems = names.dns1123_label(obj["metadata"].get("name", ""))
    if not problems:
        return []
    words = (
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label"
    )
    return [f"{words} is recommended: [{' '.join(problems)}]"]


JOB = Rules(
    default=_default_job,
    prepare_create=_select_own_pods,
    prepare_update=keep_status,
    prepare_status=keep_all_but_status,
    validate=validate_job,
    validate_update=update_job,
    warn=_warn,
    orphans=_PODS_STAY,
    generation=True,
)
CRONJOB = Rules(
    default=_default_cronjob,
    validate=validate_cron_job,
    validate_update=update_cron_job,
    warn=_warn,
    prepare_create=drop_status,
    prepare_update=keep_status,
    prepare_status=keep_all_but_status,
    generation=True,
)
