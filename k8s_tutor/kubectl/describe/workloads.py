"""Describing what makes Pods: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs."""

from __future__ import annotations

from collections import Counter

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.kubectl.choosing import new_replicaset, owned_replicasets
from k8s_tutor.kubectl.describe.page import Page, date, flag, plain_labels, quantity_of, selector_text
from k8s_tutor.kubectl.describe.pods import write_template
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.quantity import human_duration
from k8s_tutor.objects.types import Obj

__all__ = [
    "describe_cronjob",
    "describe_daemonset",
    "describe_deployment",
    "describe_job",
    "describe_replicaset",
    "describe_replication_controller",
    "describe_statefulset",
]


def _pods_status(task: Task, owner: Obj) -> str:
    selector = owner["spec"].get("selector") or {}
    chosen = selectors.of(selector) if "matchLabels" in selector or "matchExpressions" in selector else None
    text = str(chosen if chosen is not None else selectors.from_labels(selector))
    pods = task.client.list("pods", owner["metadata"]["namespace"], labels=text)
    phases = Counter((pod.get("status") or {}).get("phase") for pod in pods if metadata.is_controlled_by(pod, owner))
    return (
        f"{phases['Running']} Running / {phases['Pending']} Waiting / "
        f"{phases['Succeeded']} Succeeded / {phases['Failed']} Failed"
    )


def _write_owner(obj: Obj, page: Page) -> None:
    owner = metadata.controller_of(obj)
    if owner is not None:
        page.row(0, "Controlled By:", f"{owner['kind']}/{owner['name']}")


def _write_conditions(obj: Obj, page: Page) -> None:
    conditions = (obj.get("status") or {}).get("conditions") or ()
    if conditions:
        page.row(0, "Conditions:")
        page.heading(1, "Type", "Status", "Reason")
    for condition in conditions:
        page.row(1, f"{condition['type']} ", condition["status"], condition.get("reason", ""))


def describe_deployment(task: Task, obj: Obj, page: Page) -> None:
    """Writes a Deployment."""
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "CreationTimestamp:", date(meta["creationTimestamp"]))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    page.row(0, "Selector:", str(selectors.of(spec["selector"])))
    page.row(
        0,
        "Replicas:",
        f"{spec.get('replicas', 1)} desired | {status.get('updatedReplicas', 0)} updated | "
        f"{status.get('replicas', 0)} total | {status.get('availableReplicas', 0)} available | "
        f"{status.get('unavailableReplicas', 0)} unavailable",
    )
    strategy = spec.get("strategy") or {}
    page.row(0, "StrategyType:", strategy.get("type", ""))
    page.row(0, "MinReadySeconds:", spec.get("minReadySeconds", 0))
    rolling = strategy.get("rollingUpdate")
    if rolling:
        text = f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge"
        page.row(0, "RollingUpdateStrategy:", text)
    write_template(page, spec["template"])
    _write_conditions(obj, page)
    sets = owned_replicasets(task, obj)
    new = new_replicaset(obj, sets)
    if sets:
        page.row(0, "OldReplicaSets:", ", ".join(_created(one) for one in sets if one is not new) or "<none>")
        page.row(0, "NewReplicaSet:", _created(new) if new else "<none>")


def _created(replicaset: Obj) -> str:
    status = replicaset.get("status") or {}
    wanted = replicaset["spec"].get("replicas", 1)
    return f"{replicaset['metadata']['name']} ({status.get('replicas', 0)}/{wanted} replicas created)"


def describe_replicaset(task: Task, obj: Obj, page: Page) -> None:
    """Writes a ReplicaSet."""
    _write_replicating(task, obj, page, selector_text(obj["spec"].get("selector")))


def describe_replication_controller(task: Task, obj: Obj, page: Page) -> None:
    """Writes a ReplicationController."""
    _write_replicating(task, obj, page, plain_labels(obj["spec"].get("selector")))


def _write_replicating(task: Task, obj: Obj, page: Page, selector: str) -> None:
    meta, status = obj["metadata"], obj.get("status") or {}
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "Selector:", selector)
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    _write_owner(obj, page)
    page.row(0, "Replicas:", f"{status.get('replicas', 0)} current / {obj['spec'].get('replicas', 1)} desired")
    page.row(0, "Pods Status:", _pods_status(task, obj))
    write_template(page, obj["spec"]["template"])
    _write_conditions(obj, page)


def describe_statefulset(task: Task, obj: Obj, page: Page) -> None:
    """Writes a StatefulSet."""
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "CreationTimestamp:", date(meta["creationTimestamp"]))
    page.row(0, "Selector:", str(selectors.of(spec["selector"])))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    for title, key in (("Service Name", "serviceName"), ("Pod Management Policy", "podManagementPolicy")):
        if spec.get(key):
            page.row(0, f"{title}:", spec[key])
    page.row(0, "Replicas:", f"{spec.get('replicas', 1)} desired | {status.get('replicas', 0)} total")
    strategy = spec.get("updateStrategy") or {}
    page.row(0, "Update Strategy:", strategy.get("type", ""))
    rolling = strategy.get("rollingUpdate") or {}
    if rolling.get("partition") is not None:
        page.row(1, "Partition:", rolling["partition"])
        if rolling.get("maxUnavailable") is not None:
            page.row(1, "MaxUnavailable:", rolling["maxUnavailable"])
    retention = spec.get("persistentVolumeClaimRetentionPolicy")
    if retention:
        page.row(0, "Persistent Volume Claim Retention Policy:")
        page.row(1, "WhenDeleted:", retention.get("whenDeleted", ""))
        page.row(1, "WhenScaled:", retention.get("whenScaled", ""))
    page.row(0, "Pods Status:", _pods_status(task, obj))
    write_template(page, spec["template"])
    _write_claims(page, spec.get("volumeClaimTemplates") or [])


def _write_claims(page: Page, templates: list[Obj]) -> None:
    page.row(0, "Volume Claims:", *(() if templates else ("<none>",)))
    for claim in templates:
        meta, spec = claim["metadata"], claim["spec"]
        page.row(1, "Name:", meta["name"])
        page.row(1, "StorageClass:", spec.get("storageClassName", ""))
        page.labels("  Labels", meta.get("labels"))
        page.labels("  Annotations", meta.get("annotations"))
        storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
        page.row(1, "Capacity:", quantity_of(storage) if storage else "<default>")
        page.row(1, "Access Modes:", "[" + " ".join(spec.get("accessModes") or ()) + "]")


def describe_daemonset(task: Task, obj: Obj, page: Page) -> None:
    """Writes a DaemonSet."""
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "Selector:", str(selectors.of(spec["selector"])))
    page.row(0, "Node-Selector:", plain_labels(spec["template"]["spec"].get("nodeSelector")))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    for title, key in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        page.row(0, f"{title}: {status.get(key, 0)}")
    page.row(0, "Pods Status:", _pods_status(task, obj))
    write_template(page, spec["template"])


def describe_job(task: Task, obj: Obj, page: Page) -> None:
    """Writes a Job."""
    spec = obj["spec"]
    meta = obj["metadata"]
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "Selector:", str(selectors.of(spec["selector"])) if spec.get("selector") else "")
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    _write_owner(obj, page)
    if spec.get("parallelism") is not None:
        page.row(0, "Parallelism:", spec["parallelism"])
    page.row(0, "Completions:", spec.get("completions", "<unset>"))
    for title, key in (
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ):
        if spec.get(key) is not None:
            page.row(0, f"{title}:", str(spec[key]).lower() if isinstance(spec[key], bool) else spec[key])
    _write_job_times(obj, page)
    write_template(page, spec["template"])


def _write_job_times(obj: Obj, page: Page) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    started, completed = status.get("startTime"), status.get("completionTime")
    if started:
        page.row(0, "Start Time:", date(started))
    if completed:
        page.row(0, "Completed At:", date(completed))
    if started and completed:
        page.row(0, "Duration:", human_duration(from_rfc3339(completed) - from_rfc3339(started)))
    if spec.get("activeDeadlineSeconds") is not None:
        page.row(0, "Active Deadline Seconds:", f"{spec['activeDeadlineSeconds']}s")
    ready = f" ({status['ready']} Ready)" if status.get("ready") is not None else ""
    page.row(
        0,
        "Pods Statuses:",
        f"{status.get('active', 0)} Active{ready} / {status.get('succeeded', 0)} Succeeded / "
        f"{status.get('failed', 0)} Failed",
    )
    if spec.get("completionMode") == "Indexed":
        page.row(0, "Completed Indexes:", _some_indexes(status.get("completedIndexes", "")))


def _some_indexes(indexes: str) -> str:
    cut = indexes.find(",", 50)
    return (indexes if cut < 0 else f"{indexes[: cut + 1]}...") or "<none>"


def describe_cronjob(task: Task, obj: Obj, page: Page) -> None:
    """Writes a CronJob."""
    spec, status = obj["spec"], obj.get("status") or {}
    page.named(obj)
    page.row(0, "Schedule:", spec["schedule"])
    page.row(0, "Concurrency Policy:", spec.get("concurrencyPolicy", ""))
    page.row(0, "Suspend:", flag(spec.get("suspend")))
    page.row(0, "Time Zone:", spec.get("timeZone", "<unset>"))
    page.row(0, "Successful Job History Limit:", spec.get("successfulJobsHistoryLimit", "<unset>"))
    page.row(0, "Failed Job History Limit:", spec.get("failedJobsHistoryLimit", "<unset>"))
    deadline = spec.get("startingDeadlineSeconds")
    page.row(0, "Starting Deadline Seconds:", "<unset>" if deadline is None else f"{deadline}s")
    job = spec["jobTemplate"]["spec"]
    page.row(0, "Selector:", str(selectors.of(job["selector"])) if job.get("selector") else "<unset>")
    page.row(0, "Parallelism:", job.get("parallelism", "<unset>"))
    page.row(0, "Completions:", job.get("completions", "<unset>"))
    if job.get("activeDeadlineSeconds") is not None:
        page.row(0, "Active Deadline Seconds:", f"{job['activeDeadlineSeconds']}s")
    write_template(page, job["template"])
    last = status.get("lastScheduleTime")
    page.row(0, "Last Schedule Time:", date(last) if last else "<unset>")
    page.row(0, "Active Jobs:", ", ".join(str(ref["name"]) for ref in status.get("active") or ()) or "<none>")
