"""Deployments, Jobs, CronJobs, Services and Ingresses from flags."""

from __future__ import annotations

import re

from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects.types import Obj

__all__ = [
    "cluster_ip",
    "cronjob",
    "deployment",
    "external_name",
    "ingress",
    "job",
    "load_balancer",
    "node_port",
    "number_or_name",
]


def _container(name: str, image: str, command: list[str]) -> Obj:
    made: Obj = {"image": image, "name": name, "resources": {}}
    if command:
        made["command"] = command
    return made


def deployment(task: Task, name: str) -> Obj:
    """A Deployment of one or more images."""
    images, command = task.options.all("image"), task.command.command
    if len(images) > 1 and command:
        raise KubectlError("error: cannot specify multiple --image options and command")
    containers = [_container(_name_of(image), image, command) for image in images]
    port = task.options.number("port", -1)
    if port >= 0:
        containers[0]["ports"] = [{"containerPort": port}]
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": task.options.number("replicas", 1),
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    }


def _name_of(image: str) -> str:
    """A container's name after its image: `ghcr.io/me/web:1.2` is `web`."""
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    return re.sub(r"[_.]", "-", name)


def job(task: Task, name: str) -> Obj:
    """A Job of an image, or one run of a CronJob out of turn."""
    image, source, command = task.options.text("image"), task.options.text("from"), task.command.command
    if bool(image) == bool(source):
        raise KubectlError("error: either --image or --from must be specified")
    if source and command:
        raise KubectlError("error: cannot specify --from and command")
    made: Obj = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "status": {}}
    if source:
        return _from_cronjob(task, made, source)
    pod = {"containers": [_container(name, image, command)], "restartPolicy": "Never"}
    made["spec"] = {"template": {"metadata": {}, "spec": pod}}
    return made


def _from_cronjob(task: Task, made: Obj, source: str) -> Obj:
    kind_word, _, name = source.partition("/")
    kind = task.kind(kind_word)
    found = task.client.get(kind, name, task.place)
    if kind.kind != "CronJob":
        raise KubectlError(f"error: unknown object type *v1.{kind.kind}")
    template = found["spec"]["jobTemplate"]
    meta = template.get("metadata") or {}
    made["metadata"] |= {
        "annotations": {"cronjob.kubernetes.io/instantiate": "manual", **(meta.get("annotations") or {})},
        "ownerReferences": [
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "name": found["metadata"]["name"],
                "uid": found["metadata"]["uid"],
                "controller": True,
            }
        ],
    }
    if meta.get("labels"):
        made["metadata"]["labels"] = meta["labels"]
    made["spec"] = template["spec"]
    return made


def cronjob(task: Task, name: str) -> Obj:
    """A CronJob of an image."""
    pod = {
        "containers": [_container(name, task.options.text("image"), task.command.command)],
        "restartPolicy": task.options.text("restart", "OnFailure"),
    }
    template = {"metadata": {"name": name}, "spec": {"template": {"metadata": {}, "spec": pod}}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": task.options.text("schedule"), "jobTemplate": template},
        "status": {},
    }


# ---- Services and Ingresses from flags


def number_or_name(text: str) -> int | str:
    """A port by its number where it is one."""
    return int(text) if re.fullmatch(r"\d+", text) else text


def _service(task: Task, name: str, kind: str) -> Obj:
    pairs = task.options.all("tcp")
    headless = task.options.text("clusterip") == "None"
    if not pairs and kind != "ExternalName" and not headless:
        raise KubectlError("error: at least one tcp port specifier must be provided")
    ports = [_port(pair, task.options.number("node-port", 0)) for pair in pairs]
    spec: Obj = {"selector": {"app": name}, "type": kind}
    if ports:
        spec["ports"] = ports
    if task.options.text("clusterip"):
        spec["clusterIP"] = task.options.text("clusterip")
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _port(pair: str, node_port: int) -> Obj:
    port, colon, target = pair.partition(":")
    if not re.fullmatch(r"\d+", port):
        raise KubectlError(f'error: strconv.ParseUint: parsing "{port}": invalid syntax')
    made: Obj = {"name": pair.replace(":", "-"), "port": int(port), "protocol": "TCP"}
    made["targetPort"] = number_or_name(target) if colon else int(port)
    if node_port:
        made["nodePort"] = node_port
    return made


def cluster_ip(task: Task, name: str) -> Obj:
    """A Service inside the cluster."""
    return _service(task, name, "ClusterIP")


def node_port(task: Task, name: str) -> Obj:
    """A Service with a port on every node."""
    return _service(task, name, "NodePort")


def load_balancer(task: Task, name: str) -> Obj:
    """A Service with an address outside."""
    return _service(task, name, "LoadBalancer")


def external_name(task: Task, name: str) -> Obj:
    """A Service that is another name for something outside."""
    made = _service(task, name, "ExternalName")
    made["spec"]["externalName"] = task.options.text("external-name")
    return made


# ---- Ingress

_RULE = re.compile(r"[^/=,]*/[^=,]*=[^:=,]+:[^:=,]+(?:,tls(?:=[^=,]*)?)?")


def ingress(task: Task, name: str) -> Obj:
    """An Ingress of rules `host/path=service:port[,tls[=secret]]`."""
    rules, default = task.options.all("rule"), task.options.text("default-backend")
    if not rules and not default:
        raise KubectlError(
            "error: not enough information provided: every ingress has to either specify a default-backend (which "
            "catches all traffic) or a list of rules (which catch specific paths)"
        )
    for rule in rules:
        if not _RULE.fullmatch(rule):
            raise KubectlError(
                f"error: rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            )
    spec: Obj = {}
    if task.options.text("class"):
        spec["ingressClassName"] = task.options.text("class")
    if default:
        spec["defaultBackend"] = _backend(default)
    if rules:
        spec["rules"] = _rules(rules)
    if tls := _tls(rules):
        spec["tls"] = tls
    meta: Obj = {"name": name}
    annotations = dict(pair.split("=", 1) for pair in task.options.all("annotation"))
    if annotations:
        meta["annotations"] = annotations
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": meta,
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _backend(text: str) -> Obj:
    service, _, port = text.partition(":")
    number = number_or_name(port)
    return {"service": {"name": service, "port": {"number" if isinstance(number, int) else "name": number}}}


def _rules(rules: list[str]) -> list[Obj]:
    by_host: dict[str, list[Obj]] = {}
    for rule in rules:
        host, _, rest = rule.partition(",")[0].partition("/")
        path, _, service = rest.partition("=")
        kind = "Prefix" if path.endswith("*") else "Exact"
        made = {"path": f"/{path.removesuffix('*')}", "pathType": kind, "backend": _backend(service)}
        by_host.setdefault(host, []).append(made)
    return [{**({"host": host} if host else {}), "http": {"paths": paths}} for host, paths in by_host.items()]


def _tls(rules: list[str]) -> list[Obj]:
    by_secret: dict[str, list[str]] = {}
    for rule in rules:
        before, comma, tls = rule.partition(",")
        host = before.partition("/")[0]
        if comma and not any(host in hosts for hosts in by_secret.values()):
            by_secret.setdefault(tls.partition("=")[2], []).append(host)
    made = []
    for secret, hosts in by_secret.items():
        named = [host for host in hosts if host]
        made.append({**({"hosts": named} if named else {}), **({"secretName": secret} if secret else {})})
    return [one for one in made if one]
