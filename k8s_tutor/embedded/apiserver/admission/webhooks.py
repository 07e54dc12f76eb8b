"""Admission webhooks, servers outside the cluster: which are asked, in which order, what becomes of their answers.

A call is real network I/O while the rest of the cluster lives on: whoever is here has left the core to others
(`ServerContext.released`), and whatever was read before has to be looked at again.
Source: k8s.io/apiserver/pkg/admission/plugin/webhook (1.37); messages asked of a real server.
Other than there, validating webhooks are called one after the other, in their configurations' order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes, matches
from k8s_tutor.embedded.apiserver.admission.webhook_review import (
    CallFailed,
    Verdict,
    call,
    in_version,
    question,
    verdict,
)
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.decoding import decode_as
from k8s_tutor.embedded.apiserver.expressions import unmet
from k8s_tutor.embedded.apiserver.fielderrors import aggregate
from k8s_tutor.embedded.apiserver.versions import convert
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.jsonpatch import PatchError, json_patch
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["MUTATING", "VALIDATING", "Hook", "configured", "hooks", "matching_kind", "mutate", "validate"]


# ---- The configured webhooks, and which of them a write concerns

_GROUP = "admissionregistration.k8s.io"
MUTATING = f"mutatingwebhookconfigurations.{_GROUP}"
VALIDATING = f"validatingwebhookconfigurations.{_GROUP}"


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of one configuration.

    Attributes:
        key: Tells it from all others.
        settings: As configured, with defaults.
    """

    key: str
    settings: Obj

    @property
    def name(self) -> str:
        """As in messages."""
        return str(self.settings["name"])

    @property
    def mandatory(self) -> bool:
        """Whether a call that fails refuses the write."""
        return self.settings.get("failurePolicy") != "Ignore"


def configured(store: Store) -> bool:
    """Whether there are any, so that a write may have to wait for the world outside."""
    return bool(store.list(MUTATING) or store.list(VALIDATING))


def hooks(store: Store, resource: str) -> Iterator[Hook]:
    """All of a sort, in the order in which they are called."""
    for configuration in store.list(resource):
        name = configuration["metadata"]["name"]
        for index, settings in enumerate(configuration.get("webhooks", ())):
            yield Hook(f"{name}/{index}/{settings['name']}", settings)


def matching_kind(hook: Hook, attributes: Attributes) -> Kind | None:
    """The kind in whose version the webhook wants to see the write; None where it is not asked."""
    return matches({**hook.settings, "resourceRules": hook.settings.get("rules") or []}, attributes)


# ---- Which webhooks are asked, in which order, and what becomes of their answers


def mutate(attributes: Attributes, again: Callable[[], None]) -> None:
    """Lets the mutating webhooks change `attributes.obj`, or refuse it.

    Args:
        attributes: The write; gets a new object where one changes.
        again: Runs the built-in plugins once more, for what webhooks have added.

    Raises:
        StatusError: a refusal, or a call that failed and must not.
    """
    seen: dict[str, Obj | None] = {}  # what each webhook has left behind
    changed = _round(attributes, seen, first=True)
    if not changed:
        return
    again()
    _round(attributes, seen, first=False)


def validate(attributes: Attributes) -> None:
    """Asks the validating webhooks.

    Raises:
        StatusError: a refusal, or a call that failed and must not.
    """
    for hook in hooks(attributes.call.context.store, VALIDATING):
        kind = matching_kind(hook, attributes)
        if kind is not None and _meets_conditions(hook, attributes, kind):
            _ask(hook, attributes, kind, mutating=False)


def _round(attributes: Attributes, seen: dict[str, Obj | None], *, first: bool) -> bool:
    """Each webhook once; in the second round those that asked for it and whose object others changed since."""
    changed = False
    for hook in list(hooks(attributes.call.context.store, MUTATING)):
        if not first:
            asked_for = hook.settings.get("reinvocationPolicy") == "IfNeeded" and hook.key in seen
            if not asked_for or seen[hook.key] == attributes.obj:
                continue
        kind = matching_kind(hook, attributes)
        if kind is None or not _meets_conditions(hook, attributes, kind):
            continue
        answer = _ask(hook, attributes, kind, mutating=True)
        if answer is not None and answer.patch and attributes.obj is not None:
            attributes.obj = _patched(attributes, kind, answer.patch)
            changed = True
        seen[hook.key] = attributes.obj
    return changed


def _meets_conditions(hook: Hook, attributes: Attributes, kind: Kind) -> bool:
    """Whether the webhook's own conditions hold.

    Raises:
        StatusError: 403: that cannot be told, and the webhook must be asked where it is meant.
    """
    conditions = hook.settings.get("matchConditions")
    if not conditions:
        return True
    request = question(attributes, kind)["request"]
    values = {
        "object": request["object"],
        "oldObject": request["oldObject"],
        "request": {key: value for key, value in request.items() if key not in ("object", "oldObject")},
    }
    excused, problems = unmet(conditions, values)
    if problems and hook.mandatory:
        raise errors.forbidden(attributes.kind, attributes.display_name, aggregate(problems))
    return not excused and not problems


def _ask(hook: Hook, attributes: Attributes, kind: Kind, *, mutating: bool) -> Verdict | None:
    """One webhook's verdict; None where it could not be asked and need not be."""
    review, context = question(attributes, kind), attributes.call.context
    try:
        body = call(context, hook.settings, review)
        answer = verdict(body, review["request"]["uid"], mutating=mutating)
    except CallFailed as error:
        if not hook.mandatory:
            return None
        raise errors.internal_error(f'failed calling webhook "{hook.name}": {error}') from error
    for text in answer.warnings:
        attributes.call.warn(text)
    if not answer.allowed:
        raise answer.refusal(hook.name)
    return answer


def _patched(attributes: Attributes, kind: Kind, operations: list[Obj]) -> Obj:
    """The object with a webhook's changes, typed and with defaults again."""
    context, before = attributes.call.context, in_version(attributes.obj, attributes, kind)
    assert before is not None
    value: Obj = before
    for operation in operations:
        try:
            value = json_patch(value, [operation])
        except PatchError as error:
            raise errors.internal_error(_misfit(operation)) from error
    if before["kind"] != kind.kind:  # a subresource's own kind
        return _read(value, before)
    try:
        obj, _ = decode_as(value, kind, context.shape(kind))
    except StatusError as error:
        _, found, words = error.what.partition(f"cannot be handled as a {kind.kind}: ")
        raise errors.internal_error(words if found else error.what) from error
    context.rules(kind).default(obj)
    if context.custom.has(kind):
        return {**obj, "apiVersion": attributes.kind.api_version}
    return convert(obj, kind, attributes.kind)


def _read(value: Obj, before: Obj) -> Obj:
    """A changed object of a kind that is not stored."""
    group, _, version = before["apiVersion"].rpartition("/")
    kind = Kind(group, version, before["kind"], "", "", namespaced=True)
    shape = shape_of(before["apiVersion"], before["kind"])
    assert shape is not None
    try:
        return decode_as(value, kind, shape)[0]
    except StatusError as error:
        raise errors.internal_error(error.what) from error


def _misfit(operation: Obj) -> str:
    """Why an operation cannot be carried out."""
    name, path = operation.get("op"), operation.get("path")
    if name == "test":
        return f"testing value {path} failed: test failed"
    missing = "key" if name == "remove" else "path"
    return f"{name} operation does not apply: doc is missing {missing}: {path}: missing value"
