"""Describing bounds: quotas, limit ranges, disruption budgets, priority classes, autoscalers; and namespaces."""

from __future__ import annotations

from k8s_tutor.kubectl.describe.page import Page, date, plain_labels, quantity_of, selector_text
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import quantity
from k8s_tutor.objects.types import Obj

__all__ = [
    "describe_autoscaler",
    "describe_budget",
    "describe_limit_range",
    "describe_namespace",
    "describe_priority_class",
    "describe_quota",
]

_SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before "
    "being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long running "
    "pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort quality "
    "of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a burstable or "
    "guaranteed quality of service.",
}


def describe_namespace(task: Task, obj: Obj, page: Page) -> None:
    """Writes a Namespace with its quotas and limit ranges."""
    name = obj["metadata"]["name"]
    page.named(obj)
    page.row(0, "Status:", (obj.get("status") or {}).get("phase", ""))
    conditions = (obj.get("status") or {}).get("conditions") or ()
    if conditions:
        page.row(0, "Conditions:")
        page.heading(1, "Type", "Status", "LastTransitionTime", "Reason", "Message")
    for row in conditions:
        when = date(row.get("lastTransitionTime"))
        page.row(1, row["type"], row["status"], when, row.get("reason", ""), row.get("message", ""))
    page.row(0)
    quotas = task.client.list("resourcequotas", name)
    page.row(0, "Resource Quotas" if quotas else "No resource quota.")
    for quota in sorted(quotas, key=lambda quota: str(quota["metadata"]["name"])):
        page.row(1, "Name:", quota["metadata"]["name"])
        _write_scopes(page, quota, 1, "* ")
        page.heading(1, "Resource", "Used", "Hard", dashes=(8, 3, 3))
        _write_amounts(page, quota, 1)
    page.row(0)
    ranges = task.client.list("limitranges", name)
    page.row(0, "Resource Limits" if ranges else "No LimitRange resource.")
    if ranges:
        _write_limit_heading(page, " ")
    for one in ranges:
        _write_limits(page, one, " ")


def describe_quota(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a ResourceQuota."""
    page.row(0, "Name:", obj["metadata"]["name"])
    page.row(0, "Namespace:", obj["metadata"]["namespace"])
    _write_scopes(page, obj, 0, " * ")
    page.heading(0, "Resource", "Used", "Hard")
    _write_amounts(page, obj, 0)


def _write_scopes(page: Page, quota: Obj, level: int, bullet: str) -> None:
    scopes = sorted(quota["spec"].get("scopes") or ())
    if scopes:
        page.row(level, "Scopes:", ", ".join(scopes))
    for scope in scopes:
        if scope in _SCOPES:
            page.row(level, f"{bullet}{_SCOPES[scope]}")


def _write_amounts(page: Page, quota: Obj, level: int) -> None:
    status = quota.get("status") or {}
    used = status.get("used") or {}
    for name, hard in sorted((status.get("hard") or {}).items()):
        amount = quantity.parse(used.get(name, "0"))
        in_its_style = quantity.Quantity(amount.nanos, quantity.parse(hard).style)
        page.row(level, name, str(in_its_style), quantity_of(hard))


def describe_limit_range(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a LimitRange."""
    page.row(0, "Name:", obj["metadata"]["name"])
    page.row(0, "Namespace:", obj["metadata"]["namespace"])
    _write_limit_heading(page, "")
    _write_limits(page, obj, "")


def _write_limit_heading(page: Page, indent: str) -> None:
    titles = ("Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")
    page.row(0, f"{indent}Type", *titles)
    page.row(0, f"{indent}----", *("-" * len(title) for title in titles))


def _write_limits(page: Page, obj: Obj, indent: str) -> None:
    fields = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in obj["spec"].get("limits") or ():
        for name in sorted({name for field in fields for name in item.get(field) or ()}):
            cells = [(item.get(field) or {}).get(name) for field in fields]
            shown = ("-" if cell is None else quantity_of(cell) for cell in cells)
            page.row(0, f"{indent}{item['type']}", name, *shown)


def describe_budget(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a PodDisruptionBudget."""
    spec, status = obj["spec"], obj.get("status") or {}
    page.row(0, "Name:", obj["metadata"]["name"])
    page.row(0, "Namespace:", obj["metadata"]["namespace"])
    if spec.get("minAvailable") is not None:
        page.row(0, "Min available:", spec["minAvailable"])
    elif spec.get("maxUnavailable") is not None:
        page.row(0, "Max unavailable:", spec["maxUnavailable"])
    page.row(0, "Selector:", "<unset>" if spec.get("selector") is None else selector_text(spec["selector"]))
    page.row(0, "Status:")
    for title, key in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        page.row(2, f"{title}:", status.get(key, 0))


def describe_priority_class(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a PriorityClass."""
    page.row(0, "Name:", obj["metadata"]["name"])
    page.row(0, "Value:", obj.get("value", 0))
    page.row(0, "GlobalDefault:", str(bool(obj.get("globalDefault"))).lower())
    page.row(0, "PreemptionPolicy:", obj.get("preemptionPolicy", ""))
    page.row(0, "Description:", obj.get("description", ""))
    page.row(0, "Annotations:", plain_labels(obj["metadata"].get("annotations")))


# ---- HorizontalPodAutoscaler


def describe_autoscaler(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a HorizontalPodAutoscaler."""
    spec, status = obj["spec"], obj.get("status") or {}
    target = spec["scaleTargetRef"]
    page.named(obj)
    page.row(0, "CreationTimestamp:", date(obj["metadata"]["creationTimestamp"]))
    page.row(0, "Reference:", f"{target['kind']}/{target['name']}")
    page.row(0, "Metrics:", "( current / target )")
    current = status.get("currentMetrics") or []
    for index, metric in enumerate(spec.get("metrics") or ()):
        _write_metric(page, metric, current[index] if index < len(current) else {})
    page.row(0, "Min replicas:", spec.get("minReplicas", "<unset>"))
    page.row(0, "Max replicas:", spec["maxReplicas"])
    if spec.get("behavior"):
        page.row(0, "Behavior:")
        _write_direction(page, "Scale Up", spec["behavior"].get("scaleUp"))
        _write_direction(page, "Scale Down", spec["behavior"].get("scaleDown"))
    counts = f"{status.get('currentReplicas', 0)} current / {status.get('desiredReplicas', 0)} desired"
    page.row(0, f"{target['kind']} pods:", counts)
    conditions = status.get("conditions") or ()
    if conditions:
        page.row(0, "Conditions:")
        page.heading(1, "Type", "Status", "Reason", "Message")
    for row in conditions:
        page.row(1, row["type"], row["status"], row.get("reason", ""), row.get("message", ""))


def _write_metric(page: Page, metric: Obj, current: Obj) -> None:
    kind = metric["type"]
    key = kind[0].lower() + kind[1:]
    source, now = metric.get(key) or {}, (current.get(key) or {}).get("current") or {}
    target = source.get("target") or {}
    if kind in ("Resource", "ContainerResource"):
        of = f' of container "{source["container"]}"' if kind == "ContainerResource" else ""
        title = f"resource {source['name']}{of} on pods"
        if target.get("averageValue") is not None:
            page.row(1, f"{title}:", _ratio(now.get("averageValue"), target["averageValue"]))
            return
        used = "<unknown>"
        if now.get("averageUtilization") is not None:
            used = f"{now['averageUtilization']}% ({quantity_of(now.get('averageValue'))})"
        wanted = target.get("averageUtilization")
        page.row(
            1, f"{title}  (as a percentage of request):", f"{used} / {'<auto>' if wanted is None else f'{wanted}%'}"
        )
        return
    name = f'"{source.get("metric", {}).get("name", "")}"'
    if kind == "Pods":
        page.row(1, f"{name} on pods:", _ratio(now.get("averageValue"), target.get("averageValue")))
        return
    described = source.get("describedObject")
    on = f" on {described['kind']}/{described['name']}" if described else ""
    field, word = ("averageValue", "average value") if target.get("averageValue") is not None else ("value", "value")
    page.row(1, f"{name}{on} (target {word}):", _ratio(now.get(field), target.get(field)))


def _ratio(now: str | None, target: str | None) -> str:
    return f"{'<unknown>' if now is None else quantity_of(now)} / {quantity_of(target)}"


def _write_direction(page: Page, title: str, rules: Obj | None) -> None:
    if rules is None:
        return
    page.row(1, f"{title}:")
    if rules.get("stabilizationWindowSeconds") is not None:
        page.row(2, f"Stabilization Window: {rules['stabilizationWindowSeconds']} seconds")
    if rules.get("policies"):
        page.row(2, f"Select Policy: {rules.get('selectPolicy', 'Max')}")
        page.row(2, "Policies:")
    for policy in rules.get("policies") or ():
        value = f"Value: {policy['value']}"
        page.row(3, f"- Type: {policy['type']}", value, f"Period: {policy['periodSeconds']} seconds")
