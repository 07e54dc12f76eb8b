"""What a Job's policies say: of a failed pod (`podFailurePolicy`), of the indexes done so far (`successPolicy`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.objects import indexes, metadata
from k8s_tutor.objects.types import Obj

__all__ = ["FAILURES", "IGNORED", "Verdict", "all_failures_of_index", "failures_of_index", "judge", "success"]

FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pod's failure means.

    Attributes:
        action: Of the first rule that matches: `Count`, `Ignore`, `FailIndex`, `FailJob`; `""` where none does.
        message: Why the whole Job fails, for `FailJob`.
    """

    action: str = ""
    message: str = ""

    @property
    def counts(self) -> bool:
        """Whether the failure counts towards the back-off limit."""
        return self.action != "Ignore"


def judge(spec: Obj, pod: Obj) -> Verdict:
    """What the Job's policy says of a failed pod."""
    rules = (spec.get("podFailurePolicy") or {}).get("rules") or ()
    title = f"{metadata.namespace(pod)}/{metadata.name(pod)}"
    for number, rule in enumerate(rules):
        if rule.get("onExitCodes"):
            container = _ended_so(pod, rule["onExitCodes"])
            if container is None:
                continue
            code = container["state"]["terminated"]["exitCode"]
            words = f"Container {container['name']} for pod {title} failed with exit code {code}"
        else:
            condition = _condition(pod, rule.get("onPodConditions") or ())
            if not condition:
                continue
            words = f"Pod {title} has condition {condition}"
        return Verdict(rule["action"], f"{words} matching {rule['action']} rule at index {number}")
    return Verdict()


def success(spec: Obj, succeeded: Sequence[int]) -> str:
    """Why the completed indexes are enough; `""` while they are not."""
    for number, rule in enumerate((spec.get("successPolicy") or {}).get("rules") or () if succeeded else ()):
        enough = rule.get("succeededCount")
        done = len(succeeded)
        if "succeededIndexes" in rule:
            required = indexes.expand(rule["succeededIndexes"], spec["completions"])
            if not required:
                continue
            done = len(frozenset(required).intersection(succeeded))
            enough = len(required) if enough is None else min(enough, len(required))
        if enough is not None and done >= enough:
            return f"Matched rules at index {number}"
    return ""


def failures_of_index(pod: Obj) -> int:
    """How many pods of its index failed before this one, as far as they count."""
    return _number(pod, FAILURES)


def all_failures_of_index(pod: Obj) -> int:
    """How many pods of its index failed before this one."""
    return _number(pod, FAILURES) + _number(pod, IGNORED)


def _number(pod: Obj, annotation: str) -> int:
    text = metadata.annotations(pod).get(annotation, "")
    return int(text) if text.isdecimal() else 0


def _ended_so(pod: Obj, wanted: Obj) -> Obj | None:
    """The first container that ended with such a code."""
    status = pod.get("status") or {}
    for row in [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]:
        ended = (row.get("state") or {}).get("terminated")
        if not ended or not ended["exitCode"] or wanted.get("containerName", row["name"]) != row["name"]:
            continue
        if (ended["exitCode"] in wanted["values"]) == (wanted["operator"] == "In"):
            found: Obj = row
            return found
    return None


def _condition(pod: Obj, patterns: Iterable[Obj]) -> str:
    rows = (pod.get("status") or {}).get("conditions") or ()
    wanted = [(row["type"], row.get("status", "True")) for row in patterns]
    return next((str(row["type"]) for row in rows if (row["type"], row["status"]) in wanted), "")
