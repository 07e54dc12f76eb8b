"""Every controller of the embedded cluster, in the order in which they hear of a change."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.embedded.controllers.accounttokens import AccountTokensController
from k8s_tutor.embedded.controllers.aggregation import ClusterRoleAggregationController
from k8s_tutor.embedded.controllers.autoscaling.controller import AutoscalerController
from k8s_tutor.embedded.controllers.certificates import CertificateSigner
from k8s_tutor.embedded.controllers.controller import Controller
from k8s_tutor.embedded.controllers.cronjob import CronJobController
from k8s_tutor.embedded.controllers.daemonset import DaemonSetController
from k8s_tutor.embedded.controllers.deployment import DeploymentController
from k8s_tutor.embedded.controllers.disruption import DisruptionController
from k8s_tutor.embedded.controllers.endpoints import EndpointsController
from k8s_tutor.embedded.controllers.endpointslice import EndpointSliceController
from k8s_tutor.embedded.controllers.garbage import GarbageCollector
from k8s_tutor.embedded.controllers.job.controller import JobController
from k8s_tutor.embedded.controllers.job.orphans import OrphanedPods
from k8s_tutor.embedded.controllers.loadbalancer import LoadBalancerController
from k8s_tutor.embedded.controllers.namespace import NamespaceController
from k8s_tutor.embedded.controllers.nodelifecycle import NodeLifecycleController
from k8s_tutor.embedded.controllers.protection import ClaimProtection, VolumeProtection
from k8s_tutor.embedded.controllers.quota import ResourceQuotaController
from k8s_tutor.embedded.controllers.replicaset import ReplicaSetController, ReplicationManager
from k8s_tutor.embedded.controllers.rootca import RootCAPublisher
from k8s_tutor.embedded.controllers.serviceaccount import ServiceAccountController
from k8s_tutor.embedded.controllers.statefulset import StatefulSetController
from k8s_tutor.embedded.controllers.storage.binder import PersistentVolumeController
from k8s_tutor.embedded.controllers.storage.ephemeral import EphemeralVolumeController
from k8s_tutor.embedded.controllers.storage.provisioner import LocalPathProvisioner
from k8s_tutor.embedded.controllers.tainteviction import TaintEvictionController
from k8s_tutor.embedded.controllers.trust import Trust
from k8s_tutor.embedded.controllers.ttl import FinishedJobs

__all__ = ["all_controllers"]


def all_controllers(trust: Trust) -> Sequence[Controller]:
    """One of each. To add a controller is to add a line."""
    return (
        DeploymentController(),
        ReplicaSetController(),
        ReplicationManager(),
        StatefulSetController(),
        DaemonSetController(),
        JobController(),
        OrphanedPods(),
        FinishedJobs(),
        CronJobController(),
        AutoscalerController(),
        EndpointSliceController(),
        EndpointsController(),
        ServiceAccountController(),
        RootCAPublisher(trust.certificate),
        AccountTokensController(trust),
        CertificateSigner(trust),
        ClusterRoleAggregationController(),
        NamespaceController(),
        NodeLifecycleController(),
        TaintEvictionController(),
        LoadBalancerController(),
        ResourceQuotaController(),
        DisruptionController(),
        PersistentVolumeController(),
        EphemeralVolumeController(),
        LocalPathProvisioner(),
        ClaimProtection(),
        VolumeProtection(),
        GarbageCollector(),
    )
