"""What is wrong with probes and lifecycle hooks."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import (
    name_problems,
    nonnegative,
    one_of,
    port_name,
    port_name_or_number,
    port_number,
)
from k8s_tutor.embedded.apiserver.rules.securityvalidation import validate_security
from k8s_tutor.embedded.apiserver.rules.storage import config_key_problems, validate_mounts
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.types import Obj

__all__ = [
    "Surroundings",
    "validate_containers",
    "validate_init_containers",
    "validate_lifecycle",
    "validate_probes",
    "validate_quantities",
    "validate_resource_field",
    "validate_resources",
]


# ---- What is wrong with probes and lifecycle hooks

_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def validate_probes(container: Obj, path: str) -> list[FieldError]:
    """The three probes of a container."""
    found: list[FieldError] = []
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe is None:
            continue
        field_path = f"{path}.{name}"
        found += _validate_probe(probe, field_path)
        if name == "readinessProbe":
            if "terminationGracePeriodSeconds" in probe:
                seconds = probe["terminationGracePeriodSeconds"]
                found.append(
                    invalid(
                        f"{field_path}.terminationGracePeriodSeconds", seconds, "must not be set for readinessProbes"
                    )
                )
        elif probe["successThreshold"] != 1:
            found.append(invalid(f"{field_path}.successThreshold", probe["successThreshold"], "must be 1"))
    return found


def validate_lifecycle(lifecycle: Obj, grace: int, path: str) -> list[FieldError]:
    """The hooks after start and before stop."""
    found: list[FieldError] = []
    for name in ("postStart", "preStop"):
        if name in lifecycle:
            found += _validate_handler(lifecycle[name], f"{path}.{name}", grace)
    return found


def _validate_probe(probe: Obj, path: str) -> list[FieldError]:
    found = _validate_handler(probe, path, None)
    for name in _COUNTS:
        found += nonnegative(probe.get(name), f"{path}.{name}")
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        found.append(invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0"))
    return found


def _validate_handler(handler: Obj, path: str, grace: int | None) -> list[FieldError]:
    kinds = [kind for kind in ("exec", "httpGet", "tcpSocket", "grpc", "sleep") if kind in handler]
    if not kinds:
        return [required(path, "must specify a handler type")]
    found = _validate_action(kinds[0], handler[kinds[0]], f"{path}.{kinds[0]}", grace)
    return found + [forbidden(f"{path}.{kind}", "may not specify more than 1 handler type") for kind in kinds[1:]]


def _validate_action(kind: str, action: Obj, path: str, grace: int | None) -> list[FieldError]:
    if kind == "exec":
        return [] if action.get("command") else [required(f"{path}.command")]
    if kind == "sleep":
        seconds = action.get("seconds", 0)
        if grace is None or 0 <= seconds <= grace:
            return []
        words = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        return [invalid(path, seconds, words)]
    found = port_name_or_number(action.get("port"), f"{path}.port")
    if kind == "httpGet" and action["scheme"] not in ("HTTP", "HTTPS"):
        found.append(unsupported(f"{path}.scheme", action["scheme"], ("HTTP", "HTTPS")))
    return found


# ---- What is wrong with requests and limits

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_DIVISORS = {
    "cpu": ("1m", "1"),
    "memory": ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"),
}


def validate_resources(resources: Obj, path: str) -> list[FieldError]:
    """A container's requests and limits."""
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    found: list[FieldError] = []
    for name in sorted(limits):
        found += _validate_amount(name, limits[name], f"{path}.limits[{name}]")
    for name in sorted(requests):
        found += _validate_amount(name, requests[name], f"{path}.requests[{name}]")
        overcommit = _may_overcommit(name)
        if name not in limits:
            if not overcommit:
                found.append(required(f"{path}.limits", "Limit must be set for non overcommitable resources"))
            continue
        asked, allowed = quantity.parse(requests[name]), quantity.parse(limits[name])
        if asked != allowed and not overcommit:
            words = f"must be equal to {name} limit of {limits[name]}"
            found.append(invalid(f"{path}.requests", requests[name], words))
        elif asked > allowed:
            words = f"must be less than or equal to {name} limit of {limits[name]}"
            found.append(invalid(f"{path}.requests", requests[name], words))
    return found


def validate_resource_field(reference: Obj, path: str) -> list[FieldError]:
    """A variable that shows a request or limit."""
    resource = reference.get("resource", "")
    if not resource:
        return [required(f"{path}.resource")]
    kind, _, name = resource.partition(".")
    if kind not in ("limits", "requests") or not (name in _STANDARD or name.startswith("hugepages-")):
        supported = [f"{kind}.{name}" for kind in ("limits", "requests") for name in _STANDARD]
        return [unsupported(f"{path}.resource", resource, supported)]
    divisor = quantity.parse(reference.get("divisor", "0"))
    units = _DIVISORS["cpu" if name == "cpu" else "memory"]
    if not divisor or any(divisor == quantity.parse(unit) for unit in units):
        return []
    known = " and ".join(units) if name == "cpu" else ", ".join(units)
    words = f"only divisor's values {known} are supported with the {name} resource"
    return [invalid(f"{path}.divisor", resource, words)]


def validate_quantities(amounts: Obj | None, path: str) -> list[FieldError]:
    """Amounts that may not be negative."""
    return [
        error for name, amount in sorted((amounts or {}).items()) for error in _not_negative(amount, f"{path}[{name}]")
    ]


def _validate_amount(name: str, amount: str, path: str) -> list[FieldError]:
    found = [invalid(path, name, problem) for problem in metadata.qualified_name(name)]
    if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        found.append(invalid(path, name, "must be a standard resource type or fully qualified"))
        found.append(invalid(path, name, "must be a standard resource for containers"))
    return found + _not_negative(amount, path)


def _not_negative(amount: str, path: str) -> list[FieldError]:
    if quantity.parse(amount) < quantity.ZERO:
        return [invalid(path, amount, "must be greater than or equal to 0")]
    return []


def _may_overcommit(name: str) -> bool:
    """Native resources but huge pages: a pod may be limited to more than it asks for."""
    native = "/" not in name or "kubernetes.io/" in name
    return native and not name.startswith("hugepages-")


# ---- What is wrong with containers: names, images, ports, environment, probes, mounts, resources

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
        field_path, name = f"{path}[{index}]", container["name"]
        found += _validate_common(container, around, field_path)
        if name in taken:
            found.append(duplicate(f"{field_path}.name", name))
        taken.add(name)
        found += _validate_hooks(container, around, field_path)
        found += _validate_restart_policy(container, field_path)
    return found + _host_port_conflicts(containers, path)


def validate_init_containers(pod: Obj, around: Surroundings, path: str) -> list[FieldError]:
    """A pod's init containers; those that restart always are sidecars and may have probes."""
    found: list[FieldError] = []
    taken = {container["name"] for container in pod.get("containers", ())}
    for index, container in enumerate(pod.get("initContainers", ())):
        field_path, name = f"{path}[{index}]", container["name"]
        found += _validate_common(container, around, field_path)
        found += _validate_restart_policy(container, field_path)
        if name in taken:
            found.append(duplicate(f"{field_path}.name", name))
        taken.add(name)
        if container.get("restartPolicy") == "Always":
            found += _validate_hooks(container, around, field_path)
        else:
            found += [
                forbidden(f"{field_path}.{key}", _ONLY_SIDECARS)
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
        field_path = f"{path}[{index}]"
        if name := port.get("name"):
            problems = port_name(name, f"{field_path}.name")
            if not problems and name in taken:
                problems = [duplicate(f"{field_path}.name", name)]
            taken.add(name)
            found += problems
        number = port["containerPort"]
        found += (
            port_number(number, f"{field_path}.containerPort") if number else [required(f"{field_path}.containerPort")]
        )
        if host := port.get("hostPort"):
            found += port_number(host, f"{field_path}.hostPort")
        found += one_of(port["protocol"], _PROTOCOLS, f"{field_path}.protocol")
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
        field_path, name = f"{path}[{index}]", variable["name"]
        if not name:
            found.append(required(f"{field_path}.name"))
        else:
            found += [invalid(f"{field_path}.name", name, problem) for problem in _variable_name_problems(name)]
        if "valueFrom" in variable:
            found += _validate_source(variable, f"{field_path}.valueFrom")
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
    found = [invalid(f"{path}.name", name, problem) for problem in metadata.dns1123_subdomain(name)]
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
        field_path = f"{path}[{index}]"
        kinds = [kind for kind in ("configMapRef", "secretRef") if kind in source]
        for kind in kinds:
            name = source[kind].get("name", "")
            found += [
                invalid(f"{field_path}.{kind}.name", name, problem) for problem in metadata.dns1123_subdomain(name)
            ]
        if not kinds:
            found.append(invalid(field_path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(kinds) > 1:
            found.append(invalid(field_path, "", "may not have more than one field specified at a time"))
    return found
