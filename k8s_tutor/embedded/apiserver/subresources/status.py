"""`/status` and its like: the same object, of which only a part may change."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver.decoding import named_as, read_body
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import patch
from k8s_tutor.embedded.apiserver.registry import Part, typed, update
from k8s_tutor.embedded.apiserver.versions import storage_kind, to_storage
from k8s_tutor.objects.types import Obj

__all__ = ["answer", "answer_finalize"]


def answer(call: Call) -> Response:
    """GET, PUT or PATCH of a part of an object.

    Raises:
        StatusError: any refusal.
    """
    kind, route = storage_kind(call.kind), call.route
    if route.verb == "get":
        return object_answer(call, call.ground.get(kind, route.namespace, route.name), call.kind)
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
