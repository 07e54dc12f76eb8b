"""Jobs and CronJobs."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import immutable, nonnegative
from k8s_tutor.embedded.apiserver.rules.plain import drop_status, keep_all_but_status, keep_status
from k8s_tutor.embedded.apiserver.rules.podspec import default_pod_spec
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_template
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects import selectors
from k8s_tutor.objects.types import Obj

__all__ = ["CRONJOB", "JOB"]

_SCHEDULE_FIELDS = 5
_POLICIES = ("Allow", "Forbid", "Replace")
_MOST = 2**31 - 1


def _default_job(obj: Obj) -> None:
    spec = obj["spec"]
    default_pod_spec(spec["template"]["spec"])
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
    default_pod_spec(spec["jobTemplate"]["spec"]["template"]["spec"])
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)


def _select_own_pods(obj: Obj) -> None:
    """A Job selects its pods by its own uid, unless told otherwise."""
    drop_status(obj)
    spec, metadata = obj["spec"], obj["metadata"]
    if spec.get("manualSelector"):
        return
    name, uid = metadata.get("name", ""), metadata["uid"]
    template = spec["template"]["metadata"]
    template["labels"] = {
        **template.get("labels", {}),
        "controller-uid": uid,
        "job-name": name,
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
    }
    if not metadata.get("labels"):
        metadata["labels"] = dict(template["labels"])
    spec.setdefault("selector", {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}})


def _validate_job(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found: list[FieldError] = []
    for key in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        found += nonnegative(spec.get(key), f"spec.{key}")
    indexed = spec.get("completionMode") == "Indexed"
    if indexed and "completions" not in spec:
        found.append(required("spec.completions", "when completion mode is Indexed"))
    if "backoffLimitPerIndex" in spec and not indexed:
        words = "requires indexed completion mode"
        found.append(invalid("spec.backoffLimitPerIndex", spec["backoffLimitPerIndex"], words))
    labels = spec["template"]["metadata"].get("labels")
    if spec.get("selector") and not selectors.matches(spec["selector"], labels):
        words = "`selector` does not match template `labels`"
        found.append(invalid("spec.template.metadata.labels", labels or None, words))
    found += validate_template(spec["template"], "spec.template")
    policy = spec["template"]["spec"]["restartPolicy"]
    if policy == "Always":
        found.append(required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'))
    return found


def _update_job(new: Obj, old: Obj) -> list[FieldError]:
    found = _validate_job(new)
    fixed = ["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    if not (old["spec"].get("suspend") and not old.get("status", {}).get("startTime")):
        fixed.append("template")
    if new["spec"].get("completionMode") != "Indexed":
        fixed.append("completions")
    for key in sorted(fixed):
        found += immutable(new["spec"].get(key), old["spec"].get(key), f"spec.{key}")
    return found


def _validate_cronjob(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    schedule = spec["schedule"]
    found: list[FieldError] = []
    if not schedule:
        found.append(required("spec.schedule"))
    elif not schedule.startswith("@") and len(fields := schedule.split()) != _SCHEDULE_FIELDS:
        words = f"expected exactly {_SCHEDULE_FIELDS} fields, found {len(fields)}: [{' '.join(fields)}]"
        found.append(invalid("spec.schedule", schedule, words))
    for key in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        found += nonnegative(spec.get(key), f"spec.{key}")
    if spec["concurrencyPolicy"] not in _POLICIES:
        found.append(unsupported("spec.concurrencyPolicy", spec["concurrencyPolicy"], _POLICIES))
    return found + _validate_zone(spec.get("timeZone"))


def _validate_zone(zone: str | None) -> list[FieldError]:
    if zone is None:
        return []
    if not zone:
        return [invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if not available_timezones():  # a machine without the data cannot judge
            return []
        return [invalid("spec.timeZone", zone, f"unknown time zone {zone}")]
    return []


JOB = Rules(
    default=_default_job,
    prepare_create=_select_own_pods,
    prepare_update=keep_status,
    prepare_status=keep_all_but_status,
    validate=_validate_job,
    validate_update=_update_job,
    generation=True,
)
CRONJOB = Rules(
    default=_default_cronjob,
    validate=_validate_cronjob,
    validate_update=lambda new, _: _validate_cronjob(new),
    prepare_create=drop_status,
    prepare_update=keep_status,
    prepare_status=keep_all_but_status,
    generation=True,
)
