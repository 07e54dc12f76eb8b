"""The application of the clinic, a shop; and how one looks at it."""

from __future__ import annotations

import json

from k8s_tutor.exercises import App, Obj, State, msg

__all__ = [
    "APP", "GREETING", "HOURS", "STORY", "STOCK", "WEB", "container", "furnish", "has_env", "in_web", "in_stock",
    "patch", "pod_spec", "port_of", "selects", "sets", "template",
]  # fmt: skip

GREETING = "Welcome to the shop"
HOURS = "nine to five"
CODE = "4711"
WEB, STOCK = "deployment/web", "deployment/stock"

APP = f"""
apiVersion: v1
kind: ServiceAccount
metadata: {{name: clerk, labels: {{part-of: shop}}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: reader, labels: {{part-of: shop}}}}
rules:
- {{apiGroups: [""], resources: [configmaps], verbs: [get, list]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: clerk-reads, labels: {{part-of: shop}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}}
subjects:
- {{kind: ServiceAccount, name: clerk}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: shop, labels: {{part-of: shop}}}}
spec: {{hard: {{pods: "12"}}}}
---
apiVersion: v1
kind: LimitRange
metadata: {{name: shop, labels: {{part-of: shop}}}}
spec: {{limits: [{{type: Container, max: {{memory: 256Mi}}}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, labels: {{part-of: shop}}}}
data: {{greeting: {GREETING}, hours: {HOURS}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: till, labels: {{part-of: shop}}}}
stringData: {{code: "{CODE}"}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: shelves, labels: {{part-of: shop}}}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 64Mi}}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{part-of: shop}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, tier: front, part-of: shop}}}}
    spec:
      serviceAccountName: clerk
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        command: [./podinfo, --port=9898, --config-path=/config, --stress-memory=20]
        ports: [{{name: http, containerPort: 9898}}]
        env:
        - {{name: PODINFO_UI_MESSAGE, valueFrom: {{configMapKeyRef: {{name: settings, key: greeting}}}}}}
        - {{name: TILL_CODE, valueFrom: {{secretKeyRef: {{name: till, key: code}}}}}}
        resources: {{requests: {{cpu: 10m, memory: 16Mi}}, limits: {{memory: 128Mi}}}}
        readinessProbe: {{periodSeconds: 1, httpGet: {{path: /readyz, port: 9898}}}}
        livenessProbe: {{periodSeconds: 2, failureThreshold: 3, httpGet: {{path: /healthz, port: 9898}}}}
        volumeMounts: [{{name: settings, mountPath: /config}}]
      volumes: [{{name: settings, configMap: {{name: settings}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web, labels: {{part-of: shop}}}}
spec: {{selector: {{app: web, tier: front}}, ports: [{{port: 80, targetPort: 9898}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: stock, labels: {{part-of: shop}}}}
spec:
  replicas: 1
  strategy: {{type: Recreate}}
  selector: {{matchLabels: {{app: stock}}}}
  template:
    metadata: {{labels: {{app: stock, part-of: shop}}}}
    spec:
      terminationGracePeriodSeconds: 1
      initContainers:
      - name: fill
        image: busybox:1.35
        command: [sh, -c, "until test -d /shelves; do sleep 1; done; echo apples and pears > /shelves/index.html"]
        resources: {{requests: {{cpu: 10m, memory: 8Mi}}, limits: {{memory: 32Mi}}}}
        volumeMounts: [{{name: shelves, mountPath: /shelves}}]
      containers:
      - name: stock
        image: busybox:1.35
        command: [httpd, -f, -p, "8080", -h, /shelves]
        ports: [{{name: http, containerPort: 8080}}]
        resources: {{requests: {{cpu: 10m, memory: 8Mi}}, limits: {{memory: 32Mi}}}}
        volumeMounts: [{{name: shelves, mountPath: /shelves}}]
      volumes: [{{name: shelves, persistentVolumeClaim: {{claimName: shelves}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: stock, labels: {{part-of: shop}}}}
spec: {{selector: {{app: stock}}, ports: [{{port: 80, targetPort: http}}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web, labels: {{part-of: shop}}}}
spec: {{minAvailable: 1, selector: {{matchLabels: {{app: web}}}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web, labels: {{part-of: shop}}}}
spec:
  minReplicas: 2
  maxReplicas: 4
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 80}}}}}}]
"""

STORY = msg(
    "A shop: two Pods of `web` serve its customers, one of `stock` keeps what it sells on a disk, the claim `shelves`. "
    "It is well when `http://web` says “{greeting}” (key `greeting` of ConfigMap `settings`) and at `/configs` the "
    "hours, “{hours}” (key `hours`); when `http://stock` lists apples and pears; when all Pods are ready and stay so; "
    "and when nothing of the application has been thrown away. The code of the till (Secret `till`, key `code`) is "
    "{code}.",
    greeting=GREETING, hours=HOURS, code=CODE,
)  # fmt: skip

_OPTIONAL = {
    "rights": ("serviceaccount/clerk", "role/reader", "rolebinding/clerk-reads"),
    "quotas": ("resourcequota/shop", "limitrange/shop"),
    "autoscaler": ("horizontalpodautoscaler/web",),
    "volumes": ("persistentvolumeclaim/shelves",),
}


def furnish(app: App, offers: frozenset[str]) -> None:
    """Leaves out what a cluster, or one's rights on it, do not allow."""
    for offer, refs in _OPTIONAL.items():
        if offer not in offers:
            for ref in refs:
                del app[ref]
    if "rights" not in offers:
        del app[WEB]["spec"]["template"]["spec"]["serviceAccountName"]
    if "volumes" not in offers:
        app[STOCK]["spec"]["template"]["spec"]["volumes"] = [{"name": "shelves", "emptyDir": {}}]


# ---- To break: the parts of the manifests


def in_web(app: App) -> Obj:
    """The container of `web`."""
    return app[WEB]["spec"]["template"]["spec"]["containers"][0]


def in_stock(app: App, kind: str = "containers") -> Obj:
    """The container of `stock`, or its init container."""
    return app[STOCK]["spec"]["template"]["spec"][kind][0]


# ---- To look: the parts of what is there


def template(state: State, ref: str = WEB) -> Obj:
    """The Pod template of a Deployment; a TypeError where there is none."""
    return state.find(ref)["spec"]["template"]


def pod_spec(state: State, ref: str = WEB) -> Obj:
    """What its Pods are made from."""
    return template(state, ref)["spec"]


def container(state: State, ref: str = WEB, kind: str = "containers") -> Obj:
    """The container that matters."""
    name = "fill" if kind == "initContainers" else ref.partition("/")[2]
    return next(one for one in pod_spec(state, ref)[kind] if one["name"] == name)


def has_env(state: State, name: str, ref: str, key: str, kind: str = "configMapKeyRef") -> bool:
    """Whether a variable of `web` comes from a key that is there, or is written out."""
    row = next(one for one in container(state)["env"] if one["name"] == name)
    if "value" in row:
        return bool(row["value"])
    source = row["valueFrom"][kind]
    obj = state.find(f"{ref.partition('/')[0]}/{source['name']}")
    return source["key"] in obj["data"]


def selects(state: State, service: str, ref: str) -> bool:
    """Whether a Service looks for labels that the Deployment's Pods have."""
    wanted = state.find(service)["spec"]["selector"]
    return wanted.items() <= template(state, ref)["metadata"]["labels"].items()


def port_of(service: Obj, spec: Obj) -> int:
    """The number of the port that a Service leads to in Pods of such a spec."""
    target = service["spec"]["ports"][0].get("targetPort")
    ports = [port for one in spec["containers"] for port in one.get("ports") or ()]
    return target if isinstance(target, int) else next(one["containerPort"] for one in ports if one["name"] == target)


# ---- To mend


def patch(ref: str, body: object, how: str = "") -> str:
    """A cell that patches an object."""
    kind, name = ref.split("/")
    text = json.dumps(body, separators=(",", ":"))
    return f"t.kubectl(\"\"\"patch {kind} {name}{how} -p '{text}'\"\"\")"


def sets(ref: str, name: str, **fields: object) -> str:
    """A cell that changes fields of a container in a Deployment's template."""
    return patch(ref, {"spec": {"template": {"spec": {"containers": [{"name": name, **fields}]}}}})
