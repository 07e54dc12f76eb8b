"""Certificates: who asked for one, and whether it was given."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.tables.words import Cells, age, labels_text, name, part
from k8s_tutor.objects.durations import human_duration
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS"]


def signing_request(obj: Obj, now: float) -> list[Json]:
    """Name, Age, SignerName, Requestor, RequestedDuration, Condition."""
    spec = obj.get("spec") or {}
    seconds = spec.get("expirationSeconds")
    said = _conditions(obj)
    word = "Denied" if "Denied" in said else "Approved" if "Approved" in said else "Pending"
    word += ",Failed" if "Failed" in said else ""
    word += ",Issued" if part(obj, "status", "certificate") else ""
    return [
        name(obj),
        age(obj, now),
        spec.get("signerName") or "<none>",
        spec.get("username", ""),
        "<none>" if seconds is None else human_duration(seconds),
        word,
    ]


def pod_request(obj: Obj, _: float) -> list[Json]:
    """Name, PodName, ServiceAccountName, NodeName, SignerName, State, UnverifiedUserAnnotations."""
    spec = obj.get("spec") or {}
    said = _conditions(obj)
    return [
        name(obj),
        *(spec.get(field, "") for field in ("podName", "serviceAccountName", "nodeName", "signerName")),
        next((word for word in ("Issued", "Denied", "Failed") if word in said), "Pending"),
        labels_text(spec.get("unverifiedUserAnnotations")),
    ]


def trust_bundle(obj: Obj, _: float) -> list[Json]:
    """Name, SignerName."""
    return [name(obj), part(obj, "spec", "signerName") or "<none>"]


def _conditions(obj: Obj) -> list[str]:
    return [str(row.get("type")) for row in part(obj, "status", "conditions") or ()]


CELLS: dict[str, Cells] = {
    "certificatesigningrequests.certificates.k8s.io": signing_request,
    "podcertificaterequests.certificates.k8s.io": pod_request,
    "clustertrustbundles.certificates.k8s.io": trust_bundle,
}
