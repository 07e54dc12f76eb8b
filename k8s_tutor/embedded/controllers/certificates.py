"""Certificates for users: approved requests are signed by the cluster's certificate authority."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.trust import Trust
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["CertificateSigner"]

REQUESTS = "certificatesigningrequests.certificates.k8s.io"
SIGNER = "kubernetes.io/kube-apiserver-client"
_OPTIONAL, _NEEDED = ("digital signature", "key encipherment"), "client auth"


class CertificateSigner:
    """Signs for users of the API server. Not simulated: certificates of kubelets.

    Args:
        trust: Signs.
    """

    name: ClassVar[str] = "certificatesigningrequest-signing-controller"
    watches: ClassVar[tuple[str, ...]] = (REQUESTS,)

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The request."""
        return own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Signs what is approved, or says why it does not."""
        request = view.get(REQUESTS, "", key.name)
        if request is None or self._trust.sign is None:
            return NOTHING_TO_DO
        spec, status = request["spec"], request.get("status") or {}
        conditions = [row["type"] for row in status.get("conditions") or () if row.get("status") == "True"]
        if spec.get("signerName") != SIGNER or "Approved" not in conditions or "Failed" in conditions:
            return Reconciled(analysis=("Not approved, or not for this signer.",))
        if status.get("certificate"):
            return Reconciled(analysis=("It is signed.",))
        if problem := _problem(spec.get("usages") or ()):
            failed = _failed(problem, rfc3339(now))
            status = {**status, "conditions": [*(status.get("conditions") or ()), failed]}
            return Reconciled([UpdateStatus({**request, "status": status})], (f"{problem}: say so.",))
        try:
            certificate = self._trust.sign(base64.b64decode(spec["request"]), spec.get("expirationSeconds"))
        except ValueError as error:
            return Reconciled(analysis=(f"The request cannot be read: {error}",))
        status = {**status, "certificate": base64.b64encode(certificate).decode("ascii")}
        return Reconciled([UpdateStatus({**request, "status": status})], ("It is approved: sign it.",))


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
