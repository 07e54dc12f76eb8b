"""Describing Pods and their containers, also those of the templates Pods are made from."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from k8s_tutor.kubectl.describe.page import Page, date, goes, quantity_of, selector_text, since
from k8s_tutor.kubectl.describe.storage import write_volumes
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.types import Obj

__all__ = [
    "describe_pod",
    "pod_field",
    "write_containers",
    "write_resources",
    "write_spread",
    "write_template",
    "write_tolerations",
]


# ---- Containers and volumes in descriptions: of Pods, and of the templates Pods are made from

FieldOf = Callable[[str], str]


def pod_field(pod: Obj) -> FieldOf:
    """Looks fields of a Pod up for its environment; kubectl knows two of them, and shows nothing for the rest."""

    def field_of(path: str) -> str:
        group, _, name = path.partition(".")
        return str(pod["metadata"].get(name, "")) if group == "metadata" and name in ("name", "namespace") else ""

    return field_of


def write_containers(
    page: Page,
    title: str,
    containers: list[Obj],
    statuses: list[Obj] | None = None,
    field_of: FieldOf | None = None,
    indent: str = "",
) -> None:
    """Writes containers, with their states where they run."""
    states = {status["name"]: status for status in statuses or ()}
    page.row(0, f"{indent}{title}:{'' if containers else ' <none>'}")
    for container in containers:
        _write_basics(page, container, states.get(container["name"]), " " if indent else "")
        _write_lines(page, "Command", container.get("command"))
        _write_lines(page, "Args", container.get("args"))
        if container["name"] in states:
            _write_states(page, states[container["name"]])
        write_resources(page, container.get("resources"), 2)
        _write_probes(page, container)
        _write_sources(page, container)
        _write_environment(page, container, field_of)
        _write_mounts(page, container)


def _write_basics(page: Page, container: Obj, status: Obj | None, indent: str) -> None:
    page.row(1, f"{indent}{container['name']}:")
    if status is not None:
        page.row(2, "Container ID:", status.get("containerID", ""))
    page.row(2, "Image:", container.get("image", ""))
    if status is not None:
        page.row(2, "Image ID:", status.get("imageID", ""))
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        ports = ", ".join(_port(port, key) for port in container.get("ports") or ())
        page.row(2, f"{title}s:" if "," in ports else f"{title}:", ports or "<none>")
    profile = (container.get("securityContext") or {}).get("seccompProfile")
    if profile:
        page.row(2, "SeccompProfile:", profile["type"])
        if profile["type"] == "Localhost":
            page.row(3, "LocalhostProfile:", profile.get("localhostProfile", ""))


def _port(port: Obj, key: str) -> str:
    text = f"{port.get(key, 0)}/{port.get('protocol', 'TCP')}"
    return f"{text} ({port['name']})" if port.get("name") else text


def _write_lines(page: Page, title: str, words: list[str] | None) -> None:
    if words:
        page.row(2, f"{title}:")
        for word in words:
            for line in word.split("\n"):
                page.row(3, line)


def _write_states(page: Page, status: Obj) -> None:
    _write_state(page, "State", status.get("state") or {})
    if "terminated" in (status.get("lastState") or {}):
        _write_state(page, "Last State", status["lastState"])
    page.row(2, "Ready:", bool(status.get("ready")))
    page.row(2, "Restart Count:", status.get("restartCount", 0))


def _write_state(page: Page, title: str, state: Obj) -> None:
    if "running" in state:
        page.row(2, f"{title}:", "Running")
        page.row(3, "Started:", date(state["running"].get("startedAt")))
    elif "terminated" in state:
        ended = state["terminated"]
        page.row(2, f"{title}:", "Terminated")
        for key in ("reason", "message"):
            if ended.get(key):
                page.row(3, f"{key.title()}:", ended[key])
        page.row(3, "Exit Code:", ended.get("exitCode", 0))
        if ended.get("signal"):
            page.row(3, "Signal:", ended["signal"])
        page.row(3, "Started:", date(ended.get("startedAt")))
        page.row(3, "Finished:", date(ended.get("finishedAt")))
    else:
        page.row(2, f"{title}:", "Waiting")
        reason = (state.get("waiting") or {}).get("reason")
        if reason:
            page.row(3, "Reason:", reason)


def write_resources(page: Page, resources: Obj | None, level: int) -> None:
    """Writes limits and requests."""
    for title in ("limits", "requests"):
        amounts = (resources or {}).get(title) or {}
        if amounts:
            page.row(level, f"{title.title()}:")
        for name in sorted(amounts):
            page.row(level + 1, f"{name}:", quantity_of(amounts[name]))


def _write_probes(page: Page, container: Obj) -> None:
    for title in ("liveness", "readiness", "startup"):
        probe = container.get(f"{title}Probe")
        if probe:
            page.row(2, f"{title.title()}:", _probe(probe))


def _probe(probe: Obj) -> str:
    attributes = (
        f"delay={probe.get('initialDelaySeconds', 0)}s timeout={probe.get('timeoutSeconds', 0)}s "
        f"period={probe.get('periodSeconds', 0)}s successThreshold={probe.get('successThreshold', 0)} "
        f"failureThreshold={probe.get('failureThreshold', 0)}"
    )
    if "exec" in probe:
        return f"exec {goes(probe['exec'].get('command'))} {attributes}"
    if "httpGet" in probe:
        get = probe["httpGet"]
        where = f"{get.get('scheme', 'HTTP').lower()}://{get.get('host', '')}:{get.get('port', '')}"
        path = get.get("path", "")
        return f"http-get {where}{'' if path.startswith('/') or not path else '/'}{path} {attributes}"
    if "tcpSocket" in probe:
        return f"tcp-socket {probe['tcpSocket'].get('host', '')}:{probe['tcpSocket'].get('port', '')} {attributes}"
    if "grpc" in probe:
        return f"grpc <pod>:{probe['grpc'].get('port', 0)} {probe['grpc'].get('service', '')} {attributes}"
    return f"unknown {attributes}"


def _write_sources(page: Page, container: Obj) -> None:
    sources = container.get("envFrom") or ()
    if sources:
        page.row(2, "Environment Variables from:")
    for source in sources:
        kind, key = ("ConfigMap", "configMapRef") if "configMapRef" in source else ("Secret", "secretRef")
        ref = source.get(key) or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        page.row(3, ref.get("name", ""), f"{kind}{prefix}", f"Optional: {_truth(ref.get('optional'))}")


def _write_environment(page: Page, container: Obj, field_of: FieldOf | None) -> None:
    variables = container.get("env") or ()
    page.row(2, "Environment:", *(() if variables else ("<none>",)))
    for variable in variables:
        name, source = variable["name"], variable.get("valueFrom")
        if not source:
            first, *others = variable.get("value", "").split("\n")
            page.row(3, f"{name}:", first)
            for line in others:
                page.row(3, "", line)
        else:
            page.row(3, f"{name}:", *_sourced(source, container, field_of))


def _sourced(source: Obj, container: Obj, field_of: FieldOf | None) -> list[str]:
    if "fieldRef" in source:
        ref = source["fieldRef"]
        value = field_of(ref["fieldPath"]) if field_of else ""
        return [f"{value} ({ref.get('apiVersion', 'v1')}:{ref['fieldPath']})"]
    if "resourceFieldRef" in source:
        ref = source["resourceFieldRef"]
        value = _resource_value(ref, container)
        if value == "0" and ref["resource"] in ("limits.cpu", "limits.memory"):
            value = "node allocatable"
        return [f"{value} ({ref['resource']})"]
    if "secretKeyRef" in source:
        ref = source["secretKeyRef"]
        return [
            f"<set to the key '{ref['key']}' in secret '{ref['name']}'>",
            f"Optional: {_truth(ref.get('optional'))}",
        ]
    ref = source.get("configMapKeyRef") or {}
    text = f"<set to the key '{ref.get('key', '')}' of config map '{ref.get('name', '')}'>"
    return [text, f"Optional: {_truth(ref.get('optional'))}"]


def _resource_value(ref: Obj, container: Obj) -> str:
    group, _, name = ref["resource"].partition(".")
    amount = ((container.get("resources") or {}).get(group) or {}).get(name)
    if amount is None:
        return "0"
    given = ref.get("divisor")
    unit = quantity.parse(given) if given and given != "0" else quantity.parse("1")
    if name == "cpu":
        return str(math.ceil(quantity.parse(amount).millis / unit.millis))
    return str(math.ceil(quantity.parse(amount).value / unit.value))


def _truth(value: object) -> str:
    return str(bool(value)).lower()


def _write_mounts(page: Page, container: Obj) -> None:
    mounts = sorted(container.get("volumeMounts") or (), key=lambda mount: str(mount["mountPath"]))
    page.row(2, "Mounts:", *(() if mounts else ("<none>",)))
    for mount in mounts:
        how = "ro" if mount.get("readOnly") else "rw"
        if mount.get("subPath"):
            how += f",path={json.dumps(mount['subPath'])}"
        page.row(3, f"{mount['mountPath']} from {mount['name']} ({how})")
    devices = sorted(container.get("volumeDevices") or (), key=lambda device: str(device["devicePath"]))
    if devices:
        page.row(2, "Devices:", *(() if mounts else ("<none>",)))
    for device in devices:
        page.row(3, f"{device['devicePath']} from {device['name']}")


# ---- the template Pods are made from


def write_template(page: Page, template: Obj) -> None:
    """Writes a Pod template."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    page.row(0, "Pod Template:")
    page.labels("  Labels", meta.get("labels"))
    if meta.get("annotations"):
        page.annotations("  Annotations", meta["annotations"])
    if spec.get("serviceAccountName"):
        page.row(1, "Service Account:", spec["serviceAccountName"])
    if spec.get("initContainers"):
        write_containers(page, "Init Containers", spec["initContainers"], indent="  ")
    write_containers(page, "Containers", spec.get("containers") or [], indent="  ")
    write_volumes(page, spec.get("volumes") or [], "  ")
    write_spread(page, spec.get("topologySpreadConstraints"), "  ")
    if spec.get("priorityClassName"):
        page.row(1, "Priority Class Name:", spec["priorityClassName"])
    page.labels("  Node-Selectors", spec.get("nodeSelector"))
    write_tolerations(page, "  Tolerations", spec.get("tolerations"))


def write_spread(page: Page, constraints: list[Obj] | None, indent: str = "") -> None:
    """Writes topology spread constraints."""
    lines = [
        f"{row['topologyKey']}:{row['whenUnsatisfiable']} when max skew {row['maxSkew']} is exceeded"
        + (f" for selector {selector_text(row['labelSelector'])}" if row.get("labelSelector") is not None else "")
        for row in sorted(constraints or (), key=lambda row: str(row["topologyKey"]))
    ]
    for index, line in enumerate(lines):
        page.row(0, f"{indent}Topology Spread Constraints:" if index == 0 else indent, line)


def write_tolerations(page: Page, title: str, tolerations: list[Obj] | None) -> None:
    """Writes tolerations, by their keys."""
    page.rows(title, (_toleration(row) for row in sorted(tolerations or (), key=lambda row: str(row.get("key", "")))))


def _toleration(row: Obj) -> str:
    text = str(row.get("key", ""))
    text += f"={row['value']}" if row.get("value") else ""
    text += f":{row['effect']}" if row.get("effect") else ""
    if row.get("operator") == "Exists" and not row.get("value"):
        text += f"{' ' if text else ''}op=Exists"
    if row.get("tolerationSeconds") is not None:
        text += f" for {row['tolerationSeconds']}s"
    return text


# ---- Describing Pods


def describe_pod(task: Task, pod: Obj, page: Page) -> None:
    """Writes a Pod."""
    spec, status = pod["spec"], pod.get("status") or {}
    _write_head(task, pod, page)
    _write_addresses(pod, page)
    field_of = pod_field(pod)
    if spec.get("resources"):
        page.row(0, "Resources:")
        write_resources(page, spec["resources"], 1)
    for title, key, states in (
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ):
        if spec.get(key) or key == "containers":
            write_containers(page, title, spec.get(key) or [], status.get(states) or [], field_of)
    _write_conditions(pod, page)
    write_volumes(page, spec.get("volumes") or [])
    page.row(0, "QoS Class:", status.get("qosClass", "BestEffort"))
    page.labels("Node-Selectors", spec.get("nodeSelector"))
    write_tolerations(page, "Tolerations", spec.get("tolerations"))
    write_spread(page, spec.get("topologySpreadConstraints"))


def _write_head(task: Task, pod: Obj, page: Page) -> None:
    meta, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    if spec.get("priority") is not None:
        page.row(0, "Priority:", spec["priority"])
    for title, key in (
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ):
        if spec.get(key):
            page.row(0, f"{title}:", spec[key])
    node = spec.get("nodeName")
    page.row(0, "Node:", f"{node}/{status.get('hostIP', '')}" if node else "<none>")
    if status.get("startTime"):
        page.row(0, "Start Time:", date(status["startTime"]))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    phase = status.get("phase", "")
    if meta.get("deletionTimestamp") and phase not in ("Failed", "Succeeded"):
        page.row(0, "Status:", f"Terminating (lasts {since(task, meta['deletionTimestamp'])})")
        page.row(0, "Termination Grace Period:", f"{meta.get('deletionGracePeriodSeconds', 0)}s")
    else:
        page.row(0, "Status:", phase)


def _write_addresses(pod: Obj, page: Page) -> None:
    spec, status = pod["spec"], pod.get("status") or {}
    for key in ("reason", "message"):
        if status.get(key):
            page.row(0, f"{key.title()}:", status[key])
    profile = (spec.get("securityContext") or {}).get("seccompProfile")
    if profile:
        page.row(0, "SeccompProfile:", profile["type"])
        if profile["type"] == "Localhost":
            page.row(0, "LocalhostProfile:", profile.get("localhostProfile", ""))
    page.row(0, "IP:", status.get("podIP", ""))
    page.row(0, "IPs:", *(() if status.get("podIPs") else ("<none>",)))
    for address in status.get("podIPs") or ():
        page.row(1, "IP:", address.get("ip", ""))
    owner = metadata.controller_of(pod)
    if owner is not None:
        page.row(0, "Controlled By:", f"{owner['kind']}/{owner['name']}")
    if status.get("nominatedNodeName"):
        page.row(0, "NominatedNodeName:", status["nominatedNodeName"])


def _write_conditions(pod: Obj, page: Page) -> None:
    conditions = (pod.get("status") or {}).get("conditions") or []
    states = {condition["type"]: condition["status"] for condition in conditions}
    gates = pod["spec"].get("readinessGates")
    if gates:
        page.row(0, "Readiness Gates:")
        page.row(1, "Type", "Status")
        for gate in gates:
            page.row(1, f"{gate['conditionType']} ", f"{states.get(gate['conditionType'], '<none>')} ")
    if conditions:
        page.row(0, "Conditions:")
        page.row(1, "Type", "Status")
        for condition in conditions:
            page.row(1, f"{condition['type']} ", f"{condition['status']} ")
