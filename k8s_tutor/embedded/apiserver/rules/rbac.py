"""Roles and their bindings. Source: pkg/apis/rbac of k8s.io/kubernetes (1.37), checked against a real server."""

from __future__ import annotations

from functools import partial

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import immutable
from k8s_tutor.embedded.apiserver.rules.rule import Rules, any_path_segment
from k8s_tutor.embedded.apiserver.rules.selectorvalidation import validate_label_selector
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["BINDING", "CLUSTER_BINDING", "CLUSTER_ROLE", "ROLE"]

_GROUP = "rbac.authorization.k8s.io"


def _default_binding(obj: Obj) -> None:
    obj["roleRef"]["apiGroup"] = obj["roleRef"].get("apiGroup") or _GROUP
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = subject.get("apiGroup") or _GROUP


def _default_role(obj: Obj) -> None:
    obj.setdefault("rules", None)  # as Go prints a role without any


def _validate_role(obj: Obj, *, namespaced: bool) -> list[FieldError]:
    rules = obj.get("rules") or ()
    found = [problem for index, rule in enumerate(rules) for problem in _rule(rule, f"rules[{index}]", namespaced)]
    if obj.get("aggregationRule") is not None:
        found += _aggregation(obj["aggregationRule"])
    return found + [required(f"rules[{index}].verbs") for index, rule in enumerate(rules) if not rule.get("verbs")]


def _rule(rule: Obj, path: str, namespaced: bool) -> list[FieldError]:
    found: list[FieldError] = []
    if urls := rule.get("nonResourceURLs"):
        if namespaced:
            words = "namespaced rules cannot apply to non-resource URLs"
            found.append(invalid(f"{path}.nonResourceURLs", urls, words))
        if any(rule.get(key) for key in ("apiGroups", "resources", "resourceNames")):
            words = "rules cannot apply to both regular resources and non-resource URLs"
            found.append(invalid(f"{path}.nonResourceURLs", urls, words))
        return found
    if not rule.get("apiGroups"):
        found.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        found.append(required(f"{path}.resources", "resource rules must supply at least one resource"))
    return found


def _aggregation(rule: Obj) -> list[FieldError]:
    path, selectors = "aggregationRule.clusterRoleSelectors", rule.get("clusterRoleSelectors") or ()
    if not selectors:
        return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
    found: list[FieldError] = []
    for index, selector in enumerate(selectors):
        problems = validate_label_selector(selector, f"{path}[{index}]")
        if problems:
            problems.append(invalid(f"{path}[{index}]", None, "invalid label selector."))
        found += problems
    return found


def _validate_binding(obj: Obj, *, namespaced: bool) -> list[FieldError]:
    role, subjects = obj["roleRef"], obj.get("subjects") or ()
    known = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    found: list[FieldError] = []
    if role.get("apiGroup") != _GROUP:
        found.append(unsupported("roleRef.apiGroup", role.get("apiGroup", ""), (_GROUP,)))
    if role.get("kind") not in known:
        found.append(unsupported("roleRef.kind", role.get("kind", ""), known, sort=False))
    found += [invalid("roleRef.name", role["name"], problem) for problem in any_path_segment(role.get("name", ""))]
    for index, subject in enumerate(subjects):
        found += _subject(subject, f"subjects[{index}]", namespaced)
    found += [required(f"subjects[{index}].name") for index, subject in enumerate(subjects) if not subject.get("name")]
    if not role.get("name"):
        found.append(required("roleRef.name"))
    return found


def _subject(subject: Obj, path: str, namespaced: bool) -> list[FieldError]:
    kind, name, group = subject.get("kind", ""), subject.get("name", ""), subject.get("apiGroup", "")
    if kind in ("User", "Group"):
        return [] if group == _GROUP else [unsupported(f"{path}.apiGroup", group, (_GROUP,))]
    if kind != "ServiceAccount":
        return [unsupported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"), sort=False)]
    found = [invalid(f"{path}.name", name, problem) for problem in (names.dns1123_subdomain(name) if name else ())]
    if group:
        found.append(unsupported(f"{path}.apiGroup", group, ("",)))
    if not namespaced and not subject.get("namespace"):
        found.append(required(f"{path}.namespace"))
    return found


def _update_role(new: Obj, _: Obj, *, namespaced: bool) -> list[FieldError]:
    return _validate_role(new, namespaced=namespaced)


def _update_binding(new: Obj, old: Obj, *, namespaced: bool) -> list[FieldError]:
    found = _validate_binding(new, namespaced=namespaced)
    if new["roleRef"] != old["roleRef"]:
        shown = {f"{key[0].upper()}{key[1:]}".replace("Api", "API"): value for key, value in new["roleRef"].items()}
        found += immutable(shown, None, "roleRef")
    return found


def _role(*, namespaced: bool) -> Rules:
    return Rules(
        default=_default_role,
        validate=partial(_validate_role, namespaced=namespaced),
        validate_update=partial(_update_role, namespaced=namespaced),
        name=any_path_segment,
        upsert=True,
    )


def _binding(*, namespaced: bool) -> Rules:
    return Rules(
        default=_default_binding,
        validate=partial(_validate_binding, namespaced=namespaced),
        validate_update=partial(_update_binding, namespaced=namespaced),
        name=any_path_segment,
        upsert=True,
    )


ROLE, CLUSTER_ROLE = _role(namespaced=True), _role(namespaced=False)
BINDING, CLUSTER_BINDING = _binding(namespaced=True), _binding(namespaced=False)
