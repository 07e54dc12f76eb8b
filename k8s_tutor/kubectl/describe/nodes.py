"""Describing Nodes: conditions, capacity, and what the Pods on them have reserved."""

from __future__ import annotations

from collections.abc import Iterable

from k8s_tutor.kubectl.describe.page import Page, date, quantity_of, since
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import quantity
from k8s_tutor.objects.quantity import ZERO, Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["describe_node"]

_ROLE = "node-role.kubernetes.io/"
_STANDARD = ("cpu", "memory", "ephemeral-storage", "pods")


def describe_node(task: Task, obj: Obj, page: Page) -> None:
    """Writes a Node."""
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    labels = meta.get("labels") or {}
    roles = {key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE)} | {
        labels.get("kubernetes.io/role", "")
    }
    page.row(0, "Name:", meta["name"])
    page.row(0, "Roles:", ",".join(sorted(roles - {""})) or "<none>")
    page.labels("Labels", labels)
    page.annotations("Annotations", meta.get("annotations"))
    page.row(0, "CreationTimestamp:", date(meta["creationTimestamp"]))
    taints = sorted(spec.get("taints") or (), key=lambda taint: f"{taint['effect']},{taint['key']}")
    page.rows("Taints", (_taint(taint) for taint in taints))
    page.row(0, "Unschedulable:", str(bool(spec.get("unschedulable"))).lower())
    _write_lease(task, meta["name"], page)
    _write_conditions(page, status)
    page.row(0, "Addresses:")
    for address in status.get("addresses") or ():
        page.row(1, f"{address['type']}:", address["address"])
    for title in ("capacity", "allocatable"):
        if status.get(title):
            page.row(0, f"{title.title()}:")
        for name, amount in sorted((status.get(title) or {}).items()):
            page.row(1, f"{name}:", quantity_of(amount))
    _write_system(page, obj)
    _write_reserved(task, obj, page)


def _taint(taint: Obj) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def _write_lease(task: Task, name: str, page: Page) -> None:
    lease = task.client.find("leases", name, "kube-node-lease")
    if lease is None:
        page.row(0, "Lease:", f'Failed to get lease: leases.coordination.k8s.io "{name}" not found')
        return
    spec = lease["spec"]
    page.row(0, "Lease:")
    page.row(1, "HolderIdentity:", spec.get("holderIdentity", "<unset>"))
    for title, key in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        page.row(1, f"{title}:", date(spec[key]) if spec.get(key) else "<unset>")


def _write_conditions(page: Page, status: Obj) -> None:
    conditions = status.get("conditions") or ()
    if conditions:
        page.row(0, "Conditions:")
        page.heading(1, "Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message")
    for row in conditions:
        times = (f"{date(row.get(key))} " for key in ("lastHeartbeatTime", "lastTransitionTime"))
        page.row(1, f"{row['type']} ", f"{row['status']} ", *times, f"{row.get('reason', '')} ", row.get("message", ""))


def _write_system(page: Page, node: Obj) -> None:
    info, spec = (node.get("status") or {}).get("nodeInfo") or {}, node["spec"]
    page.row(0, "System Info:")
    for title, key in (
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ):
        page.row(1, f"{title}:", info.get(key, ""))
    if spec.get("podCIDR"):
        page.row(0, "PodCIDR:", spec["podCIDR"])
    if spec.get("podCIDRs"):
        page.row(0, "PodCIDRs:", ",".join(spec["podCIDRs"]))
    if spec.get("providerID"):
        page.row(0, "ProviderID:", spec["providerID"])


# ---- what is reserved


def _write_reserved(task: Task, node: Obj, page: Page) -> None:
    fields = f"spec.nodeName={node['metadata']['name']},status.phase!=Succeeded,status.phase!=Failed"
    pods = task.client.list("pods", "", fields=fields)
    status = node.get("status") or {}
    room = {
        name: quantity.parse(amount)
        for name, amount in (status.get("allocatable") or status.get("capacity") or {}).items()
    }
    page.row(0, "Non-terminated Pods:", f"({len(pods)} in total)")
    titles = ("CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age")
    page.row(1, "Namespace", "Name", "", *titles)
    page.row(1, "---------", "----", "", *("-" * len(title) for title in titles))
    for pod in pods:
        requests, limits = _of_pod(pod, "requests"), _of_pod(pod, "limits")
        cells = [_share(amounts, name, room) for name in ("cpu", "memory") for amounts in (requests, limits)]
        meta = pod["metadata"]
        page.row(1, meta["namespace"], meta["name"], "", *cells, since(task, meta["creationTimestamp"]))
    page.row(0, "Allocated resources:")
    page.row(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
    page.heading(1, "Resource", "Requests", "Limits")
    requests = _sum(_of_pod(pod, "requests") for pod in pods)
    limits = _sum(_of_pod(pod, "limits") for pod in pods)
    huge = sorted(name for name in room if name.startswith("hugepages-"))
    for name in ("cpu", "memory", "ephemeral-storage", *huge):
        page.row(1, name, _share(requests, name, room), _share(limits, name, room))
    for name in sorted(set(room) - {*_STANDARD, *huge}):
        page.row(1, name, requests.get(name, ZERO), limits.get(name, ZERO))


def _share(amounts: dict[str, Quantity], name: str, room: dict[str, Quantity]) -> str:
    amount, whole = amounts.get(name, ZERO), room.get(name, ZERO)
    return f"{amount} ({int(amount.nanos / whole.nanos * 100) if whole else 0}%)"


def _sum(parts: Iterable[dict[str, Quantity]]) -> dict[str, Quantity]:
    total: dict[str, Quantity] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total[name] + amount if name in total else amount
    return total


def _amounts(container: Obj, field: str) -> dict[str, Quantity]:
    given = (container.get("resources") or {}).get(field) or {}
    return {name: quantity.parse(amount) for name, amount in given.items()}


def _of_pod(pod: Obj, field: str) -> dict[str, Quantity]:
    """What a Pod reserves: its containers together, or an init container (with its sidecars) if that is more."""
    spec = pod["spec"]
    total = _sum(_amounts(container, field) for container in spec["containers"])
    sidecars: dict[str, Quantity] = {}
    peak: dict[str, Quantity] = {}
    for container in spec.get("initContainers") or ():
        amounts = _amounts(container, field)
        now = _sum([sidecars, amounts])
        if container.get("restartPolicy") == "Always":
            sidecars = now
        peak = {name: max(peak.get(name, ZERO), now.get(name, ZERO)) for name in {*peak, *now}}
    total = _sum([total, sidecars])
    total = {name: max(total.get(name, ZERO), peak.get(name, ZERO)) for name in {*total, *peak}}
    total |= _amounts(spec, field)
    overhead = {name: quantity.parse(amount) for name, amount in (spec.get("overhead") or {}).items()}
    if field == "limits":
        overhead = {name: amount for name, amount in overhead.items() if name in total}
    return _sum([total, overhead])
