"""Requests for certificates: the server writes down who asks, and asks itself who may approve and sign.

Source: the admission plugins CertificateApproval, CertificateSigning and CertificateSubjectRestriction of
k8s.io/kubernetes (1.37), checked against a real server.
"""

from __future__ import annotations

import base64

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access.accounts import MASTERS
from k8s_tutor.embedded.apiserver.access.attributes import Attributes
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["check"]

_GROUP = "certificates.k8s.io"
_CLIENT = "kubernetes.io/kube-apiserver-client"


def check(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Fills in who asks for a certificate; refuses approvals and signatures of those who may not give them.

    Raises:
        StatusError: 403.
    """
    if kind.group_resource != f"certificatesigningrequests.{_GROUP}":
        return
    if old is None:
        new["spec"] = {**new["spec"], **_requestor(call)}
        _check_subject(kind, new)
    elif call.route.subresource == "approval":
        _demand(call, kind, old, "approve")
    elif call.route.subresource == "status" and _is_signed(new) != _is_signed(old):
        _demand(call, kind, old, "sign")


def _requestor(call: Call) -> Obj:
    user = call.user
    fields: Obj = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    fields["extra"] = {key: list(values) for key, values in user.extra}
    return {key: value for key, value in fields.items() if value}


def _check_subject(kind: Kind, request: Obj) -> None:
    spec = request["spec"]
    if spec.get("signerName") != _CLIENT or MASTERS not in _organizations(spec.get("request", "")):
        return
    why = f"use of {_CLIENT} signer with {MASTERS} group is not allowed"
    raise errors.forbidden(kind, request["metadata"].get("name", ""), why)


def _organizations(data: str) -> list[str]:
    from cryptography import x509  # noqa: PLC0415  # 70 ms to import, and rarely needed

    try:
        asked = x509.load_pem_x509_csr(base64.b64decode(data))
    except ValueError:
        return []  # validation will say so
    names = asked.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return [name.value if isinstance(name.value, str) else name.value.decode() for name in names]


def _is_signed(request: Obj) -> bool:
    return bool((request.get("status") or {}).get("certificate"))


def _demand(call: Call, kind: Kind, request: Obj, verb: str) -> None:
    signer = request["spec"]["signerName"]
    for name in (signer, f"{signer.partition('/')[0]}/*"):
        if call.ground.authorizer.decide(Attributes(call.user, verb, _GROUP, "signers", name=name)).allowed:
            return
    why = f"user not permitted to {verb} requests with signerName {quoted(signer)}"
    raise errors.forbidden(kind, request["metadata"]["name"], why)
