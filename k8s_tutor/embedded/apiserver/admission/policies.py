"""ValidatingAdmissionPolicy: rules in CEL that a write must keep, bound to where they hold.

Source: k8s.io/apiserver/pkg/admission/plugin/policy/validating (1.37), checked against a real server.
Not there: `authorizer` in expressions, type checking in the policy's status, audit annotations.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes, matches
from k8s_tutor.embedded.apiserver.admission.webhook_review import in_version, question
from k8s_tutor.embedded.apiserver.cel import EvaluationError
from k8s_tutor.embedded.apiserver.expressions import evaluated, unmet
from k8s_tutor.objects import selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["validate"]

_GROUP = "admissionregistration.k8s.io"
_POLICIES = f"validatingadmissionpolicies.{_GROUP}"
_BINDINGS = f"validatingadmissionpolicybindings.{_GROUP}"
_CODES = {"Forbidden": 403, "Invalid": 422, "RequestEntityTooLarge": 413}
_NO_PARAMS = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"


@dataclass(frozen=True, slots=True)
class _Objection:
    """Why a policy says no."""

    message: str
    reason: str = "Invalid"


def validate(attributes: Attributes) -> None:
    """Refuses what a bound policy does not allow; warns where it is only to warn.

    Raises:
        StatusError: by the policy's reason, 422 where it gives none.
    """
    store = attributes.call.context.store
    for binding in store.list(_BINDINGS):
        policy = store.get(_POLICIES, "", binding["spec"].get("policyName", ""))
        if policy is None:
            continue
        kind = matches(policy["spec"].get("matchConstraints") or {}, attributes)
        if kind is None or matches(binding["spec"].get("matchResources") or {}, attributes) is None:
            continue
        for objection in _objections(policy, binding, attributes, kind):
            _act(objection, policy, binding, attributes)


def _act(objection: _Objection, policy: Obj, binding: Obj, attributes: Attributes) -> None:
    actions = binding["spec"].get("validationActions") or ()
    names = policy["metadata"]["name"], binding["metadata"]["name"]
    if "Warn" in actions:
        words = "Validation failed for ValidatingAdmissionPolicy '{}' with binding '{}': {}"
        attributes.call.warn(words.format(*names, objection.message))
    if "Deny" not in actions:
        return
    said = "ValidatingAdmissionPolicy '{}' with binding '{}' denied request: {}".format(*names, objection.message)
    name, kind = attributes.display_name, attributes.kind
    details: Obj = {"name": name, "kind": kind.plural, "causes": [{"message": said}]}
    if kind.group:
        details["group"] = kind.group
    message = f'{kind.group_resource} "{name}" is forbidden: {said}'
    raise StatusError(failure(_CODES.get(objection.reason, 422), objection.reason, message, details))


def _objections(policy: Obj, binding: Obj, attributes: Attributes, kind: Kind) -> Iterator[_Objection]:
    spec = policy["spec"]
    fails = spec.get("failurePolicy") != "Ignore"
    values = _values(attributes, kind)
    parameters = _parameters(spec, binding["spec"], attributes)
    if parameters is None:
        if fails:
            yield _Objection(_NO_PARAMS)
        return
    for parameter in parameters:
        given = {**values, "params": parameter}
        excused, problems = unmet(spec.get("matchConditions") or (), given)
        if excused:
            continue
        if problems:
            if fails:
                yield from map(_Objection, problems[:1])
            continue
        given["variables"] = _variables(spec, given)
        for row in spec.get("validations") or ():
            objection = _judged(row, given, fails=fails)
            if objection is not None:
                yield objection


def _judged(row: Obj, given: dict[str, Json], *, fails: bool) -> _Objection | None:
    source, reason = row["expression"], row.get("reason", "Invalid")
    try:
        if evaluated(source, given):
            return None
    except EvaluationError as error:
        return _Objection(str(error), reason) if fails else None
    message = row.get("message") or f"failed expression: {source}"
    if row.get("messageExpression"):
        with suppress(EvaluationError):  # then the other message stays, as on a real server
            message = str(evaluated(row["messageExpression"], given)).strip() or message
    return _Objection(message, reason)


def _values(attributes: Attributes, kind: Kind) -> dict[str, Json]:
    request = question(attributes, kind)["request"]
    namespace = attributes.call.context.store.get("namespaces", "", attributes.namespace)
    return {
        "object": in_version(attributes.obj, attributes, kind),
        "oldObject": in_version(attributes.old, attributes, kind),
        "request": {key: value for key, value in request.items() if key not in ("object", "oldObject")},
        "namespaceObject": namespace if attributes.namespace else None,
        "params": None,
    }


def _variables(spec: Obj, given: dict[str, Json]) -> Obj:
    """The policy's own variables, each from those before it; one that fails is not there."""
    found: Obj = {}
    for row in spec.get("variables") or ():
        try:
            found[row["name"]] = evaluated(row["expression"], {**given, "variables": found})
        except EvaluationError:
            continue
    return found


def _parameters(spec: Obj, bound: Obj, attributes: Attributes) -> list[Obj | None] | None:
    """The objects that a binding brings as parameters, one run each; None where there must be some and are none."""
    asked, reference = spec.get("paramKind"), bound.get("paramRef")
    if not asked or not reference:
        return [None]
    context = attributes.call.context
    kind = context.kinds.of(asked["apiVersion"], asked["kind"])
    if kind is None:
        return None
    namespace = (reference.get("namespace") or attributes.namespace) if kind.namespaced else ""
    found: list[Obj | None] = []
    if reference.get("name"):
        one = context.find(kind, namespace, reference["name"])
        found = [] if one is None else [one]
    elif "selector" in reference:
        chosen = selectors.of(reference["selector"])
        found = [
            obj
            for obj in context.store.list(kind.group_resource, namespace)
            if chosen.matches(obj["metadata"].get("labels"))
        ]
    return None if not found and reference.get("parameterNotFoundAction") == "Deny" else found
