"""Pods and their claims: where pods go, which volumes are made for them, what they wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.behaviour.storage import Shelf, bound, claim, noted, placed, pod

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment


def failure(env: Environment, name: str) -> str:
    """What the scheduler says about a pod that finds no node."""
    return str(env.wait_event("pod", name, "FailedScheduling")["message"])


TAINTED = "1 node(s) had untolerated taint(s)"


NOT_HELPFUL = "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def test_a_volume_is_made_where_the_first_pod_goes(env: Environment) -> None:
    env.apply(claim("data", "standard"))
    env.wait_event("pvc", "data", "WaitForFirstConsumer")
    env.apply(pod("keeper", "data"))
    data = env.wait("pvc", "data", bound)
    node = env.wait("pod", "keeper", placed)["spec"]["nodeName"]
    name = f"pvc-{data['metadata']['uid']}"
    assert data["spec"]["volumeName"] == name
    assert noted(data) == {
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
        "volume.beta.kubernetes.io/storage-provisioner": "rancher.io/local-path",
        "volume.kubernetes.io/selected-node": node,
        "volume.kubernetes.io/storage-provisioner": "rancher.io/local-path",
    }
    volume = env.client.get("pv", name)
    there = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}
    path = f"/var/local-path-provisioner/{name}_{env.namespace}_data"
    spec = {key: value for key, value in volume["spec"].items() if key != "claimRef"}
    assert spec == {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": path, "type": "DirectoryOrCreate"},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [there]}},
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": "standard",
        "volumeMode": "Filesystem",
    }
    assert noted(volume) == {
        "local.path.provisioner/selected-node": node,
        "pv.kubernetes.io/provisioned-by": "rancher.io/local-path",
    }
    words = {event["reason"]: event["message"] for event in env.events("pvc", "data")}
    assert words["Provisioning"] == f'External provisioner is provisioning volume for claim "{env.namespace}/data"'
    assert words["ProvisioningSucceeded"] == f"Successfully provisioned volume {name}"
    assert "ExternalProvisioning" in words


def test_a_volume_that_was_made_goes_with_its_claim(env: Environment) -> None:
    env.apply(claim("data", "standard") + "---" + pod("keeper", "data"))
    name = env.wait("pvc", "data", bound)["spec"]["volumeName"]
    env.wait("pod", "keeper", placed)
    env.delete("pvc", "data")
    assert env.get("pvc", "data")["metadata"]["deletionTimestamp"]  # A claim in use stays.
    env.delete("pod", "keeper")
    env.wait_gone("pvc", "data")
    env.wait_gone("pv", name)


@pytest.mark.parametrize(
    ("modes", "more", "why"),
    [
        (
            "ReadWriteMany",
            "",
            "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes",
        ),
        (
            "ReadWriteOnce",
            ", selector: {matchLabels: {a: b}}",
            "claim.Spec.Selector is not supported",
        ),
    ],
    ids=["modes", "selector"],
)
def test_not_everything_can_be_made(env: Environment, modes: str, more: str, why: str) -> None:
    env.apply(claim("data", "standard", modes=modes, more=more) + "---" + pod("keeper", "data"))
    words = f'failed to provision volume with StorageClass "standard": {why}'
    assert env.wait_event("pvc", "data", "ProvisioningFailed")["message"] == words
    assert not placed(env.get("pod", "keeper"))
    env.delete("pod", "keeper")


def test_without_waiting_for_a_pod_there_is_no_node_to_make_it_on(env: Environment, shelf: Shelf) -> None:
    shelf.store_class(provisioner="rancher.io/local-path", volumeBindingMode="Immediate")
    env.apply(claim("data", shelf.class_))
    why = f'failed to provision volume with StorageClass "{shelf.class_}": configuration error, no node was specified'
    assert env.wait_event("pvc", "data", "ProvisioningFailed")["message"] == why


@pytest.mark.parametrize("class_", ["''", "missing"])
def test_a_pod_waits_for_claims_that_wait_for_nothing(env: Environment, class_: str) -> None:
    env.apply(claim("data", class_) + "---" + pod("keeper", "data"))
    words = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    assert failure(env, "keeper") == words


def test_a_pod_cannot_have_what_is_lost(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("fragile")
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", bound)
    env.client.delete("pv", name)
    env.client.patch("pv", name, {"metadata": {"finalizers": None}})
    env.wait("pvc", "data", lambda obj: obj["status"]["phase"] == "Lost")
    env.apply(pod("keeper", "data"))
    words = f'persistentvolumeclaim "data" bound to non-existent persistentvolume "{name}"'
    assert failure(env, "keeper") == f"0/3 nodes are available: {words}. not found"


def test_a_pod_brings_claim_and_volume_together(env: Environment, shelf: Shelf) -> None:
    shelf.store_class(provisioner="kubernetes.io/no-provisioner", volumeBindingMode="WaitForFirstConsumer")
    env.apply(claim("data", shelf.class_) + "---" + pod("keeper", "data"))
    words = f"{TAINTED}, 2 node(s) didn't find available persistent volumes to bind. {NOT_HELPFUL}"
    assert failure(env, "keeper") == f"0/3 nodes are available: {words}"
    name = shelf.put("late")
    env.wait("pod", "keeper", placed)
    assert env.get("pvc", "data")["spec"]["volumeName"] == name
    assert "volume.kubernetes.io/selected-node" not in noted(env.get("pvc", "data"))


def test_pods_go_where_the_volume_is(env: Environment, shelf: Shelf) -> None:
    env.apply(claim("data", "standard") + "---" + pod("first", "data"))
    here = env.wait("pod", "first", placed)["spec"]["nodeName"]
    env.apply(pod("second", "data"))
    assert env.wait("pod", "second", placed)["spec"]["nodeName"] == here
    rule = f"matchExpressions: [{{key: kubernetes.io/hostname, operator: NotIn, values: [{here}]}}]"
    required = f"requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{{rule}}}]}}"
    env.apply(pod("elsewhere", "data", more=f"affinity: {{nodeAffinity: {{{required}}}}}"))
    assert failure(env, "elsewhere") == (
        "0/3 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't match "
        f"Pod's node affinity/selector, {TAINTED}. {NOT_HELPFUL}"
    )


def test_a_claim_may_be_for_one_pod_alone(env: Environment, shelf: Shelf) -> None:
    shelf.put("single", modes="ReadWriteOncePod")
    env.apply(claim("data", shelf.class_, modes="ReadWriteOncePod"))
    env.wait("pvc", "data", bound)
    env.apply(pod("first", "data"))
    env.wait("pod", "first", placed)
    env.apply(pod("second", "data"))
    assert failure(env, "second") == (
        f"0/3 nodes are available: {TAINTED}, 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod "
        "access mode already in-use by another pod. preemption: 0/3 nodes are available: 1 Preemption is not helpful "
        "for scheduling, 2 No preemption victims found for incoming pod."
    )
    env.delete("pod", "first")
    env.wait("pod", "second", placed)


def test_a_claim_that_goes_while_its_volume_is_made_fails_the_pod(env: Environment) -> None:
    more = ", selector: {matchLabels: {a: b}}"  # so that it is never made
    env.apply(claim("data", "standard", more=more) + "---" + pod("keeper", "data"))
    env.wait_event("pvc", "data", "ProvisioningFailed")
    env.delete("pvc", "data")
    failure(env, "keeper")  # this one, or already the next, which does not find the claim
    rows = [row for obj in env.states("pod", "keeper") for row in obj["status"].get("conditions", ())]
    said = {(row.get("reason"), row.get("message")) for row in rows if row["type"] == "PodScheduled"}
    words = 'running PreBind plugin "VolumeBinding": binding volumes: failed to check provisioning pvc: '
    assert ("SchedulerError", f'{words}persistentvolumeclaims "{env.namespace}/data" not found') in said


def test_a_pod_can_describe_its_claim_itself(env: Environment) -> None:
    template = (
        "{metadata: {labels: {a: b}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}"
    )
    text = pod("eph", "x").replace(
        "persistentVolumeClaim: {claimName: x}", f"ephemeral: {{volumeClaimTemplate: {template}}}"
    )
    env.apply(text)
    env.wait("pod", "eph", placed)
    made = env.get("pvc", "eph-v")
    assert made["metadata"]["labels"] == {"a": "b"}
    assert made["metadata"]["ownerReferences"][0]["name"] == "eph"
    env.delete("pod", "eph")
    env.wait_gone("pvc", "eph-v")
