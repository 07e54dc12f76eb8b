"""Roles and bindings: what RBAC says about a user, read off the store and remembered until a role or binding changes.

Source: pkg/registry/rbac/validation/rule.go and plugin/pkg/auth/authorizer/rbac of k8s.io/kubernetes (1.37).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.embedded.apiserver.access.accounts import user_name
from k8s_tutor.embedded.apiserver.access.attributes import Attributes
from k8s_tutor.embedded.apiserver.access.decision import NO_OPINION, Decision
from k8s_tutor.embedded.apiserver.access.policy import allows
from k8s_tutor.embedded.apiserver.fielderrors import aggregate
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects.types import Obj

__all__ = ["GROUP", "Grant", "Rbac"]

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
