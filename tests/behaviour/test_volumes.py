"""Claims and volumes: who gets which, what a claim waits for, what becomes of a volume whose claim is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.status import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def claim(name: str, class_: str, size: str = "1Gi", modes: str = "ReadWriteOnce", more: str = "") -> str:
    return f"""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}}}
spec: {{accessModes: [{modes}], storageClassName: {class_}, resources: {{requests: {{storage: {size}}}}}{more}}}
"""


def pod(name: str, claim: str, command: str = "sleep 1000", more: str = "") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{{name: c, image: "busybox:1.35", command: [sh, -c, "{command}"],
                volumeMounts: [{{name: v, mountPath: /data}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: {claim}}}}}]
  {more}
"""


class Shelf:
    """Volumes of a class of this test's own, named after its namespace; cluster-wide, and removed afterwards."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.class_ = env.namespace
        self._made: list[tuple[str, str]] = []

    def put(self, name: str, size: str = "1Gi", modes: str = "ReadWriteOnce", **spec: object) -> str:
        full = f"{self.env.namespace}-{name}"
        source = {} if {"nfs", "local"} & set(spec) else {"hostPath": {"path": f"/tmp/{full}"}}
        wanted = {"capacity": {"storage": size}, "accessModes": modes.split(), "storageClassName": self.class_}
        meta = {"name": full, "labels": {"shelf": name}}
        self.make({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta, "spec": wanted | source | spec})
        return full

    def make(self, obj: Obj) -> None:
        self.env.client.create(obj)
        self._made.append((obj["kind"], obj["metadata"]["name"]))

    def store_class(self, **fields: object) -> None:
        meta = {"name": self.class_}
        self.make({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": meta, **fields})

    def clear(self) -> None:
        for kind, name in self._made:
            with suppress(StatusError):  # What nobody needs any more has gone by itself.
                self.env.client.delete(kind, name)
                self.env.client.patch(kind, name, {"metadata": {"finalizers": None}})


@pytest.fixture
def shelf(env: Environment) -> Iterator[Shelf]:
    shelf = Shelf(env)
    yield shelf
    shelf.clear()


def bound(obj: Obj) -> bool:
    return obj["status"].get("phase") == "Bound"


def phases(env: Environment, volume: str, phase: str) -> Obj:
    return env.wait("persistentvolumes", volume, lambda obj: obj["status"]["phase"] == phase)


def noted(obj: Obj) -> dict[str, str]:
    notes = obj["metadata"].get("annotations", {})
    return {key: value for key, value in notes.items() if "last-applied" not in key}


def used(obj: Obj) -> tuple[str, str]:
    (row,) = [row for row in obj["status"].get("conditions", ()) if row["type"] == "Unused"] or [{}]
    return row.get("status", ""), row.get("reason", "")


def test_the_smallest_volume_with_the_fewest_modes_is_taken(env: Environment, shelf: Shelf) -> None:
    shelf.put("big", "5Gi")
    shelf.put("many", "1Gi", "ReadWriteOnce ReadWriteMany")
    small = shelf.put("small", "2Gi")
    for name in ("big", "many", "small"):
        phases(env, f"{env.namespace}-{name}", "Available")
    env.apply(claim("data", shelf.class_))
    data = env.wait("pvc", "data", bound)
    assert data["spec"]["volumeName"] == small
    assert data["status"]["capacity"] == {"storage": "2Gi"}
    assert data["status"]["accessModes"] == ["ReadWriteOnce"]
    assert noted(data) == {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
    volume = phases(env, small, "Bound")
    reference = volume["spec"]["claimRef"]
    assert (reference["namespace"], reference["name"]) == (env.namespace, "data")
    assert reference["uid"] == data["metadata"]["uid"]
    assert noted(volume) == {"pv.kubernetes.io/bound-by-controller": "yes"}


def test_a_claim_passes_through_these_states(env: Environment, shelf: Shelf) -> None:
    phases(env, shelf.put("a"), "Available")
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", lambda obj: used(obj) == ("True", "NoPodsUsingPVC"))
    seen = [
        ("volumeName" in obj["spec"], obj["status"]["phase"], "capacity" in obj["status"], used(obj)[1])
        for obj in env.states("pvc", "data")
    ]
    assert seen == [
        (False, "Pending", False, ""),
        (True, "Pending", False, ""),
        (True, "Bound", True, ""),
        (True, "Bound", True, "NoPodsUsingPVC"),
    ]


def test_a_claim_that_selects_gets_what_it_selects(env: Environment, shelf: Shelf) -> None:
    shelf.put("one")
    two = shelf.put("two")
    env.apply(claim("data", shelf.class_, more=", selector: {matchLabels: {shelf: two}}"))
    assert env.wait("pvc", "data", bound)["spec"]["volumeName"] == two


def test_a_claim_may_name_its_volume(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("named", "3Gi")
    env.apply(claim("data", shelf.class_, more=f", volumeName: {name}"))
    data = env.wait("pvc", "data", bound)
    assert noted(data) == {"pv.kubernetes.io/bind-completed": "yes"}


def test_a_volume_that_does_not_fit_is_refused(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("small", "1Gi")
    env.apply(claim("data", shelf.class_, "2Gi", more=f", volumeName: {name}"))
    event = env.wait_event("pvc", "data", "VolumeMismatch")
    assert event["message"] == f'Cannot bind to requested volume "{name}": requested PV is too small'


def test_a_volume_may_wait_for_its_claim(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("kept", claimRef={"namespace": env.namespace, "name": "data"})
    phases(env, name, "Available")
    env.apply(claim("other", shelf.class_))
    env.apply(claim("data", shelf.class_))
    assert env.wait("pvc", "data", bound)["spec"]["volumeName"] == name
    assert noted(phases(env, name, "Bound")) == {}
    assert env.get("pvc", "other")["status"] == {"phase": "Pending"}


def test_a_volume_that_another_has_is_not_given_away(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("only")
    env.apply(claim("first", shelf.class_, more=f", volumeName: {name}"))
    env.wait("pvc", "first", bound)
    env.apply(claim("second", shelf.class_, more=f", volumeName: {name}"))
    event = env.wait_event("pvc", "second", "FailedBinding")
    assert (event["type"], event["message"]) == ("Warning", f'volume "{name}" already bound to a different claim.')


@pytest.mark.parametrize(
    ("class_", "reason", "message"),
    [
        ("''", "FailedBinding", "no persistent volumes available for this claim and no storage class is set"),
        ("missing", "ProvisioningFailed", 'storageclass.storage.k8s.io "missing" not found'),
        ("standard", "WaitForFirstConsumer", "waiting for first consumer to be created before binding"),
    ],
)
def test_a_claim_without_a_volume_says_what_it_waits_for(
    env: Environment, class_: str, reason: str, message: str
) -> None:
    env.apply(claim("data", class_))
    event = env.wait_event("pvc", "data", reason)
    assert event["message"] == message
    assert event["source"]["component"] == "persistentvolume-controller"
    assert env.get("pvc", "data")["status"] == {"phase": "Pending"}


def test_who_provides_nothing_says_so(env: Environment, shelf: Shelf) -> None:
    shelf.store_class(provisioner="kubernetes.io/no-provisioner")
    env.apply(claim("data", shelf.class_))
    event = env.wait_event("pvc", "data", "ProvisioningFailed")
    assert event["message"] == "no volume plugin matched name: kubernetes.io/no-provisioner"


def test_another_provisioner_is_asked(env: Environment, shelf: Shelf) -> None:
    shelf.store_class(provisioner="example.com/disk")
    env.apply(claim("data", shelf.class_))
    event = env.wait_event("pvc", "data", "ExternalProvisioning")
    assert event["message"].startswith(
        "Waiting for a volume to be created either by the external provisioner 'example.com/disk' or manually by the"
    )
    assert noted(env.get("pvc", "data")) == {
        "volume.beta.kubernetes.io/storage-provisioner": "example.com/disk",
        "volume.kubernetes.io/storage-provisioner": "example.com/disk",
    }


def test_what_is_retained_is_released_and_given_again_by_hand(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("kept")
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", bound)
    env.delete("pvc", "data")
    phases(env, name, "Released")
    env.client.patch("pv", name, {"spec": {"claimRef": None}})
    phases(env, name, "Available")
    env.apply(claim("again", shelf.class_))
    assert env.wait("pvc", "again", bound)["spec"]["volumeName"] == name


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"hostPath": {"path": "/var/x"}}, "host_path deleter only supports /tmp/.+ but received provided /var/x"),
        (
            {"nfs": {"server": "files", "path": "/x"}},
            'error getting deleter volume plugin for volume "{}": no deletable volume plugin matched',
        ),
    ],
    ids=["path", "plugin"],
)
def test_what_cannot_be_deleted_fails(env: Environment, shelf: Shelf, source: Obj, message: str) -> None:
    name = shelf.put("stuck", persistentVolumeReclaimPolicy="Delete", **source)
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", bound)
    env.delete("pvc", "data")
    assert phases(env, name, "Failed")["status"]["message"] == message.format(name)


def test_what_is_in_the_directory_for_the_time_being_is_deleted(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("gone", persistentVolumeReclaimPolicy="Delete")
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", bound)
    env.delete("pvc", "data")
    env.wait_gone("pv", name)


def test_a_claim_can_lose_its_volume(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("fragile")
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", bound)
    env.client.delete("pv", name)
    assert env.get("pv", name)["metadata"]["deletionTimestamp"]  # A volume in use stays.
    env.client.patch("pv", name, {"metadata": {"finalizers": None}})
    lost = env.wait("pvc", "data", lambda obj: obj["status"]["phase"] == "Lost")
    assert "capacity" not in lost["status"]
    event = env.wait_event("pvc", "data", "ClaimLost")
    assert event["message"] == "Bound claim has lost its PersistentVolume. Data on the volume is lost!"


def test_what_was_not_made_to_grow_does_not(env: Environment, shelf: Shelf) -> None:
    shelf.put("fixed", "5Gi")
    env.apply(claim("data", shelf.class_))
    env.wait("pvc", "data", bound)
    words = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support"
    with pytest.raises(Exception, match=words):
        env.client.patch("pvc", "data", {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}, env.namespace)


def failure(env: Environment, name: str) -> str:
    """What the scheduler says about a pod that finds no node."""
    return str(env.wait_event("pod", name, "FailedScheduling")["message"])


def placed(obj: Obj) -> bool:
    return bool(obj["spec"].get("nodeName"))


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


def test_who_wrote_what_of_a_claim_and_its_volume_is_kept(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("a")
    env.apply(claim("data", shelf.class_))
    mine = {row.get("subresource", ""): row["fieldsV1"] for row in owned(env.wait("pvc", "data", bound))}
    assert mine[""]["f:spec"] == {"f:volumeName": {}}
    assert sorted(mine["status"]["f:status"])[:2] == ["f:accessModes", "f:capacity"]
    (row,) = [row for row in owned(phases(env, name, "Bound")) if "subresource" not in row]
    parts = (".", "f:apiVersion", "f:kind", "f:name", "f:namespace", "f:resourceVersion", "f:uid")
    assert row["fieldsV1"]["f:spec"] == {"f:claimRef": {part: {} for part in parts}}


def owned(obj: Obj) -> list[Obj]:
    """What the controllers wrote."""
    return [row for row in obj["metadata"]["managedFields"] if row["manager"] == "kube-controller-manager"]


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
    assert failure(env, "keeper") == (
        'running PreBind plugin "VolumeBinding": binding volumes: failed to check provisioning pvc: '
        f'persistentvolumeclaims "{env.namespace}/data" not found'
    )
    rows = [row for obj in env.states("pod", "keeper") for row in obj["status"].get("conditions", ())]
    assert "SchedulerError" in {row["reason"] for row in rows if row["type"] == "PodScheduled"}


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


def test_protection_comes_back(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("bare")
    env.client.patch("pv", name, {"metadata": {"finalizers": None}})
    env.wait("pv", name, lambda obj: obj["metadata"].get("finalizers") == ["kubernetes.io/pv-protection"])
    env.apply(claim("data", "''"))
    env.client.patch("pvc", "data", {"metadata": {"finalizers": None}}, env.namespace)
    env.wait("pvc", "data", lambda obj: obj["metadata"].get("finalizers") == ["kubernetes.io/pvc-protection"])


def read(env: Environment, pod: str) -> str:
    env.wait("pod", pod, lambda obj: obj["status"].get("phase") == "Succeeded")
    return env.client.logs(pod, env.namespace)


ONCE = "restartPolicy: Never"


def test_what_a_pod_wrote_others_find_then_and_later(env: Environment) -> None:
    env.apply(claim("data", "standard") + "---" + pod("writer", "data", "echo hello > /data/f; sleep 1000"))
    env.wait("pod", "writer", lambda obj: obj["status"].get("phase") == "Running")
    neighbour = pod("neighbour", "data", "cat /data/f; touch /data/x 2>&1; true", ONCE)
    env.apply(neighbour.replace("claimName: data", "claimName: data, readOnly: true"))
    assert read(env, "neighbour") == "hello\ntouch: /data/x: Read-only file system\n"
    env.delete("pod", "writer")
    env.wait_gone("pod", "writer")
    env.apply(pod("successor", "data", "cat /data/f", ONCE))
    assert read(env, "successor") == "hello\n"


def test_what_a_volume_of_the_same_directory_held_is_there_again(env: Environment, shelf: Shelf) -> None:
    rule = {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}
    nodes = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")
    on_one = {"key": "kubernetes.io/hostname", "operator": "In", "values": [nodes[0]["metadata"]["name"]]}
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [rule, on_one]}]}}
    path = {"path": f"/tmp/{env.namespace}"}
    for number in ("one", "two"):
        shelf.put(number, hostPath=path, nodeAffinity=affinity)
        env.apply(claim(number, shelf.class_, more=f", volumeName: {env.namespace}-{number}"))
        env.apply(pod(number, number, f"echo {number} >> /data/f; cat /data/f", ONCE))
        seen = read(env, number)
    assert seen == "one\ntwo\n"


def test_pods_meet_in_a_directory_of_their_node(env: Environment) -> None:
    node = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")[0]["metadata"]["name"]
    for name, path, command in (
        ("one", "", "mkdir -p /data/x; echo hello > /data/x/f"),
        ("two", "/x", "cat /data/f; rm /data/f"),
    ):
        text = pod(name, "none", command, f"{ONCE}\n  nodeName: {node}")
        source = f"hostPath: {{path: /tmp/{env.namespace}{path}}}"
        env.apply(text.replace("persistentVolumeClaim: {claimName: none}", source))
        seen = read(env, name)
    assert seen == "hello\n"


def said(env: Environment, message: str) -> None:
    """Waits for an event with these words; a real kubelet may first say that it has not heard of the claim yet."""
    env.wait("events", "", lambda event: event.get("message") == message)


def test_a_kubelet_says_that_a_claim_is_not_bound(env: Environment) -> None:
    node = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")[0]["metadata"]["name"]
    env.apply(claim("data", "standard") + "---" + pod("early", "data", more=f"nodeName: {node}"))
    said(
        env,
        "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process "
        f"volumes=[v]: error processing PVC {env.namespace}/data: PVC is not bound",
    )


def test_a_local_volume_needs_its_directory(env: Environment, shelf: Shelf) -> None:
    node = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")[0]["metadata"]["name"]
    rule = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [rule]}]}}
    name = shelf.put("disk", local={"path": "/mnt/nowhere"}, nodeAffinity=affinity)
    env.apply(claim("data", shelf.class_) + "---" + pod("keeper", "data"))
    said(env, f'MountVolume.NewMounter initialization failed for volume "{name}" : path "/mnt/nowhere" does not exist')
