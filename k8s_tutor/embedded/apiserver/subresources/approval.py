"""`certificatesigningrequests/approval`: somebody who may says yes or no to a request for a certificate."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.decoding import named_as, read_body
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import patch
from k8s_tutor.embedded.apiserver.registry import Part, typed, update
from k8s_tutor.embedded.apiserver.rules.plain import keep_all_but_status
from k8s_tutor.objects.types import Obj

__all__ = ["answer"]


def answer(call: Call) -> Response:
    """GET, PUT or PATCH of a request's conditions.

    Raises:
        StatusError: any refusal.
    """
    kind, route = call.kind, call.route
    if route.verb == "get":
        return object_answer(call, call.ground.get(kind, route.namespace, route.name), kind)
    now = rfc3339(call.ground.now())

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
