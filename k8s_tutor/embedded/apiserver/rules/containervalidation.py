"""What is wrong with containers: names, images, ports, environment, probes, mounts, resources."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import name_problems, one_of, port_name, port_number
from k8s_tutor.embedded.apiserver.rules.probevalidation import validate_lifecycle, validate_probes
from k8s_tutor.embedded.apiserver.rules.resourcevalidation import validate_resource_field, validate_resources
from k8s_tutor.embedded.apiserver.rules.securityvalidation import validate_security
from k8s_tutor.embedded.apiserver.rules.volumevalidation import config_key_problems, validate_mounts
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["Surroundings", "validate_containers", "validate_init_containers"]

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("FallbackToLogsOnError", "File")
_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always"
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_POD_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a container's checks need to know of its pod: valid volumes, seconds of grace."""

    volumes: set[str]
    grace: int


def validate_containers(containers: list[Obj], around: Surroundings, path: str) -> list[FieldError]:
    """A pod's ordinary containers."""
    if not containers:
        return [required(path)]
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, container in enumerate(containers):
        place, name = f"{path}[{index}]", container["name"]
        found += _validate_common(container, around, place)
        if name in taken:
            found.append(duplicate(f"{place}.name", name))
        taken.add(name)
        found += _validate_hooks(container, around, place)
        found += _validate_restart_policy(container, place)
    return found + _host_port_conflicts(containers, path)


def validate_init_containers(pod: Obj, around: Surroundings, path: str) -> list[FieldError]:
    """A pod's init containers; those that restart always are sidecars and may have probes."""
    found: list[FieldError] = []
    taken = {container["name"] for container in pod.get("containers", ())}
    for index, container in enumerate(pod.get("initContainers", ())):
        place, name = f"{path}[{index}]", container["name"]
        found += _validate_common(container, around, place)
        found += _validate_restart_policy(container, place)
        if name in taken:
            found.append(duplicate(f"{place}.name", name))
        taken.add(name)
        if container.get("restartPolicy") == "Always":
            found += _validate_hooks(container, around, place)
        else:
            found += [
                forbidden(f"{place}.{key}", _ONLY_SIDECARS)
                for key in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
                if key in container
            ]
    return found


def _validate_common(container: Obj, around: Surroundings, path: str) -> list[FieldError]:
    name = container["name"]
    found = name_problems(name, f"{path}.name") if name else [required(f"{path}.name")]
    image = container.get("image", "")
    if not image:
        found.append(required(f"{path}.image"))
    elif image != image.strip():
        found.append(invalid(f"{path}.image", image, "must not have leading or trailing whitespace"))
    found += one_of(container["terminationMessagePolicy"], _MESSAGE_POLICIES, f"{path}.terminationMessagePolicy")
    found += _validate_ports(container.get("ports", []), f"{path}.ports")
    found += _validate_env(container.get("env", []), f"{path}.env")
    found += _validate_env_from(container.get("envFrom", []), f"{path}.envFrom")
    found += validate_mounts(container.get("volumeMounts", []), around.volumes, f"{path}.volumeMounts")
    found += one_of(container["imagePullPolicy"], _PULL_POLICIES, f"{path}.imagePullPolicy")
    found += validate_resources(container["resources"], f"{path}.resources")
    return found + validate_security(container.get("securityContext"), f"{path}.securityContext")


def _validate_hooks(container: Obj, around: Surroundings, path: str) -> list[FieldError]:
    found = validate_lifecycle(container.get("lifecycle") or {}, around.grace, f"{path}.lifecycle")
    return found + validate_probes(container, path)


def _validate_restart_policy(container: Obj, path: str) -> list[FieldError]:
    policy = container.get("restartPolicy")
    if policy is None:
        if container.get("restartPolicyRules"):
            return [required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")]
        return []
    return [] if policy in _RESTART_POLICIES else [unsupported(f"{path}.restartPolicy", policy, _RESTART_POLICIES)]


def _validate_ports(ports: list[Obj], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, port in enumerate(ports):
        place = f"{path}[{index}]"
        if name := port.get("name"):
            problems = port_name(name, f"{place}.name")
            if not problems and name in taken:
                problems = [duplicate(f"{place}.name", name)]
            taken.add(name)
            found += problems
        number = port["containerPort"]
        found += port_number(number, f"{place}.containerPort") if number else [required(f"{place}.containerPort")]
        if host := port.get("hostPort"):
            found += port_number(host, f"{place}.hostPort")
        found += one_of(port["protocol"], _PROTOCOLS, f"{place}.protocol")
    return found


def _host_port_conflicts(containers: list[Obj], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports", ())):
            if not port.get("hostPort"):
                continue
            key = f"{port['protocol']}/{port.get('hostIP', '')}/{port['hostPort']}"
            if key in taken:
                found.append(duplicate(f"{path}[{index}].ports[{number}].hostPort", key))
            taken.add(key)
    return found


def _validate_env(variables: list[Obj], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, variable in enumerate(variables):
        place, name = f"{path}[{index}]", variable["name"]
        if not name:
            found.append(required(f"{place}.name"))
        else:
            found += [invalid(f"{place}.name", name, problem) for problem in _variable_name_problems(name)]
        if "valueFrom" in variable:
            found += _validate_source(variable, f"{place}.valueFrom")
    return found


def _variable_name_problems(name: str) -> list[str]:
    if "=" not in name and name.isascii() and name.isprintable():
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def _validate_source(variable: Obj, path: str) -> list[FieldError]:
    source = variable["valueFrom"]
    kinds = [kind for kind in _SOURCES if kind in source]
    found: list[FieldError] = []
    for kind in kinds:
        found += _validate_reference(kind, source[kind], f"{path}.{kind}")
    if not kinds:
        words = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        found.append(invalid(path, "", words))
    elif variable.get("value"):
        found.append(invalid(path, "", "may not be specified when `value` is not empty"))
    elif len(kinds) > 1:
        found.append(invalid(path, "", "may not have more than one field specified at a time"))
    return found


def _validate_reference(kind: str, reference: Obj, path: str) -> list[FieldError]:
    if kind == "fieldRef":
        return _validate_field_path(reference.get("fieldPath", ""), path)
    if kind == "resourceFieldRef":
        return validate_resource_field(reference, path)
    if kind not in ("configMapKeyRef", "secretKeyRef"):
        return []
    name, key = reference.get("name", ""), reference.get("key", "")
    found = [invalid(f"{path}.name", name, problem) for problem in names.dns1123_subdomain(name)]
    if not key:
        return [*found, required(f"{path}.key")]
    return found + [invalid(f"{path}.key", key, problem) for problem in config_key_problems(key)]


def _validate_field_path(field: str, path: str) -> list[FieldError]:
    if not field:
        return [required(f"{path}.fieldPath")]
    head, bracket, _ = field.partition("['")
    if field in _POD_FIELDS or (bracket and head in ("metadata.labels", "metadata.annotations")):
        return []
    if field.startswith(("metadata.labels", "metadata.annotations")):
        return [unsupported(f"{path}.fieldPath", field, _POD_FIELDS)]
    return [invalid(f"{path}.fieldPath", field, f"error converting fieldPath: field label not supported: {field}")]


def _validate_env_from(sources: list[Obj], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, source in enumerate(sources):
        place = f"{path}[{index}]"
        kinds = [kind for kind in ("configMapRef", "secretRef") if kind in source]
        for kind in kinds:
            name = source[kind].get("name", "")
            found += [invalid(f"{place}.{kind}.name", name, problem) for problem in names.dns1123_subdomain(name)]
        if not kinds:
            found.append(invalid(place, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(kinds) > 1:
            found.append(invalid(place, "", "may not have more than one field specified at a time"))
    return found
