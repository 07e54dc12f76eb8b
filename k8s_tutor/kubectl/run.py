"""`kubectl run` and `kubectl expose`; `kubectl scale` and `kubectl autoscale`."""

from __future__ import annotations

import json
import re

from k8s_tutor.api.protocol import StatusError, WatchClosed
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import fetch
from k8s_tutor.kubectl.create.workloads import number_or_name
from k8s_tutor.kubectl.printing import report
from k8s_tutor.kubectl.task import Task, create, patch
from k8s_tutor.objects import metadata
from k8s_tutor.objects.jsonpatch import merge_patch
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["autoscale", "expose", "run", "scale"]

_SEE = "\nSee 'kubectl expose -h' for help and examples"

_WITHIN = 60.0  # seconds of the cluster's time for a Pod somebody is attached to


def run(task: Task) -> None:
    """Runs `kubectl run`."""
    options = task.options
    if not options.text("image"):
        raise KubectlError('error: required flag(s) "image" not set')
    if not task.words:
        raise KubectlError("error: NAME is required for run\nSee 'kubectl run -h' for help and examples")
    attached = options.on("attach", default=options.on("stdin"))
    if options.on("rm") and not attached:
        raise KubectlError("error: --rm should only be used for attached containers")
    pod = _pod(task, task.words[0])
    kind = task.client.kind("pods")
    made = create(task, kind, pod)
    if attached and not task.dry:
        _attend(task, kind, made)
        return
    report(task, kind, made, "created")
    if options.on("expose"):
        _expose_run(task, made)


def _pod(task: Task, name: str) -> Obj:
    options = task.options
    policy = options.text("restart", "Always")
    if policy not in ("Always", "OnFailure", "Never"):
        raise KubectlError(f"error: invalid restart policy: {policy}\nSee 'kubectl run -h' for help and examples")
    container: Obj = {"image": options.text("image"), "name": name, "resources": {}}
    arguments = [*task.words[1:], *task.command.command]
    if arguments:
        container["command" if options.on("command") else "args"] = arguments
    if options.all("env"):
        container["env"] = [_variable(pair) for pair in options.all("env")]
    if options.text("port"):
        container["ports"] = [{"containerPort": int(options.text("port"))}]
    if options.text("image-pull-policy"):
        container["imagePullPolicy"] = options.text("image-pull-policy")
    if options.on("privileged"):
        container["securityContext"] = {"privileged": True}
    if options.on("stdin"):
        container |= {"stdin": True, "stdinOnce": True}
    if options.on("tty"):
        container["tty"] = True
    meta: Obj = {"name": name, "namespace": task.place, "labels": _labels(task) or {"run": name}}
    if options.all("annotations"):
        meta["annotations"] = dict(pair.split("=", 1) for pair in options.all("annotations"))
    pod: Obj = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": policy},
        "status": {},
    }
    overrides = options.text("overrides")
    return merge_patch(pod, json.loads(overrides)) if overrides else pod


def _variable(pair: str) -> Obj:
    name, equals, value = pair.partition("=")
    if not equals:
        raise KubectlError(f"error: invalid env: {pair}")
    return {"name": name, "value": value}


def _labels(task: Task) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in task.options.text("labels").split(",") if "=" in pair)


def _expose_run(task: Task, pod: Obj) -> None:
    port = int(task.options.text("port") or 0)
    if not port:
        raise task.failed("error: --port must be set when exposing a service")
    service = _service(task, pod["metadata"]["name"], [{"port": port, "protocol": "TCP", "targetPort": port}])
    service["spec"]["selector"] = pod["metadata"]["labels"]
    kind = task.client.kind("services")
    report(task, kind, create(task, kind, service), "created")


def _attend(task: Task, kind: Kind, pod: Obj) -> None:
    """Waits until the Pod has ended, shows what it said, and removes it where the line says so."""
    name, place = metadata.name(pod), metadata.namespace(pod)
    ended = _ended(task, kind, name, place)
    said = task.client.logs(name, place)
    task.write(said if said.endswith("\n") or not said else f"{said}\n")
    if task.options.on("rm"):
        task.client.delete(kind, name, place)
        task.say(f'pod "{name}" deleted from {place} namespace')
        task.wait_gone(kind, name, place)
    statuses = (ended.get("status") or {}).get("containerStatuses") or [{}]
    code = ((statuses[0].get("state") or {}).get("terminated") or {}).get("exitCode", 0)
    if code:
        raise task.failed(f"pod {place}/{name} terminated (Error)", code=code)


def _ended(task: Task, kind: Kind, name: str, place: str) -> Obj:
    deadline = task.clock.now() + _WITHIN
    with task.client.watch(kind, place, name=name) as watch:
        while (left := deadline - task.clock.now()) > 0:
            try:
                event = watch.next(left)
            except WatchClosed:
                break
            if event is not None and (event.object.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
                return event.object
    raise task.failed("error: timed out waiting for the condition")


# ---- expose


def expose(task: Task) -> None:
    """Runs `kubectl expose`."""
    for kind, obj in fetch(task, whole_kinds=False):
        if kind.kind not in ("Pod", "Service", "ReplicationController", "Deployment", "ReplicaSet"):
            raise task.failed(f"error: cannot expose a {kind.kind}.{kind.group}")
        ports = _ports(task, obj)
        if not ports:
            raise task.failed(f"error: couldn't find port via --port flag or introspection{_SEE}")
        service = _service(task, task.options.text("name") or metadata.name(obj), ports)
        service["spec"]["selector"] = _selector(task, obj)
        labels = _labels(task) or obj["metadata"].get("labels")
        if labels:
            service["metadata"]["labels"] = dict(labels)
        for flag, field in (("type", "type"), ("cluster-ip", "clusterIP"), ("session-affinity", "sessionAffinity"),
                            ("load-balancer-ip", "loadBalancerIP")):  # fmt: skip
            if task.options.text(flag):
                service["spec"][field] = task.options.text(flag)
        if task.options.text("external-ip"):
            service["spec"]["externalIPs"] = [task.options.text("external-ip")]
        services = task.client.kind("services")
        report(task, services, create(task, services, service), "exposed")


def _service(task: Task, name: str, ports: list[Obj]) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": task.place},
        "spec": {"ports": ports},
        "status": {"loadBalancer": {}},
    }


def _ports(task: Task, obj: Obj) -> list[Obj]:
    options = task.options
    protocol = options.text("protocol")
    given = [int(port) for port in re.findall(r"\d+", options.text("port"))]
    found = _container_ports(obj) if not given else [(port, protocol or "TCP") for port in given]
    ports: list[Obj] = []
    for number, (port, spoken) in enumerate(found, 1):
        target = options.text("target-port")
        made: Obj = {"port": port, "protocol": protocol or spoken}
        made["targetPort"] = number_or_name(target) if target else port
        ports.append({"name": f"port-{number}", **made} if len(found) > 1 else made)
    return ports


def _container_ports(obj: Obj) -> list[tuple[int, str]]:
    if obj["kind"] == "Service":
        return [(port["port"], port.get("protocol", "TCP")) for port in obj["spec"].get("ports") or ()]
    spec = obj["spec"] if obj["kind"] == "Pod" else obj["spec"]["template"]["spec"]
    return [
        (port["containerPort"], port.get("protocol", "TCP"))
        for container in spec["containers"]
        for port in container.get("ports") or ()
    ]


def _selector(task: Task, obj: Obj) -> dict[str, str]:
    given = task.options.text("selector")
    if given:
        return dict(pair.split("=", 1) for pair in given.split(","))
    selector = obj["spec"].get("selector") or {}
    if obj["kind"] == "Pod":
        selector = obj["metadata"].get("labels") or {}
        if not selector:
            raise task.failed(
                "error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels "
                "and cannot be exposed"
            )
    return dict(selector.get("matchLabels", selector))


# ---- `kubectl scale` and `kubectl autoscale`

_OLD_FLAG = (
    "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for "
    "utilization or '500m' for milliCPU)."
)
_EMPTY = (
    "error: failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input"
)


def scale(task: Task) -> None:
    """Runs `kubectl scale`."""
    if not task.options.given("replicas"):
        raise KubectlError('error: required flag(s) "replicas" not set')
    replicas = task.options.number("replicas", -1)
    if replicas < 0:
        raise KubectlError("error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    found = list(fetch(task, whole_kinds=False))
    if not found and not task.errors:
        raise KubectlError("error: no objects passed to scale")
    for kind, obj in found:
        try:
            _scale(task, kind, obj, replicas)
        except StatusError as error:
            task.refuse(error)


def _scale(task: Task, kind: Kind, obj: Obj, replicas: int) -> None:
    if not any(sub.name == "scale" for sub in kind.subresources):
        task.errors.append("Error from server (NotFound): the server could not find the requested resource")
        return
    now = obj["spec"].get("replicas", 1)
    expected = task.options.number("current-replicas", -1)
    if expected not in (-1, now):
        task.errors.append(f"error: Expected replicas to be {expected}, was {now}")
        return
    if task.dry != "client":
        patch(task, kind, obj, {"spec": {"replicas": replicas}}, subresource="scale")
    report(task, kind, obj, "scaled")


def autoscale(task: Task) -> None:
    """Runs `kubectl autoscale`."""
    options = task.options
    if not options.given("max"):
        raise KubectlError('error: required flag(s) "max" not set')
    most = options.number("max", -1)
    if most < 1:
        raise KubectlError(f"error: --max=MAXPODS is required and must be at least 1, max: {most}")
    least = options.number("min", -1)
    if least > most:
        raise KubectlError(f"error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}")
    for kind, obj in fetch(task, whole_kinds=False):
        name = options.text("name") or obj["metadata"]["name"]
        spec: Obj = {
            "maxReplicas": most,
            "scaleTargetRef": {"apiVersion": kind.api_version, "kind": kind.kind, "name": obj["metadata"]["name"]},
        }
        if least > 0:
            spec["minReplicas"] = least
        metrics = [*_metrics(task)]
        if metrics:
            spec["metrics"] = metrics
        scaler = {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": name, "namespace": task.place},
            "spec": spec,
        }
        scalers = task.client.kind_of(scaler)
        try:
            made = create(task, scalers, scaler)
        except StatusError as error:
            if metrics:
                raise
            raise task.failed(_EMPTY) from error
        report(task, scalers, made, "autoscaled")


def _metrics(task: Task) -> list[Obj]:
    options = task.options
    old = options.text("cpu-percent")
    if old:
        task.note(_OLD_FLAG)
    cpu = options.text("cpu") or (f"{old}%" if old else "")
    found: list[Obj] = []
    for name, given in (("cpu", cpu), ("memory", options.text("memory"))):
        if given.endswith("%"):
            target: Obj = {"type": "Utilization", "averageUtilization": int(given[:-1])}
        elif given:
            target = {"type": "AverageValue", "averageValue": given}
        else:
            continue
        found.append({"type": "Resource", "resource": {"name": name, "target": target}})
    return found
