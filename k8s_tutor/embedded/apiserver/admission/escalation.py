"""Nobody gives what they do not have: writers of roles and bindings; who may ask for, approve, sign certificates."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access.identities import MASTERS, Attributes
from k8s_tutor.embedded.apiserver.access.rbac import GROUP, described, uncovered
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.fielderrors import aggregate, quoted
from k8s_tutor.embedded.core import CertificateAuthority
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["check_certificates", "check_escalation"]

_EVERYTHING = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)
_FREED = ("finalizers", "ownerReferences", "managedFields")


def check_escalation(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Refuses a role, or a binding to one, that gives what the writer does not have and may not give.

    Raises:
        StatusError: 403; 404 for a binding to a role that is not there.
    """
    if kind.group != GROUP or MASTERS in call.user.groups or (old is not None and _frees(new, old)):
        return
    if kind.kind.endswith("Role"):
        _check_role(call, kind, new, old)
    else:
        _check_binding(call, kind, new)


def _check_role(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    route = call.route
    asked = Attributes(call.user, "escalate", GROUP, kind.plural, "", route.namespace, route.name)
    if call.context.authorizer.decide(asked).allowed:
        return
    name = new["metadata"].get("name", "")
    _check_held(call, kind, name, new.get("rules") or ())
    if any((obj.get("aggregationRule") or {}).get("clusterRoleSelectors") for obj in (new, old or {})):
        held, _ = call.context.authorizer.rbac.rules(call.user, "")
        if uncovered(held, _EVERYTHING):
            raise errors.forbidden(kind, name, "must have cluster-admin privileges to use the aggregationRule")


def _check_binding(call: Call, kind: Kind, new: Obj) -> None:
    reference, namespace = new.get("roleRef") or {}, call.route.namespace
    word, name = reference.get("kind", ""), reference.get("name", "")
    if word not in ("Role", "ClusterRole"):
        raise StatusError(failure(500, "", f"unsupported role reference kind: {quoted(word)}"))
    role = builtin_kinds().of(f"{GROUP}/v1", word)
    assert role is not None
    asked = Attributes(call.user, "bind", reference.get("apiGroup", ""), role.plural, "", namespace, name)
    if call.context.authorizer.decide(asked).allowed:
        return
    given = call.context.authorizer.rbac.rules_of(reference, namespace)
    if given is None:
        raise errors.not_found(role, name)
    _check_held(call, kind, new["metadata"].get("name", ""), given)


def _check_held(call: Call, kind: Kind, name: str, given: Sequence[Obj]) -> None:
    held, problems = call.context.authorizer.rbac.rules(call.user, call.route.namespace)
    missing = uncovered(held, given)
    if not missing:
        return
    who = f"user {quoted(call.user.name)} (groups=[{' '.join(map(quoted, call.user.groups))}])"
    words = "\n".join([f"{who} is attempting to grant RBAC permissions not currently held:", *described(missing)])
    if problems:
        words += f"; resolution errors: [{aggregate(problems)}]"
    raise errors.forbidden(kind, name, words)


def _frees(new: Obj, old: Obj) -> bool:
    """Whether a change is only one that lets the garbage collector go on."""

    def rest(obj: Obj) -> Obj:
        metadata = {key: value for key, value in obj["metadata"].items() if key not in _FREED}
        return {**obj, "metadata": metadata}

    return rest(new) == rest(old)


# ---- Requests for certificates: the server writes down who asks, and asks itself who may approve and sign
#
# Source: the admission plugins CertificateApproval, CertificateSigning and CertificateSubjectRestriction of
# k8s.io/kubernetes (1.37), checked against a real server.

_GROUP = "certificates.k8s.io"
_CLIENT = "kubernetes.io/kube-apiserver-client"


def check_certificates(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Fills in who asks for a certificate; refuses approvals and signatures of those who may not give them.

    Raises:
        StatusError: 403; 501 where the cluster has no authority.
    """
    if kind.group_resource != f"certificatesigningrequests.{_GROUP}":
        return
    if old is None:
        new["spec"] = {**new["spec"], **_requestor(call)}
        _check_subject(call, kind, new)
    elif call.route.subresource == "approval":
        _demand(call, kind, old, "approve")
    elif call.route.subresource == "status" and _is_signed(new) != _is_signed(old):
        _demand(call, kind, old, "sign")


def _requestor(call: Call) -> Obj:
    user = call.user
    fields: Obj = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    fields["extra"] = {key: list(values) for key, values in user.extra}
    return {key: value for key, value in fields.items() if value}


def _check_subject(call: Call, kind: Kind, request: Obj) -> None:
    spec = request["spec"]
    if spec.get("signerName") != _CLIENT:
        return
    authority = call.context.providers.authority
    if authority is None:
        words = "this cluster was started without a certificate authority: nobody here could read or sign the request"
        raise StatusError(failure(501, "NotImplemented", words))
    if MASTERS not in _organizations(authority, spec.get("request", "")):
        return
    why = f"use of {_CLIENT} signer with {MASTERS} group is not allowed"
    raise errors.forbidden(kind, request["metadata"].get("name", ""), why)


def _organizations(authority: CertificateAuthority, data: str) -> list[str]:
    try:
        return authority.read_organizations(base64.b64decode(data))
    except ValueError:
        return []  # validation will say so


def _is_signed(request: Obj) -> bool:
    return bool((request.get("status") or {}).get("certificate"))


def _demand(call: Call, kind: Kind, request: Obj, verb: str) -> None:
    signer = request["spec"]["signerName"]
    for name in (signer, f"{signer.partition('/')[0]}/*"):
        if call.context.authorizer.decide(Attributes(call.user, verb, _GROUP, "signers", name=name)).allowed:
            return
    why = f"user not permitted to {verb} requests with signerName {quoted(signer)}"
    raise errors.forbidden(kind, request["metadata"]["name"], why)
