"""The verbs on whole objects and collections."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import context, errors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.decoding import named_as, read_body
from k8s_tutor.embedded.apiserver.deletion import delete
from k8s_tutor.embedded.apiserver.listing import Page, asked_revision, list_page
from k8s_tutor.embedded.apiserver.options import DeleteOptions, delete_options, write_options
from k8s_tutor.embedded.apiserver.output import Form, idle, object_answer, page_answer, wanted, watch_shaper
from k8s_tutor.embedded.apiserver.patching import patch
from k8s_tutor.embedded.apiserver.registry import create, typed, update
from k8s_tutor.embedded.apiserver.reviews import QUESTIONS
from k8s_tutor.embedded.apiserver.subresources.pods import answer_binding
from k8s_tutor.embedded.apiserver.versions import storage_kind, to_storage
from k8s_tutor.embedded.apiserver.watching import open_watch
from k8s_tutor.embedded.core import ServerAnswer, Streaming
from k8s_tutor.embedded.encoding import make_bare
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["answer", "answer_question"]


def answer(call: Call) -> ServerAnswer:
    """Carries out a request on objects.

    Raises:
        StatusError: any refusal.
    """
    return _VERBS[call.route.verb](call)


def _get(call: Call) -> ServerAnswer:
    route = call.route
    asked_revision(call)
    return object_answer(call, call.context.get(call.kind, route.namespace, route.name), call.kind)


def _list(call: Call) -> ServerAnswer:
    return page_answer(call, list_page(call), call.kind)


def _watch(call: Call) -> ServerAnswer:
    return Streaming(open_watch(call, watch_shaper(call)))


def _create(call: Call) -> ServerAnswer:
    options = write_options(call.request, "CreateOptions")
    if words := idle(call.kind):
        call.warn(words)
    obj = typed(call, read_body(call.request, call.kind), call.kind, options)
    kind = storage_kind(call.kind)
    return object_answer(call, create(call, to_storage(obj, call.kind), kind, options), call.kind, 201)


def _update(call: Call) -> ServerAnswer:
    options = write_options(call.request, "UpdateOptions")
    obj = typed(call, read_body(call.request, call.kind), call.kind, options)
    named_as(obj, call.route)
    kind, route = storage_kind(call.kind), call.route
    new = to_storage(obj, call.kind)
    if call.context.rules(kind).upsert and call.context.find(kind, route.namespace, route.name) is None:
        return object_answer(call, create(call, new, kind, options), call.kind, 201)
    return object_answer(call, update(call, kind, lambda _: new, options), call.kind)


def _patch(call: Call) -> ServerAnswer:
    obj, created = patch(call)
    return object_answer(call, obj, call.kind, 201 if created else 200)


def _delete(call: Call) -> ServerAnswer:
    options = _delete_options(call)
    kind, route = storage_kind(call.kind), call.route
    obj, gone = delete(call, kind, route.namespace, route.name, options)
    if not gone or call.context.rules(kind).returns_deleted:
        code = 202 if not gone and options.orphan_dependents is False else 200
        return object_answer(call, obj, call.kind, code)
    return Response(200, _deleted(call, obj), warnings=tuple(call.warnings))


def _delete_collection(call: Call) -> ServerAnswer:
    options = _delete_options(call)
    page = list_page(call)
    kind = storage_kind(call.kind)
    for obj in page.items:
        metadata = obj["metadata"]
        if call.context.find(kind, metadata.get("namespace", ""), metadata["name"]) is not None:
            delete(call, kind, metadata.get("namespace", ""), metadata["name"], options)
    return page_answer(call, page, call.kind)


def _delete_options(call: Call) -> DeleteOptions:
    options = delete_options(call.request)
    words = call.context.rules(storage_kind(call.kind)).orphans
    if words and not options.propagation and options.orphan_dependents is None:
        call.warn(words)
    return options


def _deleted(call: Call, obj: Obj) -> Obj:
    kind = call.kind
    details: Obj = {"name": obj["metadata"]["name"], "kind": kind.plural, "uid": obj["metadata"]["uid"]}
    if kind.group:
        details["group"] = kind.group
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


_VERBS = {
    "get": _get,
    "list": _list,
    "watch": _watch,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
    "deletecollection": _delete_collection,
}


# ---- Kinds that are questions: a POST is answered at once and nothing is stored

_UNRECORDED = ("SelfSubjectRulesReview", "SelfSubjectReview")  # whose managedFields nobody sees


def answer_question(call: Call) -> ServerAnswer | None:
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
        context.record(call, question, None, options)
    said = answer(call, question)
    bare = wanted(call.request.accept, tables=False).form is Form.METADATA
    return Response(201, make_bare(said) if bare else said, warnings=tuple(call.warnings))


def _bind(call: Call) -> ServerAnswer:
    """The old form of a Binding, which names its pod itself."""
    pods = builtin_kinds().of("v1", "Pod")
    assert pods is not None
    body = read_body(call.request, call.kind)
    metadata = body.get("metadata") if isinstance(body, dict) else None
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
    binding_route = replace(call.route, kind=pods, name=name, subresource="binding")
    return answer_binding(replace(call, route=binding_route))


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
