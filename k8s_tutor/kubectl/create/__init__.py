"""`kubectl create KIND NAME`: objects made from flags.

workloads.py  Deployments, Jobs, CronJobs, Services, Ingresses
data.py       Namespaces, ConfigMaps, Secrets, ServiceAccounts
access.py     roles and bindings, tokens; quotas, disruption budgets, priority classes
"""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.create import access, data, workloads
from k8s_tutor.kubectl.printing import report
from k8s_tutor.kubectl.task import Task, create
from k8s_tutor.objects.types import Obj

__all__ = ["create_from_flags", "create_token"]

create_token = access.create_token

Generator = Callable[[Task, str], Obj]

_GENERATORS: dict[str, tuple[Generator, str]] = {
    "namespace": (data.namespace, ""),
    "configmap": (data.config_map, "failed to create configmap: "),
    "secret generic": (data.secret, "failed to create secret "),
    "secret tls": (data.tls_secret, "failed to create secret "),
    "secret docker-registry": (data.registry_secret, "failed to create secret "),
    "serviceaccount": (data.service_account, "failed to create serviceaccount: "),
    "deployment": (workloads.deployment, "failed to create deployment: "),
    "job": (workloads.job, "failed to create job: "),
    "cronjob": (workloads.cronjob, "failed to create cronjob: "),
    "service clusterip": (workloads.cluster_ip, "failed to create ClusterIP service: "),
    "service nodeport": (workloads.node_port, "failed to create NodePort service: "),
    "service loadbalancer": (workloads.load_balancer, "failed to create LoadBalancer service: "),
    "service externalname": (workloads.external_name, "failed to create ExternalName service: "),
    "ingress": (workloads.ingress, "failed to create ingress: "),
    "role": (access.role, ""),
    "clusterrole": (access.cluster_role, ""),
    "rolebinding": (access.role_binding, "failed to create rolebinding: "),
    "clusterrolebinding": (access.cluster_role_binding, "failed to create clusterrolebinding: "),
    "quota": (access.quota, "failed to create quota: "),
    "poddisruptionbudget": (access.budget, "failed to create poddisruptionbudgets: "),
    "priorityclass": (access.priority_class, "failed to create priorityclass: "),
}
"""Each with what kubectl says before a refusal of the server."""

_REQUIRED = {
    "deployment": ("image",),
    "cronjob": ("image", "schedule"),
    "service externalname": ("external-name",),
}


def create_from_flags(task: Task) -> None:
    """Runs `kubectl create KIND NAME`."""
    what = task.verb.removeprefix("create ")
    missing = [f'"{flag}"' for flag in _REQUIRED.get(what, ()) if not task.options.given(flag)]
    if missing:
        raise KubectlError(f"error: required flag(s) {', '.join(missing)} not set")
    if len(task.words) != 1:
        raise KubectlError(
            f"error: exactly one NAME is required, got {len(task.words)}\n"
            f"See 'kubectl {task.verb} -h' for help and examples"
        )
    generate, failing = _GENERATORS[what]
    obj = generate(task, task.words[0])
    kind = task.client.kind_of(obj)
    if kind.namespaced:
        obj["metadata"].setdefault("namespace", task.place)
    try:
        report(task, kind, create(task, kind, obj), "created")
    except StatusError as error:
        if failing:
            raise task.failed(f"error: {failing}{error.what}") from error
        raise
