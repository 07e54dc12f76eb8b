"""Aggregated ClusterRoles, and certificates for users."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Patch, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.serviceaccounts import Signing
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["CertificateSigner", "ClusterRoleAggregationController"]


# ---- Aggregated ClusterRoles: their rules are those of all ClusterRoles that carry certain labels

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
            return Reconciled(analysis=(msg("It holds the rules of all roles it aggregates."),))
        words = msg(
            "The roles it aggregates have {count} rules, it has {own}: write them.",
            count=len(rules),
            own=len(role.get("rules") or ()),
        )
        return Reconciled([Patch(role, {"rules": rules})], (words,))


def _collected(role: Obj, roles: Iterable[Obj]) -> list[Obj]:
    found: list[Obj] = []
    candidates = [one for one in roles if one is not role]
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        for one in candidates:
            if selectors.matches(selector, metadata.labels(one)):
                found += [rule for rule in one.get("rules") or () if rule not in found]
    return found


# ---- Certificates for users: approved requests are signed by the cluster's certificate authority

REQUESTS = "certificatesigningrequests.certificates.k8s.io"
SIGNER = "kubernetes.io/kube-apiserver-client"
_OPTIONAL, _NEEDED = ("digital signature", "key encipherment"), "client auth"


class CertificateSigner:
    """Signs for users of the API server. Not simulated: certificates of kubelets.

    Args:
        signing: Signs.
    """

    name: ClassVar[str] = "certificatesigningrequest-signing-controller"
    watches: ClassVar[tuple[str, ...]] = (REQUESTS,)

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The request."""
        return own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Signs what is approved, or says why it does not."""
        request = view.get(REQUESTS, "", key.name)
        if request is None or self._signing.sign is None:
            return NOTHING_TO_DO
        spec, status = request["spec"], request.get("status") or {}
        conditions = [row["type"] for row in status.get("conditions") or () if row.get("status") == "True"]
        if spec.get("signerName") != SIGNER or "Approved" not in conditions or "Failed" in conditions:
            return Reconciled(analysis=(msg("Not approved, or not for this signer."),))
        if status.get("certificate"):
            return Reconciled(analysis=(msg("It is signed."),))
        if problem := _problem(spec.get("usages") or ()):
            failed = _failed(problem, rfc3339(now))
            status = {**status, "conditions": [*(status.get("conditions") or ()), failed]}
            return Reconciled(
                [UpdateStatus({**request, "status": status})], (msg("{problem}: say so.", problem=problem),)
            )
        try:
            certificate = self._signing.sign(base64.b64decode(spec["request"]), spec.get("expirationSeconds"))
        except ValueError as error:
            return Reconciled(analysis=(msg("The request cannot be read: {error}", error=error),))
        status = {**status, "certificate": base64.b64encode(certificate).decode("ascii")}
        return Reconciled([UpdateStatus({**request, "status": status})], (msg("It is approved: sign it."),))


def _problem(usages: Iterable[str]) -> str:
    usages = list(usages)
    wrong = next((usage for usage in usages if usage not in (*_OPTIONAL, _NEEDED)), "")
    if wrong:
        return f"invalid usage for client certificate: {wrong}"
    return "" if _NEEDED in usages else f"missing required usage for client certificate: {_NEEDED}"


def _failed(message: str, when: str) -> Obj:
    return {
        "type": "Failed",
        "status": "True",
        "reason": "SignerValidationFailure",
        "message": message,
        "lastUpdateTime": when,
        "lastTransitionTime": when,
    }
