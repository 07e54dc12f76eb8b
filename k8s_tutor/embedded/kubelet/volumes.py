"""A pod's volumes, made before its containers: the API's own kinds, directories of the node, bound claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8s_tutor.embedded.images.files import Mount, Volume
from k8s_tutor.embedded.kubelet.claimed import claimed
from k8s_tutor.embedded.kubelet.sources import Place, SourceMissing, config_map, field_value, resource_value, secret
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["content_of", "make_volume", "mounts_of"]

_DIRECTORIES = ("emptyDir", "hostPath", "persistentVolumeClaim", "ephemeral")

Read = Callable[[Store, str, str], dict[str, bytes]]


def make_volume(store: Store, pod: Obj, spec: Obj, place: Place) -> Volume:
    """One volume with its content.

    Raises:
        SourceMissing: what it comes from is not there and not optional; the message is that of the FailedMount event.
    """
    if "hostPath" in spec:
        return place.disk.directory(spec["hostPath"]["path"])
    if "persistentVolumeClaim" in spec or "ephemeral" in spec:
        return claimed(store, pod, spec, place.disk)
    return Volume(content_of(store, pod, spec, place) or {})


def content_of(store: Store, pod: Obj, spec: Obj, place: Place) -> dict[str, bytes] | None:
    """The files of a volume that follows objects; None for a directory that is the pods' own.

    Raises:
        SourceMissing: as for `make_volume`.
    """
    if any(kind in spec for kind in _DIRECTORIES):
        return None
    if "projected" in spec:
        files: dict[str, bytes] = {}
        for source in spec["projected"].get("sources", []):
            files |= _source(store, pod, source, place)
        return files
    if "configMap" in spec:
        return _items(store, pod, spec["configMap"], spec["configMap"]["name"], config_map)
    if "secret" in spec:
        return _items(store, pod, spec["secret"], spec["secret"]["secretName"], secret)
    if "downwardAPI" in spec:
        return _downward(pod, spec["downwardAPI"], place)
    kinds = ", ".join(key for key in spec if key != "name")
    raise SourceMissing(f"volumes of kind {kinds} are not simulated on the embedded cluster")


def _source(store: Store, pod: Obj, source: Obj, place: Place) -> dict[str, bytes]:
    if "configMap" in source:
        return _items(store, pod, source["configMap"], source["configMap"]["name"], config_map)
    if "secret" in source:
        return _items(store, pod, source["secret"], source["secret"]["name"], secret)
    if "downwardAPI" in source:
        return _downward(pod, source["downwardAPI"], place)
    if "serviceAccountToken" in source:
        projection = source["serviceAccountToken"]
        return {projection["path"]: place.token(projection)}
    return {}


def _items(store: Store, pod: Obj, spec: Obj, name: str, read: Read) -> dict[str, bytes]:
    """An object's keys as files: all of them, or those `items` names, under the paths it gives."""
    try:
        data = read(store, pod["metadata"]["namespace"], name)
    except SourceMissing:
        if spec.get("optional"):
            return {}
        raise
    if not spec.get("items"):
        return data
    files = {}
    for item in spec["items"]:
        if item["key"] in data:
            files[item["path"]] = data[item["key"]]
        elif not spec.get("optional"):
            raise SourceMissing(
                f"references non-existent config key: {item['key']}"
                if read is config_map
                else f"references non-existent secret key: {item['key']}"
            )
    return files


def _downward(pod: Obj, spec: Obj, place: Place) -> dict[str, bytes]:
    files = {}
    for item in spec.get("items", []):
        if "fieldRef" in item:
            value = field_value(pod, item["fieldRef"]["fieldPath"], place)
        else:
            value = resource_value(pod, "", item["resourceFieldRef"], place)
        files[item["path"]] = value.encode()
    return files


def mounts_of(spec: Obj, volumes: Mapping[str, Volume]) -> tuple[Mount, ...]:
    """A container's mounts."""
    return tuple(
        Mount(
            mount["mountPath"].rstrip("/") or "/",
            volumes[mount["name"]],
            bool(mount.get("readOnly")) or volumes[mount["name"]].read_only,
            mount.get("subPath", "").strip("/"),
        )
        for mount in spec.get("volumeMounts", [])
        if mount["name"] in volumes
    )
