"""What is particular to each kind: defaults, what a write may change, what is valid.

Law: pure functions of objects. A rule may change the fresh object it is given, never the stored one beside it.

In reading order:

    metadata.py            the same for every kind
    checks.py              small checks that many kinds share
    plain.py               kinds without particulars
    pods.py                pods: defaults, changes, grace
    podvalidation.py       what is wrong with a pod
    containers.py          … with its containers
    securityvalidation.py  … with its security contexts
    workloads.py           Deployments, ReplicaSets, StatefulSets, DaemonSets
    batch.py               Jobs and CronJobs
    jobs.py                a Job's policies
    services.py            Services
    ingresses.py           Ingresses, their classes, NetworkPolicies
    config.py              ConfigMaps, Secrets, ServiceAccounts, budgets
    storage.py             volumes, claims, classes; a pod's volumes
    quotas.py              ResourceQuotas, LimitRanges, and what a pod asks for as a whole
    cluster.py             Nodes, Events, endpoints, certificate requests
    webhooks.py            admission webhooks and policies
    definitions/           CustomResourceDefinitions
"""

from __future__ import annotations

from typing import Any

from k8s_tutor.embedded.apiserver.rules import (
    batch,
    cluster,
    config,
    ingresses,
    quotas,
    services,
    storage,
    webhooks,
    workloads,
)
from k8s_tutor.embedded.apiserver.rules.config import NAMESPACE
from k8s_tutor.embedded.apiserver.rules.definitions import DEFINITION
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.rules.plain import (
    both,
    default_pod_template,
    plain,
    update_revision,
    validate_autoscaler,
    validate_lease,
    validate_pod_template,
)
from k8s_tutor.embedded.apiserver.rules.pods import POD
from k8s_tutor.objects.kinds import Kind

__all__ = ["rules_of"]

_PARTICULAR: dict[str, Rules] = {
    "customresourcedefinitions.apiextensions.k8s.io": DEFINITION,
    "namespaces": NAMESPACE,
    "nodes": cluster.NODE,
    "events": cluster.EVENT,
    "events.events.k8s.io": cluster.NEW_EVENT,
    "endpoints": cluster.ENDPOINTS,
    "endpointslices.discovery.k8s.io": cluster.ENDPOINTSLICE,
    "pods": POD,
    "configmaps": config.CONFIGMAP,
    "secrets": config.SECRET,
    "serviceaccounts": config.SERVICEACCOUNT,
    "services": services.SERVICE,
    "deployments.apps": workloads.DEPLOYMENT,
    "replicasets.apps": workloads.REPLICASET,
    "statefulsets.apps": workloads.STATEFULSET,
    "daemonsets.apps": workloads.DAEMONSET,
    "replicationcontrollers": workloads.REPLICATIONCONTROLLER,
    "roles.rbac.authorization.k8s.io": cluster.ROLE,
    "clusterroles.rbac.authorization.k8s.io": cluster.CLUSTER_ROLE,
    "rolebindings.rbac.authorization.k8s.io": cluster.BINDING,
    "clusterrolebindings.rbac.authorization.k8s.io": cluster.CLUSTER_BINDING,
    "certificatesigningrequests.certificates.k8s.io": cluster.SIGNING_REQUEST,
    "jobs.batch": batch.JOB,
    "cronjobs.batch": batch.CRONJOB,
}

_ADMISSION = "admissionregistration.k8s.io"
_CHECKED: dict[str, dict[str, Any]] = {  # what is known of kinds that are plain otherwise
    "controllerrevisions.apps": {"validate_update": update_revision, "generation": False},
    "horizontalpodautoscalers.autoscaling": both(validate_autoscaler),
    "ingressclasses.networking.k8s.io": {"validate_update": ingresses.update_ingress_class},
    "ingresses.networking.k8s.io": both(ingresses.validate_ingress),
    "leases.coordination.k8s.io": both(validate_lease),
    "limitranges": both(quotas.validate_limits),
    "networkpolicies.networking.k8s.io": both(ingresses.validate_network_policy),
    "persistentvolumeclaims": {"validate": storage.validate_claim, "validate_update": storage.update_claim},
    "persistentvolumes": {"validate": storage.validate_volume, "validate_update": storage.update_volume},
    "podtemplates": both(validate_pod_template) | {"default": default_pod_template},
    "storageclasses.storage.k8s.io": {
        "validate": storage.validate_storage_class,
        "validate_update": storage.update_storage_class,
    },
    f"mutatingwebhookconfigurations.{_ADMISSION}": both(webhooks.validate_webhooks),
    f"validatingwebhookconfigurations.{_ADMISSION}": both(webhooks.validate_webhooks),
    f"validatingadmissionpolicies.{_ADMISSION}": both(webhooks.validate_policy),
    f"validatingadmissionpolicybindings.{_ADMISSION}": both(webhooks.validate_binding),
    "poddisruptionbudgets.policy": both(config.validate_budget),
    "priorityclasses.scheduling.k8s.io": {
        "validate": config.validate_priority_class,
        "validate_update": config.update_priority_class,
    },
    "resourcequotas": {
        "validate": quotas.validate_quota,
        "validate_update": quotas.update_quota,
        "warn": quotas.warn_about_quota,
    },
    "runtimeclasses.node.k8s.io": {
        "validate": config.validate_runtime_class,
        "validate_update": config.update_runtime_class,
    },
}

_plain: dict[str, Rules] = {}


def rules_of(kind: Kind) -> Rules:
    """The rules of a built-in kind."""
    name = kind.group_resource
    found = _PARTICULAR.get(name) or _plain.get(name)
    if found is None:
        found = _plain[name] = plain(kind, **_CHECKED.get(name, {}))
    return found
