"""`kubectl describe`: everything about an object that a person wants to read, and the events about it at the end.

page.py       what all of them write on, and the events at the end
pods.py       Pods, and the containers in their templates
workloads.py  what makes Pods
storage.py    volumes, claims, classes; volumes of Pods
network.py    Services, Ingresses, policies
nodes.py      Nodes
limits.py     quotas, ranges, budgets, autoscalers, namespaces
data.py       ConfigMaps, Secrets, rights; and any other kind
"""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.kubectl.choosing import Chosen, choose, fetch
from k8s_tutor.kubectl.describe.data import (
    describe_anything,
    describe_binding,
    describe_config_map,
    describe_role,
    describe_secret,
    describe_service_account,
)
from k8s_tutor.kubectl.describe.limits import (
    describe_autoscaler,
    describe_budget,
    describe_limit_range,
    describe_namespace,
    describe_priority_class,
    describe_quota,
)
from k8s_tutor.kubectl.describe.network import (
    describe_endpoints,
    describe_endpointslice,
    describe_ingress,
    describe_ingress_class,
    describe_network_policy,
    describe_service,
)
from k8s_tutor.kubectl.describe.nodes import describe_node
from k8s_tutor.kubectl.describe.page import Page, events_about, write_events
from k8s_tutor.kubectl.describe.pods import describe_pod
from k8s_tutor.kubectl.describe.storage import (
    describe_claim,
    describe_csi_node,
    describe_storage_class,
    describe_volume,
)
from k8s_tutor.kubectl.describe.workloads import (
    describe_cronjob,
    describe_daemonset,
    describe_deployment,
    describe_job,
    describe_replicaset,
    describe_replication_controller,
    describe_statefulset,
)
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["describe"]

Describer = Callable[[Task, Obj, Page], None]

_DESCRIBERS: dict[tuple[str, str], Describer] = {
    ("", "Pod"): describe_pod,
    ("", "ReplicationController"): describe_replication_controller,
    ("", "Service"): describe_service,
    ("", "Endpoints"): describe_endpoints,
    ("", "ServiceAccount"): describe_service_account,
    ("", "Node"): describe_node,
    ("", "Namespace"): describe_namespace,
    ("", "ResourceQuota"): describe_quota,
    ("", "LimitRange"): describe_limit_range,
    ("", "ConfigMap"): describe_config_map,
    ("", "Secret"): describe_secret,
    ("", "PersistentVolume"): describe_volume,
    ("", "PersistentVolumeClaim"): describe_claim,
    ("apps", "Deployment"): describe_deployment,
    ("apps", "ReplicaSet"): describe_replicaset,
    ("apps", "StatefulSet"): describe_statefulset,
    ("apps", "DaemonSet"): describe_daemonset,
    ("batch", "Job"): describe_job,
    ("batch", "CronJob"): describe_cronjob,
    ("autoscaling", "HorizontalPodAutoscaler"): describe_autoscaler,
    ("discovery.k8s.io", "EndpointSlice"): describe_endpointslice,
    ("networking.k8s.io", "Ingress"): describe_ingress,
    ("networking.k8s.io", "IngressClass"): describe_ingress_class,
    ("networking.k8s.io", "NetworkPolicy"): describe_network_policy,
    ("policy", "PodDisruptionBudget"): describe_budget,
    ("rbac.authorization.k8s.io", "Role"): describe_role,
    ("rbac.authorization.k8s.io", "ClusterRole"): describe_role,
    ("rbac.authorization.k8s.io", "RoleBinding"): describe_binding,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): describe_binding,
    ("scheduling.k8s.io", "PriorityClass"): describe_priority_class,
    ("storage.k8s.io", "StorageClass"): describe_storage_class,
    ("storage.k8s.io", "CSINode"): describe_csi_node,
}
_WITHOUT_EVENTS = {
    "Namespace", "ResourceQuota", "LimitRange", "Secret", "NetworkPolicy", "Role", "ClusterRole", "RoleBinding",
    "ClusterRoleBinding",
}  # fmt: skip


def describe(task: Task) -> None:
    """Runs `kubectl describe`."""
    chosen = choose(task)
    found = list(fetch(task))
    if task.errors and len(task.words) == 2:
        begun = _begun(task, chosen[0]) if len(chosen) == 1 else []
        if begun:
            task.errors.clear()
        for obj in begun:
            task.say(_described(task, chosen[0].kind, obj, events=task.options.on("show-events")))
        return
    events = task.options.on("show-events", default=len(found) == 1 and not task.errors)
    task.write("\n\n".join(_described(task, kind, obj, events=events) for kind, obj in found))
    if not found and not task.errors:
        everywhere = task.options.on("all-namespaces")
        task.note("No resources found" if everywhere else f"No resources found in {task.place} namespace.")


def _begun(task: Task, one: Chosen) -> list[Obj]:
    """Those whose name begins with the word."""
    return [obj for obj in task.client.list(one.kind, one.place) if obj["metadata"]["name"].startswith(one.name)]


def _described(task: Task, kind: Kind, obj: Obj, *, events: bool) -> str:
    page = Page()
    _DESCRIBERS.get((kind.group, kind.kind), describe_anything)(task, obj, page)
    if events and kind.kind not in _WITHOUT_EVENTS:
        write_events(task, page, events_about(task, obj))
    return page.text()
