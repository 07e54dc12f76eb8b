"""Stops containers: preStop, the stop signal, the grace period, then KILL; sidecars after the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.kubelet.container import Container, field_path, is_sidecar, spec_of
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.probes import HookFailed, run_hook
from k8s_tutor.embedded.kubelet.routine import Ended, Pause, Together, Work
from k8s_tutor.objects.types import Obj

__all__ = ["grace_of", "stop_container", "stop_containers"]

_LEAST = 2.0  # seconds even a container without grace gets, so that KILL is not the first it hears


def grace_of(pod: Obj, container: Container) -> float:
    """The grace period in seconds: of the deletion, of the probe that condemned the container, or of the pod."""
    spec, meta = pod["spec"], pod["metadata"]
    grace = float(spec.get("terminationGracePeriodSeconds", 30))
    if "deletionGracePeriodSeconds" in meta:
        return float(meta["deletionGracePeriodSeconds"])
    if container.probe_failure:
        probe = (spec_of(pod, container.name) or {}).get(f"{container.probe_failure}Probe") or {}
        return float(probe.get("terminationGracePeriodSeconds", grace))
    return grace


def stop_containers(node: Node, pod: Obj, running: Sequence[Container]) -> Work:
    """Stops what runs side by side; but sidecars stop after everything else, the last one declared first."""
    sidecars = [spec["name"] for spec in pod["spec"].get("initContainers", []) if is_sidecar(spec)]
    works = []
    for container in running:
        turn = None
        if container.name in sidecars:
            later = sidecars[sidecars.index(container.name) + 1 :]
            turn = partial(_turn, node, [one for one in running if one.name not in sidecars or one.name in later])
        works.append(stop_container(node, pod, container, turn=turn))
    yield Together(tuple(works))


def stop_container(
    node: Node,
    pod: Obj,
    container: Container,
    words: str = "",
    turn: Callable[[float], Work] | None = None,
) -> Work:
    """Stops a running container and waits until it has ended.

    Args:
        node: Where it runs.
        pod: Whose container it is.
        container: Which one.
        words: Of the Killing event; "Stopping container NAME" when empty.
        turn: Waits, at most so many seconds, until those have ended that must end first (sidecars wait for the others).
    """
    process = container.process
    if process is None or container.state != "running":
        return
    grace = grace_of(pod, container)
    message = words or f"Stopping container {container.name}"
    node.recorder.emit(EmitEvent(pod, "Normal", "Killing", message, field_path(pod, container.name)))
    begun = node.now()
    spec = spec_of(pod, container.name) or {}
    hook = (spec.get("lifecycle") or {}).get("preStop")
    if hook and grace > 0:
        yield from _pre_stop(node, pod, spec, container, hook, grace)
    if turn is not None and grace > 0:
        yield from turn(grace - (node.now() - begun))
    left = max(grace - int(node.now() - begun), _LEAST)
    process.signal(_stop_signal(spec, container))
    ended = yield Ended(process, left)
    if not ended:
        process.signal("KILL")
        yield Pause(0)


def _stop_signal(spec: Obj, container: Container) -> str:
    chosen = (spec.get("lifecycle") or {}).get("stopSignal", "")
    if chosen:
        return str(chosen).removeprefix("SIG")
    return container.machine.image.stop_signal if container.machine else "TERM"


def _pre_stop(node: Node, pod: Obj, spec: Obj, container: Container, hook: Obj, grace: float) -> Work:
    try:
        yield from run_hook(node, pod, spec, container, hook, timeout=grace)
    except HookFailed:
        node.recorder.emit(
            EmitEvent(pod, "Warning", "FailedPreStopHook", "PreStopHook failed", field_path(pod, container.name))
        )


def _turn(node: Node, before: Sequence[Container], left: float) -> Work:
    deadline = node.now() + left
    while any(one.state == "running" for one in before) and node.now() < deadline:
        yield Pause(min(0.1, deadline - node.now()))
