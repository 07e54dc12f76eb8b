"""Brings a pod's volumes onto its node, waits for what they come from, and keeps them up to date."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.kubelet.claimed import unready
from k8s_tutor.embedded.kubelet.container import Runtime
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.routine import Pause, Step
from k8s_tutor.embedded.kubelet.sources import SourceMissing, place_of
from k8s_tutor.embedded.kubelet.volumes import content_of, make_volume
from k8s_tutor.objects.types import Obj

__all__ = ["Mounting"]

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

    def mount(self) -> Generator[Step, Any, bool]:
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
                content = content_of(self._node.store, pod, spec, place_of(self._node, pod, self._runtime))
            except SourceMissing:
                continue  # what has been mounted stays as it was
            if content is not None:
                volume.files.clear()
                volume.files.update(content)

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
        place = place_of(self._node, pod, self._runtime)
        try:
            self._runtime.volumes[spec["name"]] = make_volume(self._node.store, pod, spec, place)
        except SourceMissing as fault:
            operation = fault.operation or f'MountVolume.SetUp failed for volume "{spec["name"]}" : '
            self._say(f"{operation}{fault}")
            return False
        return True

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
