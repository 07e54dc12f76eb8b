"""What MetalLB consists of: its own manifest, bundled, checked, and labelled as ours; and its settings."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import yaml

from k8s_tutor.cluster.metallb.addresses import AddressRange
from k8s_tutor.cluster.readiness import MADE_BY
from k8s_tutor.errors import TutorError
from k8s_tutor.objects.types import Obj

__all__ = ["IMAGES", "NAMESPACE", "POOL_PATH", "SELECTOR", "objects", "settings"]

NAMESPACE = "metallb-system"
IMAGES = ("quay.io/metallb/controller:v0.13.5", "quay.io/metallb/speaker:v0.13.5")
SELECTOR = f"{MADE_BY}=k8s-tutor"
_GROUP = "metallb.io/v1beta1"
_NAME = "k8s-tutor"
POOL_PATH = f"/apis/{_GROUP}/namespaces/{NAMESPACE}/ipaddresspools/{_NAME}"

_FILE = "metallb-native.yaml"
_SHA256 = "b477af38dd34ab127fbec905ec1db4ff537bfd3c1490b1d6eed833486576808f"


def objects() -> list[Obj]:
    """The manifest's objects in its order, each with our label, asked for readiness as soon as they start.

    Raises:
        TutorError: the file is not the one we know.
    """
    content = (files(__package__) / _FILE).read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise TutorError(
            "MetalLB's manifest is not the one this package was made with",
            why=f"the checksum of {_FILE} differs: the installation is damaged or was changed",
            next_step="install the package again: `pip install --force-reinstall k8s-tutor`",
        )
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML brings it
    return [_impatient(_labelled(document)) for document in yaml.load_all(content, loader) if document]


def settings(addresses: AddressRange) -> list[Obj]:
    """The pool that addresses come from, and that every worker may answer for them (ARP)."""
    meta = {"namespace": NAMESPACE, "name": _NAME}
    pool = {"addresses": [str(addresses)]}
    advertised = {"ipAddressPools": [_NAME]}
    return [
        _labelled({"apiVersion": _GROUP, "kind": "IPAddressPool", "metadata": meta, "spec": pool}),
        _labelled({"apiVersion": _GROUP, "kind": "L2Advertisement", "metadata": meta, "spec": advertised}),
    ]


def _labelled(obj: Obj) -> Obj:
    meta = obj["metadata"]
    labels = {**(meta.get("labels") or {}), MADE_BY: "k8s-tutor"}
    return {**obj, "metadata": {**meta, "labels": labels}}


def _impatient(obj: Obj) -> Obj:
    """Whether a workload is ready is asked each second from the start: the manifest waits ten, and learners with it."""
    if obj["kind"] not in ("Deployment", "DaemonSet"):
        return obj
    template = obj["spec"]["template"]
    containers = [
        {**container, "readinessProbe": {**container["readinessProbe"], "initialDelaySeconds": 0, "periodSeconds": 1}}
        for container in template["spec"]["containers"]
    ]
    pod = {**template, "spec": {**template["spec"], "containers": containers}}
    return {**obj, "spec": {**obj["spec"], "template": pod}}
