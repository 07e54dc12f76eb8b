"""What is wrong with a pod, or with a pod's template.

Source of rules and wording: pkg/apis/core/validation of k8s.io/kubernetes 1.37, checked against a real server.
Not checked: Windows, SELinux and AppArmor, resource claims, volume kinds other than the common ones.
"""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import (
    ip_address,
    name_problems,
    nonnegative,
    one_of,
    validate_label_selector,
)
from k8s_tutor.embedded.apiserver.rules.containers import Surroundings, validate_containers, validate_init_containers
from k8s_tutor.embedded.apiserver.rules.metadata import check_annotations, check_labels
from k8s_tutor.embedded.apiserver.rules.quotas import validate_whole_pod
from k8s_tutor.embedded.apiserver.rules.securityvalidation import validate_pod_security
from k8s_tutor.embedded.apiserver.rules.storage import validate_volumes
from k8s_tutor.objects.metadata import dns1123_label, dns1123_subdomain, label_value, qualified_name
from k8s_tutor.objects.types import Obj

__all__ = [
    "validate_dns",
    "validate_host_aliases",
    "validate_placement",
    "validate_pod",
    "validate_pod_spec",
    "validate_template",
    "warn_about_pod",
]


# ---- What is wrong with where a pod wants to be: tolerations, affinity, spreading, gates

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NODE_OPERATORS = ("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn")


def validate_placement(spec: Obj, path: str) -> list[FieldError]:
    """Everything in a pod's spec that the scheduler looks at."""
    found = _validate_affinity(spec.get("affinity") or {}, f"{path}.affinity")
    for index, constraint in enumerate(spec.get("topologySpreadConstraints", ())):
        found += _validate_spread(constraint, f"{path}.topologySpreadConstraints[{index}]")
    for index, toleration in enumerate(spec.get("tolerations", ())):
        found += _validate_toleration(toleration, f"{path}.tolerations[{index}]")
    return found


def _validate_toleration(toleration: Obj, path: str) -> list[FieldError]:
    key, operator = toleration.get("key", ""), toleration.get("operator", "")
    value, effect = toleration.get("value", ""), toleration.get("effect", "")
    found: list[FieldError] = []
    if key:
        found += [invalid(f"{path}.key", key, problem) for problem in qualified_name(key)]
    elif operator != "Exists":
        words = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        found.append(invalid(f"{path}.operator", operator, words))
    if "tolerationSeconds" in toleration and effect != "NoExecute":
        words = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        found.append(invalid(f"{path}.effect", effect, words))
    if operator in ("Equal", ""):
        problems = label_value(value)
        if problems:
            found.append(invalid(f"{path}.operator", value, ";".join(problems)))
    elif operator == "Exists":
        if value:
            found.append(invalid(f"{path}.operator", value, "value must be empty when `operator` is 'Exists'"))
    else:
        found.append(unsupported(f"{path}.operator", operator, ("Equal", "Exists"), sort=False))
    if effect and effect not in _EFFECTS:
        found.append(unsupported(f"{path}.effect", effect, _EFFECTS, sort=False))
    return found


def _validate_affinity(affinity: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    node = affinity.get("nodeAffinity") or {}
    field_path = f"{path}.nodeAffinity"
    if (must := node.get("requiredDuringSchedulingIgnoredDuringExecution")) is not None:
        terms_path = f"{field_path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        terms = must.get("nodeSelectorTerms", [])
        if not terms:
            found.append(required(terms_path, "must have at least one node selector term"))
        for index, term in enumerate(terms):
            found += _validate_node_term(term, f"{terms_path}[{index}]")
    for index, wish in enumerate(node.get("preferredDuringSchedulingIgnoredDuringExecution", ())):
        wish_path = f"{field_path}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
        found += _validate_weight(wish, wish_path)
        found += _validate_node_term(wish["preference"], f"{wish_path}.preference")
    for kind in ("podAffinity", "podAntiAffinity"):
        found += _validate_pod_affinity(affinity.get(kind) or {}, f"{path}.{kind}")
    return found


def _validate_node_term(term: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, row in enumerate(term.get("matchExpressions", ())):
        field_path, operator, values = f"{path}.matchExpressions[{index}]", row["operator"], row.get("values", [])
        if operator in ("In", "NotIn") and not values:
            words = "must be specified when `operator` is 'In' or 'NotIn'"
            found.append(required(f"{field_path}.values", words))
        elif operator in ("Exists", "DoesNotExist") and values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            found.append(forbidden(f"{field_path}.values", words))
        elif operator in ("Gt", "Lt") and len(values) != 1:
            found.append(
                required(f"{field_path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
            )
        elif operator not in _NODE_OPERATORS:
            found.append(invalid(f"{field_path}.operator", operator, "not a valid selector operator"))
        found += [invalid(f"{field_path}.key", row["key"], problem) for problem in qualified_name(row["key"])]
    return found


def _validate_pod_affinity(affinity: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    key = "requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(affinity.get(key, ())):
        found += _validate_pod_term(term, f"{path}.{key}[{index}]")
    key = "preferredDuringSchedulingIgnoredDuringExecution"
    for index, wish in enumerate(affinity.get(key, ())):
        found += _validate_weight(wish, f"{path}.{key}[{index}]")
        found += _validate_pod_term(wish["podAffinityTerm"], f"{path}.{key}[{index}].podAffinityTerm")
    return found


def _validate_pod_term(term: Obj, path: str) -> list[FieldError]:
    found = validate_label_selector(term.get("labelSelector"), f"{path}.labelSelector")
    topology = term.get("topologyKey", "")
    if not topology:
        found.append(required(f"{path}.topologyKey", "can not be empty"))
    return found + [invalid(f"{path}.topologyKey", topology, problem) for problem in qualified_name(topology)]


def _validate_weight(wish: Obj, path: str) -> list[FieldError]:
    weight = wish.get("weight", 0)
    return [] if 1 <= weight <= 100 else [invalid(f"{path}.weight", weight, "must be in the range 1-100")]


def _validate_spread(constraint: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    skew, action = constraint["maxSkew"], constraint["whenUnsatisfiable"]
    if skew <= 0:
        found.append(invalid(f"{path}.maxSkew", skew, "must be greater than zero"))
    if not constraint["topologyKey"]:
        found.append(required(f"{path}.topologyKey", "can not be empty"))
    if action not in ("DoNotSchedule", "ScheduleAnyway"):
        found.append(unsupported(f"{path}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway")))
    return found + validate_label_selector(constraint.get("labelSelector"), f"{path}.labelSelector")


# ---- What is wrong with a pod, or with a pod's template

# ---- What is wrong with how a pod's containers find names: host aliases, DNS policy, DNS configuration
#
# Source of rules and wording: pkg/apis/core/validation of k8s.io/kubernetes 1.37, checked against a real server.

_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MOST_SERVERS, _MOST_SEARCHES = 3, 32
_SEARCH = r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*"
_SEARCH_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
    f"start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SEARCH}')"
)


def validate_dns(spec: Obj, path: str) -> list[FieldError]:
    """A pod's `dnsPolicy` and `dnsConfig`."""
    found = one_of(spec["dnsPolicy"], _POLICIES, f"{path}.dnsPolicy")
    config, field_path = spec.get("dnsConfig"), f"{path}.dnsConfig"
    if config is None:
        if spec["dnsPolicy"] == "None":
            found.append(required(field_path, "must provide `dnsConfig` when `dnsPolicy` is None"))
        return found
    if spec["dnsPolicy"] == "None" and not config.get("nameservers"):
        words = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        return [*found, required(f"{field_path}.nameservers", words)]
    return found + _validate_config(config, field_path)


def validate_host_aliases(aliases: list[Obj], path: str) -> list[FieldError]:
    """Lines for a pod's `/etc/hosts`."""
    found: list[FieldError] = []
    for index, alias in enumerate(aliases):
        found += ip_address(alias.get("ip", ""), f"{path}[{index}].ip")
        for number, name in enumerate(alias.get("hostnames", ())):
            field_path = f"{path}[{index}].hostnames[{number}]"
            found += [invalid(field_path, name, problem) for problem in dns1123_subdomain(name)]
    return found


def _validate_config(config: Obj, path: str) -> list[FieldError]:
    servers, searches = config.get("nameservers", []), config.get("searches", [])
    found: list[FieldError] = []
    if len(servers) > _MOST_SERVERS:
        words = f"must not have more than {_MOST_SERVERS} nameservers"
        found.append(invalid(f"{path}.nameservers", servers, words))
    for index, server in enumerate(servers):
        found += ip_address(server, f"{path}.nameservers[{index}]")
    if len(searches) > _MOST_SEARCHES:
        found.append(invalid(f"{path}.searches", searches, f"must not have more than {_MOST_SEARCHES} search paths"))
    for index, search in enumerate(searches):
        if search != "." and not re.fullmatch(_SEARCH, search.removesuffix(".")):
            found.append(invalid(f"{path}.searches[{index}]", search, _SEARCH_WORDS))
    for index, option in enumerate(config.get("options", ())):
        if not option.get("name"):
            found.append(required(f"{path}.options[{index}]", "must not be empty"))
    return found


# ---- What is wrong with a pod, or with a pod's template

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
    found += validate_whole_pod(spec, f"{path}.resources")
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
    if problems := dns1123_label(name):
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
                field_path = f"{path}.containers[{index}].env[{number}]"
                found.append(
                    f'{field_path}: hides previous definition of "{name}", which may be dropped when using apply'
                )
            seen[name] = number
        ports: dict[tuple[int, str], int] = {}
        for number, port in enumerate(container.get("ports", ())):
            key = (port["containerPort"], port["protocol"])
            if key in ports:
                field_path = f"{path}.containers[{index}].ports"
                found.append(f"{field_path}[{number}]: duplicate port definition with {field_path}[{ports[key]}]")
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
                field_path = f"{path}.containers[{index}].ports[{number}].containerPort"
                words = "must match `hostPort` when `hostNetwork` is true"
                found.append(invalid(field_path, port["containerPort"], words))
    return found


def _names(spec: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for key in ("serviceAccountName", "nodeName", "priorityClassName"):
        if value := spec.get(key):
            found += name_problems(value, f"{path}.{key}", dns1123_subdomain(value))
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
