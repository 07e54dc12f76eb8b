"""Jobs and CronJobs: what they are given, and who says what is wrong with them."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import nonnegative
from k8s_tutor.embedded.apiserver.rules.jobs import generated_labels, update_job, validate_job, validate_job_spec
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.rules.plain import drop_status, keep_all_but_status, keep_status
from k8s_tutor.embedded.apiserver.rules.pods import default_pod_spec
from k8s_tutor.objects import cron
from k8s_tutor.objects.metadata import dns1123_label, label_value
from k8s_tutor.objects.types import Obj

__all__ = ["CRONJOB", "JOB", "update_cron_job", "validate_cron_job"]


# ---- What is wrong with a CronJob, and what is odd about one

_POLICIES = ("Allow", "Forbid", "Replace")
_LONGEST_NAME = 52  # its Jobs' names are eleven characters longer
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")


def validate_cron_job(obj: Obj) -> list[FieldError]:
    """A new CronJob."""
    found = _validate_spec(obj["spec"], None)
    name = obj["metadata"].get("name", "")
    if len(name) > _LONGEST_NAME:
        found.append(invalid("metadata.name", name, f"must be no more than {_LONGEST_NAME} characters"))
    return found


def update_cron_job(new: Obj, old: Obj) -> list[FieldError]:
    """A changed CronJob."""
    return _validate_spec(new["spec"], old["spec"])


def _validate_spec(spec: Obj, old: Obj | None) -> list[FieldError]:
    found: list[FieldError] = []
    if not spec["schedule"]:
        found.append(required("spec.schedule"))
    else:
        found += _validate_schedule(spec, old)
    found += nonnegative(spec.get("startingDeadlineSeconds"), "spec.startingDeadlineSeconds")
    if old is None or old.get("timeZone") != spec.get("timeZone"):
        found += _validate_zone(spec.get("timeZone"))
    if spec["concurrencyPolicy"] not in _POLICIES:
        found.append(unsupported("spec.concurrencyPolicy", spec["concurrencyPolicy"], _POLICIES))
    found += _validate_template(spec["jobTemplate"])
    for key in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        found += nonnegative(spec.get(key), f"spec.{key}")
    return found


def _validate_schedule(spec: Obj, old: Obj | None) -> list[FieldError]:
    text, found = spec["schedule"], []
    try:
        cron.parse(text)
    except cron.CronError as error:
        found.append(invalid("spec.schedule", text, str(error)))
    if "TZ" not in text:
        return found
    if old is None or "TZ" not in old["schedule"]:
        words = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        return [*found, invalid("spec.schedule", text, words)]
    if spec.get("timeZone") is not None:
        words = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        found.append(invalid("spec.schedule", text, words))
    return found


def _validate_zone(zone: str | None) -> list[FieldError]:
    if zone is None:
        return []
    if not zone:
        return [invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")]
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part):
            return [invalid("spec.timeZone", zone, f"unknown time zone {zone}")]
    if zone.lower() == "local":
        words = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [invalid("spec.timeZone", zone, words)]
    try:
        cron.zone_of(zone)
    except cron.CronError as error:
        known = available_timezones()  # a machine without the data cannot judge
        return [invalid("spec.timeZone", zone, str(error))] if known else []
    return []


def _validate_template(template: Obj) -> list[FieldError]:
    spec, path = template["spec"], "spec.jobTemplate.spec"
    found = validate_job_spec(spec, path)
    if spec.get("selector") is not None:
        found.append(invalid(f"{path}.selector", spec["selector"], "`selector` will be auto-generated"))
    if spec.get("manualSelector"):
        found.append(unsupported(f"{path}.manualSelector", spec["manualSelector"], ("nil", "false"), sort=False))
    return found


# ---- Jobs and CronJobs: what they are given, and who says what is wrong with them

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
    if not metadata.get("labels") and template.get("labels") and not label_value(name):
        metadata["labels"] = dict(template["labels"])


def _warn(obj: Obj) -> list[str]:
    """What works but is likely not meant."""
    problems = dns1123_label(obj["metadata"].get("name", ""))
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
