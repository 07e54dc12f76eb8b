"""A pod's sandbox: its place in the network, which all its containers share."""

from __future__ import annotations

from k8s_tutor.embedded.kubelet.container import Runtime
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.resolution import resolver_of
from k8s_tutor.embedded.kubelet.routine import Pause, Work
from k8s_tutor.embedded.kubelet.stages import SANDBOX
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.objects.types import Obj

__all__ = ["make_sandbox", "stop_sandbox"]


def make_sandbox(node: Node, pod: Obj, runtime: Runtime) -> Work:
    """Gives the pod an address of its own, or the node's for one on the host network."""
    yield Pause(SANDBOX.seconds)
    if pod["spec"].get("hostNetwork"):
        runtime.net = node.network.at(node.address)
    else:
        runtime.net = Namespace(node.pool.take(), resolver_of(pod), pod["metadata"]["name"], node.name)
        node.network.attach(runtime.net)
    runtime.sandbox = "ready"


def stop_sandbox(node: Node, runtime: Runtime) -> None:
    """Stops the sandbox; its address is free for the next pod."""
    if runtime.sandbox != "ready":
        return
    if runtime.net is not None and runtime.net.pod:
        node.network.detach(runtime.net)
        node.pool.give_back(runtime.net.address)
    runtime.sandbox = "stopped"
