"""The verbs on whole objects and collections."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver.decoding import named_as, read_body
from k8s_tutor.embedded.apiserver.deletion import delete
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.idle import idle
from k8s_tutor.embedded.apiserver.listing import asked_revision, list_page
from k8s_tutor.embedded.apiserver.options import DeleteOptions, delete_options, write_options
from k8s_tutor.embedded.apiserver.output import object_answer, page_answer, watch_shaper
from k8s_tutor.embedded.apiserver.patching import patch
from k8s_tutor.embedded.apiserver.registry import create, typed, update
from k8s_tutor.embedded.apiserver.versions import storage_kind, to_storage
from k8s_tutor.embedded.apiserver.watching import open_watch
from k8s_tutor.embedded.core import Answer, Streaming
from k8s_tutor.objects.types import Obj

__all__ = ["answer"]


def answer(call: Call) -> Answer:
    """Carries out a request on objects.

    Raises:
        StatusError: any refusal.
    """
    return _VERBS[call.route.verb](call)


def _get(call: Call) -> Answer:
    route = call.route
    asked_revision(call)
    return object_answer(call, call.ground.get(call.kind, route.namespace, route.name), call.kind)


def _list(call: Call) -> Answer:
    return page_answer(call, list_page(call), call.kind)


def _watch(call: Call) -> Answer:
    return Streaming(open_watch(call, watch_shaper(call)))


def _create(call: Call) -> Answer:
    options = write_options(call.request, "CreateOptions")
    if words := idle(call.kind):
        call.warn(words)
    obj = typed(call, read_body(call.request, call.kind), call.kind, options)
    kind = storage_kind(call.kind)
    return object_answer(call, create(call, to_storage(obj, call.kind), kind, options), call.kind, 201)


def _update(call: Call) -> Answer:
    options = write_options(call.request, "UpdateOptions")
    obj = typed(call, read_body(call.request, call.kind), call.kind, options)
    named_as(obj, call.route)
    kind, route = storage_kind(call.kind), call.route
    new = to_storage(obj, call.kind)
    if call.ground.rules(kind).upsert and call.ground.find(kind, route.namespace, route.name) is None:
        return object_answer(call, create(call, new, kind, options), call.kind, 201)
    return object_answer(call, update(call, kind, lambda _: new, options), call.kind)


def _patch(call: Call) -> Answer:
    obj, created = patch(call)
    return object_answer(call, obj, call.kind, 201 if created else 200)


def _delete(call: Call) -> Answer:
    options = _delete_options(call)
    kind, route = storage_kind(call.kind), call.route
    obj, gone = delete(call, kind, route.namespace, route.name, options)
    if not gone or call.ground.rules(kind).returns_deleted:
        code = 202 if not gone and options.orphan_dependents is False else 200
        return object_answer(call, obj, call.kind, code)
    return Response(200, _deleted(call, obj), warnings=tuple(call.warnings))


def _delete_collection(call: Call) -> Answer:
    options = _delete_options(call)
    page = list_page(call)
    kind = storage_kind(call.kind)
    for obj in page.items:
        metadata = obj["metadata"]
        if call.ground.find(kind, metadata.get("namespace", ""), metadata["name"]) is not None:
            delete(call, kind, metadata.get("namespace", ""), metadata["name"], options)
    return page_answer(call, page, call.kind)


def _delete_options(call: Call) -> DeleteOptions:
    options = delete_options(call.request)
    words = call.ground.rules(storage_kind(call.kind)).orphans
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
