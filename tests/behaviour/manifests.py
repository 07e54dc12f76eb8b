"""Manifests of the objects that causes are made of."""

from __future__ import annotations

PAUSE, BOX, PODINFO = "registry.k8s.io/pause:3.10.2", "busybox:1.35", "ghcr.io/stefanprodan/podinfo:6.9.2"


def pod(
    container: str = "", spec: str = "", name: str = "p", labels: str = "app: p", image: str = PAUSE, meta: str = ""
) -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{{labels}}}{meta}}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{{name: c, image: "{image}"{container}}}]
  {spec}
---
"""


def run(command: str, more: str = "", spec: str = "") -> str:
    return pod(f", command: [sh, -c, {command!r}]{more}", spec, image=BOX)


def service(spec: str, name: str = "web") -> str:
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{{spec}}}
---
"""


def workload(kind: str, more: str = "", container: str = "", spec: str = "", image: str = PAUSE) -> str:
    return f"""
apiVersion: apps/v1
kind: {kind}
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: p}}}}
  {more}
  template:
    metadata: {{labels: {{app: p}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{{name: c, image: "{image}"{container}}}]
      {spec}
---
"""


def claim(spec: str = "", name: str = "data") -> str:
    return f"""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}{spec}}}
---
"""


def config(name: str, data: str) -> str:
    return f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}}}
data: {{{data}}}
---
"""


def required(side: str, app: str) -> str:
    term = f"{{topologyKey: kubernetes.io/hostname, labelSelector: {{matchLabels: {{app: {app}}}}}}}"
    return f"affinity: {{{side}: {{requiredDuringSchedulingIgnoredDuringExecution: [{term}]}}}}"
