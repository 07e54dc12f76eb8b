"""Connections into a pod's network, as the container runtime makes them for `kubectl port-forward`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from hashlib import sha256

from k8s_tutor.embedded.kubelet.container import Runtime
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.network.faults import Fault
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["SandboxPorts"]


class SandboxPorts:
    """The ports of one pod's sandbox, for as long as it is there."""

    def __init__(self, node: Node, runtime: Runtime, uid: str) -> None:
        self._node = node
        self._runtime = runtime
        self._sandbox = sha256(uid.encode()).hexdigest()

    def connect(self, port: int) -> _Port:
        """A connection to `localhost:port` inside the pod.

        Raises:
            ConnectionRefusedError: nobody listens, or the sandbox is gone; in containerd's words.
        """
        net = self._runtime.net
        head = f"error forwarding port {port} to pod {self._sandbox}, uid : "
        if self._runtime.sandbox != "ready" or net is None:
            raise ConnectionRefusedError(f'{head}network namespace for sandbox "{self._sandbox}" is closed')
        if port not in net.listeners:
            refused = "connect: connection refused"
            raise ConnectionRefusedError(
                f'{head}failed to execute portforward in network namespace "{self._place()}": '
                f'failed to connect to localhost:{port} inside namespace "{self._sandbox}", '
                f"IPv4: dial tcp4 127.0.0.1:{port}: {refused} IPv6 dial tcp6 [::1]:{port}: {refused} "
            )
        return _Port(self._node, net, port)

    def _place(self) -> str:
        return f"/var/run/netns/cni-{uuid.UUID(self._sandbox[:32])}"


class _Port:
    """Implements `PodPort`."""

    def __init__(self, node: Node, net: Namespace, port: int) -> None:
        self._node = node
        self._net = net
        self._port = port

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | None], None]) -> None:
        """Asks, and hands the answer on after the time it takes."""
        loop = self._node.loop
        try:
            answer, trace = self._node.network.request(self._net, "127.0.0.1", self._port, request)
        except Fault as fault:
            loop.call_later(fault.seconds, lambda: done(None), "kubelet")
        else:
            loop.call_later(trace.seconds, lambda: done(answer), "kubelet")
