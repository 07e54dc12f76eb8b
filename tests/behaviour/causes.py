"""Every cause that `explain` knows, as something to apply to a cluster and what is to be said of it.

`NS` stands for the test's namespace; in answers `*` stands for what differs from run to run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.behaviour.manifests import BOX, claim, config, pod, required

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment


@dataclass(frozen=True)
class Cause:
    """One row.

    Attributes:
        name: Of the row.
        manifest: What to apply.
        ref: What to ask about.
        cause: What is to be said.
        fields: The chain: object and field of each step.
        other: A second object to ask about.
        act: What to do after applying.
        here_only: Changes nodes, or needs time that only a simulated clock has: not for a cluster that others use.
    """

    name: str
    manifest: str
    ref: str
    cause: str
    fields: tuple[str, ...]
    other: str = ""
    act: Callable[[Environment], None] | None = field(default=None, repr=False)
    here_only: bool = False


def cordon(env: Environment) -> None:
    for node in env.client.list("nodes"):
        env.client.patch("nodes", node["metadata"]["name"], {"spec": {"unschedulable": True}})
    env.apply(pod())


MOUNT = "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]"
PLACED = "Pod p: status.conditions[*].message"
WAITS = "Pod p: status.containerStatuses[0].state.waiting.reason"
SAYS = "Pod p: status.containerStatuses[0].state.waiting.message"
TAINTED = ("Node *: spec.taints[0].key",)
READY = ", readinessProbe: {httpGet: {path: /readyz, port: 9898}, periodSeconds: 1}"
BROKEN = ", readinessProbe: {httpGet: {path: /status/503, port: 9898}, periodSeconds: 1, failureThreshold: 1}"
SELECTOR = "Service web: spec.selector"

SCHEDULING = (
    Cause(
        "insufficient cpu",
        pod(", resources: {requests: {cpu: '1000'}}"),
        "pod/p",
        "2 nodes have not enough cpu left for what it asks for; 1 node has the taint *, which it does not tolerate",
        (
            PLACED,
            "Pod p: spec.containers[0].resources.requests.cpu",
            "Node *: status.allocatable.cpu",
            "Node *: status.allocatable.cpu",
            *TAINTED,
        ),
    ),
    Cause(
        "no such resource",
        pod(", resources: {limits: {nvidia.com/gpu: 1}}"),
        "pod/p",
        "2 nodes have not enough nvidia.com/gpu left for what it asks for; *",
        (
            PLACED,
            "Pod p: spec.containers[0].resources.requests[nvidia.com/gpu]",
            "Node *: status.allocatable",
            "Node *: status.allocatable",
            *TAINTED,
        ),
    ),
    Cause(
        "node selector",
        pod(spec="nodeSelector: {disk: ssd}"),
        "pod/p",
        "2 nodes lack the labels that it asks for; *",
        (
            PLACED,
            "Pod p: spec.nodeSelector.disk",
            "Node *: metadata.labels",
            "Node *: metadata.labels",
            "Node *: metadata.labels",
            *TAINTED,
        ),
    ),
    Cause(
        "node affinity",
        pod(
            spec="affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}"
        ),
        "pod/p",
        "2 nodes lack the labels that it asks for; *",
        (
            PLACED,
            "Pod p: spec.affinity.nodeAffinity.*.nodeSelectorTerms[0].matchExpressions[0].key",
            "Node *: metadata.labels",
            "Node *: metadata.labels",
            "Node *: metadata.labels",
            *TAINTED,
        ),
    ),
    Cause(
        "pod affinity",
        pod(spec=required("podAffinity", "nobody")),
        "pod/p",
        "2 nodes have no Pod that it wants to be together with; *",
        (
            PLACED,
            *(
                2
                * ("Pod p: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector",)
            ),
            *TAINTED,
        ),
    ),
    Cause(
        "anti-affinity",
        "".join(pod(spec=required("podAntiAffinity", "p"), name=name) for name in ("a", "b", "p")),
        "pod/p",
        "2 nodes have a Pod that it wants to be apart from; *",
        (
            PLACED,
            "Pod p: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector",
            "Pod a: spec.nodeName",
            "Pod b: spec.nodeName",
            *TAINTED,
        ),
    ),
    Cause(
        "kept away by others",
        "".join(pod(spec=f"{required('podAntiAffinity', 'p')}", name=name, labels="app: p") for name in ("a", "b"))
        + pod(),
        "pod/p",
        "2 nodes have a Pod that wants to be apart from it; *",
        (
            PLACED,
            *(
                f"Pod {name}: {path}"
                for name in "ab"
                for path in (
                    "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector",
                    "spec.nodeName",
                )
            ),
            *TAINTED,
        ),
    ),
    Cause(
        "host port",
        "".join(pod(", ports: [{containerPort: 80, hostPort: 30999}]", name=name) for name in "abp"),
        "pod/p",
        "2 nodes have no free host port for it; *",
        (PLACED, *(f"Pod {name}: spec.containers[0].ports[0].hostPort" for name in "pab"), *TAINTED),
    ),
    Cause(
        "spread",
        pod(
            spec="topologySpreadConstraints: [{maxSkew: 1, whenUnsatisfiable: DoNotSchedule, topologyKey: rack, "
            "labelSelector: {matchLabels: {app: p}}}]"
        ),
        "pod/p",
        "2 nodes lack the label by which it is to be spread; *",
        (
            PLACED,
            "Pod p: spec.topologySpreadConstraints[0].topologyKey",
            "Node *: metadata.labels",
            "Node *: metadata.labels",
            "Node *: metadata.labels",
            *TAINTED,
        ),
    ),
    Cause(
        "claim not there",
        claim(name="dada") + pod(spec=MOUNT),
        "pod/p",
        "the claim data that it mounts is not there",
        (PLACED, "Pod p: spec.volumes[0].persistentVolumeClaim.claimName"),
    ),
    Cause(
        "claim unbound",
        claim(", storageClassName: no-such") + pod(spec=MOUNT),
        "pod/p",
        "the claim data has no volume: there is no StorageClass no-such",
        (
            PLACED,
            "Pod p: spec.volumes[0].persistentVolumeClaim.claimName",
            "PersistentVolumeClaim data: status.phase",
            "Event ProvisioningFailed: message",
            "PersistentVolumeClaim data: spec.storageClassName",
        ),
    ),
    Cause(
        "cordoned",
        "",
        "pod/p",
        "3 nodes are cordoned",
        (PLACED, *(3 * ("Node *: spec.unschedulable",))),
        act=cordon,
        here_only=True,
    ),
    Cause(
        "scheduling gate",
        pod(spec="schedulingGates: [{name: example.com/wait}]"),
        "pod/p",
        "scheduling gates hold it back: example.com/wait",
        ("Pod p: spec.schedulingGates[0].name",),
    ),
    Cause(
        "no such scheduler",
        pod(spec="schedulerName: mine"),
        "pod/p",
        "no scheduler called mine has looked at it",
        ("Pod p: status.phase", "Pod p: spec.schedulerName"),
    ),
)

STARTING = (
    Cause(
        "image pull",
        pod(image="registry.invalid/none:1"),
        "pod/p",
        "*registry*registry.invalid/none:1*",
        (WAITS, "Pod p: spec.containers[0].image", "Event Failed: message"),
    ),
    Cause(
        "image name",
        pod(image="No Such"),
        "pod/p",
        "No Such is not how an image is written",
        (WAITS, "Pod p: spec.containers[0].image", "*message"),
    ),
    Cause(
        "image never pulled",
        pod(", imagePullPolicy: Never", image="nginx:0.0.1"),
        "pod/p",
        "the node does not have the image nginx:0.0.1, and it may not be pulled",
        (WAITS, "Pod p: spec.containers[0].image", "*message", "Pod p: spec.containers[0].imagePullPolicy"),
    ),
    Cause(
        "no configmap",
        config("settings", "a: b") + pod(", envFrom: [{configMapRef: {name: setings}}]"),
        "pod/p",
        "there is no ConfigMap setings",
        (WAITS, SAYS, "Pod p: spec.containers[0].envFrom[0].configMapRef.name", "ConfigMap settings: metadata.name"),
    ),
    Cause(
        "no key",
        config("settings", "colour: red")
        + pod(", env: [{name: C, valueFrom: {configMapKeyRef: {name: settings, key: color}}}]"),
        "pod/p",
        "ConfigMap settings has no key color",
        (
            WAITS,
            SAYS,
            "Pod p: spec.containers[0].env[0].valueFrom.configMapKeyRef.key",
            "ConfigMap settings: data.colour",
        ),
    ),
    Cause(
        "no secret",
        pod(", env: [{name: C, valueFrom: {secretKeyRef: {name: key, key: a}}}]"),
        "pod/p",
        "there is no Secret key",
        (WAITS, SAYS, "Pod p: spec.containers[0].env[0].valueFrom.secretKeyRef.name"),
    ),
    Cause(
        "no configmap to mount",
        pod(", volumeMounts: [{name: v, mountPath: /v}]", "volumes: [{name: v, configMap: {name: nothing}}]"),
        "pod/p",
        "there is no ConfigMap nothing",
        (WAITS, "Event FailedMount: message", "Pod p: spec.volumes[0].configMap.name"),
    ),
    Cause(
        "no program",
        pod(", command: [no-such-program]", image=BOX),
        "pod/p",
        "the image of container c has no program no-such-program",
        (
            "Pod p: status.containerStatuses[0].*.reason",
            "Pod p: status.containerStatuses[0].*.message",
            "Pod p: spec.containers[0].command",
        ),
    ),
    Cause(
        "init container",
        pod(spec=f"initContainers: [{{name: first, image: '{BOX}', command: [sleep, '1000']}}]"),
        "pod/p",
        "its init container first has not ended yet",
        (
            WAITS,
            "Pod p: status.initContainerStatuses[0].state.running.startedAt",
            "Pod p: spec.initContainers[0].command",
        ),
    ),
)
