"""Roles and bindings: what RBAC says about a user, read off the store and remembered until a role or binding changes.

Source: pkg/registry/rbac/validation/rule.go and plugin/pkg/auth/authorizer/rbac of k8s.io/kubernetes (1.37).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random
from typing import Any, TypeAlias

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.access.identities import NO_OPINION, Attributes, Decision, user_name
from k8s_tutor.embedded.apiserver.fielderrors import aggregate, quoted
from k8s_tutor.embedded.core import User, new_uid
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects.types import Obj

__all__ = ["GROUP", "Grant", "Rbac", "allows", "described", "rules", "stock", "uncovered"]


# ---- Policy rules: what one allows, and whether some rules hold all that others do. Pure
#
# Source: k8s.io/component-helpers/auth/rbac/validation and pkg/registry/rbac/validation of k8s.io/kubernetes
# (1.37).

_ALL = "*"


def allows(rule: Obj, asked: Attributes) -> bool:
    """Whether a rule allows what is asked."""
    verbs = rule.get("verbs") or ()
    if _ALL not in verbs and asked.verb not in verbs:
        return False
    if asked.path:
        return any(_url_covers(url, asked.path) for url in rule.get("nonResourceURLs") or ())
    groups = rule.get("apiGroups") or ()
    if _ALL not in groups and asked.group not in groups:
        return False
    if not _holds_resource(rule.get("resources") or (), asked.combined):
        return False
    names = rule.get("resourceNames")
    return not names or asked.name in names


def uncovered(held: Sequence[Obj], given: Iterable[Obj]) -> list[Obj]:
    """What `given` allows and `held` does not, in rules of one verb, one resource and one name each."""
    pieces = (piece for rule in given for piece in _pieces(rule))
    return [piece for piece in pieces if not any(_covers(rule, piece) for rule in held)]


def described(rules: Iterable[Obj]) -> list[str]:
    """The rules in the words of a refusal: those that differ in their verb alone as one, sorted."""
    merged: dict[object, Obj] = {}
    for rule in rules:
        key = (
            *(tuple(rule.get(field, ())) for field in ("apiGroups", "resources", "resourceNames", "nonResourceURLs")),
        )
        if "nonResourceURLs" in rule:
            merged[(key, *rule["verbs"])] = rule
        elif key in merged:
            merged[key] = {**merged[key], "verbs": [*merged[key]["verbs"], *rule["verbs"]]}
        else:
            merged[key] = rule
    return sorted(set(map(_compact, merged.values())))


def _compact(rule: Obj) -> str:
    fields = (
        ("APIGroups", "apiGroups"),
        ("Resources", "resources"),
        ("NonResourceURLs", "nonResourceURLs"),
        ("ResourceNames", "resourceNames"),
        ("Verbs", "verbs"),
    )
    parts = [f"{word}:[{' '.join(map(quoted, rule[key]))}]" for word, key in fields if rule.get(key)]
    return f"{{{', '.join(parts)}}}"


def _pieces(rule: Obj) -> Iterator[Obj]:
    verbs = rule.get("verbs") or ()
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in verbs:
                piece: Obj = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                for name in rule.get("resourceNames") or ():
                    yield {**piece, "resourceNames": [name]}
                if not rule.get("resourceNames"):
                    yield piece
    for url in rule.get("nonResourceURLs") or ():
        for verb in verbs:
            yield {"nonResourceURLs": [url], "verbs": [verb]}


def _covers(rule: Obj, piece: Obj) -> bool:
    return (
        _holds(rule.get("verbs"), piece["verbs"])
        and _holds(rule.get("apiGroups"), piece.get("apiGroups", ()))
        and all(_holds_resource(rule.get("resources") or (), one) for one in piece.get("resources", ()))
        and all(
            any(_url_covers(url, one) for url in rule.get("nonResourceURLs") or ())
            for one in piece.get("nonResourceURLs", ())
        )
        and _holds_names(rule.get("resourceNames") or (), piece.get("resourceNames", ()))
    )


def _holds(held: Sequence[str] | None, given: Sequence[str]) -> bool:
    held = held or ()
    return _ALL in held or all(one in held for one in given)


def _holds_resource(held: Sequence[str], resource: str) -> bool:
    if _ALL in held or resource in held:
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in held


def _holds_names(held: Sequence[str], given: Sequence[str]) -> bool:
    if not held:
        return True
    return bool(given) and all(name in held for name in given)


def _url_covers(held: str, url: str) -> bool:
    return held in (url, _ALL) or (held.endswith(_ALL) and url.startswith(held.rstrip(_ALL)))


# ---- Roles and bindings: what RBAC says about a user, read off the store and remembered until a role or binding
# changes

GROUP = "rbac.authorization.k8s.io"
_ROLES, _CLUSTER_ROLES = f"roles.{GROUP}", f"clusterroles.{GROUP}"
_BINDINGS, _CLUSTER_BINDINGS = f"rolebindings.{GROUP}", f"clusterrolebindings.{GROUP}"
_MOST_USERS = 500  # remembered at a time


@dataclass(frozen=True, slots=True)
class Grant:
    """What one binding gives a user.

    Attributes:
        source: The binding, its role and the subject, in the words of a decision's reason.
        rules: Of the role.
        missing: Why there are none, where the role is not there.
    """

    source: str
    rules: Sequence[Obj]
    missing: str = ""


Grants: TypeAlias = tuple[Grant, ...]


class Rbac:
    """RBAC over a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._grants: dict[tuple[User, str], Grants] = {}
        self._widely: dict[tuple[User, str, str, str], Decision] = {}
        for resource in (_ROLES, _CLUSTER_ROLES, _BINDINGS, _CLUSTER_BINDINGS):
            store.subscribe(self._forget, resource)

    def decide(self, asked: Attributes) -> Decision:
        """Whether the user may, and by which binding."""
        key = (asked.user, asked.verb, asked.group, asked.combined)
        if not asked.path and (known := self._widely.get(key)):
            return known
        found = self.grants(asked.user, asked.namespace)
        for grant in found:
            for rule in grant.rules:
                if allows(rule, asked):
                    decision = Decision(allowed=True, reason=f"RBAC: allowed by {grant.source}")
                    if grant.source.startswith("Cluster") and not rule.get("resourceNames") and not asked.path:
                        self._widely[key] = decision
                    return decision
        missing = [grant.missing for grant in found if grant.missing]
        return Decision(allowed=False, reason=f"RBAC: {aggregate(missing)}") if missing else NO_OPINION

    def unlimited(self, user: User) -> bool:
        """Whether the user may do everything with every resource and path."""
        rules = [rule for grant in self.grants(user, "") for rule in grant.rules]
        whole = any(_is_whole(rule, "apiGroups") and _is_whole(rule, "resources") for rule in rules)
        return whole and any(_is_whole(rule, "nonResourceURLs") for rule in rules)

    def rules(self, user: User, namespace: str) -> tuple[list[Obj], list[str]]:
        """Every rule that applies to a user in a namespace, and what is wrong with their bindings."""
        found = self.grants(user, namespace)
        missing = [grant.missing for grant in found if grant.missing]
        return [rule for grant in found for rule in grant.rules], missing

    def rules_of(self, reference: Obj, namespace: str) -> Sequence[Obj] | None:
        """The rules of a role that a binding in `namespace` refers to; None where there is no such role."""
        name = reference.get("name", "")
        if reference.get("kind") == "Role":
            role = self._store.get(_ROLES, namespace, name)
        else:
            role = self._store.get(_CLUSTER_ROLES, "", name)
        return None if role is None else role.get("rules") or ()

    def grants(self, user: User, namespace: str) -> Grants:
        """What all bindings for the whole cluster, and those of a namespace, give a user."""
        key = (user, namespace)
        found = self._grants.get(key)
        if found is None:
            if len(self._grants) >= _MOST_USERS:
                self._grants.clear()
                self._widely.clear()
            found = tuple(self._bound(user, _CLUSTER_BINDINGS, ""))
            if namespace:
                found += tuple(self._bound(user, _BINDINGS, namespace))
            self._grants[key] = found
        return found

    def _bound(self, user: User, bindings: str, namespace: str) -> Iterator[Grant]:
        for binding in self._store.list(bindings, namespace):
            subjects = binding.get("subjects") or ()
            subject = next((one for one in subjects if _applies(one, user, namespace)), None)
            if subject is None:
                continue
            role = binding["roleRef"]
            rules = self.rules_of(role, namespace)
            if rules is None:
                plural = "role" if role["kind"] == "Role" else "clusterrole"
                yield Grant("", (), f'{plural}.{GROUP} "{role["name"]}" not found')
            else:
                yield Grant(_source(binding, subject, namespace), rules)

    def _forget(self, _: Change) -> None:
        self._grants.clear()
        self._widely.clear()


def _applies(subject: Obj, user: User, namespace: str) -> bool:
    name = subject.get("name", "")
    match subject.get("kind"):
        case "User":
            return bool(user.name == name)
        case "Group":
            return name in user.groups
        case "ServiceAccount":
            return user.name == user_name(subject.get("namespace") or namespace, name)
    return False


def _source(binding: Obj, subject: Obj, namespace: str) -> str:
    role, name = binding["roleRef"], binding["metadata"]["name"]
    who = subject["name"]
    if subject["kind"] == "ServiceAccount":
        who += f"/{subject.get('namespace') or namespace}"
    where = f'RoleBinding "{name}/{namespace}"' if namespace else f'ClusterRoleBinding "{name}"'
    return f'{where} of {role["kind"]} "{role["name"]}" to {subject["kind"]} "{who}"'


def _is_whole(rule: Obj, key: str) -> bool:
    return "*" in (rule.get("verbs") or ()) and "*" in (rule.get(key) or ()) and not rule.get("resourceNames")


# ---- The roles and bindings that every cluster begins with: those of Kubernetes, kubeadm and kind

_VERSION = "rbac.authorization.k8s.io/v1"
_KINDS = {
    "clusterroles": "ClusterRole",
    "clusterrolebindings": "ClusterRoleBinding",
    "roles": "Role",
    "rolebindings": "RoleBinding",
}
_AUTOUPDATE = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_APISERVER = "kube-apiserver"
_AGGREGATOR = "clusterrole-aggregation-controller"


def rules(name: str) -> list[Obj]:
    """The rules of a ClusterRole as Kubernetes brings it along."""
    found: list[Obj] = _facts()["clusterroles"][name]["rules"]
    return found


def stock(store: Store, seed: int, now: float) -> None:
    """Puts them into an empty store, whose beginning they are: they take no revision.

    Args:
        store: The store.
        seed: Their uids follow from it.
        now: When the cluster begins, seconds since the Unix epoch.
    """
    random = Random(seed)
    for plural, rows in _facts().items():
        store.begin(f"{plural}.rbac.authorization.k8s.io", list(_objects(plural, rows, random, rfc3339(now))))


@cache
def _facts() -> dict[str, dict[str, Any]]:
    text = resources.files("k8s_tutor.embedded.apiserver").joinpath("facts/rbac.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def _objects(plural: str, rows: dict[str, Any], random: Random, when: str) -> Iterator[Obj]:
    for key, row in rows.items():
        namespace, _, name = key.rpartition("/")
        metadata: Obj = {"name": name}
        if namespace:
            metadata["namespace"] = namespace
        metadata |= {"uid": new_uid(random), "resourceVersion": "", "creationTimestamp": when}
        if labels := row.get("labels"):
            metadata["labels"] = labels
        if row["by"] == _APISERVER:
            metadata["annotations"] = _AUTOUPDATE
        body = {"rules": None} if plural.endswith("roles") else {}
        body |= {field: value for field, value in row.items() if field not in ("by", "labels")}
        metadata["managedFields"] = _owners(row["by"], metadata, body, when)
        yield {"apiVersion": _VERSION, "kind": _KINDS[plural], "metadata": metadata, **body}


def _owners(by: str, metadata: Obj, body: Obj, when: str) -> list[Obj]:
    """managedFields as the writes of these objects leave them."""
    fields: Obj = {
        f"f:{part}": {".": {}, **{f"f:{key}": {} for key in metadata[part]}}
        for part in ("annotations", "labels")
        if part in metadata
    }
    owned: Obj = {"f:metadata": fields} if fields else {}
    for part, value in body.items():
        if part == "aggregationRule":
            owned["f:aggregationRule"] = {".": {}, "f:clusterRoleSelectors": {}}
        elif value is not None and not (part == "rules" and "aggregationRule" in body):
            owned[f"f:{part}"] = {}
    entries = [_entry(by, "Update", owned, when)]
    if "aggregationRule" in body:
        entries.insert(0, _entry(_AGGREGATOR, "Apply", {"f:rules": {}}, when))
    return entries


def _entry(manager: str, operation: str, fields: Obj, when: str) -> Obj:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": _VERSION,
        "time": when,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
