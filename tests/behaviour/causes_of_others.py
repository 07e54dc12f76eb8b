"""Causes around Services, rollouts, claims, Jobs and deletion: the second half of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.behaviour.causes import BROKEN, SELECTOR, Cause
from tests.behaviour.manifests import BOX, PODINFO, claim, config, pod, run, service, workload

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

PORTS = "ports: [{port: 80}]"
ENDED = "Pod *: status.containerStatuses[0].state.terminated.exitCode"
STALLED = "Deployment web: status.conditions[*].reason"
OWN = "Pod *: metadata.ownerReferences[0].name"
NEWEST = "ReplicaSet *: metadata.annotations[deployment.kubernetes.io/revision]"


def quota(hard: str) -> str:
    return f"""
apiVersion: v1
kind: ResourceQuota
metadata: {{name: small}}
spec: {{hard: {{{hard}}}}}
---
"""


def job(spec: str, command: str = "exit 1", kind: str = "Job") -> str:
    template = f"""template: {{spec: {{restartPolicy: Never,
      containers: [{{name: c, image: "{BOX}", command: [sh, -c, "{command}"]}}]}}}}"""
    inner = f"{{{spec}, {template}}}" if kind == "Job" else f"{{{spec}, jobTemplate: {{spec: {{{template}}}}}}}"
    return f"""
apiVersion: batch/v1
kind: {kind}
metadata: {{name: work}}
spec: {inner}
---
"""


def scaler(target: str) -> str:
    return f"""
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  minReplicas: 1
  maxReplicas: 3
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {target}}}
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}]
---
"""


def delete_config(env: Environment) -> None:
    env.delete("configmap", "held")


def delete_pod(env: Environment) -> None:
    env.wait("pod", "p", lambda obj: obj["status"].get("phase") == "Running")
    env.delete("pod", "p", grace_seconds=300)


def delete_claim(env: Environment) -> None:
    env.wait("pod", "p", lambda obj: obj["status"].get("phase") == "Running")
    env.delete("pvc", "data")


def enforce(env: Environment) -> None:
    body = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    env.client.patch("namespaces", env.namespace, body)
    env.apply(workload("Deployment"))


SERVICES = (
    Cause(
        "nearest miss",
        pod(labels="app: wbe") + service(f"selector: {{app: web}}, {PORTS}"),
        "service/web",
        "no Pod has the labels app=web; nearest is Pod p",
        (SELECTOR, "Service web: spec.selector.app", "Pod p: metadata.labels.app"),
    ),
    Cause(
        "no selector",
        service(PORTS),
        "service/web",
        "it has no selector, and nobody wrote endpoints for it",
        ("Service web: spec",),
    ),
    Cause(
        "nobody ready",
        pod(BROKEN, image=PODINFO) + service(f"selector: {{app: p}}, {PORTS}"),
        "service/web",
        "none of its Pods is ready: its readiness probe fails",
        (
            SELECTOR,
            "EndpointSlice web-*: endpoints[0].conditions.ready",
            "Pod p: status.conditions[*].status",
            "Pod p: status.containerStatuses[0].ready",
            "Event Unhealthy: message",
            "Pod p: spec.containers[0].readinessProbe.httpGet.path",
        ),
    ),
    Cause(
        "no port of that name",
        pod(", ports: [{name: web, containerPort: 80}]")
        + service("selector: {app: p}, ports: [{port: 80, targetPort: http}]"),
        "service/web",
        "none of its Pods has a port named http",
        ("Service web: spec.ports[0].targetPort", "Pod p: spec.containers[0].ports[0].name"),
    ),
    Cause(
        "another port",
        pod(", ports: [{containerPort: 9898}]") + service(f"selector: {{app: p}}, {PORTS}"),
        "service/web",
        "its requests go to port 80, and its Pods list 9898",
        ("Service web: spec.ports[0].targetPort", "Pod p: spec.containers[0].ports[0].containerPort"),
    ),
    Cause(
        "pending",
        pod() + service(f"type: LoadBalancer, selector: {{app: p}}, {PORTS}"),
        "service/web",
        "nobody on this cluster gives addresses",
        ("Service web: spec.type", "Service web: metadata.name"),
    ),
    Cause(
        "pending for its class",
        pod() + service(f"type: LoadBalancer, loadBalancerClass: example.com/none, selector: {{app: p}}, {PORTS}"),
        "service/web",
        "nobody answers to its class example.com/none",
        ("Service web: spec.type", "Service web: spec.loadBalancerClass"),
    ),
    Cause(
        "another name",
        service("type: ExternalName, externalName: example.com"),
        "service/web",
        "it is another name for example.com",
        ("Service web: spec.externalName",),
    ),
    Cause(
        "no line: labels",
        pod(labels="app: wbe") + service(f"selector: {{app: web}}, {PORTS}"),
        "service/web",
        "the Service wants app=web, and the Pod has not got that",
        ("Service web: spec.selector.app", "Pod p: metadata.labels.app"),
        other="pod/p",
    ),
    Cause(
        "a line",
        pod() + service(f"selector: {{app: p}}, {PORTS}"),
        "pod/p",
        "the labels match, and the Pod is ready",
        (
            SELECTOR,
            "Pod p: metadata.labels",
            "EndpointSlice web-*: endpoints[0].conditions.ready",
            "Pod p: status.conditions[*].status",
        ),
        other="service/web",
    ),
    Cause(
        "no ConfigMap of the name",
        config("settings", "a: b"),
        "configmap/setings",
        "nearest is settings",
        ("ConfigMap settings: metadata.name",),
    ),
)

ROLLOUTS = (
    Cause(
        "stalled",
        workload("Deployment", "progressDeadlineSeconds: 2", image="registry.invalid/none:1"),
        "deploy/web",
        "*registry*registry.invalid/none:1*",
        (
            STALLED,
            NEWEST,
            OWN,
            "Pod *: status.containerStatuses[0].state.waiting.reason",
            "Pod *: spec.containers[0].image",
            "Event Failed: message",
        ),
    ),
    Cause(
        "quota",
        quota("pods: '1'") + workload("Deployment", "replicas: 2"),
        "deploy/web",
        "ResourceQuota small is used up: pods",
        (STALLED, NEWEST, "Event FailedCreate: message", "ResourceQuota small: spec.hard.pods"),
    ),
    Cause(
        "quota wants to know",
        quota("requests.cpu: '1'") + workload("Deployment"),
        "deploy/web",
        "ResourceQuota small wants each Pod to say its requests.cpu for: c",
        (STALLED, NEWEST, "Event FailedCreate: message", "ResourceQuota small: spec.hard"),
    ),
    Cause(
        "limit range",
        """
apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec: {limits: [{type: Container, max: {cpu: 100m}}]}
---
"""
        + workload("Deployment", container=", resources: {requests: {cpu: 200m}, limits: {cpu: 200m}}"),
        "deploy/web",
        "its Pods break the maximum of cpu in this namespace (100m)",
        (STALLED, NEWEST, "Event FailedCreate: message", "LimitRange limits: spec.limits[0].max.cpu"),
    ),
    Cause(
        "pod security",
        "",
        "deploy/web",
        "its Pods are less safe than the namespace demands (restricted)",
        (
            STALLED,
            NEWEST,
            "Event FailedCreate: message",
            "Namespace NS: metadata.labels[pod-security.kubernetes.io/enforce]",
            "ReplicaSet *: spec.template.spec.containers",
        ),
        act=enforce,
    ),
    Cause(
        "no account",
        workload("Deployment", spec="serviceAccountName: defalt"),
        "deploy/web",
        "there is no ServiceAccount defalt",
        (STALLED, NEWEST, "Event FailedCreate: message", "ReplicaSet *: spec.template.spec.serviceAccountName"),
    ),
    Cause(
        "paused",
        workload("Deployment", "paused: true"),
        "deploy/web",
        "its rollout is paused",
        ("Deployment web: spec.paused",),
    ),
    Cause(
        "waits for the one before",
        workload("StatefulSet", "replicas: 2\n  serviceName: web", container=BROKEN, image=PODINFO),
        "sts/web",
        "it waits for Pod web-0: its readiness probe fails",
        (
            "StatefulSet web: status.replicas",
            "Pod web-0: metadata.ownerReferences[0].name",
            "Pod web-0: status.conditions[*].status",
            "Pod web-0: status.containerStatuses[0].ready",
            "Event Unhealthy: message",
            "Pod web-0: spec.containers[0].readinessProbe.httpGet.path",
        ),
    ),
    Cause(
        "on no node",
        workload("DaemonSet", spec="nodeSelector: {disk: ssd}"),
        "ds/web",
        "none of the nodes is meant by it",
        ("DaemonSet web: status.desiredNumberScheduled", *(3 * ("DaemonSet web: spec.template.spec.nodeSelector",))),
    ),
    Cause(
        "no target",
        workload("Deployment", "replicas: 1") + scaler("wbe"),
        "hpa/web",
        "there is no Deployment wbe; there is web",
        (
            "HorizontalPodAutoscaler web: status.conditions[*].message",
            "HorizontalPodAutoscaler web: spec.scaleTargetRef.name",
        ),
    ),
    Cause(
        "all there",
        workload("Deployment", "replicas: 2"),
        "deploy/web",
        "2 of 2 Pods are ready",
        ("Deployment web: spec.replicas", "Deployment web: status.readyReplicas"),
    ),
)

CLAIM = "PersistentVolumeClaim data: status.phase"

OTHERS = (
    Cause(
        "no class",
        claim(", storageClassName: no-such"),
        "pvc/data",
        "there is no StorageClass no-such",
        (CLAIM, "Event ProvisioningFailed: message", "PersistentVolumeClaim data: spec.storageClassName"),
    ),
    Cause(
        "no class named",
        claim(", storageClassName: ''"),
        "pvc/data",
        "it names no StorageClass, and no volume without one fits it",
        (CLAIM, "Event FailedBinding: message", "PersistentVolumeClaim data: spec*"),
    ),
    Cause(
        "waits for its first pod",
        claim(),
        "pvc/data",
        "no Pod mounts it yet",
        (CLAIM, "Event WaitForFirstConsumer: message", "StorageClass standard: volumeBindingMode"),
    ),
    Cause(
        "no such volume",
        claim(", storageClassName: '', volumeName: no-such"),
        "pvc/data",
        "there is no volume no-such",
        (CLAIM, "PersistentVolumeClaim data: spec.volumeName"),
    ),
    Cause(
        "failed job",
        job("backoffLimit: 0"),
        "job/work",
        "its Pods failed too often: container c ended with exit code 1",
        ("Job work: status.conditions[*].reason", "Job work: spec.backoffLimit", OWN, ENDED),
    ),
    Cause(
        "late job",
        job("activeDeadlineSeconds: 2", "sleep 100"),
        "job/work",
        "it took longer than it was given*",
        ("Job work: status.conditions[*].reason", "Job work: spec.activeDeadlineSeconds"),
    ),
    Cause("suspended job", job("suspend: true"), "job/work", "it is suspended", ("Job work: spec.suspend",)),
    Cause(
        "suspended cronjob",
        job("suspend: true, schedule: '* * * * *'", kind="CronJob"),
        "cronjob/work",
        "it is suspended",
        ("CronJob work: spec.suspend",),
    ),
    Cause(
        "last job failed",
        job("schedule: '* * * * *'", "exit 2", kind="CronJob").replace(
            "jobTemplate: {spec: {", "jobTemplate: {spec: {backoffLimit: 0, "
        ),
        "cronjob/work",
        "its last Job does not work: its Pods failed too often: container c ended with exit code 2",
        (
            "Job work-*: metadata.ownerReferences[0].name",
            "Job work-*: status.conditions[*].reason",
            "Job work-*: spec.backoffLimit",
            OWN,
            ENDED,
        ),
        here_only=True,
    ),
    Cause(
        "finalizer",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/hold]}\n",
        "configmap/held",
        "a finalizer holds it: example.com/hold",
        ("ConfigMap held: metadata.deletionTimestamp", "ConfigMap held: metadata.finalizers[0]"),
        act=delete_config,
    ),
    Cause(
        "time to end",
        run("trap true TERM; while true; do sleep 1; done"),
        "pod/p",
        "its containers are given time to end",
        ("Pod p: metadata.deletionTimestamp", "Pod p: metadata.deletionGracePeriodSeconds"),
        act=delete_pod,
    ),
    Cause(
        "claim in use",
        claim() + pod(spec="volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]"),
        "pvc/data",
        "a Pod still uses it",
        (
            "PersistentVolumeClaim data: metadata.deletionTimestamp",
            "PersistentVolumeClaim data: metadata.finalizers[0]",
            "Pod p: spec.volumes[0].persistentVolumeClaim.claimName",
        ),
        act=delete_claim,
    ),
)
