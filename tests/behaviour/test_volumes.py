"""Claims and volumes: who gets which, what a claim waits for, what becomes of a volume whose claim is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.behaviour.storage import Shelf, bound, claim, noted, phases

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


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


def test_protection_comes_back(env: Environment, shelf: Shelf) -> None:
    name = shelf.put("bare")
    env.client.patch("pv", name, {"metadata": {"finalizers": None}})
    env.wait("pv", name, lambda obj: obj["metadata"].get("finalizers") == ["kubernetes.io/pv-protection"])
    env.apply(claim("data", "''"))
    env.client.patch("pvc", "data", {"metadata": {"finalizers": None}}, env.namespace)
    env.wait("pvc", "data", lambda obj: obj["metadata"].get("finalizers") == ["kubernetes.io/pvc-protection"])
