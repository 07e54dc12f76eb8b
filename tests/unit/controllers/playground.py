"""A cluster of API server, controllers and scheduler, whose pods run because the test says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from k8s_tutor.api.protocol import Request, Response, StatusError, failure
from k8s_tutor.clock import EPOCH, VirtualClock, rfc3339
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.controllers.runtime import Controllers
from k8s_tutor.embedded.core import ADMIN, Core, Loop, ServerAnswer, User
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.embedded.scheduler import Scheduler
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import KindTable, builtin_kinds
from k8s_tutor.objects.types import Obj
from tests.unit.engine import new_api_server

_NEVER = EPOCH + 1e9
"""When nodes without kubelets would count as silent."""


class Playground:
    """Kubernetes without kubelets: `ready` decides which pods become ready, and stopping takes no time."""

    def __init__(self, *, nodes: bool = True) -> None:
        self.loop = Loop(VirtualClock(EPOCH))
        self.store = Store()
        self.api = new_api_server(self.loop, self.store)
        self.core = Core(self.loop, self.store, self, Random(0))
        self.quota = ""
        self.usage: Callable[[Obj], Mapping[str, Usage]] = lambda pod: {}
        self.controllers = Controllers(self.core, usage=self._used)
        self.controllers.start()
        self.scheduler = Scheduler(self.core)
        self.scheduler.start()
        self.local = Local(self.api, ADMIN, "kubectl")
        self.ready: Callable[[Obj], bool] = lambda pod: True
        self.stopping_seconds = 0.5
        self._addresses = 1
        self.store.subscribe(self._kubelet, "pods")
        if nodes:
            self.node(
                "control-plane", taints=[{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
            )
            self.node("worker")
            self.node("worker2")
        self.run(1)

    @property
    def kinds(self) -> KindTable:
        return self.api.kinds

    def handle(self, request: Request, user: User = ADMIN) -> ServerAnswer:
        """The API server, which refuses pods while `quota` holds a message."""
        if self.quota and request.method == "POST" and request.path.endswith("/pods"):
            return Response(403, failure(403, "Forbidden", self.quota))
        return self.api.handle(request, user)

    def node(
        self, name: str, *, cpu: str = "4", labels: dict[str, str] | None = None, taints: Sequence[Obj] = ()
    ) -> Obj:
        amounts = {"cpu": cpu, "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
        meta = {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}}
        spec = {"taints": list(taints)} if taints else {}
        node = self.local.create({"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec})
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": rfc3339(_NEVER)}
        status = {"allocatable": amounts, "capacity": amounts, "conditions": [ready]}
        return self.local.update_status({**node, "status": status})

    def run(self, seconds: float) -> None:
        self.loop.run_until(self.loop.now() + seconds)

    def get(self, word: str, name: str, namespace: str = "default") -> Obj | None:
        kind = builtin_kinds().find(word)
        assert kind is not None
        return self.store.get(kind.group_resource, namespace if kind.namespaced else "", name)

    def list(self, word: str, namespace: str = "default") -> Sequence[Obj]:
        kind = builtin_kinds().find(word)
        assert kind is not None
        return self.store.list(kind.group_resource, namespace if kind.namespaced else "")

    def events(self, name: str) -> list[tuple[str, str]]:
        """Reason and message of what was said about an object, in order."""
        rows = [row for row in self.store.list("events") if row["involvedObject"]["name"] == name]
        rows.sort(key=lambda row: int(row["metadata"]["resourceVersion"]))
        return [(row["reason"], row["message"]) for row in rows]

    def history(self, word: str, name: str) -> list[Obj]:
        """Every version of an object."""
        kind = builtin_kinds().find(word)
        assert kind is not None
        changes = self.store.history(0, kind.group_resource)
        return [change.obj for change in changes if metadata.name(change.obj) == name]

    def scale(self, word: str, name: str, replicas: int) -> None:
        obj = self.get(word, name)
        assert obj is not None
        self.local.patch(obj, {"spec": {"replicas": replicas}})

    def _used(self, pod: Obj) -> Mapping[str, Usage]:
        return self.usage(pod)

    def _kubelet(self, change: Change) -> None:
        pod = change.obj
        if change.type == "DELETED" or not pod["spec"].get("nodeName"):
            return
        if metadata.is_deleting(pod):
            self.loop.call_later(self.stopping_seconds, lambda: self._stop(pod))
        elif not (pod.get("status") or {}).get("podIP"):
            self.loop.call_later(0.1, lambda: self._start(pod))

    def _start(self, pod: Obj) -> None:
        now = self.store.get("pods", metadata.namespace(pod), metadata.name(pod))
        if now is None or metadata.is_deleting(now) or now["status"].get("podIP"):
            return
        self._addresses += 1
        address = f"10.244.1.{self._addresses}"
        status = "True" if self.ready(now) else "False"
        condition = {"type": "Ready", "status": status, "lastTransitionTime": rfc3339(self.loop.now())}
        rows = [*(now["status"].get("conditions") or []), condition]
        new = {**now["status"], "phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": rows}
        new["startTime"] = rfc3339(self.loop.now())
        self.local.update_status({**now, "status": new})

    def _stop(self, pod: Obj) -> None:
        if self.store.by_uid(metadata.uid(pod)) is not None:
            self.local.delete(pod, 0)

    def apply(self, obj: Obj) -> Obj:
        kind = builtin_kinds().of(obj["apiVersion"], obj["kind"])
        assert kind is not None
        namespace = metadata.namespace(obj) or "default"
        path = kind.path(namespace if kind.namespaced else "")
        answer = self.api.handle(Request("POST", path, body=obj))
        assert isinstance(answer, Response)
        if answer.code >= 400:
            raise StatusError.of(answer)
        return answer.body  # type: ignore[no-any-return]
