"""What is wrong with a pod, or with a pod's template.

Source of rules and wording: pkg/apis/core/validation of k8s.io/kubernetes 1.37, checked against a real server.
Not checked: Windows, SELinux and AppArmor, resource claims, volume kinds other than the common ones.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import name_problems, nonnegative, one_of
from k8s_tutor.embedded.apiserver.rules.containervalidation import (
    Surroundings,
    validate_containers,
    validate_init_containers,
)
from k8s_tutor.embedded.apiserver.rules.dnsvalidation import validate_dns, validate_host_aliases
from k8s_tutor.embedded.apiserver.rules.metadata import check_annotations, check_labels
from k8s_tutor.embedded.apiserver.rules.placementvalidation import validate_placement
from k8s_tutor.embedded.apiserver.rules.securityvalidation import validate_pod_security
from k8s_tutor.embedded.apiserver.rules.volumevalidation import validate_volumes
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["validate_pod", "validate_pod_spec", "validate_template", "warn_about_pod"]

_SYSTEMS = ("linux", "windows")
_OLD_LABELS = {"beta.kubernetes.io/arch": "kubernetes.io/arch", "beta.kubernetes.io/os": "kubernetes.io/os"}
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_LONGEST = 2**31 - 1


def validate_pod(pod: Obj) -> list[FieldError]:
    """A new pod."""
    spec = pod["spec"]
    found = validate_pod_spec(spec, "spec")
    found += nonnegative(spec.get("terminationGracePeriodSeconds"), "spec.terminationGracePeriodSeconds")
    if spec.get("ephemeralContainers"):
        found.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        found.append(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
    return found


def validate_pod_spec(spec: Obj, path: str) -> list[FieldError]:
    """A pod's spec, wherever it stands."""
    volumes, found = validate_volumes(spec.get("volumes", []), f"{path}.volumes")
    around = Surroundings(volumes, spec["terminationGracePeriodSeconds"])
    found += validate_containers(spec.get("containers", []), around, f"{path}.containers")
    found += validate_init_containers(spec, around, f"{path}.initContainers")
    found += _host_network(spec, path)
    found += one_of(spec["restartPolicy"], _RESTART_POLICIES, f"{path}.restartPolicy")
    found += validate_dns(spec, path)
    found += check_labels(spec.get("nodeSelector"), f"{path}.nodeSelector")
    found += validate_pod_security(spec, path)
    found += validate_host_aliases(spec.get("hostAliases", []), f"{path}.hostAliases")
    found += validate_placement(spec, path)
    found += _names(spec, path)
    return found + _lifetime(spec, path)


def validate_template(template: Obj, path: str) -> list[FieldError]:
    """A pod's template."""
    metadata = template["metadata"]
    found = check_labels(metadata.get("labels"), f"{path}.labels")
    found += check_annotations(metadata.get("annotations"), f"{path}.annotations")
    return found + validate_pod_spec(template["spec"], f"{path}.spec")


def warn_about_pod(pod: Obj) -> list[str]:
    """What works but is likely not meant."""
    found: list[str] = []
    name = pod["metadata"].get("name", "")
    if problems := names.dns1123_label(name):
        found.append(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label "
            f"is recommended: [{' '.join(problems)}]"
        )
    return found + warn_about_spec(pod["spec"], "spec")


def warn_about_spec(spec: Obj, path: str) -> list[str]:
    """Warnings about a pod's spec, wherever it stands."""
    found = [
        f'{path}.nodeSelector[{old}]: deprecated since v1.14; use "{new}" instead'
        for old, new in _OLD_LABELS.items()
        if old in spec.get("nodeSelector", ())
    ]
    for index, container in enumerate(spec.get("containers", ())):
        seen: dict[str, int] = {}
        for number, variable in enumerate(container.get("env", ())):
            name = variable["name"]
            if name in seen:
                place = f"{path}.containers[{index}].env[{number}]"
                found.append(f'{place}: hides previous definition of "{name}", which may be dropped when using apply')
            seen[name] = number
        ports: dict[tuple[int, str], int] = {}
        for number, port in enumerate(container.get("ports", ())):
            key = (port["containerPort"], port["protocol"])
            if key in ports:
                place = f"{path}.containers[{index}].ports"
                found.append(f"{place}[{number}]: duplicate port definition with {place}[{ports[key]}]")
            ports.setdefault(key, number)
    return found


def _host_network(spec: Obj, path: str) -> list[FieldError]:
    if not spec.get("hostNetwork"):
        return []
    found: list[FieldError] = []
    if spec.get("hostUsers") is False:
        found.append(forbidden(f"{path}.hostNetwork", "when `hostUsers` is false"))
    for index, container in enumerate(spec.get("containers", ())):
        for number, port in enumerate(container.get("ports", ())):
            if port.get("hostPort", 0) != port["containerPort"]:
                place = f"{path}.containers[{index}].ports[{number}].containerPort"
                words = "must match `hostPort` when `hostNetwork` is true"
                found.append(invalid(place, port["containerPort"], words))
    return found


def _names(spec: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for key in ("serviceAccountName", "nodeName", "priorityClassName"):
        if value := spec.get(key):
            found += name_problems(value, f"{path}.{key}", names.dns1123_subdomain(value))
    for key in ("hostname", "subdomain"):
        if value := spec.get(key):
            found += name_problems(value, f"{path}.{key}")
    for index, secret in enumerate(spec.get("imagePullSecrets", ())):
        if not secret.get("name"):
            found.append(required(f"{path}.imagePullSecrets[{index}].name"))
    return found


def _lifetime(spec: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _LONGEST:
        words = f"must be between 1 and {_LONGEST}, inclusive"
        found.append(invalid(f"{path}.activeDeadlineSeconds", deadline, words))
    if "os" in spec and (system := spec["os"].get("name", "")) not in _SYSTEMS:
        found.append(unsupported(f"{path}.os", system, _SYSTEMS) if system else required(f"{path}.os.name"))
    policy = spec.get("preemptionPolicy")
    if policy is not None and policy not in ("Never", "PreemptLowerPriority"):
        known = ("Never", "PreemptLowerPriority")
        found.append(unsupported(f"{path}.preemptionPolicy", policy, known))
    return found
