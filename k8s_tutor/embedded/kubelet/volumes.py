"""A pod's volumes, made before its containers: the API's own kinds, directories of the node, bound claims."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.images.permissions import DIRECTORY, Attributes
from k8s_tutor.embedded.images.tree import FILE, FOLDER, Mount, Volume
from k8s_tutor.embedded.kubelet.container import Runtime
from k8s_tutor.embedded.kubelet.node import Disk, Node
from k8s_tutor.embedded.kubelet.resources import (
    PodLocation,
    SourceMissing,
    config_map,
    field_value,
    locate_pod,
    resource_value,
    secret,
)
from k8s_tutor.embedded.kubelet.routine import Pause, Wait
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.types import Obj

__all__ = ["Mounting", "claimed", "content_of", "make_volume", "mounts_of", "unready"]


# ---- Volumes behind claims: the node's directory that a bound claim stands for. Words as the kubelet's


def unready(store: Store, pod: Obj, spec: Obj) -> str:
    """Why the claim of one of the pod's volumes cannot be used yet; `""` where it can, or where there is no claim."""
    name = volumes.used_claims(pod).get(spec["name"])
    if name is None:
        return ""
    namespace = metadata.namespace(pod)
    claim = store.get("persistentvolumeclaims", namespace, name)
    if claim is None:
        why = f'failed to fetch PVC from API server: persistentvolumeclaims "{name}" not found'
    elif metadata.is_deleting(claim):
        why = "PVC is being deleted"
    elif volumes.phase(claim) != "Bound":
        why = "PVC is not bound"
    else:
        return ""
    return f"error processing PVC {namespace}/{name}: {why}"


def claimed(store: Store, pod: Obj, spec: Obj, disk: Disk) -> Volume:
    """What a bound claim gives to mount.

    Raises:
        SourceMissing: the volume is not there, or of a kind that is not simulated.
    """
    name = volumes.used_claims(pod)[spec["name"]]
    claim = store.get("persistentvolumeclaims", metadata.namespace(pod), name) or {"spec": {}}
    volume_name = claim["spec"].get("volumeName", "")
    volume = store.get("persistentvolumes", "", volume_name)
    if volume is None:
        raise SourceMissing(f'persistentvolumes "{volume_name}" not found')
    read_only = bool((spec.get("persistentVolumeClaim") or {}).get("readOnly"))
    if "hostPath" in volume["spec"]:
        mode = (
            0o777 if _PROVISIONED_BY in metadata.annotations(volume) else 0o755
        )  # as local-path-provisioner makes them
        return disk.directory(volume["spec"]["hostPath"]["path"], read_only=read_only, mode=mode)
    if "local" in volume["spec"]:
        path = volume["spec"]["local"]["path"]
        if not disk.holds(path):
            words = f'MountVolume.NewMounter initialization failed for volume "{volume_name}" : '
            raise SourceMissing(f'path "{path}" does not exist', words)
        return _given_to_group(pod, disk.directory(path, read_only=read_only))
    kinds = ", ".join(key for key in volume["spec"] if key not in _NO_SOURCE)
    raise SourceMissing(f"persistent volumes of kind {kinds} are not simulated on the embedded cluster")


_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
_NO_SOURCE = (
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
)


# ---- A pod's volumes, made before its containers: the API's own kinds, directories of the node, bound claims

_DIRECTORIES = ("emptyDir", "hostPath", "persistentVolumeClaim", "ephemeral")

Read = Callable[[Store, str, str], dict[str, bytes]]


def make_volume(store: Store, pod: Obj, spec: Obj, location: PodLocation) -> Volume:
    """One volume with its content.

    Raises:
        SourceMissing: what it comes from is not there and not optional; the message is that of the FailedMount event.
    """
    if "hostPath" in spec:
        return location.disk.directory(spec["hostPath"]["path"])
    if "persistentVolumeClaim" in spec or "ephemeral" in spec:
        return claimed(store, pod, spec, location.disk)
    content = content_of(store, pod, spec, location)
    if content is None:
        in_memory = (spec["emptyDir"] or {}).get("medium") == "Memory"
        root = Attributes(mode=DIRECTORY | (0o1777 if in_memory else 0o777))
        return _given_to_group(pod, Volume(about={"": root}))
    return Volume({**content}, read_only=True, follows=True, about=owners(pod, spec, content))


def content_of(store: Store, pod: Obj, spec: Obj, location: PodLocation) -> dict[str, bytes] | None:
    """The files of a volume that follows objects; None for a directory that is the pods' own.

    Raises:
        SourceMissing: as for `make_volume`.
    """
    if any(kind in spec for kind in _DIRECTORIES):
        return None
    if "projected" in spec:
        files: dict[str, bytes] = {}
        for source in spec["projected"].get("sources", []):
            files |= _source(store, pod, source, location)
        return files
    if "configMap" in spec:
        return _items(store, pod, spec["configMap"], spec["configMap"]["name"], config_map)
    if "secret" in spec:
        return _items(store, pod, spec["secret"], spec["secret"]["secretName"], secret)
    if "downwardAPI" in spec:
        return _downward(pod, spec["downwardAPI"], location)
    kinds = ", ".join(key for key in spec if key != "name")
    raise SourceMissing(f"volumes of kind {kinds} are not simulated on the embedded cluster")


def _source(store: Store, pod: Obj, source: Obj, location: PodLocation) -> dict[str, bytes]:
    if "configMap" in source:
        return _items(store, pod, source["configMap"], source["configMap"]["name"], config_map)
    if "secret" in source:
        return _items(store, pod, source["secret"], source["secret"]["name"], secret)
    if "downwardAPI" in source:
        return _downward(pod, source["downwardAPI"], location)
    if "serviceAccountToken" in source:
        projection = source["serviceAccountToken"]
        return {projection["path"]: location.token(projection)}
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
                f"configmap references non-existent config key: {item['key']}"
                if read is config_map
                else f"references non-existent secret key: {item['key']}"
            )
    return files


def _downward(pod: Obj, spec: Obj, location: PodLocation) -> dict[str, bytes]:
    files = {}
    for item in spec.get("items", []):
        if "fieldRef" in item:
            value = field_value(pod, item["fieldRef"]["fieldPath"], location)
        else:
            value = resource_value(pod, "", item["resourceFieldRef"], location)
        files[item["path"]] = value.encode()
    return files


# ---- Whose a volume's files are: root's, with the modes that the pod asks for, shared with its `fsGroup`


def owners(pod: Obj, spec: Obj, content: Mapping[str, bytes]) -> dict[str, Attributes]:
    """To whom the files of a volume that follows objects belong, and its directories."""
    kind = next(kind for kind in _FOLLOWING if kind in spec)
    source: Obj = spec[kind]
    default = source.get("defaultMode", 0o644)
    about = {path: Attributes(mode=default) for path in content}
    for part in source.get("sources", [source]):
        about |= _asked(pod, part)
    for path in content:
        for above in _above(path):
            about[above] = FOLDER
    about[""] = Attributes(mode=DIRECTORY | (0o777 if kind == "configMap" else 0o1777))  # the others lie in memory
    group = _fs_group(pod)
    if group is None:
        return about
    return {path: _shared(one, group, read_only=True) for path, one in about.items()}


_FOLLOWING = ("configMap", "secret", "downwardAPI", "projected")


def _asked(pod: Obj, part: Obj) -> dict[str, Attributes]:
    """Modes of single files; a token is for the pod's user alone, where there is one."""
    sources = [part, *(part[kind] for kind in _FOLLOWING if kind in part)]
    items = [item for source in sources for item in source.get("items") or ()]
    about = {item["path"]: Attributes(mode=item["mode"]) for item in items if "mode" in item}
    token, user = part.get("serviceAccountToken"), _only_user(pod)
    if token is not None and (user is not None or _fs_group(pod) is not None):
        about[token["path"]] = Attributes(user or 0, 0, 0o600)
    return about


def _only_user(pod: Obj) -> int | None:
    """The user whom all containers ask for; None where they differ, or one asks for none."""
    shared = (pod["spec"].get("securityContext") or {}).get("runAsUser")
    specs = [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]
    users = {(spec.get("securityContext") or {}).get("runAsUser", shared) for spec in specs}
    user: int | None = users.pop()
    return None if users else user


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _fs_group(pod: Obj) -> int | None:
    group: int | None = (pod["spec"].get("securityContext") or {}).get("fsGroup")
    return group


def _given_to_group(pod: Obj, volume: Volume) -> Volume:
    """The kubelet gives all files of a volume to the pod's `fsGroup`, again at each mount."""
    group, policy = _fs_group(pod), (pod["spec"].get("securityContext") or {}).get("fsGroupChangePolicy")
    root = volume.about.get("", FOLDER)
    if group is None or (policy == "OnRootMismatch" and root == _shared(root, group, read_only=False)):
        return volume
    about = {"": root, **dict.fromkeys(volume.files, FILE), **volume.about}
    volume.about.update({path: _shared(one, group, read_only=False) for path, one in about.items()})
    return volume


def _shared(about: Attributes, group: int, *, read_only: bool) -> Attributes:
    """As `SetVolumeOwnership` of pkg/volume does it: the group may what the owner may, directories hand it on."""
    mode = about.mode | (0o440 if read_only else 0o660)
    return about._replace(gid=group, mode=mode | 0o2110 if about.mode & DIRECTORY else mode)


def mounts_of(spec: Obj, volumes: Mapping[str, Volume]) -> tuple[Mount, ...]:
    """A container's mounts."""
    return tuple(_mount(one, volumes[one["name"]]) for one in spec.get("volumeMounts", []) if one["name"] in volumes)


def _mount(spec: Obj, volume: Volume) -> Mount:
    path, part = spec["mountPath"].rstrip("/") or "/", spec.get("subPath", "").strip("/")
    if part and volume.follows:
        # The kubelet swaps a link to the directory of all files; what is mounted out of it by itself stays as it was.
        kept = {name: data for name, data in volume.files.items() if name == part or name.startswith(f"{part}/")}
        volume = Volume(kept, volume.read_only, about=dict(volume.about))
    return Mount(path, volume, bool(spec.get("readOnly")) or volume.read_only, part)


# ---- Brings a pod's volumes onto its node, waits for what they come from, and keeps them up to date

_PATIENCE = 123.0  # seconds the kubelet waits for volumes before it says so
_DELAY, _DELAY_MOST = 0.5, 122.0
_TOKEN_RETRY = 60.0  # seconds until a token that could not be renewed is asked for again


class Mounting:
    """The volumes of one pod.

    Args:
        node: Where it runs.
        runtime: Holds them once they are mounted.
        pod: Says how it is now.
        over: Says whether its work on this node is done.
    """

    def __init__(self, node: Node, runtime: Runtime, pod: Callable[[], Obj], over: Callable[[], bool]) -> None:
        self._node = node
        self._runtime = runtime
        self._pod = pod
        self._over = over

    def mount(self) -> Generator[Wait, Any, bool]:
        """Makes the volumes that are missing; tries again and again, and gives up for now after two minutes."""
        missing = [one for one in self._pod()["spec"].get("volumes", []) if one["name"] not in self._runtime.volumes]
        if self._says_what_is_unready(missing):
            return False
        begun, delay = self._node.now(), _DELAY
        while missing := [spec for spec in missing if not self._mounted(spec)]:
            waited = self._node.now() - begun
            if waited + delay > _PATIENCE:
                yield Pause(max(_PATIENCE - waited, 0.0))
                names = " ".join(spec["name"] for spec in missing)
                words = f"Unable to attach or mount volumes: unmounted volumes=[{names}], unattached volumes=[], "
                self._say(words + "failed to process volumes=[]: context deadline exceeded")
                return False
            yield Pause(delay)
            delay = min(delay * 2, _DELAY_MOST)
        self._renew_tokens_later()
        return True

    def refresh(self) -> None:
        """Something that volumes come from has changed: brings the files up to date."""
        pod = self._pod()
        for spec in pod["spec"].get("volumes", []):
            volume = self._runtime.volumes.get(spec["name"])
            if volume is None:
                continue
            try:
                content = content_of(self._node.store, pod, spec, locate_pod(self._node, pod, self._runtime))
            except SourceMissing as fault:  # what has been mounted stays as it was
                self._say_not_mounted(spec, fault)
                continue
            if content is not None:
                volume.files.clear()
                volume.files.update(content)
                volume.about.clear()
                volume.about.update(owners(pod, spec, content))

    def _says_what_is_unready(self, missing: Sequence[Obj]) -> bool:
        """Whether claims are not bound; the other volumes are mounted all the same."""
        pod = self._pod()
        found = {spec["name"]: why for spec in missing if (why := unready(self._node.store, pod, spec))}
        if not found:
            return False
        left = [spec["name"] for spec in missing if spec["name"] in found or not self._mounted(spec)]
        words = f"Unable to attach or mount volumes: unmounted volumes=[{' '.join(left)}], unattached volumes=[], "
        self._say(f"{words}failed to process volumes=[{' '.join(found)}]: {', '.join(found.values())}")
        return True

    def _mounted(self, spec: Obj) -> bool:
        pod = self._pod()
        location = locate_pod(self._node, pod, self._runtime)
        try:
            self._runtime.volumes[spec["name"]] = make_volume(self._node.store, pod, spec, location)
        except SourceMissing as fault:
            self._say_not_mounted(spec, fault)
            return False
        return True

    def _say_not_mounted(self, spec: Obj, fault: SourceMissing) -> None:
        operation = fault.operation or f'MountVolume.SetUp failed for volume "{spec["name"]}" : '
        self._say(f"{operation}{fault}")

    def _renew_tokens(self) -> None:
        if not self._over():
            self.refresh()
            self._renew_tokens_later()

    def _renew_tokens_later(self) -> None:
        when = self._runtime.tokens.renewal()
        if when is not None:
            self._node.loop.call_at(max(when, self._node.now() + _TOKEN_RETRY), self._renew_tokens, "kubelet")

    def _say(self, message: str) -> None:
        self._node.recorder.emit(EmitEvent(self._pod(), "Warning", "FailedMount", message))
