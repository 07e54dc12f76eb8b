"""Claims, pods that mount them, and volumes of a test's own."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def claim(name: str, class_: str, size: str = "1Gi", modes: str = "ReadWriteOnce", more: str = "") -> str:
    return f"""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}}}
spec: {{accessModes: [{modes}], storageClassName: {class_}, resources: {{requests: {{storage: {size}}}}}{more}}}
"""


def pod(name: str, claim: str, command: str = "sleep 1000", more: str = "") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{{name: c, image: "busybox:1.35", command: [sh, -c, "{command}"],
                volumeMounts: [{{name: v, mountPath: /data}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: {claim}}}}}]
  {more}
"""


class Shelf:
    """Volumes of a class of this test's own, named after its namespace; cluster-wide, and removed afterwards."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.class_ = env.namespace
        self._made: list[tuple[str, str]] = []

    def put(self, name: str, size: str = "1Gi", modes: str = "ReadWriteOnce", **spec: object) -> str:
        full = f"{self.env.namespace}-{name}"
        source = {} if {"nfs", "local"} & set(spec) else {"hostPath": {"path": f"/tmp/{full}"}}
        wanted = {"capacity": {"storage": size}, "accessModes": modes.split(), "storageClassName": self.class_}
        meta = {"name": full, "labels": {"shelf": name}}
        self.make({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta, "spec": wanted | source | spec})
        return full

    def make(self, obj: Obj) -> None:
        self.env.client.create(obj)
        self._made.append((obj["kind"], obj["metadata"]["name"]))

    def store_class(self, **fields: object) -> None:
        meta = {"name": self.class_}
        self.make({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": meta, **fields})

    def clear(self) -> None:
        for kind, name in self._made:
            with suppress(StatusError):  # What nobody needs any more has gone by itself.
                self.env.client.delete(kind, name)
                self.env.client.patch(kind, name, {"metadata": {"finalizers": None}})


def bound(obj: Obj) -> bool:
    return obj["status"].get("phase") == "Bound"


def phases(env: Environment, volume: str, phase: str) -> Obj:
    return env.wait("persistentvolumes", volume, lambda obj: obj["status"]["phase"] == phase)


def noted(obj: Obj) -> dict[str, str]:
    notes = obj["metadata"].get("annotations", {})
    return {key: value for key, value in notes.items() if "last-applied" not in key}


def placed(obj: Obj) -> bool:
    return bool(obj["spec"].get("nodeName"))
