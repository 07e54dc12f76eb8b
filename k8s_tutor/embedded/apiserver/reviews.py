"""Kinds that are questions: a POST is answered at once and nothing is stored.

Permissions are not checked yet (RBAC has its own issue): every authenticated request is allowed, and reviews say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from k8s_tutor.api.protocol import Response
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.decoding import read_body
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.listing import Page
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.output import object_answer, page_answer
from k8s_tutor.embedded.apiserver.registry import typed
from k8s_tutor.embedded.apiserver.subresources import binding
from k8s_tutor.embedded.core import Answer
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["answer_question"]

_ADMINS = "kubeadm:cluster-admins"
_ADMIN_REASON = f'RBAC: allowed by ClusterRoleBinding "{_ADMINS}" of ClusterRole "cluster-admin" to Group "{_ADMINS}"'
_UNCHECKED = "the embedded cluster does not check permissions yet: every request is allowed"


def answer_question(call: Call) -> Answer | None:
    """The answer to a kind that is never stored; None for ordinary kinds.

    Raises:
        StatusError: 400 or 422.
    """
    if call.kind.group_resource == "bindings":
        return _bind(call)
    if call.kind.group_resource == "componentstatuses":
        return _components(call)
    status = _QUESTIONS.get(call.kind.kind)
    if status is None or call.kind.verbs != ("create",):
        return None
    options = write_options(call.request, "CreateOptions")
    question = typed(call, read_body(call.request, call.kind), call.kind, options)
    answered = {**question, "status": status(call, question)}
    if call.kind.kind == "SelfSubjectReview":
        answered["metadata"] = {"creationTimestamp": rfc3339(call.ground.now())}
    return Response(201, answered, warnings=tuple(call.warnings))


def _who_am_i(call: Call, _: Obj) -> Obj:
    info: Obj = {"username": call.user.name}
    if call.user.groups:
        info["groups"] = list(call.user.groups)
    return {"userInfo": info}


def _may_i(call: Call, question: Obj) -> Obj:
    _check_attributes(call, question["spec"])
    reason = _ADMIN_REASON if _ADMINS in call.user.groups else _UNCHECKED
    return {"allowed": True, "reason": reason}


def _may_they(call: Call, question: Obj) -> Obj:
    spec = question["spec"]
    _check_attributes(call, spec)
    if not spec.get("user") and not spec.get("groups"):
        problem = fielderrors.invalid("spec.user", "", "at least one of user or group must be specified")
        raise errors.invalid_named(call.kind.group, "", "", [problem])
    return {"allowed": True, "reason": _UNCHECKED}


def _check_attributes(call: Call, spec: Obj) -> None:
    if ("resourceAttributes" in spec) == ("nonResourceAttributes" in spec):
        words = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise errors.invalid_named(call.kind.group, "", "", [fielderrors.invalid("spec", None, words)])


def _what_may_i(_: Call, question: Obj) -> Obj:
    if not question["spec"].get("namespace"):
        raise errors.bad_request("no namespace on request")
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }


def _whose_token(_: Call, __: Obj) -> Obj:
    return {"user": {}, "error": "invalid bearer token"}


_QUESTIONS: dict[str, Callable[[Call, Obj], Obj]] = {
    "SelfSubjectReview": _who_am_i,
    "SelfSubjectAccessReview": _may_i,
    "SubjectAccessReview": _may_they,
    "LocalSubjectAccessReview": _may_they,
    "SelfSubjectRulesReview": _what_may_i,
    "TokenReview": _whose_token,
}


def _bind(call: Call) -> Answer:
    """The old form of a Binding, which names its pod itself."""
    pods = builtin_kinds().of("v1", "Pod")
    assert pods is not None
    body = read_body(call.request, call.kind)
    name = str((body.get("metadata") or {}).get("name", "")) if isinstance(body, dict) else ""
    place = replace(call.route, kind=pods, name=name, subresource="binding")
    return binding.answer(replace(call, route=place))


def _components(call: Call) -> Response:
    conditions = [{"type": "Healthy", "status": "True", "message": "ok"}]
    items: list[Obj] = [
        {"kind": "ComponentStatus", "apiVersion": "v1", "metadata": {"name": name}, "conditions": conditions}
        for name in ("controller-manager", "scheduler", "etcd-0")
    ]
    if call.route.name:
        found = next((item for item in items if item["metadata"] == {"name": call.route.name}), None)
        if found is None:
            raise errors.not_found(replace(call.kind, plural="componentstatus"), call.route.name)
        return object_answer(call, found, call.kind)
    return page_answer(call, Page(items, {}), call.kind)
