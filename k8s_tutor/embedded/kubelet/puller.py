"""Brings images onto a node: what is there already, how long a pull takes, how one fails."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.images import catalogue
from k8s_tutor.embedded.images.image import Image, InvalidReference, Reference, parse
from k8s_tutor.embedded.kubelet.container import field_path
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.restarts import Backoff, words
from k8s_tutor.embedded.kubelet.routine import Pause, Work
from k8s_tutor.objects.types import Obj

__all__ = ["PullFailed", "Puller"]

REGISTRIES = (
    "docker.io",
    "ghcr.io",
    "registry.k8s.io",
    "quay.io",
    "gcr.io",
    "k8s.gcr.io",
    "mirror.gcr.io",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "docker.elastic.co",
    "registry.gitlab.com",
    "cr.fluentbit.io",
    "us.gcr.io",
    "us-docker.pkg.dev",
)

_ASK = 0.4  # seconds for a registry to answer about a name
_SPEED = 25_000_000  # bytes a second: a home's line


class PullFailed(Exception):
    """The container cannot be started for want of its image.

    Attributes:
        reason: `ErrImagePull`, `ImagePullBackOff`, `ErrImageNeverPull`, `InvalidImageName`.
        message: For the container's status.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(slots=True)
class _Order:
    pod: Obj
    container: Obj

    def event(self, kind: str, reason: str, message: str) -> EmitEvent:
        return EmitEvent(self.pod, kind, reason, message, field_path(self.pod, self.container["name"]))


class Puller:
    """The images of one node. One pull at a time, as kubelets do by default."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._present = {image.name: image for image in catalogue.all_images() if image.preloaded}
        self._backoff = Backoff(10, 300)
        self._earlier: dict[str, str] = {}
        self._free_at = 0.0

    def present(self) -> list[Image]:
        """Images on the node, the largest first, as a Node's status lists them."""
        return sorted(self._present.values(), key=lambda image: (-image.size, image.name))

    def load(self, image: Image) -> None:
        """Puts an image onto the node without a pull, in place of one of the same name: `kind load docker-image`."""
        self._present[image.name] = image

    def forget(self, pod: Obj) -> None:
        """Drops what is kept about a pod that is gone."""
        uid = pod["metadata"]["uid"]
        self._backoff.forget(uid)
        for key in [key for key in self._earlier if key.startswith(uid)]:
            del self._earlier[key]

    def ensure(self, pod: Obj, container: Obj) -> Work:
        """Makes sure the container's image is there; the result is the `Image`.

        Raises:
            PullFailed: it is not, and cannot be had now.
        """
        order = _Order(pod, container)
        name, policy = container["image"], container.get("imagePullPolicy", "IfNotPresent")
        reference = self._read(order, name)
        present = self._present.get(_key(reference))
        if policy == "Never" and present is None:
            message = f'Container image "{name}" is not present with pull policy of Never'
            self._say(order.event("Warning", "ErrImageNeverPull", message))
            raise PullFailed("ErrImageNeverPull", message)
        if present is not None and policy != "Always":
            message = f'Container image "{name}" already present on machine and can be accessed by the pod'
            self._say(order.event("Normal", "Pulled", message))
            return self._ready(order, present)
        image = yield from self._pull(order, name, reference)
        return self._ready(order, image)

    def _ready(self, order: _Order, image: Image) -> Image:
        """The image for this container; whoever gets a stand-in is told."""
        if not image.stand_in:
            return image
        what = f'Image "{order.container["image"]}" is not simulated on the embedded cluster'
        how = "a stand-in runs, whose ports answer that it is one (a kind cluster runs the image itself)"
        self._say(order.event("Warning", "StandIn", f"{what}: {how}"))
        spec, container = order.pod["spec"], order.container
        ports = (int(row["containerPort"]) for row in container.get("ports") or ())
        told = bool(container.get("command") or container.get("args")) and container in spec["containers"]
        lasting = told and spec.get("restartPolicy", "Always") == "Always"
        return catalogue.for_container(image, tuple(ports), lasting=lasting)

    def _read(self, order: _Order, name: str) -> Reference:
        try:
            return parse(name)
        except InvalidReference as error:
            message = f'Failed to apply default image tag "{name}": couldn\'t parse image name "{name}": {error}'
            self._say(order.event("Warning", "InspectFailed", message))
            raise PullFailed("InvalidImageName", message) from error

    def _pull(self, order: _Order, name: str, reference: Reference) -> Work:
        key = f"{order.pod['metadata']['uid']}_{name}"
        if self._backoff.is_waiting_since_update(key, self._node.now()):
            message = f'Back-off pulling image "{name}"'
            self._say(order.event("Normal", "BackOff", message))
            earlier = self._earlier.get(key)
            raise PullFailed("ImagePullBackOff", f"{message}: {earlier}" if earlier else message)
        self._say(order.event("Normal", "Pulling", f'Pulling image "{name}"'))
        begun = self._node.now()
        waiting = max(self._free_at - begun, 0.0)
        image = catalogue.find(reference)
        takes = _ASK + (0 if image is None or image.name in self._present else image.size / _SPEED)
        takes = round(takes, 3)
        self._free_at = begun + waiting + takes
        yield Pause(waiting + takes)
        if image is None:
            raise self._failed(order, key, name, reference)
        self._present[image.name] = image
        whole = words(round(waiting + takes, 3))
        spent = f"in {words(takes)} ({whole} including waiting). Image size: {image.size} bytes."
        self._say(order.event("Normal", "Pulled", f'Successfully pulled image "{name}" {spent}'))
        return image

    def _failed(self, order: _Order, key: str, name: str, reference: Reference) -> PullFailed:
        error = _why_not(reference)
        # What there is instead follows the real message: a learner sees at once what would have worked.
        message = f"{error} (the embedded cluster's image catalogue holds {catalogue.near(reference)})"
        self._say(order.event("Warning", "Failed", f'Failed to pull image "{name}": {message}'))
        now = self._node.now()
        self._backoff.fail(key, now, now)
        self._earlier[key] = f"ErrImagePull: {error}"
        return PullFailed("ErrImagePull", error)

    def _say(self, event: EmitEvent) -> None:
        self._node.recorder.emit(event)


def _key(reference: Reference) -> str:
    found = catalogue.find(reference)
    return found.name if found else str(reference)


def _why_not(reference: Reference) -> str:
    """containerd's words: the registry does not know the tag, or the repository, or there is no such registry."""
    text = str(reference)
    head = f'failed to pull and unpack image "{text}": failed to resolve reference "{text}": '
    if reference.registry not in REGISTRIES:
        url = f"https://{reference.registry}/v2/{reference.repository}/manifests/{reference.tag or reference.digest}"
        host = reference.registry.partition(":")[0]
        return f'{head}failed to do request: Head "{url}": dial tcp: lookup {host} on 172.18.0.1:53: no such host'
    if catalogue.is_known(reference) or reference.registry != "docker.io":
        return f"{head}{text}: not found"
    return (
        f"{head}pull access denied, repository does not exist or may require authorization: "
        "server message: insufficient_scope: authorization failed"
    )
