"""Kinds that are stored and served, and on which nothing acts: whoever makes one is told so.

`docs/limits.md` names them, and what else this cluster is not.
"""

from __future__ import annotations

from k8s_tutor.objects.kinds import Kind

__all__ = ["idle"]

_POLICIES = "are stored, but no request is changed by them"
_WORDS = {
    "networkpolicies.networking.k8s.io": "are stored, but keep nobody from talking to anybody",
    "mutatingadmissionpolicies.admissionregistration.k8s.io": _POLICIES,
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": _POLICIES,
    "apiservices.apiregistration.k8s.io": "are stored, but no request is passed on to other API servers",
    "flowschemas.flowcontrol.apiserver.k8s.io": "are stored, but requests do not queue",
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": "are stored, but requests do not queue",
    "resourceclaims.resource.k8s.io": "are stored, but there are no devices to claim",
    "storageversionmigrations.storagemigration.k8s.io": "are stored, but there is nothing to migrate",
    "podcertificaterequests.certificates.k8s.io": "are stored, but nobody issues their certificates",
}


def idle(kind: Kind) -> str:
    """What to say to whoever makes an object of the kind; `""` where something acts on it."""
    words = _WORDS.get(kind.group_resource)
    return f"{kind.plural} {words} in the embedded cluster" if words else ""
