"""Describing storage: PersistentVolumes, claims, StorageClasses, and where what a Pod mounts comes from."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.kubectl.describe.page import Page, access_modes, date, flag, goes, plain_labels, quantity_of, since
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import volumes
from k8s_tutor.objects.types import Obj

__all__ = [
    "describe_claim",
    "describe_csi_node",
    "describe_storage_class",
    "describe_volume",
    "write_source",
    "write_volumes",
]


# ---- Volumes in descriptions: where what a Pod mounts comes from


def write_volumes(page: Page, volumes: list[Obj], indent: str = "") -> None:
    """Writes a Pod's volumes."""
    page.row(0, f"{indent}Volumes:", *(() if volumes else ("<none>",)))
    for volume in volumes:
        page.row(1, f"{' ' if indent else ''}{volume['name']}:")
        write_source(page, volume)


def write_source(page: Page, volume: Obj) -> None:
    """Writes where a volume, or a PersistentVolume, comes from."""
    for key, write in _SOURCES.items():
        if volume.get(key) is not None:
            write(page, volume[key])
            return
    page.row(1, "<unknown>")


def _fields(kind: str, *names: tuple[str, str, object]) -> Callable[[Page, Obj], None]:
    """A source that is its type and some of its fields: title, key, what stands there when it is unset."""

    def write(page: Page, source: Obj) -> None:
        page.row(2, "Type:", kind)
        for title, key, default in names:
            value = source.get(key, default)
            page.row(2, f"{title}:", str(value).lower() if isinstance(value, bool) else value)

    return write


def _write_empty_dir(page: Page, source: Obj) -> None:
    limit = source.get("sizeLimit")
    page.row(2, "Type:", "EmptyDir (a temporary directory that shares a pod's lifetime)")
    page.row(2, "Medium:", source.get("medium", ""))
    page.row(2, "SizeLimit:", quantity_of(limit) if limit else "<unset>")


def _write_projected(page: Page, source: Obj) -> None:
    page.row(2, "Type:", "Projected (a volume that contains injected data from multiple sources)")
    for part in source.get("sources") or ():
        for key, title in (("secret", "SecretName"), ("configMap", "ConfigMapName")):
            if key in part:
                page.row(2, f"{title}:", part[key].get("name", ""))
                page.row(2, "Optional:", str(bool(part[key].get("optional"))).lower())
        if "downwardAPI" in part:
            page.row(2, "DownwardAPI:", "true")
        if "serviceAccountToken" in part:
            page.row(2, "TokenExpirationSeconds:", part["serviceAccountToken"].get("expirationSeconds", 0))


def _write_downward(page: Page, source: Obj) -> None:
    page.row(2, "Type:", "DownwardAPI (a volume populated by information about the pod)")
    page.row(2, "Items:")
    for item in source.get("items") or ():
        field = item.get("fieldRef", {}).get("fieldPath") or item.get("resourceFieldRef", {}).get("resource", "")
        page.row(3, f"{field} -> {item['path']}")


def _write_csi(page: Page, source: Obj) -> None:
    page.row(2, "Type:", "CSI (a Container Storage Interface (CSI) volume source)")
    page.row(2, "Driver:", source.get("driver", ""))
    page.row(2, "FSType:", source.get("fsType", ""))
    if "volumeHandle" in source:
        page.row(2, "VolumeHandle:", source["volumeHandle"])
    page.row(2, "ReadOnly:", str(bool(source.get("readOnly"))).lower())
    attributes = sorted((source.get("volumeAttributes") or {}).items())
    for index, (key, value) in enumerate(attributes):
        page.row(2, "    VolumeAttributes:" if index == 0 else "", f"    {key}={value}"[:143])
    if not attributes:
        page.row(2, "VolumeAttributes:", "<none>")


def _write_ephemeral(page: Page, source: Obj) -> None:
    page.row(
        2, "Type:", "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)"
    )
    template = source.get("volumeClaimTemplate")
    if template is None:
        return
    meta, spec = template.get("metadata") or {}, template["spec"]
    page.row(2, "StorageClass:", spec.get("storageClassName", ""))
    page.row(2, "Volume:", spec.get("volumeName", ""))
    page.labels("    Labels", meta.get("labels"))
    page.annotations("    Annotations", meta.get("annotations"))
    page.row(2, "Capacity:", "")
    page.row(2, "Access Modes:", "")
    if spec.get("volumeMode"):
        page.row(2, "VolumeMode:", spec["volumeMode"])


_SOURCES: dict[str, Callable[[Page, Obj], None]] = {
    "hostPath": _fields(
        "HostPath (bare host directory volume)", ("Path", "path", ""), ("HostPathType", "type", "<none>")
    ),
    "emptyDir": _write_empty_dir,
    "secret": _fields(
        "Secret (a volume populated by a Secret)", ("SecretName", "secretName", ""), ("Optional", "optional", False)
    ),
    "configMap": _fields(
        "ConfigMap (a volume populated by a ConfigMap)", ("Name", "name", ""), ("Optional", "optional", False)
    ),
    "nfs": _fields(
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        ("Server", "server", ""),
        ("Path", "path", ""),
        ("ReadOnly", "readOnly", False),
    ),
    "persistentVolumeClaim": _fields(
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        ("ClaimName", "claimName", ""),
        ("ReadOnly", "readOnly", False),
    ),
    "ephemeral": _write_ephemeral,
    "downwardAPI": _write_downward,
    "projected": _write_projected,
    "csi": _write_csi,
    "local": _fields("LocalVolume (a persistent volume backed by local storage on a node)", ("Path", "path", "")),
    "image": _fields(
        "Image (a container image or OCI artifact)", ("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")
    ),
}
"""Those a cluster of today knows, without the disks of clouds and of what came before CSI."""


# ---- Describing storage: PersistentVolumes, claims, StorageClasses

_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def _phase(task: Task, obj: Obj) -> str:
    deleted = obj["metadata"].get("deletionTimestamp")
    if deleted:
        return f"Terminating (lasts {since(task, deleted)})"
    return str((obj.get("status") or {}).get("phase", ""))


def describe_volume(task: Task, obj: Obj, page: Page) -> None:
    """Writes a PersistentVolume."""
    meta, spec = obj["metadata"], obj["spec"]
    page.named(obj)
    page.row(0, "Finalizers:", goes(meta.get("finalizers")))
    page.row(0, "StorageClass:", volumes.class_of(obj))
    page.row(0, "Status:", _phase(task, obj))
    claim = spec.get("claimRef")
    page.row(0, "Claim:", f"{claim.get('namespace')}/{claim.get('name')}" if claim else "")
    page.row(0, "Reclaim Policy:", spec.get("persistentVolumeReclaimPolicy", ""))
    page.row(0, "Access Modes:", access_modes(spec.get("accessModes")))
    if spec.get("volumeMode"):
        page.row(0, "VolumeMode:", spec["volumeMode"])
    page.row(0, "Capacity:", quantity_of((spec.get("capacity") or {}).get("storage")))
    _write_affinity(page, (spec.get("nodeAffinity") or {}).get("required"))
    page.row(0, "Message:", (obj.get("status") or {}).get("message", ""))
    page.row(0, "Source:")
    write_source(page, spec)


def _write_affinity(page: Page, required: Obj | None) -> None:
    if required is None:
        page.row(0, "Node Affinity:", "<none>")
        return
    terms = required.get("nodeSelectorTerms") or ()
    page.row(0, "Node Affinity:", "")
    page.row(1, "Required Terms:", "" if terms else "<none>")
    for index, term in enumerate(terms):
        rows = term.get("matchExpressions") or ()
        texts = [
            f"{row['key']} {row['operator'].lower()}" + (f" [{', '.join(row['values'])}]" if row.get("values") else "")
            for row in rows
        ]
        page.row(2, f"Term {index}:", texts[0] if texts else "<none>")
        for text in texts[1:]:
            page.row(2, "", text)


def describe_claim(task: Task, obj: Obj, page: Page) -> None:
    """Writes a PersistentVolumeClaim."""
    meta, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "StorageClass:", volumes.class_of(obj))
    page.row(0, "Status:", _phase(task, obj))
    page.row(0, "Volume:", spec.get("volumeName", ""))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    page.row(0, "Finalizers:", goes(meta.get("finalizers")))
    bound = bool(spec.get("volumeName"))
    page.row(0, "Capacity:", quantity_of((status.get("capacity") or {}).get("storage")) if bound else "")
    page.row(0, "Access Modes:", access_modes(status.get("accessModes")) if bound else "")
    if spec.get("volumeMode"):
        page.row(0, "VolumeMode:", spec["volumeMode"])
    source = spec.get("dataSource")
    if source:
        page.row(0, "DataSource:")
        for title, key in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if key in source:
                page.row(1, f"{title}:", source[key])
    page.rows("Used By", _users(task, obj))
    _write_conditions(page, status.get("conditions") or [])


def _users(task: Task, claim: Obj) -> list[str]:
    name, place = claim["metadata"]["name"], claim["metadata"]["namespace"]
    mine = {ref["uid"] for ref in claim["metadata"].get("ownerReferences") or () if ref["kind"] == "Pod"}
    found = []
    for pod in task.client.list("pods", place):
        named = [volume.get("persistentVolumeClaim") or {} for volume in pod["spec"].get("volumes") or ()]
        if any(source.get("claimName") == name for source in named) or pod["metadata"]["uid"] in mine:
            found.append(str(pod["metadata"]["name"]))
    return sorted(found)


def _write_conditions(page: Page, conditions: list[Obj]) -> None:
    if conditions:
        page.row(0, "Conditions:")
        page.heading(
            1, "Type", "Status", "LastProbeTime", "LastTransitionTime", "Reason", "Message",
            dashes=(4, 6, 17, 18, 6, 7),
        )  # fmt: skip
    for row in conditions:
        times = f"{date(row.get('lastProbeTime'))} ", f"{date(row.get('lastTransitionTime'))} "
        page.row(1, f"{row['type']} ", f"{row['status']} ", *times, f"{row.get('reason', '')} ", row.get("message", ""))


def describe_storage_class(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a StorageClass."""
    annotations = obj["metadata"].get("annotations") or {}
    page.row(0, "Name:", obj["metadata"]["name"])
    page.row(0, "IsDefaultClass:", "Yes" if any(annotations.get(key) == "true" for key in _DEFAULT) else "No")
    page.row(0, "Annotations:", plain_labels(annotations))
    page.row(0, "Provisioner:", obj.get("provisioner", ""))
    page.row(0, "Parameters:", plain_labels(obj.get("parameters")))
    page.row(0, "AllowVolumeExpansion:", flag(obj.get("allowVolumeExpansion")))
    options = obj.get("mountOptions") or ()
    page.row(0, "MountOptions:", *(() if options else ("<none>",)))
    for option in options:
        page.row(1, option)
    for title, key in (("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")):
        if obj.get(key):
            page.row(0, f"{title}:", obj[key])
    if obj.get("allowedTopologies") is not None:
        page.row(0, "AllowedTopologies:", "")
    for index, term in enumerate(obj.get("allowedTopologies") or ()):
        texts = [f"{row['key']} in [{', '.join(row['values'])}]" for row in term.get("matchLabelExpressions") or ()]
        page.row(1, f"Term {index}:", texts[0] if texts else "<none>")
        for text in texts[1:]:
            page.row(1, "", text)


def describe_csi_node(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a CSINode."""
    page.named(obj)
    page.row(0, "CreationTimestamp:", date(obj["metadata"]["creationTimestamp"]))
    page.row(0, "Spec:")
    drivers = obj["spec"].get("drivers")
    if drivers is not None:
        page.row(1, "Drivers:")
    for driver in drivers or ():
        page.row(2, f"{driver['name']}:")
        page.row(3, "Node ID:", driver.get("nodeID", ""))
        count = (driver.get("allocatable") or {}).get("count")
        if count is not None:
            page.row(3, "Allocatables:")
            page.row(4, "Count:", count)
        if driver.get("topologyKeys") is not None:
            page.row(3, "Topology Keys:", goes(driver["topologyKeys"]))
