"""A node's kubelet: one worker a pod, and the answers to logs, exec and HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.kubelet.container import Container, Runtime
from k8s_tutor.embedded.kubelet.execution import AttachSession, CommandSession, FailedSession, SandboxPorts
from k8s_tutor.embedded.kubelet.logs import Log, LogFeed, choose_container
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.probes import exec_error, find_main
from k8s_tutor.embedded.kubelet.puller import Puller
from k8s_tutor.embedded.kubelet.registration import list_images
from k8s_tutor.embedded.kubelet.resources import node_usage, pod_usage
from k8s_tutor.embedded.kubelet.starter import NOTICE, Starter
from k8s_tutor.embedded.kubelet.worker import PodWorker
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.network import Fault
from k8s_tutor.embedded.nodeservices import ExecSession, Feed, HttpAnswer, HttpRequest, LogQuery, PodPort, Usage
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import nodeselectors, quantity
from k8s_tutor.objects.pods import host_ports_clash, is_terminal
from k8s_tutor.objects.types import Obj

__all__ = ["Kubelet"]

_REFRESH = 60.0  # seconds until a changed ConfigMap or Secret has come into the volumes made of it


class Kubelet:
    """The agent of one node.

    Attributes:
        node: What it works with.
        puller: The node's images.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.puller = Puller(node)
        self._starter = Starter(node, self.puller)
        self._workers: dict[str, PodWorker] = {}
        self._refresh_planned = False

    def notice(self, change: Change) -> None:
        """A pod of this node has changed in the API server."""
        pod = change.obj
        uid = pod["metadata"]["uid"]
        worker = self._workers.get(uid)
        if change.type == "DELETED":
            if worker is not None:
                worker.vanish()
                self._forget(pod)
        elif worker is not None:
            worker.update(pod)
        elif not is_terminal(pod) and "deletionTimestamp" not in pod["metadata"] and (why := self._refusal(pod)):
            self.node.loop.call_later(NOTICE.seconds, partial(self._reject, pod, *why), "kubelet")
        elif not is_terminal(pod) or "deletionTimestamp" in pod["metadata"]:
            self._workers[uid] = PodWorker(self.node, self._starter, pod, lambda: self._forget(pod))
            if "deletionTimestamp" in pod["metadata"]:
                self._workers[uid].update(pod)

    def _refusal(self, pod: Obj) -> tuple[str, str] | None:
        """Why the node does not take a pod that was given to it (by name, past the scheduler): reason and message.

        As a real kubelet's `predicateAdmitHandler`; the scheduler has asked the same for all others.
        """
        node = self.node.store.get("nodes", "", self.node.name)
        if node is None:
            return None
        others = [worker.pod for worker in self._workers.values() if not worker.over]
        if short := _shortage(pod, others, quantity.allocatable(node)):
            return short
        if not nodeselectors.matches_required(pod, node):
            return _predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
        if host_ports_clash(pod, others):
            return _predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports")
        if nodeselectors.untolerated(pod, nodeselectors.taints_of(node, ("NoExecute",))):
            return _predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate")
        return None

    def _reject(self, pod: Obj, reason: str, message: str) -> None:
        """The pod has failed before it began."""
        self.node.recorder.emit(EmitEvent(pod, "Warning", reason, message))
        status = {
            **(pod.get("status") or {}),
            "observedGeneration": pod["metadata"].get("generation", 1),
            "phase": "Failed",
            "reason": reason,
            "message": f"Pod was rejected: {message}",
            "startTime": rfc3339(self.node.now()),
        }
        with suppress(StatusError):  # gone, or changed: then it comes by again
            self.node.api.patch(pod, {"status": status}, "status")

    def load(self, image: Image) -> None:
        """Brings an image onto the node without a pull, and says so in its Node, as it would within a minute."""
        self.puller.load(image)
        known = self.node.store.get("nodes", "", self.node.name)
        if known is not None:
            self.node.api.patch(known, {"status": {"images": list_images(self.puller.present())}}, "status")

    def notice_source(self) -> None:
        """A ConfigMap or a Secret has changed: volumes follow after a while."""
        if not self._refresh_planned and any(worker.runtime.volumes for worker in self._workers.values()):
            self._refresh_planned = True
            self.node.loop.call_later(_REFRESH, self._refresh, "kubelet")

    def _refresh(self) -> None:
        self._refresh_planned = False
        for worker in list(self._workers.values()):
            worker.volumes.refresh()

    def _forget(self, pod: Obj) -> None:
        self._workers.pop(pod["metadata"]["uid"], None)
        self._starter.forget(pod)

    # --- logs ---------------------------------------------------------------------------------------------------------

    def logs(self, pod: Obj, query: LogQuery) -> bytes:
        """A container's log as it stands.

        Raises:
            StatusError: 400 in the kubelet's words.
        """
        return self._log(pod, query).read(query)

    def follow_logs(self, pod: Obj, query: LogQuery) -> Feed[bytes]:
        """A container's log and all that is to come.

        Raises:
            StatusError: 400 in the kubelet's words.
        """
        return LogFeed(self._log(pod, query), query)

    def _log(self, pod: Obj, query: LogQuery) -> Log:
        runtime = self._runtime(pod)
        wanted = choose_container(pod, query.container, previous=query.previous)
        for container in runtime.attempts.get(query.container, []) if runtime else []:
            if container.id == wanted:
                return container.log
        raise StatusError(failure(404, "NotFound", f'the log of container "{query.container}" is no longer there'))

    # --- exec and HTTP ------------------------------------------------------------------------------------------------

    def exec(self, pod: Obj, container: str, command: Sequence[str], *, stdin: bool, tty: bool) -> ExecSession:
        """A command in a running container.

        Raises:
            StatusError: the container does not run; in the kubelet's words.
        """
        running = self._running(pod, container, f'container not found ("{container}")')
        if find_main(running, list(command)) is None:
            words = f"error executing command in container: {exec_error(self.node, command[0])}"
            return FailedSession(self.node.loop, _INTERNAL + words)
        return CommandSession(self.node.loop, running, list(command), stdin=stdin, tty=tty)

    def attach(self, pod: Obj, container: str, *, stdin: bool, tty: bool) -> ExecSession:
        """The streams of a running container's own process.

        Raises:
            StatusError: the container does not run.
        """
        kinds = ("containers", "initContainers", "ephemeralContainers")
        rows = [row for kind in kinds for row in pod["spec"].get(kind) or () if row["name"] == container]
        once = any(row.get("stdinOnce") for row in rows)
        meta = pod["metadata"]
        missing = f"container {container} not found in pod {meta['name']}_{meta['namespace']}"
        return AttachSession(self._running(pod, container, missing), stdin=stdin, tty=tty, once=once)

    def usage(self, pod: Obj) -> Mapping[str, Usage]:
        """What each of the pod's running containers used."""
        runtime = self._runtime(pod)
        return pod_usage(pod, runtime, self.node.now()) if runtime else {}

    def node_usage(self) -> Usage:
        """What the whole node used."""
        now = self.node.now()
        used = [pod_usage(worker.pod, worker.runtime, now) for worker in self._workers.values()]
        return node_usage(self.node, [one for each in used for one in each.values()])

    def ports(self, pod: Obj) -> Callable[[int], PodPort]:
        """Connections to the pod's ports, from inside its network.

        Raises:
            StatusError: the pod does not run.
        """
        runtime = self._runtime(pod)
        if runtime is None or runtime.sandbox != "ready" or runtime.net is None:
            meta = pod["metadata"]
            words = f'pod not found ("{meta["name"]}_{meta["namespace"]}")'
            raise StatusError(failure(500, "InternalError", words))
        return SandboxPorts(self.node, runtime, pod["metadata"]["uid"]).connect

    def http(self, pod: Obj, port: int, request: HttpRequest) -> HttpAnswer:
        """An HTTP request to a pod, as through the API server's proxy.

        Raises:
            ConnectionRefusedError: nothing listens there.
        """
        runtime = self._runtime(pod)
        address = runtime.net.address if runtime and runtime.net else ""
        own = Namespace(self.node.address, node=self.node.name)
        try:
            return self.node.network.request(own, address or "0.0.0.0", port, request)[0]
        except Fault as fault:
            raise ConnectionRefusedError(f"dial tcp {address}:{port}: connect: connection refused") from fault

    def _running(self, pod: Obj, name: str, missing: str) -> Container:
        runtime = self._runtime(pod)
        container = runtime.latest(name) if runtime else None
        if container is None or container.state != "running":
            raise StatusError(failure(500, "InternalError", missing))
        return container

    def _runtime(self, pod: Obj) -> Runtime | None:
        worker = self._workers.get(pod["metadata"]["uid"])
        return worker.runtime if worker else None


_INTERNAL = "Internal error occurred: "


def _predicate(name: str, words: str) -> tuple[str, str]:
    return name, f"Predicate {name} failed: {words}"


def _shortage(pod: Obj, others: Sequence[Obj], have: quantity.Amounts) -> tuple[str, str] | None:
    """What the node has not enough of, if anything; a resource that it does not know counts for nothing."""
    used: quantity.Amounts = {}
    for other in others:
        used = quantity.add(used, quantity.requests(other))
    asked = {"pods": 1, **{name: amount for name, amount in quantity.requests(pod).items() if name in have}}
    used = {**used, "pods": len(others)}
    for name, amount in asked.items():
        left = have.get(name, 0) - used.get(name, 0)
        if amount > max(left, 0):
            counts = f"requested: {amount}, used: {used.get(name, 0)}, capacity: {have.get(name, 0)}"
            return f"OutOf{name}", f"Node didn't have enough resource: {name}, {counts}"
    return None
