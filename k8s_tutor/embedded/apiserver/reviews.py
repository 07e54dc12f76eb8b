"""Kinds that are questions: a POST is answered at once and nothing is stored."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import errors, ownership
from k8s_tutor.embedded.apiserver.access.questions import QUESTIONS
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

_UNRECORDED = ("SelfSubjectRulesReview", "SelfSubjectReview")  # whose managedFields nobody sees


def answer_question(call: Call) -> Answer | None:
    """The answer to a kind that is never stored; None for ordinary kinds.

    Raises:
        StatusError: 400 or 422.
    """
    if call.kind.group_resource == "bindings":
        return _bind(call)
    if call.kind.group_resource == "componentstatuses":
        return _components(call)
    answer = QUESTIONS.get(call.kind.kind)
    if answer is None or call.kind.verbs != ("create",):
        return None
    options = write_options(call.request, "CreateOptions")
    question = typed(call, read_body(call.request, call.kind), call.kind, options)
    if call.kind.kind not in _UNRECORDED:
        ownership.record(call, question, None, options)
    return Response(201, answer(call, question), warnings=tuple(call.warnings))


def _bind(call: Call) -> Answer:
    """The old form of a Binding, which names its pod itself."""
    pods = builtin_kinds().of("v1", "Pod")
    assert pods is not None
    body = read_body(call.request, call.kind)
    metadata = body.get("metadata") if isinstance(body, dict) else None
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
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
