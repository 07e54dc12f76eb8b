"""What users ask about themselves and others: who am I, may I, may they, whose token is this.

Source: pkg/registry/{authentication,authorization} of k8s.io/kubernetes (1.37), checked against a real server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access.authorizer import is_node
from k8s_tutor.embedded.apiserver.access.identities import Attributes
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE, InvalidToken
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required
from k8s_tutor.embedded.core import User
from k8s_tutor.objects.types import Obj

__all__ = ["QUESTIONS"]

_ONE_OF = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


def _who_am_i(call: Call, question: Obj) -> Obj:
    now = rfc3339(call.context.now())
    return {**question, "metadata": {"creationTimestamp": now}, "status": {"userInfo": call.user.info}}


def _may_i(call: Call, question: Obj) -> Obj:
    spec = question["spec"]
    _refuse(call, [*_one_of(spec), *_selectors(spec), *_bare(question)])
    return {**question, "status": _decided(call, call.user, spec)}


def _may_they(call: Call, question: Obj) -> Obj:
    spec = question["spec"]
    _refuse(call, [*_one_of(spec), *_somebody(spec), *_selectors(spec), *_bare(question)])
    return {**question, "status": _decided(call, _user(spec), spec)}


def _may_they_here(call: Call, question: Obj) -> Obj:
    spec, namespace = question["spec"], call.route.namespace
    if question["metadata"].setdefault("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    problems = [
        *_one_of(spec),
        *_somebody(spec),
        *_selectors(spec),
        *_bare(question, "namespace", words="must be empty except for namespace"),
    ]
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and resource.get("namespace", "") != namespace:
        here = resource.get("namespace", "")
        problems.append(invalid("spec.resourceAttributes.namespace", here, "must match metadata.namespace"))
    if path is not None:
        problems.append(invalid("spec.nonResourceAttributes", _go(path), "disallowed on this kind of request"))
    _refuse(call, problems)
    return {**question, "status": _decided(call, _user(spec), spec)}


def _what_may_i(call: Call, question: Obj) -> Obj:
    namespace = question["spec"].get("namespace")
    if not namespace:
        raise errors.bad_request("no namespace on request")
    rules, problems = call.context.authorizer.rbac.rules(call.user, namespace)
    incomplete = is_node(Attributes(call.user, ""))
    if incomplete:
        problems = ["node authorizer does not support user rule resolution", *problems]
    status: Obj = {
        "resourceRules": list(_only(rules, "resources", "verbs", "apiGroups", "resources", "resourceNames")),
        "nonResourceRules": list(_only(rules, "nonResourceURLs", "verbs", "nonResourceURLs")),
        "incomplete": incomplete or bool(problems),
    }
    if problems:
        status["evaluationError"] = ", ".join(problems)
    return {**question, "metadata": {}, "spec": {}, "status": status}


def _whose_token(call: Call, question: Obj) -> Obj:
    spec = question["spec"]
    if not spec.get("token"):
        raise errors.bad_request("token is required for TokenReview in authentication")
    try:
        proven = call.context.tokens.read(spec["token"], spec.get("audiences") or [AUDIENCE], call.context.now())
    except InvalidToken as error:
        nobody = "invalid bearer token"
        return {**question, "status": {"user": {}, "error": f"[{nobody}, {error}]" if str(error) else nobody}}
    status = {"authenticated": True, "user": proven.user.info, "audiences": list(proven.audiences)}
    return {**question, "status": status}


QUESTIONS: dict[str, Callable[[Call, Obj], Obj]] = {
    "SelfSubjectReview": _who_am_i,
    "SelfSubjectAccessReview": _may_i,
    "SubjectAccessReview": _may_they,
    "LocalSubjectAccessReview": _may_they_here,
    "SelfSubjectRulesReview": _what_may_i,
    "TokenReview": _whose_token,
}
"""By kind: the whole answer to a question."""


def _decided(call: Call, user: User, spec: Obj) -> Obj:
    decision = call.context.authorizer.decide(_asked(user, spec))
    status: Obj = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return status


def _asked(user: User, spec: Obj) -> Attributes:
    if path := spec.get("nonResourceAttributes"):
        return Attributes(user, path.get("verb", ""), path=path.get("path", ""))
    asked = spec["resourceAttributes"]
    return Attributes(
        user,
        asked.get("verb", ""),
        asked.get("group", ""),
        asked.get("resource", ""),
        asked.get("subresource", ""),
        asked.get("namespace", ""),
        asked.get("name", ""),
        fields=(asked.get("fieldSelector") or {}).get("rawSelector", ""),
    )


def _user(spec: Obj) -> User:
    extra = tuple((key, tuple(values)) for key, values in sorted((spec.get("extra") or {}).items()))
    return User(spec.get("user", ""), tuple(spec.get("groups") or ()), spec.get("uid", ""), extra)


def _only(rules: Iterable[Obj], needed: str, *keys: str) -> Iterable[Obj]:
    return ({key: rule[key] for key in keys if rule.get(key)} for rule in rules if rule.get(needed))


def _one_of(spec: Obj) -> list[FieldError]:
    if ("resourceAttributes" in spec) != ("nonResourceAttributes" in spec):
        return []
    return [invalid("spec", _go(spec.get("nonResourceAttributes")), _ONE_OF)]


def _selectors(spec: Obj) -> list[FieldError]:
    found: list[FieldError] = []
    for key in ("fieldSelector", "labelSelector"):
        path, selector = f"spec.resourceAttributes.{key}", (spec.get("resourceAttributes") or {}).get(key)
        if selector is None:
            continue
        raw, requirements = selector.get("rawSelector"), selector.get("requirements")
        if raw and requirements:
            words = "may not specified at the same time as requirements"
            found.append(invalid(f"{path}.rawSelector", raw, words))
        if not raw and not requirements:
            words = f"when {path} is specified, requirements or rawSelector is required"
            found.append(required(f"{path}.requirements", words))
    return found


def _go(path: Obj | None) -> Obj | None:
    """As the server's own type prints it."""
    return path and {"Path": path.get("path", ""), "Verb": path.get("verb", "")}


def _somebody(spec: Obj) -> list[FieldError]:
    if spec.get("user") or spec.get("groups"):
        return []
    return [invalid("spec.user", "", "at least one of user or group must be specified")]


def _bare(question: Obj, *allowed: str, words: str = "must be empty") -> list[FieldError]:
    metadata = question["metadata"]
    if all(key in (*allowed, "managedFields") for key in metadata):
        return []
    return [invalid("metadata", metadata, words)]


def _refuse(call: Call, problems: list[FieldError]) -> None:
    if problems:
        raise errors.invalid_named(call.kind.group, "", "", problems)
