"""A part of an object under an address of its own: `/status`, `/scale`, `/approval`, `/token`."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.api.protocol import Response
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import admission, errors, fielderrors
from k8s_tutor.embedded.apiserver.access.identities import user_name
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.custom_kinds import ScalePaths
from k8s_tutor.embedded.apiserver.decoding import decode_as, named_as, read_body
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, quoted
from k8s_tutor.embedded.apiserver.options import WriteOptions, write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import APPLY, apply_document, merged_document, patch
from k8s_tutor.embedded.apiserver.registry import Change, Part, typed, update
from k8s_tutor.embedded.apiserver.rules.plain import keep_all_but_status
from k8s_tutor.embedded.apiserver.subresources.pods import read_as
from k8s_tutor.embedded.apiserver.versions import storage_kind, to_storage
from k8s_tutor.objects import apply as ssa
from k8s_tutor.objects import selectors
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Json, Obj

__all__ = ["answer", "answer_approval", "answer_finalize", "answer_scale", "answer_token"]


def answer(call: Call) -> Response:
    """GET, PUT or PATCH of a part of an object.

    Raises:
        StatusError: any refusal.
    """
    kind, route = storage_kind(call.kind), call.route
    if route.verb == "get":
        return object_answer(call, call.context.get(kind, route.namespace, route.name), call.kind)
    if route.verb == "patch":
        return object_answer(call, patch(call)[0], call.kind)
    options = write_options(call.request, "UpdateOptions")
    sent = typed(call, read_body(call.request, call.kind), call.kind, options)
    named_as(sent, route)
    new = to_storage(sent, call.kind)
    return object_answer(call, update(call, kind, lambda _: new, options), call.kind)


def answer_finalize(call: Call) -> Response:
    """PUT of a namespace's finalizers, which alone let it go.

    Raises:
        StatusError: any refusal.
    """
    options = write_options(call.request, "UpdateOptions")
    sent = typed(call, read_body(call.request, call.kind), call.kind, options)
    named_as(sent, call.route)

    def change(current: Obj) -> Obj:
        spec = {key: value for key, value in sent["spec"].items() if key == "finalizers"}
        return {**current, "metadata": {**sent["metadata"]}, "spec": spec}

    part = Part(lambda _, __: None, lambda _, __: [], counts=False)
    return object_answer(call, update(call, call.kind, change, options, part), call.kind)


# ---- `certificatesigningrequests/approval`: somebody who may says yes or no to a request for a certificate


def answer_approval(call: Call) -> Response:
    """GET, PUT or PATCH of a request's conditions.

    Raises:
        StatusError: any refusal.
    """
    kind, route = call.kind, call.route
    if route.verb == "get":
        return object_answer(call, call.context.get(kind, route.namespace, route.name), kind)
    now = rfc3339(call.context.now())

    def prepare(new: Obj, old: Obj) -> None:
        keep_all_but_status(new, old)
        conditions = [_dated(condition, now) for condition in (new.get("status") or {}).get("conditions") or ()]
        new["status"] = {**old["status"], "conditions": conditions} if conditions else old["status"]

    part = Part(prepare, lambda _, __: [], counts=False)
    if route.verb == "patch":
        return object_answer(call, patch(call, part)[0], kind)
    options = write_options(call.request, "UpdateOptions")
    sent = typed(call, read_body(call.request, kind), kind, options)
    named_as(sent, route)
    return object_answer(call, update(call, kind, lambda _: sent, options, part), kind)


def _dated(condition: Obj, now: str) -> Obj:
    return {
        **condition,
        "lastUpdateTime": condition.get("lastUpdateTime") or now,
        "lastTransitionTime": condition.get("lastTransitionTime") or now,
    }


# ---- `/scale`: the number of replicas, the same form for every kind that has one

SCALE = Kind("autoscaling", "v1", "Scale", "scales", "scale", namespaced=True)


def answer_scale(call: Call) -> Response:
    """GET, PUT or PATCH of an object's Scale.

    Raises:
        StatusError: any refusal.
    """
    route, context = call.route, call.context
    paths = context.custom.scale_paths(call.kind) or ScalePaths()
    options = write_options(call.request, "PatchOptions" if route.verb == "patch" else "UpdateOptions")
    sent = _decoded(read_body(call.request, SCALE)) if route.verb == "update" else None
    if sent is not None:
        named_as(sent, route)
    current = context.get(call.kind, route.namespace, route.name)
    if route.verb == "get":
        return object_answer(call, _scale(current, paths), SCALE)
    if sent is None and call.request.content_type.partition(";")[0].strip() == APPLY:
        stored = _apply(call, current, paths, options)
    else:
        before = _scale(current, paths)
        scale = admission.review(call, sent or _decoded(merged_document(call, before, SCALE)), before)
        stored = _store(call, current, scale, lambda obj: _with(obj, paths.wanted, _replicas(scale)), options)
    return object_answer(call, _scale(stored, paths), SCALE)


def _decoded(value: Json) -> Obj:
    shape = shape_of("autoscaling/v1", "Scale")
    assert shape is not None
    return decode_as(value, SCALE, shape)[0]


def _replicas(scale: Obj) -> int:
    return int(scale["spec"].get("replicas", 0))


def _apply(call: Call, current: Obj, paths: ScalePaths, options: WriteOptions) -> Obj:
    owners = ssa.managers_of(current)
    document = ssa.with_managers(_scale(current, paths), ssa.on_scale(owners, paths.wanted))
    merged = apply_document(call, document, SCALE, options)
    admission.review(call, merged, _scale(current, paths))
    scaled = ssa.of_scale(owners, ssa.managers_of(merged), paths.wanted, call.kind.api_version)

    def change(obj: Obj) -> Obj:
        return ssa.with_managers(_with(obj, paths.wanted, _replicas(merged)), scaled)

    return _store(call, current, merged, change, replace(options, applied=True))


def _store(call: Call, current: Obj, scale: Obj, change: Change, options: WriteOptions) -> Obj:
    _check(scale, current)
    version = current["metadata"]["resourceVersion"]
    if scale["metadata"].get("resourceVersion", version) != version:
        raise errors.conflict(call.kind, call.route.name)
    return update(call, call.kind, change, options)


def _scale(obj: Obj, paths: ScalePaths) -> Obj:
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Obj = {"replicas": _at(obj, paths.observed) or 0}
    if paths.selector and (selector := _at(obj, paths.selector)):
        status["selector"] = _selector_text(selector)
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": wanted} if (wanted := _at(obj, paths.wanted)) else {},
        "status": status,
    }


def _selector_text(selector: Json) -> str:
    if isinstance(selector, str):
        return selector
    if "matchLabels" in selector or "matchExpressions" in selector:
        return str(selectors.of(selector))
    return str(selectors.from_labels(selector))


def _check(scale: Obj, current: Obj) -> None:
    if _replicas(scale) < 0:
        problem = fielderrors.invalid("spec.replicas", _replicas(scale), "must be greater than or equal to 0")
        raise errors.invalid(SCALE, current["metadata"]["name"], [problem])


def _at(obj: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _with(obj: Obj, path: tuple[str, ...], value: Json) -> Obj:
    key, *rest = path
    changed = _with(obj.get(key) or {}, tuple(rest), value) if rest else value
    result = {**obj, key: changed}
    if "metadata" in obj:  # the top: its metadata will be stamped
        result["metadata"] = dict(obj["metadata"])
    return result


# ---- `serviceaccounts/token`: a TokenRequest is answered with a token
#
# Source: pkg/registry/core/serviceaccount/storage/token.go of k8s.io/kubernetes (1.37). Not simulated: tokens
# bound to
# webhook configurations.

_REQUEST = Kind("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", "tokenrequest", namespaced=True)
_NAMESPACE = Kind("", "v1", "Namespace", "namespaces", "namespace", namespaced=False)
_SHORTEST, _LONGEST, _DEFAULT = 600, 1 << 32, 3600  # seconds
_INJECTED = 3607  # what the admission plugin writes into every pod: such tokens live for a year, and warn after that
_EXTENDED = 365 * 24 * 3600


def answer_token(call: Call) -> Response:
    """POST of a TokenRequest.

    Raises:
        StatusError: 400, 404, 409 or 422.
    """
    request = read_as(call, _REQUEST, write_options(call.request, "CreateOptions"))
    account = _account(call, request)
    now = float(int(call.context.now()))
    spec = request["spec"]
    spec["audiences"] = spec.get("audiences") or [AUDIENCE]
    spec.setdefault("expirationSeconds", _DEFAULT)
    spec.setdefault("boundObjectRef", None)
    _check_request(spec)
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
        "token": call.context.tokens.issue(claims),
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
    if call.context.store.get("namespaces", "", route.namespace) is None:
        raise errors.not_found(_NAMESPACE, route.namespace)
    account: Obj = call.context.get(call.kind, route.namespace, route.name)["metadata"]
    uid = metadata.get("uid", "")
    if uid and uid != account["uid"]:
        words = f"the UID in the token request ({uid}) does not match the UID of the service account ({account['uid']})"
        raise errors.conflict(_REQUEST, route.name, words, as_kind=True)
    return account


def _check_request(spec: Obj) -> None:
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
    obj = call.context.get(found, call.route.namespace, reference.get("name", ""))
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
    node = call.context.store.get("nodes", "", obj["spec"].get("nodeName", "")) if kind == "Pod" else None
    return bound | ({"node": _reference(node["metadata"])} if node else {})


def _reference(metadata: Obj) -> Obj:
    return {"name": metadata["name"], "uid": metadata["uid"]}
