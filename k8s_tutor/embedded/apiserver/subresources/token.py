"""`serviceaccounts/token`: a TokenRequest is answered with a token.

Source: pkg/registry/core/serviceaccount/storage/token.go of k8s.io/kubernetes (1.37). Not simulated: tokens bound to
webhook configurations.
"""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access.accounts import user_name
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, quoted
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.subresources.binding import read_as
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["answer"]

_REQUEST = Kind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", "tokenrequest", namespaced=True)
_NAMESPACE = Kind("", "v1", "Namespace", "namespaces", "namespace", namespaced=False)
_SHORTEST, _LONGEST, _DEFAULT = 600, 1 << 32, 3600  # seconds
_INJECTED = 3607  # what the admission plugin writes into every pod: such tokens live for a year, and warn after that
_EXTENDED = 365 * 24 * 3600


def answer(call: Call) -> Response:
    """POST of a TokenRequest.

    Raises:
        StatusError: 400, 404, 409 or 422.
    """
    request = read_as(call, _REQUEST, write_options(call.request, "CreateOptions"))
    account = _account(call, request)
    now = float(int(call.ground.now()))
    spec = request["spec"]
    spec["audiences"] = spec.get("audiences") or [AUDIENCE]
    spec.setdefault("expirationSeconds", _DEFAULT)
    spec.setdefault("boundObjectRef", None)
    _check(spec)
    bound = _bound(call, spec["boundObjectRef"])
    seconds = spec["expirationSeconds"]
    private: Obj = {"namespace": account["namespace"], "serviceaccount": _reference(account), **bound}
    if "pod" in bound and seconds == _INJECTED and spec["audiences"] == [AUDIENCE]:
        private["warnafter"] = int(now) + seconds
        seconds = _EXTENDED
    claims: Obj = {
        "aud": spec["audiences"],
        "exp": int(now) + seconds,
        "iat": int(now),
        "kubernetes.io": dict(sorted(private.items())),
        "nbf": int(now),
        "sub": user_name(account["namespace"], account["name"]),
    }
    status = {
        "token": call.ground.tokens.issue(claims),
        "expirationTimestamp": rfc3339(now + spec["expirationSeconds"]),
    }
    metadata = {**request["metadata"], "creationTimestamp": rfc3339(now)}
    metadata |= {key: account[key] for key in ("name", "namespace", "uid")}
    kind = {key: request[key] for key in ("kind", "apiVersion")}
    answered = {**kind, "metadata": metadata, "spec": spec, "status": status}
    return Response(201, answered, warnings=tuple(call.warnings))


def _account(call: Call, request: Obj) -> Obj:
    """The metadata of the account, which the request may name again but not otherwise."""
    metadata, route = request["metadata"], call.route
    if metadata.get("namespace", route.namespace) != route.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if (name := metadata.get("name", "")) not in ("", route.name):
        problem = invalid("metadata.name", name, "must match the service account name if specified")
        raise errors.invalid(_REQUEST, route.name, [problem])
    if call.ground.store.get("namespaces", "", route.namespace) is None:
        raise errors.not_found(_NAMESPACE, route.namespace)
    account: Obj = call.ground.get(call.kind, route.namespace, route.name)["metadata"]
    uid = metadata.get("uid", "")
    if uid and uid != account["uid"]:
        words = f"the UID in the token request ({uid}) does not match the UID of the service account ({account['uid']})"
        raise errors.conflict(_REQUEST, route.name, words, as_kind=True)
    return account


def _check(spec: Obj) -> None:
    path, seconds = "spec.expirationSeconds", spec["expirationSeconds"]
    problems: list[FieldError] = []
    if seconds < _SHORTEST:
        problems.append(invalid(path, seconds, "may not specify a duration less than 10 minutes"))
    if seconds > _LONGEST:
        problems.append(invalid(path, seconds, "may not specify a duration larger than 2^32 seconds"))
    if spec.get("attestations"):
        words = "attestations may only be specified with a webhook bound object reference"
        problems = [invalid("spec.attestations", spec["attestations"], words)]
    if problems:
        raise errors.invalid(_REQUEST, "", problems)


def _bound(call: Call, reference: Obj | None) -> Obj:
    """The claims about the object whose end ends the token."""
    if not reference:
        return {}
    api_version, kind = reference.get("apiVersion", ""), reference.get("kind", "")
    known = api_version in ("", "v1") and kind in ("Pod", "Secret", "Node")
    found = builtin_kinds().of("v1", kind) if known else None
    if found is None:
        group, _, version = api_version.rpartition("/")
        raise errors.bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    obj = call.ground.get(found, call.route.namespace, reference.get("name", ""))
    if kind == "Pod" and obj["spec"].get("serviceAccountName") != call.route.name:
        who = quoted(call.route.name)
        words = f"cannot bind token for serviceaccount {who} to pod running with different serviceaccount name."
        raise errors.bad_request(words)
    uid = obj["metadata"]["uid"]
    if reference.get("uid", uid) not in ("", uid):
        words = (
            f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict(found, reference["name"], words, as_kind=True)
    bound = {kind.lower(): _reference(obj["metadata"])}
    node = call.ground.store.get("nodes", "", obj["spec"].get("nodeName", "")) if kind == "Pod" else None
    return bound | ({"node": _reference(node["metadata"])} if node else {})


def _reference(metadata: Obj) -> Obj:
    return {"name": metadata["name"], "uid": metadata["uid"]}
