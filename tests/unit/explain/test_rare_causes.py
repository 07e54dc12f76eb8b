"""Causes that need a broken node, another cluster's parts, or luck: told from objects as a real cluster writes them."""

from __future__ import annotations

import pytest
import yaml

from k8s_tutor.explain import explain
from k8s_tutor.observe.snapshot import Snapshot


def objects(text: str) -> Snapshot:
    return Snapshot([document for document in yaml.safe_load_all(text) if document])


POD = """
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: default, uid: p%s}
spec: {nodeName: n, containers: [{name: c, image: i}]%s}
status: {phase: %s%s}
---
"""
NODE = """
apiVersion: v1
kind: Node
metadata: {name: n, uid: n, labels: {kubernetes.io/hostname: n}}
spec: {%s}
status: {conditions: [{type: Ready, status: '%s', reason: R, message: Gone.}%s]}
---
"""
RARE = {
    "node not heard from": (
        NODE % ("", "Unknown", ""),
        "node/n",
        "nothing has been heard from it for a while",
        "Node n: status.conditions[0].message",
    ),
    "node not ready": (
        NODE % ("", "False", ""),
        "node/n",
        "its kubelet says that it is not ready",
        "Node n: status.conditions[0].message",
    ),
    "pressure": (
        NODE % ("", "True", ", {type: DiskPressure, status: 'True', message: kubelet has disk pressure}"), "node/n",
        "it is under pressure (DiskPressure)", "Node n: status.conditions[1].message",
    ),
    "cordoned": (NODE % ("unschedulable: true", "True", ""), "node/n", "it is cordoned", "Node n: spec.unschedulable"),
    "pod on a lost node": (
        NODE % ("", "Unknown", "") + POD % ("", "", "Running", ""), "pod/p", "its node n does not answer",
        "Node n: status.conditions[0].message",
    ),
    "deleted on a lost node": (
        NODE % ("", "Unknown", "") + POD % (", deletionTimestamp: '2026-01-01T00:00:00Z'", "", "Running", ""), "pod/p",
        "its node n does not answer", "Node n: status.conditions[0].status",
    ),
    "evicted": (
        POD % ("", "", "Failed", ", reason: Evicted, message: 'The node was low on resource: memory.'"), "pod/p",
        "its node had too little left, and threw it out", "Pod p: status.message",
    ),
    "namespace": (
        """
apiVersion: v1
kind: Namespace
metadata: {name: old, uid: o, deletionTimestamp: '2026-01-01T00:00:00Z'}
status: {conditions: [{type: NamespaceFinalizersRemaining, status: 'True', message: 'in 1 resource instances'}]}
""",
        "ns/old", "something in it does not go", "Namespace old: status.conditions[0].message",
    ),
    "scaler without requests": (
        """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, uid: d}
spec: {template: {spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default, uid: h}
spec: {scaleTargetRef: {kind: Deployment, name: web}}
status:
  conditions:
  - {type: ScalingActive, status: 'False', reason: FailedGetResourceMetric, message: missing request for cpu}
""",
        "hpa/web", "its Pods do not say how much they ask for, so a share of that means nothing",
        "Deployment web: spec.template.spec.containers[0]",
    ),
    "scaler at its bound": (
        """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default, uid: h}
spec: {maxReplicas: 3}
status: {conditions: [{type: ScalingLimited, status: 'True', reason: TooManyReplicas}]}
""",
        "hpa/web", "it has come to its upper bound", "HorizontalPodAutoscaler web: spec.maxReplicas",
    ),
    "volume too small": (
        """
apiVersion: v1
kind: PersistentVolume
metadata: {name: v, uid: v}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /v}}
status: {phase: Available}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: default, uid: c}
spec: {accessModes: [ReadWriteOnce], storageClassName: '', resources: {requests: {storage: 2Gi}}}
status: {phase: Pending}
""",
        "pvc/data", "it names no StorageClass, and no volume without one fits it",
        "PersistentVolume v: spec.capacity.storage",
    ),
    "lost volume": (
        """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: default, uid: c}
spec: {volumeName: v}
status: {phase: Lost}
""",
        "pvc/data", "its volume is gone", "PersistentVolumeClaim data: spec.volumeName",
    ),
    "missed cronjob": (
        """
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick, namespace: default, uid: c}
spec: {schedule: '* * * * *', concurrencyPolicy: Forbid}
---
apiVersion: v1
kind: Event
metadata: {name: e, namespace: default, uid: e}
involvedObject: {uid: c}
reason: JobAlreadyActive
message: Not starting job because prior execution is running and concurrency policy is Forbid
""",
        "cronjob/tick", "the Job before has not ended", "CronJob tick: spec.concurrencyPolicy",
    ),
    "ingress to nobody": (
        """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default, uid: s}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: default, uid: i}
spec: {defaultBackend: {service: {name: wbe, port: {number: 80}}}}
""",
        "ingress/web", "there is no Service wbe", "Ingress web: spec.defaultBackend.service.name",
    ),
    "another namespace": (
        """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default, uid: s}
spec: {selector: {app: web}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, uid: p, labels: {app: web}}
""",
        "service/web", "no Pod in its namespace has the labels app=web", "Pod web: metadata.namespace",
    ),
    "only there in another namespace": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, uid: p}\n", "pod/web",
        "namespace default has none of this name", "Pod web: metadata.namespace",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RARE)
def test_the_cause_and_the_field_that_decides(name: str) -> None:
    text, ref, cause, field = RARE[name]
    found = explain(objects(text), ref)
    assert str(found.cause) == cause
    assert f"{found.steps[-1].ref}: {found.steps[-1].field}" == field


def test_a_pod_that_comes_back_names_who_makes_it_anew() -> None:
    owned = ", ownerReferences: [{kind: ReplicaSet, name: web, uid: r, controller: true, apiVersion: apps/v1}]"
    found = explain(objects(POD % (owned, "", "Running", ", conditions: [{type: Ready, status: 'True'}]")), "pod/p")
    assert str(found.steps[-1].sentence) == "It belongs to this ReplicaSet, which makes another when it goes."


def test_commands_name_the_namespace_that_the_person_is_not_in() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, uid: p}\nstatus: {phase: Running}\n"
    assert explain(objects(pod), "pod/shop/web").next_command == "kubectl logs web -n shop"
