"""Aggregated ClusterRoles: their rules are those of all ClusterRoles that carry certain labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Patch
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["ClusterRoleAggregationController"]

ROLES = "clusterroles.rbac.authorization.k8s.io"


class ClusterRoleAggregationController:
    """Fills in the rules of roles that have an `aggregationRule`, such as `admin`, `edit` and `view`."""

    name: ClassVar[str] = "clusterrole-aggregation-controller"
    watches: ClassVar[tuple[str, ...]] = (ROLES,)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """Every aggregated role: any role may be part of any of them."""
        if change.previous is None and change.obj["metadata"].get("resourceVersion") == "1":
            return ()  # what a cluster begins with is complete
        return [metadata.key(role) for role in view.list(ROLES) if role.get("aggregationRule")]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Collects the rules of all roles that the selectors find."""
        role = view.get(ROLES, "", key.name)
        if role is None or not role.get("aggregationRule"):
            return NOTHING_TO_DO
        rules = _collected(role, view.list(ROLES))
        if rules == (role.get("rules") or []):
            return Reconciled(analysis=("It holds the rules of all roles it aggregates.",))
        words = f"The roles it aggregates have {len(rules)} rules, it has {len(role.get('rules') or ())}: write them."
        return Reconciled([Patch(role, {"rules": rules})], (words,))


def _collected(role: Obj, roles: Iterable[Obj]) -> list[Obj]:
    found: list[Obj] = []
    candidates = [one for one in roles if one is not role]
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        for one in candidates:
            if selectors.matches(selector, metadata.labels(one)):
                found += [rule for rule in one.get("rules") or () if rule not in found]
    return found
