"""What is wrong with a CronJob, and what is odd about one."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import nonnegative
from k8s_tutor.embedded.apiserver.rules.jobvalidation import validate_job_spec
from k8s_tutor.objects import cron
from k8s_tutor.objects.types import Obj

__all__ = ["update_cron_job", "validate_cron_job"]

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
